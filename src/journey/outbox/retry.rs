//! A person lets letters go again that were refused: each under its own Message-ID, with what of it is still owed and of use.
//! A letter that stays as it is says why.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::enqueue::{self, ReminderRoute, UsefulSpan};
use crate::care::delivery::{DeliveryEvent, DeliveryState};
use crate::care::patient::{Patient, PatientStatus, Reference};
use crate::care::permission::Act;
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::due_steps::{OpenFollowUp, outlook};
use crate::care::plan::reminder::{ReminderEvent, ReminderState};
use crate::care::task::TaskKind;
use crate::journey::authorize::permit_account;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::fact_names::CLOSING;
use crate::journey::outbox::withdraw;
use crate::journey::plan::discharge;
use crate::journey::plan::fall_due::booking;
use crate::journey::protocol_cache;
use crate::journey::sending_policy::{Local, day, zone};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::delivery::{Delivery, DeliveryId, NextStep, Purpose};
use crate::store::people::preferences;
use crate::store::plan::reminders::{self, Reminder};

/// Which of the failed letters are to go again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryScope {
    /// These, whatever their state.
    These(Vec<DeliveryId>),
    /// Every failed letter of this patient.
    Of(Reference),
    /// Every failed letter there is, those to staff included.
    All,
}

/// What becomes of one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetryResult {
    /// The letter that was to go again.
    pub id: DeliveryId,
    /// Whose it is; `None` for staff.
    pub reference: Option<String>,
    /// What happens to it.
    pub end: RetryEnd,
}

/// What happens to a letter that is to go again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetryEnd {
    /// It goes again, not before this instant.
    Again(Timestamp),
    /// Another letter waits for her: what this one says travels with it.
    With(DeliveryId),
    /// It stays as it is.
    Stays(RetryRefusal),
}

/// Why a letter is not sent again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RetryRefusal {
    /// Only what failed is sent again.
    #[error("it has not failed: it is {}", .0.word())]
    NotFailed(DeliveryState),
    /// An alert is told again by itself.
    #[error("letters to staff are repeated by themselves")]
    Staff,
    /// Her status ends letters.
    #[error("her status is {}: no letter leaves", .0.word())]
    Status(PatientStatus),
    /// Nowhere to send it.
    #[error("there is no address on record")]
    NoAddress,
    /// She declined letters of that kind.
    #[error("she does not want letters about {}", .0.word())]
    Declined(preferences::LetterKind),
    /// Its use is over.
    #[error("it would come too late to be of use")]
    TooLate,
    /// She came, booked, answered, or her plan was changed.
    #[error("nothing it says is owed any more")]
    NotOwed,
    /// Caps and closed days leave none.
    #[error("no open day is left on which it may leave in time")]
    NoDay,
    /// It cannot be read.
    #[error("its record cannot be read: {0}")]
    Unreadable(String),
}

/// What would happen, changing nothing: done and undone, since of two letters to one reader the second depends on the first.
///
/// # Errors
/// [`StepError`]: no such patient or letter; the store's own.
pub fn preview(clinic: &Deps, stamp: Stamp, which: RetryScope) -> Result<Vec<RetryResult>, StepError> {
    let steps = clinic.clone();
    let job = move |tx: &mut Tx<'_>| -> Result<(), Undone> {
        Err(retry_all(tx, &which, &steps).map_or_else(Undone::Failed, Undone::Shown))
    };
    match clinic.store.write_blocking(stamp, job) {
        Ok(()) => Ok(Vec::new()),
        Err(Undone::Shown(answers)) => Ok(answers),
        Err(Undone::Failed(fault)) => Err(fault),
    }
}

/// Why a change was undone.
enum Undone {
    Shown(Vec<RetryResult>),
    Failed(StepError),
}

impl From<StoreError> for Undone {
    fn from(fault: StoreError) -> Self {
        Self::Failed(fault.into())
    }
}

/// What would happen to one letter.
///
/// # Errors
/// [`StepError`] when there is none, or the store fails.
pub fn outlook_of(
    view: &View<'_>,
    id: DeliveryId,
    now: Timestamp,
    clinic: &Deps,
) -> Result<RetryEnd, StepError> {
    let check = RetryCheck { view, clinic, now };
    Ok(check.plan(id)?.map_or_else(RetryEnd::Stays, |plan| plan.end()))
}

