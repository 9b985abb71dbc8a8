//! Letters that were refused: the run of those refused alike, which may turn out to be about us.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::store::alerts::lifecycle::AlertId;
use crate::store::db::columns::{date, instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::mail::delivery::{Delivery, DeliveryId, Purpose};

/// The fact that a refusal came by notice: which letter came back, and when it was taken since.
pub const RETURNED: &str = "mail-refused-by-notice";

/// The fact since when the server has put everything off in words of its own; kept until it takes a letter.
pub const STALLED: &str = "mail-stalled-since";
/// The fact since when letters were put off for a reason that may be theirs; kept until the server takes one.
pub const PUT_OFF: &str = "mail-put-off-since";

/// A letter of the run: refused for good in the same words as the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatedRefusal {
    /// The refused letter; it goes back to the outbox if the run turns out to be about us.
    pub delivery: DeliveryId,
    /// The address it was sealed for.
    pub mailbox: String,
}

/// How somebody stood before the refusal of a letter changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateBeforeRefusal {
    /// The patient; all who share the mailbox that was refused are kept.
    pub patient: PatientId,
    /// Her status before the refusal, given back if it turns out to be about us.
    pub status: PatientStatus,
    /// The day her pause was to end by itself.
    pub until: Option<jiff::civil::Date>,
}

impl Tx<'_> {
    /// A letter was refused for good: it goes on a run in the same words, or begins one.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn refused_alike(&mut self, id: DeliveryId, likeness: &str) -> Result<(), StoreError> {
        let others = "SELECT 1 FROM refused_alike WHERE likeness <> ?";
        if self.sql.prepare_cached(others)?.exists([likeness])? {
            self.end_run()?;
        }
        let insert = "INSERT INTO refused_alike (delivery_id, likeness, at) VALUES (?1, ?2, ?3) \
                      ON CONFLICT (delivery_id) DO UPDATE SET at = ?3";
        self.sql.prepare_cached(insert)?.execute((id.0, likeness, self.at_ms()))?;
        Ok(())
    }

    /// Keeps how somebody stands before the refusal of a letter changes it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn keep_standing(&mut self, id: DeliveryId, patient: &Patient) -> Result<(), StoreError> {
        let insert = "INSERT OR IGNORE INTO refused_alike_status (delivery_id, patient_id, status, paused_until) \
                      VALUES (?, ?, ?, ?)";
        let until = patient.paused_until.map(|on| on.to_string());
        self.sql.prepare_cached(insert)?.execute((id.0, patient.id.0, patient.status.word(), until))?;
        Ok(())
    }

    /// The run is over: a letter was taken, or another refusal came.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn end_run(&mut self) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM refused_alike_status")?.execute([])?;
        self.sql.prepare_cached("DELETE FROM refused_alike")?.execute([])?;
        Ok(())
    }
}

impl Tx<'_> {
    /// Moves a letter that failed to a day of its reader that no other letter of reminders has, if its own was given away.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn free_day(&mut self, letter: &Delivery) -> Result<(), StoreError> {
        let taken = "SELECT 1 FROM delivery WHERE patient_id = ? AND local_on = ? AND purpose = 'reminders' \
                     AND frees_day = 0 AND id <> ?";
        let Some(patient) = letter.patient.filter(|_| letter.purpose == Purpose::Reminders) else {
            return Ok(());
        };
        let mut on = letter.local_on;
        while self.sql.prepare_cached(taken)?.exists((patient.0, on.to_string(), letter.id.0))? {
            on = on.tomorrow().map_err(|_| StoreError::conflict("no day is left"))?;
        }
        let update = "UPDATE delivery SET local_on = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((on.to_string(), letter.id.0))?;
        Ok(())
    }
}

