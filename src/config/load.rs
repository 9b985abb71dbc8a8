//! Finds and reads the configuration.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::DeTable;

use super::{centres, embedded};
use crate::config::Config;
use crate::config::file::fault::{Fault, not_utf8};
use crate::config::file::reader::{LayerFile, Section, TomlFile};
use crate::config::file::suggest::line_of;
use crate::config::origin::{ConfigOrigin, setting_file};
use crate::config::sections::database::Database;
use crate::config::sections::paths::Paths;

/// Where the configuration lies unless `--config` or `$AFTERCARE_CONFIG` says otherwise.
pub const DEFAULT: &str = "/etc/aftercare/aftercare.toml";

/// Reads a configuration file. Relative paths in it count from its directory.
///
/// # Errors
/// Every fault of the file, in its order.
pub fn file(path: &Path) -> Result<Config, Vec<Fault>> {
    config(origin(path)?)
}

/// Reads the operator's file as it stands; nothing is known yet of what staff set.
///
/// # Errors
/// That it cannot be read, or is not UTF-8.
pub fn origin(path: &Path) -> Result<ConfigOrigin, Vec<Fault>> {
    let file = path.display().to_string();
    let text = std::fs::read(path).map_err(|e| vec![unreadable(&file, &e)])?;
    let text = String::from_utf8(text).map_err(|e| vec![not_utf8(&file, &e)])?;
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let base = Some(whole.parent().unwrap_or(Path::new("/")).to_owned());
    Ok(ConfigOrigin { file, text, base, ..ConfigOrigin::default() })
}

/// Reads the operator's file above what staff set into a configuration.
///
/// # Errors
/// Every fault, in the order of the file; those of a setting under its own name.
pub fn config(origin: ConfigOrigin) -> Result<Config, Vec<Fault>> {
    let (config, faults) = layered(&origin)?;
    let mut config = match config {
        Some(config) if faults.is_empty() => config,
        Some(_) | None => return Err(faults),
    };
    if let Some(base) = &origin.base {
        config.settle(base);
    }
    config.origin = Arc::new(origin);
    Ok(config)
}

fn layered(origin: &ConfigOrigin) -> Result<(Option<Config>, Vec<Fault>), Vec<Fault>> {
    let text = origin.text.strip_prefix('\u{feff}').unwrap_or(&origin.text);
    let names: Vec<String> = origin.settings.iter().map(|one| setting_file(one.setting)).collect();
    let (toml, table) = TomlFile::parse(&origin.file, text)?;
    let mut lower = Vec::new();
    for (one, name) in origin.settings.iter().zip(&names).filter(|(one, _)| one.setting.file().is_none()) {
        let (toml, table) = TomlFile::parse(name, &one.text)?;
        lower.push(LayerFile { toml, table });
    }
    let config = Config::read(&Section::root(&toml, table.get_ref()).above(&lower));
    let mut faults = toml.faults();
    faults.extend(lower.into_iter().flat_map(|file| file.toml.faults()));
    let languages = config.as_ref().map(|config| config.sending.languages.as_slice()).unwrap_or_default();
    faults.extend(centres::of_staff(origin, languages).and_then(Result::err).into_iter().flatten());
    Ok((config, faults))
}

/// The shipped configuration, settled in `base`; for the demo and tests.
///
/// # Errors
/// Never, as long as the shipped file is sound; a test holds that.
pub fn shipped(base: &Path) -> Result<Config, Vec<Fault>> {
    settled("aftercare.toml", &embedded::text("aftercare.toml").unwrap_or_default(), base)
}

/// Reads a configuration's text as if it were a file of this name in `base`.
///
/// # Errors
/// Every fault of the text, in its order.
pub fn settled(name: &str, text: &str, base: &Path) -> Result<Config, Vec<Fault>> {
    let config = parse(name, text)?;
    self::config(ConfigOrigin { base: Some(base.to_owned()), ..ConfigOrigin::clone(&config.origin) })
}

/// Reads a configuration's text; `name` appears in faults. Paths stay as written.
///
/// # Errors
/// Every fault of the text, in its order.
pub fn parse(name: &str, text: &str) -> Result<Config, Vec<Fault>> {
    config(ConfigOrigin { file: name.to_owned(), text: text.to_owned(), ..ConfigOrigin::default() })
}

/// The places a faulty file still names: its paths, and its database. So that `check` can look at them all the same.
#[must_use]
pub fn places(path: &Path) -> (Paths, Option<PathBuf>) {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let Ok((toml, table)) = TomlFile::parse("", &text) else { return (Paths::default(), None) };
    let root = Section::root(&toml, table.get_ref());
    let mut paths = Paths::read(&root.section("paths"));
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let base = whole.parent().unwrap_or(Path::new("/"));
    paths.settle(base);
    (paths, Database::read(&root.section("database")).map(|d| base.join(d.path)))
}

/// The line of a key such as `mail.smtp.host` in a configuration's text, or of the last section on
/// the way to it; 1 where there is none.
#[must_use]
pub fn line(text: &str, key: &str) -> usize {
    let (table, _) = DeTable::parse_recoverable(text);
    let (mut table, mut at) = (Some(table.get_ref()), 0);
    for part in key.split('.') {
        let Some((name, value)) = table.and_then(|t| t.iter().find(|(k, _)| k.get_ref() == part)) else {
            break;
        };
        at = name.span().start;
        table = value.get_ref().as_table();
    }
    line_of(text, at)
}

fn unreadable(file: &str, error: &std::io::Error) -> Fault {
    let hint = match error.kind() {
        std::io::ErrorKind::NotFound => {
            "name it with `--config FILE`, or write one with `aftercare init DIR`"
        }
        _ => "make it readable for the user who runs aftercare",
    };
    Fault {
        file: file.to_owned(),
        line: 0,
        problem: format!("cannot be read: {error}"),
        hint: hint.to_owned(),
    }
}
