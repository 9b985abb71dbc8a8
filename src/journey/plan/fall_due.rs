//! A bell rang: follow-ups whose instant has come turn their due steps into letters, tasks or recorded lapses, and say
//! when to look again. One poison record is pushed an hour ahead with a task; it never stops the others.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::discharge;
use crate::care::patient::Patient;
use crate::care::plan::appointment::AppointmentEvent;
use crate::care::plan::due_steps::{Booking, Due, NextLook, OVERTAKEN, OpenFollowUp, TOO_LATE, agenda};
use crate::care::plan::follow_up::{FollowUpEvent, FollowUpState};
use crate::care::plan::protocol::{At, Series, Trigger};
use crate::care::plan::reminder::ReminderState;
use crate::care::plan::schedule::after;
use crate::care::task;
use crate::care::time::calendar;
use crate::care::time::clock_trust::Trusted;
use crate::care::time::span::later;
use crate::journey::deps::Deps;
use crate::journey::errors::content::ContentError;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::enqueue;
use crate::journey::outbox::fact_names::NO_FORM;
use crate::journey::plan::expiry::{self, task_of};
use crate::journey::plan::withdraw_follow_up::withdraw;
use crate::journey::planned_follow_up::PlannedFollowUp;
use crate::journey::protocol_cache;
use crate::journey::sending_policy::{Local, day, zone};
use crate::store::audit_action::AuditAction;
use crate::store::db::row_location::RowLocation;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::plan::appointments::Booked;
use crate::store::plan::follow_ups::{FollowUp, FollowUpId, NewFollowUp};
use crate::store::plan::reminders::{NewReminder, ReminderEntry, ReminderTimes};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Follow-ups per transaction: small enough that an answer waiting to be stored is not kept waiting.
const BATCH: u32 = 200;
/// What cannot be dealt with now is looked at again after so long.
const LOOK_AGAIN: std::time::Duration = std::time::Duration::from_secs(3600);

/// What falling due led to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FallDueSummary {
    /// Promises put into letters.
    pub due: u32,
    /// Promises recorded as lapsed.
    pub lapsed: u32,
}

/// Lets everything fall due whose instant has come.
///
/// # Errors
/// [`StepError`] when the store fails; single bad records do not.
pub async fn fall_due(clinic: &Deps, now: Trusted) -> Result<FallDueSummary, StepError> {
    let mut all = FallDueSummary::default();
    // Each round moves every row it sees past `now` or closes it; the bound only guards against a rule that does not.
    for _ in 0..1_000_000 {
        let steps = clinic.clone();
        let (seen, fallen) = clinic.store.write(Stamp::daemon(now.at()), move |tx| round(tx, &steps)).await?;
        all.due += fallen.due;
        all.lapsed += fallen.lapsed;
        if seen == 0 {
            break;
        }
    }
    Ok(all)
}

fn round(tx: &mut Tx<'_>, clinic: &Deps) -> Result<(usize, FallDueSummary), StepError> {
    let due = tx.follow_ups_due(tx.at(), BATCH)?;
    let mut known: Option<Patient> = None;
    let done = tx.each(&due, |tx, &(patient, follow_up)| {
        let patient = match known.take().filter(|p| p.id == patient) {
            Some(same) => same,
            None => tx.patient(patient)?,
        };
        let fallen = advance(tx, &patient, follow_up, clinic);
        known = Some(patient);
        fallen
    });
    let mut all = FallDueSummary::default();
    for (fallen, (_, id)) in done.into_iter().zip(&due) {
        match fallen {
            Ok(fallen) => {
                all.due += fallen.due;
                all.lapsed += fallen.lapsed;
            }
            Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
            Err(fault) => set_aside(tx, *id, &fault)?,
        }
    }
    Ok((due.len(), all))
}

fn set_aside(tx: &mut Tx<'_>, id: FollowUpId, fault: &StepError) -> Result<(), StepError> {
    tracing::error!(follow_up = id.0, %fault, "follow-up set aside for an hour");
    let again = later(tx.at(), LOOK_AGAIN);
    if let Err(fault) = tx.shielded(|tx| tx.set_next(id, Some(again))) {
        if fault.is_everyones() {
            return Err(fault.into());
        }
        tx.note_stuck("follow_up", id.0);
    }
    // The row itself may be what cannot be read.
    let follow_up = tx.follow_up(id).ok();
    if let (StepError::Content(ContentError::Zone(_)), Some(follow_up)) = (fault, &follow_up) {
        tx.note_unread("patient", follow_up.patient.0, "her time zone is not in the zone database");
    }
    tx.open_task(&NewTask {
        kind: task::TaskKind::ReviewPlan,
        cause: Subject::from(id).part("stuck"),
        patient: tx.whose(&RowLocation { table: "follow_up".to_owned(), row: id.0.to_string() })?,
        follow_up: follow_up.map(|f| f.id),
        reason: format!("Her plan cannot be worked out (follow-up {}): {fault}.", id.0),
        due_at: tx.at(),
    })?;
    Ok(())
}

