//! What erasing a record leaves of each table: rows that others point at stay as husks without a word of hers, the rest goes.

use crate::care::patient::PatientId;
use crate::store::db::transaction::Tx;
use crate::store::error::StoreError;

/// What stands where a text was that must not be empty.
const ERASED: &str = "erased";

/// The record, and those that were merged into it.
pub(in crate::store::people) const HERS: &str =
    "(SELECT ?1 UNION ALL SELECT patient_id FROM patient_merge WHERE into_id = ?1)";

/// A table, and what each of its rows is left with: texts become [`ERASED`] where one stood, numbers and states stay.
struct LeftRow {
    table: &'static str,
    set: &'static str,
    whose: Whose,
}

/// How a table names her.
#[derive(Clone, Copy)]
enum Whose {
    /// By the column `patient_id`.
    Patient,
    /// By the letter it belongs to.
    Letter,
    /// By the enrolment it belongs to.
    Enrolment,
    /// By the alert it belongs to.
    Alert,
    /// By the link it belongs to.
    Link,
}

impl Whose {
    fn condition(self) -> String {
        let (column, table) = match self {
            Self::Patient => return format!("patient_id IN {HERS}"),
            Self::Letter => ("delivery_id", "delivery"),
            Self::Enrolment => ("enrolment_id", "enrolment"),
            Self::Alert => ("alert_id", "alert"),
            Self::Link => ("link_id", "link"),
        };
        format!("{column} IN (SELECT id FROM {table} WHERE patient_id IN {HERS})")
    }
}

const fn left(table: &'static str, set: &'static str) -> LeftRow {
    LeftRow { table, set, whose: Whose::Patient }
}

/// Tables whose rows stay, because counts, the ledger or other rows need them.
const LEFT: [LeftRow; 16] = [
    left("contact_log", "note = iif(note IS NULL, NULL, 'erased')"),
    left("task", "reason = 'erased', note = iif(note IS NULL, NULL, 'erased')"),
    left("alert", "note = iif(note IS NULL, NULL, 'erased')"),
    left("response", "answers = '{}', reasons = '[]', nonce = 'erased-' || id"),
    left("inbound", "sender = NULL, subject = 'erased', text = 'erased'"),
    left("delivery", "reason = iif(reason IS NULL, NULL, 'erased'), digest = NULL, reply_text = NULL"),
    left("reminder", "reason = iif(reason IS NULL, NULL, 'erased')"),
    left("enrolment", "closed_reason = iif(closed_reason IS NULL, NULL, 'erased')"),
    left("follow_up", "closed_reason = iif(closed_reason IS NULL, NULL, 'erased')"),
    left("appointment", "place = '', note = ''"),
    left("import_booking", "note = iif(note IS NULL, NULL, 'erased')"),
    left("death_reversal", "reason = 'erased'"),
    left("link", "state = 'used', tries = 0, opened_at = NULL"),
    LeftRow { table: "attempt", set: "reply = ''", whose: Whose::Letter },
    LeftRow {
        table: "publication_move",
        set: "kept_reason = iif(kept_reason IS NULL, NULL, 'erased')",
        whose: Whose::Enrolment,
    },
    LeftRow {
        table: "alert_notice",
        set: "address = iif(channel = 'patient', NULL, address)",
        whose: Whose::Alert,
    },
];

/// Tables whose rows go.
const GONE: [(&str, Whose); 12] = [
    ("sealed", Whose::Letter),
    ("replaced_link", Whose::Link),
    ("contact", Whose::Patient),
    ("patient_proxy", Whose::Patient),
    ("baseline", Whose::Patient),
    ("known_mark", Whose::Patient),
    ("bone_spread", Whose::Patient),
    ("bone_spread_withdrawal", Whose::Patient),
    ("form_lock", Whose::Patient),
    ("opt_out", Whose::Patient),
    ("standing", Whose::Patient),
    ("refused_alike_status", Whose::Patient),
];

/// Tables that name her and hold nothing but numbers, instants and accounts of staff: they stay as they are.
#[cfg(test)]
const UNTOUCHED: [&str; 7] = [
    "patient_merge",
    "link_request",
    "record_view",
    "import_patient",
    "erasure",
    "erased_patient",
    "patient",
];

/// The record itself, named by its row.
const HUSK: &str = "UPDATE patient SET reference = 'erased-' || id, preferred_name = ?2, birth_on = '1900-01-01', email = NULL, \
                    language = 'en', zone = 'Etc/UTC', detail = 'minimal', detail_follows = 0, shared_inbox = 0, \
                    status = iif(status = 'deceased', 'deceased', 'transferred'), status_reason = NULL, status_at = ?3, \
                    paused_until = NULL WHERE id IN ";

/// A file that waits to be taken in may hold her as well: rows with her case code go. One whose columns nobody has matched yet goes
/// with its day.
const STAGED_ROWS: &str = "DELETE FROM staged_row WHERE EXISTS (SELECT 1 FROM json_each(cells) c WHERE c.value IN \
                           (SELECT reference FROM patient WHERE id IN ";

impl Tx<'_> {
    /// Takes every word of hers off the record. That it was erased is on record already, or the ledger refuses.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub(in crate::store::people) fn strip_record(&mut self, patient: PatientId) -> Result<(), StoreError> {
        self.sql.execute(&format!("{STAGED_ROWS}{HERS}))"), [patient.0])?;
        for row in &LEFT {
            let update = format!("UPDATE {} SET {} WHERE {}", row.table, row.set, row.whose.condition());
            self.sql.execute(&update, [patient.0])?;
        }
        for (table, whose) in GONE {
            self.sql.execute(&format!("DELETE FROM {table} WHERE {}", whose.condition()), [patient.0])?;
        }
        self.sql.execute(&format!("{HUSK}{HERS}"), (patient.0, ERASED, self.at_ms()))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, words};

    /// A table that somebody adds later and that names her must be thought of here.
    #[test]
    fn every_table_that_names_her_is_stripped_or_holds_nothing_of_hers() {
        let (_dir, store) = fresh();
        let ask = "SELECT DISTINCT t.name FROM sqlite_schema t, pragma_table_info(t.name) c \
                   WHERE t.type = 'table' AND (c.name = 'patient_id' OR t.name IN ('patient', 'sealed', 'attempt'))";
        let naming = store.read(|view| words(view, ask)).unwrap();
        assert!(naming.len() > 25, "{naming:?}");
        for table in naming {
            let is_known = LEFT.iter().any(|row| row.table == table)
                || GONE.iter().any(|(gone, _)| *gone == table)
                || UNTOUCHED.contains(&table.as_str());
            assert!(is_known, "{table}");
        }
    }
}
