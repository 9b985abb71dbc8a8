//! A backup is about to take the database's place: letters to patients are held, marks of lost rows are fenced off, everybody
//! is signed out, and of what happened since, whatever stops letters or keeps somebody out is carried over. The rest is told
//! a person, line by line, from the old audit.

use jiff::civil::Date;

use crate::care::guards::stop_kind::StopKind;
use crate::care::patient::{Patient, PatientStatus, Reference};
use crate::care::record::suspected_death::SuspectedDeath;
use crate::care::task::TaskKind;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::LinkKey;
use crate::journey::operations::guards::letter_stop;
use crate::journey::operations::restore::{held_letters, prior};
use crate::journey::operations::restore_report::{self, Before, ReportLine, detail, lines, word};
use crate::journey::patients::status::{death_pause, waiting_letters};
use crate::journey::patients::{opt_out, status};
use crate::journey::sending_policy::day;
use crate::journey::status_change::StatusChange;
use crate::store::audit_action::AuditAction;
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::store::journal::prior_letters::PriorStatus;
use crate::store::people::erasure::request::RepeatedErasure;
use crate::store::people::preferences::LetterKind as Letters;
use crate::store::restore_diff::{ACCOUNT_CHANGES, LostEvent, RestoreDiff};
use crate::store::subject::{LETTER_KIND, Singleton, Subject};
use crate::store::work::tasks::NewTask;

/// What is known of the database that a backup takes the place of.
pub struct Restoration {
    /// What it held that the backup does not.
    pub before: Before,
    /// The key that will lie beside the backup; `None` where none was found.
    pub key: Option<LinkKey>,
    /// The file in which every lost event stands.
    pub list: String,
}

/// Makes a copy ready to take the database's place, all in one transaction; it is on hold until a person has looked.
///
/// # Errors
/// [`StepError`] when the store fails; one record that cannot be carried over stops no other.
pub fn restored(store: &Store, stamp: Stamp, restoration: Restoration) -> Result<Vec<ReportLine>, StepError> {
    let Restoration { before, key, list } = restoration;
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        tx.mark_restored()?;
        tx.end_all_sessions()?;
        let compared = matches!(before, Before::Read(_) | Before::PutBack(_));
        tx.audit(
            AuditAction::DatabaseRestored,
            Singleton::Database,
            &serde_json::json!({ "compared": compared }),
        )?;
        note_key(tx, key)?;
        let told = match &before {
            Before::Read(since) | Before::PutBack(since) => {
                let carried = carry_over(tx, since);
                tx.keep_prior_letters(&prior::letters(since))?;
                keep_statuses(tx, since)?;
                lines(since, &carried)
            }
            Before::Nothing | Before::Unreadable(_) => Vec::new(),
        };
        let (now, reason) = (tx.at(), restore_report::reason(&before, &told, &list));
        tx.open_task(&NewTask {
            kind: TaskKind::Hold,
            cause: held_letters::CAUSE.to_owned(),
            patient: None,
            follow_up: None,
            reason,
            due_at: now,
        })?;
        Ok(told)
    })
}

/// Records a status that a person tells while a backup is restored; a death is never taken back so.
///
/// # Errors
/// [`StepError`]: there is no such patient, or the store fails.
pub fn told(store: &Store, stamp: Stamp, code: Reference, to: PatientStatus) -> Result<(), StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        let patient = tx.patient_by_reference(&code)?;
        if patient.status == to || patient.status == PatientStatus::Deceased {
            return Ok(());
        }
        let reason = "told while a backup was restored".to_owned();
        status::change(tx, &patient, &StatusChange { to, reason, until: None, confirmed_by: None })
    })
}

