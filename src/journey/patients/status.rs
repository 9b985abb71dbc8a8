//! Where a patient stands changes: letters stop or go on, and nobody falls out silently (P2, P7, P8).

pub(in crate::journey) mod address_lost;
pub(in crate::journey) mod death_pause;
pub(in crate::journey) mod status_task;
pub mod pause_end;
mod cancel_dates;
pub(in crate::journey) mod booked_in_pause;
pub(in crate::journey) mod waiting_letters;

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{duplicates, resume};
use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::care::plan::follow_up::FollowUpEvent;
use crate::care::record::suspected_death::SuspectedDeath;
use crate::care::task::TaskKind;
use crate::journey::delivery::failure::send_again;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::step::StepError;
use crate::journey::operations::end_tasks;
use crate::journey::outbox::opt_out_reasons;
use crate::journey::patients::resume::StopReason;
use crate::journey::patients::reversal_request::{self, ReversalRequest};
use crate::journey::sending_policy::{day, zone};
use crate::journey::status_change::StatusChange;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::people::patients::NewStatus;
use crate::store::subject::Subject;

/// Why nobody who was paused is written to again.
const REFUSED_MEANWHILE: &str = "the mail server refused the address meanwhile";
/// Why the tasks about someone are closed who has died.
const DIED: &str = "she has died";
/// Why the tasks end that asked how to follow her without letters.
const BACK: &str = "back in letter follow-up";
/// Why tasks of the survivor's plan are closed while it stands.
const LEFT: &str = "her plan stands: she is followed in another way now";
/// The tasks by which a survivor's plan asks for dates, answers and letters. What is about an alert, or about words of hers, stays.
const OF_PLAN: [TaskKind; 6] = [
    TaskKind::NotBooked,
    TaskKind::Missed,
    TaskKind::Silent,
    TaskKind::NotAsked,
    TaskKind::LetterLapsed,
    TaskKind::Unreachable,
];

/// Records a new status and stops, freezes or wakes her plan with it, in one transaction. A recorded death is undone by two
/// people: what the first asks for is written down and changes nothing until another asks for the same
/// ([`crate::journey::patients::death_reversal`]).
///
/// # Errors
/// `PermissionError::NotSignedIn` or [`StatusError::SecondPerson`] when a death is undone by nobody with an account, or
/// by one; [`StatusError::NoReason`] when that, or what stops letters, has no reason; [`StatusError::PauseOver`] when a
/// pause would end in the past; [`StatusError::NothingToPause`] where letters have stopped for good; the store's own.
pub fn change(tx: &mut Tx<'_>, patient: &Patient, asked: &StatusChange) -> Result<(), StepError> {
    let had_plan = patient.status.keeps_plan();
    record(tx, patient, asked)?;
    if had_plan && !asked.to.keeps_plan() && asked.to != PatientStatus::Deceased {
        tx.close_tasks_of(patient.id, &OF_PLAN, LEFT)?;
    }
    Ok(())
}

/// As [`change`], and what her plan asked of people stays as it is: it goes over to another record.
pub(in crate::journey::patients) fn record(
    tx: &mut Tx<'_>,
    patient: &Patient,
    asked: &StatusChange,
) -> Result<(), StepError> {
    put_on_record(tx, patient, asked, None)
}

/// As [`record`]; where it was told that she may have died, that is why letters to her wait, whatever the reason's words.
fn put_on_record(
    tx: &mut Tx<'_>,
    patient: &Patient,
    asked: &StatusChange,
    told: Option<SuspectedDeath>,
) -> Result<(), StepError> {
    let change = allowed_change(tx, patient, asked, told)?;
    let change = change.as_ref();
    let is_undone = patient.status == PatientStatus::Deceased && change.to != PatientStatus::Deceased;
    // The canary never lived.
    let is_undone = is_undone && !patient.reference.is_canary();
    if (is_undone || !change.to.may_receive()) && change.reason.trim().is_empty() {
        return Err(StatusError::NoReason.into());
    }
    if is_undone && reversal_request::wish(tx, patient, change)? == ReversalRequest::Asked {
        return Ok(());
    }
    let until = change.until.filter(|_| change.to == PatientStatus::Paused);
    if until.is_some_and(|last| last < today(tx, patient)) {
        return Err(StatusError::PauseOver.into());
    }
    let since = tx.status_since(patient.id)?;
    let new = NewStatus { to: change.to, reason: &change.reason, suspected_death: told };
    tx.set_status(patient.id, new, until)?;
    // The reason stands in her record, where it can be erased.
    let mut detail = serde_json::json!({ "from": patient.status.word(), "to": change.to.word(),
        "confirmed_by": change.confirmed_by });
    if change.to == PatientStatus::Paused {
        detail["suspected_death"] = told.map(SuspectedDeath::word).into();
    }
    if let Some(last) = until {
        detail["until"] = last.to_string().into();
    }
    tx.audit(AuditAction::PatientStatus, patient.id, &detail)?;
    if !change.to.may_receive() {
        waiting_letters::follow(tx, patient.id, change.to, told)?;
    }
    let may_have_died = told.is_some();
    if patient.status == PatientStatus::AddressBad && change.to != PatientStatus::AddressBad && !may_have_died
    {
        tx.close_tasks_of(patient.id, &[TaskKind::AddressBad], "her status says how she is followed now")?;
    }
    if !may_have_died {
        tx.close_tasks_of(patient.id, &[TaskKind::DeathSuspected], "somebody has found out")?;
    }
    plan_follows(tx, patient, change, since)?;
    if is_undone {
        tx.reopen_tasks(patient.id, DIED, since)?;
        cancel_dates::undo(tx, patient.id, since)?;
        tx.ring_now(patient.id)?;
    }
    status_task::ask(tx, patient.id, change, told)?;
    if change.to == PatientStatus::Paused {
        booked_in_pause::ask(tx, patient.id, until)?;
    }
    Ok(())
}

