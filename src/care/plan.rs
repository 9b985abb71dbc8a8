//! The planner: pure, lazy, from the anchor. What is owed when, and which reminder leaves when.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::calendar::SendingHours;
use super::protocol::{Series, Step, Trigger};

/// One thing owed: the `number`th of its series. Numbers count from 1 over the whole series and never shift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owed {
    /// Position in the series, from 1.
    pub number: u32,
    /// The day it is due.
    pub due_on: Date,
    /// First day on which a visit counts for it.
    pub opens_on: Date,
    /// Last day on which a visit counts for it; after it, it is closed as missed.
    pub closes_on: Date,
}

/// Every follow-up of a series in order, computed from the anchor, without end for an open phase.
pub fn owed(_series: &Series, _anchor: Date) -> impl Iterator<Item = Owed> {
    std::iter::from_fn(|| panic!("planner slice"))
}

/// The `number`th follow-up (from 1), or `None` when the series has ended before it.
#[must_use]
pub fn nth(_series: &Series, _anchor: Date, _number: u32) -> Option<Owed> {
    panic!("planner slice")
}

/// The first follow-up due on or after `from`.
#[must_use]
pub fn first_from(_series: &Series, _anchor: Date, _from: Date) -> Option<Owed> {
    panic!("planner slice")
}

/// A step laid on the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Laid<'s> {
    /// The step.
    pub step: &'s Step,
    /// The trigger it belongs to.
    pub trigger: Trigger,
    /// The due or booked date it was counted from.
    pub basis_on: Date,
    /// The civil day it leaves, after the shift off closed days.
    pub send_on: Date,
    /// The instant it leaves.
    pub send_at: Timestamp,
    /// From this instant on it must not leave any more; it lapses instead (never stale, P9).
    pub useful_until: Timestamp,
}

/// The dated steps of one trigger counted from `basis_on`, in order of `send_at`. Steps without an offset are left out.
#[must_use]
pub fn lay<'s>(
    _series: &'s Series,
    _trigger: Trigger,
    _span: Basis,
    _wall: (&SendingHours, &TimeZone),
) -> Vec<Laid<'s>> {
    panic!("planner slice")
}

/// What steps are counted from, and until when the follow-up itself is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// The due date, or the appointment's date.
    pub on: Date,
    /// The follow-up's last day (`Owed::closes_on`).
    pub closes_on: Date,
    /// The instant of the appointment, if booked.
    pub appointment_at: Option<Timestamp>,
}
