//! What a version of a setting said, for its history: in words and without the marks of its file.

use minijinja::{Value, context};
use toml::{Table, Value as TomlValue};

use crate::care::settings::setting::Setting;
use crate::web::console::layout::time_format::day;
use crate::web::console::settings::forms::centres;
use crate::web::console::settings::forms::sending::DAYS;

/// A piece of what a version says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HistoryText {
    /// The program's own words.
    Word(String),
    /// What somebody typed, and the marks between.
    Data(String),
}

impl HistoryText {
    fn word(text: &str) -> Vec<Self> {
        vec![Self::Word(text.to_owned())]
    }

    fn typed(text: &str) -> Vec<Self> {
        vec![Self::Data(text.to_owned())]
    }

    /// It for the template.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Word(text) => context! { text, is_word => true },
            Self::Data(text) => context! { text, is_word => false },
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Word(text) | Self::Data(text) => text,
        }
    }
}

/// What a version says, in one line.
pub(super) fn told(setting: Setting, text: &str) -> String {
    pieces(setting, text).iter().map(HistoryText::text).collect()
}

/// What a version says, in pieces.
pub(super) fn pieces(setting: Setting, text: &str) -> Vec<HistoryText> {
    let table: Table = text.parse().unwrap_or_default();
    if setting == Setting::Centres {
        let rows = table.get("centre").and_then(TomlValue::as_array).map(Vec::as_slice).unwrap_or_default();
        let names = rows.iter().filter_map(|row| row.get("name")?.as_str()).collect::<Vec<_>>();
        return if names.is_empty() {
            HistoryText::word(centres::NONE)
        } else {
            HistoryText::typed(&names.join(", "))
        };
    }
    if let Some(rows) = listed(setting, &table) {
        return rows;
    }
    let keys = table.values().filter_map(TomlValue::as_table).flatten();
    let all: Vec<(&String, Vec<HistoryText>)> = keys.map(|(key, value)| (key, plain(value))).collect();
    match all.as_slice() {
        [(_, only)] => only.clone(),
        all => joined(all.iter().map(|(key, value)| named(&key.replace('_', " "), value.clone())), "; "),
    }
}

/// A key and its value.
fn named(key: &str, value: Vec<HistoryText>) -> Vec<HistoryText> {
    [HistoryText::word(key), HistoryText::typed(" "), value].concat()
}

fn joined(all: impl Iterator<Item = Vec<HistoryText>>, joint: &str) -> Vec<HistoryText> {
    let mut whole = Vec::new();
    for part in all {
        if !whole.is_empty() {
            whole.extend(HistoryText::typed(joint));
        }
        whole.extend(part);
    }
    whole
}

fn plain(value: &TomlValue) -> Vec<HistoryText> {
    match value {
        TomlValue::String(text) if DAYS.iter().any(|(word, ..)| word == text) => HistoryText::word(text),
        TomlValue::String(text) => HistoryText::typed(text),
        TomlValue::Boolean(true) => HistoryText::word("yes"),
        TomlValue::Boolean(false) => HistoryText::word("no"),
        TomlValue::Array(all) if all.is_empty() => HistoryText::word("none"),
        TomlValue::Table(keys) => {
            let shown = keys.iter().filter(|(key, _)| !matches!(key.as_str(), "id" | "webhook"));
            joined(shown.map(|(key, value)| named(key, plain(value))), " ")
        }
        TomlValue::Array(all) if all.iter().all(TomlValue::is_table) => joined(all.iter().map(plain), "; "),
        TomlValue::Array(all) => joined(all.iter().map(plain), ", "),
        other => HistoryText::typed(&other.to_string()),
    }
}

/// The rows of the ladder, or of those who are away; `None` for every other setting, and where there is none.
fn listed(setting: Setting, table: &Table) -> Option<Vec<HistoryText>> {
    type RowWords = fn(&Table) -> Vec<HistoryText>;
    let (key, row): (&str, RowWords) = match setting {
        Setting::Ladder => ("ladder", rung),
        Setting::Absences => ("absence", away),
        _ => return None,
    };
    let rows = table.get("alerts")?.get(key)?.as_array()?;
    let rows: Vec<_> = rows.iter().filter_map(TomlValue::as_table).map(row).collect();
    (!rows.is_empty()).then(|| joined(rows.into_iter(), "; "))
}

