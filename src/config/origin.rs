//! What a configuration is read from: the operator's file, and beneath it what staff set. A key that stands in the file is
//! the operator's and wins; whoever asks is told in which line.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use crate::care::settings::own_wording::OwnWording;
use crate::care::settings::setting::{Setting, SettingInForce};
use crate::config::file::reader::{Section, TomlFile};
use crate::config::file::suggest::line_of;
use crate::config::file::values;
use crate::config::sections::database::beside;

/// The texts a configuration is read from.
#[derive(Clone, Default)]
pub struct ConfigOrigin {
    /// The operator's file, as a person knows it.
    pub file: String,
    /// What stands in it.
    pub text: String,
    /// The directory that relative paths count from; `None` leaves them as written.
    pub base: Option<PathBuf>,
    /// What staff set, one for each setting.
    pub settings: Vec<SettingInForce>,
    /// What staff word themselves, one for each letter and language.
    pub wordings: Vec<OwnWording>,
}

impl std::fmt::Debug for ConfigOrigin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConfigOrigin").finish_non_exhaustive()
    }
}

impl ConfigOrigin {
    /// The same file above what staff set now.
    #[must_use]
    pub fn with(&self, settings: Vec<SettingInForce>) -> Self {
        Self { settings, ..self.clone() }
    }

    /// The same file above what staff word now.
    #[must_use]
    pub fn worded(self, wordings: Vec<OwnWording>) -> Self {
        Self { wordings, ..self }
    }

    /// The same with another text for one setting, to see what would become of it; version 0 stands for it.
    #[must_use]
    pub fn proposing(&self, setting: Setting, text: &str) -> Self {
        let mut settings = self.settings.clone();
        settings.retain(|one| one.setting != setting);
        settings.push(SettingInForce { setting, version: 0, text: text.to_owned() });
        self.with(settings)
    }

    /// The line in which the operator's file has a key such as `clinic.phone_office`, or one that a `*` stands for; `None`
    /// where it leaves it to staff.
    #[must_use]
    pub fn fixed(&self, key: &str) -> Option<usize> {
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(&self.text);
        let (table, _) = DeTable::parse_recoverable(text);
        let parts: Vec<&str> = key.split('.').collect();
        place(table.get_ref(), &parts).map(|at| line_of(text, at))
    }

    /// The version of a setting that counts.
    #[must_use]
    pub fn setting(&self, setting: Setting) -> Option<&SettingInForce> {
        self.settings.iter().find(|one| one.setting == setting)
    }

    /// Where the database lies, also where the file has faults.
    #[must_use]
    pub fn database(&self) -> Option<DatabasePlace> {
        let (toml, table) = TomlFile::parse("", &self.text).ok()?;
        let root = Section::root(&toml, table.get_ref());
        let section = root.section("database");
        let path = section.may("path", values::path)?;
        let journal = section.may("journal", values::path).unwrap_or_else(|| beside(&path));
        let base = self.base.as_deref().unwrap_or(Path::new(""));
        Some(DatabasePlace { database: base.join(path), journal: base.join(journal) })
    }

    /// The credential that holds the keys of the database, if one is named, also where the file has faults.
    #[must_use]
    pub fn database_key(&self) -> Option<String> {
        let (toml, table) = TomlFile::parse("", &self.text).ok()?;
        let database = Section::root(&toml, table.get_ref()).section("database");
        database.may("key_credential", values::words(values::LONGEST_PATH))
    }
}

/// Where a database and its journal lie.
#[derive(Debug, Clone)]
pub struct DatabasePlace {
    /// The SQLite file itself.
    pub database: PathBuf,
    /// The directory of its sent journal.
    pub journal: PathBuf,
}

/// Where the key of these parts stands, in the order of the file.
fn place(table: &DeTable<'_>, parts: &[&str]) -> Option<usize> {
    let (part, deeper) = parts.split_first()?;
    let named = table.iter().filter(|(name, _)| *part == "*" || name.get_ref() == part);
    let found = named.filter_map(|(name, value)| match deeper {
        [] => Some(name.span().start),
        deeper => place(value.get_ref().as_table()?, deeper),
    });
    found.min()
}

/// What a fault of a setting names in place of a file.
#[must_use]
pub fn setting_file(setting: Setting) -> String {
    format!("setting `{}`", setting.word())
}