/// Lets them go again, in one transaction; a letter that cannot be dealt with stays as it is and stops no other.
///
/// # Errors
/// As [`preview`].
pub fn retry(clinic: &Deps, stamp: Stamp, which: RetryScope) -> Result<Vec<RetryResult>, StepError> {
    let steps = clinic.clone();
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| retry_all(tx, &which, &steps))
}

/// [`retry`] of one letter, from a page.
///
/// # Errors
/// As [`preview`].
pub async fn retry_one(clinic: &Deps, stamp: Stamp, id: DeliveryId) -> Result<RetryEnd, StepError> {
    let steps = clinic.clone();
    let job = move |tx: &mut Tx<'_>| retry_all(tx, &RetryScope::These(vec![id]), &steps);
    let mut done = clinic.store.write(stamp, job).await?;
    clinic.bells.letters.notify_one();
    let answer = done.pop().ok_or_else(|| StoreError::not_found(&format!("letter `{}`", id.0)))?;
    Ok(answer.end)
}

fn retry_all(tx: &mut Tx<'_>, which: &RetryScope, clinic: &Deps) -> Result<Vec<RetryResult>, StepError> {
    permit_account(tx, Act::RetryLetter)?;
    let chosen = chosen(tx, which)?;
    let done = tx.each(&chosen, |tx, id| {
        let plan = RetryCheck { view: tx, clinic, now: tx.at() }.plan(*id)?;
        if let Ok(plan) = &plan {
            carry_out(tx, plan)?;
        }
        Ok(plan)
    });
    let mut answers = Vec::new();
    for (plan, id) in done.into_iter().zip(chosen) {
        match plan {
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            plan => answers.push(answer(tx, id, plan)),
        }
    }
    Ok(answers)
}

fn chosen(view: &View<'_>, which: &RetryScope) -> Result<Vec<DeliveryId>, StepError> {
    Ok(match which {
        RetryScope::These(ids) => {
            for id in ids {
                view.delivery(*id)?;
            }
            ids.clone()
        }
        RetryScope::Of(reference) => view.letters_failed(Some(view.patient_by_reference(reference)?.id))?,
        RetryScope::All => view.letters_failed(None)?,
    })
}

fn answer(
    view: &View<'_>,
    id: DeliveryId,
    plan: Result<Result<RetryPlan, RetryRefusal>, StepError>,
) -> RetryResult {
    let end = match plan {
        Ok(Ok(plan)) => plan.end(),
        Ok(Err(why)) => RetryEnd::Stays(why),
        Err(fault) => RetryEnd::Stays(RetryRefusal::Unreadable(fault.to_string())),
    };
    let owner = view.delivery(id).ok().and_then(|letter| letter.patient);
    let reference = owner.and_then(|id| view.patient(id).ok()).map(|p| p.reference.as_str().to_owned());
    RetryResult { id, reference, end }
}

/// How a letter goes again.
struct RetryPlan {
    letter: Delivery,
    /// Its promises that are owed still.
    owed: Vec<Reminder>,
    route: ReminderRoute<DeliveryId>,
    zone: TimeZone,
}

impl RetryPlan {
    fn end(&self) -> RetryEnd {
        match self.route {
            ReminderRoute::Join(id) => RetryEnd::With(id),
            ReminderRoute::New(at) => RetryEnd::Again(at),
        }
    }
}

/// What is asked of a letter that is to go again; changes nothing.
struct RetryCheck<'a, 'v> {
    view: &'a View<'v>,
    clinic: &'a Deps,
    now: Timestamp,
}

impl RetryCheck<'_, '_> {
    /// How a letter goes again, or why it stays.
    fn plan(&self, id: DeliveryId) -> Result<Result<RetryPlan, RetryRefusal>, StepError> {
        let RetryCheck { view, clinic, now } = *self;
        let letter = view.delivery(id)?;
        let Some(patient) = letter.patient.map(|id| view.patient(id)).transpose()? else {
            return Ok(Err(RetryRefusal::Staff));
        };
        if let Some(why) = forbidden(&letter, &patient) {
            return Ok(Err(why));
        }
        let promises = view.promised_by(id)?;
        let (mut owed, mut whys) = (Vec::new(), Vec::new());
        for promised in promises.iter().filter(|p| p.reminder.state == ReminderState::Undeliverable) {
            match self.refusal(promised, &patient)? {
                None => owed.push(promised.reminder.clone()),
                Some(why) => whys.push(why),
            }
        }
        // A letter without promises (a link she asked for) says what it said while it is of use.
        let until = if promises.is_empty() {
            Some(letter.expires_at)
        } else {
            owed.iter().map(|r| r.expires_at).max()
        };
        let Some(until) = until else { return Ok(Err(whys.pop().unwrap_or(RetryRefusal::NotOwed))) };
        if until <= now {
            return Ok(Err(RetryRefusal::TooLate));
        }
        let zone = zone(&patient.zone)?;
        let local = Local { policy: &clinic.policy, zone: &zone };
        let route = match letter.purpose {
            Purpose::Reminders => enqueue::route(view, patient.id, UsefulSpan { from: now, until }, local)?,
            _ if promises.is_empty() => Some(ReminderRoute::New(now)),
            _ => Some(local.next_open(now)).filter(|at| *at < until).map(ReminderRoute::New),
        };
        Ok(route.ok_or(RetryRefusal::NoDay).map(|route| RetryPlan { letter, owed, route, zone }))
    }