/// The change as her record allows it. A pause ends by itself and lets letters go on, so it never stands in place of what ended
/// them for good. Whose address the mail server refused during a pause is not written to when it ends.
fn allowed_change<'a>(
    tx: &Tx<'_>,
    patient: &Patient,
    asked: &'a StatusChange,
    told: Option<SuspectedDeath>,
) -> Result<Cow<'a, StatusChange>, StepError> {
    let may_pause = patient.status.is_asked_by_letter() || patient.status == PatientStatus::Deceased;
    // Whoever brings a new address for somebody who may have died brings no letters with it; nor does the end of that pause to
    // whoever wants none.
    let may_pause = may_pause || told.is_some() && patient.status.keeps_plan();
    match asked.to {
        PatientStatus::Paused if !may_pause => Err(StatusError::NothingToPause.into()),
        PatientStatus::Active
            if patient.status == PatientStatus::Paused
                && tx.has_task(patient.id, TaskKind::AddressBad)? =>
        {
            let reason = format!("{}; {REFUSED_MEANWHILE}", asked.reason);
            Ok(Cow::Owned(StatusChange { to: PatientStatus::AddressBad, reason, ..asked.clone() }))
        }
        _ => Ok(Cow::Borrowed(asked)),
    }
}

/// The day it is where she lives. A zone that cannot be read keeps nobody from recording where she stands.
pub(in crate::journey) fn today(tx: &Tx<'_>, patient: &Patient) -> Date {
    day(tx.at(), &zone(&patient.zone).unwrap_or(TimeZone::UTC))
}

/// Her plan goes on, stands or ends with where she stands now.
fn plan_follows(
    tx: &mut Tx<'_>,
    patient: &Patient,
    change: &StatusChange,
    since: Timestamp,
) -> Result<(), StepError> {
    match change.to {
        PatientStatus::Active => wake(tx, patient, since)?,
        // The plan goes on, only no letter leaves.
        to if to.keeps_plan() && patient.status.keeps_plan() && !patient.may_have_died() => {}
        to if to.keeps_plan() => thaw(tx, patient, since)?,
        PatientStatus::Deceased => on_death(tx, patient.id)?,
        PatientStatus::Transferred => {
            tx.freeze_follow_ups(patient.id)?;
            tx.close_tasks_of(patient.id, &[TaskKind::BaselineMissing], "she is followed elsewhere")?;
            tx.strike_bookings_of(patient.id)?;
        }
        _ => tx.freeze_follow_ups(patient.id)?,
    }
    if to_plan(patient.status, change.to) {
        tx.reopen_tasks(patient.id, LEFT, since)?;
    }
    Ok(())
}

/// Whether her plan goes on that stood.
fn to_plan(from: PatientStatus, to: PatientStatus) -> bool {
    to.keeps_plan() && !from.keeps_plan() && from != PatientStatus::Deceased
}

/// Her plan is frozen and all tasks about her end; her links open nothing while she is recorded as deceased. Nobody is asked to
/// ring the home of someone who has died.
fn on_death(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    tx.freeze_follow_ups(patient)?;
    end_tasks::close_all(tx, patient, DIED)?;
    cancel_dates::strike(tx, patient)?;
    duplicates::ask_after_death(tx, patient)
}

