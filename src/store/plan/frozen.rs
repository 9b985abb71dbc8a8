//! The plan of somebody who has left letter follow-up stands still.

use super::follow_ups::FollowUpId;
use crate::care::patient::PatientId;
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;

impl Tx<'_> {
    /// Freezes every open follow-up of a patient who has left letter follow-up.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn freeze_follow_ups(&mut self, patient: PatientId) -> Result<(), StoreError> {
        let freeze = "UPDATE follow_up SET next_at = NULL WHERE patient_id = ? AND next_at IS NOT NULL";
        if let Err(fault) = self.sql.prepare_cached(freeze)?.execute([patient.0]).map_err(StoreError::from) {
            if fault.is_everyones() {
                return Err(fault);
            }
            // One row takes no change: the others are frozen all the same. Whoever has left gets no letter of it either.
            let ask = "SELECT id FROM follow_up WHERE patient_id = ? AND next_at IS NOT NULL";
            for id in self.all(ask, [patient.0], |r| Ok(r.get::<_, i64>(0)?))? {
                if self.shielded(|tx| tx.set_next(FollowUpId(id), None)).is_err() {
                    self.note_unread("follow_up", id, "its row takes no change");
                }
            }
        }
        Ok(())
    }
}
