//! Publications of drafts: what was asked for, who signed it, the day it waits for, and whom it moves.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;

use crate::care::permission::StaffRole;
use crate::care::publication::state::PublicationState;
use crate::store::db::columns::{date, instant};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::plan::drafts::DraftId;
use crate::store::plan::follow_ups::EnrolmentId;
use crate::store::plan::in_force::ProtocolSignOff;
use crate::store::plan::protocols::ProtocolVersionId;
use crate::store::subject::Subject;

/// Row identity of a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicationId(pub i64);

impl From<PublicationId> for Subject {
    fn from(id: PublicationId) -> Self {
        Self::Publication(id.0)
    }
}

/// A publication somebody asks for.
#[derive(Debug, Clone, Copy)]
pub struct NewPublication<'a> {
    /// The draft whose text it is.
    pub draft: DraftId,
    /// The name of its protocol.
    pub protocol: &'a str,
    /// The text to publish.
    pub content: &'a str,
    /// The day it waits for; `None` is at once.
    pub publish_on: Option<Date>,
}

/// A publication as it stands.
#[derive(Debug, Clone)]
pub struct Publication {
    /// Row of the publication.
    pub id: PublicationId,
    /// The draft whose text it is.
    pub draft: DraftId,
    /// The name of its protocol.
    pub protocol: String,
    /// The text that is published.
    pub content: String,
    /// How far it has come.
    pub state: PublicationState,
    /// The day it waits for; `None` is at once.
    pub publish_on: Option<Date>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// By whom: an actor's word.
    pub asked_by: String,
    /// Who signed it, as which role, when; `None` until somebody does.
    pub signed: Option<ProtocolSignOff>,
    /// The version it became.
    pub version: Option<ProtocolVersionId>,
    /// Why it was taken back.
    pub ended_reason: Option<String>,
}

/// How far the moving of patients has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MoveProgress {
    /// Patients who should move.
    pub all: u32,
    /// How many of them have moved.
    pub moved: u32,
    /// Who stay where they are, with a reason.
    pub kept: u32,
}

const COLUMNS: &str = "id, draft_id, protocol, content, state, publish_on, asked_at, asked_by, signed_at, signed_by, role, \
                       version_id, ended_reason";

fn publication(row: &Row<'_>) -> Result<Publication, StoreError> {
    of_row("publication", row, 0, || {
        let state: String = row.get(4)?;
        let signed = match (row.get::<_, Option<i64>>(8)?, row.get::<_, Option<String>>(9)?) {
            (Some(at), Some(by)) => {
                let role = StaffRole::parse(&row.get::<_, String>(10)?);
                let role = role.ok_or_else(|| StoreError::corrupt("role"))?;
                Some(ProtocolSignOff { by, role, at: instant(at) })
            }
            _ => None,
        };
        Ok(Publication {
            id: PublicationId(row.get(0)?),
            draft: DraftId(row.get(1)?),
            protocol: row.get(2)?,
            content: row.get(3)?,
            state: PublicationState::parse(&state).ok_or_else(|| StoreError::corrupt("an unknown state"))?,
            publish_on: row.get::<_, Option<String>>(5)?.map(|on| date(&on)).transpose()?,
            asked_at: instant(row.get(6)?),
            asked_by: row.get(7)?,
            signed,
            version: row.get::<_, Option<i64>>(11)?.map(ProtocolVersionId),
            ended_reason: row.get(12)?,
        })
    })
}

