//! Undoes an import: whoever it brought and has had nothing sent and no change since is removed; the others stay, each with why.

use crate::care::patient::PatientId;
use crate::care::permission::Act;
use crate::journey::authorize::permit_account;
use crate::journey::errors::roster::RosterError;
use crate::journey::errors::step::StepError;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::roster::imports::ImportId;

/// Why tasks about somebody who is removed are closed.
const UNDONE: &str = "the import that brought her was undone";

/// What undoing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UndoOutcome {
    /// How many were removed.
    pub removed: i64,
    /// How many stay because something happened since.
    pub stayed: i64,
}

/// Removes whoever may go, in one transaction. What an import changed of those on record stays as it is.
///
/// # Errors
/// [`RosterError::Undone`], [`RosterError::NobodyGoes`]; the permission's own; the store's `is_not_found` when there is no such
/// import.
pub fn undo(tx: &mut Tx<'_>, import: ImportId) -> Result<UndoOutcome, StepError> {
    permit_account(tx, Act::ImportRoster)?;
    if tx.import(import)?.undone.is_some() {
        return Err(RosterError::Undone.into());
    }
    tx.expect_many()?;
    let mut outcome = UndoOutcome { removed: 0, stayed: 0 };
    for member in tx.import_members(import)? {
        let goes = member.stays.is_none();
        // What another table still says of her keeps her on record.
        let gone = goes && matches!(removed(tx, member.patient, import)?, Removal::Gone);
        match gone {
            true => outcome.removed += 1,
            false => outcome.stayed += 1,
        }
    }
    if outcome.removed == 0 {
        return Err(RosterError::NobodyGoes.into());
    }
    tx.note_import_undone(import, outcome.removed)?;
    let detail = serde_json::json!({ "removed": outcome.removed, "stayed": outcome.stayed });
    tx.audit(AuditAction::RosterUndone, import, &detail)?;
    Ok(outcome)
}

/// Whether somebody could be removed.
enum Removal {
    Gone,
    Kept,
}

fn removed(tx: &mut Tx<'_>, patient: PatientId, import: ImportId) -> Result<Removal, StepError> {
    let done = tx.shielded(|tx| -> Result<(), StepError> {
        tx.remove_patient(patient, UNDONE)?;
        Ok(tx.audit(AuditAction::PatientRemoved, patient, &serde_json::json!({ "import": import.0 }))?)
    });
    match done {
        Ok(()) => Ok(Removal::Gone),
        Err(StepError::Store(fault)) if fault.is_conflict() => Ok(Removal::Kept),
        Err(fault) => Err(fault),
    }
}
