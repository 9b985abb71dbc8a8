//! Patients by status, and those whom nobody looks after. This reads a line of an index for each patient, so it is not asked
//! at every look.

use crate::care::patient::{PatientStatus, Reference};
use crate::store::db::columns::rows;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::work::worklist;

/// How many patients stand where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PatientReadings {
    /// By status; one in which nobody stands is left out. The canary is among the active.
    pub by_status: Vec<StatusCount>,
    /// Those with neither a next contact nor a person who was asked to take over (P8): there must be none.
    pub without_contact: u64,
}

/// How many patients stand in one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusCount {
    /// The status they stand in.
    pub status: PatientStatus,
    /// How many there are.
    pub patients: u64,
}

const BY_STATUS: &str = "SELECT status, count(*) FROM patient INDEXED BY patient_status GROUP BY status";

impl View<'_> {
    /// How many patients stand where, and how many fell out.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn patient_readings(&self) -> Result<PatientReadings, StoreError> {
        let read = |r: &rusqlite::Row<'_>| Ok((r.get::<_, String>(0)?, r.get::<_, u32>(1)?));
        let by_status = rows(self.sql, BY_STATUS, [], read)?.into_iter().filter_map(|(word, patients)| {
            let status = PatientStatus::parse(&word).ok()?;
            Some(StatusCount { status, patients: u64::from(patients) })
        });
        let mut without_contact = 0;
        for ask in worklist::asked_of("P8") {
            let canary = rusqlite::params_from_iter(ask.contains("?1").then_some(Reference::CANARY));
            let count = format!("SELECT count(*) FROM ({ask})");
            without_contact += self.sql.prepare_cached(&count)?.query_row(canary, |r| r.get::<_, u32>(0))?;
        }
        Ok(PatientReadings { by_status: by_status.collect(), without_contact: u64::from(without_contact) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan, sabotage, stamp};

    #[test]
    fn a_patient_whom_nobody_looks_after_is_counted_until_somebody_is_asked() {
        let (_dir, store) = fresh();
        let does = |sql: &'static str| store.write_blocking(stamp(), move |tx| sabotage(tx, sql)).unwrap();
        does(
            "INSERT INTO patient (id, reference, preferred_name, birth_on, language, zone, status, status_at, created_at) VALUES \
             (1, 'A-1', 'Ana', '1970-01-01', 'en', 'UTC', 'active', 0, 0), (2, 'A-2', 'Bea', '1970-01-01', 'en', 'UTC', 'deceased', 0, 0), \
             (3, 'A-3', 'Eve', '1970-01-01', 'en', 'UTC', 'address_bad', 0, 0)",
        );
        let found = store.read(|v| v.patient_readings()).unwrap();
        assert_eq!((found.by_status.len(), found.without_contact), (3, 2));
        does(
            "INSERT INTO task (kind, cause, patient_id, reason, opened_at, due_at, state) VALUES ('hand-over', 'a', 1, 'so', 0, 0, 'open'), \
             ('address-bad', 'b', 3, 'so', 0, 0, 'open')",
        );
        assert_eq!(store.read(|v| v.patient_readings()).unwrap().without_contact, 0);
        assert_eq!(plan(&store, BY_STATUS, &[]), ["SCAN patient USING COVERING INDEX patient_status"]);
    }
}
