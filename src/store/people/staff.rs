//! Console accounts and who is signed in. Passwords are kept as argon2id hashes, sessions as digests of their tokens.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::address::EmailAddress;
use crate::care::permission::StaffRole;
use crate::care::time::clock_trust::Trusted;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::subject::Subject;

/// Row identity of a console account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StaffId(pub i64);

/// An account about to be made. No Debug: it holds secrets.
pub struct NewStaff {
    /// Sign-in name; no other account may have it.
    pub name: String,
    /// Where letters about the account go.
    pub email: EmailAddress,
    /// What it may do.
    pub role: StaffRole,
    /// Argon2id hash in PHC form.
    pub password: String,
    /// Secret of the authenticator, sealed.
    pub totp_secret: String,
}

/// An account. No Debug: it holds secrets.
#[derive(Clone)]
pub struct Staff {
    /// Its row, by which sessions name it.
    pub id: StaffId,
    /// Sign-in name, by which the audit and other records name it.
    pub name: String,
    /// Where letters about the account go.
    pub email: String,
    /// What it may do.
    pub role: StaffRole,
    /// Argon2id hash in PHC form.
    pub password: String,
    /// Secret of the authenticator, sealed; in plain base32 where an earlier version wrote it.
    pub totp_secret: String,
    /// The newest step of the authenticator that was taken.
    pub totp_step: u64,
    /// Since when the account is off; `None` while it is on.
    pub disabled_at: Option<Timestamp>,
    /// When its owner signed in last.
    pub signed_in_at: Option<Timestamp>,
    /// The sign-in at a provider that it is connected with.
    pub connection: Option<OpenIdConnection>,
    /// The language its owner chose for the console, as BCP 47 primary language; `None` leaves it to the browser.
    pub language: Option<String>,
}

/// A sign-in at a provider that an account is connected with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIdConnection {
    /// The provider's name for itself.
    pub issuer: String,
    /// Since when the account is connected.
    pub connected_at: Timestamp,
}

impl Staff {
    /// Whether the account is on, with the secrets that somebody was found to know before.
    #[must_use]
    pub fn is_as_proved(&self, before: &Self) -> bool {
        let same = self.id == before.id
            && self.password == before.password
            && self.totp_secret == before.totp_secret;
        same && self.disabled_at.is_none()
    }
}

/// Someone who is signed in at the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The account; sessions of one that is off are not found.
    pub staff: StaffId,
    /// Its sign-in name, as it stands behind `staff:` in the audit.
    pub name: String,
    /// What it may do.
    pub role: StaffRole,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// The language the account chose for the console; `None` leaves it to the browser.
    pub language: Option<String>,
}

pub(in crate::store) const COLUMNS: &str = "id, name, email, role, password, totp_secret, totp_step, disabled_at, signed_in_at, \
     language, (SELECT issuer FROM openid_connection WHERE staff_id = staff.id), \
     (SELECT connected_at FROM openid_connection WHERE staff_id = staff.id)";

