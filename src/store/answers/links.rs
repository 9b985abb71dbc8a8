//! Links to pages: only the digest of a token is kept, per patient and form, with an end.

use jiff::{SignedDuration, Timestamp};
use rusqlite::ToSql;

use crate::care::link::{LinkEvent, LinkStatus};
use crate::care::patient::PatientId;
use crate::store::db::columns::{instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::FollowUpId;

/// What a link opens; its word stands in SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LinkPurpose {
    /// The checklist of one follow-up.
    Checklist(FollowUpId),
    /// The page where she stops letters, all or by kind; a lock of her forms leaves it open.
    OptOut,
    /// Always open: "something changed".
    Changed,
}

impl LinkPurpose {
    /// The word in SQL.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Checklist(_) => "checklist",
            Self::OptOut => "opt-out",
            Self::Changed => "changed",
        }
    }

    /// The row of the follow-up whose checklist it opens; `None` for the other purposes.
    #[must_use]
    pub const fn follow_up(self) -> Option<i64> {
        match self {
            Self::Checklist(id) => Some(id.0),
            Self::OptOut | Self::Changed => None,
        }
    }
}

/// A link as it is written down.
#[derive(Debug, Clone)]
pub struct Link {
    /// Its row; the pass of a birth-date check holds for this one link.
    pub id: i64,
    /// The patient it was made for.
    pub patient: PatientId,
    /// The page it opens; for a checklist, also of which follow-up.
    pub purpose: LinkPurpose,
    /// Which of several links for the same purpose.
    pub generation: u32,
    /// From this instant on it shows no form; a later letter with the same link may move it on.
    pub expires_at: Timestamp,
    /// Whether a form was submitted through it.
    pub state: LinkStatus,
    /// Failed birth-date checks since the last right one.
    pub tries: u32,
}

/// A link that stays open to within this of what was asked is left as it is.
const ENOUGH: SignedDuration = SignedDuration::from_hours(24 * 200);

pub(in crate::store) const COLUMNS: &str =
    "id, patient_id, purpose, follow_up_id, generation, expires_at, state, tries";

