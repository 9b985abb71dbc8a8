//! Who of an import may go when it is undone, and how she goes: whoever has had nothing sent and was not touched since. Her row
//! numbers never come back.

use std::collections::{BTreeMap, HashSet};

use super::imports::ImportId;
use crate::care::patient::PatientId;
use crate::care::roster::import_undo::StayReason;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::rows;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::subject::Subject;

/// Somebody whom an import brought and who is still on record.
#[derive(Debug, Clone)]
pub struct ImportMember {
    /// Row of the patient.
    pub patient: PatientId,
    /// Case code of the patient.
    pub reference: String,
    /// Why she stays; `None` when she may go.
    pub stays: Option<StayReason>,
}

/// The patients of an import, as a subquery.
const MEMBERS: &str = "(SELECT patient_id FROM import_patient WHERE import_id = ?1)";

/// What did not come with the import.
const BROUGHT: &str = " AND at > (SELECT imported_at FROM roster_import WHERE id = ?1)";

/// Tables in whose column `patient_id` a reason stands. Changes are told by the audit.
const fn on_record(reason: StayReason) -> &'static [&'static str] {
    match reason {
        StayReason::Letter => &["delivery", "reminder", "link", "refused_alike_status"],
        StayReason::Answers => &[
            "response",
            "link_request",
            "alert",
            "inbound",
            "opt_out",
            "form_lock",
            "baseline",
            "known_mark",
            "bone_spread",
            "bone_spread_withdrawal",
            "death_reversal",
        ],
        StayReason::Work => &["contact_log", "patient_merge", "erasure", "erased_patient"],
        StayReason::Looked => &["record_view"],
        StayReason::Publication | StayReason::Changed => &[],
    }
}

/// Tables from which somebody is taken, in this order, by the column that names her.
const HERS: [(&str, &str); 11] = [
    ("import_booking", "patient_id"),
    ("import_patient", "patient_id"),
    ("standing", "patient_id"),
    ("appointment", "patient_id"),
    ("zone_move", "(SELECT f.patient_id FROM follow_up f WHERE f.id = follow_up_id)"),
    ("follow_up", "patient_id"),
    ("enrolment", "patient_id"),
    ("contact", "patient_id"),
    ("patient_proxy", "patient_id"),
    ("opt_out", "patient_id"),
    ("patient", "id"),
];

impl View<'_> {
    /// Everybody whom an import brought, in the order of the file, each with why she stays.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn import_members(&self, import: ImportId) -> Result<Vec<ImportMember>, StoreError> {
        let stays = self.who_stays(import)?;
        let ask = format!("SELECT id, reference FROM patient WHERE id IN {MEMBERS} ORDER BY id");
        self.all(&ask, [import.0], |r| {
            let patient = PatientId(r.get(0)?);
            Ok(ImportMember { patient, reference: r.get(1)?, stays: stays.get(&patient.0).copied() })
        })
    }

    fn who_stays(&self, import: ImportId) -> Result<BTreeMap<i64, StayReason>, StoreError> {
        let mut found = BTreeMap::new();
        for reason in StayReason::ALL {
            for id in self.held_by(reason, import)? {
                found.entry(id).or_insert(reason);
            }
        }
        Ok(found)
    }

    /// Whom a reason keeps on record.
    fn held_by(&self, reason: StayReason, import: ImportId) -> Result<HashSet<i64>, StoreError> {
        let named = on_record(reason).iter().map(|table| {
            // What the list itself says she does not want is no answer of hers.
            let since = if *table == "opt_out" { BROUGHT } else { "" };
            format!("SELECT patient_id FROM {table} WHERE patient_id IN {MEMBERS}{since}")
        });
        let further = match reason {
            StayReason::Changed => return self.changed_since(import),
            StayReason::Work => Some(format!(
                "SELECT patient_id FROM task WHERE patient_id IN {MEMBERS} AND (owner IS NOT NULL \
                 OR state = 'done' AND closed_by <> 'daemon')"
            )),
            StayReason::Publication => Some(format!(
                "SELECT e.patient_id FROM publication_move m JOIN enrolment e ON e.id = m.enrolment_id \
                 WHERE e.patient_id IN {MEMBERS}"
            )),
            StayReason::Letter | StayReason::Answers | StayReason::Looked => None,
        };
        let mut found = HashSet::new();
        for ask in named.chain(further) {
            found.extend(rows(self.sql, &ask, [import.0], |r| r.get::<_, i64>(0))?);
        }
        Ok(found)
    }

    /// About whom, her enrolments or follow-ups, the audit tells something since the import.
    fn changed_since(&self, import: ImportId) -> Result<HashSet<i64>, StoreError> {
        let touched = self.subjects_since(import)?;
        let ask = format!(
            "SELECT id, 'patient/' || id FROM patient WHERE id IN {MEMBERS} \
             UNION ALL SELECT patient_id, 'enrolment/' || id FROM enrolment WHERE patient_id IN {MEMBERS} \
             UNION ALL SELECT patient_id, 'follow-up/' || id FROM follow_up WHERE patient_id IN {MEMBERS}"
        );
        let named = rows(self.sql, &ask, [import.0], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?)))?;
        Ok(named.into_iter().filter(|(_, subject)| touched.contains(subject)).map(|(id, _)| id).collect())
    }

    /// What the audit speaks of since the import, read back from its end.
    fn subjects_since(&self, import: ImportId) -> Result<HashSet<String>, StoreError> {
        let own = Subject::from(import).to_string();
        let mut statement =
            self.sql.prepare_cached("SELECT action, subject FROM audit_event ORDER BY id DESC")?;
        let mut events = statement.query([])?;
        let mut found = HashSet::new();
        while let Some(event) = events.next()? {
            let (action, subject): (String, String) = (event.get(0)?, event.get(1)?);
            if action == AuditAction::RosterImported.name() && subject == own {
                break;
            }
            found.insert(subject);
        }
        Ok(found)
    }
}

