//! The form of each setting: its fields from what stands there, and the setting's text from what was typed.

use minijinja::Value;

use crate::care::settings::setting::{Setting, SettingProof};
use crate::config::centres::Centres;
use crate::config::file::fault::Fault;
use crate::config::origin::ConfigOrigin;
use crate::config::{self, Config};
use crate::web::app_state::AppState;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::refused_form::FieldFault;
use crate::web::console::layout::sentence::with_hint;
use crate::web::console::settings::forms::{
    absences, centres, detail, holidays, judging, ladder, number, office_hours, reading, retention, sending,
};

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
        Setting::Ladder => ladder::read(fields),
        Setting::Absences => absences::read(fields),
        Setting::Holidays => holidays::read(fields),
        Setting::SendingHours => Ok(sending::read(fields, origin)),
        Setting::OpeningHours => Ok(office_hours::read(fields, origin)),
        Setting::DetailDefault => Ok(detail::read(fields)),
        Setting::Reading => Ok(reading::read(fields, origin)),
        Setting::Judging => judging::read(),
        Setting::Centres => Ok(centres::read(fields)),
        Setting::Retention => Ok(retention::read(fields, origin)),
    }
}

/// The fields, filled with what this configuration says.
pub(super) fn fields(signed_in: &SignedIn, setting: Setting, config: &Config) -> Value {
    let origin = &config.origin;
    match setting {
        Setting::OfficePhone | Setting::DayAndNightPhone | Setting::EmergencyNumber => {
            number::fields(setting, config)
        }
        Setting::Ladder => ladder::fields(config),
        Setting::Absences => absences::fields(config),
        Setting::Holidays => holidays::fields(config),
        Setting::SendingHours => sending::fields(config, origin),
        Setting::OpeningHours => office_hours::fields(config),
        Setting::DetailDefault => detail::fields(config),
        Setting::Reading => reading::fields(signed_in, config, origin),
        Setting::Centres => centres::fields(&listed(&signed_in.app, config), &config.sending.languages),
        Setting::Judging => judging::fields(),
        Setting::Retention => retention::fields(config, origin),
    }
}

/// What this configuration says, in one line.
pub(super) fn says(signed_in: &SignedIn, setting: Setting, config: &Config) -> String {
    match setting {
        Setting::OfficePhone | Setting::DayAndNightPhone | Setting::EmergencyNumber => {
            number::says(setting, config)
        }
        Setting::Ladder => ladder::says(config),
        Setting::Absences => absences::says(config),
        Setting::Holidays => holidays::says(config),
        Setting::SendingHours => sending::says(config),
        Setting::OpeningHours => office_hours::says(config),
        Setting::DetailDefault => detail::says(config),
        Setting::Reading => reading::says(signed_in, config),
        Setting::Centres => centres::says(&listed(&signed_in.app, config)),
        Setting::Judging => judging::says(config),
        Setting::Retention => retention::says(config),
    }
}

/// Whether what a setting says was typed by somebody, and is said in no other language.
pub(super) fn is_typed(setting: Setting, says: &str) -> bool {
    setting.proof() != SettingProof::None || (setting == Setting::Centres && says != centres::NONE)
}

/// The list of centres under this configuration; what cannot be read is none.
pub(super) fn listed(app: &AppState, config: &Config) -> Centres {
    let of_staff = config::centres::of_staff(&config.origin, &config.sending.languages);
    of_staff.map_or_else(|| app.deps.listed.clone(), Result::unwrap_or_default)
}

/// A fault of `check`, beside the field it is about.
pub(super) fn beside(
    setting: Setting,
    fault: &Fault,
    fields: &FormFields,
    origin: &ConfigOrigin,
) -> FieldFault {
    if setting == Setting::Centres {
        return FieldFault::new(centres::field(fault, fields), told_on_page(fault));
    }
    if setting == Setting::OpeningHours {
        return FieldFault::new(office_hours::field(fault), told_on_page(fault));
    }
    let key = fault.problem.strip_prefix('`').and_then(|rest| rest.split_once('`'));
    let name = key.and_then(|(key, _)| key.rsplit('.').next());
    let is_fixed = key.is_some_and(|(key, _)| origin.fixed(key).is_some());
    let field = match (setting, name) {
        (Setting::Holidays, _) => holidays::FIELD,
        (Setting::Ladder, _) => ladder::FIELD,
        (Setting::Absences, _) => absences::FIELD,
        (Setting::Judging, _) => judging::FIELD,
        (Setting::DetailDefault, _) => detail::FIELD,
        // What contradicts a key of the operator's is mended at the other one.
        (Setting::SendingHours, Some("at")) if is_fixed => "window",
        (Setting::SendingHours, Some("weekly_cap")) if is_fixed => "daily_cap",
        (Setting::SendingHours | Setting::Reading | Setting::Retention, Some(name)) => name,
        _ => number::FIELD,
    };
    FieldFault::new(field, told_on_page(fault))
}

/// The words of `check` as a sentence for a page: the key's name is the field's label already.
fn told_on_page(fault: &Fault) -> String {
    let told = match fault.problem.strip_prefix('`').and_then(|rest| rest.split_once("` ")) {
        Some((_, problem)) => format!("This {problem}"),
        None => fault.problem.clone(),
    };
    let next = match next(fault) {
        "" => String::new(),
        question if question.ends_with('?') => question.to_owned(),
        next => format!("please {next}"),
    };
    with_hint(&told.replace('`', ""), &next.replace('`', ""))
}

/// What to do next, without what is about the marks of the file.
fn next(fault: &Fault) -> &str {
    let about_marks = [", e.g. `[", ", without quotes"];
    let hint = about_marks.iter().find_map(|mark| fault.hint.split_once(mark).map(|(before, _)| before));
    let hint = hint.unwrap_or(&fault.hint);
    if hint.contains("`[") { "" } else { hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_check_reads_as_a_sentence_of_a_page() {
        let file = "setting `office-phone`";
        for (problem, hint, told) in [
            (
                "`clinic.phone_office` is empty",
                "fill it in; patients and staff depend on it",
                "This is empty. Please fill it in; patients and staff depend on it.",
            ),
            (
                "`alerts.ladder` names nobody",
                "add one `[[alerts.ladder]]` for each person",
                "This names nobody.",
            ),
            ("`clinic.phone_office` is missing", "set it with `aftercare settings set`", "This is missing."),
            (
                "`sending.weekdays` names no day",
                "name at least one, e.g. `[\"mon\", \"tue\"]`",
                "This names no day. Please name at least one.",
            ),
            (
                "`sending.daily_cap` is not a whole number",
                "write a whole number from 1 to 20, without quotes, e.g. `4`",
                "This is not a whole number. Please write a whole number from 1 to 20.",
            ),
            (
                "`sending.weekdays` `m` is not a weekday",
                "did you mean `mon`?",
                "This m is not a weekday. Did you mean mon?",
            ),
        ] {
            let (problem, hint) = (problem.to_owned(), hint.to_owned());
            assert_eq!(told_on_page(&Fault { file: file.to_owned(), line: 2, problem, hint }), told);
        }
    }
}
