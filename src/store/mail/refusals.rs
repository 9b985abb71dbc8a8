//! That the mail server refuses us: the condition, and the run of letters refused alike that may turn out to be one.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::care::refusal::cause::Cause;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::db::columns::{date, instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::delivery::{Delivery, DeliveryId, Purpose};

/// The fact that a refusal came by notice: which letter came back, and when it was taken since.
pub const RETURNED: &str = "mail-refused-by-notice";

/// The fact since when the server has put everything off in words of its own; kept until it takes a letter.
pub const STALLED: &str = "mail-stalled-since";
/// The fact since when letters were put off for a reason that may be theirs; kept until the server takes one.
pub const PUT_OFF: &str = "mail-put-off-since";

/// Whose letters the server refuses, as far as it has been tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusedAudience {
    /// A patient's was refused: only a patient's that is taken ends the condition.
    Patient,
    /// So far only letters to staff or the canary were: any letter that is taken ends it.
    Staff,
}

impl RefusedAudience {
    const fn word(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Staff => "staff",
        }
    }
}

/// What the server said as it began to refuse us, or said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerWords {
    /// Why, as far as it can be told.
    pub cause: Cause,
    /// What its refusals have in common ([`crate::care::refusal::similarity`]).
    pub likeness: String,
    /// The reply code; `None` if none came.
    pub code: Option<u16>,
    /// The words, no address in them.
    pub reply: String,
}

/// The condition that the server refuses us; there is one at most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRefusal {
    /// When it was recognised, and letters to patients began to wait.
    pub since: Timestamp,
    /// Whose letters meet it; `Staff` becomes `Patient` when a patient's letter is refused too.
    pub audience: RefusedAudience,
    /// What the server said when it began, or since.
    pub words: ServerWords,
    /// How many letters have asked since.
    pub probes: u32,
    /// When the next letter asks.
    pub probe_at: Timestamp,
}

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
    /// Writes down that the server refuses us, and when the first letter asks again.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn begin_mail_refusal(
        &mut self,
        audience: RefusedAudience,
        words: &ServerWords,
        probe_at: Timestamp,
    ) -> Result<(), StoreError> {
        let insert = "INSERT INTO mail_refusal (id, since, audience, cause, likeness, code, reply, probe_at) \
                      VALUES (1, ?, ?, ?, ?, ?, ?, ?)";
        self.sql.prepare_cached(insert)?.execute((
            self.at_ms(),
            audience.word(),
            words.cause.word(),
            &words.likeness,
            words.code,
            &words.reply,
            millis(probe_at),
        ))?;
        Ok(())
    }

    /// What the server says now.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn renew_mail_refusal(
        &mut self,
        audience: RefusedAudience,
        words: &ServerWords,
    ) -> Result<(), StoreError> {
        let update = "UPDATE mail_refusal SET audience = ?, cause = ?, likeness = ?, code = ?, reply = ?";
        self.sql.prepare_cached(update)?.execute((
            audience.word(),
            words.cause.word(),
            &words.likeness,
            words.code,
            &words.reply,
        ))?;
        Ok(())
    }

    /// A letter asks; the next one does so at `next`.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn count_probe(&mut self, next: Timestamp) -> Result<(), StoreError> {
        let update = "UPDATE mail_refusal SET probes = probes + 1, probe_at = ?";
        self.sql.prepare_cached(update)?.execute([millis(next)])?;
        Ok(())
    }

    /// The next letter may ask at once. Whether it had to wait until now.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hurry_probe(&mut self) -> Result<bool, StoreError> {
        let update = "UPDATE mail_refusal SET probe_at = ?1 WHERE probe_at > ?1";
        Ok(self.sql.prepare_cached(update)?.execute([self.at_ms()])? == 1)
    }

    /// The server takes letters again.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn end_mail_refusal(&mut self) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM mail_refusal")?.execute([])?;
        Ok(())
    }

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
    /// The condition, while it lasts.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn mail_refusal(&self) -> Result<Option<MailRefusal>, StoreError> {
        let ask = "SELECT since, audience, cause, likeness, code, reply, probes, probe_at FROM mail_refusal";
        self.sql.prepare_cached(ask)?.query_row([], |r| Ok(refusal(r))).optional()?.transpose()
    }

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
        rows(self.sql, ask, (likeness, millis(since)), |r| {
            Ok(RepeatedRefusal { delivery: DeliveryId(r.get(0)?), mailbox: r.get(1)? })
        })
    }

    /// How those stood whom the refusal of a letter changed.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails, or when a row cannot be read.
    pub fn stood_before(&self, id: DeliveryId) -> Result<Vec<StateBeforeRefusal>, StoreError> {
        let ask = "SELECT patient_id, status, paused_until FROM refused_alike_status WHERE delivery_id = ?";
        let read = |r: &Row<'_>| Ok((r.get(0)?, r.get::<_, String>(1)?, r.get::<_, Option<String>>(2)?));
        let found = rows(self.sql, ask, [id.0], read)?.into_iter();
        let stood = |(patient, status, until): (i64, String, Option<String>)| {
            let status = PatientStatus::parse(&status).map_err(|_| StoreError::corrupt("status"))?;
            Ok(StateBeforeRefusal {
                patient: PatientId(patient),
                status,
                until: until.as_deref().map(date).transpose()?,
            })
        };
        found.map(stood).collect()
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
        let ask = "SELECT id FROM delivery d WHERE patient_id = ? AND state = 'failed' AND expires_at > ? \
                   AND NOT EXISTS (SELECT 1 FROM task t WHERE t.kind = 'letter-failed' AND t.cause = 'delivery/' || d.id)";
        rows(self.sql, ask, (patient.0, millis(now)), |r| Ok(DeliveryId(r.get(0)?)))
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

    /// Letters to patients in the outbox whose use is over; at most 1,000.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letters_outlived(&self, now: Timestamp) -> Result<Vec<DeliveryId>, StoreError> {
        let ask = "SELECT id FROM delivery WHERE state = 'pending' AND audience = 'patient' AND expires_at <= ? LIMIT 1000";
        rows(self.sql, ask, [millis(now)], |r| Ok(DeliveryId(r.get(0)?)))
    }
}

fn refusal(row: &Row<'_>) -> Result<MailRefusal, StoreError> {
    let (audience, cause): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(MailRefusal {
        since: instant(row.get(0)?),
        audience: if audience == "staff" { RefusedAudience::Staff } else { RefusedAudience::Patient },
        words: ServerWords {
            cause: Cause::parse(&cause).ok_or_else(|| StoreError::corrupt("cause of a refusal"))?,
            likeness: row.get(3)?,
            code: row.get(4)?,
            reply: row.get(5)?,
        },
        probes: row.get(6)?,
        probe_at: instant(row.get(7)?),
    })
}
