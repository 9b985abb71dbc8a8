//! What people write to a mailbox of ours, kept for staff: the only place where words of theirs stand.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::address::EmailAddress;
use crate::care::inbound::{MessageKind, MessageNote};
use crate::care::patient::{PatientId, PatientStatus};
use crate::care::record::suspected_death::SuspectedDeath;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{self, instant, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;
use crate::store::people::patient_status;
use crate::store::people::patients::NewStatus;
use crate::store::plan::appointments::{self, Booked};
use crate::store::subject::Subject;

/// Row identity of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InboundId(pub i64);

impl From<InboundId> for Subject {
    fn from(id: InboundId) -> Self {
        Self::Inbound(id.0)
    }
}

/// Whom and what a message is about, as far as it is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InboundSubject {
    /// The patient who wrote, or about whom it is; `None` where that cannot be told.
    pub patient: Option<PatientId>,
    /// The letter it answers or is about, if one can be found.
    pub delivery: Option<DeliveryId>,
    /// The appointment whose calendar entry it answers, by row.
    pub appointment: Option<i64>,
}

/// A message as staff read it. Its Debug says nothing of the words (P10).
#[derive(Clone)]
pub struct InboundMessage {
    /// Its row; `inbound/ID` is the cause of its task.
    pub id: InboundId,
    /// When it was taken in.
    pub received_at: Timestamp,
    /// What it was taken for as it came in, e.g. words of a person or a calendar that declines.
    pub kind: MessageKind,
    /// Whom and what it is about.
    pub about: InboundSubject,
    /// Who it says it is from.
    pub sender: Option<String>,
    /// Its subject line, at most 200 characters.
    pub subject: String,
    /// Its words, plain text.
    pub text: String,
    /// The letter that answers it automatically; `None` if none does.
    pub answer: Option<DeliveryId>,
}

/// A message about to be kept.
#[derive(Clone, Copy)]
pub struct NewInbound<'a> {
    /// SHA-256 of its words: the same words are kept once.
    pub digest: &'a [u8; 32],
    /// What it is taken for; decides whether a person is asked to read it.
    pub kind: MessageKind,
    /// Whom and what it is about.
    pub about: InboundSubject,
    /// Its sender and words.
    pub note: &'a MessageNote,
}

impl std::fmt::Debug for InboundMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Tx<'_> {
    /// Keeps a message. `None` when it is kept already.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn keep_inbound(&mut self, new: &NewInbound<'_>) -> Result<Option<InboundId>, StoreError> {
        let NewInbound { digest, kind, about, note } = *new;
        let insert = "INSERT INTO inbound (digest, received_at, kind, patient_id, delivery_id, appointment_id, sender, subject, text) \
                      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO NOTHING";
        let kept = self.sql.prepare_cached(insert)?.execute((
            &digest[..],
            self.at_ms(),
            kind.word(),
            about.patient.map(|p| p.0),
            about.delivery.map(|d| d.0),
            about.appointment,
            &note.sender,
            &note.subject,
            &note.text,
        ))?;
        if kept == 0 {
            return Ok(None);
        }
        let id = self.sql.last_insert_rowid();
        let detail = serde_json::json!({ "kind": kind.word(), "patient": about.patient.map(|p| p.0),
            "delivery": about.delivery.map(|d| d.0), "appointment": about.appointment });
        self.audit(AuditAction::InboundKept, Subject::Inbound(id), &detail)?;
        Ok(Some(InboundId(id)))
    }

    /// Notes which letter answers a message.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_answer(&mut self, id: InboundId, answer: DeliveryId) -> Result<(), StoreError> {
        let update = "UPDATE inbound SET answer_id = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((answer.0, id.0))?;
        self.audit(AuditAction::InboundAnswered, id, &serde_json::json!({ "delivery": answer.0 }))
    }
}

const COLUMNS: &str =
    "id, received_at, kind, patient_id, delivery_id, appointment_id, sender, subject, text, answer_id";

