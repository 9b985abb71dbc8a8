//! How old a record is: since when she stands where she does, when anybody last had to do with her, and whose time is over.

use jiff::Timestamp;
use rusqlite::{Params, Row};

use crate::care::patient::{Patient, PatientId, Reference};
use crate::care::record::retention::has_left;
use crate::care::task::TaskKind;
use crate::store::audit_pages::letter_events::OTHERS;
use crate::store::db::columns::{instant, millis};
use crate::store::db::transaction::View;
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::people::erasure::erased_rows::HERS;
use crate::store::people::{patient_status, patients};
use crate::store::row_page::{RowPage, RowPageReader};

/// So many records stand on a page.
const PAGE: u32 = 50;

/// Since when, by the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordDates {
    /// Since when she stands where she does.
    pub status_since: Timestamp,
    /// When anybody last had to do with her; when she was taken in, if nobody had.
    pub last_contact: Timestamp,
    /// When her whole record was last given out.
    pub exported: Option<Timestamp>,
}

/// Until when the last contact, or the record of a death, lies long enough back; `None` where no period counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetentionCutoff {
    /// For those who left: the last contact.
    pub last_contact: Option<Timestamp>,
    /// For the dead: when it was recorded.
    pub death: Option<Timestamp>,
}

/// Everything that is contact with her, by its instant. Days at the clinic count from the noon before.
fn contacts() -> String {
    format!(
        "SELECT created_at AS at FROM patient WHERE id IN {HERS} \
         UNION ALL SELECT max(ended_at) FROM delivery WHERE patient_id IN {HERS} AND state IN ('sent', 'unknown') \
         UNION ALL SELECT max(answered_at) FROM response WHERE patient_id IN {HERS} \
         UNION ALL SELECT max(received_at) FROM inbound WHERE patient_id IN {HERS} \
         UNION ALL SELECT max(logged_at) FROM contact_log WHERE patient_id IN {HERS} \
         UNION ALL SELECT max(unixepoch(closed_on)) * 1000 FROM follow_up WHERE patient_id IN {HERS} AND state = 'done' \
         UNION ALL SELECT max(unixepoch(a.on_date)) * 1000 FROM follow_up f JOIN appointment a ON a.follow_up_id = f.id \
         WHERE f.patient_id IN {HERS} AND a.state IN ('kept', 'booked')"
    )
}

/// Whose time is over, a page at a time: `?2` is the cutoff of those who left, `?3` of the dead. What is asked of her rows is
/// asked of the few that are old enough by themselves.
fn over() -> String {
    format!(
        "SELECT {columns} FROM patient p INDEXED BY patient_left WHERE p.id > ?1 \
         AND p.status IN ({left}) \
         AND iif(p.status = 'deceased', p.status_at <= ?3, p.created_at <= ?2) \
         AND p.id NOT IN (SELECT patient_id FROM ended_record) AND p.reference <> ?4 \
         AND (p.status <> 'opted_out_email' OR NOT EXISTS \
         (SELECT 1 FROM enrolment e WHERE e.patient_id = p.id AND e.state = 'active')) \
         AND NOT EXISTS (SELECT 1 FROM alert a WHERE a.patient_id = p.id AND a.state <> 'closed') \
         AND NOT EXISTS (SELECT 1 FROM task t WHERE t.patient_id = p.id AND t.state = 'open') \
         AND (p.status = 'deceased' OR (SELECT max(at) FROM ({contacts})) <= ?2) \
         ORDER BY p.id LIMIT ?5",
        columns = patients::COLUMNS,
        left = patient_status::words(has_left),
        contacts = contacts().replace("?1", "p.id")
    )
}

impl View<'_> {
    /// Since when she stands where she does, and when anybody last had to do with her.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn record_instants(&self, patient: PatientId) -> Result<RecordDates, StoreError> {
        let ask = format!(
            "SELECT (SELECT status_at FROM patient WHERE id = ?1), (SELECT max(at) FROM ({})), \
             (SELECT max(at) FROM audit_event WHERE subject = 'patient/' || ?1 AND action = 'patient.exported' AND {OTHERS})",
            contacts()
        );
        let read = |r: &Row<'_>| {
            Ok(RecordDates {
                status_since: instant(r.get(0)?),
                last_contact: instant(r.get(1)?),
                exported: r.get::<_, Option<i64>>(2)?.map(instant),
            })
        };
        Ok(self.sql.prepare_cached(&ask)?.query_row([patient.0], read)?)
    }

    /// Whether a task of that kind is open, whatever its cause.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_any_open(&self, kind: TaskKind) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM task WHERE state = 'open' AND kind = ?";
        Ok(self.sql.prepare_cached(ask)?.exists([kind.word()])?)
    }

    /// Those whose time is over and about whom nothing is open, by row, after `after`; at most [`PAGE`].
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn records_over(
        &self,
        cutoff: RetentionCutoff,
        after: PatientId,
    ) -> Result<RowPage<Patient>, StoreError> {
        let read = RowPageReader::new(PAGE);
        let values = over_values(cutoff, after, read.asked());
        Ok(read.page(
            self.readable(&over(), values, |r| {
                read.row(of_row("patient", r, 0, || patients::patient(r, 0)))
            })?,
        ))
    }

    /// How many there are whose time is over.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn count_records_over(&self, cutoff: RetentionCutoff) -> Result<u32, StoreError> {
        let ask = format!("SELECT count(*) FROM ({})", over());
        let values = over_values(cutoff, PatientId(0), u32::MAX);
        Ok(self.sql.prepare_cached(&ask)?.query_row(values, |r| r.get(0))?)
    }
}

/// Nobody is older than no cutoff.
fn over_values(cutoff: RetentionCutoff, after: PatientId, asked: u32) -> impl Params + Clone {
    let of = |at: Option<Timestamp>| at.map_or(i64::MIN, millis);
    (after.0, of(cutoff.last_contact), of(cutoff.death), Reference::CANARY, asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn whose_time_is_over_is_asked_of_those_who_left_and_each_by_her_own_rows() {
        let (_dir, store) = fresh();
        let steps = plan(&store, &over(), &["0", "1", "1", "x", "51"]);
        assert!(steps.iter().any(|step| step.contains("patient_left (id>?)")), "{steps:?}");
        let scanned = |step: &&String| step.starts_with("SCAN") && !step.contains("CONSTANT");
        let scans: Vec<_> = steps.iter().filter(scanned).collect();
        assert!(
            scans.iter().all(|step| step.contains("patient_merge")
                || step.contains("erased_patient")
                || step.contains("(subquery")),
            "{scans:?}"
        );
        assert!(!steps.iter().any(|step| step.contains("ORDER BY")), "{steps:?}");
    }
}
