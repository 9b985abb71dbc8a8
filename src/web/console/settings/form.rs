//! The form of each setting: its fields from what stands there, and the setting's text from what was typed.

use minijinja::Value;
use toml::{Table, Value as TomlValue};

use crate::care::settings::setting::Setting;
use crate::config::Config;
use crate::config::file::fault::Fault;
use crate::config::origin::ConfigOrigin;
use crate::web::app_state::AppState;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::refused_form::FieldFault;
use crate::web::console::settings::forms::{absences, holidays, ladder, number, reading, sending};

/// What was typed, as it would stand in `aftercare.toml`; a file that cannot be read is a fault of its field.
pub(super) fn read(
    setting: Setting,
    fields: &FormFields,
    origin: &ConfigOrigin,
) -> Result<String, Vec<FieldFault>> {
    match setting {
        Setting::OfficePhone | Setting::DayAndNightPhone | Setting::EmergencyNumber => {
            Ok(number::read(setting, fields))
        }
        Setting::Ladder => Ok(ladder::read(fields)),
        Setting::Absences => Ok(absences::read(fields)),
        Setting::Holidays => holidays::read(fields),
        Setting::SendingHours => Ok(sending::read(fields, origin)),
        Setting::Reading => Ok(reading::read(fields, origin)),
    }
}

/// The fields, filled with what this configuration says.
pub(super) fn fields(app: &AppState, setting: Setting, config: &Config) -> Value {
    let origin = &config.origin;
    match setting {
        Setting::OfficePhone | Setting::DayAndNightPhone | Setting::EmergencyNumber => {
            number::fields(setting, config)
        }
        Setting::Ladder => ladder::fields(config),
        Setting::Absences => absences::fields(config),
        Setting::Holidays => holidays::fields(config),
        Setting::SendingHours => sending::fields(config, origin),
        Setting::Reading => reading::fields(app, config, origin),
    }
}

/// What this configuration says, in one line.
pub(super) fn says(app: &AppState, setting: Setting, config: &Config) -> String {
    match setting {
        Setting::OfficePhone | Setting::DayAndNightPhone | Setting::EmergencyNumber => {
            number::says(setting, config)
        }
        Setting::Ladder => ladder::says(config),
        Setting::Absences => absences::says(config),
        Setting::Holidays => holidays::says(config),
        Setting::SendingHours => sending::says(config),
        Setting::Reading => reading::says(app, config),
    }
}

/// What a version says, in one line.
pub(super) fn told(text: &str) -> String {
    let table: Table = text.parse().unwrap_or_default();
    let keys = table.values().filter_map(TomlValue::as_table).flatten();
    let all: Vec<(&String, String)> = keys.map(|(key, value)| (key, plain(value))).collect();
    match all.as_slice() {
        [(_, only)] => only.clone(),
        all => {
            let named = all.iter().map(|(key, value)| format!("{} {value}", key.replace('_', " ")));
            named.collect::<Vec<_>>().join("; ")
        }
    }
}

fn plain(value: &TomlValue) -> String {
    match value {
        TomlValue::String(text) => text.clone(),
        TomlValue::Boolean(true) => "yes".to_owned(),
        TomlValue::Boolean(false) => "no".to_owned(),
        TomlValue::Array(all) if all.is_empty() => "none".to_owned(),
        TomlValue::Table(keys) => {
            let shown = keys.iter().filter(|(key, _)| !matches!(key.as_str(), "id" | "webhook"));
            shown.map(|(key, value)| format!("{key} {}", plain(value))).collect::<Vec<_>>().join(" ")
        }
        TomlValue::Array(all) if all.iter().all(TomlValue::is_table) => {
            all.iter().map(plain).collect::<Vec<_>>().join("; ")
        }
        TomlValue::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// A fault of `check`, beside the field it is about.
pub(super) fn beside(setting: Setting, fault: &Fault, origin: &ConfigOrigin) -> FieldFault {
    let key = fault.problem.strip_prefix('`').and_then(|rest| rest.split_once('`'));
    let name = key.and_then(|(key, _)| key.rsplit('.').next());
    let is_fixed = key.is_some_and(|(key, _)| origin.fixed(key).is_some());
    let field = match (setting, name) {
        (Setting::Holidays, _) => holidays::FIELD,
        (Setting::Ladder, _) => ladder::FIELD,
        (Setting::Absences, _) => absences::FIELD,
        // What contradicts a key of the operator's is mended at the other one.
        (Setting::SendingHours, Some("at")) if is_fixed => "window",
        (Setting::SendingHours, Some("weekly_cap")) if is_fixed => "daily_cap",
        (Setting::SendingHours | Setting::Reading, Some(name)) => name,
        _ => number::FIELD,
    };
    FieldFault::new(field, sentence(fault))
}

/// The words of `check` as a sentence for a page: the key's name is the field's label already.
fn sentence(fault: &Fault) -> String {
    let told = match fault.problem.strip_prefix('`').and_then(|rest| rest.split_once("` ")) {
        Some((_, problem)) => format!("This {problem}"),
        None => fault.problem.clone(),
    };
    format!("{}. Please {}.", told, fault.hint.trim_end_matches('.')).replace('`', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_check_reads_as_a_sentence_of_a_page() {
        let fault = Fault {
            file: "setting `office-phone`".to_owned(),
            line: 2,
            problem: "`clinic.phone_office` is empty".to_owned(),
            hint: "fill it in; patients and staff depend on it".to_owned(),
        };
        assert_eq!(sentence(&fault), "This is empty. Please fill it in; patients and staff depend on it.");
    }

    #[test]
    fn a_version_is_told_without_the_marks_of_its_file() {
        assert_eq!(told("[clinic]\nphone_office = \"+1 212\"\n"), "+1 212");
        assert_eq!(
            told("[sending]\nat = \"09:00\"\ndaily_cap = 2\nweekdays = [\"mon\", \"tue\"]\n"),
            "at 09:00; daily cap 2; weekdays mon, tue"
        );
        assert_eq!(told("[clinic]\nholidays = []\n"), "none");
    }
}
