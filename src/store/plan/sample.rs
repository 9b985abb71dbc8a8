//! In a rehearsal of a sample only a few patients on each protocol are lived forward; in the copy everybody else waits for
//! ever. Never used on a clinic's own database.

use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;

impl Tx<'_> {
    /// Lets only so many active patients on each protocol go on, those first on record.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn keep_sample(&mut self, patients: u32) -> Result<(), StoreError> {
        let chosen = "SELECT patient_id FROM (SELECT e.patient_id, row_number() OVER (PARTITION BY e.protocol ORDER BY e.patient_id) n \
                      FROM enrolment e JOIN patient p ON p.id = e.patient_id WHERE e.state = 'active' AND p.status = 'active') \
                      WHERE n <= ?1";
        let waits = [
            format!("UPDATE follow_up SET next_at = NULL WHERE patient_id NOT IN ({chosen})"),
            format!(
                "UPDATE delivery SET next_at = 253402300799000, expires_at = 253402300799000 WHERE state = 'pending' \
                 AND patient_id NOT IN ({chosen})"
            ),
            format!(
                "UPDATE patient SET paused_until = '9999-12-31' WHERE paused_until IS NOT NULL AND id NOT IN ({chosen})"
            ),
        ];
        for one in waits {
            self.sql.execute(&one, [patients])?;
        }
        Ok(())
    }
}