/// Where those stood whom the copy does not have, should they be put on record again.
fn keep_statuses(tx: &mut Tx<'_>, since: &RestoreDiff) -> Result<(), StepError> {
    for lost in &since.events {
        let moved = lost.event.known_action() == Some(AuditAction::PatientStatus);
        let to = word(&detail(&lost.event), "to").and_then(|to| PatientStatus::parse(&to).ok());
        if let (Some(who), Some(to), true) = (&lost.who, to, moved)
            && whose(lost).is_none_or(|code| tx.patient_by_reference(&code).is_err_and(|e| e.is_not_found()))
        {
            let suspected_death = suspicion(lost, since);
            tx.keep_prior_status(who, PriorStatus { status: to, suspected_death })?;
        }
    }
    Ok(())
}

/// The copy of a version that did not note its key.
fn note_key(tx: &mut Tx<'_>, key: Option<LinkKey>) -> Result<(), StoreError> {
    match key {
        Some(key) if tx.known_key()?.is_none() => tx.note_key(&key.fingerprint()),
        _ => Ok(()),
    }
}

/// Positions of the events that were carried over: what stops letters or keeps somebody out was right when it was recorded,
/// and a person can undo it.
fn carry_over(tx: &mut Tx<'_>, since: &RestoreDiff) -> Vec<usize> {
    for account in &since.accounts {
        report(tx.carry_account(account).map(drop).map_err(StepError::from), &account.name);
    }
    // First, so that nothing of what follows is about somebody who is erased.
    let mut carried = erase_again(tx, since);
    for (position, lost) in since.events.iter().enumerate() {
        let done = match lost.event.known_action() {
            Some(AuditAction::PatientStatus) => tx.shielded(|tx| stop(tx, lost, since)),
            Some(AuditAction::LettersDeclined | AuditAction::LettersAccepted) => {
                tx.shielded(|tx| wish(tx, lost))
            }
            Some(AuditAction::LettersStopped | AuditAction::LettersStarted) => {
                tx.shielded(|tx| kind_stop(tx, lost, &since.events[position + 1..]))
            }
            Some(account) if ACCOUNT_CHANGES.contains(&account) => Ok(true),
            _ => Ok(false),
        };
        match done {
            Ok(true) => carried.push(position),
            Ok(false) => {}
            Err(fault) => report(Err(fault), &lost.event.subject),
        }
    }
    carried
}

/// Whoever was erased after the copy was made is erased in it as well: two people decided it, and the copy must not bring her
/// back. Returns the positions of the events that say so of those who are.
fn erase_again(tx: &mut Tx<'_>, since: &RestoreDiff) -> Vec<usize> {
    let mut done = Vec::new();
    for before in &since.erased {
        let subject = Subject::from(before.patient).to_string();
        match tx.shielded(|tx| erase_in_copy(tx, before)) {
            Ok(true) => done.push(subject),
            Ok(false) => {}
            Err(fault) => report(Err(fault), &subject),
        }
    }
    let is_done = |lost: &LostEvent| {
        lost.event.known_action() == Some(AuditAction::PatientErased) && done.contains(&lost.event.subject)
    };
    since.events.iter().enumerate().filter(|(_, lost)| is_done(lost)).map(|(at, _)| at).collect()
}

/// The patient of that case code; `None` where nothing is left of her.
fn unless_erased(tx: &Tx<'_>, reference: &Reference) -> Result<Option<Patient>, StepError> {
    match tx.patient_by_reference(reference) {
        Err(fault) if fault.erased_at().is_some() => Ok(None),
        found => Ok(Some(found?)),
    }
}

