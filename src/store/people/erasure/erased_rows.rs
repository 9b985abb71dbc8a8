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
    /// As a letter to staff that told of an alert about her.
    StaffLetter,
}

impl Whose {
    fn condition(self) -> String {
        let (column, table) = match self {
            Self::Patient => return format!("patient_id IN {HERS}"),
            Self::StaffLetter => {
                return format!(
                    "delivery_id IN (SELECT n.delivery_id FROM alert_notice n JOIN alert a ON a.id = n.alert_id \
                     WHERE n.channel = 'email' AND a.patient_id IN {HERS})"
                );
            }
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
const LEFT: [LeftRow; 18] = [
    left("contact_log", "note = iif(note IS NULL, NULL, 'erased')"),
    left("task", "reason = 'erased', note = iif(note IS NULL, NULL, 'erased')"),
    left("alert", "note = iif(note IS NULL, NULL, 'erased')"),
    left("response", "answers = '{}', reasons = '[]', replaced = '[]', nonce = 'erased-' || id"),
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
    // Both named her case code. What could still leave says all of it: her alerts are closed, and all of it has ended long since.
    LeftRow {
        table: "webhook_call",
        set: "body = iif(state = 'pending', body, '{}'), reply = iif(reply IS NULL, NULL, 'erased')",
        whose: Whose::Alert,
    },
    LeftRow {
        table: "sealed",
        set: "inputs = iif((SELECT ended_at FROM delivery d WHERE d.id = delivery_id) IS NULL, inputs, NULL)",
        whose: Whose::StaffLetter,
    },
];

/// Tables whose rows go.
const GONE: [(&str, Whose); 13] = [
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
    ("refused_alike", Whose::Letter),
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

/// Tables that name a row of hers and hold nothing but numbers, instants, digests, words of closed lists, and what staff are called.
#[cfg(test)]
const REACHED: [&str; 10] = [
    "alert_closure_step",
    "alert_rung",
    "canary_walk",
    "held_back",
    "prior_letter",
    "prior_promise",
    "prior_release",
    "rung_letter",
    "test_alert_rung",
    "zone_move",
];

/// What of the rows that stay is text and stays as it is, and why it says nothing of hers.
#[cfg(test)]
const KEPT_TEXTS: [(&str, &[&str]); 5] = [
    (
        "words of closed lists, which counts and reports of past years are made of",
        &[
            "contact_log.kind",
            "task.kind",
            "task.state",
            "alert.audience",
            "alert.tier",
            "alert.state",
            "alert.dispositions",
            "alert.outcome",
            "response.who",
            "response.state",
            "response.mode",
            "response.tier",
            "inbound.kind",
            "delivery.audience",
            "delivery.purpose",
            "delivery.state",
            "delivery.on_unknown",
            "reminder.trigger",
            "reminder.step",
            "reminder.state",
            "enrolment.protocol",
            "enrolment.state",
            "follow_up.series",
            "follow_up.kind",
            "follow_up.state",
            "appointment.state",
            "import_booking.outcome",
            "death_reversal.to_status",
            "death_reversal.state",
            "link.purpose",
            "attempt.verdict",
            "attempt.enhanced",
            "alert_notice.why",
            "alert_notice.channel",
            "webhook_call.state",
        ],
    ),
    (
        "days, in the zone of the clinic",
        &[
            "response.answered_on",
            "delivery.local_on",
            "reminder.basis_on",
            "reminder.send_on",
            "enrolment.anchor_on",
            "follow_up.due_on",
            "follow_up.opens_on",
            "follow_up.closes_on",
            "follow_up.closed_on",
            "appointment.on_date",
            "appointment.at_time",
            "appointment.zone",
            "import_booking.book_by",
        ],
    ),
    (
        "accounts and rungs of staff",
        &[
            "contact_log.logged_by",
            "contact_log.handed_to",
            "task.closed_by",
            "task.owner",
            "alert.acknowledged_by",
            "alert.left_by",
            "alert.closed_by",
            "import_booking.ended_by",
            "death_reversal.asked_by",
            "death_reversal.ended_by",
            "alert_notice.rung_id",
            "alert_notice.rung",
        ],
    ),
    (
        "where calls and letters to staff went",
        &["webhook_call.receiver", "webhook_call.url", "sealed.recipient"],
    ),
    (
        "names of a row, and digests by which the same thing is known again",
        &["task.cause", "inbound.digest", "delivery.message_id", "appointment.uid", "link.digest"],
    ),
];

/// The record itself, named by its row.
const HUSK: &str = "UPDATE patient SET reference = 'erased-' || id, preferred_name = ?2, birth_on = '1900-01-01', email = NULL, \
                    language = 'en', zone = 'Etc/UTC', detail = 'minimal', detail_follows = 0, shared_inbox = 0, \
                    status = iif(status = 'deceased', 'deceased', 'transferred'), status_reason = NULL, suspected_death = NULL, status_at = ?3, \
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

    /// What names her, or a row of hers.
    const NAMING: &str = "c.name IN ('patient_id', 'alert_id', 'appointment_id', 'delivery_id', 'enrolment_id', 'follow_up_id', \
                          'link_id', 'prior_letter_id', 'response_id', 'task_id')";

    /// A table that somebody adds later and that names her must be thought of here.
    #[test]
    fn every_table_that_names_her_is_stripped_or_holds_nothing_of_hers() {
        let (_dir, store) = fresh();
        let ask = format!(
            "SELECT DISTINCT t.name FROM sqlite_schema t, pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND ({NAMING} OR t.name = 'patient')"
        );
        let naming = store.read(|view| words(view, &ask)).unwrap();
        assert!(naming.len() > 35, "{naming:?}");
        for table in naming {
            let is_known = LEFT.iter().any(|row| row.table == table)
                || GONE.iter().any(|(gone, _)| *gone == table)
                || UNTOUCHED.contains(&table.as_str())
                || REACHED.contains(&table.as_str());
            assert!(is_known, "{table}");
        }
    }

    /// So must a column that somebody adds to a row that stays.
    #[test]
    fn every_text_of_a_row_that_stays_is_taken_off_or_says_nothing_of_hers() {
        let (_dir, store) = fresh();
        let kept: Vec<&str> = KEPT_TEXTS.iter().flat_map(|(_, columns)| *columns).copied().collect();
        for row in &LEFT {
            let ask =
                format!("SELECT name FROM pragma_table_info('{}') WHERE type IN ('TEXT', 'BLOB')", row.table);
            for column in store.read(|view| words(view, &ask)).unwrap() {
                let set = format!("{column} = ");
                let is_set = row.set.starts_with(&set) || row.set.contains(&format!(", {set}"));
                let column = format!("{}.{column}", row.table);
                assert!(is_set || kept.contains(&column.as_str()), "{column}");
            }
        }
    }
}
