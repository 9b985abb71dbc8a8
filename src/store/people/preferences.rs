//! What a patient wishes for her letters: kinds she does not want, new links she asked for.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::patient::PatientId;
use crate::care::plan::protocol;
use crate::store::answers::links::LinkPurpose;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;

/// A kind of letters that can be declined by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LetterKind {
    /// Reminders of visits and tests.
    Visits,
    /// Checklists and their nudges.
    Checklists,
    /// Leaflets: short texts to read.
    Leaflets,
}

impl LetterKind {
    /// Every kind, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Visits, Self::Checklists, Self::Leaflets];

    /// The word in forms, SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Visits => "visits",
            Self::Checklists => "checklists",
            Self::Leaflets => "leaflets",
        }
    }

    /// The kind of that word; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word)
    }

    /// The kind of letters that a follow-up's reminders are.
    #[must_use]
    pub const fn of(kind: protocol::FollowUpKind) -> Self {
        match kind {
            protocol::FollowUpKind::Visit | protocol::FollowUpKind::Test => Self::Visits,
            protocol::FollowUpKind::Checklist => Self::Checklists,
            protocol::FollowUpKind::Leaflet => Self::Leaflets,
        }
    }
}

/// A new link that somebody asked for.
#[derive(Debug, Clone, Copy)]
pub struct NewLinkRequest {
    /// The patient whose link it was; the letter goes to her address on record.
    pub patient: PatientId,
    /// What it opens: the same as the link from which it was asked for.
    pub purpose: LinkPurpose,
    /// Which of several links to the same.
    pub generation: u32,
    /// The letter that brings it.
    pub delivery: DeliveryId,
}

impl Tx<'_> {
    /// Notes that she does not want a kind of letters. Returns whether that is new.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn decline(&mut self, patient: PatientId, kind: LetterKind) -> Result<bool, StoreError> {
        let insert =
            "INSERT INTO opt_out (patient_id, kind, at, actor) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
        let row = (patient.0, kind.word(), self.at_ms(), self.actor().word());
        let declined = self.sql.prepare_cached(insert)?.execute(row)? == 1;
        if declined {
            let detail = serde_json::json!({ "kind": kind.word() });
            self.audit(AuditAction::LettersDeclined, patient, &detail)?;
        }
        Ok(declined)
    }

    /// Notes that she wants a kind of letters again. Returns whether that is new.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn accept_again(&mut self, patient: PatientId, kind: LetterKind) -> Result<bool, StoreError> {
        let delete = "DELETE FROM opt_out WHERE patient_id = ? AND kind = ?";
        let accepted = self.sql.prepare_cached(delete)?.execute((patient.0, kind.word()))? == 1;
        if accepted {
            let detail = serde_json::json!({ "kind": kind.word() });
            self.audit(AuditAction::LettersAccepted, patient, &detail)?;
        }
        Ok(accepted)
    }

    /// Notes that a new link is on its way to her.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_link_request(&mut self, new: &NewLinkRequest) -> Result<(), StoreError> {
        let NewLinkRequest { patient, purpose, generation, delivery } = *new;
        let insert = "INSERT INTO link_request (patient_id, follow_up_id, generation, asked_at, delivery_id) \
                      VALUES (?, ?, ?, ?, ?)";
        let row = (patient.0, purpose.follow_up(), generation, self.at_ms(), delivery.0);
        self.sql.prepare_cached(insert)?.execute(row)?;
        let detail = serde_json::json!({ "delivery": delivery.0 });
        self.audit(AuditAction::LinkRequested, patient, &detail)
    }
}

pub(in crate::store) fn wish(row: &Row<'_>) -> Result<LetterKind, StoreError> {
    of_row("opt_out", row, 1, || {
        LetterKind::parse(&row.get::<_, String>(0)?).ok_or_else(|| StoreError::corrupt("opt-out kind"))
    })
}

impl View<'_> {
    /// Kinds of letters she does not want.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn declined(&self, patient: PatientId) -> Result<Vec<LetterKind>, StoreError> {
        self.all("SELECT kind, patient_id FROM opt_out WHERE patient_id = ?", [patient.0], wish)
    }

    /// When new links were asked for in her name since that instant, in order.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn links_asked_since(
        &self,
        patient: PatientId,
        since: Timestamp,
    ) -> Result<Vec<Timestamp>, StoreError> {
        let ask = "SELECT asked_at FROM link_request WHERE patient_id = ? AND asked_at > ? ORDER BY asked_at";
        self.all(ask, (patient.0, millis(since)), |r| Ok(instant(r.get(0)?)))
    }

    /// The first generation of a purpose that no link and no request has.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn next_generation(&self, patient: PatientId, purpose: LinkPurpose) -> Result<u32, StoreError> {
        let ask = "SELECT 1 + max(coalesce((SELECT max(generation) FROM link WHERE patient_id = ?1 AND purpose = ?2 \
                   AND coalesce(follow_up_id, 0) = coalesce(?3, 0)), 0), coalesce((SELECT max(generation) FROM link_request \
                   WHERE patient_id = ?1 AND coalesce(follow_up_id, 0) = coalesce(?3, 0)), 0))";
        let read = |r: &Row<'_>| r.get(0);
        Ok(rows(self.sql, ask, (patient.0, purpose.word(), purpose.follow_up()), read)?.pop().unwrap_or(1))
    }
}
