//! The daily walk of the canary, step by step, so that a restart goes on where it stopped.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::care::canary::{CanaryEvent, CanaryState};
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{date, instant};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;
use crate::store::subject::Subject;

/// The canary's walk of one day; there is one a day at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanaryWalk {
    /// The clinic's civil day.
    pub on: Date,
    /// The letter to the canary, set by [`Tx::begin_walk`].
    pub delivery: Option<DeliveryId>,
    /// How far it is.
    pub state: CanaryState,
    /// When its letter was enqueued; how long that may take counts from here.
    pub began_at: Timestamp,
    /// Which link of the chain broke, and how; `None` unless it is `Broken`.
    pub reason: Option<String>,
}

impl Tx<'_> {
    /// Begins a day's walk with its letter, in the place of one that a clock that ran ahead dated so.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn begin_walk(&mut self, on: Date, delivery: DeliveryId) -> Result<(), StoreError> {
        let insert = "INSERT INTO canary_walk (on_date, delivery_id, state, began_at) VALUES (?, ?, 'letter', ?) \
                      ON CONFLICT (on_date) DO UPDATE SET delivery_id = excluded.delivery_id, state = 'letter', \
                      began_at = excluded.began_at, reason = NULL";
        self.sql.prepare_cached(insert)?.execute((on.to_string(), delivery.0, self.at_ms()))?;
        Ok(())
    }

    /// Ends a day's walk that is on its way: well, or with what broke.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when it has ended already.
    pub fn end_walk(&mut self, walk: &CanaryWalk, broken: Option<&str>) -> Result<(), StoreError> {
        let (on, event) = (walk.on, broken.map_or(CanaryEvent::Answer, |_| CanaryEvent::Break));
        let state = walk.state.after(event).ok_or_else(|| StoreError::conflict("that walk is over"))?.word();
        let update = "UPDATE canary_walk SET state = ?, reason = ? WHERE on_date = ?";
        self.sql.prepare_cached(update)?.execute((state, broken, on.to_string()))?;
        self.audit(
            AuditAction::CanaryWalked,
            Subject::CanaryWalk(on),
            &serde_json::json!({ "state": state, "reason": broken }),
        )
    }
}

impl View<'_> {
    /// The newest walk until that day. One of a day to come was dated by a wrong clock and counts as not walked.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn last_walk(&self, today: Date) -> Result<Option<CanaryWalk>, StoreError> {
        let ask =
            format!("SELECT {COLUMNS} FROM canary_walk WHERE on_date <= ? ORDER BY on_date DESC LIMIT 1");
        self.one(&ask, [today.to_string()], walk)
    }
}

/// What [`walk`] reads, in its order.
pub(in crate::store) const COLUMNS: &str = "on_date, delivery_id, state, began_at, reason";

pub(in crate::store) fn walk(row: &rusqlite::Row<'_>) -> Result<CanaryWalk, StoreError> {
    of_row("canary_walk", row, 0, || {
        let (on, state): (String, String) = (row.get(0)?, row.get(2)?);
        Ok(CanaryWalk {
            on: date(&on)?,
            delivery: row.get::<_, Option<i64>>(1)?.map(DeliveryId),
            state: CanaryState::parse(&state).ok_or_else(|| StoreError::corrupt("an unknown state"))?,
            began_at: instant(row.get(3)?),
            reason: row.get(4)?,
        })
    })
}
