//! The form of each setting: its fields from what stands there, and the setting's text from what was typed.

use minijinja::{Value, context};

use crate::care::settings::setting::Setting;
use crate::config::Config;
use crate::config::file::fault::Fault;
use crate::config::setting_text;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::refused_form::FieldFault;

/// The field of a setting that is one value.
const VALUE: &str = "value";

/// What was typed, as it would stand in `aftercare.toml`.
pub(super) fn read(setting: Setting, fields: &FormFields) -> String {
    match setting {
        Setting::OfficePhone | Setting::DayAndNightPhone | Setting::EmergencyNumber => {
            setting_text::of_words(setting, fields.get(VALUE))
        }
    }
}

/// The fields, filled with what this configuration says.
pub(super) fn fields(setting: Setting, config: &Config) -> Value {
    let clinic = &config.clinic;
    let number = match setting {
        Setting::OfficePhone => &clinic.phone_office,
        Setting::DayAndNightPhone => &clinic.phone_24h,
        Setting::EmergencyNumber => &clinic.emergency_number,
    };
    context! { kind => "number", value => number.clone() }
}

/// What this configuration says, in one line.
pub(super) fn says(setting: Setting, config: &Config) -> String {
    let clinic = &config.clinic;
    match setting {
        Setting::OfficePhone => clinic.phone_office.clone(),
        Setting::DayAndNightPhone => clinic.phone_24h.clone(),
        Setting::EmergencyNumber => clinic.emergency_number.clone(),
    }
}

/// What a version says, in one line.
pub(super) fn told(setting: Setting, text: &str) -> String {
    let only = setting.keys().first().and_then(|key| setting_text::words_of(text, key));
    only.unwrap_or_else(|| text.lines().filter(|line| !line.starts_with('[')).collect::<Vec<_>>().join(", "))
}

/// A fault of `check`, beside the field it is about.
pub(super) fn beside(_setting: Setting, fault: &Fault) -> FieldFault {
    FieldFault::new(VALUE, sentence(fault))
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
}
