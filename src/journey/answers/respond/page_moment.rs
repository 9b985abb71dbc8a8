//! When a page of a form comes in: the instant, her civil day, and whether a person can have been that fast.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::care::checklist::pace;
use crate::care::patient::Patient;
use crate::journey::deps::Deps;
use crate::journey::link_key::LinkKey;
use crate::journey::sending_policy::{day, zone};
use crate::store::db::transaction::Tx;

/// When a page comes in.
#[derive(Clone, Copy)]
pub(super) struct PageMoment {
    pub(super) at: Timestamp,
    /// The civil day that it is where she lives.
    pub(super) on: Date,
}

/// The moment of this transaction by her clock. A zone that cannot be read is no reason to refuse an answer.
pub(super) fn of(tx: &Tx<'_>, patient: &Patient, clinic: &Deps) -> PageMoment {
    let here = zone(&patient.zone).or_else(|_| zone(&clinic.policy.zone));
    PageMoment { at: tx.at(), on: day(tx.at(), &here.unwrap_or(TimeZone::UTC)) }
}

/// Whether the pages up to this one, from 0, came faster than a person reads them: perhaps a program sent them that looks for
/// danger in mail.
pub(super) fn is_hurried(at: Timestamp, nonce: &str, number: u32) -> bool {
    pace::is_hurried(LinkKey::shown_at(nonce, at), at, number.saturating_add(1))
}

/// Whether it has the form of what comes with a page of ours.
pub(in crate::journey::answers::respond) fn is_nonce(nonce: &str) -> bool {
    (16..=64).contains(&nonce.len())
        && nonce.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
