//! What the program calls things, in words that a reader who has never seen the code understands. One table for every page
//! of the console; a word that is not in it is shown without its hyphens.

use minijinja::{Value, context};

use super::event_words::event_words;
use crate::care::actor::Actor;
use crate::care::patient::PatientStatus;
use crate::care::plan::extra_visit::EXTRA_VISIT;
use crate::store::audit_action::AuditAction;

/// A machine word and what a person reads.
type Entry = (&'static str, &'static str);

const SERIES: [Entry; 20] = [
    ("visit", "follow-up visit"),
    ("first-visit", "first visit"),
    (EXTRA_VISIT, "visit beside the plan"),
    ("spine-check", "spine checklist"),
    ("ct", "CT"),
    ("mri", "MRI of the spine"),
    ("pelvic-mri", "MRI of the pelvis"),
    ("pet-ct", "PET-CT"),
    ("bone-scan", "bone scan"),
    ("biopsy", "biopsy"),
    ("blood", "blood test"),
    ("co-test", "smear and HPV test"),
    ("cytology", "smear"),
    ("hpv", "HPV test"),
    ("dxa", "bone density scan"),
    ("signs", "leaflet on signs to know"),
    ("late-effects", "leaflet on late effects"),
    ("bone-leaflet", "leaflet on bone health"),
    ("dilator-leaflet", "leaflet on dilators"),
    ("dilator-review", "dilator review"),
];

/// What every letter and every other step is called, on whichever page: also on that of the letters itself.
const STEPS: [Entry; 33] = [
    ("book", "letter to book a date"),
    ("book-again", "second letter to book a date"),
    ("booked", "letter about the booked date"),
    ("changed", "letter that the date has moved"),
    ("moved", "letter about the moved date"),
    ("cancelled", "letter that the date is off"),
    ("week-before", "letter the week before"),
    ("day-before", "letter the day before"),
    ("sorry-we-missed-you", "letter after a missed date"),
    ("missed", "letter after a missed date"),
    ("again", "second letter after a missed date"),
    ("invite", "invitation to a form"),
    ("nudge", "reminder of a form"),
    ("nudge-again", "second reminder of a form"),
    ("baseline", "first form, to compare with later"),
    ("new-link", "letter with a new link"),
    ("leaflet", "letter with a text to read"),
    ("send", "short letter with a text to read"),
    ("remind", "reminder"),
    ("prepare", "how to prepare"),
    ("closing", "letter at the end of planned follow-up"),
    ("opt-out-done", "letter that her letters are stopped"),
    ("go-now", "letter to get help now"),
    ("message-received", "reply to a message of hers"),
    ("staff-alert", "letter to staff about an alert"),
    ("staff-answer", "letter to staff about an answer to read"),
    ("staff-overdue", "letter to staff about an overdue alert"),
    ("staff-test-alert", "test of the alert ladder"),
    ("ops-digest", "daily report"),
    ("staff-task", "call by staff"),
    ("staff-task-after-two-misses", "call by staff when two stayed unanswered"),
    ("staff-task-not-booked", "call by staff to book a date"),
    ("ring", "call by staff"),
];

/// Groups of letters that can be stopped.
const LETTER_GROUPS: [Entry; 3] = [
    ("visits", "everything about visits and tests"),
    ("checklists", "every form and its reminders"),
    ("leaflets", "every text to read"),
];

const SUBJECTS: [Entry; 15] = [
    ("letter-kind", "letters of the kind"),
    ("own-wording", "own words of a letter"),
    ("setting", "setting"),
    ("patient", "patient"),
    ("enrolment", "place on a protocol"),
    ("follow-up", "planned follow-up"),
    ("delivery", "letter"),
    ("response", "answers"),
    ("alert", "alert"),
    ("task", "task"),
    ("appointment", "date"),
    ("staff", "account"),
    ("inbound", "message"),
    ("import", "import"),
    ("staged-import", "file to import"),
];

const LANGUAGES: [Entry; 14] = [
    ("en", "English"),
    ("es", "Spanish"),
    ("ar", "Arabic"),
    ("ca", "Catalan"),
    ("de", "German"),
    ("eu", "Basque"),
    ("fr", "French"),
    ("gl", "Galician"),
    ("it", "Italian"),
    ("pl", "Polish"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("uk", "Ukrainian"),
    ("zh", "Chinese"),
];

fn look_up(table: &[Entry], word: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == word).map(|(_, text)| *text)
}

