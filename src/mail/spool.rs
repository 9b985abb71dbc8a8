//! The courier that writes files: `DIR/2026-11/20261123T090000Z-<id>.eml`, for demo, rehearsal and clinics that fetch
//! letters themselves. A letter sent twice is one file, because its name comes from its Message-ID.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::mime;
use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::receipt::Receipt;
use crate::mail::dkim::signer::DkimSigner;
use crate::mail::smtp::reply::without_reply;
use crate::ports::{BoxFuture, Courier, CourierConnection, LastLook, Outgoing, Readiness, Transfer};

/// Whether a letter must survive a power cut before it counts as accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Synced, file and directory.
    Synced,
    /// Left to the system: demo and rehearsal.
    Relaxed,
}

/// As many letters are written at once.
const LINES: usize = 4;

/// Writes letters under one directory, a folder per month.
#[derive(Debug, Clone)]
pub struct Spool {
    dir: PathBuf,
    durability: Durability,
    signer: Option<Arc<DkimSigner>>,
}

impl Spool {
    /// A spool under `dir`, which is made when the first letter comes.
    #[must_use]
    pub fn new(dir: &Path, durability: Durability) -> Self {
        Self { dir: dir.to_owned(), durability, signer: None }
    }

    /// Letters lie there signed.
    #[must_use]
    pub fn signed(self, signer: Option<Arc<DkimSigner>>) -> Self {
        Self { signer, ..self }
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
        let message = mime::message(letter);
        let signature = mime::signature(letter, self.signer.as_deref());
        let signed = [signature.as_bytes(), &message.bytes].concat();
        let receipt = match self.write(&self.path(letter), &signed) {
            Ok(()) => {
                Receipt { code: Some(250), ..without_reply(AttemptVerdict::Accepted, "written to the spool") }
            }
            Err(error) => without_reply(
                AttemptVerdict::Later,
                &format!(
                    "cannot write to the spool: {error}; hint: check mail.spool_dir, its owner and free space"
                ),
            ),
        };
        Receipt { digest: Some(message.digest), ..receipt }
    }
}

/// The part of a Message-ID before the @, safe in a file name.
fn file_part(message_id: &str) -> String {
    let local = message_id.split('@').next().unwrap_or_default();
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
    local.chars().take(100).map(safe).collect()
}

impl Courier for Spool {
    fn connections(&self) -> usize {
        LINES
    }

    fn connection(&self) -> Box<dyn CourierConnection> {
        Box::new(SpoolConnection(self.clone()))
    }
}

struct SpoolConnection(Spool);

impl CourierConnection for SpoolConnection {
    fn ready(&mut self) -> BoxFuture<'_, Result<Readiness, Receipt>> {
        Box::pin(std::future::ready(Ok(Readiness::AtOnce)))
    }

    fn transfer<'a>(
        &'a mut self,
        letter: &'a Outgoing,
        last_look: &'a dyn LastLook,
    ) -> BoxFuture<'a, Transfer> {
        let (spool, letter) = (self.0.clone(), letter.clone());
        Box::pin(async move {
            if !last_look.may_leave() {
                return Transfer::Stopped;
            }
            let written = tokio::task::spawn_blocking(move || spool.file(&letter)).await;
            let died = |error| without_reply(AttemptVerdict::Later, &format!("spool worker died: {error}"));
            Transfer::Over(written.unwrap_or_else(died))
        })
    }

    /// Its worker goes on alone.
    fn abandoned(&mut self) -> Option<Receipt> {
        Some(without_reply(AttemptVerdict::Unknown, "the program ended while the letter was written"))
    }

    fn rest(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::tests::{Sure, letter};
    use std::os::unix::fs::PermissionsExt;

    async fn carried(spool: &Spool, letter: &Outgoing) -> Receipt {
        let mut connection = spool.connection();
        connection.ready().await.unwrap();
        let Transfer::Over(receipt) = connection.transfer(letter, &Sure).await else {
            panic!("it was let go")
        };
        connection.rest().await;
        receipt
    }

    fn files(folder: &Path) -> Vec<String> {
        let name = |entry: io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
        fs::read_dir(folder).unwrap().map(name).collect()
    }

    #[tokio::test]
    async fn a_letter_lies_under_its_month_for_the_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(&dir.path().join("spool"), Durability::Synced);
        let receipt = carried(&spool, &letter()).await;
        assert_eq!(receipt.verdict, AttemptVerdict::Accepted);
        let path = dir.path().join("spool/2026-11/20261123T090000Z-d-1_abc.eml");
        assert_eq!(fs::read(&path).unwrap(), mime::format(&letter()));
        assert_eq!(receipt.digest, Some(mime::digest(&fs::read(&path).unwrap())));
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::metadata(path.parent().unwrap()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[tokio::test]
    async fn a_letter_sent_twice_is_one_file() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path(), Durability::Relaxed);
        carried(&spool, &letter()).await;
        carried(&spool, &letter()).await;
        let other = Outgoing { message_id: "d-2.abc@clinic.example".to_owned(), ..letter() };
        carried(&spool, &other).await;
        let mut found = files(&dir.path().join("2026-11"));
        found.sort();
        assert_eq!(found, ["20261123T090000Z-d-1_abc.eml", "20261123T090000Z-d-2_abc.eml"]);
    }

    #[tokio::test]
    async fn an_id_cannot_leave_the_folder() {
        let dir = tempfile::tempdir().unwrap();
        let spool = Spool::new(dir.path(), Durability::Relaxed);
        let evil = Outgoing { message_id: "../../etc/x@clinic.example".to_owned(), ..letter() };
        assert_eq!(carried(&spool, &evil).await.verdict, AttemptVerdict::Accepted);
        assert_eq!(files(&dir.path().join("2026-11")), ["20261123T090000Z-______etc_x.eml"]);
    }

    #[tokio::test]
    async fn a_place_that_cannot_be_written_means_later() {
        let dir = tempfile::tempdir().unwrap();
        let blocked = dir.path().join("file");
        fs::write(&blocked, "").unwrap();
        let receipt = carried(&Spool::new(&blocked, Durability::Synced), &letter()).await;
        assert_eq!(receipt.verdict, AttemptVerdict::Later);
        assert!(receipt.reply.contains("hint:"), "{}", receipt.reply);
    }
}
