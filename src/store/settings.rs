//! What staff decided, version by version. A version is written once; which one counts follows from the rows.

use std::path::Path;

use jiff::Timestamp;
use rusqlite::Row;

use crate::care::settings::setting::{Setting, SettingInForce};
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
pub struct NewSetting {
    /// Which setting it is a version of.
    pub setting: Setting,
    /// Its keys and values, as they would stand in `aftercare.toml`.
    pub value: String,
    /// The version that is taken again.
    pub again_of: Option<i64>,
    /// Why, where that has to be said.
    pub reason: Option<String>,
}

/// A version as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingVersion {
    /// Row of the version, by which its history names it.
    pub id: i64,
    /// What it decides, and how.
    pub new: NewSetting,
    /// When it was set.
    pub set_at: Timestamp,
    /// Who set it: an actor.
    pub set_by: String,
    /// Since when it counts, and who said that it may.
    pub counts: Option<(Timestamp, String)>,
    /// When it was taken back, and by whom.
    pub dropped: Option<(Timestamp, String)>,
}

impl SettingVersion {
    /// Whether it still waits for somebody to say that it may count.
    #[must_use]
    pub const fn is_proposed(&self) -> bool {
        self.counts.is_none() && self.dropped.is_none()
    }
}

/// The schema that first kept settings.
const SINCE: i32 = 24;
/// Versions on a page.
const PAGE: u32 = 50;

const COLUMNS: &str =
    "id, setting, value, again_of, set_at, set_by, counts_at, counts_by, dropped_at, dropped_by, reason";

/// What counts in a database that nobody has opened yet; nothing where there is none, or an older one.
///
/// # Errors
/// [`StoreError`] when the file cannot be read as a database.
pub fn beside(path: &Path) -> Result<Vec<SettingInForce>, StoreError> {
    if !path.exists() || health::schema(path)? < SINCE {
        return Ok(Vec::new());
    }
    health::peek(path, |view| view.settings_in_force())
}

impl Tx<'_> {
    /// Writes a version that does not count yet.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn propose_setting(&mut self, new: &NewSetting) -> Result<i64, StoreError> {
        let insert = "INSERT INTO setting_version (setting, value, again_of, set_at, set_by, reason) VALUES (?, ?, ?, ?, ?, ?)";
        let by = self.actor().word();
        let row = (new.setting.word(), &new.value, new.again_of, self.at_ms(), by, &new.reason);
        self.sql.prepare_cached(insert)?.execute(row)?;
        let id = self.sql.last_insert_rowid();
        let detail = serde_json::json!({ "version": id, "again_of": new.again_of });
        self.audit(AuditAction::SettingSet, Subject::Setting(new.setting), &detail)?;
        Ok(id)
    }

    /// From now on this version counts.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails, or it was decided about already.
    pub fn count_setting(&mut self, version: &SettingVersion) -> Result<(), StoreError> {
        let update = "UPDATE setting_version SET counts_at = ?, counts_by = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), self.actor().word(), version.id))?;
        let detail = serde_json::json!({ "version": version.id });
        self.audit(AuditAction::SettingCounts, Subject::Setting(version.new.setting), &detail)
    }

    /// This proposal is taken back.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails, or it was decided about already.
    pub fn drop_setting(&mut self, version: &SettingVersion) -> Result<(), StoreError> {
        let update = "UPDATE setting_version SET dropped_at = ?, dropped_by = ? WHERE id = ?";
        self.sql.prepare_cached(update)?.execute((self.at_ms(), self.actor().word(), version.id))?;
        let detail = serde_json::json!({ "version": version.id });
        self.audit(AuditAction::SettingDropped, Subject::Setting(version.new.setting), &detail)
    }
}

