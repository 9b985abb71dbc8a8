//! A setting's text: what staff typed, written as it would stand in `aftercare.toml`, and judged by the same parser.

use toml::{Table, Value};

use crate::care::settings::setting::Setting;
use crate::care::triage::judging::JudgingMode;
use crate::care::triage::sign_off::SignOff;
use crate::config::file::fault::Fault;
use crate::config::origin::{ConfigOrigin, setting_file};
use crate::config::{Config, load};

/// A setting whose only key is a text, as it would stand in the file.
#[must_use]
pub fn of_words(setting: Setting, words: &str) -> String {
    of_value(setting, Value::String(words.to_owned()))
}

/// A setting whose only key has this value.
#[must_use]
pub fn of_value(setting: Setting, value: Value) -> String {
    let key = setting.keys().first().copied().unwrap_or_default();
    let (section, name) = key.split_once('.').unwrap_or(("", key));
    let inner = Table::from_iter([(name.to_owned(), value)]);
    Table::from_iter([(section.to_owned(), Value::Table(inner))]).to_string()
}

/// That signed rules judge answers, as it would stand in the file.
#[must_use]
pub fn of_signature(signed: &SignOff) -> String {
    let SignOff { name, role, date, version } = signed;
    let date = date.to_string();
    let words = [("name", name), ("role", role), ("date", &date), ("version", version)];
    let words = words.map(|(key, word)| (key.to_owned(), Value::String(word.clone())));
    of_judging(JudgingMode::Triage, Some(Table::from_iter(words)))
}

/// That staff read every answer, as it would stand in the file.
#[must_use]
pub fn of_reading() -> String {
    of_judging(JudgingMode::Education, None)
}

fn of_judging(mode: JudgingMode, sign_off: Option<Table>) -> String {
    let mut keys = Table::from_iter([("mode".to_owned(), Value::String(mode.word().to_owned()))]);
    keys.extend(sign_off.map(|words| ("sign_off".to_owned(), Value::Table(words))));
    Table::from_iter([("checklists".to_owned(), Value::Table(keys))]).to_string()
}

/// What the operator's file has of a setting, as a version of it; `None` where it has nothing of it, or the setting is a whole
/// file.
#[must_use]
pub fn of_operator(origin: &ConfigOrigin, setting: Setting) -> Option<String> {
    let mut whole = Table::new();
    for key in setting.keys().iter().filter(|key| origin.fixed(key).is_some()) {
        let parts: Vec<&str> = key.split('.').collect();
        if let Some(value) = value_of(&origin.text, key) {
            put(&mut whole, &parts, value);
        }
    }
    (setting.file().is_none() && !whole.is_empty()).then(|| whole.to_string())
}

fn put(table: &mut Table, parts: &[&str], value: Value) {
    match (parts, value) {
        ([], _) => {}
        ([last], value) => {
            table.insert((*last).to_owned(), value);
        }
        (["*", deeper @ ..], Value::Table(each)) => {
            each.into_iter().for_each(|(name, value)| put_within(table, &name, deeper, value));
        }
        ([part, deeper @ ..], value) => put_within(table, part, deeper, value),
    }
}

fn put_within(table: &mut Table, name: &str, deeper: &[&str], value: Value) {
    let inner = table.entry(name.to_owned()).or_insert_with(|| Value::Table(Table::new()));
    if let Some(inner) = inner.as_table_mut() {
        put(inner, deeper, value);
    }
}

/// The value of a key in a text; for a key with a `*`, what stands for each name.
#[must_use]
pub fn value_of(text: &str, key: &str) -> Option<Value> {
    let table: Table = text.parse().ok()?;
    let parts: Vec<&str> = key.split('.').collect();
    within(&Value::Table(table), &parts)
}

fn within(value: &Value, parts: &[&str]) -> Option<Value> {
    match parts {
        [] => Some(value.clone()),
        ["*", deeper @ ..] => {
            let each = value.as_table()?.iter();
            let found: Table =
                each.filter_map(|(name, value)| Some((name.clone(), within(value, deeper)?))).collect();
            (!found.is_empty()).then_some(Value::Table(found))
        }
        [part, deeper @ ..] => within(value.get(*part)?, deeper),
    }
}

/// Who decided what a key says now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueSource {
    /// The operator: it stands in the file, in this line.
    Operator(usize),
    /// Staff, with the version of this number.
    Staff(i64),
    /// Nobody: what ships with the program counts, or nothing where it has no default.
    Shipped,
}

