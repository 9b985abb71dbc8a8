//! Recovery codes of an account, as digests: each lets in once in place of a code of the authenticator.

use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::people::staff::{Staff, StaffId};
use crate::store::subject::Subject;

impl Tx<'_> {
    /// Gives an account new recovery codes; the old ones are worth nothing any more.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn replace_recovery_codes(&mut self, staff: &Staff, digests: &[Vec<u8>]) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM recovery_code WHERE staff_id = ?")?.execute([staff.id.0])?;
        let insert = "INSERT INTO recovery_code (digest, staff_id) VALUES (?, ?)";
        for digest in digests {
            self.sql.prepare_cached(insert)?.execute((digest, staff.id.0))?;
        }
        let detail = serde_json::json!({ "codes": digests.len() });
        self.audit(AuditAction::StaffRecoveryCodes, Subject::Staff(staff.name.clone()), &detail)
    }

    /// Uses a recovery code up. Returns whether it was one of that account that nobody had used.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn use_recovery_code(&mut self, staff: &Staff, digest: &[u8]) -> Result<bool, StoreError> {
        let update =
            "UPDATE recovery_code SET used_at = ? WHERE digest = ? AND staff_id = ? AND used_at IS NULL";
        let used = self.sql.prepare_cached(update)?.execute((self.at_ms(), digest, staff.id.0))? == 1;
        if used {
            let subject = Subject::Staff(staff.name.clone());
            self.audit(AuditAction::StaffRecoveryCodeUsed, subject, &serde_json::json!({}))?;
        }
        Ok(used)
    }
}

impl View<'_> {
    /// How many recovery codes of an account nobody has used.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn recovery_codes_left(&self, staff: StaffId) -> Result<u32, StoreError> {
        let ask = "SELECT count(*) FROM recovery_code WHERE staff_id = ? AND used_at IS NULL";
        Ok(self.sql.prepare_cached(ask)?.query_row([staff.0], |row| row.get(0))?)
    }
}