    /// Why a promise that did not reach her is owed no more; `None` if it is.
    fn refusal(
        &self,
        promised: &reminders::Promised,
        patient: &Patient,
    ) -> Result<Option<RetryRefusal>, StepError> {
        let RetryCheck { view, clinic, now } = *self;
        let reminders::Promised { reminder, follow_up, version, .. } = promised;
        if reminder.expires_at <= now {
            return Ok(Some(RetryRefusal::TooLate));
        }
        let kind = preferences::LetterKind::of(follow_up.kind);
        if view.declined(patient.id)?.contains(&kind) {
            return Ok(Some(RetryRefusal::Declined(kind)));
        }
        let step = reminder.key.1.as_str();
        let is_owed = if step == CLOSING {
            discharge::closing(view, patient)?.is_some()
        } else if let Some((word, _)) = step.split_once('.') {
            // News of a date is owed while the date stands as it was told.
            view.appointment_of(follow_up.id)?.is_some_and(|a| {
                step == format!("{word}.{}.{}", a.id, a.sequence)
                    && (a.state == AppointmentState::Cancelled) == (word == "cancelled")
            })
        } else {
            let protocol = clinic.protocol_cache.get(view, *version)?;
            let open = OpenFollowUp {
                series: protocol_cache::series_of(&protocol, follow_up)?,
                owed: follow_up.owed,
                booking: booking(view, follow_up)?,
                promised_from: Timestamp::MIN,
                gone: &[],
                asked: &view.asked_steps(follow_up, now)?,
            };
            let local = Local { policy: &clinic.policy, zone: &zone(&patient.zone)? };
            let laid = outlook(&open, now, local.hours());
            follow_up.is_open() && laid.iter().any(|(laid, _)| enqueue::key(laid) == reminder.key)
        };
        Ok((!is_owed).then_some(RetryRefusal::NotOwed))
    }
}

fn forbidden(letter: &Delivery, patient: &Patient) -> Option<RetryRefusal> {
    if letter.state != DeliveryState::Failed {
        return Some(RetryRefusal::NotFailed(letter.state));
    }
    if letter.purpose == Purpose::Canary {
        return Some(RetryRefusal::Staff);
    }
    if !patient.status.may_receive() {
        return Some(RetryRefusal::Status(patient.status));
    }
    patient.letters_to().is_none().then_some(RetryRefusal::NoAddress)
}

fn carry_out(tx: &mut Tx<'_>, plan: &RetryPlan) -> Result<(), StepError> {
    let RetryPlan { letter, owed, route, zone } = plan;
    for reminder in owed {
        tx.move_reminder(reminder, ReminderEvent::Retry, None)?;
    }
    let detail = match route {
        ReminderRoute::Join(id) => {
            let until = owed.iter().map(|r| r.expires_at).max().unwrap_or(letter.expires_at);
            tx.widen(*id, until, letter.on_unknown)?;
            tx.hand_over_reminders(letter.id, *id)?;
            serde_json::json!({ "with": id.0 })
        }
        ReminderRoute::New(at) => {
            tx.move_day(letter.id, day(*at, zone))?;
            if !tx.settle(letter, DeliveryEvent::Retry, &NextStep::Again(*at))? {
                return Err(StoreError::conflict("somebody else has dealt with that letter").into());
            }
            tx.date_anew(letter.id)?;
            serde_json::json!({ "next_at": at.to_string() })
        }
    };
    tx.audit(AuditAction::DeliveryRetried, letter.id, &detail)?;
    Ok(tx.close_tasks_caused(TaskKind::LetterFailed, &withdraw::subject(letter), "it is sent again")?)
}
