//! The condition that the mail server refuses us; there is one at most. Every letter asks for it first, so no value in its row
//! may stop one: what cannot be read counts as whatever lets letters ask soonest, and a person is told of the row.

use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row};

use crate::care::refusal::cause::Cause;
use crate::store::db::columns::{instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;

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

    fn parse(word: &str) -> Option<Self> {
        [Self::Patient, Self::Staff].into_iter().find(|audience| audience.word() == word)
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
        let (since, words) = (self.at(), words.clone());
        self.write_mail_refusal(&MailRefusal { since, audience, words, probes: 0, probe_at })
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
        let row = (audience.word(), words.cause.word(), &words.likeness, words.code, &words.reply);
        let done = self.sql.prepare_cached(update)?.execute(row).map_err(StoreError::from);
        self.or_anew(done.map(drop), |standing| {
            standing.audience = audience;
            standing.words = words.clone();
        })
    }

    /// A letter asks; the next one does so at `next`.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn count_probe(&mut self, next: Timestamp) -> Result<(), StoreError> {
        let update = "UPDATE mail_refusal SET probes = probes + 1, probe_at = ?";
        let done = self.sql.prepare_cached(update)?.execute([millis(next)]).map_err(StoreError::from);
        self.or_anew(done.map(drop), |standing| {
            standing.probes = standing.probes.saturating_add(1);
            standing.probe_at = next;
        })
    }

    /// The next letter may ask at once. Whether it had to wait until now.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn hurry_probe(&mut self) -> Result<bool, StoreError> {
        let at = self.at();
        let update = "UPDATE mail_refusal SET probe_at = ?1 WHERE probe_at > ?1";
        let done = self.sql.prepare_cached(update)?.execute([millis(at)]).map_err(StoreError::from);
        let waited = !matches!(done, Ok(0));
        self.or_anew(done.map(drop), |standing| standing.probe_at = at)?;
        Ok(waited)
    }

    /// The server takes letters again.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn end_mail_refusal(&mut self) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM mail_refusal")?.execute([])?;
        Ok(())
    }

    /// SQLite refuses every change of a part where another part is out of place: the row is written anew as it is read.
    fn or_anew(
        &mut self,
        done: Result<(), StoreError>,
        change: impl FnOnce(&mut MailRefusal),
    ) -> Result<(), StoreError> {
        let Err(refused) = done else { return Ok(()) };
        let standing = if refused.is_conflict() { self.mail_refusal()? } else { None };
        let mut standing = standing.ok_or(refused)?;
        change(&mut standing);
        self.write_mail_refusal(&standing)
    }

    fn write_mail_refusal(&mut self, standing: &MailRefusal) -> Result<(), StoreError> {
        let put = "INSERT OR REPLACE INTO mail_refusal (id, since, audience, cause, likeness, code, reply, probes, probe_at) \
                   VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)";
        let MailRefusal { since, audience, words, probes, probe_at } = standing;
        self.sql.prepare_cached(put)?.execute((
            millis(*since),
            audience.word(),
            words.cause.word(),
            &words.likeness,
            words.code,
            &words.reply,
            probes,
            millis(*probe_at),
        ))?;
        Ok(())
    }
}

impl View<'_> {
    /// The condition, while it lasts; a row of rubbish still says that there is one.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn mail_refusal(&self) -> Result<Option<MailRefusal>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM mail_refusal");
        let read = |row: &Row<'_>| match self.noted(refusal(row)) {
            Err(fault) if fault.is_unreadable() => Ok(as_far_as_read(row)),
            whole => whole,
        };
        self.sql.prepare_cached(&ask)?.query_row([], |row| Ok(read(row))).optional()?.transpose()
    }
}

/// What [`refusal`] reads, its number first.
pub(in crate::store) const COLUMNS: &str =
    "id, since, audience, cause, likeness, code, reply, probes, probe_at";

pub(in crate::store) fn refusal(row: &Row<'_>) -> Result<MailRefusal, StoreError> {
    of_row("mail_refusal", row, 0, || {
        let (audience, cause): (String, String) = (row.get(2)?, row.get(3)?);
        Ok(MailRefusal {
            since: instant(row.get(1)?),
            audience: RefusedAudience::parse(&audience)
                .ok_or_else(|| StoreError::corrupt("whose letters are refused"))?,
            words: ServerWords {
                cause: Cause::parse(&cause).ok_or_else(|| StoreError::corrupt("cause of a refusal"))?,
                likeness: row.get(4)?,
                code: row.get(5)?,
                reply: row.get(6)?,
            },
            probes: row.get(7)?,
            probe_at: instant(row.get(8)?),
        })
    })
}

/// The same where a part of it is rubbish, or a word of a later release: then the server says the same to everybody, until a letter
/// to a patient is taken, and the next letter asks at once.
fn as_far_as_read(row: &Row<'_>) -> MailRefusal {
    let text = |at: usize| row.get::<_, String>(at).unwrap_or_default();
    MailRefusal {
        since: instant(row.get(1).unwrap_or_default()),
        audience: RefusedAudience::parse(&text(2)).unwrap_or(RefusedAudience::Patient),
        words: ServerWords {
            cause: Cause::parse(&text(3)).unwrap_or(Cause::Everyone),
            likeness: text(4),
            code: row.get(5).unwrap_or_default(),
            reply: text(6),
        },
        probes: row.get(7).unwrap_or_default(),
        probe_at: instant(row.get(8).unwrap_or_default()),
    }
}