/// An alert that is open in the copy is a person's to close first; until then at least no letter goes to her.
fn erase_in_copy(tx: &mut Tx<'_>, before: &RepeatedErasure) -> Result<bool, StepError> {
    const AGAIN: &str = "the record was erased before a backup was restored";
    if !tx.has_back(before)? {
        return Ok(false);
    }
    if !tx.alerts_open_of(before.patient)?.is_empty() {
        let (to, reason) = (PatientStatus::Transferred, AGAIN.to_owned());
        let gone = StatusChange { to, reason, until: None, confirmed_by: None };
        status::change(tx, &tx.patient(before.patient)?, &gone)?;
        return Ok(false);
    }
    waiting_letters::stop(tx, before.patient, AGAIN)?;
    // A record that cannot be read is erased all the same.
    let today = match tx.patient(before.patient) {
        Ok(patient) => status::today(tx, &patient),
        Err(_) => day(tx.at(), &jiff::tz::TimeZone::UTC),
    };
    for enrolment in tx.enrolments_of(before.patient)?.iter().filter(|one| one.is_active) {
        tx.close_enrolment(enrolment.id, AGAIN, today)?;
    }
    tx.close_all_tasks(before.patient, AGAIN)?;
    tx.repeat_erasure(before)?;
    Ok(true)
}

/// A status that stops letters is carried over, and so is a death, above all; what lets letters go on is told.
fn stop(tx: &mut Tx<'_>, lost: &LostEvent, since: &RestoreDiff) -> Result<bool, StepError> {
    let detail = detail(&lost.event);
    let Some((reference, to)) = whose(lost).zip(word(&detail, "to")) else {
        return Ok(false);
    };
    let Ok(to) = PatientStatus::parse(&to) else { return Ok(false) };
    let Some(patient) = unless_erased(tx, &reference)? else { return Ok(true) };
    if to.may_receive() || patient.status == PatientStatus::Deceased {
        return Ok(to == PatientStatus::Deceased);
    }
    let told = suspicion(lost, since);
    // What stops letters for good in the copy stands; a person hears of the pause.
    let may_pause = patient.status.is_asked_by_letter() || told.is_some() && patient.status.keeps_plan();
    if to == PatientStatus::Paused && !may_pause {
        return Ok(false);
    }
    // Audits of earlier versions tell the reason themselves.
    let stands = || since.status_reasons.as_ref()?.get(reference.as_str()).map(|why| why.text.clone());
    let reason = word(&detail, "reason").or_else(|| told.map(|told| told.reason().to_owned()));
    let reason = reason.or_else(stands).unwrap_or_else(|| "why is not known any more".to_owned());
    let reason = format!("recorded before a backup was restored: {reason}");
    if let Some(told) = told {
        if !patient.may_have_died() {
            death_pause::begin_because(tx, &patient, told, reason)?;
        }
        return Ok(true);
    }
    let until = since.pauses.get(reference.as_str()).cloned().or_else(|| word(&detail, "until"));
    let until = until.and_then(|on| on.parse::<Date>().ok());
    // A pause whose last day is over ends with today: without its end it would never.
    let until = until.filter(|_| to == PatientStatus::Paused).map(|on| on.max(status::today(tx, &patient)));
    status::change(tx, &patient, &StatusChange { to, reason, until, confirmed_by: None })?;
    Ok(true)
}

/// How it was told that she may have died, where that was why she was paused. Events of earlier versions do not say: the old database
/// does, by where she stood in the end. Where that is gone a pause without a last day may have been for that, and a person finds out.
fn suspicion(lost: &LostEvent, since: &RestoreDiff) -> Option<SuspectedDeath> {
    let detail = detail(&lost.event);
    if word(&detail, "to").as_deref() != Some(PatientStatus::Paused.word()) {
        return None;
    }
    if let Some(told) = detail.get("suspected_death") {
        // A word of a later version says the same.
        return told.as_str().map(|told| SuspectedDeath::parse(told).unwrap_or(SuspectedDeath::Untold));
    }
    match (&since.status_reasons, word(&detail, "reason")) {
        (_, Some(reason)) => SuspectedDeath::meant_by(&reason),
        (Some(stand), None) => stand.get(whose(lost)?.as_str())?.suspected_death,
        (None, None) => word(&detail, "until").is_none().then_some(SuspectedDeath::Untold),
    }
}

