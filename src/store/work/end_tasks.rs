//! Tasks end because what they ask for was dealt with, or is no longer so.

use crate::care::patient::PatientId;
use crate::care::task::TaskKind;
use crate::store::db::columns::rows;
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::FollowUpId;

impl Tx<'_> {
    /// Closes every open task about a follow-up, because it was dealt with.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn close_tasks_about(&mut self, follow_up: FollowUpId, note: &str) -> Result<(), StoreError> {
        self.strike_standing("follow_up_id = ?", [follow_up.0])?;
        let ask = "SELECT id FROM task WHERE follow_up_id = ? AND state = 'open'";
        for id in rows(self.sql, ask, [follow_up.0], |r| r.get(0))? {
            self.close_task(id, note)?;
        }
        Ok(())
    }

    /// Closes every open task of one cause about one patient, because the cause is gone.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn close_tasks_for(&mut self, patient: PatientId, cause: &str, note: &str) -> Result<(), StoreError> {
        self.strike_standing("patient_id = ? AND cause = ?", (patient.0, cause))?;
        let ask = "SELECT id FROM task WHERE patient_id = ? AND cause = ? AND state = 'open'";
        for id in rows(self.sql, ask, (patient.0, cause), |r| r.get(0))? {
            self.close_task(id, note)?;
        }
        Ok(())
    }

    /// Closes every open task about a patient: she has died, nobody may be asked to ring her.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn close_all_tasks(&mut self, patient: PatientId, note: &str) -> Result<(), StoreError> {
        self.strike_standing("patient_id = ?", [patient.0])?;
        self.strike_bookings_of(patient)?;
        let ask = "SELECT id FROM task WHERE patient_id = ? AND state = 'open'";
        let open: Vec<i64> = rows(self.sql, ask, [patient.0], |r| r.get(0))?;
        // A death is recorded whatever one of the rows holds.
        self.close_each(&open, note)
    }

    /// Closes the open task of that kind and cause, because the cause is gone.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn close_tasks_caused(&mut self, kind: TaskKind, cause: &str, note: &str) -> Result<(), StoreError> {
        self.strike_standing("kind = ? AND cause = ?", (kind.word(), cause))?;
        let ask = "SELECT id FROM task WHERE kind = ? AND cause = ? AND state = 'open'";
        let open: Vec<i64> = rows(self.sql, ask, (kind.word(), cause), |r| r.get(0))?;
        self.close_each(&open, note)
    }

    /// Closes tasks whose cause is gone, each alone: one whose row takes no change stays open and is named to people, and holds up
    /// nothing else.
    ///
    /// # Errors
    /// [`StoreError`] when nothing can be recorded at all.
    pub fn close_each(&mut self, open: &[i64], note: &str) -> Result<(), StoreError> {
        for (end, id) in self.each(open, |tx, id| tx.close_task(*id, note)).into_iter().zip(open) {
            match end {
                Err(fault) if fault.is_everyones() => return Err(fault),
                Err(fault) => {
                    tracing::error!(task = id, %fault, "a task whose cause is gone could not be closed");
                    self.note_unread("task", *id, "its row takes no change");
                }
                Ok(()) => {}
            }
        }
        Ok(())
    }

    /// Closes every open task of one kind about one patient, because the cause is gone.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn close_tasks_of(
        &mut self,
        patient: PatientId,
        kinds: &[TaskKind],
        note: &str,
    ) -> Result<(), StoreError> {
        let ask = "SELECT id FROM task WHERE patient_id = ? AND kind = ? AND state = 'open'";
        for kind in kinds {
            self.strike_standing("patient_id = ? AND kind = ?", (patient.0, kind.word()))?;
            for id in rows(self.sql, ask, (patient.0, kind.word()), |r| r.get(0))? {
                self.close_task(id, note)?;
            }
        }
        Ok(())
    }
}
