//! What the program calls things, in words that a reader who has never seen the code understands. One table for every page
//! of the console; a word that is not in it is shown without its hyphens.

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

const STEPS: [Entry; 13] = [
    ("invite", "invitation"),
    ("book", "letter to book a date"),
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

const SUBJECTS: [Entry; 10] = [
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
];

const EVENTS: [Entry; 59] = [
    ("alert.acknowledged", "alert taken on"),
    ("alert.closed", "alert closed"),
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
    ("inbound.answered", "message answered"),
    ("inbound.kept", "message received"),
    ("link.wrong-birth-date", "wrong birth date on a form"),
    ("patient.admitted", "patient enrolled"),
    ("patient.corrected", "record corrected"),
    ("patient.status", "status changed"),
    ("protocol.published", "protocol published"),
    ("reminder.due", "letter became due"),
    ("response.saved", "page of answers saved"),
    ("response.submitted", "answers sent in"),
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
    ("wording.kept", "wording of letters kept"),
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

/// What a letter carries, e.g. `visit:booked.180.0, spine-check:invite`.
pub(in crate::web::console) fn steps(words: &str) -> String {
    let said: Vec<String> = words.split(", ").map(step).collect();
    said.join("; ")
}

fn step(word: &str) -> String {
    let Some((of, step)) = word.split_once(':') else { return series(word) };
    let name = step.split('.').next().unwrap_or(step);
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-');
    let said = look_up(&STEPS, name).or_else(|| look_up(&STEPS, stem));
    format!("{}: {}", series(of), said.map_or_else(|| bare(name), str::to_owned))
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