/// Who decided what a key says now.
#[must_use]
pub fn source(origin: &ConfigOrigin, key: &str) -> ValueSource {
    if let Some(line) = origin.fixed(key) {
        return ValueSource::Operator(line);
    }
    let staff = Setting::of_key(key).and_then(|setting| origin.setting(setting));
    let says = staff.filter(|one| one.setting.file().is_some() || value_of(&one.text, key).is_some());
    says.map_or(ValueSource::Shipped, |one| ValueSource::Staff(one.version))
}

/// What a key says now, as written by the operator or staff; `None` where neither wrote it.
#[must_use]
pub fn written(origin: &ConfigOrigin, key: &str) -> Option<Value> {
    match source(origin, key) {
        ValueSource::Operator(_) => value_of(&origin.text, key),
        ValueSource::Staff(_) => {
            let counts = origin.setting(Setting::of_key(key)?)?;
            match counts.setting.file() {
                Some(file) => Some(Value::String(format!("a {file} of the clinic's own"))),
                None => value_of(&counts.text, key),
            }
        }
        ValueSource::Shipped => None,
    }
}

/// What the whole would be with this text, or what is wrong with it. Faults that stand there without it are not its own.
///
/// # Errors
/// Every fault of the text: of its values, keys that are not this setting's, keys that the operator decides.
pub fn judge(origin: &ConfigOrigin, setting: Setting, text: &str) -> Result<Option<Config>, Vec<Fault>> {
    let foreign = foreign(origin, setting, text);
    if !foreign.is_empty() {
        return Err(foreign);
    }
    match load::config(origin.proposing(setting, text)) {
        Ok(config) => Ok(Some(config)),
        Err(mut faults) => {
            let before = load::config(origin.clone()).err().unwrap_or_default();
            faults.retain(|fault| !before.contains(fault));
            if faults.is_empty() { Ok(None) } else { Err(faults) }
        }
    }
}

fn foreign(origin: &ConfigOrigin, setting: Setting, text: &str) -> Vec<Fault> {
    // What is no TOML at all is told by the reader.
    let Ok(table) = text.parse::<Table>() else { return Vec::new() };
    let keys = match setting.file() {
        Some(_) => setting.keys().iter().map(|key| (*key).to_owned()).collect(),
        None => keys("", &table),
    };
    let fault = |problem: String, hint: String| Fault { file: setting_file(setting), line: 0, problem, hint };
    let strange = keys.iter().filter(|key| !setting.decides(key)).map(|key| {
        let known = setting.keys().join("`, `");
        fault(format!("`{key}` is no part of it"), format!("it decides `{known}`"))
    });
    let fixed = keys.iter().filter_map(|key| {
        let line = origin.fixed(key)?;
        let problem = format!("`{key}` is the operator's: it stands in {}, line {line}", origin.file);
        Some(fault(problem, "whoever runs the program takes it out there first".to_owned()))
    });
    strange.chain(fixed).collect()
}

