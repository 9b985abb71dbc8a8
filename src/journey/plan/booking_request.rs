//! A date at the clinic, and what a booking asks for.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::care::time::calendar;

/// A date at the clinic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentSlot {
    /// Civil date at the clinic.
    pub on: Date,
    /// Civil time at the clinic.
    pub at: Time,
    /// Where, in the clinic's words. Empty leaves it open; in a move it keeps the place booked.
    pub place: String,
}

impl AppointmentSlot {
    /// The same slot as the clinic's clocks show it: an hour that they jump over is the one they jump to, in letter, calendar
    /// part and on pages alike (clinical brief, case 10).
    #[must_use]
    pub fn on_clocks(self, zone: &TimeZone) -> Self {
        let shown = calendar::instant(self.on, self.at, zone).to_zoned(zone.clone());
        Self { on: shown.date(), at: shown.time(), ..self }
    }
}

/// A date to book or to move to.
#[derive(Debug, Clone)]
pub struct BookingRequest {
    /// Which series; `None` takes the open visit that the date fits.
    pub series: Option<String>,
    /// The date, hour and place that are wanted.
    pub slot: AppointmentSlot,
    /// Whether she is written to.
    pub tell: Tell,
    /// The date is meant although it lies far off the window of its follow-up.
    pub anyway: bool,
}

/// A visit that no protocol asks for, with its date.
#[derive(Debug, Clone)]
pub struct ExtraVisitRequest {
    /// The date, hour and place that are agreed.
    pub slot: AppointmentSlot,
    /// What it is for, in staff's words; no letter says it.
    pub note: String,
    /// Whether she is written to.
    pub tell: Tell,
}

/// A booked date to call off.
#[derive(Debug, Clone)]
pub struct CancellationRequest {
    /// Which series; `None` takes the only one that is booked.
    pub series: Option<String>,
    /// Whether she is written to.
    pub tell: Tell,
    /// Why, in the clinic's words; kept on record.
    pub reason: Option<String>,
}

/// A visit or test that took place.
#[derive(Debug, Clone)]
pub struct CompletedVisit {
    /// Which series; `None` takes the visit whose window holds the day.
    pub series: Option<String>,
    /// The day it took place.
    pub on: Date,
    /// Who did it: `clinic`, or the name of another place.
    pub source: String,
    /// The day is meant although it lies far off the window of what it counts for, which it then takes the place of.
    pub anyway: bool,
}

/// Whether the patient is written to about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    /// She gets a letter at the next open hour.
    Patient,
    /// No letter: she knows already.
    Nobody,
}
