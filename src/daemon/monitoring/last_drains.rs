//! When `drain` last did the daemon's work: the sign of life of a clinic that runs it from cron.

use jiff::Timestamp;

use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;

/// The fact that keeps both instants, the last one first.
const FACT: &str = "drains";

/// When the last two drains ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastDrains {
    /// When the last one did.
    pub last: Timestamp,
    /// When the one before it did; `None` after the first.
    pub before: Option<Timestamp>,
}

/// The last drains on record; `None` before the first.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn of(view: &View<'_>) -> Result<Option<LastDrains>, StoreError> {
    let kept = view.fact(FACT)?.unwrap_or_default();
    let mut instants = kept.lines().map_while(|line| line.parse().ok());
    Ok(instants.next().map(|last| LastDrains { last, before: instants.next() }))
}

/// Notes that a drain has ended.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn note(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let before = of(tx)?.map(|drains| format!("\n{}", drains.last)).unwrap_or_default();
    let text = format!("{}{before}", tx.at());
    tx.set_fact(FACT, &text)
}
