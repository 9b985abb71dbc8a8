//! What carries letters: courier, clock, limits; and what a pass came to.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::care::delivery::DeliveryState;
use crate::journey::delivery::liveness::Liveness;
use crate::journey::delivery::rate_limit::RateLimit;
use crate::journey::operations::clock_watch::ClockWatch;
use crate::ports::{Clock, Courier, Entropy, Lane};
use crate::store::mail::delivery::Purpose;

/// What a pass needs from the world.
#[derive(Clone)]
pub struct Post {
    /// Whose letters the pass carries.
    pub readers: Recipients,
    /// Opens the connections that carry them.
    pub courier: Arc<dyn Courier>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Random bytes that spread the next tries of letters (jitter).
    pub entropy: Arc<dyn Entropy>,
    /// How fast the server lets us.
    pub rate_limit: Arc<RateLimit>,
    /// Looked at before anything happens to a letter to a patient.
    pub watch: ClockWatch,
    /// Beats whenever letters come back or leave.
    pub liveness: Liveness,
    /// Cancelled when the program ends: no new letter is taken in hand, and one that is on the wire has a few seconds more.
    pub stop: CancellationToken,
    /// Cancelled when other settings are in force: no new letter is taken in hand under these, and one that is on the wire is
    /// carried to its end, however long its server thinks.
    pub superseded: CancellationToken,
}

/// How many letters ended how in one pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Accepted by the server.
    pub sent: u32,
    /// Put off: pending again, for another attempt.
    pub retry: u32,
    /// Refused, with no attempt to follow.
    pub failed: u32,
    /// Stopped by the last look.
    pub skipped: u32,
    /// Too late to be of use.
    pub lapsed: u32,
    /// In doubt: nobody knows whether the server took them.
    pub unknown: u32,
}

impl Delivered {
    pub(in crate::journey::delivery) fn count(&mut self, state: DeliveryState) {
        match state {
            DeliveryState::Sent => self.sent += 1,
            DeliveryState::Pending => self.retry += 1,
            DeliveryState::Failed => self.failed += 1,
            DeliveryState::Skipped => self.skipped += 1,
            DeliveryState::Lapsed => self.lapsed += 1,
            DeliveryState::Unknown => self.unknown += 1,
            DeliveryState::Claimed => {}
        }
    }

    pub(in crate::journey::delivery) fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.retry += other.retry;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.lapsed += other.lapsed;
        self.unknown += other.unknown;
    }
}

/// Whose letters a pass carries. The daemon keeps a worker for staff alone: an alert never waits behind patients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipients {
    /// All letters: one pass carries those to staff and to patients.
    Everyone,
    /// Alerts, digests and the canary.
    Staff,
    /// Reminders and notices, which go to patients alone.
    Patients,
}

impl Recipients {
    pub(in crate::journey::delivery) const fn lane(self) -> Lane {
        match self {
            Self::Everyone => Lane::Shared,
            Self::Staff => Lane::Staff,
            Self::Patients => Lane::Patients,
        }
    }

    pub(in crate::journey::delivery) const fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::Everyone => &Purpose::ALL,
            Self::Staff => &[Purpose::Alert, Purpose::Canary, Purpose::Digest],
            Self::Patients => &[Purpose::Notice, Purpose::Reminders],
        }
    }
}
