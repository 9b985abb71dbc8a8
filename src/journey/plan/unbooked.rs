//! What of somebody who is taken in a person must book, because no letter asks her: the same for whoever is taken in, and for the
//! look before an import.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

use super::fall_due::first_look;
use crate::care::patient::{PatientId, PatientStatus};
use crate::care::plan::date_match::{self, Fit, OpenCandidate};
use crate::care::plan::protocol::{At, FollowUpKind, Protocol, ProtocolStep, Series};
use crate::care::plan::schedule::{Owed, open_on};
use crate::care::time::calendar;
use crate::journey::sending_policy::Local;
use crate::store::plan::follow_ups::{EnrolmentId, NewFollowUp};

/// Somebody to be taken in, as far as her dates go.
#[derive(Debug, Clone, Copy)]
pub struct NewcomerDates<'a> {
    /// Her protocols, the main one first.
    pub protocols: &'a [Arc<Protocol>],
    /// From when they count.
    pub anchor_on: Date,
    /// The day of the visit that she has already.
    pub booked_on: Option<Date>,
    /// Where she stands: in some statuses nobody asks for a date.
    pub status: PatientStatus,
}

/// What stands open of a series for somebody taken in on `today`: past due and owed still, unless a visit is booked for
/// `booked_on`, beyond its window; and the next.
pub(in crate::journey::plan) fn stands_open(
    series: &Series,
    anchor_on: Date,
    today: Date,
    booked_on: Option<Date>,
) -> [Option<Owed>; 2] {
    let [overdue, next] = open_on(series, anchor_on, today);
    let overdue = overdue.filter(|owed| match booked_on {
        Some(on) if series.kind == FollowUpKind::Visit => on <= owed.closes_on,
        _ => true,
    });
    [overdue, next]
}

/// Whether the days on which letters would have asked her to book had all passed when she was taken in.
pub(in crate::journey::plan) fn is_too_late_to_ask(
    owed: &Owed,
    next_at: Option<Timestamp>,
    series: &Series,
    local: Local<'_>,
) -> bool {
    let due_on = owed.due_on;
    let asks = |step: &ProtocolStep| matches!(step.at, At::Offset(span) if span.from(due_on) < due_on);
    series.kind.is_bookable()
        && series.remind.iter().any(asks)
        && next_at >= Some(calendar::instant(due_on, local.policy.hours.at, local.zone))
}

/// How many dates would be on the list of an import that took her in at `now`.
#[must_use]
pub fn count(newcomer: &NewcomerDates<'_>, now: Timestamp, local: Local<'_>) -> usize {
    if !newcomer.status.keeps_plan() {
        return 0;
    }
    let mut open = Vec::new();
    for (place, protocol) in newcomer.protocols.iter().enumerate() {
        // The date in the roster is that of her first protocol.
        let booked_on = newcomer.booked_on.filter(|_| place == 0);
        for series in &protocol.series {
            let [overdue, next] = stands_open(series, newcomer.anchor_on, local.day(now), booked_on);
            let late = overdue.map(|owed| (owed, series.kind.is_bookable()));
            let next = next.map(|owed| (owed, asks_nobody(owed, series, now, local)));
            open.extend(late.into_iter().chain(next).map(|(owed, is_asked)| {
                let what = OpenDate { place, kind: series.kind, is_asked };
                OpenCandidate { what, series: series.id.clone(), owed, booked_on: None }
            }));
        }
    }
    let asked = open.iter().filter(|one| one.what.is_asked).count();
    let booked = newcomer.booked_on.and_then(|on| booked(open, on));
    asked - usize::from(booked.is_some_and(|what| what.is_asked))
}

/// What would stand open, and whether a person is asked to book it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OpenDate {
    place: usize,
    kind: FollowUpKind,
    is_asked: bool,
}

/// The one that her date counts for: of her first protocol, if it fits more than one.
fn booked(mut open: Vec<OpenCandidate<OpenDate>>, on: Date) -> Option<OpenDate> {
    open.retain(|one| one.what.kind == FollowUpKind::Visit);
    match date_match::to_book(open, on) {
        Fit::One(one) => Some(one.what),
        Fit::Several(all) => all.into_iter().map(|one| one.what).min_by_key(|what| what.place),
        Fit::Outside(_) | Fit::Nothing => None,
    }
}

fn asks_nobody(owed: Owed, series: &Series, now: Timestamp, local: Local<'_>) -> bool {
    let new = NewFollowUp {
        // Rows that nobody has yet: when it asks for something first does not hang on them.
        enrolment: EnrolmentId(0),
        patient: PatientId(0),
        series: series.id.clone(),
        kind: series.kind,
        owed,
        promised_from: now,
        next_at: None,
    };
    is_too_late_to_ask(&owed, Some(first_look(&new, series, now, local)), series, local)
}