/// The plan goes on, after a short stop as if there had been none. After a long one it goes on from now: what passed in
/// between was not promised, so no burst of old letters follows, but for one that asks to book what is owed still. What a short stop
/// or a dead address ended is laid again while it is of use.
fn wake(tx: &mut Tx<'_>, patient: &Patient, since: Timestamp) -> Result<(), StepError> {
    thaw(tx, patient, since)?;
    // What failed by the address goes again as it is; only what has no letter any more is laid again.
    if patient.status == PatientStatus::AddressBad {
        send_again::address_is_good(tx, patient.id)?;
    }
    // A dead address is no break that anybody wanted, however long it lasted.
    if resume::is_short(since, tx.at()) || patient.status == PatientStatus::AddressBad {
        resume::is_over(tx, patient.id, StopReason::Status(patient.status))?;
    } else {
        resume::asks_to_book(tx, patient.id, StopReason::Status(patient.status))?;
    }
    tx.close_tasks_for(patient.id, &status_task::cause(patient.id, patient.status), BACK)?;
    for follow_up in tx.follow_ups_of(patient.id)? {
        let paused = Subject::from(follow_up.id).part("paused");
        tx.close_tasks_caused(TaskKind::ReviewPlan, &paused, BACK)?;
    }
    tx.close_tasks_of(patient.id, &[TaskKind::AddressBad, TaskKind::HandOver], BACK)?;
    opt_out_reasons::close_in_person(tx, patient.id, BACK)
}

/// Lets her open follow-ups ask for something again: from now on, or after a short stop from where they were.
fn thaw(tx: &mut Tx<'_>, patient: &Patient, since: Timestamp) -> Result<(), StepError> {
    for follow_up in tx.follow_ups_of(patient.id)? {
        if follow_up.is_open() {
            tx.reopen_follow_up(&follow_up, FollowUpEvent::Resume)?;
            if resume::is_short(since, tx.at()) {
                tx.promise_from(follow_up.id, resume::promised_from(&follow_up, tx.at()))?;
            }
            tx.set_next(follow_up.id, Some(tx.at()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::journey::fixture::{Fixture, due, fixture, triage};

    fn stands(fixture: &Fixture, by: &str, change: StatusChange) -> Result<(), StepError> {
        let her = fixture.her();
        fixture.write((by, due()), move |tx| super::change(tx, &her, &change))
    }

    fn to(status: PatientStatus) -> StatusChange {
        StatusChange { to: status, reason: "told by phone".to_owned(), until: None, confirmed_by: None }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_stops_letters_needs_a_reason_and_a_pause_a_day_to_come() {
        let fixture = fixture(triage());
        for status in PatientStatus::ALL.into_iter().filter(|s| !s.may_receive()) {
            let tried = stands(&fixture, "cli:root", StatusChange { reason: " ".to_owned(), ..to(status) });
            assert!(matches!(tried, Err(StepError::Status(StatusError::NoReason))), "{status:?}");
        }
        let until = |on| StatusChange { until: Some(on), ..to(PatientStatus::Paused) };
        assert!(matches!(
            stands(&fixture, "cli:root", until(date(2026, 3, 2))),
            Err(StepError::Status(StatusError::PauseOver))
        ));
        stands(&fixture, "cli:root", until(date(2026, 3, 3))).unwrap();
    }

    /// A pause ends by itself, and then letters go: to nobody whose letters had ended for good.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_pause_never_stands_in_place_of_what_ended_letters() {
        let lasting = |to: &PatientStatus| !to.is_asked_by_letter() && *to != PatientStatus::Deceased;
        for status in PatientStatus::ALL.into_iter().filter(lasting) {
            let fixture = fixture(triage());
            stands(&fixture, "cli:root", to(status)).unwrap();
            let pause = StatusChange { until: Some(date(2026, 4, 1)), ..to(PatientStatus::Paused) };
            let tried = stands(&fixture, "cli:root", pause);
            assert!(matches!(tried, Err(StepError::Status(StatusError::NothingToPause))), "{status:?}");
            assert_eq!(fixture.her().status, status);
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_bounce_and_a_new_address_leave_a_pause_as_it_is() {
        let fixture = fixture(triage());
        let last = date(2026, 4, 1);
        stands(&fixture, "cli:root", StatusChange { until: Some(last), ..to(PatientStatus::Paused) })
            .unwrap();
        let refused = |tx: &mut Tx<'_>, her: &Patient| address_lost::refused(tx, her);
        let her = fixture.her();
        fixture.write(("daemon", due()), move |tx| refused(tx, &her)).unwrap();
        let her = fixture.her();
        assert_eq!((her.status, her.paused_until), (PatientStatus::Paused, Some(last)));
        let asked = |fixture: &Fixture| {
            let id = fixture.her().id;
            fixture.clinic.store.read(|view| view.has_task(id, TaskKind::AddressBad)).unwrap()
        };
        assert!(asked(&fixture), "nobody was told that the address is dead");
        stands(&fixture, "daemon", to(PatientStatus::Active)).unwrap();
        assert_eq!(fixture.her().status, PatientStatus::AddressBad, "the dead address is written to");
        assert!(asked(&fixture));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_pause_of_years_is_looked_at() {
        let fixture = fixture(triage());
        let years = StatusChange { until: Some(date(2040, 1, 1)), ..to(PatientStatus::Paused) };
        stands(&fixture, "cli:root", years).unwrap();
        let id = fixture.her().id;
        assert!(fixture.clinic.store.read(|view| view.has_task(id, TaskKind::ReviewPlan)).unwrap());
    }
}
