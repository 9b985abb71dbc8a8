//! What a person must know, and do again, after a backup was restored: every event of the old audit that the copy does not
//! have becomes part of a line, those of kinds that nobody thought of too.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::care::patient::Reference;
use crate::store::audit::AuditEvent;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns;
use crate::store::restore_diff::{LostEvent, RestoreDiff};

/// Case codes named in the task; all of them stand in the list beside the old database.
const NAMED: usize = 20;

/// What a line asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FollowUpAsk {
    /// A person must do it again, or look.
    Again,
    /// It was carried over.
    Carried,
    /// It comes about again by itself, or cannot be undone; good to know.
    Know,
}

impl FollowUpAsk {
    /// The word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Again => "again",
            Self::Carried => "carried-over",
            Self::Know => "know",
        }
    }
}

/// Events of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLine {
    /// What it asks for.
    pub ask: FollowUpAsk,
    /// What happened, and what to do about it.
    pub what: String,
    /// About whom, each with its facts; sorted, each once.
    pub about: Vec<String>,
}

/// What each kind of event asks for. A kind that is not here is told by its own name.
const KINDS: &[(AuditAction, FollowUpAsk, &str)] = &[
    (AuditAction::PatientAdmitted, FollowUpAsk::Again, "take in again"),
    (AuditAction::PatientStatus, FollowUpAsk::Again, "record again that letters go on"),
    (AuditAction::PatientCorrected, FollowUpAsk::Again, "correct the record again"),
    (AuditAction::EnrolmentOpened, FollowUpAsk::Again, "put on the protocol again"),
    (AuditAction::EnrolmentReplanned, FollowUpAsk::Again, "move the anchor date or the protocol again"),
    (AuditAction::EnrolmentEnded, FollowUpAsk::Again, "end the plan again"),
    (AuditAction::AppointmentBooked, FollowUpAsk::Again, "book the date again"),
    (AuditAction::AppointmentMoved, FollowUpAsk::Again, "move the date again"),
    (AuditAction::AppointmentCancelled, FollowUpAsk::Again, "call the date off again"),
    (AuditAction::AppointmentCarriedOver, FollowUpAsk::Again, "book the date again after the change of plan"),
    (AuditAction::AppointmentReason, FollowUpAsk::Again, "note again why the date was called off"),
    (AuditAction::FollowUpDone, FollowUpAsk::Again, "record again as done"),
    (AuditAction::LettersDeclined, FollowUpAsk::Again, "record again which letters she does not want"),
    (AuditAction::LettersAccepted, FollowUpAsk::Again, "record again which letters she wants"),
    (AuditAction::ResponseSubmitted, FollowUpAsk::Again, "read the answers in what was there before"),
    (
        AuditAction::ResponseSaved,
        FollowUpAsk::Again,
        "read the answers left half-way in what was there before",
    ),
    (
        AuditAction::AlertRaised,
        FollowUpAsk::Again,
        "an alert was raised: look at it in what was there before and ring her",
    ),
    (
        AuditAction::AlertLifted,
        FollowUpAsk::Again,
        "an alert became more urgent: look at it in what was there before",
    ),
    (
        AuditAction::AlertJoined,
        FollowUpAsk::Again,
        "an answer joined an alert: read it in what was there before",
    ),
    (AuditAction::AlertAcknowledged, FollowUpAsk::Again, "an alert was taken on: go on with it"),
    (
        AuditAction::AlertClosed,
        FollowUpAsk::Again,
        "an alert was closed: if it is open again, close it again",
    ),
    (AuditAction::BaselineConfirmed, FollowUpAsk::Again, "confirm the baseline again"),
    (AuditAction::ReasonKnown, FollowUpAsk::Again, "mark the known reason again"),
    (AuditAction::BoneSpreadNoted, FollowUpAsk::Again, "note the bone spread again"),
    (AuditAction::BoneSpreadWithdrawn, FollowUpAsk::Again, "withdraw the note of bone spread again"),
    (AuditAction::DeliveryFailed, FollowUpAsk::Again, "a letter was refused: look at the address"),
    (AuditAction::DeliveryBounced, FollowUpAsk::Again, "a letter came back: look at the address"),
    (AuditAction::ContactLogged, FollowUpAsk::Again, "something was written in a call log: write it again"),
    (AuditAction::TaskDone, FollowUpAsk::Again, "a task was done: if it is open again, close it again"),
    (AuditAction::LinkUnlocked, FollowUpAsk::Again, "unlock her forms again"),
    (AuditAction::StaffAdded, FollowUpAsk::Again, "add the account again"),
    (AuditAction::StaffDisabled, FollowUpAsk::Again, "turn the account off again"),
    (AuditAction::StaffReset, FollowUpAsk::Again, "give the account new secrets again"),
    (AuditAction::KeyReplaced, FollowUpAsk::Again, "the key of the links was replaced: `aftercare key show`"),
    (AuditAction::DatabaseRestored, FollowUpAsk::Know, "a backup was restored"),
    (
        AuditAction::DeliveryClaimed,
        FollowUpAsk::Know,
        "a letter was taken in hand; the same letter may leave again",
    ),
    (
        AuditAction::DeliveryReturned,
        FollowUpAsk::Know,
        "a letter went back to the outbox; it leaves by itself",
    ),
    (AuditAction::DeliverySent, FollowUpAsk::Know, "a letter left; the same letter may leave again"),
    (
        AuditAction::DeliveryUnknown,
        FollowUpAsk::Know,
        "a letter may have left; the same letter may leave again",
    ),
    (
        AuditAction::TaskOpened,
        FollowUpAsk::Know,
        "a task was opened; if its cause lasts it comes again by itself",
    ),
    (AuditAction::StaffSignedIn, FollowUpAsk::Know, "signed in; everybody is signed out now"),
];

