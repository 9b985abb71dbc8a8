//! The daily walk of the canary, step by step, so that a restart goes on where it stopped.

use crate::store::db::columns::instant;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;
use jiff::Timestamp;
use jiff::civil::Date;

/// One day's walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanaryWalk {
    /// The clinic's civil day.
    pub on: Date,
    /// Its letter.
    pub delivery: Option<DeliveryId>,
    /// `letter` while it is on its way, `done` or `broken`.
    pub state: String,
    /// When it began.
    pub began_at: Timestamp,
    /// What broke.
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

    /// Ends a day's walk: well, or with what broke.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn end_walk(&mut self, on: Date, broken: Option<&str>) -> Result<(), StoreError> {
        let state = if broken.is_some() { "broken" } else { "done" };
        let update = "UPDATE canary_walk SET state = ?, reason = ? WHERE on_date = ?";
        self.sql.prepare_cached(update)?.execute((state, broken, on.to_string()))?;
        self.audit(
            "canary.walked",
            &format!("canary/{on}"),
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
        let ask = "SELECT on_date, delivery_id, state, began_at, reason FROM canary_walk WHERE on_date <= ? \
                   ORDER BY on_date DESC LIMIT 1";
        type Row = (String, Option<i64>, String, i64, Option<String>);
        let read = |r: &rusqlite::Row<'_>| -> rusqlite::Result<Row> {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))
        };
        let walk = |r: &rusqlite::Row<'_>| {
            let (on, delivery, state, began_at, reason): Row = read(r)?;
            let (on, delivery) = (crate::store::db::columns::date(&on)?, delivery.map(DeliveryId));
            Ok(CanaryWalk { on, delivery, state, began_at: instant(began_at), reason })
        };
        self.one(ask, [today.to_string()], |r| of_row(("canary_walk", r, 0), || walk(r)))
    }
}
