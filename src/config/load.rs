//! Finds and reads the configuration.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::embedded;
use crate::config::file::fault::Fault;
use crate::config::file::reader::{Section, TomlFile};
use crate::config::file::suggest::line_of;
use crate::config::sections::places::Paths;
use crate::config::sections::types::{Config, Transport};
use crate::config::sections::{care, cross, edge, learn};

/// Where the configuration lies unless `--config` or `$AFTERCARE_CONFIG` says otherwise.
pub const DEFAULT: &str = "/etc/aftercare/aftercare.toml";

/// Reads a configuration file. Relative paths in it count from its directory.
///
/// # Errors
/// Every fault of the file, in its order.
pub fn file(path: &Path) -> Result<Config, Vec<Fault>> {
    let name = path.display().to_string();
    let text = std::fs::read(path).map_err(|e| vec![unreadable(&name, &e)])?;
    let text = String::from_utf8(text).map_err(|e| vec![not_utf8(&name, &e)])?;
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    settled(&name, &text, whole.parent().unwrap_or(Path::new("/")))
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
    let mut config = parse(name, text)?;
    config.settle(base);
    Ok(config)
}

/// Reads a configuration's text; `name` appears in faults. Paths stay as written.
///
/// # Errors
/// Every fault of the text, in its order.
pub fn parse(name: &str, text: &str) -> Result<Config, Vec<Fault>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (page, table) = TomlFile::parse(name, text)?;
    let config = whole(&Section::root(&page, table.get_ref()));
    let faults = page.faults();
    match config {
        Some(config) if faults.is_empty() => Ok(config),
        Some(_) | None => Err(faults),
    }
}

/// The places a faulty file still names: its paths, and its database. So that `check` can look at them all the same.
#[must_use]
pub fn places(path: &Path) -> (Paths, Option<PathBuf>) {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let Ok((page, table)) = TomlFile::parse("", &text) else { return (Paths::default(), None) };
    let root = Section::root(&page, table.get_ref());
    let mut paths = edge::paths(&root.section("paths"));
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let base = whole.parent().unwrap_or(Path::new("/"));
    paths.settle(base);
    (paths, care::database(&root.section("database")).map(|d| base.join(d.path)))
}

/// The line of a key such as `mail.smtp.host` in a configuration's text, or of the last section on the way to it; 1 where
/// there is none.
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

fn whole(root: &Section<'_, '_>) -> Option<Config> {
    let about = root.must("clinic");
    let clinic = care::clinic(&about);
    let database = care::database(&root.must("database"));
    let mail = care::mail(&root.must("mail"));
    let holidays = clinic.as_ref().map(|c| c.holidays.clone()).unwrap_or_default();
    let sending = care::sending(&root.section("sending"), holidays);
    let checklists = care::checklists(&root.section("checklists"));
    let alerts = edge::alerts(&root.must("alerts"));
    let web = edge::web(&root.must("web"));
    let learn = learn::read(&root.section("learn"));
    let heartbeat = edge::heartbeat(&root.section("heartbeat"));
    let backup = edge::backup(&root.section("backup"));
    let paths = edge::paths(&root.section("paths"));
    let test = edge::test(&root.section("test"));
    root.close();
    let (clinic, mail) = (clinic?, mail?);
    cross::local_languages(&about, &clinic, &sending.languages);
    cross::made_up_numbers(&about, &clinic, &mail.transport);
    let (database, alerts, web) = (database?, alerts?, web?);
    let config = Config {
        clinic,
        database,
        mail,
        sending,
        checklists,
        alerts,
        web,
        learn,
        heartbeat,
        backup,
        paths,
        test,
    };
    Some(config)
}

impl Config {
    /// Makes every relative path count from `base`.
    fn settle(&mut self, base: &Path) {
        let join = |path: &mut PathBuf| *path = base.join(&*path);
        join(&mut self.database.path);
        join(&mut self.mail.spool_dir);
        join(&mut self.backup.directory);
        if let Transport::Smtp(smtp) = &mut self.mail.transport {
            smtp.ca_file.iter_mut().for_each(join);
        }
        self.paths.settle(base);
    }

    /// The clinic's keys (and their values) that are still the example's made-up numbers.
    #[must_use]
    pub fn made_up_numbers(&self) -> Vec<(&'static str, &str)> {
        cross::made_up(&self.clinic)
    }
}

impl Paths {
    fn settle(&mut self, base: &Path) {
        let Self { protocols, checklists, letters, leaflets, centres } = self;
        let all = [protocols, checklists, letters, leaflets, centres];
        all.into_iter().flatten().for_each(|path| *path = base.join(&*path));
    }
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

pub(super) fn not_utf8(file: &str, error: &std::string::FromUtf8Error) -> Fault {
    let good = error.utf8_error().valid_up_to();
    let line = 1 + error.as_bytes().iter().take(good).filter(|b| **b == b'\n').count();
    let problem = "is not UTF-8 from here on".to_owned();
    Fault { file: file.to_owned(), line, problem, hint: "save it as UTF-8 in your editor".to_owned() }
}
