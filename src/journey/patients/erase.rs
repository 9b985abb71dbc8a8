//! A record is erased when its time is over: one person asks, another agrees, each in a session of their own. What is left is a
//! husk that nothing is sent to; it is not undone.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::care::patient::{Patient, PatientId};
use crate::care::permission::Act;
use crate::care::record::erasure::{ErasureEvent, ExportProof};
use crate::care::record::retention::{self, Erasability, KeptReason, RecordAge, RetentionBasis};
use crate::care::task::TaskKind;
use crate::care::task_state::TaskState;
use crate::care::time::span::later;
use crate::journey::authorize::permit_or_operator;
use crate::journey::errors::people::erasure::ErasureError;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::{Policy, day, zone};
use crate::store::db::transaction::{Tx, View};
use crate::store::people::erasure::record_age::RetentionCutoff;
use crate::store::people::erasure::request::Erasure;

/// Whoever has not been agreed with by then asks again.
const HOLDS: Duration = Duration::from_secs(30 * 24 * 3600);

/// What is known of a record's age, and what that allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordVerdict {
    /// Its days, and what keeps it.
    pub age: RecordAge,
    /// Whether it may be erased today.
    pub erasability: Erasability,
    /// Whether it was given out since the last contact with her.
    pub is_exported: bool,
}

/// Whether a record may be erased, by the clinic's own days.
///
/// # Errors
/// [`StepError`] when the store fails or the clinic's zone is unknown.
pub fn verdict(
    view: &View<'_>,
    patient: &Patient,
    now: Timestamp,
    policy: &Policy,
) -> Result<RecordVerdict, StepError> {
    let zone = zone(&policy.zone)?;
    let known = view.record_instants(patient.id)?;
    let age = RecordAge {
        status: patient.status,
        status_on: day(known.status_since, &zone),
        last_contact_on: day(known.last_contact, &zone),
        kept_because: kept_because(view, patient)?,
    };
    let erasability = retention::erasability(&age, &policy.retention, day(now, &zone));
    let is_exported = known.exported.is_some_and(|at| at >= known.last_contact);
    Ok(RecordVerdict { age, erasability, is_exported })
}

fn kept_because(view: &View<'_>, patient: &Patient) -> Result<Vec<KeptReason>, StepError> {
    let mut kept = Vec::new();
    if patient.reference.is_canary() {
        kept.push(KeptReason::DailyTest);
    }
    // A death or a transfer has stopped the plan: nobody ends it besides, so it would keep the record for ever. Whoever only
    // wants no letters is followed by phone or on paper.
    let goes_on = |is_active: bool| is_active && patient.status.keeps_plan();
    let plans = view.enrolments_of(patient.id)?.into_iter().filter(|one| goes_on(one.is_active));
    kept.extend(plans.map(|one| KeptReason::Plan(one.protocol)));
    kept.extend(view.alerts_open_of(patient.id)?.iter().map(|alert| KeptReason::Alert(alert.id.0)));
    let tasks = view.tasks_of(patient.id)?.into_iter().filter(|task| task.state == TaskState::Open);
    kept.extend(tasks.map(|task| KeptReason::Task(task.id)));
    if view.has_letter_leaving(patient.id)? {
        kept.push(KeptReason::LetterLeaving);
    }
    // Nobody knows for sure what day it is, or what happened since a copy was made.
    if view.has_any_open(TaskKind::Hold)? {
        kept.push(KeptReason::Hold);
    }
    Ok(kept)
}

/// Until when the last contact or the record of a death must lie back for its time to be over; a day more than the calendar of
/// leap years could take away, so that the list misses nobody.
///
/// # Errors
/// [`StepError`] when the clinic's zone is unknown.
pub fn cutoff(policy: &Policy, now: Timestamp) -> Result<RetentionCutoff, StepError> {
    let zone = zone(&policy.zone)?;
    let today = day(now, &zone);
    let end = |on: Date, zone: &TimeZone| {
        let end = on.tomorrow().unwrap_or(on).to_datetime(Time::midnight()).to_zoned(zone.clone());
        end.map_or(now, |end| end.timestamp())
    };
    let of = |basis| policy.retention.over_since(basis, today).map(|on| end(on, &zone));
    Ok(RetentionCutoff { last_contact: of(RetentionBasis::LastContact), death: of(RetentionBasis::Death) })
}

