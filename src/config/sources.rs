//! The files that protocols, checklists, letters, leaflets and centres are read from: the clinic's own shadow the shipped
//! ones, file by file. A file of the clinic's that is there and cannot be read is never replaced by a shipped one.

use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

use super::embedded;
use super::load::not_utf8;
use crate::config::file::fault::Fault;
use crate::config::sections::paths::Paths;

/// So many directories below a folder are looked into: no file that is read lies deeper, and a link
/// that leads back up has an end.
const LEVELS: u8 = 2;

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
        Self { own: all.into_iter().filter_map(|(folder, path)| Some((folder, path.clone()?))).collect() }
    }

    /// The text of e.g. `protocols/nccn.toml` or `centres.toml`. A file of the clinic's that cannot be read is no text;
    /// [`Sources::faults`] tells.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        match self.own_file(path) {
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
        self.own_file(path).map_or_else(|| format!("(shipped) {path}"), |own| own.display().to_string())
    }

    /// Whether the clinic has a file of its own for a path.
    #[must_use]
    pub fn is_own(&self, path: &str) -> bool {
        self.own_file(path).is_some()
    }

    /// Every path that starts with `prefix`, e.g. `protocols/`, in order and each once.
    #[must_use]
    pub fn list(&self, prefix: &str) -> Vec<String> {
        let mut paths = embedded::list(prefix);
        for (folder, place) in &self.own {
            paths.extend(ClinicFiles::at(place, folder).files.into_iter().filter(|p| p.starts_with(prefix)));
        }
        paths.sort();
        paths.dedup();
        paths
    }

    /// The clinic's directories and files that are not there or cannot be read.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (folder, place) in &self.own {
            let ClinicFiles { files, faults: closed } = ClinicFiles::at(place, folder);
            faults.extend(closed);
            faults.extend(files.iter().filter_map(|path| self.fault_of(path)));
        }
        faults
    }

    fn fault_of(&self, path: &str) -> Option<Fault> {
        let own = self.own_file(path)?;
        match std::fs::read(&own).map(String::from_utf8) {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(not_utf8(&own.display().to_string(), &error)),
            Err(error) => Some(closed(&own, &error)),
        }
    }

    /// The clinic's file, if there is one. One that cannot be looked at is there.
    fn own_file(&self, path: &str) -> Option<PathBuf> {
        let own = self.own.iter().find_map(|(folder, place)| match path.strip_prefix(folder)? {
            "" => Some(place.clone()),
            rest => Some(place.join(rest.strip_prefix('/')?)),
        })?;
        // The link itself counts: one that leads nowhere was meant to shadow something.
        match own.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Ok(_) | Err(_) => Some(own),
        }
    }
}

/// The clinic's files below a place, and what could not be looked into.
#[derive(Default)]
struct ClinicFiles {
    files: Vec<String>,
    faults: Vec<Fault>,
}

impl ClinicFiles {
    /// All files at a place of the configuration, named as if they stood in `folder`.
    fn at(place: &Path, folder: &str) -> Self {
        let mut found = Self::default();
        let looked = match folder.ends_with(".toml") {
            true => std::fs::metadata(place).map(|_| found.files.push(folder.to_owned())),
            false => found.enter(place, folder, LEVELS),
        };
        if let Err(error) = looked {
            let key = folder.trim_end_matches(".toml");
            let hint = match error.kind() {
                ErrorKind::PermissionDenied => READABLE.to_owned(),
                _ => format!("create it, or leave `paths.{key}` out to use the shipped files"),
            };
            found.faults.push(Fault { hint, ..closed(place, &error) });
        }
        found
    }

    /// Hidden files and editors' backups are not meant.
    fn enter(&mut self, directory: &Path, name: &str, levels: u8) -> Result<(), Error> {
        for entry in std::fs::read_dir(directory)? {
            let Ok(own) = entry?.file_name().into_string() else { continue };
            if own.starts_with('.') || own.ends_with('~') {
                continue;
            }
            let (path, name) = (directory.join(&own), format!("{name}/{own}"));
            let looked = match std::fs::metadata(&path) {
                Ok(what) if what.is_dir() && levels > 1 => self.enter(&path, &name, levels - 1),
                Ok(what) => {
                    self.files.extend(what.is_file().then_some(name));
                    Ok(())
                }
                Err(error) => Err(error),
            };
            self.faults.extend(looked.err().map(|error| closed(&path, &error)));
        }
        Ok(())
    }
}

const READABLE: &str = "make it readable for the user who runs aftercare, or take it away";

fn closed(place: &Path, error: &Error) -> Fault {
    Fault {
        file: place.display().to_string(),
        line: 0,
        problem: format!("cannot be read: {error}"),
        hint: READABLE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> (tempfile::TempDir, Sources) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("letters/en")).unwrap();
        let paths = Paths { letters: Some(dir.path().join("letters")), ..Paths::default() };
        (dir, Sources::of(&paths))
    }

    #[test]
    fn links_that_lead_back_up_have_an_end() {
        let (dir, sources) = self::sources();
        for (name, up) in [("a", "."), ("b", "."), ("c", ".."), ("en/d", ".."), ("en/e", ".")] {
            std::os::unix::fs::symlink(up, dir.path().join("letters").join(name)).unwrap();
        }
        std::fs::write(dir.path().join("letters/en/x.txt"), "x").unwrap();
        assert_eq!(sources.faults(), []);
        assert!(sources.list("letters/").contains(&"letters/en/x.txt".to_owned()));
    }

    #[test]
    fn a_link_that_leads_nowhere_is_told_and_nothing_shipped_takes_its_place() {
        let (dir, sources) = self::sources();
        std::os::unix::fs::symlink("gone", dir.path().join("letters/en/book.txt.j2")).unwrap();
        assert_eq!(sources.text("letters/en/book.txt.j2"), None);
        assert!(sources.named("letters/en/book.txt.j2").is_err());
        assert_eq!(sources.faults().len(), 1);
    }

    #[test]
    fn a_file_where_a_directory_should_be_is_told() {
        let (dir, sources) = self::sources();
        std::fs::remove_dir_all(dir.path().join("letters")).unwrap();
        std::fs::write(dir.path().join("letters"), "x").unwrap();
        assert_eq!(sources.faults().len(), 1);
        assert_eq!(sources.text("letters/en/book.txt.j2"), None);
    }
}
