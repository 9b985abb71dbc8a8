//! Which keys made the links of this database: only their fingerprints, the newest is in force.

use jiff::Timestamp;

use super::links::{COLUMNS, Link, link};
use crate::store::db::columns::{instant, rows};
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::mail::delivery::DeliveryId;

/// A key this database was used with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownKey {
    /// What tells it from another; it gives nothing of the key away.
    pub fingerprint: String,
    /// Since when it makes links and Message-IDs; `None` where that cannot be read, which keeps nobody from starting.
    pub since: Option<Timestamp>,
}

impl Tx<'_> {
    /// Notes that links are made with this key from now on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn note_key(&mut self, fingerprint: &str) -> Result<(), StoreError> {
        let insert = "INSERT INTO link_key (fingerprint, since) VALUES (?, ?)";
        self.sql.prepare_cached(insert)?.execute((fingerprint, self.at_ms()))?;
        Ok(())
    }

    /// Gives every link the digest of its new token; the old digests are kept aside. Returns how many changed.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn renew_digests(&mut self, digest: impl Fn(&Link) -> [u8; 32]) -> Result<usize, StoreError> {
        let keep = "INSERT OR IGNORE INTO replaced_link (digest, link_id, replaced_at) SELECT digest, id, ? FROM link WHERE id = ?";
        let update = "UPDATE link SET digest = ? WHERE id = ?";
        // A link that cannot be read opens nothing under either key.
        let all = self.readable(&format!("SELECT {COLUMNS} FROM link ORDER BY id"), [], link)?;
        let mut renewed = 0;
        for link in all {
            self.sql.prepare_cached(keep)?.execute((self.at_ms(), link.id))?;
            renewed += self.sql.prepare_cached(update)?.execute((digest(&link), link.id))?;
        }
        Ok(renewed)
    }
}

impl View<'_> {
    /// The key in force; `None` before the first.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn known_key(&self) -> Result<Option<KnownKey>, StoreError> {
        Ok(self.known_keys()?.pop())
    }

    /// Every key this database was used with, the one in force last.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn known_keys(&self) -> Result<Vec<KnownKey>, StoreError> {
        if !self.has_table("link_key")? {
            return Ok(Vec::new());
        }
        let read = |r: &rusqlite::Row<'_>| {
            Ok(KnownKey { fingerprint: r.get(0)?, since: r.get(1).ok().map(instant) })
        };
        rows(self.sql, "SELECT fingerprint, since FROM link_key ORDER BY id", [], read)
    }

    /// Whether anything on record was made with a key: a link, or a letter that was taken in hand.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn has_used_a_key(&self) -> Result<bool, StoreError> {
        let ask = "SELECT EXISTS (SELECT 1 FROM link_key) OR EXISTS (SELECT 1 FROM link) \
                   OR EXISTS (SELECT 1 FROM delivery WHERE message_id <> '')";
        Ok(self.sql.prepare_cached(ask)?.query_row([], |r| r.get(0))?)
    }

    /// The newest links with the digests of their tokens, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn newest_links(&self, limit: u32) -> Result<Vec<(Link, Vec<u8>)>, StoreError> {
        let ask = format!("SELECT {COLUMNS}, digest FROM link ORDER BY id DESC LIMIT ?");
        self.readable(&ask, [limit], |r| Ok((link(r)?, r.get(8)?)))
    }

    /// The link that had this digest under an earlier key, and whose it is.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn replaced_link(&self, digest: &[u8]) -> Result<Option<Link>, StoreError> {
        let ask = format!(
            "SELECT {COLUMNS} FROM link WHERE id = (SELECT link_id FROM replaced_link WHERE digest = ?)"
        );
        self.one(&ask, [digest], link)
    }

    /// The letter with exactly the first of these Message-IDs that is on record, whichever key made it. One walk through the ledger,
    /// however many are asked for: none has an index.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn letter_named(&self, message_ids: &[String]) -> Result<Option<DeliveryId>, StoreError> {
        let asked = serde_json::json!(message_ids).to_string();
        let read = |r: &rusqlite::Row<'_>| Ok((r.get::<_, String>(1)?, DeliveryId(r.get(0)?)));
        let found = rows(self.sql, LETTERS_NAMED, [asked], read)?;
        let first = |(name, _): &(String, DeliveryId)| message_ids.iter().position(|asked| asked == name);
        Ok(found.into_iter().min_by_key(first).map(|(_, id)| id))
    }
}

const LETTERS_NAMED: &str = "SELECT id, message_id FROM delivery \
                             WHERE message_id <> '' AND message_id IN (SELECT value FROM json_each(?))";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn letters_are_looked_for_in_one_walk_however_many_names_a_message_holds() {
        let (_dir, store) = fresh();
        let steps = plan(&store, LETTERS_NAMED, &["[\"a@b\",\"c@d\"]"]);
        let walks = steps.iter().filter(|step| step.starts_with("SCAN delivery")).count();
        assert_eq!(walks, 1, "{steps:?}");
    }
}
