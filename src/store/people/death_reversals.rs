//! A recorded death that somebody calls a mistake: asked for by one person, agreed to or declined by another.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::patient::{PatientId, PatientStatus};
use crate::care::record::reversal::{ReversalEvent, ReversalState};
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::people::patients::NewStatus;

/// Somebody says that a recorded death is a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// Its row, which stays on record however it ends.
    pub id: i64,
    /// The patient whose recorded death is called a mistake.
    pub patient: PatientId,
    /// The actor who asks, e.g. `staff:nora`; another one must agree.
    pub asked_by: String,
    /// When it was asked; it expires if the clock is set back to before that.
    pub asked_at: Timestamp,
    /// Where she stands once somebody agrees.
    pub to: PatientStatus,
    /// Why the record is wrong, in words for staff.
    pub reason: String,
    /// Nobody can agree after this instant.
    pub expires_at: Timestamp,
}

const fn action(event: ReversalEvent) -> AuditAction {
    match event {
        ReversalEvent::Agree => AuditAction::DeathReversalAgreed,
        ReversalEvent::Decline => AuditAction::DeathReversalDeclined,
        ReversalEvent::Expire => AuditAction::DeathReversalExpired,
    }
}

impl Tx<'_> {
    /// The actor asks for a recorded death to be undone; nothing else changes yet.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` while another asks for the same.
    pub fn ask_reversal(
        &mut self,
        patient: PatientId,
        new: NewStatus<'_>,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let NewStatus { to, reason, .. } = new;
        let insert = "INSERT INTO death_reversal (patient_id, asked_by, asked_at, to_status, reason, expires_at, state) \
                      VALUES (?, ?, ?, ?, ?, ?, ?)";
        let (expires, state) = (millis(expires_at), ReversalState::Asked.word());
        let row = (patient.0, self.actor().word(), self.at_ms(), to.word(), reason, expires, state);
        self.sql.prepare_cached(insert)?.execute(row)?;
        let detail = serde_json::json!({ "to": to.word(), "until": expires_at.to_string() });
        self.audit(AuditAction::DeathReversalAsked, patient, &detail)
    }

    /// The actor answers. Returns whether it was still open.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn answer_reversal(&mut self, asked: &Reversal, answer: ReversalEvent) -> Result<bool, StoreError> {
        let from = ReversalState::Asked;
        let Some(to) = from.after(answer) else { return Ok(false) };
        let update =
            "UPDATE death_reversal SET state = ?, ended_by = ?, ended_at = ? WHERE id = ? AND state = ?";
        let row = (to.word(), self.actor().word(), self.at_ms(), asked.id, from.word());
        let moved = self.sql.prepare_cached(update)?.execute(row)?;
        if moved == 1 {
            let detail = serde_json::json!({ "asked_by": asked.asked_by });
            self.audit(action(answer), asked.patient, &detail)?;
        }
        Ok(moved == 1)
    }
}

impl View<'_> {
    /// Whether somebody asks for a patient's recorded death to be undone.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails or the row cannot be read.
    pub fn reversal_of(&self, patient: PatientId) -> Result<Option<Reversal>, StoreError> {
        let ask = "SELECT id, patient_id, asked_by, asked_at, to_status, reason, expires_at FROM death_reversal \
                   WHERE patient_id = ? AND state = 'asked'";
        rows(self.sql, ask, [patient.0], |r| Ok(reversal(r)))?.pop().transpose()
    }
}

fn reversal(row: &Row<'_>) -> Result<Reversal, StoreError> {
    let to: String = row.get(4)?;
    Ok(Reversal {
        id: row.get(0)?,
        patient: PatientId(row.get(1)?),
        asked_by: row.get(2)?,
        asked_at: instant(row.get(3)?),
        to: PatientStatus::parse(&to).map_err(|_| StoreError::corrupt("status"))?,
        reason: row.get(5)?,
        expires_at: instant(row.get(6)?),
    })
}
