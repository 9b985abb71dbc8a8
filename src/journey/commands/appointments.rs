//! A date at the clinic is booked, moved, called off or recorded as kept, on the writer thread.

use jiff::civil::Date;

use crate::care::patient::{PatientId, Reference};
use crate::care::permission::Act;
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::booking_remark::BookingRemark;
use crate::journey::authorize::permit_account;
use crate::journey::deps::Deps;
use crate::journey::errors::booking::BookingError;
use crate::journey::errors::step::StepError;
use crate::journey::plan::book::{self, extra_visit};
use crate::journey::plan::booking_request::{
    BookingRequest, CancellationRequest, CompletedVisit, ExtraVisitRequest, Tell,
};
use crate::journey::sending_policy::Policy;
use crate::store::db::transaction::{Stamp, Tx, View};
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

    /// What is said of an hour that was asked for and that the clocks jump over: what is booked shows only the one that is taken.
    ///
    /// # Errors
    /// [`StepError`] when the clinic's zone cannot be read.
    pub fn skipped(&self, policy: &Policy) -> Result<Option<BookingRemark>, StepError> {
        let slot = match self {
            Self::Book(wish) | Self::Move(wish) => &wish.slot,
            Self::Add(wish) => &wish.slot,
            Self::Cancel(_) | Self::Done(_) => return Ok(None),
        };
        let remarks = policy.odd(slot.on, slot.at)?;
        Ok(remarks.into_iter().find(|remark| matches!(remark, BookingRemark::Missing(_))))
    }

    /// The day on which it took place, where that is what is recorded.
    #[must_use]
    pub fn kept_on(&self) -> Option<Date> {
        match self {
            Self::Done(visit) => Some(visit.on),
            _ => None,
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

/// What somebody looked at before she asked for a change of a date.
#[derive(Debug, Clone)]
pub struct CheckedAppointment {
    /// What is to be done.
    pub command: AppointmentCommand,
    /// Her booked dates as they stood then ([`dates_seen`]); `None` where nobody looked first.
    pub seen: Option<String>,
}

/// The same as [`change_appointment`], unless somebody else has booked, moved or called off a date of hers since the look.
///
/// # Errors
/// [`BookingError::Changed`], and as there.
pub fn change_checked(
    clinic: &Deps,
    stamp: Stamp,
    whose: Reference,
    ask: CheckedAppointment,
) -> Result<Vec<FollowUp>, StepError> {
    let steps = clinic.clone();
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| {
        let now = dates_seen(tx, tx.patient_by_reference(&whose)?.id)?;
        match ask.seen {
            Some(seen) if seen != now => Err(BookingError::Changed.into()),
            _ => apply(tx, &whose, &ask.command, &steps),
        }
    })
}

/// Every date that is booked for her, with how often it was moved: it differs once any of them changes.
///
/// # Errors
/// [`StepError`] when her record cannot be read.
pub fn dates_seen(view: &View<'_>, patient: PatientId) -> Result<String, StepError> {
    let mut dates = Vec::new();
    for owed in view.follow_ups_of(patient)? {
        let booked = view.appointment_of(owed.id)?.filter(|date| date.state == AppointmentState::Booked);
        dates.extend(booked.map(|date| format!("{}.{}", date.id, date.sequence)));
    }
    Ok(if dates.is_empty() { "none".to_owned() } else { dates.join(" ") })
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
