//! Letters whose fate is in doubt, and those that were refused: which may go again, and what is noted when they do.

use jiff::Timestamp;

use crate::care::delivery::MOST_DOUBTS;
use crate::care::patient::PatientId;
use crate::store::db::columns::{millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::delivery::{Delivery, DeliveryId};

impl Tx<'_> {
    /// Lets a letter that was in doubt go no more by itself.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hold_letter(&mut self, id: DeliveryId) -> Result<(), StoreError> {
        self.sql.prepare_cached("UPDATE delivery SET on_unknown = 'hold' WHERE id = ?")?.execute([id.0])?;
        Ok(())
    }

    /// Forgets why a letter failed and when it was first tried, before it is tried anew: its date is that of the next try.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn date_anew(&mut self, id: DeliveryId) -> Result<(), StoreError> {
        let update = "UPDATE delivery SET reason = NULL, \
                      first_tried_at = CASE WHEN doubts = 0 THEN NULL ELSE first_tried_at END WHERE id = ? AND state = 'pending'";
        self.sql.prepare_cached(update)?.execute([id.0])?;
        Ok(())
    }
}

impl View<'_> {
    /// Letters of unknown fate since before `before` that say something still owed and were in doubt less than
    /// [`MOST_DOUBTS`] times.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn unknown_since(&self, before: Timestamp) -> Result<Vec<Delivery>, StoreError> {
        let once = format!(
            "state = 'unknown' AND on_unknown = 'resend' AND doubts < {MOST_DOUBTS} AND ended_at <= ?1 AND expires_at > ?1 \
             AND (EXISTS (SELECT 1 FROM reminder r WHERE r.delivery_id = d.id AND r.state = 'due') \
             OR NOT EXISTS (SELECT 1 FROM reminder r WHERE r.delivery_id = d.id)) LIMIT 1000"
        );
        self.letters(&once, millis(before))
    }

    /// Letters of unknown fate whose use is over, with promises nobody can settle any more.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn doubts_over(&self, now: Timestamp) -> Result<Vec<Delivery>, StoreError> {
        self.letters(
            "state = 'unknown' AND expires_at <= ?1 \
             AND EXISTS (SELECT 1 FROM reminder r WHERE r.delivery_id = d.id AND r.state = 'due') LIMIT 1000",
            millis(now),
        )
    }

    /// Every letter that was refused for good, of one patient or of all patients; oldest first. Letters to staff are left out:
    /// what they tell is repeated by itself.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_failed(&self, patient: Option<PatientId>) -> Result<Vec<DeliveryId>, StoreError> {
        let ask = "SELECT id FROM delivery WHERE state = 'failed' AND patient_id IS NOT NULL AND (?1 IS NULL OR patient_id = ?1) ORDER BY id";
        rows(self.sql, ask, [patient.map(|p| p.0)], |r| Ok(DeliveryId(r.get(0)?)))
    }

    /// How many letters may have arrived although their state does not say so, or twice.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn doubtful(&self) -> Result<i64, StoreError> {
        let ask = "SELECT count(*) FROM delivery WHERE doubts > 0 OR state = 'unknown'";
        Ok(self.sql.prepare_cached(ask)?.query_row([], |r| r.get(0))?)
    }
}
