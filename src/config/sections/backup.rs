//! `[backup]`: the copies of the database that the daemon makes by itself.

use std::path::{Path, PathBuf};

use jiff::civil::Time;

use crate::config::file::ranges::count;
use crate::config::file::reader::Section;
use crate::config::file::values::{list, path, text, time};

/// When the copies are made, where they go, and how long they stay.
#[derive(Debug, Clone)]
pub struct Backup {
    /// The directory they are written to.
    pub directory: PathBuf,
    /// The hour of the clinic after which the copy of the day is due.
    pub at: Time,
    /// How many of them stay.
    pub keep: CopyRetention,
    /// A second directory they are copied to, which must be there.
    pub second: Option<PathBuf>,
    /// A command and its words that is given each copy and its key; empty for none.
    pub second_command: Vec<String>,
    /// A command and its words that gives a copy back from there by its name, so that it can be compared; empty for none.
    pub second_fetch: Vec<String>,
}

/// How many copies stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CopyRetention {
    /// Of the newest days, from 1 to 3650.
    pub daily: u32,
    /// Of the newest weeks the last copy each, up to 520.
    pub weekly: u32,
    /// Of the newest months the last copy each, up to 1200.
    pub monthly: u32,
}

impl Backup {
    /// Reads the section; left out, copies are made after 02:00 in `backups`: 14 days, 8 weeks, 12 months.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Self {
        let read = Self {
            directory: s.or("directory", PathBuf::from("backups"), path),
            at: s.or("at", Time::constant(2, 0, 0, 0), time),
            keep: CopyRetention {
                daily: s.or("keep", 14, count(1, 3650)),
                weekly: s.or("keep_weekly", 8, count(0, 520)),
                monthly: s.or("keep_monthly", 12, count(0, 1200)),
            },
            second: s.may("second", path),
            second_command: s.or("second_command", Vec::new(), |value| list(value, text)),
            second_fetch: s.or("second_fetch", Vec::new(), |value| list(value, text)),
        };
        if read.second_command.is_empty() && !read.second_fetch.is_empty() {
            let hint = "name the command that takes each copy there, or take this one out";
            s.fault("second_fetch", "has no meaning without `second_command`", hint);
        }
        for (key, place) in [("directory", Some(&read.directory)), ("second", read.second.as_ref())] {
            if place.is_some_and(|place| is_kernels(place)) {
                let hint = "name a directory on a disk, such as `/var/backups/aftercare`";
                s.fault(key, "lies in a file system of the kernel's, which keeps no files", hint);
            }
        }
        s.close();
        read
    }

    /// Makes relative directories count from `base`.
    pub(in crate::config) fn settle(&mut self, base: &Path) {
        self.directory = base.join(&self.directory);
        self.second = self.second.take().map(|second| base.join(second));
    }
}

/// Whether nothing that is written to this place stays.
fn is_kernels(place: &Path) -> bool {
    let is_in = |root: &str| place.starts_with(root);
    ["/proc", "/sys"].into_iter().any(is_in) || is_in("/dev") && !is_in("/dev/shm")
}
