//! What staff word themselves, version by version. A version is written once; the newest of a letter and language counts.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::settings::own_wording::OwnWording;
use crate::store::audit_action::AuditAction;
use crate::store::db::columns::instant;
use crate::store::db::health;
use crate::store::db::transaction::{Tx, View};
use crate::store::db::unreadable::of_row;
use crate::store::error::StoreError;
use crate::store::row_page::{RowPage, RowPageReader};
use crate::store::subject::Subject;

/// A version to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOwnWording {
    /// The letter, the language and the clinic's own texts; without texts the letter is as shipped again.
    pub own: OwnWording,
    /// The version that is taken again.
    pub again_of: Option<i64>,
}

/// A version as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnWordingVersion {
    /// What it says, under its own number.
    pub own: OwnWording,
    /// When it was set.
    pub set_at: Timestamp,
    /// Who set it: an actor.
    pub set_by: String,
    /// The version it was taken from.
    pub again_of: Option<i64>,
}

/// The schema that first kept them.
const SINCE: i32 = 31;
/// Versions on a page.
const PAGE: u32 = 50;

const COLUMNS: &str = "id, letter, language, texts, set_at, set_by, again_of";

/// What counts in a database that nobody has opened yet; nothing where there is none, or an older one.
///
/// # Errors
/// [`StoreError`] when the file cannot be read as a database.
pub fn beside(path: &Path) -> Result<Vec<OwnWording>, StoreError> {
    if !path.exists() || health::schema(path)? < SINCE {
        return Ok(Vec::new());
    }
    health::peek(path, |view| view.own_wordings_in_force())
}

impl Tx<'_> {
    /// Writes a version; it counts from now on.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn write_own_wording(&mut self, new: &NewOwnWording) -> Result<i64, StoreError> {
        let OwnWording { letter, language, texts, .. } = &new.own;
        let json = serde_json::to_string(texts).map_err(|_| StoreError::corrupt("texts of a letter"))?;
        let insert = "INSERT INTO own_wording_version (letter, language, texts, set_at, set_by, again_of) \
                      VALUES (?, ?, ?, ?, ?, ?)";
        let row = (letter, language, json, self.at_ms(), self.actor().word(), new.again_of);
        self.sql.prepare_cached(insert)?.execute(row)?;
        let id = self.sql.last_insert_rowid();
        let names: Vec<&String> = texts.keys().collect();
        let detail = serde_json::json!({ "version": id, "texts": names, "again_of": new.again_of });
        self.audit(
            AuditAction::OwnWordingSet,
            Subject::OwnWording(language.clone(), letter.clone()),
            &detail,
        )?;
        Ok(id)
    }
}

impl View<'_> {
    /// What staff word now, letter by letter; those that are as shipped again are left out.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn own_wordings_in_force(&self) -> Result<Vec<OwnWording>, StoreError> {
        let versions = self.readable(&in_force(), [], version)?;
        Ok(versions.into_iter().map(|one| one.own).filter(|own| !own.texts.is_empty()).collect())
    }

    /// The version of a letter in a language that was written last.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn own_wording_newest(
        &self,
        letter: &str,
        language: &str,
    ) -> Result<Option<OwnWordingVersion>, StoreError> {
        self.one(&newest(), (letter, language), version)
    }

    /// A version by its number.
    ///
    /// # Errors
    /// `is_not_found` when there is no such version of that letter in that language.
    pub fn own_wording_version(
        &self,
        letter: &str,
        language: &str,
        id: i64,
    ) -> Result<OwnWordingVersion, StoreError> {
        let ask =
            format!("SELECT {COLUMNS} FROM own_wording_version WHERE id = ? AND letter = ? AND language = ?");
        let found = self.one(&ask, (id, letter, language), version)?;
        found.ok_or_else(|| StoreError::not_found("version of that wording"))
    }

    /// The versions of a letter in a language, newest first, older than `before`, a page of them.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn own_wording_versions(
        &self,
        own: &OwnWording,
        before: Option<i64>,
    ) -> Result<RowPage<OwnWordingVersion>, StoreError> {
        let read = RowPageReader::new(PAGE);
        let range = (&own.letter, &own.language, before.unwrap_or(i64::MAX), read.asked());
        Ok(read.page(self.readable(&page(), range, |row| read.row(version(row)))?))
    }
}

fn in_force() -> String {
    format!(
        "SELECT {COLUMNS} FROM own_wording_version WHERE id IN \
         (SELECT max(id) FROM own_wording_version GROUP BY letter, language) ORDER BY letter, language"
    )
}

fn newest() -> String {
    format!(
        "SELECT {COLUMNS} FROM own_wording_version WHERE letter = ? AND language = ? ORDER BY id DESC LIMIT 1"
    )
}

fn page() -> String {
    format!(
        "SELECT {COLUMNS} FROM own_wording_version WHERE letter = ? AND language = ? AND id < ? \
         ORDER BY id DESC LIMIT ?"
    )
}

fn version(row: &Row<'_>) -> Result<OwnWordingVersion, StoreError> {
    of_row("own_wording_version", row, 0, || {
        let texts: String = row.get(3)?;
        let texts: BTreeMap<String, String> =
            serde_json::from_str(&texts).map_err(|_| StoreError::corrupt("texts of a letter"))?;
        let own = OwnWording { version: row.get(0)?, letter: row.get(1)?, language: row.get(2)?, texts };
        Ok(OwnWordingVersion {
            own,
            set_at: instant(row.get(4)?),
            set_by: row.get(5)?,
            again_of: row.get(6)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan, sabotage, stamp};

    fn words(letter: &str, text: Option<&str>) -> NewOwnWording {
        let texts = text.map(|text| (letter.to_owned(), text.to_owned())).into_iter().collect();
        let own = OwnWording { letter: letter.to_owned(), language: "en".to_owned(), version: 0, texts };
        NewOwnWording { own, again_of: None }
    }

    #[test]
    fn versions_are_found_without_reading_the_others() {
        let (_dir, store) = fresh();
        for ask in [newest(), page()] {
            let steps = plan(&store, &ask, &["book", "en", "1", "50"][..ask.matches('?').count()]);
            assert!(steps.iter().any(|step| step.contains("own_wording_version_of")), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("B-TREE")), "{steps:?}");
        }
    }

    #[test]
    fn the_newest_counts_until_a_version_without_texts_and_none_is_ever_changed() {
        let (_dir, store) = fresh();
        let write = |new: NewOwnWording| store.write_blocking(stamp(), move |tx| tx.write_own_wording(&new));
        let in_force = || store.read(|view| view.own_wordings_in_force()).unwrap();
        write(words("book", Some("One."))).unwrap();
        write(words("invite", Some("Two."))).unwrap();
        write(words("book", Some("Three. 🌷"))).unwrap();
        let said: Vec<_> = in_force().into_iter().map(|own| (own.version, own.texts)).collect();
        assert_eq!(said[0], (3, [("book".to_owned(), "Three. 🌷".to_owned())].into()));
        assert_eq!(said.len(), 2);
        assert_eq!(beside(store.path()).unwrap(), in_force());
        write(words("book", None)).unwrap();
        assert_eq!(in_force().len(), 1);
        for sql in ["DELETE FROM own_wording_version", "UPDATE own_wording_version SET texts = '{}'"] {
            assert!(store.write_blocking(stamp(), move |tx| sabotage(tx, sql)).is_err(), "{sql}");
        }
        assert!(store.read(|view| view.own_wording_version("book", "es", 1)).unwrap_err().is_not_found());
    }
}
