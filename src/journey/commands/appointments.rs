//! A date at the clinic is booked, moved, called off or recorded as kept, on the writer thread.

use jiff::civil::Date;

use crate::care::patient::Reference;
use crate::care::permission::Act;
use crate::journey::authorize::permit_account;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::plan::booking_request::{
    BookingRequest, CancellationRequest, CompletedVisit, ExtraVisitRequest, Tell,
};
use crate::journey::plan::{book, extra_visit};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::plan::follow_ups::FollowUp;

/// What a command does to an appointment.
#[derive(Debug, Clone)]
pub enum AppointmentCommand {
    /// Books a date for a visit or test that is owed.
    Book(BookingRequest),
    /// Adds a visit that no protocol asks for.
    Add(ExtraVisitRequest),
    /// Moves a booked date.
    Move(BookingRequest),
    /// Calls a booked date off.
    Cancel(CancellationRequest),
    /// Records that a visit or test took place.
    Done(CompletedVisit),
}

impl AppointmentCommand {
    /// The day on which she comes or came; none where a date is called off.
    #[must_use]
    pub fn on(&self) -> Option<Date> {
        match self {
            Self::Book(wish) | Self::Move(wish) => Some(wish.slot.on),
            Self::Add(wish) => Some(wish.slot.on),
            Self::Done(visit) => Some(visit.on),
            Self::Cancel(_) => None,
        }
    }

    /// Whether she is to hear of it by a letter.
    #[must_use]
    pub fn is_told(&self) -> bool {
        let tell = match self {
            Self::Book(wish) | Self::Move(wish) => wish.tell,
            Self::Add(wish) => wish.tell,
            Self::Cancel(wish) => wish.tell,
            Self::Done(_) => Tell::Nobody,
        };
        tell == Tell::Patient
    }
}

/// Does it in one transaction; gives back the follow-ups it touched.
///
/// # Errors
/// [`StepError`]: no such patient, nothing fits, the date is past.
pub fn change_appointment(
    clinic: &Deps,
    stamp: Stamp,
    whose: Reference,
    command: AppointmentCommand,
) -> Result<Vec<FollowUp>, StepError> {
    let steps = clinic.clone();
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| apply(tx, &whose, &command, &steps))
}

pub(in crate::journey::commands) fn apply(
    tx: &mut Tx<'_>,
    whose: &Reference,
    command: &AppointmentCommand,
    clinic: &Deps,
) -> Result<Vec<FollowUp>, StepError> {
    permit_account(tx, Act::ChangeDate)?;
    let patient = tx.patient_by_reference(whose)?;
    match command {
        AppointmentCommand::Book(wish) => Ok(vec![book::book(tx, &patient, wish, clinic)?]),
        AppointmentCommand::Add(wish) => Ok(vec![extra_visit::add(tx, &patient, wish, clinic)?]),
        AppointmentCommand::Move(wish) => Ok(vec![book::move_to(tx, &patient, wish, clinic)?]),
        AppointmentCommand::Cancel(wish) => Ok(vec![book::call_off(tx, &patient, wish, &clinic.policy)?]),
        AppointmentCommand::Done(visit) => book::done(tx, &patient, visit, clinic),
    }
}
