//! Two records of one woman in SQL: what each holds, what moves from the one that ends to the one that stays, and where an old
//! case code leads. Letters, links and looks stay where they are: each letter is written again byte for byte by the record it
//! was written to.

use jiff::Timestamp;
use rusqlite::OptionalExtension;

use crate::care::patient::{PatientId, Reference};
use crate::store::db::columns::{instant, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;

/// How much of each kind a record holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecordCount {
    /// Letters that were written.
    pub letters: u32,
    /// Letters that wait to leave.
    pub waiting: u32,
    /// Forms that she answered there.
    pub answers: u32,
    /// Alerts, open and closed.
    pub alerts: u32,
    /// Tasks, open and done.
    pub tasks: u32,
    /// Messages that came from her.
    pub messages: u32,
    /// Dates at the clinic.
    pub dates: u32,
}

/// A record that ended in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergedRecord {
    /// Case code of the record that ended.
    pub reference: String,
    /// When the record was ended.
    pub at: Timestamp,
    /// Who merged it: an actor.
    pub by: String,
}

/// What goes over to the record that stays, by the column that names her.
const MOVED: [&str; 11] = [
    "response",
    "alert",
    "task",
    "inbound",
    "baseline",
    "known_mark",
    "bone_spread_withdrawal",
    "enrolment",
    "follow_up",
    "appointment",
    "import_booking",
];

/// The same, where the record that stays may hold it already.
const MOVED_ONCE: [&str; 2] = ["bone_spread", "form_lock"];

impl View<'_> {
    /// Where a record's case code leads: to itself, or to the record that it ended in.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn record_that_stays(&self, patient: PatientId) -> Result<PatientId, StoreError> {
        let ask = "SELECT into_id FROM patient_merge WHERE patient_id = ?";
        let into = self.sql.prepare_cached(ask)?.query_row([patient.0], |r| r.get(0)).optional()?;
        Ok(into.map_or(patient, PatientId))
    }

    /// The case code of the record that this one ended in, if it did.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn merged_into(&self, reference: &Reference) -> Result<Option<String>, StoreError> {
        let ask = "SELECT k.reference FROM patient o JOIN patient_merge m ON m.patient_id = o.id \
                   JOIN patient k ON k.id = m.into_id WHERE o.reference = ?";
        Ok(self.sql.prepare_cached(ask)?.query_row([reference.as_str()], |r| r.get(0)).optional()?)
    }

    /// The records that ended in this one, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn merged_from(&self, patient: PatientId) -> Result<Vec<MergedRecord>, StoreError> {
        let ask = "SELECT o.reference, m.merged_at, m.merged_by FROM patient_merge m JOIN patient o ON o.id = m.patient_id \
                   WHERE m.into_id = ? ORDER BY m.merged_at, o.id";
        rows(self.sql, ask, [patient.0], |r| {
            Ok(MergedRecord { reference: r.get(0)?, at: instant(r.get(1)?), by: r.get(2)? })
        })
    }

    /// How much a record holds.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn record_size(&self, patient: PatientId) -> Result<RecordCount, StoreError> {
        let count = |what: &str| -> Result<u32, StoreError> {
            let ask = format!("SELECT count(*) FROM {what}");
            Ok(self.sql.prepare_cached(&ask)?.query_row([patient.0], |r| r.get(0))?)
        };
        Ok(RecordCount {
            letters: count("delivery WHERE patient_id = ?")?,
            waiting: count("delivery WHERE patient_id = ? AND state IN ('pending', 'claimed')")?,
            answers: count("response WHERE patient_id = ?")?,
            alerts: count("alert WHERE patient_id = ?")?,
            tasks: count("task WHERE patient_id = ?")?,
            messages: count("inbound WHERE patient_id = ?")?,
            dates: count("follow_up f JOIN appointment a ON a.follow_up_id = f.id WHERE f.patient_id = ?")?,
        })
    }

    /// Whether a letter to her is between the program and the mail server.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_letter_leaving(&self, patient: PatientId) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM delivery WHERE patient_id = ? AND state = 'claimed'";
        Ok(self.sql.prepare_cached(ask)?.exists([patient.0])?)
    }
}

impl Tx<'_> {
    /// Takes the address off a record that is about to end, so that the one that stays may have it. That others read that mailbox
    /// stays on record: its old letters lie there.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn take_address_off(&mut self, patient: PatientId) -> Result<(), StoreError> {
        let update = "UPDATE patient SET email = NULL WHERE id = ?";
        self.sql.prepare_cached(update)?.execute([patient.0])?;
        Ok(())
    }

    /// Gives what a record holds to the one that stays, and lets its case code lead there.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn move_record(&mut self, from: PatientId, to: PatientId) -> Result<(), StoreError> {
        for table in MOVED {
            let update = format!("UPDATE {table} SET patient_id = ? WHERE patient_id = ?");
            self.sql.prepare_cached(&update)?.execute([to.0, from.0])?;
        }
        for table in MOVED_ONCE {
            let update = format!("UPDATE OR IGNORE {table} SET patient_id = ? WHERE patient_id = ?");
            self.sql.prepare_cached(&update)?.execute([to.0, from.0])?;
        }
        self.sql.prepare_cached("DELETE FROM standing WHERE patient_id = ?")?.execute([from.0])?;
        self.sql.prepare_cached("DELETE FROM contact WHERE patient_id = ?")?.execute([from.0])?;
        let insert =
            "INSERT INTO patient_merge (patient_id, into_id, merged_at, merged_by) VALUES (?, ?, ?, ?)";
        let row = (from.0, to.0, self.at_ms(), self.actor().word());
        self.sql.prepare_cached(insert)?.execute(row)?;
        let further = "UPDATE patient_merge SET into_id = ? WHERE into_id = ?";
        self.sql.prepare_cached(further)?.execute([to.0, from.0])?;
        Ok(())
    }
}