impl View<'_> {
    /// The message in that row, words included.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn inbound(&self, id: InboundId) -> Result<InboundMessage, StoreError> {
        let found = self.inbounds("id = ?1", id.0)?.pop();
        found.ok_or_else(|| StoreError::not_found(&format!("message `{}`", id.0)))
    }

    /// What she wrote, newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn inbound_of(&self, patient: PatientId, limit: u32) -> Result<Vec<InboundMessage>, StoreError> {
        self.inbounds(&format!("patient_id = ?1 ORDER BY id DESC LIMIT {limit}"), patient.0)
    }

    /// The messages a task stands for: the one its cause names, those that had to share a task, or
    /// what a mail system wrote about its letter.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn inbound_behind(
        &self,
        cause: &str,
        opened_at: Timestamp,
    ) -> Result<Vec<InboundMessage>, StoreError> {
        let number = |id: &str| id.parse::<i64>().unwrap_or_default();
        match cause.split_once('/') {
            Some(("inbound", "more")) => self.inbounds(&shared_by_strangers(), columns::millis(opened_at)),
            // One message that may mean several has a task for each of them.
            Some(("inbound", one)) if one.split_once('/').is_some_and(|(id, _)| number(id) > 0) => {
                self.inbounds("id = ?1", number(one.split('/').next().unwrap_or_default()))
            }
            Some(("inbound", shared)) if shared.contains('/') => {
                let Some(hers) = self.whose_share(cause)? else { return Ok(Vec::new()) };
                self.inbounds(&format!("{} ORDER BY id DESC LIMIT 200", shared_by(opened_at)), hers)
            }
            Some(("inbound", id)) => self.inbounds("id = ?1", number(id)),
            // What a mail system wrote about a letter stands with the letter's own task.
            Some(("delivery", id)) => self.inbounds(
                "delivery_id = ?1 AND (kind = 'server' OR kind = 'challenge') ORDER BY id",
                number(id),
            ),
            _ => Ok(Vec::new()),
        }
    }

    /// How many messages under her name share a task; nought for one that stands for a single message or a stranger's.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn inbound_sharing(&self, cause: &str, opened_at: Timestamp) -> Result<u32, StoreError> {
        let Some(hers) = self.whose_share(cause)? else { return Ok(0) };
        let ask = format!("SELECT count(*) FROM inbound WHERE {}", shared_by(opened_at));
        Ok(self.sql.prepare_cached(&ask)?.query_row([hers], |r| r.get(0))?)
    }

    /// Whose messages share the task of that cause, if it is one of these; her record may have been merged since.
    fn whose_share(&self, cause: &str) -> Result<Option<i64>, StoreError> {
        let shared = cause.strip_prefix("inbound/").and_then(|shared| shared.split_once('/'));
        let shared = shared.filter(|(by, _)| by.parse::<i64>().is_err());
        let hers = shared.and_then(|(_, id)| id.parse().ok()).map(PatientId);
        Ok(hers.map(|id| self.record_that_stays(id)).transpose()?.map(|id| id.0))
    }

    /// Whether a message with that digest is kept.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn inbound_is_kept(&self, digest: &[u8; 32]) -> Result<bool, StoreError> {
        Ok(self.sql.prepare_cached("SELECT 1 FROM inbound WHERE digest = ?")?.exists([&digest[..]])?)
    }

    /// Whether a letter answers a message of hers.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn is_answer(&self, letter: DeliveryId) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM inbound WHERE answer_id = ?";
        Ok(self.sql.prepare_cached(ask)?.exists([letter.0])?)
    }

    /// Whether a message of hers that came in after `since` was answered.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn answered_since(&self, patient: PatientId, since: Timestamp) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM inbound WHERE patient_id = ? AND answer_id IS NOT NULL AND received_at > ?";
        Ok(self.sql.prepare_cached(ask)?.exists((patient.0, columns::millis(since)))?)
    }

    /// How many tasks about messages of people who are not on record are open.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn strangers_waiting(&self) -> Result<i64, StoreError> {
        let ask = "SELECT count(*) FROM task WHERE state = 'open' AND patient_id IS NULL AND cause LIKE 'inbound/%'";
        Ok(self.sql.prepare_cached(ask)?.query_row([], |r| r.get(0))?)
    }

    /// How many tasks about messages under her name are open.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn messages_waiting(&self, patient: PatientId) -> Result<i64, StoreError> {
        let ask =
            "SELECT count(*) FROM task WHERE state = 'open' AND patient_id = ? AND cause LIKE 'inbound/%'";
        Ok(self.sql.prepare_cached(ask)?.query_row([patient.0], |r| r.get(0))?)
    }

    /// How many patients stand so since then, because it was told in that way that they may have died, or else for that reason.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn became_since(&self, stand: NewStatus<'_>, since: Timestamp) -> Result<i64, StoreError> {
        let ask = "SELECT count(*) FROM patient WHERE status = ?1 AND status_at >= ?4 \
                   AND CASE WHEN ?2 IS NULL THEN status_reason = ?3 ELSE suspected_death = ?2 END";
        let death = stand.suspected_death.map(SuspectedDeath::word);
        let row = (stand.to.word(), death, stand.reason, columns::millis(since));
        Ok(self.sql.prepare_cached(ask)?.query_row(row, |r| r.get(0))?)
    }

    /// The appointment of a calendar entry, and whose it is.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn appointment_named(&self, uid: &str) -> Result<Option<(PatientId, Booked)>, StoreError> {
        let ask = "SELECT id, on_date, at_time, zone, place, uid, sequence, state, note, patient_id FROM appointment WHERE uid = ?";
        let found = rows(self.sql, ask, [uid], |r| Ok((r.get::<_, i64>(9)?, appointments::booked(r))))?;
        found.into_iter().next().map(|(patient, booked)| Ok((PatientId(patient), booked?))).transpose()
    }

    /// The patients on record at a mailbox: row, case code, and whether she is in the clinic's care.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn behind(&self, mailbox: &EmailAddress) -> Result<Vec<(PatientId, String, bool)>, StoreError> {
        let ask = format!(
            "SELECT id, reference, status IN ({}) FROM patient \
                   WHERE id IN (SELECT id FROM patient WHERE email IS NOT NULL AND email = ?1 COLLATE NOCASE \
                     UNION SELECT patient_id FROM patient_proxy WHERE email = ?1 COLLATE NOCASE AND ended_at IS NULL) \
                   ORDER BY id LIMIT 20",
            patient_status::words(PatientStatus::is_in_care)
        );
        rows(self.sql, &ask, [mailbox.expose()], |r| Ok((PatientId(r.get(0)?), r.get(1)?, r.get(2)?)))
    }

    fn inbounds(&self, condition: &str, value: i64) -> Result<Vec<InboundMessage>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM inbound WHERE {condition}");
        self.readable(&ask, [value], |r| of_row("inbound", r, 0, || message(r)))
    }
}