impl View<'_> {
    /// Whether the server refuses us, puts everything off, or a run is under way; asked of each letter that is taken.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_refusals(&self) -> Result<bool, StoreError> {
        let ask = "SELECT EXISTS (SELECT 1 FROM mail_refusal) OR EXISTS (SELECT 1 FROM refused_alike) \
                   OR EXISTS (SELECT 1 FROM fact WHERE name IN (?, ?))";
        Ok(self.sql.prepare_cached(ask)?.query_row([STALLED, PUT_OFF], |r| r.get(0))?)
    }

    /// The letters refused in those words since `since`, with none taken between.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn run(&self, likeness: &str, since: Timestamp) -> Result<Vec<RepeatedRefusal>, StoreError> {
        let ask = "SELECT a.delivery_id, coalesce(s.recipient, '') FROM refused_alike a \
                   LEFT JOIN sealed s ON s.delivery_id = a.delivery_id \
                   WHERE a.likeness = ? AND a.at >= ? ORDER BY a.delivery_id";
        self.readable(ask, (likeness, millis(since)), |r| {
            of_row("sealed", r, 0, || {
                Ok(RepeatedRefusal { delivery: DeliveryId(r.get(0)?), mailbox: r.get(1)? })
            })
        })
    }

    /// How those stood whom the refusal of a letter changed; whose standing cannot be read is left to a person.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn stood_before(&self, id: DeliveryId) -> Result<Vec<StateBeforeRefusal>, StoreError> {
        let ask = format!("SELECT {STANDINGS} FROM refused_alike_status WHERE delivery_id = ?");
        self.readable(&ask, [id.0], stood)
    }

    /// Whether an attempt of this letter was refused for good before.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn was_refused(&self, id: DeliveryId) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM attempt WHERE delivery_id = ? AND verdict IN ('refused', 'bad-address')";
        Ok(self.sql.prepare_cached(ask)?.exists([id.0])?)
    }

    /// When a letter was first put off for a reason of its own or of its reader's: not for ours, nor because no line could be
    /// had or the server was busy.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn first_put_off(&self, id: DeliveryId) -> Result<Option<Timestamp>, StoreError> {
        let ask = "SELECT min(ended_at) FROM attempt WHERE delivery_id = ? AND verdict = 'later'";
        let found: Option<i64> = self.sql.prepare_cached(ask)?.query_row([id.0], |r| r.get(0))?;
        Ok(found.map(instant))
    }

    /// A patient's letters that failed because her address was bad, and are still of use. Any other
    /// that failed has had its task `letter-failed`.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_lost_with_address(
        &self,
        patient: PatientId,
        now: Timestamp,
    ) -> Result<Vec<DeliveryId>, StoreError> {
        rows(self.sql, LOST, (patient.0, millis(now)), |r| Ok(DeliveryId(r.get(0)?)))
    }

    /// How often the server refused us over a letter.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn refusals_of_us(&self, id: DeliveryId) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM attempt WHERE delivery_id = ? AND verdict = 'refuses-us'";
        Ok(self.sql.prepare_cached(ask)?.query_row([id.0], |r| r.get(0))?)
    }

    /// The alerts that a letter told of.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn alerts_told_by(&self, id: DeliveryId) -> Result<Vec<AlertId>, StoreError> {
        let ask = "SELECT DISTINCT alert_id FROM alert_notice WHERE delivery_id = ? AND channel = 'email'";
        rows(self.sql, ask, [id.0], |r| Ok(AlertId(r.get(0)?)))
    }

    /// Letters to patients in the outbox whose use is over, longest first; at most 1,000.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_outlived(&self, now: Timestamp) -> Result<Vec<DeliveryId>, StoreError> {
        let ask = "SELECT id FROM delivery WHERE state = 'pending' AND audience = 'patient' AND expires_at <= ? \
                   ORDER BY expires_at, id LIMIT 1000";
        rows(self.sql, ask, [millis(now)], |r| Ok(DeliveryId(r.get(0)?)))
    }
}

/// What [`stood`] reads, its number first.
pub(in crate::store) const STANDINGS: &str = "delivery_id, patient_id, status, paused_until";

pub(in crate::store) fn stood(row: &Row<'_>) -> Result<StateBeforeRefusal, StoreError> {
    of_row("refused_alike_status", row, 0, || {
        let (status, until): (String, Option<String>) = (row.get(2)?, row.get(3)?);
        Ok(StateBeforeRefusal {
            patient: PatientId(row.get(1)?),
            status: PatientStatus::parse(&status).map_err(|_| StoreError::corrupt("status"))?,
            until: until.as_deref().map(date).transpose()?,
        })
    })
}

/// One question a state of tasks: each state has an index of its own, and a task in neither does not exist.
const LOST: &str = "SELECT id FROM delivery d WHERE patient_id = ? AND state = 'failed' AND expires_at > ? \
                    AND NOT EXISTS (SELECT 1 FROM task t WHERE t.kind = 'letter-failed' AND t.cause = 'delivery/' || d.id \
                    AND t.state = 'open') \
                    AND NOT EXISTS (SELECT 1 FROM task t WHERE t.kind = 'letter-failed' AND t.cause = 'delivery/' || d.id \
                    AND t.state = 'done')";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn a_lost_letter_is_found_without_a_look_at_every_task_ever_opened() {
        let (_dir, store) = fresh();
        let steps = plan(&store, LOST, &["1", "0"]);
        assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{steps:?}");
    }
}
