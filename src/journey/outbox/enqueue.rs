//! Puts a due promise into a letter: one letter a patient and local day, within caps and open hours; or records, with
//! the reason, why it will not leave.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::care::patient::PatientId;
use crate::care::plan::due_steps::Key;
use crate::care::plan::protocol::{FollowUpKind, Trigger};
use crate::care::plan::reminder::ReminderState;
use crate::care::plan::reminder_times::TimedStep;
use crate::care::task;
use crate::care::time::calendar::instant;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::final_check::prior_delivery;
use crate::journey::outbox::opt_out_reasons::{self, NO_ADDRESS};
use crate::journey::planned_follow_up::PlannedFollowUp;
use crate::journey::sending_policy::{Local, Policy, in_days};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::mail::delivery::{DeliveryId, NewDelivery, Purpose};
use crate::store::people::preferences::LetterKind;
use crate::store::plan::reminders::{LetterDay, NewReminder, ReminderEntry, ReminderTimes};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// How far ahead a letter may be put off by caps before it is given up.
const DAYS_AHEAD: usize = 15;

/// Why a promise lapses that no letter can carry in time.
pub(in crate::journey) const NO_DAY: &str = "the caps left no day for it in time";

/// What became of a promise as it fell due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey) enum Enqueued {
    /// A letter carries it.
    InLetter,
    /// Its use ends before a letter can carry it.
    Lapsed,
    /// Her status or record stands against it.
    Withdrawn,
    /// A letter said it before a backup was restored.
    LeftBefore,
    /// No letter can carry it in time as things stand, but letters to patients are held: nothing is on record of it.
    Held,
}

/// The natural key of a step within its follow-up.
pub(in crate::journey) fn key(laid: &TimedStep<'_>) -> Key {
    (laid.trigger, laid.step.name.clone(), laid.basis_on)
}

/// When a step is to be sent, and until when that is of use.
pub(in crate::journey) fn slot(laid: &TimedStep<'_>) -> ReminderTimes {
    ReminderTimes { send_on: laid.send_on, send_at: laid.send_at, expires_at: laid.useful_until }
}

/// Puts a step whose hour has come into a letter that waits or a new one; or records why no letter will say it.
pub(in crate::journey) fn enqueue(
    tx: &mut Tx<'_>,
    planned: &PlannedFollowUp<'_>,
    laid: &TimedStep<'_>,
    local: Local<'_>,
) -> Result<Enqueued, StepError> {
    let PlannedFollowUp { patient, follow_up, series, .. } = *planned;
    if !patient.status.may_receive() {
        let withdrawn = withdraw(tx, planned, laid, patient.status.word().to_owned())?;
        opt_out_reasons::ask_in_person(tx, planned, laid)?;
        return Ok(withdrawn);
    }
    if patient.letters_to().is_none() {
        tx.open_task(&unreachable(tx, planned, laid))?;
        return withdraw(tx, planned, laid, NO_ADDRESS.to_owned());
    }
    if local.policy.leaflet_off(series).is_some() {
        return withdraw(tx, planned, laid, "the clinic has switched this leaflet off".to_owned());
    }
    let declined = LetterKind::of(follow_up.kind);
    if tx.declined(patient.id)?.contains(&declined) {
        opt_out_reasons::ask(tx, patient.id)?;
        return withdraw(tx, planned, laid, opt_out_reasons::reason(declined));
    }
    let useful = UsefulSpan { from: tx.at().max(laid.send_at), until: laid.useful_until };
    let Some(route) = route(tx, patient.id, useful, local)? else {
        // Nothing lapses while letters are held: they may leave later than the caps know.
        return if tx.is_held()? { Ok(Enqueued::Held) } else { lapse(tx, planned, laid, NO_DAY) };
    };
    let delivery = match route {
        ReminderRoute::Join(id) => {
            tx.widen(id, laid.useful_until, series.on_unknown)?;
            tx.look_again_from(id, useful.from)?;
            id
        }
        ReminderRoute::New(at) => tx.enqueue(&NewDelivery {
            patient: Some(patient.id),
            recipient: None,
            purpose: Purpose::Reminders,
            local_on: local.day(at),
            next_at: at,
            expires_at: laid.useful_until,
            on_unknown: series.on_unknown,
            inputs: None,
        })?,
    };
    tx.insert_reminder(
        follow_up,
        NewReminder { key: &key(laid), times: slot(laid), entry: ReminderEntry::Due(delivery) },
    )?;
    let detail = serde_json::json!({ "step": laid.step.name, "delivery": delivery.0 });
    tx.audit(AuditAction::ReminderDue, follow_up.id, &detail)?;
    Ok(Enqueued::InLetter)
}

/// Records that no letter will say it, and why.
fn withdraw(
    tx: &mut Tx<'_>,
    planned: &PlannedFollowUp<'_>,
    laid: &TimedStep<'_>,
    reason: String,
) -> Result<Enqueued, StepError> {
    let entry = ReminderEntry::Over(ReminderState::Cancelled, reason);
    tx.insert_reminder(planned.follow_up, NewReminder { key: &key(laid), times: slot(laid), entry })?;
    Ok(Enqueued::Withdrawn)
}