/// One line for each kind of event, those that ask for something first. `carried` are the positions of what was carried over.
pub(in crate::journey::operations) fn lines(since: &RestoreDiff, carried: &[usize]) -> Vec<ReportLine> {
    let mut all: BTreeMap<(FollowUpAsk, usize, String), Vec<String>> = BTreeMap::new();
    for (position, lost) in since.events.iter().enumerate() {
        let (rank, ask, what) = kind(&lost.event);
        let (ask, what) = match carried.contains(&position) {
            true => (FollowUpAsk::Carried, carried_words(&lost.event)),
            false => (ask, what),
        };
        all.entry((ask, rank, what)).or_default().extend(about(lost));
    }
    let line = |((ask, _, what), mut about): ((FollowUpAsk, usize, String), Vec<String>)| {
        about.sort();
        about.dedup();
        ReportLine { ask, what, about }
    };
    all.into_iter().map(line).filter(|line| !line.about.is_empty()).collect()
}

fn kind(event: &AuditEvent) -> (usize, FollowUpAsk, String) {
    match KINDS.iter().position(|(known, ..)| Some(*known) == event.known_action()) {
        Some(rank) => (rank, KINDS[rank].1, KINDS[rank].2.to_owned()),
        None => (KINDS.len(), FollowUpAsk::Know, format!("`{}`", event.action)),
    }
}

fn carried_words(event: &AuditEvent) -> String {
    match event.known_action() {
        Some(AuditAction::PatientStatus) => "status that stops letters",
        Some(AuditAction::LettersDeclined | AuditAction::LettersAccepted) => "wishes about letters",
        Some(AuditAction::StaffDisabled) => "account turned off",
        _ => "account with new secrets",
    }
    .to_owned()
}

/// Facts of an event that may be told: days, protocols, states and the like; no free text.
const FACTS: [&str; 13] = [
    "series",
    "number",
    "protocol",
    "anchor_on",
    "on",
    "to",
    "fields",
    "kind",
    "role",
    "code",
    "until",
    "tier",
    "outcome",
];

fn about(lost: &LostEvent) -> Vec<String> {
    let detail = detail(&lost.event);
    let mut facts: Vec<String> = FACTS.iter().filter_map(|fact| word(&detail, fact)).collect();
    facts.extend(lost.at_time.clone());
    let facts = if facts.is_empty() { String::new() } else { format!(" ({})", facts.join(" ")) };
    let patients = lost.about.iter().filter(|code| *code != Reference::CANARY);
    patients.map(|code| format!("{code}{facts}")).collect()
}

pub(in crate::journey::operations) fn detail(event: &AuditEvent) -> Value {
    serde_json::from_str(&event.detail).unwrap_or_default()
}

/// A fact of an event in words.
pub(in crate::journey::operations) fn word(detail: &Value, fact: &str) -> Option<String> {
    match &detail[fact] {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(several) => {
            let several: Vec<&str> = several.iter().filter_map(Value::as_str).collect();
            Some(several.join(", ")).filter(|text| !text.is_empty())
        }
        _ => None,
    }
}

/// What the person who closes the hold must do, as far as it fits; the whole list lies beside the old database.
pub(in crate::journey::operations) fn reason(before: &Before, lines: &[ReportLine], list: &str) -> String {
    let head = "A backup was restored, and letters to patients are held.";
    let since = match before {
        Before::Nothing => {
            return format!(
                "{head} Nothing was there before. Record deaths, opt-outs, dates and new addresses since then, then close this task."
            );
        }
        Before::Unreadable(why) => {
            return format!(
                "{head} What was there before cannot be read ({why}): nobody can say what happened since the copy was made. Record \
                 deaths, opt-outs, dates, answers and new addresses since then, look at who may sign in, then close this task."
            );
        }
        Before::Read(since) => since,
    };
    let torn = since
        .torn
        .as_ref()
        .map(|why| format!(" The old audit cannot be read to its end ({why}): what came later is unknown."));
    let again: Vec<String> = lines.iter().filter(|line| line.ask == FollowUpAsk::Again).map(short).collect();
    let again = if again.is_empty() { "nothing".to_owned() } else { again.join("; ") };
    let (events, torn) = (since.events.len(), torn.unwrap_or_default());
    match events {
        0 => format!(
            "{head} The old audit has no event after the copy's last.{torn} Close this task when you have looked."
        ),
        _ => format!(
            "{head} {events} events came after the copy; stops and wishes were carried over.{torn} To do again: {again}. Every \
             event stands in `{list}`."
        ),
    }
}