/// `section.key` of each value, however deep its section lies.
fn keys(above: &str, table: &Table) -> Vec<String> {
    let of = |(name, value): (&String, &Value)| {
        let full = if above.is_empty() { name.clone() } else { format!("{above}.{name}") };
        match value.as_table() {
            Some(inner) => keys(&full, inner),
            None => vec![full],
        }
    };
    table.iter().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::embedded;

    fn origin(without: &str) -> ConfigOrigin {
        let shipped = embedded::text("aftercare.toml").unwrap_or_default();
        let text = shipped.lines().filter(|line| !line.starts_with(without)).collect::<Vec<_>>().join("\n");
        ConfigOrigin { file: "aftercare.toml".to_owned(), text, ..ConfigOrigin::default() }
    }

    fn problems(origin: &ConfigOrigin, text: &str) -> Vec<String> {
        let faults = judge(origin, Setting::OfficePhone, text).err().unwrap_or_default();
        faults.into_iter().map(|fault| fault.to_string()).collect()
    }

    #[test]
    fn a_number_that_staff_set_counts_where_the_file_leaves_it_to_them() {
        let mut origin = origin("phone_office");
        let faults = load::config(origin.clone()).unwrap_err();
        assert!(faults[0].problem.contains("`clinic.phone_office` is missing"), "{faults:?}");
        assert!(faults[0].hint.contains("aftercare settings set office-phone"), "{faults:?}");
        let text = of_words(Setting::OfficePhone, "+1 212 736 5000");
        let config = judge(&origin, Setting::OfficePhone, &text).unwrap().unwrap();
        assert_eq!(config.clinic.phone_office, "+1 212 736 5000");
        assert_eq!(value_of(&text, "clinic.phone_office"), Some("+1 212 736 5000".into()));
        origin = origin.proposing(Setting::OfficePhone, &text);
        assert!(load::config(origin).is_ok());
    }

    #[test]
    fn a_signature_counts_where_the_file_leaves_it_to_staff_and_only_there() {
        let date = jiff::civil::date(2026, 11, 26);
        let signed = SignOff { name: "Dr \"Roe\"".into(), role: "lead".into(), date, version: "0a".into() };
        let text = of_signature(&signed);
        let free = origin("-");
        let config = judge(&free, Setting::Judging, &text).unwrap().unwrap();
        assert_eq!((config.checklists.mode, config.checklists.sign_off), (JudgingMode::Triage, Some(signed)));
        let ended = judge(&free, Setting::Judging, &of_reading()).unwrap().unwrap();
        assert_eq!((ended.checklists.mode, ended.checklists.sign_off), (JudgingMode::Education, None));
        let mut fixed = free;
        fixed.text = fixed.text.replace("# mode = \"education\"", "mode = \"education\"");
        let faults = judge(&fixed, Setting::Judging, &text).unwrap_err();
        assert!(faults[0].problem.contains("`checklists.mode` is the operator's"), "{faults:?}");
        let both = load::config(fixed.proposing(Setting::Judging, &text)).unwrap();
        assert_eq!(both.checklists.mode, JudgingMode::Education, "the operator's wins");
        let long = SignOff { name: "x".repeat(200), ..both.checklists.sign_off.unwrap() };
        assert!(judge(&origin("-"), Setting::Judging, &of_signature(&long)).is_err());
    }

    #[test]
    fn a_fault_of_a_setting_has_the_words_of_check() {
        let origin = origin("phone_office");
        let found = problems(&origin, &of_words(Setting::OfficePhone, "212 736 500"));
        assert!(found.len() == 1 && found[0].starts_with("setting `office-phone`:2: `clinic.phone_office`"));
        assert!(problems(&origin, &of_words(Setting::OfficePhone, " "))[0].contains("is empty"));
        let strange = problems(&origin, "[clinic]\nname = \"x\"\n");
        assert!(strange[0].contains("`clinic.name` is no part of it"), "{strange:?}");
    }

    #[test]
    fn what_stands_in_the_file_is_handed_over_as_it_stands_and_counts_without_it() {
        let shipped = origin("#");
        let text = of_operator(&shipped, Setting::OfficePhone).unwrap();
        assert_eq!(value_of(&text, "clinic.phone_office"), Some(Value::String("+1 555 0100".to_owned())));
        let without = origin("phone_office");
        assert_eq!(of_operator(&without, Setting::OfficePhone), None);
        let config = load::config(without.proposing(Setting::OfficePhone, &text)).unwrap();
        assert_eq!(config.clinic.phone_office, "+1 555 0100");
        let ladder = of_operator(&shipped, Setting::Ladder).unwrap();
        assert_eq!(value_of(&ladder, "alerts.ladder"), value_of(&shipped.text, "alerts.ladder"));
        let mut hours = shipped;
        hours.text = "[clinic]\nopening_hours = \"a\"\n[clinic.in.es]\nopening_hours = \"b\"\n".to_owned();
        let both = of_operator(&hours, Setting::OpeningHours).unwrap();
        assert_eq!(
            value_of(&both, "clinic.in.*.opening_hours"),
            value_of(&hours.text, "clinic.in.*.opening_hours")
        );
    }

    #[test]
    fn a_key_in_the_file_is_the_operators_and_wins() {
        let shipped = origin("#");
        let text = of_words(Setting::OfficePhone, "+1 212 736 5000");
        let line = shipped.fixed("clinic.phone_office").unwrap();
        assert!(shipped.text.lines().nth(line - 1).unwrap().starts_with("phone_office"));
        assert!(problems(&shipped, &text)[0].contains(&format!("aftercare.toml, line {line}")));
        let both = load::config(shipped.proposing(Setting::OfficePhone, &text)).unwrap();
        assert_eq!(both.clinic.phone_office, "+1 555 0100");
    }
}
