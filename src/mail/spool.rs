//! The courier that writes files: `DIR/2026-11/20261123T090000Z-<id>.eml`, for demo, rehearsal and clinics that fetch
//! letters themselves. A letter sent twice is one file, because its name comes from its Message-ID.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::mime;
use super::verdict::without_reply;
use crate::care::delivery::Verdict;
use crate::ports::{Courier, Line, Outgoing, Promise, Receipt};

/// Whether a letter must survive a power cut before it counts as accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Synced, file and directory.
    Synced,
    /// Left to the system: demo and rehearsal.
    Relaxed,
}

/// Writes letters under one directory, a folder per month.
#[derive(Debug, Clone)]
pub struct Spool {
    dir: PathBuf,
    durability: Durability,
    lines: usize,
}

impl Spool {
    /// A spool under `dir`, which is made when the first letter comes; four lines.
    #[must_use]
    pub fn new(dir: &Path, durability: Durability) -> Self {
        Self { dir: dir.to_owned(), durability, lines: 4 }
    }

    /// With another number of lines.
    #[must_use]
    pub fn with_lines(mut self, lines: usize) -> Self {
        self.lines = lines.max(1);
        self
    }

    /// Where a letter lies or would lie.
    #[must_use]
    pub fn path(&self, letter: &Outgoing) -> PathBuf {
        let date = letter.date.to_zoned(jiff::tz::TimeZone::UTC);
        self.dir.join(date.strftime("%Y-%m").to_string()).join(format!(
            "{}-{}.eml",
            date.strftime("%Y%m%dT%H%M%SZ"),
            file_part(&letter.message_id)
        ))
    }

    /// Writes beside, then renames: a reader sees a whole letter or none.
    fn write(&self, path: &Path, message: &[u8]) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.dir);
        if !folder.is_dir() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let draft = path.with_extension("part");
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
        file.write_all(message)?;
        if self.durability == Durability::Synced {
            file.sync_all()?;
        }
        fs::rename(&draft, path)?;
        if self.durability == Durability::Synced {
            File::open(folder)?.sync_all()?;
            File::open(&self.dir)?.sync_all()?;
        }
        Ok(())
    }

    fn file(&self, letter: &Outgoing) -> Receipt {
        let message = mime::format(letter);
        let receipt = match self.write(&self.path(letter), &message) {
            Ok(()) => Receipt { code: Some(250), ..without_reply(Verdict::Accepted, "written to the spool") },
            Err(error) => without_reply(
                Verdict::Later,
                &format!(
                    "cannot write to the spool: {error}; hint: check mail.spool_dir, its owner and free space"
                ),
            ),
        };
        Receipt { digest: Some(mime::digest(&message)), ..receipt }
    }
}

/// The part of a Message-ID before the @, safe in a file name.
fn file_part(message_id: &str) -> String {
    let local = message_id.split('@').next().unwrap_or_default();
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
    local.chars().take(100).map(safe).collect()
}

impl Courier for Spool {
    fn lines(&self) -> usize {
        self.lines
    }

    fn line(&self) -> Box<dyn Line> {
        Box::new(SpoolLine(self.clone()))
    }
}

struct SpoolLine(Spool);

impl Line for SpoolLine {
    fn ready(&mut self) -> Promise<'_, Result<(), Receipt>> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn carry<'a>(&'a mut self, letter: &'a Outgoing) -> Promise<'a, Receipt> {
        let (spool, letter) = (self.0.clone(), letter.clone());
        Box::pin(async move {
            let written = tokio::task::spawn_blocking(move || spool.file(&letter)).await;
            written
                .unwrap_or_else(|error| without_reply(Verdict::Later, &format!("spool worker died: {error}")))
        })
    }

    fn rest(&mut self) -> Promise<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