impl View<'_> {
    /// The version of each setting that counts, by the order of [`Setting::ALL`].
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn settings_in_force(&self) -> Result<Vec<SettingInForce>, StoreError> {
        let each = Setting::ALL.iter().map(|setting| self.setting_in_force(*setting));
        let found = each.collect::<Result<Vec<_>, _>>()?.into_iter().flatten();
        let of = |one: SettingVersion| SettingInForce {
            setting: one.new.setting,
            version: one.id,
            text: one.new.value,
        };
        Ok(found.map(of).collect())
    }

    /// The version of a setting that counts.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn setting_in_force(&self, setting: Setting) -> Result<Option<SettingVersion>, StoreError> {
        self.one(&in_force(), [setting.word()], version)
    }

    /// The version of a setting that was written last, whatever became of it.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn setting_newest(&self, setting: Setting) -> Result<Option<SettingVersion>, StoreError> {
        self.one(&newest(), [setting.word()], version)
    }

    /// A version by its number.
    ///
    /// # Errors
    /// `is_not_found` when the setting has no such version.
    pub fn setting_version(&self, setting: Setting, id: i64) -> Result<SettingVersion, StoreError> {
        let ask = format!("SELECT {COLUMNS} FROM setting_version WHERE id = ? AND setting = ?");
        let found = self.one(&ask, (id, setting.word()), version)?;
        found.ok_or_else(|| StoreError::not_found("version of that setting"))
    }

    /// The versions of a setting, newest first, older than `before`; at most [`PAGE`].
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn setting_versions(
        &self,
        setting: Setting,
        before: Option<i64>,
    ) -> Result<RowPage<SettingVersion>, StoreError> {
        let read = RowPageReader::new(PAGE);
        let values = (setting.word(), before.unwrap_or(i64::MAX), read.asked());
        Ok(read.page(self.readable(&page(), values, |row| read.row(version(row)))?))
    }
}

fn in_force() -> String {
    format!(
        "SELECT {COLUMNS} FROM setting_version WHERE setting = ? AND counts_at IS NOT NULL ORDER BY id DESC LIMIT 1"
    )
}

fn newest() -> String {
    format!("SELECT {COLUMNS} FROM setting_version WHERE setting = ? ORDER BY id DESC LIMIT 1")
}

fn page() -> String {
    format!("SELECT {COLUMNS} FROM setting_version WHERE setting = ? AND id < ? ORDER BY id DESC LIMIT ?")
}

fn version(row: &Row<'_>) -> Result<SettingVersion, StoreError> {
    of_row("setting_version", row, 0, || {
        let word: String = row.get(1)?;
        let setting = Setting::parse(&word).ok_or_else(|| StoreError::corrupt("name of a setting"))?;
        let decided = |at: usize| -> Result<Option<(Timestamp, String)>, StoreError> {
            let (when, who): (Option<i64>, Option<String>) = (row.get(at)?, row.get(at + 1)?);
            Ok(when.map(instant).zip(who))
        };
        Ok(SettingVersion {
            id: row.get(0)?,
            new: NewSetting { setting, value: row.get(2)?, again_of: row.get(3)?, reason: row.get(10)? },
            set_at: instant(row.get(4)?),
            set_by: row.get(5)?,
            counts: decided(6)?,
            dropped: decided(8)?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan, sabotage, stamp};

    fn office(number: &str) -> NewSetting {
        let value = format!("[clinic]\nphone_office = \"{number}\"\n");
        NewSetting { setting: Setting::OfficePhone, value, again_of: None, reason: None }
    }

    #[test]
    fn the_version_that_counts_is_found_without_reading_the_others() {
        let (_dir, store) = fresh();
        for (ask, index) in [(in_force(), "setting_version_counts"), (newest(), "setting_version_of")] {
            let steps = plan(&store, &ask, &["office-phone"]);
            assert!(steps.iter().any(|step| step.contains(index)), "{steps:?}");
            assert!(!steps.iter().any(|step| step.contains("B-TREE")), "{steps:?}");
        }
    }

    #[test]
    fn a_proposal_counts_only_once_somebody_says_so_and_neither_is_ever_changed() {
        let (_dir, store) = fresh();
        let first = store.write_blocking(stamp(), |tx| tx.propose_setting(&office("1"))).unwrap();
        let in_force = || store.read(|view| view.settings_in_force()).unwrap();
        assert!(in_force().is_empty());
        let newest = || store.read(|view| view.setting_newest(Setting::OfficePhone)).unwrap().unwrap();
        let proposed = newest();
        assert!(proposed.id == first && proposed.is_proposed());
        store.write_blocking(stamp(), move |tx| tx.count_setting(&proposed)).unwrap();
        assert_eq!((in_force().len(), in_force()[0].text.as_str()), (1, office("1").value.as_str()));
        let counts = newest();
        assert!(store.write_blocking(stamp(), move |tx| tx.drop_setting(&counts)).is_err());
        for sql in [
            "DELETE FROM setting_version",
            "UPDATE setting_version SET value = 'x'",
            "UPDATE setting_version SET reason = 'x'",
        ] {
            assert!(store.write_blocking(stamp(), move |tx| sabotage(tx, sql)).is_err(), "{sql}");
        }
        assert_eq!(beside(store.path()).unwrap(), in_force());
        assert_eq!(beside(Path::new("/nonexistent/a.db")).unwrap(), []);
    }
}
