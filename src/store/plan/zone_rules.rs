//! What the time zone data said, as fingerprints, and follow-ups that are worked out anew because it says otherwise now.

use std::collections::BTreeMap;

use rusqlite::Row;

use crate::store::db::columns::rows;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;

/// Further than this nothing moves by a change of zone rules: it is another step of the plan. 26 hours, in milliseconds.
const FURTHEST_MS: i64 = 26 * 3_600_000;

/// Follow-ups of patients in one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneFollowUps {
    /// The IANA name of the zone.
    pub zone: String,
    /// How many follow-ups it is about.
    pub follow_ups: u32,
}

impl Tx<'_> {
    /// Keeps what the zones say now.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn keep_zone_fingerprints(&mut self, all: &BTreeMap<String, String>) -> Result<(), StoreError> {
        let upsert = "INSERT INTO zone_rules (zone, fingerprint) VALUES (?, ?) \
                      ON CONFLICT (zone) DO UPDATE SET fingerprint = excluded.fingerprint";
        let mut statement = self.sql.prepare_cached(upsert)?;
        for (zone, fingerprint) in all {
            statement.execute((zone, fingerprint))?;
        }
        Ok(())
    }

    /// Lets every follow-up of patients in these zones be looked at now, and remembers when it would have been. Returns how many.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn plan_anew_in(&mut self, zones: &[String]) -> Result<usize, StoreError> {
        let zones = serde_json::to_string(zones).map_err(|_| StoreError::corrupt("names of zones"))?;
        let insert = "INSERT OR REPLACE INTO zone_move (follow_up_id, zone, was_at) \
                      SELECT f.id, p.zone, f.next_at FROM follow_up f JOIN patient p ON p.id = f.patient_id \
                      WHERE f.next_at > ? AND p.zone IN (SELECT value FROM json_each(?))";
        let found = self.sql.prepare_cached(insert)?.execute((self.at_ms(), &zones))?;
        let update = "UPDATE follow_up SET next_at = ? WHERE id IN (SELECT follow_up_id FROM zone_move)";
        self.sql.prepare_cached(update)?.execute([self.at_ms()])?;
        Ok(found)
    }

    /// Forgets when follow-ups would have been looked at.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn forget_zone_moves(&mut self) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM zone_move")?.execute([])?;
        Ok(())
    }
}

impl View<'_> {
    /// What the zones said when their data was taken on last, by name.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn zone_fingerprints(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let read = |r: &Row<'_>| Ok((r.get(0)?, r.get(1)?));
        Ok(rows(self.sql, "SELECT zone, fingerprint FROM zone_rules", [], read)?.into_iter().collect())
    }

    /// How many follow-ups wait for an instant, by the zone of their patients.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn planned_in_zones(&self) -> Result<Vec<ZoneFollowUps>, StoreError> {
        let ask = "SELECT p.zone, count(*) FROM follow_up f JOIN patient p ON p.id = f.patient_id \
                   WHERE f.next_at IS NOT NULL GROUP BY p.zone ORDER BY p.zone";
        rows(self.sql, ask, [], moved_zone)
    }

    /// How many follow-ups wait for another instant than before, by zone.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn moved_in_zones(&self) -> Result<Vec<ZoneFollowUps>, StoreError> {
        let ask = "SELECT m.zone, count(*) FROM zone_move m JOIN follow_up f ON f.id = m.follow_up_id \
                   WHERE f.next_at <> m.was_at AND abs(f.next_at - m.was_at) < ? GROUP BY m.zone ORDER BY m.zone";
        rows(self.sql, ask, [FURTHEST_MS], moved_zone)
    }
}

fn moved_zone(row: &Row<'_>) -> rusqlite::Result<ZoneFollowUps> {
    Ok(ZoneFollowUps { zone: row.get(0)?, follow_ups: row.get(1)? })
}
