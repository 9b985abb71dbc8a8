//! The files that protocols, checklists, letters, leaflets and centres are read from: the clinic's own shadow the shipped
//! ones, file by file. A file of the clinic's that is there and cannot be read is never replaced by a shipped one.
//!
//! The clinic's are read once: whoever holds them goes by what stood there then, whatever is edited meanwhile.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::embedded;
use crate::config::file::fault::{Fault, not_utf8};
use crate::config::sections::paths::Paths;

/// So many directories below a folder are looked into: no file that is read lies deeper, and a link
/// that leads back up has an end.
const LEVELS: u8 = 2;

/// The files of protocols, checklists, letters, leaflets and centres: the clinic's own shadow the shipped ones.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    own: Arc<ClinicFiles>,
}

impl Sources {
    /// The shipped files alone.
    #[must_use]
    pub fn shipped() -> Self {
        Self::default()
    }

    /// Shipped files shadowed by the clinic's, as these stand now.
    #[must_use]
    pub fn of(paths: &Paths) -> Self {
        let all = [
            ("protocols", &paths.protocols),
            ("checklists", &paths.checklists),
            ("letters", &paths.letters),
            ("leaflets", &paths.leaflets),
            ("centres.toml", &paths.centres),
        ];
        let mut own = ClinicFiles::default();
        for (folder, place) in all.into_iter().filter_map(|(folder, path)| Some((folder, path.as_ref()?))) {
            own.read(place, folder);
        }
        Self { own: Arc::new(own) }
    }

    /// The text of e.g. `protocols/nccn.toml` or `centres.toml`. A file of the clinic's that cannot be read is no text;
    /// [`Sources::faults`] tells.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<String> {
        match self.own.find(path) {
            Some(own) => own.text.as_ref().ok().cloned(),
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
        let fault = || self.own.find(path).and_then(|own| own.text.as_ref().err().cloned());
        let text = self.text(path).ok_or_else(|| vec![fault().unwrap_or_else(absent)])?;
        Ok((self.name(path), text))
    }

    /// The name to show for a path: the clinic's file, or the shipped one.
    #[must_use]
    pub fn name(&self, path: &str) -> String {
        self.own.find(path).map_or_else(|| format!("(shipped) {path}"), |own| own.place.display().to_string())
    }

    /// Whether the clinic has a file of its own for a path.
    #[must_use]
    pub fn is_own(&self, path: &str) -> bool {
        self.own.find(path).is_some()
    }

    /// Every path that starts with `prefix`, e.g. `protocols/`, in order and each once.
    #[must_use]
    pub fn list(&self, prefix: &str) -> Vec<String> {
        let mut paths = embedded::list(prefix);
        paths.extend(self.own.files.keys().filter(|path| path.starts_with(prefix)).cloned());
        paths.sort();
        paths.dedup();
        paths
    }

    /// The clinic's directories and files that are not there or cannot be read.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let files = self.own.files.values().filter_map(|own| own.text.as_ref().err());
        self.own.faults.iter().chain(files).cloned().collect()
    }
}

/// A file of the clinic's, as it was read.
#[derive(Debug)]
struct ClinicFile {
    place: PathBuf,
    text: Result<String, Fault>,
}

impl ClinicFile {
    fn read(place: PathBuf) -> Self {
        let text = match std::fs::read(&place).map(String::from_utf8) {
            Ok(Ok(text)) => Ok(text),
            Ok(Err(error)) => Err(not_utf8(&place.display().to_string(), &error)),
            Err(error) => Err(closed(&place, &error)),
        };
        Self { place, text }
    }
}

/// The clinic's files, named as if they stood in our folders, and what could not be looked into.
#[derive(Debug, Default)]
struct ClinicFiles {
    files: BTreeMap<String, ClinicFile>,
    /// What is there and cannot be seen. It is taken for the clinic's, with all that would lie below.
    closed: BTreeMap<String, ClinicFile>,
    faults: Vec<Fault>,
}

