//! What the program calls things, in words that a reader who has never seen the code understands. One table for every page
//! of the console; a word that is not in it is shown without its hyphens.

use minijinja::{Value, context};

/// A machine word and what a person reads.
type Entry = (&'static str, &'static str);

const SERIES: [Entry; 19] = [
    ("visit", "follow-up visit"),
    ("first-visit", "first visit"),
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

const STEPS: [Entry; 20] = [
    ("invite", "invitation"),
    ("book", "letter to book a date"),
    ("book-again", "second letter to book a date"),
    ("week-before", "letter the week before"),
    ("sorry-we-missed-you", "letter after a missed date"),
    ("again", "second letter after a missed date"),
    ("staff-task", "call by staff"),
    ("staff-task-after-two-misses", "call by staff when two stayed unanswered"),
    ("staff-task-not-booked", "call by staff to book a date"),
    ("booked", "letter about the booked date"),
    ("moved", "letter about the moved date"),
    ("cancelled", "letter that the date is off"),
    ("remind", "reminder"),
    ("nudge", "reminder"),
    ("nudge-again", "second reminder"),
    ("day-before", "letter the day before"),
    ("missed", "letter after a missed date"),
    ("send", "letter"),
    ("prepare", "how to prepare"),
    ("ring", "call by staff"),
];

const SUBJECTS: [Entry; 14] = [
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

const EVENTS: [Entry; 88] = [
    ("own-wording.set", "letter worded"),
    ("setting.counts", "setting counts from now on"),
    ("setting.dropped", "proposed setting taken back"),
    ("setting.set", "setting written"),
    ("alert.acknowledged", "alert taken on"),
    ("alert.closed", "alert closed"),
    ("alert.followed", "step after an alert taken"),
    ("alert.joined", "further answers joined an alert"),
    ("alert.lifted", "alert made more urgent"),
    ("alert.mended", "alert put right"),
    ("alert.owner-told", "owner reminded of an alert"),
    ("alert.raised", "alert raised"),
    ("alert.read", "answers read"),
    ("alert.renewed", "alert kept open"),
    ("alert.reopened", "alert rings again"),
    ("alert.told", "staff told of an alert"),
    ("appointment.booked", "date booked"),
    ("appointment.cancelled", "date called off"),
    ("appointment.carried-over", "date carried over"),
    ("appointment.moved", "date moved"),
    ("baseline.confirmed", "baseline confirmed"),
    ("booking.settled", "decided that no date is booked"),
    ("bone-spread.noted", "known bone spread noted"),
    ("bone-spread.withdrawn", "note of bone spread withdrawn"),
    ("canary.off", "daily test turned off"),
    ("canary.walked", "daily test done"),
    ("checklist.published", "checklist published"),
    ("clock.believed", "clock confirmed"),
    ("cover.lost", "nobody on the ladder reachable"),
    ("cover.proved", "ladder proved reachable"),
    ("death-reversal.asked", "asked to undo a recorded death"),
    ("delivery.given-up", "letter given up"),
    ("delivery.lapsed", "letter came too late to be sent"),
    ("delivery.postponed", "letter put off"),
    ("delivery.retried", "letter to be sent again"),
    ("delivery.skipped", "letter held back"),
    ("delivery.sent", "letter sent"),
    ("delivery.claimed", "letters picked to be sent"),
    ("follow-up.done", "follow-up done"),
    ("follow-up.closed", "follow-up ended"),
    ("import.discarded", "file to import deleted"),
    ("import.matched", "columns of a file matched"),
    ("import.mended", "rows of a file mended"),
    ("import.staged", "file sent to be imported"),
    ("inbound.answered", "message answered"),
    ("inbound.kept", "message received"),
    ("link.wrong-birth-date", "wrong birth date on a form"),
    ("patient.admitted", "patient enrolled"),
    ("patient.corrected", "record corrected"),
    ("patient.removed", "patient removed with her import"),
    ("patient.status", "status changed"),
    ("protocol.published", "protocol published"),
    ("protocol.retired", "protocol given to no new patient"),
    ("protocol.signatories", "chosen who signs protocols"),
    ("protocol.signed", "protocol signed"),
    ("protocol-draft.begun", "protocol draft begun"),
    ("protocol-draft.changed", "protocol draft changed"),
    ("protocol-draft.discarded", "protocol draft thrown away"),
    ("publication.asked", "asked to publish a protocol"),
    ("publication.done", "patients moved to a protocol version"),
    ("publication.in-force", "protocol version put in force"),
    ("publication.signed", "publication signed"),
    ("publication.withdrawn", "publication taken back"),
    ("reminder.due", "letter became due"),
    ("response.saved", "page of answers saved"),
    ("response.submitted", "answers sent in"),
    ("roster.imported", "patients imported"),
    ("roster.undone", "import undone"),
    ("rung.unreachable", "a step of the ladder cannot be reached"),
    ("staff.added", "account opened"),
    ("staff.disabled", "account turned off"),
    ("staff.invitation-used", "invitation used"),
    ("staff.invitation-withdrawn", "invitation taken back"),
    ("staff.invited", "invited"),
    ("staff.recovery-code-used", "signed in with a recovery code"),
    ("staff.recovery-codes", "recovery codes replaced"),
    ("staff.reset", "account reset"),
    ("staff.role", "role changed"),
    ("staff.secrets", "password or authenticator changed"),
    ("staff.sessions-ended", "signed out elsewhere"),
    ("staff.sign-in-failed", "sign-in failed"),
    ("staff.signed-in", "signed in"),
    ("task.done", "task done"),
    ("task.opened", "task opened"),
    ("test-alert.acknowledged", "code of a test alert given"),
    ("test-alert.noted", "note on a test alert"),
    ("test-alert.sent", "test alert sent"),
    ("wording.kept", "wording of letters kept"),
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

/// A language by its code, e.g. `es` as "Spanish".
pub(in crate::web::console) fn language(code: &str) -> String {
    look_up(&LANGUAGES, code).map_or_else(|| code.to_owned(), str::to_owned)
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

/// A step of a protocol, e.g. `book-again` as "letter to book a date".
pub(in crate::web::console) fn step(step: &str) -> String {
    let name = step.split('.').next().unwrap_or(step);
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let said = look_up(&STEPS, name).or_else(|| look_up(&STEPS, stem));
    said.map_or_else(|| bare(name), str::to_owned)
}

/// A letter by the step that sends it, e.g. `nudge-again` as "second reminder".
pub(in crate::web::console) fn letter(step: &str) -> String {
    look_up(&STEPS, step).map_or_else(|| bare(step), str::to_owned)
}

/// An event of the audit, e.g. `alert.closed`.
pub(in crate::web::console) fn event(action: &str) -> String {
    look_up(&EVENTS, action).map_or_else(|| bare(action), str::to_owned)
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
            "follow-up visit: letter about the booked date; spine checklist: invitation"
        );
        assert_eq!(
            (series("mri").as_str(), series("own-series").as_str()),
            ("MRI of the spine", "own series")
        );
        assert_eq!(
            (event("alert.closed").as_str(), event("new.kind").as_str()),
            ("alert closed", "new kind")
        );
        assert_eq!((subject("delivery/17").as_str(), subject("clock").as_str()), ("letter 17", "clock"));
    }
}