fn advance(
    tx: &mut Tx<'_>,
    patient: &Patient,
    follow_up: FollowUpId,
    clinic: &Deps,
) -> Result<FallDueSummary, StepError> {
    // Nobody is asked for a date with somebody who may have died; once that is known her plan goes on, or ends.
    if !patient.status.keeps_plan() || patient.may_have_died() {
        tx.set_next(follow_up, None)?;
        return Ok(FallDueSummary::default());
    }
    let (follow_up, enrolment) = tx.follow_up_enrolled(follow_up)?;
    let protocol = clinic.protocol_cache.get(tx, enrolment.version)?;
    let series = protocol_cache::series_of(&protocol, &follow_up)?;
    let zone = zone(&patient.zone)?;
    let (gone, asked) = (tx.reminder_keys(follow_up.id)?, tx.asked_steps(&follow_up, tx.at())?);
    let open = OpenFollowUp {
        series,
        owed: follow_up.owed,
        booking: booking(tx, &follow_up)?,
        promised_from: follow_up.promised_from,
        gone: &gone,
        asked: &asked,
    };
    let local = Local { policy: &clinic.policy, zone: &zone };
    let (mut due, then) = agenda(&open, tx.at(), local.hours());
    let planned = PlannedFollowUp { patient, follow_up: &follow_up, enrolment: &enrolment, series };
    let is_held = tx.is_held()?;
    if is_held {
        // What falls due enters letters that wait, so that a person sees it. Nothing lapses before the hold ends.
        due.retain(|one| matches!(one, Due::Letter(_) | Due::Task { .. }));
    }
    let fallen = carry_out(tx, &planned, due, local)?;
    let again = later(tx.at(), LOOK_AGAIN);
    match then {
        NextLook::Wait(at) if is_held => tx.set_next(follow_up.id, Some(at.min(again)))?,
        NextLook::Close if is_held => tx.set_next(follow_up.id, Some(again))?,
        NextLook::Wait(at) => tx.set_next(follow_up.id, Some(at))?,
        NextLook::Close => close(tx, &planned, &zone, clinic)?,
    }
    Ok(fallen)
}

fn carry_out(
    tx: &mut Tx<'_>,
    planned: &PlannedFollowUp<'_>,
    due: Vec<Due<'_>>,
    local: Local<'_>,
) -> Result<FallDueSummary, StepError> {
    let follow_up = planned.follow_up;
    let mut fallen = FallDueSummary::default();
    for item in due {
        match item {
            Due::Letter(laid) => match enqueue::enqueue(tx, planned, &laid, local)? {
                enqueue::Enqueued::InLetter => fallen.due += 1,
                enqueue::Enqueued::Lapsed => fallen.lapsed += 1,
                enqueue::Enqueued::Withdrawn | enqueue::Enqueued::LeftBefore | enqueue::Enqueued::Held => {}
            },
            Due::Late(laid) => {
                if enqueue::lapse(tx, planned, &laid, TOO_LATE)? == enqueue::Enqueued::Lapsed {
                    fallen.lapsed += 1;
                }
            }
            Due::Overtaken(laid) if enqueue::left_before(tx, planned, &laid)? => {}
            Due::Overtaken(laid) => {
                let entry = ReminderEntry::Over(ReminderState::Lapsed, OVERTAKEN.to_owned());
                tx.insert_reminder(
                    follow_up,
                    NewReminder { key: &enqueue::key(&laid), times: enqueue::slot(&laid), entry },
                )?;
                fallen.lapsed += 1;
            }
            // The list of an import asks for that date.
            Due::Task { kind: task::TaskKind::NotBooked, .. } if tx.is_on_booking_list(follow_up.id)? => {}
            Due::Task { kind, key } => {
                let slot = ReminderTimes {
                    send_on: local.day(tx.at()),
                    send_at: tx.at(),
                    expires_at: Timestamp::MAX,
                };
                tx.insert_reminder(
                    follow_up,
                    NewReminder { key: &key, times: slot, entry: ReminderEntry::Task },
                )?;
                if kind == task::TaskKind::NotBooked {
                    // One call about one date, not two.
                    let called_off = Subject::from(follow_up.id).part("called-off");
                    tx.close_tasks_caused(kind, &called_off, "it is due now: another task asks for it")?;
                }
                tx.open_task(&task_of(tx, follow_up, kind, &key.1))?;
            }
        }
    }
    Ok(fallen)
}