impl Tx<'_> {
    /// Makes sure that a patient's links are written down and open until `expires_at`, or nearly: an end that lies near
    /// enough is left as it is. One statement for all: most letters name links that stand open.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn keep_links(
        &mut self,
        patient: PatientId,
        purposes: &[(LinkPurpose, u32, [u8; 32])],
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = vec!["(?, ?, ?, ?, ?, ?, 'open')"; purposes.len()].join(", ");
        let upsert = format!(
            "INSERT INTO link (digest, purpose, patient_id, follow_up_id, generation, expires_at, state) VALUES {rows} \
             ON CONFLICT (patient_id, purpose, coalesce(follow_up_id, 0), generation) DO UPDATE SET \
             digest = excluded.digest, expires_at = max(link.expires_at, excluded.expires_at) \
             WHERE link.expires_at < excluded.expires_at - {} OR link.digest <> excluded.digest",
            ENOUGH.as_millis()
        );
        let expires_at = millis(expires_at);
        let mut values: Vec<&dyn ToSql> = Vec::with_capacity(purposes.len() * 6);
        let fixed: Vec<_> = purposes
            .iter()
            .map(|(purpose, generation, digest)| (digest, purpose.word(), purpose.follow_up(), generation))
            .collect();
        for (digest, word, follow_up, generation) in &fixed {
            values.extend([digest as &dyn ToSql, word, &patient.0, follow_up, generation, &expires_at]);
        }
        self.sql.prepare_cached(&upsert)?.execute(values.as_slice())?;
        Ok(())
    }

    /// Counts a failed birth-date check and gives how many there were on all her links since the last right one.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn count_try(&mut self, link: &Link) -> Result<u32, StoreError> {
        let update = "UPDATE link SET tries = tries + 1, opened_at = coalesce(opened_at, ?) WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), link.id))?;
        let ask = "SELECT coalesce(sum(tries), 0) FROM link WHERE patient_id = ?";
        Ok(self.sql.prepare_cached(ask)?.query_row([link.patient.0], |r| r.get(0))?)
    }

    /// Forgets failed checks after a right one.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn forgive_tries(&mut self, patient: PatientId) -> Result<(), StoreError> {
        let update = "UPDATE link SET tries = 0 WHERE patient_id = ? AND tries > 0";
        self.sql.prepare_cached(update)?.execute([patient.0])?;
        Ok(())
    }

    /// Locks every form of a patient, those of letters to come included. Opt-out stays open: it shows nothing of her.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn lock_forms(&mut self, patient: PatientId) -> Result<(), StoreError> {
        let insert = "INSERT INTO form_lock (patient_id, locked_at) VALUES (?, ?) ON CONFLICT DO NOTHING";
        self.sql.prepare_cached(insert)?.execute((patient.0, self.at_ms()))?;
        Ok(())
    }

    /// Opens locked forms again, once a person has spoken with her. Returns whether they were locked.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn unlock_forms(&mut self, patient: PatientId) -> Result<bool, StoreError> {
        self.forgive_tries(patient)?;
        let delete = "DELETE FROM form_lock WHERE patient_id = ?";
        Ok(self.sql.prepare_cached(delete)?.execute([patient.0])? == 1)
    }

    /// Notes that a person pressed something on the page; only the first time counts.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_opened(&mut self, link: i64) -> Result<(), StoreError> {
        let update = "UPDATE link SET opened_at = ? WHERE id = ? AND opened_at IS NULL";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), link))?;
        Ok(())
    }

    /// Notes that the form behind a link was submitted. A link that is used already stays so: the form was revised.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn use_link(&mut self, link: i64) -> Result<(), StoreError> {
        let read = |r: &rusqlite::Row<'_>| Ok(r.get::<_, String>(0)?);
        let state = self.one("SELECT state FROM link WHERE id = ?", [link], read)?;
        let state = state.as_deref().and_then(LinkStatus::parse);
        if let Some(next) = state.and_then(|state| state.after(LinkEvent::Submit)) {
            let update = "UPDATE link SET state = ? WHERE id = ?";
            self.sql.prepare_cached(update)?.execute((next.word(), link))?;
        }
        Ok(())
    }
}

impl View<'_> {
    /// Whether a patient's forms are locked until staff open them again.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_locked_forms(&self, patient: PatientId) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM form_lock WHERE patient_id = ?";
        Ok(self.sql.prepare_cached(ask)?.exists([patient.0])?)
    }

    /// A patient's link with that digest.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn link(&self, patient: PatientId, digest: &[u8]) -> Result<Option<Link>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM link WHERE patient_id = ? AND digest = ?");
        self.one(&ask, (patient.0, digest), link)
    }
}

pub(in crate::store) fn link(row: &rusqlite::Row<'_>) -> Result<Link, StoreError> {
    of_row("link", row, 0, || {
        let (purpose, follow_up): (String, Option<i64>) = (row.get(2)?, row.get(3)?);
        let state: String = row.get(6)?;
        let purpose = match (purpose.as_str(), follow_up) {
            ("checklist", Some(id)) => LinkPurpose::Checklist(FollowUpId(id)),
            ("opt-out", _) => LinkPurpose::OptOut,
            ("changed", _) => LinkPurpose::Changed,
            _ => return Err(StoreError::corrupt("link purpose")),
        };
        Ok(Link {
            id: row.get(0)?,
            patient: PatientId(row.get(1)?),
            purpose,
            generation: row.get(4)?,
            expires_at: instant(row.get(5)?),
            state: LinkStatus::parse(&state).ok_or_else(|| StoreError::corrupt("an unknown state"))?,
            tries: row.get(7)?,
        })
    })
}