impl Tx<'_> {
    /// Records that somebody asks for a publication.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when one of that draft is under way.
    pub fn insert_publication(&mut self, new: &NewPublication<'_>) -> Result<PublicationId, StoreError> {
        let insert = "INSERT INTO publication (draft_id, protocol, content, state, publish_on, asked_at, asked_by) \
                      VALUES (?, ?, ?, ?, ?, ?, ?)";
        let on = new.publish_on.map(|on| on.to_string());
        let asked = (PublicationState::Asked.word(), on, self.at_ms(), self.actor().word());
        let row = (new.draft.0, new.protocol, new.content, asked.0, asked.1, asked.2, asked.3);
        self.sql.prepare_cached(insert)?.execute(row)?;
        Ok(PublicationId(self.sql.last_insert_rowid()))
    }

    /// Names somebody whom a publication moves.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_move(&mut self, id: PublicationId, who: EnrolmentId) -> Result<(), StoreError> {
        let insert = "INSERT OR IGNORE INTO publication_move (publication_id, enrolment_id) VALUES (?, ?)";
        self.sql.prepare_cached(insert)?.execute((id.0, who.0))?;
        Ok(())
    }

    /// Records who signed a publication.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn sign_publication(&mut self, id: PublicationId, by: &ProtocolSignOff) -> Result<(), StoreError> {
        let sign = "UPDATE publication SET state = ?, signed_at = ?, signed_by = ?, role = ? WHERE id = ?";
        let state = PublicationState::Planned.word();
        let row = (state, by.at.as_millisecond(), &by.by, by.role.word(), id.0);
        self.sql.prepare_cached(sign)?.execute(row)?;
        Ok(())
    }

    /// Records that a publication is in force as that version.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn begin_moving(&mut self, id: PublicationId, version: ProtocolVersionId) -> Result<(), StoreError> {
        let begin = "UPDATE publication SET state = ?, version_id = ? WHERE id = ?";
        self.sql.prepare_cached(begin)?.execute((PublicationState::Moving.word(), version.0, id.0))?;
        Ok(())
    }

    /// Ends a publication, with a reason where it was taken back.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn end_publication(
        &mut self,
        id: PublicationId,
        state: PublicationState,
        reason: Option<&str>,
    ) -> Result<(), StoreError> {
        let end = "UPDATE publication SET state = ?, ended_at = ?, ended_reason = ? WHERE id = ?";
        self.sql.prepare_cached(end)?.execute((state.word(), self.at_ms(), reason, id.0))?;
        Ok(())
    }

    /// Records what became of one patient: moved, or kept where she is for a reason.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn end_move(
        &mut self,
        id: PublicationId,
        who: EnrolmentId,
        kept: Option<&str>,
    ) -> Result<(), StoreError> {
        let end = "UPDATE publication_move SET moved_at = CASE WHEN ?1 IS NULL THEN ?2 END, kept_reason = ?1 \
                   WHERE publication_id = ?3 AND enrolment_id = ?4";
        self.sql.prepare_cached(end)?.execute((kept, self.at_ms(), id.0, who.0))?;
        Ok(())
    }
}

impl View<'_> {
    /// The publication of that row, whatever became of it.
    ///
    /// # Errors
    /// [`StoreError`]; `is_not_found` when there is none.
    pub fn publication(&self, id: PublicationId) -> Result<Publication, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM publication WHERE id = ?");
        self.one(&ask, [id.0], publication)?.ok_or_else(|| StoreError::not_found("publication"))
    }

    /// The publication of a draft that is under way.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn publication_of(&self, draft: DraftId) -> Result<Option<Publication>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM publication WHERE draft_id = ? AND state IN ('asked', 'planned', 'moving')"
        );
        self.one(&ask, [draft.0], publication)
    }

    /// The version that a draft became; `None` where it was not published.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn version_of_draft(&self, draft: DraftId) -> Result<Option<ProtocolVersionId>, StoreError> {
        let ask = "SELECT version_id FROM publication WHERE draft_id = ? AND version_id IS NOT NULL ORDER BY id DESC LIMIT 1";
        self.one(ask, [draft.0], |r| Ok(ProtocolVersionId(r.get(0)?)))
    }

    /// The publications under way, and those that ended last.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn publications(&self) -> Result<Vec<Publication>, StoreError> {
        let ask =
            format!("SELECT {COLUMNS} FROM publication ORDER BY ended_at IS NOT NULL, id DESC LIMIT 20");
        self.readable(&ask, [], publication)
    }

    /// The publications whose day has come, or that have patients left to move.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn publications_due(&self, today: Date) -> Result<Vec<Publication>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM publication WHERE state IN ('planned', 'moving') \
             AND (publish_on IS NULL OR publish_on <= ?) ORDER BY id"
        );
        self.readable(&ask, [today.to_string()], publication)
    }

    /// Some of those whom a publication has still to move.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn moves_waiting(&self, id: PublicationId, limit: u32) -> Result<Vec<EnrolmentId>, StoreError> {
        let ask = "SELECT enrolment_id FROM publication_move WHERE publication_id = ? AND moved_at IS NULL \
                   AND kept_reason IS NULL ORDER BY enrolment_id LIMIT ?";
        self.all(ask, (id.0, limit), |r| Ok(EnrolmentId(r.get(0)?)))
    }

    /// How far the moving has come.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn move_progress(&self, id: PublicationId) -> Result<MoveProgress, StoreError> {
        let ask = "SELECT count(*), count(moved_at), count(kept_reason) FROM publication_move WHERE publication_id = ?";
        let read = |r: &Row<'_>| Ok(MoveProgress { all: r.get(0)?, moved: r.get(1)?, kept: r.get(2)? });
        Ok(self.one(ask, [id.0], read)?.unwrap_or_default())
    }

    /// Whom a publication left where she was, and why: case code and reason.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn moves_kept(&self, id: PublicationId) -> Result<Vec<(String, String)>, StoreError> {
        let ask = "SELECT p.reference, m.kept_reason FROM publication_move m JOIN enrolment e ON e.id = m.enrolment_id \
                   JOIN patient p ON p.id = e.patient_id WHERE m.publication_id = ? AND m.kept_reason IS NOT NULL \
                   ORDER BY m.enrolment_id LIMIT 50";
        self.readable(ask, [id.0], |r| Ok((r.get(0)?, r.get(1)?)))
    }
}
