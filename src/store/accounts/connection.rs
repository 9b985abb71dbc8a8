//! Accounts that are connected with a sign-in at the hospital's OpenID Connect provider: at most one sign-in for an account, one
//! account for a sign-in. Only a digest of who is meant is kept.

use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::people::staff::{self, Staff};
use crate::store::subject::Subject;

impl Tx<'_> {
    /// Connects an account with a sign-in, in place of the one before.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when the sign-in is another account's.
    pub fn connect_openid(
        &mut self,
        staff: &Staff,
        issuer: &str,
        identity: &[u8; 32],
    ) -> Result<(), StoreError> {
        let upsert = "INSERT INTO openid_connection (staff_id, issuer, identity, connected_at) VALUES (?, ?, ?, ?) \
                      ON CONFLICT (staff_id) DO UPDATE SET issuer = excluded.issuer, identity = excluded.identity, \
                      connected_at = excluded.connected_at";
        self.sql.prepare_cached(upsert)?.execute((staff.id.0, issuer, identity, self.at_ms()))?;
        self.audit(AuditAction::StaffConnected, Subject::Staff(staff.name.clone()), &serde_json::json!({}))
    }

    /// Ends the connection of an account, if it has one. Returns whether it had.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn disconnect_openid(&mut self, staff: &Staff) -> Result<bool, StoreError> {
        let delete = "DELETE FROM openid_connection WHERE staff_id = ?";
        let had = self.sql.prepare_cached(delete)?.execute([staff.id.0])? == 1;
        if had {
            let subject = Subject::Staff(staff.name.clone());
            self.audit(AuditAction::StaffDisconnected, subject, &serde_json::json!({}))?;
        }
        Ok(had)
    }
}

impl View<'_> {
    /// The account that is connected with that sign-in, whether it is on or off.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn connected_staff(&self, identity: &[u8; 32]) -> Result<Option<Staff>, StoreError> {
        let ask = format!(
            "SELECT {} FROM staff WHERE id = (SELECT staff_id FROM openid_connection WHERE identity = ?)",
            staff::COLUMNS
        );
        self.one(&ask, [identity], staff::staff)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::address::EmailAddress;
    use crate::care::permission::StaffRole;
    use crate::store::database::tests::fresh;
    use crate::store::database::{OpenMode, Store};
    use crate::store::db::online::pace::NoPace;
    use crate::store::db::transaction::Stamp;
    use crate::store::people::staff::NewStaff;
    use crate::store::restore_diff::RestoreDiff;

    fn write<T: Send + 'static>(
        store: &Store,
        job: impl FnMut(&mut Tx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        store.write_blocking(Stamp::daemon(jiff::Timestamp::UNIX_EPOCH), job)
    }

    fn staff(store: &Store, name: &'static str) {
        let email = || EmailAddress::parse("x@clinic.example").unwrap();
        let new = move |tx: &mut Tx<'_>| {
            let (password, totp_secret) = ("-".to_owned(), "-".to_owned());
            let name = name.to_owned();
            tx.insert_staff(&NewStaff { name, email: email(), role: StaffRole::Nurse, password, totp_secret })
        };
        write(store, new).unwrap();
    }

    fn connect(store: &Store, name: &'static str, byte: u8) -> Result<(), StoreError> {
        write(store, move |tx| {
            let staff = tx.staff_named(name)?.unwrap();
            tx.connect_openid(&staff, "https://id.example", &[byte; 32])
        })
    }

    fn owner(store: &Store, byte: u8) -> Option<String> {
        store.read(|view| view.connected_staff(&[byte; 32])).unwrap().map(|staff| staff.name)
    }

    #[test]
    fn a_sign_in_is_one_accounts_and_an_account_has_one() {
        let (_dir, store) = fresh();
        staff(&store, "nora");
        staff(&store, "dora");
        connect(&store, "nora", 1).unwrap();
        assert!(connect(&store, "dora", 1).unwrap_err().is_conflict());
        connect(&store, "nora", 2).unwrap();
        assert_eq!((owner(&store, 1), owner(&store, 2).as_deref()), (None, Some("nora")));
        connect(&store, "dora", 1).unwrap();
        assert_eq!(owner(&store, 1).as_deref(), Some("dora"));
    }

    #[test]
    fn a_restored_copy_connects_nobody_whose_connection_was_ended_since() {
        let (dir, before) = fresh();
        staff(&before, "nora");
        staff(&before, "dora");
        connect(&before, "nora", 1).unwrap();
        let path = dir.path().join("copy.db");
        before.read(|view| view.copy_to(&path, &NoPace)).unwrap();
        let end = |tx: &mut Tx<'_>| {
            let nora = tx.staff_named("nora")?.unwrap();
            tx.disconnect_openid(&nora)
        };
        assert!(write(&before, end).unwrap());
        connect(&before, "dora", 2).unwrap();
        let copy = Store::open(&path, OpenMode::Existing).unwrap();
        assert_eq!(owner(&copy, 1).as_deref(), Some("nora"));
        let since = copy.read(|view| RestoreDiff::between(view, before.path(), None)).unwrap();
        let carry = move |tx: &mut Tx<'_>| {
            since.accounts.iter().try_for_each(|account| tx.carry_account(account).map(drop))
        };
        write(&copy, carry).unwrap();
        assert_eq!((owner(&copy, 1), owner(&copy, 2).as_deref()), (None, Some("dora")));
    }
}