impl Tx<'_> {
    /// Takes somebody off the record, with her plan. Tasks about her stay as they were noted, closed and without her.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when something on record still names her.
    pub fn remove_patient(&mut self, patient: PatientId, note: &str) -> Result<(), StoreError> {
        for (name, table) in [("patient", "patient"), ("enrolment", "enrolment"), ("follow_up", "follow_up")]
        {
            let raise = format!(
                "INSERT INTO id_floor (name, highest) SELECT ?, max(id) FROM {table} WHERE true \
                 ON CONFLICT (name) DO UPDATE SET highest = max(highest, excluded.highest)"
            );
            self.sql.prepare_cached(&raise)?.execute([name])?;
        }
        self.close_all_tasks(patient, note)?;
        let detach = "UPDATE task SET patient_id = NULL, follow_up_id = NULL WHERE patient_id = ?";
        self.sql.prepare_cached(detach)?.execute([patient.0])?;
        for (table, column) in HERS {
            let delete = format!("DELETE FROM {table} WHERE {column} = ?");
            self.sql.prepare_cached(&delete)?.execute([patient.0])?;
        }
        Ok(())
    }

    /// Notes that an import was undone.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when it was undone already.
    pub fn note_import_undone(&mut self, import: ImportId, removed: i64) -> Result<(), StoreError> {
        let update = "UPDATE roster_import SET undone_at = ?, undone_by = ?, removed = ? WHERE id = ? AND undone_at IS NULL";
        let row = (self.at_ms(), self.actor().word(), removed, import.0);
        match self.sql.prepare_cached(update)?.execute(row)? {
            0 => Err(StoreError::conflict("that import was undone already")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::fresh;

    /// The preview is true only if it knows whatever may keep her on record when she is to go.
    #[test]
    fn every_table_that_names_her_is_known() {
        let (_dir, store) = fresh();
        let ask = "SELECT DISTINCT t.name FROM sqlite_schema t, pragma_foreign_key_list(t.name) k \
                   WHERE t.type = 'table' AND k.\"table\" IN ('patient', 'enrolment', 'follow_up', 'appointment')";
        let naming = store.read(|view| rows(view.sql, ask, [], |r| r.get::<_, String>(0))).unwrap();
        assert!(naming.len() > 20, "{naming:?}");
        // A task loses her; whom a publication moves is found by her enrolment.
        let apart = ["task", "publication_move"];
        for table in naming {
            let stays = StayReason::ALL.iter().any(|reason| on_record(*reason).contains(&table.as_str()));
            let goes = HERS.iter().any(|(hers, _)| *hers == table);
            assert!(stays || goes || apart.contains(&table.as_str()), "{table}");
        }
    }
}
