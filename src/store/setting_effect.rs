//! What a change of a setting touches: letters that wait, visits that are booked, follow-ups that become due. Nothing here
//! changes anything.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;

/// A letter to a patient that waits, as far as hours are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingLetter {
    /// When it is tried next.
    pub next_at: Timestamp,
    /// The zone that its reader lives in.
    pub zone: String,
}

/// So many letters that wait are looked at; more are told as "more than".
pub const MOST_LETTERS: u32 = 5_000;
/// So many booked visits of one day are named.
const MOST_VISITS: u32 = 20;

const WAITING_IN: &str = "SELECT d.id FROM delivery d INDEXED BY delivery_due JOIN patient p ON p.id = d.patient_id \
                          WHERE d.state = 'pending' AND d.doubts = 0 AND p.language = ? ORDER BY d.id LIMIT ?";
/// What a reminder will say is known by its step; any other letter has it sealed from the start.
const WAITING_OF: &str = "SELECT d.id FROM delivery d INDEXED BY delivery_due LEFT JOIN patient p ON p.id = d.patient_id \
                          LEFT JOIN sealed s ON s.delivery_id = d.id \
                          WHERE d.state = 'pending' AND d.doubts = 0 AND ( \
                            (p.language = ?1 AND EXISTS (SELECT 1 FROM reminder r \
                              WHERE r.delivery_id = d.id AND r.state = 'due' AND r.step = ?2)) \
                            OR (s.inputs LIKE ?3 AND s.inputs LIKE ?4)) ORDER BY d.id LIMIT ?5";
const BOOKED_ON: &str = "SELECT p.reference FROM appointment a JOIN patient p ON p.id = a.patient_id \
                         WHERE a.state = 'booked' AND a.on_date = ? ORDER BY a.at_time, a.id LIMIT ?";
const DUE_BETWEEN: &str = "SELECT count(*) FROM follow_up WHERE next_at >= ? AND next_at < ?";

impl View<'_> {
    /// How many letters to patients wait to leave, by their readers' language.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn waiting_by_language(&self) -> Result<BTreeMap<String, u32>, StoreError> {
        let ask = "SELECT p.language, count(*) FROM delivery d INDEXED BY delivery_due JOIN patient p ON p.id = d.patient_id \
                   WHERE d.state = 'pending' AND d.audience = 'patient' GROUP BY p.language";
        Ok(rows(self.sql, ask, [], |row| Ok((row.get(0)?, row.get(1)?)))?.into_iter().collect())
    }

    /// The letters to patients, or to staff, in that language that wait and have not left once; those of one step, or all to
    /// patients where none is named. At most [`MOST_LETTERS`].
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn waiting_of(&self, language: &str, step: Option<&str>) -> Result<Vec<DeliveryId>, StoreError> {
        let id = |row: &rusqlite::Row<'_>| Ok(DeliveryId(row.get(0)?));
        match step {
            None => rows(self.sql, WAITING_IN, (language, MOST_LETTERS), id),
            Some(step) => {
                let names = |key: &str, word: &str| format!("%\"{key}\":\"{word}\"%");
                let told = (names("language", language), names("template", step));
                rows(self.sql, WAITING_OF, (language, step, told.0, told.1, MOST_LETTERS), id)
            }
        }
    }

    /// The letters of reminders that wait to leave, at most [`MOST_LETTERS`].
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn waiting_letters(&self) -> Result<Vec<WaitingLetter>, StoreError> {
        let ask = "SELECT d.next_at, p.zone FROM delivery d INDEXED BY delivery_due JOIN patient p ON p.id = d.patient_id \
                   WHERE d.state = 'pending' AND d.purpose = 'reminders' LIMIT ?";
        let letter =
            |row: &rusqlite::Row<'_>| Ok(WaitingLetter { next_at: instant(row.get(0)?), zone: row.get(1)? });
        rows(self.sql, ask, [MOST_LETTERS], letter)
    }

    /// The case codes of visits that are booked for that day, at most twenty.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn booked_on(&self, day: Date) -> Result<Vec<String>, StoreError> {
        rows(self.sql, BOOKED_ON, (day.to_string(), MOST_VISITS), |row| row.get(0))
    }

    /// How many follow-ups have something to do between these instants, the second exclusive.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn due_between(&self, from: Timestamp, until: Timestamp) -> Result<u32, StoreError> {
        let found = rows(self.sql, DUE_BETWEEN, (millis(from), millis(until)), |row| row.get(0))?;
        Ok(found.first().copied().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn a_day_is_looked_up_without_reading_the_others() {
        let (_dir, store) = fresh();
        for (ask, index) in [(BOOKED_ON, "appointment_booked_on"), (DUE_BETWEEN, "follow_up_next")] {
            let steps = plan(&store, ask, &["1", "2"]);
            assert!(steps.iter().any(|step| step.contains(index)), "{steps:?}");
        }
    }
}