impl Tx<'_> {
    /// Writes a new account down; it is on from the start.
    ///
    /// # Errors
    /// [`StoreError`]; `is_conflict` when the name is taken.
    pub fn insert_staff(&mut self, new: &NewStaff) -> Result<StaffId, StoreError> {
        let insert = "INSERT INTO staff (name, email, role, password, totp_secret, created_at) VALUES (?, ?, ?, ?, ?, ?)";
        let email = new.email.expose();
        let row = (&new.name, email, new.role.word(), &new.password, &new.totp_secret, self.at_ms());
        self.sql.prepare_cached(insert)?.execute(row)?;
        let id = StaffId(self.sql.last_insert_rowid());
        self.audit(
            AuditAction::StaffAdded,
            Subject::Staff(new.name.clone()),
            &serde_json::json!({ "role": new.role.word() }),
        )?;
        Ok(id)
    }

    /// Gives an account new secrets and lets it in again. Nothing older lets anybody in any more: no session, no recovery code,
    /// no sign-in through a provider, no link for it or from it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn reset_staff(
        &mut self,
        staff: &Staff,
        password: &str,
        totp_secret: &str,
    ) -> Result<(), StoreError> {
        let update =
            "UPDATE staff SET password = ?, totp_secret = ?, totp_step = 0, disabled_at = NULL WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((password, totp_secret, staff.id.0))?;
        self.end_sessions(staff.id)?;
        self.replace_recovery_codes(staff, &[])?;
        self.disconnect_openid(staff)?;
        self.withdraw_invitations_of(&staff.name)?;
        self.withdraw_invitations_by(&staff.name)?;
        self.audit(AuditAction::StaffReset, Subject::Staff(staff.name.clone()), &serde_json::json!({}))
    }

    /// Turns an account off, ends its sessions and takes back every link by which its owner, or whom she invited, could come in.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn disable_staff(&mut self, staff: &Staff) -> Result<(), StoreError> {
        let update = "UPDATE staff SET disabled_at = coalesce(disabled_at, ?) WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), staff.id.0))?;
        self.end_sessions(staff.id)?;
        self.withdraw_invitations_of(&staff.name)?;
        self.withdraw_invitations_by(&staff.name)?;
        self.audit(AuditAction::StaffDisabled, Subject::Staff(staff.name.clone()), &serde_json::json!({}))
    }

    /// Uses up the code that somebody signed in with: none of its step or an earlier one is taken again.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn use_code(&mut self, staff: &Staff) -> Result<(), StoreError> {
        let step = i64::try_from(staff.totp_step).unwrap_or(i64::MAX);
        self.sql
            .prepare_cached("UPDATE staff SET totp_step = ? WHERE id = ?")?
            .execute((step, staff.id.0))?;
        Ok(())
    }

    /// Gives an account another role.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn change_role(&mut self, staff: &Staff, to: StaffRole) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE staff SET role = ? WHERE id = ?")?
            .execute((to.word(), staff.id.0))?;
        let detail = serde_json::json!({ "from": staff.role.word(), "to": to.word() });
        self.audit(AuditAction::StaffRole, Subject::Staff(staff.name.clone()), &detail)
    }

    /// Keeps the language an account reads the console in.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn choose_language(&mut self, staff: &Staff, language: Option<&str>) -> Result<(), StoreError> {
        let update = "UPDATE staff SET language = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((language, staff.id.0))?;
        let detail = serde_json::json!({ "language": language });
        self.audit(AuditAction::StaffLanguage, Subject::Staff(staff.name.clone()), &detail)
    }

    /// Keeps the hash of a new password.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn change_password(&mut self, staff: &Staff, hash: &str) -> Result<(), StoreError> {
        self.sql.prepare_cached("UPDATE staff SET password = ? WHERE id = ?")?.execute((hash, staff.id.0))?;
        let detail = serde_json::json!({ "what": "password" });
        self.audit(AuditAction::StaffSecrets, Subject::Staff(staff.name.clone()), &detail)
    }

    /// Keeps the secret of a new authenticator.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn change_authenticator(&mut self, staff: &Staff, totp_secret: &str) -> Result<(), StoreError> {
        let update = "UPDATE staff SET totp_secret = ?, totp_step = 0 WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((totp_secret, staff.id.0))?;
        let detail = serde_json::json!({ "what": "authenticator" });
        self.audit(AuditAction::StaffSecrets, Subject::Staff(staff.name.clone()), &detail)
    }

    /// Keeps the same secret in another form.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn keep_sealed_authenticator(&mut self, staff: &Staff, sealed: &str) -> Result<(), StoreError> {
        self.sql
            .prepare_cached("UPDATE staff SET totp_secret = ? WHERE id = ?")?
            .execute((sealed, staff.id.0))?;
        Ok(())
    }

    /// Opens a session under the digest of its token; the token itself is not kept.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn open_session(
        &mut self,
        digest: &[u8],
        staff: StaffId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let insert = "INSERT INTO session (digest, staff_id, opened_at, seen_at, expires_at) VALUES (?1, ?2, ?3, ?3, ?4)";
        self.sql.prepare_cached(insert)?.execute((digest, staff.0, self.at_ms(), millis(expires_at)))?;
        Ok(())
    }

    /// Removes sessions that are over, by a clock that may be believed.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn tidy_sessions(&mut self, now: Trusted) -> Result<(), StoreError> {
        let tidy = "DELETE FROM session WHERE expires_at <= ?";
        self.sql.prepare_cached(tidy)?.execute([millis(now.at())])?;
        Ok(())
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn touch_session(&mut self, digest: &[u8]) -> Result<(), StoreError> {
        let update = "UPDATE session SET seen_at = ? WHERE digest = ?";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), digest))?;
        Ok(())
    }

    /// Ends the session with that digest, if there is one.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn end_session(&mut self, digest: &[u8]) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM session WHERE digest = ?")?.execute([digest])?;
        Ok(())
    }

    fn end_sessions(&mut self, staff: StaffId) -> Result<(), StoreError> {
        self.sql.prepare_cached("DELETE FROM session WHERE staff_id = ?")?.execute([staff.0])?;
        Ok(())
    }
}