fn short(line: &ReportLine) -> String {
    let named = line.about.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match line.about.len().saturating_sub(NAMED) {
        0 => format!("{}: {named}", line.what),
        more => format!("{}: {named} and {more} more", line.what),
    }
}

/// The whole list: first what asks for something, then every event in its order.
#[must_use]
pub fn list(lines: &[ReportLine], since: &RestoreDiff) -> String {
    let mut text = String::from(
        "What happened after the copy was made, from the audit of the database that was there before.\n\n",
    );
    for line in lines {
        text.push_str(&format!("{}: {}: {}\n", line.ask.word(), line.what, line.about.join(", ")));
    }
    if let Some(why) = &since.torn {
        text.push_str(&format!(
            "\nThe old audit cannot be read to its end: {why}. What came later is unknown.\n"
        ));
    }
    text.push_str("\nEvery event: number, instant, who, what, about whom, facts\n");
    for lost in &since.events {
        let AuditEvent { id, at, actor, action, subject, detail, .. } = &lost.event;
        let at = columns::instant(*at);
        text.push_str(&format!(
            "{id} {at} {actor} {action} {subject} [{}] {detail}\n",
            lost.about.join(", ")
        ));
    }
    text
}

/// What is known of the time after the copy.
pub enum Before {
    /// There was no database: a new machine.
    Nothing,
    /// Its audit was read.
    Read(RestoreDiff),
    /// It cannot be read; why.
    Unreadable(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(action: &str, detail: &str, about: &str) -> LostEvent {
        let event = AuditEvent {
            id: 1,
            at: 0,
            actor: "cli:x".to_owned(),
            action: action.to_owned(),
            subject: "follow-up/1".to_owned(),
            detail: detail.to_owned(),
            hash: Vec::new(),
        };
        LostEvent { event, about: vec![about.to_owned()], at_time: Some("10:30:00".to_owned()) }
    }

    fn since(events: Vec<LostEvent>) -> RestoreDiff {
        RestoreDiff { events, ..RestoreDiff::default() }
    }

    #[test]
    fn every_event_becomes_part_of_a_line_one_of_a_kind_nobody_knows_too() {
        let booked = lost("appointment.booked", "{\"on\":\"2027-03-01\",\"series\":\"visit\"}", "A-1");
        let all = since(vec![
            lost("odd.thing", "{}", "x/1"),
            booked.clone(),
            booked,
            lost("delivery.sent", "not JSON", "A-2"),
        ]);
        let lines = lines(&all, &[]);
        let told: Vec<_> = lines.iter().map(|l| (l.ask, l.what.as_str(), l.about.join("|"))).collect();
        assert_eq!(
            told[0],
            (FollowUpAsk::Again, "book the date again", "A-1 (visit 2027-03-01 10:30:00)".to_owned())
        );
        assert_eq!(told[1].0, FollowUpAsk::Know);
        assert_eq!(told[2], (FollowUpAsk::Know, "`odd.thing`", "x/1 (10:30:00)".to_owned()));
        let reason = reason(&Before::Read(all), &lines, "/x.lost.txt");
        assert!(reason.contains("4 events") && reason.contains("/x.lost.txt"), "{reason}");
    }

    #[test]
    fn nothing_is_claimed_of_what_could_not_be_read() {
        let torn = RestoreDiff { torn: Some("disk image is malformed".to_owned()), ..RestoreDiff::default() };
        for before in [Before::Read(torn), Before::Unreadable("not a database".to_owned())] {
            let told = reason(&before, &[], "list");
            assert!(told.contains("unknown") || told.contains("nobody can say"), "{told}");
        }
    }

    #[test]
    fn free_text_of_an_event_is_not_told() {
        let died = lost("patient.status", "{\"to\":\"paused\",\"reason\":\"Ana rang\"}", "A-1");
        let lines = lines(&since(vec![died]), &[0]);
        assert_eq!(lines[0].ask, FollowUpAsk::Carried);
        assert!(!lines[0].about[0].contains("Ana"), "{lines:?}");
    }

    #[test]
    fn every_kind_of_event_stands_once() {
        let names: std::collections::BTreeSet<_> = KINDS.iter().map(|(name, ..)| name).collect();
        assert_eq!(names.len(), KINDS.len());
    }
}