/// A kind of letters that was stopped at the end is stopped here as well. A stop that was over by then asks for nothing; that the
/// kind went on which the copy has stopped is told.
fn kind_stop(tx: &mut Tx<'_>, lost: &LostEvent, later: &[LostEvent]) -> Result<bool, StepError> {
    const WHY: &str = "stopped before a backup was restored";
    let is_last = later.iter().all(|other| other.event.subject != lost.event.subject);
    let Some(word) = lost.event.subject.strip_prefix(LETTER_KIND) else { return Ok(false) };
    let kind = StopKind::stored(word.to_owned());
    let in_copy = tx.letter_stops()?.iter().any(|stop| stop.kind == kind);
    match (lost.event.known_action() == Some(AuditAction::LettersStopped), is_last) {
        (true, true) => letter_stop::put_in_force(tx, &kind, WHY).map(|_| true),
        (false, true) => Ok(!in_copy),
        (_, false) => Ok(true),
    }
}

/// Kinds of letters she declined are carried over, in the order of her wishes; that she takes them again is her wish as well.
fn wish(tx: &mut Tx<'_>, lost: &LostEvent) -> Result<bool, StepError> {
    let kind = word(&detail(&lost.event), "kind").and_then(|kind| Letters::parse(&kind));
    let Some((reference, kind)) = whose(lost).zip(kind) else { return Ok(false) };
    let Some(patient) = unless_erased(tx, &reference)? else { return Ok(true) };
    let patient = patient.id;
    match lost.event.known_action() {
        Some(AuditAction::LettersDeclined) => opt_out::decline(tx, patient, &[kind])?,
        _ => drop(tx.accept_again(patient, kind)?),
    }
    Ok(true)
}

fn whose(lost: &LostEvent) -> Option<Reference> {
    let reference = Reference::parse(lost.about.first()?).ok()?;
    Some(reference).filter(|reference| !reference.is_canary())
}

fn report(carried: Result<(), StepError>, subject: &str) {
    if let Err(fault) = carried {
        tracing::error!(subject, %fault, "what was recorded before the restore could not be carried over");
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::audit::AuditEvent;
    use crate::store::people::patient_status::StatusReason;

    fn pause(detail: &str) -> LostEvent {
        let event = AuditEvent {
            id: 1,
            at: 0,
            actor: "daemon".to_owned(),
            action: AuditAction::PatientStatus.name().to_owned(),
            subject: "patient/1".to_owned(),
            detail: detail.to_owned(),
            hash: Vec::new(),
        };
        LostEvent { event, about: vec!["A-1".to_owned()], at_time: None, who: None, letters: Vec::new() }
    }

    /// What the old database says of her, and that it was lost.
    #[test]
    fn a_pause_of_an_earlier_version_is_taken_for_what_the_old_database_says_else_for_the_worst() {
        let gone = RestoreDiff::default();
        let stands = |text: &str, suspected_death| {
            let why = StatusReason { text: text.to_owned(), suspected_death };
            RestoreDiff {
                status_reasons: Some(BTreeMap::from([("A-1".to_owned(), why)])),
                ..RestoreDiff::default()
            }
        };
        let travels = stands("travels", None);
        let told = stands(SuspectedDeath::Alike.reason(), Some(SuspectedDeath::Alike));
        let old = r#"{"from":"active","to":"paused"}"#;
        assert_eq!(suspicion(&pause(old), &gone), Some(SuspectedDeath::Untold));
        assert_eq!(suspicion(&pause(old), &travels), None);
        assert_eq!(suspicion(&pause(old), &told), Some(SuspectedDeath::Alike));
        let until = r#"{"from":"active","to":"paused","until":"2026-05-01"}"#;
        assert_eq!(suspicion(&pause(until), &gone), None, "whoever travels comes back");
        for (word, expected) in [("null", None), ("\"message\"", Some(SuspectedDeath::Message))] {
            let new = format!(r#"{{"to":"paused","suspected_death":{word}}}"#);
            assert_eq!(suspicion(&pause(&new), &gone), expected);
        }
        assert_eq!(suspicion(&pause(r#"{"to":"deceased"}"#), &gone), None);
    }
}