/// The actor asks for a record to be erased; nothing else changes yet.
///
/// # Errors
/// `PermissionError`; [`ErasureError`]; the store's own.
pub(in crate::journey) fn ask(
    tx: &mut Tx<'_>,
    patient: &Patient,
    export: ExportProof,
    policy: &Policy,
) -> Result<(), StepError> {
    permit_or_operator(tx, Act::EraseRecord)?;
    if standing(tx, patient.id)?.is_some() {
        return Err(ErasureError::AskedAlready.into());
    }
    let found = allowed(tx, patient, policy)?;
    if export == ExportProof::Made && !found.is_exported {
        return Err(ErasureError::NotExported.into());
    }
    let until = later(tx.at(), HOLDS);
    Ok(tx.ask_erasure(patient.id, export, until)?)
}

/// The actor agrees, and the record is erased. It is looked at once more: what was true when it was asked may not be now.
///
/// # Errors
/// As [`ask`].
pub(in crate::journey) fn agree(
    tx: &mut Tx<'_>,
    patient: &Patient,
    policy: &Policy,
) -> Result<(), StepError> {
    permit_or_operator(tx, Act::EraseRecord)?;
    let asked = standing(tx, patient.id)?.ok_or(ErasureError::NothingAsked)?;
    if asked.asked_by.eq_ignore_ascii_case(&tx.actor().word()) {
        return Err(ErasureError::SecondPerson.into());
    }
    let found = allowed(tx, patient, policy)?;
    if asked.export == ExportProof::Made && !found.is_exported {
        return Err(ErasureError::NotExported.into());
    }
    tx.erase_record(&asked)?;
    Ok(())
}

/// The actor says that the record stays.
///
/// # Errors
/// As [`ask`].
pub(in crate::journey) fn decline(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    permit_or_operator(tx, Act::EraseRecord)?;
    let asked = standing(tx, patient)?.ok_or(ErasureError::NothingAsked)?;
    Ok(tx.end_erasure(&asked, ErasureEvent::Decline)?)
}

fn allowed(tx: &Tx<'_>, patient: &Patient, policy: &Policy) -> Result<RecordVerdict, StepError> {
    let found = verdict(tx, patient, tx.at(), policy)?;
    match found.erasability {
        Erasability::Since(_) => Ok(found),
        _ => Err(ErasureError::NotAllowed.into()),
    }
}

/// What stands asked; what nobody agreed to in time, or before the clock was set back, is over.
fn standing(tx: &mut Tx<'_>, patient: PatientId) -> Result<Option<Erasure>, StepError> {
    let Some(asked) = tx.erasure_of(patient)? else { return Ok(None) };
    if is_open(&asked, tx.at()) {
        return Ok(Some(asked));
    }
    tx.end_erasure(&asked, ErasureEvent::Expire)?;
    Ok(None)
}

/// Whether somebody else can still agree.
#[must_use]
pub fn is_open(asked: &Erasure, now: Timestamp) -> bool {
    asked.asked_at <= now && now < asked.expires_at
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::patient::PatientStatus;
    use crate::care::record::retention::{RetentionPeriods, has_left};
    use crate::journey::fixture::{at, due, fixture, triage};
    use crate::journey::patients::status;
    use crate::journey::status_change::StatusChange;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_dead_are_not_kept_by_the_plan_that_their_death_has_stopped() {
        let fixture = fixture(triage());
        let (her, store) = (fixture.her(), &fixture.clinic.store);
        assert!(store.read(|view| view.enrolments_of(her.id)).unwrap().iter().any(|plan| plan.is_active));
        let policy = Policy {
            retention: RetentionPeriods { after_last_contact: None, after_death: Some(1) },
            ..(*fixture.clinic.policy).clone()
        };
        let died = StatusChange {
            to: PatientStatus::Deceased,
            reason: "told by her family".to_owned(),
            until: None,
            confirmed_by: None,
        };
        fixture.write(("cli:root", due()), move |tx| status::change(tx, &her, &died)).unwrap();
        let found = |now: &str| {
            store.read(|view| -> Result<_, StepError> {
                let found = verdict(view, &fixture.her(), at(now), &policy)?.erasability;
                let listed = view.records_over(cutoff(&policy, at(now))?, PatientId(0))?.rows.len();
                Ok((found, listed))
            })
        };
        let (early, none) = found("2027-03-01T12:00:00Z").unwrap();
        assert!(matches!(early, Erasability::NotBefore(_)) && none == 0, "{early:?}");
        let (over, one) = found("2027-03-05T12:00:00Z").unwrap();
        assert!(matches!(over, Erasability::Since(_)) && one == 1, "{over:?}, {one} listed");
    }

    #[test]
    fn whoever_has_left_has_no_plan_that_goes_on_but_who_wants_no_letters_and_then_it_keeps_her_record() {
        let left = PatientStatus::ALL.into_iter().filter(|status| has_left(*status) && status.keeps_plan());
        assert_eq!(left.collect::<Vec<_>>(), [PatientStatus::OptedOutEmail]);
    }
}
