//! Links by which a colleague opens an account, or comes back into hers. Only the digest of a link's token is kept.

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::actor::Actor;
use crate::care::permission::StaffRole;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::people::staff::StaffId;
use crate::store::subject::Subject;

/// Open invitations that a page lists.
const LISTED: u32 = 50;
const COLUMNS: &str = "id, staff_id, name, email, role, invited_by, expires_at";
const OPEN: &str = "used_at IS NULL AND withdrawn_at IS NULL";

/// An invitation about to be made.
pub struct NewInvitation {
    /// Digest of the link's token.
    pub digest: Vec<u8>,
    /// The account that it leads back into; `None` for a new one.
    pub staff: Option<StaffId>,
    /// The account's sign-in name.
    pub name: String,
    /// Where letters about the account go.
    pub email: String,
    /// What it may do.
    pub role: StaffRole,
    /// When the link ends.
    pub expires_at: Timestamp,
}

/// An invitation that nobody has used or withdrawn.
#[derive(Debug, Clone)]
pub struct StaffInvitation {
    /// Row of the invitation.
    pub id: i64,
    /// The account that it leads back into; `None` for a new one.
    pub staff: Option<StaffId>,
    /// The account's sign-in name.
    pub name: String,
    /// Where letters about the account go.
    pub email: String,
    /// What it may do.
    pub role: StaffRole,
    /// Who invited: an actor's word.
    pub invited_by: String,
    /// When the link ends.
    pub expires_at: Timestamp,
}

impl Tx<'_> {
    /// Makes an invitation; an earlier one for that name opens nothing any more.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn insert_invitation(&mut self, new: &NewInvitation) -> Result<(), StoreError> {
        self.withdraw_invitations_of(&new.name)?;
        let insert = "INSERT INTO staff_invitation (digest, staff_id, name, email, role, invited_by, invited_at, expires_at) \
                      VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let (by, staff) = (self.actor().word(), new.staff.map(|id| id.0));
        let row = (
            &new.digest,
            staff,
            &new.name,
            &new.email,
            new.role.word(),
            by,
            self.at_ms(),
            millis(new.expires_at),
        );
        self.sql.prepare_cached(insert)?.execute(row)?;
        let detail = serde_json::json!({ "role": new.role.word(), "back": new.staff.is_some() });
        self.audit(AuditAction::StaffInvited, Subject::Staff(new.name.clone()), &detail)
    }

    /// Takes back whatever link is open for that name: none of them opens or lets in anything any more.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub(in crate::store) fn withdraw_invitations_of(&mut self, name: &str) -> Result<(), StoreError> {
        self.withdraw_where("name", name)
    }

    /// Takes back whatever links an account made that are open: it may not give any more what they give.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn withdraw_invitations_by(&mut self, account: &str) -> Result<(), StoreError> {
        self.withdraw_where("invited_by", &Actor::Staff(account.to_owned()).word())
    }

    fn withdraw_where(&mut self, column: &str, word: &str) -> Result<(), StoreError> {
        let update = format!(
            "UPDATE staff_invitation SET withdrawn_at = ? WHERE {column} = ? AND {OPEN} RETURNING name"
        );
        let names = rows(self.sql, &update, (self.at_ms(), word), |row| row.get::<_, String>(0))?;
        names.into_iter().try_for_each(|name| self.note_withdrawn(name))
    }

    /// Takes an invitation back. Returns whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn withdraw_invitation(&mut self, id: i64) -> Result<bool, StoreError> {
        let update =
            format!("UPDATE staff_invitation SET withdrawn_at = ? WHERE id = ? AND {OPEN} RETURNING name");
        let ask = (self.at_ms(), id);
        let Some(name) = self.one(&update, ask, |row| Ok(row.get::<_, String>(0)?))? else {
            return Ok(false);
        };
        self.note_withdrawn(name)?;
        Ok(true)
    }

    fn note_withdrawn(&mut self, name: String) -> Result<(), StoreError> {
        self.audit(AuditAction::StaffInvitationWithdrawn, Subject::Staff(name), &serde_json::json!({}))
    }

    /// Uses an invitation up.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn use_invitation(&mut self, one: &StaffInvitation) -> Result<(), StoreError> {
        let update = "UPDATE staff_invitation SET used_at = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), one.id))?;
        self.audit(AuditAction::StaffInvitationUsed, Subject::Staff(one.name.clone()), &serde_json::json!({}))
    }
}

impl View<'_> {
    /// The open invitation with that digest.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn invitation(&self, digest: &[u8]) -> Result<Option<StaffInvitation>, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM staff_invitation WHERE digest = ? AND {OPEN}");
        self.one(&ask, [digest], invitation)
    }

    /// Open invitations whose links still open something, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn invitations(&self, now: Timestamp) -> Result<Vec<StaffInvitation>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM staff_invitation WHERE {OPEN} AND expires_at > ? ORDER BY id DESC LIMIT {LISTED}"
        );
        self.readable(&ask, [millis(now)], invitation)
    }
}

fn invitation(row: &Row<'_>) -> Result<StaffInvitation, StoreError> {
    of_row("staff_invitation", row, 0, || {
        let role: String = row.get(4)?;
        Ok(StaffInvitation {
            id: row.get(0)?,
            staff: row.get::<_, Option<i64>>(1)?.map(StaffId),
            name: row.get(2)?,
            email: row.get(3)?,
            role: StaffRole::parse(&role).ok_or_else(|| StoreError::corrupt("role"))?,
            invited_by: row.get(5)?,
            expires_at: instant(row.get(6)?),
        })
    })
}
