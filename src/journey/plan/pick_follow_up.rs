//! Which of her open follow-ups a date is meant for, and what it comes too close to. Between two series nobody guesses; a date
//! far off is refused unless somebody says that it is meant.

use jiff::civil::Date;

use crate::care::patient::{Patient, PatientStatus};
use crate::care::plan::appointment::AppointmentState;
use crate::care::plan::booking_remark::BookingRemark;
use crate::care::plan::date_match::{self, Fit, OpenCandidate};
use crate::care::plan::follow_up::FollowUpState::{self, Booked, Missed, Planned};
use crate::care::plan::protocol::FollowUpKind;
use crate::care::plan::schedule::{Owed, after, nth};
use crate::care::time::calendar;
use crate::journey::errors::booking::BookingError;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::step::StepError;
use crate::journey::plan::booking_request::{AppointmentSlot, BookingRequest, CompletedVisit};
use crate::journey::protocol_cache::ProtocolCache;
use crate::journey::sending_policy::{Policy, day, zone};
use crate::store::db::transaction::{Tx, View};
use crate::store::plan::follow_ups::FollowUp;

type Candidate = OpenCandidate<FollowUp>;

/// The follow-up for which a date is to be booked.
pub(in crate::journey::plan) fn to_book(
    view: &View<'_>,
    patient: &Patient,
    wish: &BookingRequest,
) -> Result<FollowUp, StepError> {
    let mut all = open(view, patient, wish.series.as_deref(), &[Planned, Booked])?;
    // A date asked for in the plan is never that of a visit beside it.
    all.retain(|one| wish.series.is_some() || !one.what.is_extra());
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
    // Of visits beside the plan each is another matter.
    match all.len() == 1 || all.iter().all(|one| one.series == nearest.series && !one.what.is_extra()) {
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
        Fit::One(one) if one.what.is_extra() => return Ok(vec![one.what]),
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
        let is_asked =
            series.map_or(what.kind == FollowUpKind::Visit, |s| what.series == s || address(&what) == s);
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

/// How staff name it among what is open: by its series, a visit beside the plan by its number too.
#[must_use]
pub(crate) fn address(one: &FollowUp) -> String {
    match one.is_extra() {
        true => format!("{}-{}", one.series, one.owed.number),
        false => one.series.clone(),
    }
}

/// The window of a follow-up in words.
pub(crate) fn window(series: &str, owed: &Owed) -> String {
    format!("the window of {series} {}, {} to {}", owed.number, owed.opens_on, owed.closes_on)
}

fn several(all: &[Candidate]) -> StepError {
    let name = |one: &Candidate| match one.booked_on.filter(|_| one.what.state == Booked) {
        Some(on) => format!("{} (booked for {on})", address(&one.what)),
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

/// Refuses a date that is past, or further ahead than anybody books.
pub(in crate::journey::plan) fn ahead(
    tx: &Tx<'_>,
    slot: &AppointmentSlot,
    policy: &Policy,
) -> Result<(), StepError> {
    let here = zone(&policy.zone)?;
    match calendar::instant(slot.on, slot.at, &here) {
        at if at <= tx.at() => Err(BookingError::Past.into()),
        _ if slot.on > date_match::latest(day(tx.at(), &here)) => Err(BookingError::TooFar.into()),
        _ => Ok(()),
    }
}

/// What makes a visit on `on` crowd another of its series: the next one due, or the last that took place, less than half an
/// interval away.
///
/// # Errors
/// [`StepError`] when the record cannot be read.
pub(crate) fn crowded(
    view: &View<'_>,
    found: &FollowUp,
    on: Date,
    protocol_cache: &ProtocolCache,
) -> Result<Vec<BookingRemark>, StepError> {
    let enrolment = view.enrolment(found.enrolment)?;
    let protocol = protocol_cache.get(view, enrolment.version)?;
    let Some(series) = protocol.series(&found.series) else { return Ok(Vec::new()) };
    // Where the grid counts on from the visit, the next one moves along.
    let next = Some(series).filter(|series| !series.rebase);
    let next = next.and_then(|series| after(series, enrolment.anchor_on, &found.owed, None));
    let next = next.filter(|next| date_match::is_crowded(on, &found.owed, next));
    let due = |number: u32| nth(series, enrolment.anchor_on, number).map(|owed| owed.due_on);
    let grid = found.owed.number.checked_sub(1).and_then(due).zip(due(found.owed.number));
    let last = last_kept(view, found, on)?.zip(grid);
    let last = last.filter(|(last, (before, owed))| date_match::is_close(on, *last, [*before, *owed]));
    let next = next.map(|next| BookingRemark::NearNext(next.due_on));
    Ok(next.into_iter().chain(last.map(|(last, _)| BookingRemark::NearLast(last))).collect())
}

/// The last day, up to `on`, on which another one of the series took place.
fn last_kept(view: &View<'_>, found: &FollowUp, on: Date) -> Result<Option<Date>, StepError> {
    let all = view.follow_ups_of(found.patient)?;
    let others = all.iter().filter(|other| other.series == found.series && other.id != found.id);
    let others: Vec<_> = others.map(|other| other.id).collect();
    let kept = view.done_on(found.patient)?.into_iter().filter(|(id, day)| others.contains(id) && *day <= on);
    Ok(kept.map(|(_, day)| day).max())
}
