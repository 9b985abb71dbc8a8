//! What each field of the console's forms holds, where a form comes back because its session was over: whether it was typed, what
//! it is called, and whether it may be shown at all. One list for both, and a test that walks every page: a field that is new
//! cannot be shown by its code, nor a secret in plain.

use crate::care::alert::lifecycle::AlertOutcome;
use crate::care::contact_kind::ContactKind;
use crate::web::console::alerts::closure_words::{doing, found};
use crate::web::console::layout::machine_words;
use crate::web::console::record_field::RecordField;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnsavedField {
    /// Somebody typed or chose it; it is called so on most forms that have it.
    Called(&'static str),
    /// Nobody types it: it tells the program which form it is, what it showed, or which button was pressed.
    Untyped,
    /// Nobody may read it over a shoulder.
    Secret,
}

/// Parts of the names of fields that a page puts together, e.g. of the rungs of the ladder.
const SECRET_PARTS: [&str; 5] = ["password", "recovery", "secret", "token", "webhook"];

/// Beside one of these the field `again` is the same secret once more, not a day to try again.
pub(super) const NEW_PASSWORD: &str = "new";

/// Fields that nobody types.
const UNTYPED: [&str; 58] = [
    "a",
    "account",
    "act",
    "add",
    "after",
    "again_of",
    "alike",
    "as",
    "b",
    "begin",
    "by",
    "calendar",
    "centres",
    "confirm",
    "cover",
    "dates_seen",
    "decision",
    "deputy",
    "end",
    "export",
    "file",
    "follow",
    "follow_up",
    "for",
    "from",
    "holder",
    "keep",
    "leaflets",
    "look",
    "looked_at",
    "mark",
    "move",
    "one",
    "owner",
    "partial",
    "q",
    "rebase",
    "revision",
    "sample",
    "sample-choice",
    "schedule",
    "seen",
    "seen_at",
    "session",
    "setting",
    "show",
    "since",
    "staffed_weekdays",
    "state",
    "stood",
    "sure",
    "then",
    "version",
    "weekdays",
    "what",
    "who",
    "why",
    "years",
];

/// Fields that nobody may read.
const SECRET: [&str; 6] = ["code", "new", "password", "proof", "recovery", "username"];

/// What the other fields are called, where no list calls the same fact so ([`RecordField::label`]).
const CALLED: [(&str, &str); 62] = [
    ("a_day", "Dates a working day"),
    ("add_on", "Protocol"),
    ("address", "To"),
    ("after_death", "Whole years after a death was recorded"),
    ("after_last_contact", "Whole years after the last contact with a woman who left"),
    ("again", "Try again at"),
    ("anchor", "The date it counts from"),
    ("anyway", "The date is meant"),
    ("at", "Hour"),
    ("birth_date", "Date of birth"),
    ("bone", "Spread to bone is on record"),
    ("born", "Date of birth"),
    ("call_note", "What she said"),
    ("checklist", "Which form"),
    ("closes", "until"),
    ("codes", "Case code"),
    ("daily_cap", "Most letters to one patient on one day"),
    ("dates", "Dates in it"),
    ("days", "The days, one on each line"),
    ("done", "What was done"),
    ("id", "Name"),
    ("kind", "Kind"),
    ("language", "Language of letters"),
    ("leaflet", "Which text"),
    ("log_note", "Note"),
    ("mail_consent_on", "She agreed to letters by e-mail on"),
    ("mri_on", "Date of the MRI, booked or done"),
    ("name", "Name"),
    ("note", "Note"),
    ("on", "Day"),
    ("on_unknown", "If nobody knows whether a letter arrived"),
    ("opening_hours", "When the office is open, as patients read it"),
    ("opens", "From"),
    ("other_contact", "Who else may be rung, if she agrees"),
    ("outcome", "What it was"),
    ("pause_until", "Last day of the pause"),
    ("place", "Place"),
    ("proxy_consent_by", "Who agreed to it"),
    ("proxy_consent_on", "On which day"),
    ("proxy_email", "E-mail address of that person"),
    ("proxy_language", "Language of these letters"),
    ("proxy_name", "Name, as letters shall greet that person"),
    ("proxy_relation", "What that person is to her"),
    ("proxy_until", "Last day, if one was agreed"),
    ("reason", "Reason"),
    ("role", "Role"),
    ("rules", "By which rules"),
    ("series", "For"),
    ("shared_inbox", "Others read this inbox"),
    ("sheet", "The sheet of the workbook"),
    ("source", "Source"),
    ("tell", "Write to her about it"),
    ("text", "Text"),
    ("title", "Title"),
    ("to", "To"),
    ("until", "Until"),
    ("value", "The number, as it shall be printed"),
    ("visit_anyway", "The date is meant"),
    ("visit_at", "Time"),
    ("visit_on", "Date"),
    ("weekly_cap", "Most letters of reminders to one patient in seven days"),
    ("withdraw_reason", "Reason"),
];

impl UnsavedField {
    /// What the field of that name holds; `None` for one that a page makes up as it goes, which nothing secret is.
    pub(super) fn of(name: &str) -> Option<Self> {
        let small = name.to_ascii_lowercase();
        if SECRET.contains(&name) || SECRET_PARTS.iter().any(|part| small.contains(part)) {
            return Some(Self::Secret);
        }
        // What stood in a form when it was opened.
        if UNTYPED.contains(&name) || name.starts_with("had_") {
            return Some(Self::Untyped);
        }
        let called = CALLED.iter().find(|(known, _)| *known == name).map(|(_, label)| *label);
        called.or_else(|| RecordField::of_form(name)?.label()).map(Self::Called)
    }
}

/// Whether it is a list to choose from whose words are the program's own.
pub(super) fn is_of_list(name: &str) -> bool {
    matches!(name, "kind" | "outcome" | "done" | "language" | "proxy_language")
}

/// What was chosen in a list, as the form says it; anything else as it was typed.
pub(super) fn shown(name: &str, value: &str) -> String {
    let said = match name {
        "kind" => ContactKind::parse(value).map(ContactKind::says),
        "outcome" => {
            AlertOutcome::parse(value).map(found).or((value == "not-known").then_some("Not known yet"))
        }
        "done" => Some(doing(value)),
        "language" | "proxy_language" => return machine_words::language(value),
        _ => None,
    };
    said.unwrap_or(value).to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    fn pages(at: &Path, found: &mut Vec<PathBuf>) {
        for path in std::fs::read_dir(at).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => pages(&path, found),
                false if path.extension().is_some_and(|end| end == "html") => found.push(path),
                false => {}
            }
        }
    }

    /// The tags of all pages of the console that have a field's name, with that name.
    fn fields() -> Vec<(String, String)> {
        let mut found = Vec::new();
        pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/pages/console"), &mut found);
        let mut fields = Vec::new();
        for page in found {
            let source = std::fs::read_to_string(page).unwrap();
            for tag in ["<input", "<select", "<textarea", "<button"] {
                for piece in source.split(tag).skip(1) {
                    let tag = piece.split('>').next().unwrap();
                    let name = tag.split(" name=\"").nth(1).and_then(|rest| rest.split('"').next());
                    fields.extend(name.map(|name| (tag.to_owned(), name.to_owned())));
                }
            }
        }
        fields
    }

    #[test]
    fn every_field_of_the_console_is_called_something_or_is_not_shown() {
        let fields = fields();
        assert!(fields.len() > 200, "{}", fields.len());
        for (_, name) in fields.iter().filter(|(_, name)| !name.contains("{{")) {
            assert!(
                UnsavedField::of(name).is_some(),
                "`{name}`: say what it is called, or that nobody types it"
            );
        }
    }

    #[test]
    fn what_a_browser_takes_for_a_secret_is_one_here() {
        let is_secret = |tag: &str| {
            ["type=\"password\"", "one-time-code", "-password\""].iter().any(|mark| tag.contains(mark))
        };
        for (tag, name) in fields().into_iter().filter(|(tag, _)| is_secret(tag)) {
            let is_twice = name == "again" && tag.contains("new-password");
            assert!(is_twice || UnsavedField::of(&name) == Some(UnsavedField::Secret), "{name}: {tag}");
        }
        assert_eq!(UnsavedField::of("s0.webhook"), Some(UnsavedField::Secret));
    }

    #[test]
    fn what_was_chosen_is_shown_in_the_words_of_the_list() {
        assert_eq!(shown("kind", "spoke-with-her"), "Spoke with her");
        assert_eq!(shown("outcome", "not-known"), "Not known yet");
        assert_eq!(shown("done", "mri"), "MRI of the spine");
        assert_eq!(shown("note", "mri"), "mri");
        assert_eq!((shown("language", "en").as_str(), is_of_list("language")), ("English", true));
    }
}
