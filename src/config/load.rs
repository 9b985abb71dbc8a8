//! Finds and reads the configuration, and the files that shadow the shipped ones.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::embedded;
use super::fault::Fault;
use super::reader::{Page, Section};
use super::types::{Config, Paths, Transport};
use super::words::line_of;
use super::{cross, edge, sections};

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
    let mut config = parse(&name, &text)?;
    config.settle(whole.parent().unwrap_or(Path::new("/")));
    Ok(config)
}

/// The shipped configuration, settled in `base`; for the demo and tests.
///
/// # Errors
/// Never, as long as the shipped file is sound; a test holds that.
pub fn shipped(base: &Path) -> Result<Config, Vec<Fault>> {
    let mut config = parse("aftercare.toml", &embedded::text("aftercare.toml").unwrap_or_default())?;
    config.settle(base);
    Ok(config)
}

/// Reads a configuration's text; `name` appears in faults. Paths stay as written.
///
/// # Errors
/// Every fault of the text, in its order.
pub fn parse(name: &str, text: &str) -> Result<Config, Vec<Fault>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (page, table) = Page::parse(name, text)?;
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
    let Ok((page, table)) = Page::parse("", &text) else { return (Paths::default(), None) };
    let root = Section::root(&page, table.get_ref());
    let mut paths = edge::paths(&root.section("paths"));
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let base = whole.parent().unwrap_or(Path::new("/"));
    paths.settle(base);
    (paths, sections::database(&root.section("database")).map(|d| base.join(d.path)))
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
    let clinic = sections::clinic(&about);
    let database = sections::database(&root.must("database"));
    let mail = sections::mail(&root.must("mail"));
    let holidays = clinic.as_ref().map(|c| c.holidays.clone()).unwrap_or_default();
    let sending = sections::sending(&root.section("sending"), holidays);
    let checklists = sections::checklists(&root.section("checklists"));
    let alerts = edge::alerts(&root.must("alerts"));
    let web = edge::web(&root.must("web"));
    let heartbeat = edge::heartbeat(&root.section("heartbeat"));
    let backup = edge::backup(&root.section("backup"));
    let paths = edge::paths(&root.section("paths"));
    let test = edge::test(&root.section("test"));
    root.close();
    let (clinic, mail) = (clinic?, mail?);
    cross::local_languages(&about, &clinic, &sending.languages);
    cross::made_up_numbers(&about, &clinic, &mail.transport);
    let (database, alerts, web) = (database?, alerts?, web?);
    Some(Config { clinic, database, mail, sending, checklists, alerts, web, heartbeat, backup, paths, test })
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

fn not_utf8(file: &str, error: &std::string::FromUtf8Error) -> Fault {
    let good = error.utf8_error().valid_up_to();
    let line = 1 + error.as_bytes().iter().take(good).filter(|b| **b == b'\n').count();
    let problem = "is not UTF-8 from here on".to_owned();
    Fault { file: file.to_owned(), line, problem, hint: "save it as UTF-8 in your editor".to_owned() }
}

/// The files of protocols, checklists, letters, leaflets and centres: the clinic's own shadow the shipped ones.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    own: Vec<(&'static str, PathBuf)>,
}

impl Sources {
    /// The shipped files alone.
    #[must_use]
    pub fn shipped() -> Self {
        Self::default()
    }

    /// Shipped files shadowed by the clinic's.
    #[must_use]
    pub fn of(paths: &Paths) -> Self {
        let all = [
            ("protocols", &paths.protocols),
            ("checklists", &paths.checklists),
            ("letters", &paths.letters),
            ("leaflets", &paths.leaflets),
            ("centres.toml", &paths.centres),
        ];
        Self { own: all.into_iter().filter_map(|(room, path)| Some((room, path.clone()?))).collect() }
    }

    /// The text of e.g. `protocols/nccn.toml` or `centres.toml`. A file of the clinic's that cannot be read is no text;
    /// [`Sources::faults`] tells.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        match self.own_file(path).filter(|own| own.exists()) {
            Some(own) => std::fs::read_to_string(own).ok(),
            None => embedded::text(path),
        }
    }

    /// The name to show for a path, and its text.
    ///
    /// # Errors
    /// The fault of a file of the clinic's that cannot be read, or that there is none.
    pub fn named(&self, path: &str) -> Result<(String, String), Vec<Fault>> {
        let absent = || Fault {
            file: path.to_owned(),
            line: 0,
            problem: "is not there".to_owned(),
            hint: "`aftercare init DIR` writes a copy of every shipped file".to_owned(),
        };
        let text = self.text(path).ok_or_else(|| vec![self.fault_of(path).unwrap_or_else(absent)])?;
        Ok((self.name(path), text))
    }

    /// The name to show for a path: the clinic's file, or the shipped one.
    #[must_use]
    pub fn name(&self, path: &str) -> String {
        let own = self.own_file(path).filter(|own| own.exists());
        own.map_or_else(|| format!("(shipped) {path}"), |own| own.display().to_string())
    }

    /// Whether the clinic has a file of its own for a path.
    #[must_use]
    pub fn is_own(&self, path: &str) -> bool {
        self.own_file(path).is_some_and(|own| own.exists())
    }

    /// Every path that starts with `prefix`, e.g. `protocols/`, in order and without twins.
    #[must_use]
    pub fn list(&self, prefix: &str) -> Vec<String> {
        let mut paths = embedded::list(prefix);
        for (room, directory) in &self.own {
            paths.extend(walk(directory, room).into_iter().filter(|p| p.starts_with(prefix)));
        }
        paths.sort();
        paths.dedup();
        paths
    }

    /// The clinic's directories and files that are not there or cannot be read.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (room, place) in &self.own {
            if let Err(error) = std::fs::metadata(place) {
                faults.push(Fault {
                    file: place.display().to_string(),
                    line: 0,
                    problem: format!("cannot be read: {error}"),
                    hint: format!(
                        "create it, or leave `paths.{}` out to use the shipped files",
                        room.trim_end_matches(".toml")
                    ),
                });
            }
            faults.extend(walk(place, room).iter().filter_map(|path| self.fault_of(path)));
        }
        faults
    }

    fn fault_of(&self, path: &str) -> Option<Fault> {
        let own = self.own_file(path)?;
        let name = own.display().to_string();
        match std::fs::read(&own).map(String::from_utf8) {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(not_utf8(&name, &error)),
            Err(error) => Some(unreadable(&name, &error)),
        }
    }

    fn own_file(&self, path: &str) -> Option<PathBuf> {
        self.own.iter().find_map(|(room, place)| match path.strip_prefix(room)? {
            "" => Some(place.clone()),
            rest => Some(place.join(rest.strip_prefix('/')?)),
        })
    }
}

/// All files below, named as if they stood in `room`; hidden ones and editors' backups are not meant.
fn walk(place: &Path, room: &str) -> Vec<String> {
    if place.is_file() {
        return vec![room.to_owned()];
    }
    let entries = std::fs::read_dir(place).into_iter().flatten().flatten();
    let named = entries.filter_map(|e| Some((e.path(), e.file_name().into_string().ok()?)));
    let meant = named.filter(|(_, name)| !name.starts_with('.') && !name.ends_with('~'));
    meant.flat_map(|(path, name)| walk(&path, &format!("{room}/{name}"))).collect()
}
