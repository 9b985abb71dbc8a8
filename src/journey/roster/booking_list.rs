//! Those who come in mid-course with an import and need a date that no letter asks for: one list behind one task, ordered by
//! urgency and spread over working days. It ends by itself, and nobody on it counts as without a next contact (P7, P8, P16).

use jiff::civil::Date;

use crate::care::patient::PatientId;
use crate::care::permission::Act;
use crate::care::roster::booking_list::{BookingUrgency, order, spread};
use crate::care::task::TaskKind;
use crate::care::time::calendar;
use crate::journey::authorize::permit_account;
use crate::journey::errors::roster::RosterError;
use crate::journey::errors::step::StepError;
use crate::journey::plan::enrol::{Admission, Admitted};
use crate::journey::sending_policy::{Policy, day, zone};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::plan::follow_ups::FollowUpId;
use crate::store::roster::booking_list::NewBooking;
use crate::store::roster::imports::ImportId;
use crate::store::work::tasks::NewTask;

/// What a person must book.
#[derive(Debug, Clone, Copy)]
pub(in crate::journey) struct Unbooked {
    follow_up: FollowUpId,
    patient: PatientId,
    due_on: Date,
    anchor_on: Date,
}

/// What of somebody who was taken in a person must book.
pub(in crate::journey) fn unbooked(
    admission: &Admission,
    admitted: &Admitted,
) -> impl Iterator<Item = Unbooked> {
    // All courses of a roster's row count from one date.
    let anchor_on = admission.courses.first().map(|course| course.anchor_on);
    let all = admitted.overdue.iter().chain(&admitted.unasked);
    all.map(move |follow_up| Unbooked {
        follow_up: follow_up.id,
        patient: follow_up.patient,
        due_on: follow_up.owed.due_on,
        anchor_on: anchor_on.unwrap_or(follow_up.owed.due_on),
    })
}

/// Writes the list of an import down and opens its task.
pub(in crate::journey) fn open(
    tx: &mut Tx<'_>,
    import: ImportId,
    mut all: Vec<Unbooked>,
    bookings: &BookingPace<'_>,
) -> Result<(), StepError> {
    if all.is_empty() {
        return Ok(());
    }
    let here = zone(&bookings.policy.zone)?;
    let today = day(tx.at(), &here);
    all.sort_by_key(|one| order(one.due_on, one.anchor_on, today));
    let days = spread(today, bookings.a_day, &bookings.policy.hours.days);
    let lines: Vec<NewBooking> = all
        .iter()
        .zip(days)
        .map(|(one, book_by)| NewBooking {
            follow_up: one.follow_up,
            patient: one.patient,
            book_by,
            due_at: calendar::end_of_day(book_by, &here),
        })
        .collect();
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Ok(()) };
    let long = all.iter().filter(|one| is_long_overdue(one, today)).count();
    tx.insert_bookings(import, &lines)?;
    tx.open_task(&NewTask {
        kind: TaskKind::ImportBookings,
        cause: import.cause(),
        patient: None,
        follow_up: None,
        reason: format!(
            "{} dates to book, {long} of them long overdue: {} a working day, the last by {}.",
            lines.len(),
            bookings.a_day,
            last.book_by
        ),
        due_at: first.due_at,
    })?;
    Ok(())
}

/// How many are booked a day, and which days count.
#[derive(Clone, Copy)]
pub(in crate::journey) struct BookingPace<'a> {
    /// How many a working day.
    pub(in crate::journey) a_day: u32,
    /// What the clinic decided about days and zone.
    pub(in crate::journey) policy: &'a Policy,
}

fn is_long_overdue(one: &Unbooked, today: Date) -> bool {
    BookingUrgency::of(one.due_on, today) == BookingUrgency::LongOverdue
}

/// A person decided that no date is to be booked for a line of the list, and says why. Her plan goes on as it is.
///
/// # Errors
/// [`RosterError::NoReason`] without words; the permission's own; the store's `is_not_found` when the task has no such line,
/// or no more.
pub fn settle(tx: &mut Tx<'_>, task: i64, follow_up: FollowUpId, note: &str) -> Result<(), StepError> {
    permit_account(tx, Act::SettleBooking)?;
    if note.trim().is_empty() {
        return Err(RosterError::NoReason.into());
    }
    let import = list_of(tx, task)?;
    tx.settle_booking(import, follow_up, note.trim())?;
    let detail = serde_json::json!({ "import": import.0, "task": task });
    tx.audit(AuditAction::BookingSettled, follow_up, &detail)?;
    Ok(())
}

/// The import behind a task.
fn list_of(tx: &Tx<'_>, task: i64) -> Result<ImportId, StepError> {
    let found = tx.task(task)?;
    let import = ImportId::of_cause(&found.cause).filter(|_| found.kind == TaskKind::ImportBookings);
    import.ok_or_else(|| RosterError::NoList.into())
}
