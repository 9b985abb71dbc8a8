//! What a person must know, and do again, after a backup was restored: every event of the old audit that the copy does not
//! have becomes part of a line, those of kinds that nobody thought of too.

pub mod follow_up_ask;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::care::patient::Reference;
use crate::journey::operations::restore_report::follow_up_ask::FollowUpAsk;
use crate::store::audit::AuditEvent;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns;
use crate::store::events::RetoldEvent;
use crate::store::restore_diff::{LostEvent, RestoreDiff};

/// Case codes named in the task; all of them stand in the list beside the old database.
const NAMED: usize = 20;

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

/// Where in the list a kind of event stands among those that ask for the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ToldPlace {
    At(RetoldEvent),
    /// It has no words of its own.
    Last,
}

/// One line for each kind of event, those that ask for something first. `carried` are the positions of what was carried over.
pub(in crate::journey::operations) fn lines(since: &RestoreDiff, carried: &[usize]) -> Vec<ReportLine> {
    let mut all: BTreeMap<(FollowUpAsk, ToldPlace, String), Vec<String>> = BTreeMap::new();
    for (position, lost) in since.events.iter().enumerate() {
        let known = lost.event.known_action().and_then(RetoldEvent::of);
        let place = known.map_or(ToldPlace::Last, ToldPlace::At);
        let (ask, what) = match known.map(FollowUpAsk::of) {
            _ if carried.contains(&position) => (FollowUpAsk::Carried, carried_words(&lost.event)),
            Some((ask, what)) => (ask, what.to_owned()),
            None => (FollowUpAsk::Know, format!("`{}`", lost.event.action)),
        };
        all.entry((ask, place, what)).or_default().extend(about(lost));
    }
    let line = |((ask, _, what), mut about): ((FollowUpAsk, ToldPlace, String), Vec<String>)| {
        about.sort();
        about.dedup();
        ReportLine { ask, what, about }
    };
    all.into_iter().map(line).filter(|line| !line.about.is_empty()).collect()
}

fn carried_words(event: &AuditEvent) -> String {
    match event.known_action() {
        Some(AuditAction::PatientStatus) => "status that stops letters",
        Some(AuditAction::LettersDeclined | AuditAction::LettersAccepted) => "wishes about letters",
        Some(AuditAction::LettersStopped | AuditAction::LettersStarted) => "kind of letters stopped",
        Some(AuditAction::PatientErased) => "erased there, and erased again here",
        Some(AuditAction::StaffDisabled) => "account turned off",
        Some(AuditAction::StaffRole) => "role of an account",
        Some(AuditAction::StaffRecoveryCodes | AuditAction::StaffRecoveryCodeUsed) => {
            "recovery codes of an account"
        }
        _ => "account with new secrets",
    }
    .to_owned()
}

/// Facts of an event that may be told: days, protocols, states and the like; no free text.
const FACTS: [&str; 14] = [
    "series",
    "number",
    "protocol",
    "anchor_on",
    "on",
    "to",
    "into",
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
    let head = match before {
        Before::PutBack(_) => {
            "The database is older than its sent journal: a backup was put in its place without `aftercare restore`. Letters to \
             patients are held."
        }
        _ => "A backup was restored, and letters to patients are held.",
    };
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
        Before::Read(since) | Before::PutBack(since) => since,
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
    /// Nobody said that it goes away: the sent journal has what an older file in its place does not.
    PutBack(RestoreDiff),
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
        LostEvent {
            event,
            about: vec![about.to_owned()],
            at_time: Some("10:30:00".to_owned()),
            who: None,
            letters: Vec::new(),
        }
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
    fn what_became_of_an_account_or_an_import_is_told_in_words() {
        for action in ["roster.undone", "booking.settled", "staff.role", "setting.set", "inbound.kept"] {
            let lines = lines(&since(vec![lost(action, "{}", "x/1")]), &[]);
            assert!(lines[0].ask == FollowUpAsk::Again && !lines[0].what.contains('`'), "{lines:?}");
        }
    }
}
