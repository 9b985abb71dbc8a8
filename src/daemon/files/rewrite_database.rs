//! A database is encrypted, encrypted with another key, or written in plain: beside it, proved, and put in its place in one
//! step, so that an interruption leaves one or the other.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::daemon::lock::Lock;
use crate::store::audit;
use crate::store::audit_action::AuditAction;
use crate::store::database::{OpenMode, Store};
use crate::store::db::encryption::paths::beside;
use crate::store::db::encryption::rewrite::{Rewrite, RewriteAs};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::db::{copy, health};
use crate::store::error::StoreError;
use crate::store::subject::Singleton;

/// How a database is rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseChange {
    /// It was plain, and is encrypted.
    Encrypted,
    /// It was encrypted, and is so with another key.
    Rekeyed,
    /// It was encrypted, and is plain.
    Decrypted,
}

impl DatabaseChange {
    /// The word in the audit and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::Rekeyed => "rekeyed",
            Self::Decrypted => "decrypted",
        }
    }

    /// How the new file is written.
    #[must_use]
    pub const fn to(self) -> RewriteAs {
        match self {
            Self::Encrypted | Self::Rekeyed => RewriteAs::Encrypted,
            Self::Decrypted => RewriteAs::Plain,
        }
    }
}

/// What is to be done.
pub struct RewriteJob<'j> {
    /// The database, behind any symbolic link.
    pub database: &'j Path,
    /// What is done to it, for the file and the audit.
    pub change: DatabaseChange,
    /// Who does it, and when.
    pub stamp: Stamp,
}

/// Where the new file lies until it is whole.
#[must_use]
pub fn staged(database: &Path) -> PathBuf {
    beside(database, ".rewriting")
}

/// Rewrites a database that nobody works with; `far` hears how many bytes the new file has.
///
/// # Errors
/// [`StoreError`]; then the old database is in its place, as it was.
pub fn rewrite(
    job: RewriteJob<'_>,
    _lock: &Lock,
    far: impl Fn(u64) + Send + 'static,
) -> Result<(), StoreError> {
    let stage = staged(job.database);
    let mut rewrite = Rewrite::begin(job.database, &stage, job.change.to())?;
    let done = rewrite.copy(far).and_then(|()| note(&stage, job.change, job.stamp));
    let done = done.and_then(|()| rewrite.finish());
    // Where it took the old one's place, what looking at it left beside its former name goes.
    copy::discard(&stage);
    done
}

/// What was done stands in the audit of the new file before it takes the old one's place; and that it can be, proves that the
/// file opens as the daemon will open it.
fn note(stage: &Path, change: DatabaseChange, stamp: Stamp) -> Result<(), StoreError> {
    let store = Store::open(stage, OpenMode::Existing)?;
    store.read(audit::verify)?;
    let noted = move |tx: &mut Tx<'_>| {
        tx.audit(AuditAction::DatabaseEncryption, Singleton::Database, &json!({ "what": change.word() }))
    };
    store.write_blocking::<_, StoreError>(stamp, noted)?;
    drop(store);
    copy::fold(stage)?;
    health::look(stage).map(drop)
}
