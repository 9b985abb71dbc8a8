//! What one change works with: a view that asks, a transaction that writes, and the stamp on both.

use jiff::Timestamp;
use rusqlite::Connection;

use crate::care::actor::Actor;
use crate::store::db::chain_head::ChainHead;
use crate::store::db::columns::millis;
use crate::store::db::connect::PageCache;
use crate::store::db::unread::Unread;
use crate::store::error::StoreError;
use crate::store::office_hours::HoursInForce;

/// Who changes something, and when: stamped on every change and its audit event.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// The step's one reading of the clock.
    pub at: Timestamp,
    /// Who acts; stands in each audit event of the change.
    pub actor: Actor,
}

impl Stamp {
    /// A stamp of the daemon's own steps.
    #[must_use]
    pub fn daemon(at: Timestamp) -> Self {
        Self { at, actor: Actor::Daemon }
    }
}

/// Read-only questions; each file of this module adds its own.
pub struct View<'c> {
    pub(in crate::store) sql: &'c Connection,
    pub(in crate::store) unread: Unread,
}

impl<'c> View<'c> {
    pub(in crate::store) fn of(sql: &'c Connection) -> Self {
        Self { sql, unread: Unread::default() }
    }
}

/// A change under way inside one savepoint. It can ask everything a [`View`] can.
pub struct Tx<'c> {
    pub(in crate::store) view: View<'c>,
    pub(in crate::store) stamp: &'c Stamp,
    pub(in crate::store) head: &'c ChainHead,
    pub(in crate::store) pages: &'c PageCache,
    pub(in crate::store) hours: &'c HoursInForce,
}

impl<'c> std::ops::Deref for Tx<'c> {
    type Target = View<'c>;
    fn deref(&self) -> &View<'c> {
        &self.view
    }
}

impl Tx<'_> {
    /// Makes room for a change of many rows, so that its pages are not written out again and again. It is taken back when the
    /// change has ended.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn expect_many(&mut self) -> Result<(), StoreError> {
        self.pages.widen(self.sql)
    }

    /// The step's one reading of the clock.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        self.stamp.at
    }

    /// The step's instant as stored.
    #[must_use]
    pub fn at_ms(&self) -> i64 {
        millis(self.stamp.at)
    }

    /// Who acts, by the stamp of this change.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.stamp.actor
    }
}
