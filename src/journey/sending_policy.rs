//! What the clinic decided about sending, as values the steps can use.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::care::address::EmailAddress;
use crate::care::guards::volume::UnusualVolume;
use crate::care::patient::Detail;
use crate::care::plan::booking_remark::{self, BookingRemark};
use crate::care::plan::protocol::Series;
use crate::care::record::field_check::is_of;
use crate::care::record::proxy::{NewProxy, ProxyFault};
use crate::care::record::retention::RetentionPeriods;
use crate::care::time::calendar::{LocalHours, SendingHours};
use crate::care::time::span::later;
use crate::care::time::zone::find;
use crate::journey::errors::content::ContentError;
use crate::journey::errors::people::record::RecordError;

/// What the clinic decided about sending; replaced when the configuration is read again.
#[derive(Debug, Clone)]
pub struct Policy {
    /// When letters may leave.
    pub hours: SendingHours,
    /// The clinic's IANA zone.
    pub zone: String,
    /// How much a letter says where a patient's record does not say it.
    pub detail: Detail,
    /// Most letters of reminders to one patient in seven days.
    pub weekly_cap: u32,
    /// Most letters to one patient on one day of hers, news she or staff caused included; news itself never waits.
    pub daily_cap: u32,
    /// At most this many letters a minute altogether; 0 is no limit.
    pub max_per_minute: u32,
    /// What becomes of a day with far more letters than usual.
    pub unusual_volume: UnusualVolume,
    /// Waits before the second, third, … attempt.
    pub retry: Vec<Duration>,
    /// No attempt later than this after the first.
    pub give_up_after: Duration,
    /// How long a worker may hold a letter.
    pub lease: Duration,
    /// How long an unknown fate rests before the letter is sent again.
    pub doubt_rests: Duration,
    /// Display name and address of From.
    pub from: (String, EmailAddress),
    /// Where answers to letters go; `None` leaves Reply-To out.
    pub reply_to: Option<EmailAddress>,
    /// Every address of the clinic's own: From, Reply-To and those of the ladder. No patient has one of them.
    pub own_addresses: Vec<EmailAddress>,
    /// The leaflets the clinic has switched on; no other is promised or sent.
    pub leaflets: BTreeSet<String>,
    /// For how many years records are kept.
    pub retention: RetentionPeriods,
    /// Right side of Message-IDs.
    pub message_id_domain: String,
    /// Where the public pages stand, without a final slash; `None` when the clinic runs none.
    pub public_url: Option<String>,
}

impl Policy {
    /// The leaflet a series would send although the clinic has not switched it on.
    #[must_use]
    pub fn leaflet_off<'s>(&self, series: &'s Series) -> Option<&'s str> {
        series.leaflet.as_deref().filter(|leaflet| !self.leaflets.contains(*leaflet))
    }

    /// Refuses an address of the clinic's own as hers: her letters, with the forms in them, would come to the clinic, and she
    /// would get none (P2). Asked wherever an address is written.
    ///
    /// # Errors
    /// [`RecordError::ClinicsAddress`].
    pub(in crate::journey) fn refuse_own(&self, hers: Option<&EmailAddress>) -> Result<(), RecordError> {
        let is_own = hers.is_some_and(|email| is_of(email, &self.own_addresses));
        if is_own { Err(RecordError::ClinicsAddress) } else { Ok(()) }
    }

    /// The same of whoever acts for her.
    ///
    /// # Errors
    /// [`RecordError::Proxy`].
    pub(in crate::journey) fn refuse_own_of(&self, proxy: &NewProxy) -> Result<(), RecordError> {
        let is_own = is_of(&proxy.email, &self.own_addresses);
        if is_own { Err(RecordError::Proxy(ProxyFault::Clinics)) } else { Ok(()) }
    }

    /// What is odd about a date and hour at the clinic.
    ///
    /// # Errors
    /// [`ContentError::Zone`] when the clinic's zone is unknown.
    pub fn odd(&self, on: Date, at: jiff::civil::Time) -> Result<Vec<BookingRemark>, ContentError> {
        Ok(booking_remark::odd(on.to_datetime(at), &zone(&self.zone)?, &self.hours.days))
    }
}

/// What the clinic decided, seen from where a patient lives.
#[derive(Debug, Clone, Copy)]
pub struct Local<'a> {
    /// What the clinic decided about sending.
    pub policy: &'a Policy,
    /// The zone that the patient lives in.
    pub zone: &'a TimeZone,
}

impl<'a> Local<'a> {
    /// The clinic's sending hours on her clock.
    #[must_use]
    pub const fn hours(&self) -> LocalHours<'a> {
        LocalHours { hours: &self.policy.hours, zone: self.zone }
    }

    /// Her civil day at an instant.
    #[must_use]
    pub fn day(&self, at: Timestamp) -> Date {
        day(at, self.zone)
    }

    /// The first instant from `at` on at which a letter may leave for her.
    #[must_use]
    pub fn next_open(&self, at: Timestamp) -> Timestamp {
        self.policy.hours.next_open(at, self.zone)
    }
}

/// The zone of that name, from the zone database named in `doctor`.
///
/// # Errors
/// [`ContentError::Zone`] when it is unknown.
pub fn zone(name: &str) -> Result<TimeZone, ContentError> {
    find(name).map_err(|_| ContentError::Zone(name.to_owned()))
}

/// The civil day of an instant in a zone.
#[must_use]
pub fn day(at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(at).date()
}

/// An instant that many days of 24 hours later: when a task is due.
#[must_use]
pub fn in_days(at: Timestamp, days: u64) -> Timestamp {
    later(at, Duration::from_secs(days.saturating_mul(86_400)))
}
