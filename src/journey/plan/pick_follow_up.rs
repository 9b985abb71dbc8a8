//! Which of her open follow-ups a date is meant for. Between two series nobody guesses; a date far off is refused unless
//! somebody says that it is meant.

use jiff::civil::Date;

use crate::care::patient::{Patient, PatientStatus};
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::date_match::{self, Fit, OpenCandidate};
use crate::care::plan::follow_up::FollowUpState::{self, Booked, Missed, Planned};
use crate::care::plan::protocol::FollowUpKind;
use crate::care::plan::schedule::Owed;
use crate::journey::errors::booking::BookingError;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::step::StepError;
use crate::journey::plan::booking_request::{BookingRequest, CompletedVisit};
use crate::store::db::transaction::View;
use crate::store::plan::follow_ups::FollowUp;

type Candidate = OpenCandidate<FollowUp>;

/// The follow-up for which a date is to be booked.
pub(in crate::journey::plan) fn to_book(
    view: &View<'_>,
    patient: &Patient,
    wish: &BookingRequest,
) -> Result<FollowUp, StepError> {
    let all = open(view, patient, wish.series.as_deref(), &[Planned, Booked])?;
    let planned: Vec<Candidate> = all.iter().filter(|one| one.what.state == Planned).cloned().collect();
    match (date_match::to_book(all, wish.slot.on), wish.anyway) {
        (Fit::One(one) | Fit::Outside(one), _) if planned.is_empty() => Err(taken(&one)),
        (Fit::One(one), _) if one.what.state == Booked => Err(taken(&one)),
        (Fit::One(one), _) => Ok(one.what),
        (Fit::Outside(_), true) => only(date_match::anyway(planned, wish.slot.on)),
        (fit, _) => only(fit),
    }
}

/// The visit of a newcomer that is booked already: of her first protocol, if it fits more than one.
pub(in crate::journey::plan) fn of_newcomer(
    view: &View<'_>,
    patient: &Patient,
    on: Date,
) -> Result<FollowUp, StepError> {
    let fit = match date_match::to_book(open(view, patient, None, &[Planned])?, on) {
        Fit::Several(all) => {
            all.into_iter().min_by_key(|one| one.what.enrolment.0).map_or(Fit::Nothing, Fit::One)
        }
        fit => fit,
    };
    only(fit)
}

/// The booked follow-up that is meant: the only one, or of several in one series the one booked nearest to `on`.
pub(in crate::journey::plan) fn booked(
    view: &View<'_>,
    patient: &Patient,
    series: Option<&str>,
    on: Date,
) -> Result<Candidate, StepError> {
    let all = open(view, patient, series, &[Booked])?;
    let far = |one: &Candidate| one.booked_on.map(|day| day.duration_until(on).abs());
    let nearest = all.iter().min_by_key(|one| far(one)).cloned().ok_or(BookingError::NotBooked)?;
    match all.iter().all(|one| one.series == nearest.series) {
        true => Ok(nearest),
        false => Err(several(&all)),
    }
}

/// Refuses to move a date far off the window of its follow-up.
pub(in crate::journey::plan) fn near(moved: Candidate, wish: &BookingRequest) -> Result<FollowUp, StepError> {
    if wish.anyway { Ok(moved.what) } else { only(date_match::to_book(vec![moved], wish.slot.on)) }
}

/// What a visit that took place closes: one series, in each protocol that has it. A day far off every window closes the nearest
/// that is open, if somebody says that it is meant.
pub(in crate::journey::plan) fn to_record(
    view: &View<'_>,
    patient: &Patient,
    visit: &CompletedVisit,
) -> Result<Vec<FollowUp>, StepError> {
    let (series, on) = (visit.series.as_deref(), visit.on);
    let enrolments = view.enrolments_of(patient.id)?;
    let is_active = |id| enrolments.iter().any(|e| e.id == id && e.is_active);
    let mut all = candidates(view, patient, series, &[Planned, Booked, Missed])?;
    // A date may outlive the plan it was booked under.
    all.retain(|one| is_active(one.what.enrolment) || one.what.state == Booked);
    let series = match date_match::to_record(all.clone(), on) {
        Fit::One(one) => one.series,
        Fit::Several(all) => return Err(several(&all)),
        Fit::Outside(_) if visit.anyway => return Ok(vec![only(date_match::anyway(all, on))?]),
        fit => return only(fit).map(|one| vec![one]),
    };
    all.retain(|one| one.series == series);
    let of = |id| all.iter().filter(|one| one.what.enrolment == id).cloned().collect();
    let closed = enrolments.iter().map(|e| e.id).filter_map(|id| match date_match::to_record(of(id), on) {
        Fit::One(one) => Some(one.what),
        _ => None,
    });
    Ok(closed.collect())
}

fn open(
    view: &View<'_>,
    patient: &Patient,
    series: Option<&str>,
    states: &[FollowUpState],
) -> Result<Vec<Candidate>, StepError> {
    if patient.status == PatientStatus::Deceased {
        return Err(StepError::Status(StatusError::Deceased));
    }
    let mut all = candidates(view, patient, series, states)?;
    all.retain(|one| one.what.kind.is_bookable());
    Ok(all)
}

/// What may be meant: of the series asked for, of all visits otherwise. A test is always named.
fn candidates(
    view: &View<'_>,
    patient: &Patient,
    series: Option<&str>,
    states: &[FollowUpState],
) -> Result<Vec<Candidate>, StepError> {
    let mut all = Vec::new();
    for what in view.follow_ups_of(patient.id)? {
        let is_asked = series.map_or(what.kind == FollowUpKind::Visit, |s| what.series == s);
        if is_asked && states.contains(&what.state) {
            let booked = view.appointment_of(what.id)?.filter(|a| a.state != AppointmentState::Cancelled);
            let (series, owed) = (what.series.clone(), what.owed);
            all.push(OpenCandidate { what, series, owed, booked_on: booked.map(|a| a.on) });
        }
    }
    Ok(all)
}

fn only(fit: Fit<FollowUp>) -> Result<FollowUp, StepError> {
    match fit {
        Fit::One(one) => Ok(one.what),
        Fit::Several(all) => Err(several(&all)),
        Fit::Outside(one) => Err(BookingError::Outside(window(&one.series, &one.owed)).into()),
        Fit::Nothing => Err(BookingError::NoFollowUp.into()),
    }
}

/// The window of a follow-up in words.
pub(crate) fn window(series: &str, owed: &Owed) -> String {
    format!("the window of {series} {}, {} to {}", owed.number, owed.opens_on, owed.closes_on)
}

fn several(all: &[Candidate]) -> StepError {
    let name = |one: &Candidate| match one.booked_on.filter(|_| one.what.state == Booked) {
        Some(on) => format!("{} (booked for {on})", one.series),
        None => format!("{} (due on {})", one.series, one.owed.due_on),
    };
    StepError::Booking(BookingError::Several(all.iter().map(name).collect::<Vec<_>>().join(" and ")))
}

fn taken(one: &Candidate) -> StepError {
    let on = one.booked_on.unwrap_or(one.owed.due_on);
    StepError::Booking(BookingError::Booked(format!(
        "{} {} is booked for {on} already",
        one.series, one.owed.number
    )))
}