impl ClinicFiles {
    fn find(&self, path: &str) -> Option<&ClinicFile> {
        let covers = |(name, _): &(&String, &ClinicFile)| {
            path.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.files.get(path).or_else(|| self.closed.iter().find(covers).map(|(_, own)| own))
    }

    /// Reads all files at a place of the configuration.
    fn read(&mut self, place: &Path, folder: &str) {
        let looked = match folder.ends_with(".toml") {
            true => std::fs::metadata(place).map(|_| self.keep(place, folder.to_owned())),
            false => self.enter(place, folder, LEVELS),
        };
        if let Err(error) = looked {
            let key = folder.trim_end_matches(".toml");
            let hint = match error.kind() {
                ErrorKind::PermissionDenied => READABLE.to_owned(),
                _ => format!("create it, or leave `paths.{key}` out to use the shipped files"),
            };
            self.close(folder, Fault { hint, ..closed(place, &error) }, place);
        }
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
                Ok(what) if what.is_file() => {
                    self.keep(&path, name.clone());
                    Ok(())
                }
                Ok(_) if embedded::text(&name).is_some() => Err(Error::other("it is no file")),
                Ok(_) => Ok(()),
                Err(error) => Err(error),
            };
            if let Err(error) = looked {
                self.close(&name, closed(&path, &error), &path);
            }
        }
        Ok(())
    }

    fn keep(&mut self, place: &Path, name: String) {
        self.files.insert(name, ClinicFile::read(place.to_owned()));
    }

    /// The link itself counts: one that leads nowhere was meant to shadow something.
    fn close(&mut self, name: &str, fault: Fault, place: &Path) {
        let is_absent = place.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound);
        if !is_absent {
            let own = ClinicFile { place: place.to_owned(), text: Err(fault.clone()) };
            self.closed.insert(name.to_owned(), own);
        }
        self.faults.push(fault);
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

    fn letters() -> (tempfile::TempDir, Paths) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("letters/en")).unwrap();
        let paths = Paths { letters: Some(dir.path().join("letters")), ..Paths::default() };
        (dir, paths)
    }

    #[test]
    fn links_that_lead_back_up_have_an_end() {
        let (dir, paths) = letters();
        for (name, up) in [("a", "."), ("b", "."), ("c", ".."), ("en/d", ".."), ("en/e", ".")] {
            std::os::unix::fs::symlink(up, dir.path().join("letters").join(name)).unwrap();
        }
        std::fs::write(dir.path().join("letters/en/x.txt"), "x").unwrap();
        let sources = Sources::of(&paths);
        assert_eq!(sources.faults(), []);
        assert!(sources.list("letters/").contains(&"letters/en/x.txt".to_owned()));
    }

    #[test]
    fn a_link_that_leads_nowhere_is_told_and_nothing_shipped_takes_its_place() {
        let (dir, paths) = letters();
        std::os::unix::fs::symlink("gone", dir.path().join("letters/en/book.txt.j2")).unwrap();
        let sources = Sources::of(&paths);
        assert_eq!(sources.text("letters/en/book.txt.j2"), None);
        assert!(sources.named("letters/en/book.txt.j2").is_err());
        assert_eq!(sources.faults().len(), 1);
    }

    #[test]
    fn a_file_where_a_directory_should_be_is_told() {
        let (dir, paths) = letters();
        std::fs::remove_dir_all(dir.path().join("letters")).unwrap();
        std::fs::write(dir.path().join("letters"), "x").unwrap();
        let sources = Sources::of(&paths);
        assert_eq!(sources.faults().len(), 1);
        assert_eq!(sources.text("letters/en/book.txt.j2"), None);
    }

    #[test]
    fn a_directory_where_a_letter_should_be_is_told() {
        let (dir, paths) = letters();
        std::fs::create_dir(dir.path().join("letters/en/book.txt.j2")).unwrap();
        let sources = Sources::of(&paths);
        assert_eq!((sources.faults().len(), sources.text("letters/en/book.txt.j2")), (1, None));
    }

    #[test]
    fn a_directory_that_is_not_there_is_told_and_leaves_the_shipped_files() {
        let (dir, paths) = letters();
        std::fs::remove_dir_all(dir.path().join("letters")).unwrap();
        let sources = Sources::of(&paths);
        assert_eq!(sources.faults().len(), 1);
        assert_eq!(sources.text("letters/en/book.txt.j2"), embedded::text("letters/en/book.txt.j2"));
    }

    #[test]
    fn what_is_edited_after_the_files_were_read_is_not_seen() {
        let (dir, paths) = letters();
        let letter = dir.path().join("letters/en/book.txt.j2");
        std::fs::write(&letter, "as it was").unwrap();
        let sources = Sources::of(&paths);
        std::fs::write(&letter, b"ma\xf1ana").unwrap();
        std::fs::write(dir.path().join("letters/en/late.txt.j2"), "x").unwrap();
        assert_eq!(sources.text("letters/en/book.txt.j2").as_deref(), Some("as it was"));
        assert_eq!((sources.faults(), sources.text("letters/en/late.txt.j2")), (vec![], None));
        assert_eq!(Sources::of(&paths).faults().len(), 1);
    }
}