/// Closes a follow-up whose last day is over and writes the next of its series down.
fn close(
    tx: &mut Tx<'_>,
    planned: &PlannedFollowUp<'_>,
    zone: &TimeZone,
    clinic: &Deps,
) -> Result<(), StepError> {
    let PlannedFollowUp { follow_up, series, .. } = *planned;
    let today = day(tx.at(), zone);
    withdraw(tx, follow_up, "its time is over")?;
    let end = expiry::verdict(tx, planned, zone)?;
    tx.close_follow_up(follow_up, end, today)?;
    if let Some(appointment) = tx.appointment_of(follow_up.id)?
        && let Some(state) = appointment.state.after(AppointmentEvent::Miss)
    {
        tx.update_appointment(&Booked { state, ..appointment })?;
    }
    match end.event {
        FollowUpEvent::Miss => {
            count_misses(tx, follow_up, series)?;
            if follow_up.state == FollowUpState::Booked {
                expiry::ask_about_missed(tx, follow_up, series)?;
            }
        }
        FollowUpEvent::Cancel if end.reason == NO_FORM => {
            tx.open_task(&expiry::not_asked(tx, follow_up)).map(drop)?;
        }
        FollowUpEvent::Cancel if follow_up.kind.is_bookable() => {
            tx.open_task(&expiry::away(tx, follow_up)).map(drop)?;
        }
        _ => {}
    }
    let detail = serde_json::json!({ "series": follow_up.series, "number": follow_up.owed.number });
    tx.audit(AuditAction::FollowUpClosed, follow_up.id, &detail)?;
    go_on(tx, planned, None, clinic)
}

/// Two in a row without an answer: a person rings her (P7).
fn count_misses(tx: &mut Tx<'_>, follow_up: &FollowUp, series: &Series) -> Result<(), StepError> {
    let Some(step) = series.remind.iter().find(|s| s.at == At::AfterTwoMisses) else { return Ok(()) };
    let before = follow_up.owed.number.saturating_sub(1);
    let previous = tx.follow_up_state(follow_up.enrolment, &follow_up.series, before)?;
    if previous == Some(FollowUpState::Missed) {
        let key = (Trigger::Remind, step.name.clone(), follow_up.owed.due_on);
        let slot =
            ReminderTimes { send_on: follow_up.owed.closes_on, send_at: tx.at(), expires_at: Timestamp::MAX };
        tx.insert_reminder(follow_up, NewReminder { key: &key, times: slot, entry: ReminderEntry::Task })?;
        tx.open_task(&NewTask {
            kind: task::TaskKind::Silent,
            cause: Subject::from(follow_up.patient).part(&follow_up.series),
            reason: format!(
                "No answer to {} on {} and the one before.",
                follow_up.series, follow_up.owed.due_on
            ),
            ..task_of(tx, follow_up, task::TaskKind::Silent, &step.name)
        })?;
    }
    Ok(())
}

/// Writes the follow-up after this one down; at the protocol's end, asks a person. Where the protocol rebases, the
/// grid moves by as many days as the visit that took place on `done_on`, or the one before it, was off.
pub(in crate::journey) fn go_on(
    tx: &mut Tx<'_>,
    planned: &PlannedFollowUp<'_>,
    done_on: Option<Date>,
    clinic: &Deps,
) -> Result<(), StepError> {
    let PlannedFollowUp { patient, follow_up, enrolment, series } = *planned;
    if !enrolment.is_active {
        // A booked visit that outlived its plan: what follows it is the new plan's.
        return Ok(());
    }
    let zone = zone(&patient.zone)?;
    let local = Local { policy: &clinic.policy, zone: &zone };
    let Some(owed) = after(series, enrolment.anchor_on, &follow_up.owed, done_on) else {
        return discharge::series_over(tx, planned, done_on, clinic);
    };
    if tx.follow_up_state(enrolment.id, &series.id, owed.number)?.is_some() {
        return Ok(());
    }
    // The promise existed all along; only its row is new. Steps that passed while nobody looked lapse on the record.
    let FollowUp { enrolment, patient, kind, promised_from, .. } = *follow_up;
    let series_id = follow_up.series.clone();
    let mut new =
        NewFollowUp { enrolment, patient, series: series_id, kind, owed, promised_from, next_at: None };
    new.next_at = Some(first_look(&new, series, tx.at(), local));
    tx.insert_follow_up(new)?;
    Ok(())
}

/// When a follow-up just written down asks for something first.
pub(in crate::journey) fn first_look(
    new: &NewFollowUp,
    series: &Series,
    now: Timestamp,
    local: Local<'_>,
) -> Timestamp {
    let open = OpenFollowUp {
        series,
        owed: new.owed,
        booking: Booking::None,
        promised_from: new.promised_from,
        gone: &[],
        asked: &[],
    };
    match agenda(&open, now, local.hours()) {
        (due, NextLook::Wait(at)) if due.is_empty() => at,
        _ => now,
    }
}

pub(in crate::journey) fn booking(tx: &View<'_>, follow_up: &FollowUp) -> Result<Booking, StepError> {
    if follow_up.state != FollowUpState::Booked {
        return Ok(Booking::None);
    }
    let Some(appointment) = tx.appointment_of(follow_up.id)? else { return Ok(Booking::None) };
    let at = calendar::instant(appointment.on, appointment.at, &zone(&appointment.zone)?);
    Ok(Booking::On { on: appointment.on, at })
}