fn text<'t>(row: &'t Table, key: &str) -> &'t str {
    row.get(key).and_then(TomlValue::as_str).unwrap_or_default()
}

/// Who is told when, where to, and in which hours and on which days.
fn rung(row: &Table) -> Vec<HistoryText> {
    let after = match minutes(text(row, "after")) {
        Some(0) => HistoryText::word("at once"),
        Some(minutes) => HistoryText::word(&format!("after {minutes} min")),
        None => HistoryText::typed(text(row, "after")),
    };
    let mut facts = vec![[HistoryText::typed(text(row, "name")), HistoryText::typed(" "), after].concat()];
    let reached = ["email", "phone"].into_iter().map(|key| text(row, key));
    facts.extend(reached.filter(|to| !to.is_empty()).map(HistoryText::typed));
    if let Some([TomlValue::String(from), TomlValue::String(until)]) =
        row.get("hours").and_then(TomlValue::as_array).map(Vec::as_slice)
    {
        facts.push(HistoryText::word(&format!("reached from {from} to {until}")));
    }
    facts.extend(row.get("days").map(plain));
    joined(facts.into_iter(), ", ")
}

/// Whole minutes of a stretch of time as a form writes it, or as a person may have in the file.
fn minutes(after: &str) -> Option<u32> {
    let hours = after.strip_suffix('h').and_then(|hours| hours.parse::<u32>().ok()?.checked_mul(60));
    after.strip_suffix('m').and_then(|minutes| minutes.parse().ok()).or(hours)
}

/// Who is away, from when until when, and who is told in the place.
fn away(row: &Table) -> Vec<HistoryText> {
    let on = |key: &str| text(row, key).parse().map_or_else(|_| text(row, key).to_owned(), day);
    let (from, until) = (on("from"), on("until"));
    let deputy = match text(row, "deputy") {
        "" => HistoryText::word("nobody"),
        deputy => HistoryText::typed(deputy),
    };
    let stretch = HistoryText::word(&format!("away from {from} to {until}"));
    let whole = [HistoryText::typed(text(row, "rung")), stretch, HistoryText::word("in the place"), deputy];
    joined(whole.into_iter(), " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_told_without_the_marks_of_its_file() {
        assert_eq!(told(Setting::Holidays, "[clinic]\nphone_office = \"+1 212\"\n"), "+1 212");
        assert_eq!(
            told(
                Setting::SendingHours,
                "[sending]\nat = \"09:00\"\ndaily_cap = 2\nweekdays = [\"mon\", \"tue\"]\n"
            ),
            "at 09:00; daily cap 2; weekdays mon, tue"
        );
        assert_eq!(told(Setting::Holidays, "[clinic]\nholidays = []\n"), "none");
    }

    #[test]
    fn the_ladder_and_who_is_away_are_told_in_words_and_not_in_keys() {
        let ladder = "[[alerts.ladder]]\nafter = \"0m\"\ndays = [\"mon\", \"tue\"]\nemail = \"w@x.example\"\n\
                      hours = [\"08:00\", \"17:00\"]\nid = \"ward\"\nname = \"Ward 3\"\n\
                      [[alerts.ladder]]\nafter = \"15m\"\nemail = \"d@x.example\"\nname = \"Dora\"\n";
        let says = "Ward 3 at once, w@x.example, reached from 08:00 to 17:00, mon, tue; Dora after 15 min, d@x.example";
        assert_eq!(told(Setting::Ladder, ladder), says);
        let away = "[[alerts.absence]]\nrung = \"ward\"\nfrom = \"2026-02-24\"\nuntil = \"2026-02-26\"\n";
        assert_eq!(
            told(Setting::Absences, away),
            "ward away from 24 Feb 2026 to 26 Feb 2026 in the place nobody"
        );
        assert_eq!(told(Setting::Absences, "[alerts]\nabsence = []\n"), "none");
    }
}
