//! The sessions of an account, as their owner sees them and ends them.

use jiff::Timestamp;
use rusqlite::Row;

use crate::store::audit_action::AuditAction;
use crate::store::db::columns::{instant, millis};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::people::staff::{Staff, StaffId};
use crate::store::subject::Subject;

/// A session that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// What a page calls it by: the beginning of its digest, which opens nothing.
    pub handle: String,
    /// When somebody signed in.
    pub opened_at: Timestamp,
    /// When it was last used.
    pub seen_at: Timestamp,
    /// Where from: a network address, or a word for this machine.
    pub opened_from: String,
    /// Which browser, in a few words.
    pub browser: String,
}

/// Which sessions of an account end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndedSessions {
    /// All sessions of the account.
    All,
    /// All but the one with that digest.
    AllBut(Vec<u8>),
    /// The one of that handle.
    One(String),
}

/// The beginning of a digest, as text.
const HANDLE: &str = "lower(hex(substr(digest, 1, 8)))";

impl Tx<'_> {
    /// Notes of a new session where it was opened and in which browser, and of its account that its owner signed in.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn describe_session(&mut self, digest: &[u8], from: &str, browser: &str) -> Result<(), StoreError> {
        let update = "UPDATE session SET opened_from = ?, browser = ? WHERE digest = ?";
        self.sql.prepare_cached(update)?.execute((from, browser, digest))?;
        let seen =
            "UPDATE staff SET signed_in_at = ?1 WHERE id = (SELECT staff_id FROM session WHERE digest = ?2)";
        self.sql.prepare_cached(seen)?.execute((self.at_ms(), digest))?;
        Ok(())
    }

    /// Ends sessions of an account. Returns how many there were.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn end_sessions_of(&mut self, staff: &Staff, which: &EndedSessions) -> Result<usize, StoreError> {
        let of = "DELETE FROM session WHERE staff_id = ?";
        let ended = match which {
            EndedSessions::All => self.sql.prepare_cached(of)?.execute([staff.id.0])?,
            EndedSessions::AllBut(digest) => {
                let but = format!("{of} AND digest <> ?");
                self.sql.prepare_cached(&but)?.execute((staff.id.0, digest))?
            }
            EndedSessions::One(handle) => {
                let one = format!("{of} AND {HANDLE} = ?");
                self.sql.prepare_cached(&one)?.execute((staff.id.0, handle))?
            }
        };
        if ended > 0 {
            let detail = serde_json::json!({ "sessions": ended });
            self.audit(AuditAction::StaffSessionsEnded, Subject::Staff(staff.name.clone()), &detail)?;
        }
        Ok(ended)
    }
}

impl View<'_> {
    /// The sessions of an account that are not over, the one used last first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn sessions_of(&self, staff: StaffId, now: Timestamp) -> Result<Vec<OpenSession>, StoreError> {
        let ask = format!(
            "SELECT {HANDLE}, opened_at, seen_at, opened_from, browser FROM session \
             WHERE staff_id = ? AND expires_at > ? ORDER BY seen_at DESC LIMIT 50"
        );
        self.readable(&ask, (staff.0, millis(now)), open_session)
    }
}

fn open_session(row: &Row<'_>) -> Result<OpenSession, StoreError> {
    Ok(OpenSession {
        handle: row.get(0)?,
        opened_at: instant(row.get(1)?),
        seen_at: instant(row.get(2)?),
        opened_from: row.get(3)?,
        browser: row.get(4)?,
    })
}