/// Her messages since then that have no task of their own; `?1` is she.
fn shared_by(opened_at: Timestamp) -> String {
    let since = columns::millis(opened_at);
    format!("patient_id = ?1 AND received_at >= {since} AND {WITHOUT_TASK}")
}

/// Strangers' messages since `?1` that have no task of their own.
fn shared_by_strangers() -> String {
    format!(
        "received_at >= ?1 AND patient_id IS NULL AND delivery_id IS NULL AND {WITHOUT_TASK} ORDER BY received_at, id LIMIT 200"
    )
}

/// One question a state of tasks: each state has an index of its own, and a task in neither does not exist.
const WITHOUT_TASK: &str = "NOT EXISTS (SELECT 1 FROM task t WHERE t.cause = 'inbound/' || inbound.id AND t.state = 'open') \
                            AND NOT EXISTS (SELECT 1 FROM task t WHERE t.cause = 'inbound/' || inbound.id AND t.state = 'done')";

fn message(row: &Row<'_>) -> Result<InboundMessage, StoreError> {
    let kind: String = row.get(2)?;
    Ok(InboundMessage {
        id: InboundId(row.get(0)?),
        received_at: instant(row.get(1)?),
        kind: MessageKind::parse(&kind).ok_or_else(|| StoreError::corrupt("kind of a message"))?,
        about: InboundSubject {
            patient: row.get::<_, Option<i64>>(3)?.map(PatientId),
            delivery: row.get::<_, Option<i64>>(4)?.map(DeliveryId),
            appointment: row.get(5)?,
        },
        sender: row.get(6)?,
        subject: row.get(7)?,
        text: row.get(8)?,
        answer: row.get::<_, Option<i64>>(9)?.map(DeliveryId),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn messages_behind_a_shared_task_are_found_without_a_look_at_every_task_or_message_ever() {
        let (_dir, store) = fresh();
        for condition in [shared_by(Timestamp::UNIX_EPOCH), shared_by_strangers()] {
            let steps = plan(&store, &format!("SELECT {COLUMNS} FROM inbound WHERE {condition}"), &["1"]);
            assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:?}");
        }
    }
}