fn bare(word: &str) -> String {
    word.replace(['_', '-', '.'], " ")
}

/// A series of a protocol, e.g. `spine-check` as "spine checklist".
pub(in crate::web::console) fn series(word: &str) -> String {
    look_up(&SERIES, word).map_or_else(|| bare(word), str::to_owned)
}

/// A status as a person reads it, everywhere the same.
pub(in crate::web::console) fn status_name(status: PatientStatus) -> String {
    status.says().to_owned()
}

/// A language by its code, e.g. `es` as "Spanish".
pub(in crate::web::console) fn language(code: &str) -> String {
    look_up(&LANGUAGES, code).map_or_else(|| code.to_owned(), str::to_owned)
}

/// A language of the console by the name it has itself: whoever looks for it reads that.
pub(in crate::web::console) fn own_name(code: &str) -> &'static str {
    match code {
        "es" => "Español",
        _ => "English",
    }
}

/// The languages that a form offers.
pub(in crate::web::console) fn languages(codes: &[String]) -> Vec<Value> {
    codes.iter().map(|code| context! { word => code.clone(), text => language(code) }).collect()
}

/// What a letter carries, e.g. `visit:booked.180.0, spine-check:invite`.
pub(in crate::web::console) fn steps(words: &str) -> String {
    let said: Vec<String> = words.split(", ").map(carried).collect();
    said.join("; ")
}

fn carried(word: &str) -> String {
    let Some((of, step)) = word.split_once(':') else { return series(word) };
    format!("{}: {}", series(of), self::step(step))
}

/// A step of a protocol, e.g. `book-again` as "second letter to book a date".
pub(in crate::web::console) fn step(step: &str) -> String {
    let name = step.split('.').next().unwrap_or(step);
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let said = look_up(&STEPS, name).or_else(|| look_up(&STEPS, stem));
    said.map_or_else(|| bare(name), str::to_owned)
}

/// A letter by the step that sends it, or a group of letters, e.g. `nudge-again` as "second reminder of a form".
pub(in crate::web::console) fn letter(step: &str) -> String {
    known_letter(step).map_or_else(|| bare(step), str::to_owned)
}

/// The same where it ships; a step of the clinic's own protocols has only its name.
pub(in crate::web::console) fn known_letter(step: &str) -> Option<&'static str> {
    look_up(&STEPS, step).or_else(|| look_up(&LETTER_GROUPS, step))
}

/// Who did something, e.g. `cli:ana` as "ana, on the machine itself".
pub(in crate::web::console) fn person(actor: &str) -> String {
    match Actor::parse(actor) {
        Some(Actor::Staff(name)) => name,
        Some(Actor::Operator(name)) => format!("{name}, on the machine itself"),
        Some(Actor::Daemon) => "the program".to_owned(),
        Some(Actor::Patient) => "the patient".to_owned(),
        Some(Actor::Visitor) => "somebody who was not signed in".to_owned(),
        None => actor.to_owned(),
    }
}

/// An event of the audit, e.g. `alert.closed`; one that another version wrote is shown by its own name.
pub(in crate::web::console) fn event(action: &str) -> String {
    AuditAction::of_name(action).map_or_else(|| bare(action), |known| event_words(known).to_owned())
}

/// What an event is about, e.g. `delivery/17` as "letter 17".
pub(in crate::web::console) fn subject(word: &str) -> String {
    let (kind, which) = word.split_once('/').unwrap_or((word, ""));
    let kind = look_up(&SUBJECTS, kind).map_or_else(|| bare(kind), str::to_owned);
    format!("{kind} {which}").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_to_read_machine_words() {
        assert_eq!(
            steps("visit:booked.180.0, spine-check:invite"),
            "follow-up visit: letter about the booked date; spine checklist: invitation to a form"
        );
        assert_eq!(
            (series("mri").as_str(), series("own-series").as_str()),
            ("MRI of the spine", "own series")
        );
        assert_eq!(
            (event("alert.closed").as_str(), event("new.kind").as_str()),
            ("alert closed", "new kind")
        );
        for (actor, said) in [
            ("staff:nora", "nora"),
            ("cli:ana", "ana, on the machine itself"),
            ("daemon", "the program"),
            ("patient", "the patient"),
            ("visitor", "somebody who was not signed in"),
            ("nora", "nora"),
        ] {
            assert_eq!(person(actor), said);
        }
        assert_eq!((subject("delivery/17").as_str(), subject("clock").as_str()), ("letter 17", "clock"));
    }
}