impl View<'_> {
    /// The account of that name.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn staff_named(&self, name: &str) -> Result<Option<Staff>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM staff WHERE name = ?");
        self.one(&ask, [name], staff)
    }

    /// Every account, by name.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn staff(&self) -> Result<Vec<Staff>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM staff ORDER BY name");
        self.readable(&ask, [], staff)
    }

    /// Whether there are sessions that are over.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_session_over(&self, now: Timestamp) -> Result<bool, StoreError> {
        let ask = "SELECT 1 FROM session WHERE expires_at <= ?";
        Ok(self.sql.prepare_cached(ask)?.exists([millis(now)])?)
    }

    /// The session with that digest, if its account is on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn session(&self, digest: &[u8]) -> Result<Option<Session>, StoreError> {
        let ask = "SELECT s.staff_id, f.name, f.role, s.seen_at, s.expires_at, f.language FROM session s \
                   JOIN staff f ON f.id = s.staff_id WHERE s.digest = ? AND f.disabled_at IS NULL";
        self.one(ask, [digest], session)
    }
}

pub(in crate::store) fn staff(row: &Row<'_>) -> Result<Staff, StoreError> {
    of_row("staff", row, 0, || {
        let (role, step): (String, i64) = (row.get(3)?, row.get(6)?);
        Ok(Staff {
            id: StaffId(row.get(0)?),
            name: row.get(1)?,
            email: row.get(2)?,
            role: StaffRole::parse(&role).ok_or_else(|| StoreError::corrupt("role"))?,
            password: row.get(4)?,
            totp_secret: row.get(5)?,
            totp_step: u64::try_from(step).unwrap_or_default(),
            disabled_at: row.get::<_, Option<i64>>(7)?.map(instant),
            signed_in_at: row.get::<_, Option<i64>>(8)?.map(instant),
            language: row.get(9)?,
            connection: connection(row.get(10)?, row.get(11)?),
        })
    })
}

fn connection(issuer: Option<String>, at: Option<i64>) -> Option<OpenIdConnection> {
    Some(OpenIdConnection { issuer: issuer?, connected_at: instant(at?) })
}

fn session(row: &Row<'_>) -> Result<Session, StoreError> {
    of_row("staff", row, 0, || {
        let role: String = row.get(2)?;
        Ok(Session {
            staff: StaffId(row.get(0)?),
            name: row.get(1)?,
            role: StaffRole::parse(&role).ok_or_else(|| StoreError::corrupt("role"))?,
            seen_at: instant(row.get(3)?),
            expires_at: instant(row.get(4)?),
            language: row.get(5)?,
        })
    })
}
