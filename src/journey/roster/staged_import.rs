//! A file that came by the console waits until its columns are matched, its faults are mended and somebody takes it in. It is
//! private: it goes when it was taken in, when somebody discards it, or after a day.

use jiff::SignedDuration;

use crate::care::permission::Act;
use crate::care::time::clock_trust::Trusted;
use crate::journey::authorize::permit;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::roster::staged::{NewStaged, RowFinding, StagedId, StagedRow};

/// How long a file waits.
const WAITS: SignedDuration = SignedDuration::from_hours(24);

/// A row as somebody has mended it.
#[derive(Debug, Clone)]
pub struct MendedRow {
    /// Its line in the file.
    pub line: i64,
    /// Its cells as a list in JSON.
    pub cells: String,
}

/// Keeps a file that was sent in until its rows are taken in or it is discarded.
///
/// # Errors
/// The permission's own; the store's.
pub fn stage(tx: &mut Tx<'_>, new: &NewStaged) -> Result<StagedId, StepError> {
    permit(tx, Act::ImportRoster)?;
    let id = tx.stage(new)?;
    tx.audit(AuditAction::ImportStaged, id, &serde_json::json!({ "bytes": new.content.len() }))?;
    Ok(id)
}

/// Puts rows in the place of the file, now that it is known what its columns stand for.
///
/// # Errors
/// The permission's own; the store's `is_conflict` when it was done already.
pub fn match_columns(
    tx: &mut Tx<'_>,
    id: StagedId,
    matched: &str,
    rows: &[StagedRow],
) -> Result<(), StepError> {
    permit(tx, Act::ImportRoster)?;
    tx.expect_many()?;
    tx.stage_rows(id, matched, rows)?;
    tx.audit(AuditAction::ImportMatched, id, &serde_json::json!({ "rows": rows.len() }))?;
    Ok(())
}

/// Keeps what a look found; it is found anew whenever it is asked for, so nothing is audited.
///
/// # Errors
/// The store's.
pub fn keep_findings(tx: &mut Tx<'_>, id: StagedId, found: &[RowFinding]) -> Result<(), StepError> {
    tx.expect_many()?;
    Ok(tx.keep_findings(id, found)?)
}

/// Keeps what somebody mended. The audit says in which lines, never what.
///
/// # Errors
/// The permission's own; the store's.
pub fn mend(tx: &mut Tx<'_>, id: StagedId, rows: &[MendedRow]) -> Result<(), StepError> {
    permit(tx, Act::ImportRoster)?;
    for row in rows {
        tx.mend_staged_row(id, row.line, &row.cells)?;
    }
    let lines: Vec<i64> = rows.iter().map(|row| row.line).collect();
    tx.audit(AuditAction::ImportMended, id, &serde_json::json!({ "lines": lines }))?;
    Ok(())
}

/// Deletes a staged file: it was taken in, or nobody wants it.
///
/// # Errors
/// The permission's own; the store's `is_not_found` when it is gone already.
pub fn discard(tx: &mut Tx<'_>, id: StagedId) -> Result<(), StepError> {
    permit(tx, Act::ImportRoster)?;
    tx.staged(id)?;
    tx.drop_staged(id)?;
    tx.audit(AuditAction::ImportDiscarded, id, &serde_json::json!({}))?;
    Ok(())
}

/// Deletes what waits for longer than a day. Returns how many.
///
/// # Errors
/// The store's.
pub async fn prune(clinic: &Deps, now: Trusted) -> Result<usize, StepError> {
    let now = now.at();
    let before = now - WAITS;
    let old = clinic.store.read(|view| view.staged_before(before))?;
    if old.is_empty() {
        return Ok(0);
    }
    let count = old.len();
    let drop = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        for id in old {
            tx.drop_staged(id)?;
            tx.audit(AuditAction::ImportDiscarded, id, &serde_json::json!({ "after": "a day" }))?;
        }
        Ok(())
    };
    clinic.store.write(Stamp::daemon(now), drop).await?;
    Ok(count)
}