/// Records that a promise lost its use, and asks a person where she should hear of it another way. Of a nudge nobody is asked:
/// the form is awaited all the same, and its silence is counted when it closes. One that is known to have left is kept.
pub(in crate::journey) fn lapse(
    tx: &mut Tx<'_>,
    planned: &PlannedFollowUp<'_>,
    laid: &TimedStep<'_>,
    reason: &str,
) -> Result<Enqueued, StepError> {
    let PlannedFollowUp { patient, follow_up, .. } = *planned;
    if left_before(tx, planned, laid)? {
        return Ok(Enqueued::LeftBefore);
    }
    let is_nudge = is_nudge(tx, planned, laid)?;
    let entry = ReminderEntry::Over(ReminderState::Lapsed, reason.to_owned());
    tx.insert_reminder(follow_up, NewReminder { key: &key(laid), times: slot(laid), entry })?;
    let detail = serde_json::json!({ "step": laid.step.name, "reason": reason });
    tx.audit(AuditAction::ReminderLapsed, follow_up.id, &detail)?;
    if patient.status.may_receive() && !is_nudge {
        tx.open_task(&NewTask {
            kind: task::TaskKind::LetterLapsed,
            cause: Subject::from(patient.id).part(laid.send_on),
            reason: format!("The letter `{}` of {} could not leave in time.", laid.step.name, laid.send_on),
            ..unreachable(tx, planned, laid)
        })?;
    }
    opt_out_reasons::ask_in_person(tx, planned, laid)?;
    Ok(Enqueued::Lapsed)
}

/// Keeps a promise of which it is known that a letter said it before a backup was restored. Returns whether it is.
pub(in crate::journey) fn left_before(
    tx: &mut Tx<'_>,
    planned: &PlannedFollowUp<'_>,
    laid: &TimedStep<'_>,
) -> Result<bool, StepError> {
    let (follow_up, key) = (planned.follow_up, key(laid));
    if !prior_delivery::has_said(tx, follow_up.id, &key)? {
        return Ok(false);
    }
    let entry = ReminderEntry::Over(ReminderState::Sent, prior_delivery::LEFT.to_owned());
    tx.insert_reminder(follow_up, NewReminder { key: &key, times: slot(laid), entry })?;
    Ok(true)
}

/// Whether an earlier letter was to ask for the same answer.
fn is_nudge(tx: &Tx<'_>, planned: &PlannedFollowUp<'_>, laid: &TimedStep<'_>) -> Result<bool, StepError> {
    let follow_up = planned.follow_up;
    if follow_up.kind != FollowUpKind::Checklist || laid.trigger != Trigger::Remind {
        return Ok(false);
    }
    let asks = |(trigger, step, _): &Key| *trigger == Trigger::Remind && !step.starts_with("staff-task");
    Ok(tx.reminder_keys(follow_up.id)?.iter().any(asks))
}

/// The task for a person to tell her what no letter can.
fn unreachable(tx: &Tx<'_>, planned: &PlannedFollowUp<'_>, laid: &TimedStep<'_>) -> NewTask {
    let PlannedFollowUp { patient, follow_up, .. } = *planned;
    NewTask {
        kind: task::TaskKind::Unreachable,
        cause: Subject::from(patient.id).to_string(),
        patient: Some(patient.id),
        follow_up: Some(follow_up.id),
        reason: format!("No address for the letter `{}` of {}.", laid.step.name, laid.send_on),
        due_at: in_days(tx.at(), 1),
    }
}

/// The letter in which a promise travels; `L` names a letter, as [`LetterDay`] has it.
pub(in crate::journey) enum ReminderRoute<L> {
    /// In this letter, which waits already.
    Join(L),
    /// In a new one at this instant.
    New(Timestamp),
}

/// From when on something may be told, and until when that is of use.
#[derive(Debug, Clone, Copy)]
pub(in crate::journey) struct UsefulSpan {
    /// Not before this instant.
    pub(in crate::journey) from: Timestamp,
    /// Of no use from this instant on.
    pub(in crate::journey) until: Timestamp,
}

/// The first letter or day on which a promise can travel and is still of use.
pub(in crate::journey) fn route(
    view: &View<'_>,
    patient: PatientId,
    useful: UsefulSpan,
    local: Local<'_>,
) -> Result<Option<ReminderRoute<DeliveryId>>, StepError> {
    let at = local.next_open(useful.from);
    let (first, last) =
        (local.day(at).saturating_sub(6.days()), local.day(useful.until).saturating_add(6.days()));
    Ok(route_among(&view.letter_days(patient, first, last)?, useful, local))
}

/// The same among letters that are known: all of hers from six days before the first open day.
pub(in crate::journey) fn route_among<L: Copy>(
    letters: &[LetterDay<L>],
    UsefulSpan { from, until }: UsefulSpan,
    local: Local<'_>,
) -> Option<ReminderRoute<L>> {
    let Local { policy, zone } = local;
    let mut at = local.next_open(from);
    for _ in 0..DAYS_AHEAD {
        if at >= until {
            return None;
        }
        let on = local.day(at);
        let mut that_day = letters.iter().filter(|l| l.on == on && !l.is_news).peekable();
        if that_day.peek().is_none() && has_room(letters, on, policy) {
            return Some(ReminderRoute::New(at));
        }
        // One that may have arrived already closes the day, whatever waits beside it.
        if let Some(letter) = that_day.next().filter(|l| l.has_room && that_day.all(|l| l.has_room)) {
            return Some(ReminderRoute::Join(letter.letter));
        }
        at = local.next_open(instant(on.saturating_add(1.day()), policy.hours.at, zone));
    }
    None
}

/// Whether one more letter of reminders on that day keeps the day, news she or staff caused included, and every seven
/// days in a row around it, within the caps.
pub(in crate::journey) fn has_room<L>(letters: &[LetterDay<L>], on: Date, policy: &Policy) -> bool {
    let below = |count: usize, cap: u32| count < usize::try_from(cap).unwrap_or(usize::MAX);
    let week = |first: Date| {
        let days = first..=first.saturating_add(6.days());
        letters.iter().filter(|l| !l.is_news && days.contains(&l.on)).count()
    };
    below(letters.iter().filter(|l| l.on == on).count(), policy.daily_cap)
        && (0..7_i64).all(|back| below(week(on.saturating_sub(back.days())), policy.weekly_cap))
}
