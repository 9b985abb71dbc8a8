//! The key beside the database, and whether it is the one that made the links in letters that were sent. A key that is
//! missing, damaged or another one is refused, never made anew in silence: every link that patients hold would be dead.

use std::io::{Error, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::daemon::files::sealed_key;
use crate::journey::link_key::{LinkKey, digest};
use crate::ports::Entropy;
use crate::store::answers::links::Link;
use crate::store::audit_action::AuditAction;
use crate::store::database::Store;
use crate::store::db::encryption::held::held;
use crate::store::db::encryption::key::DatabaseKeys;
use crate::store::db::encryption::paths::{beside, directory, key_path, next_key_path, sync_directory};
use crate::store::db::health;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::error::StoreError;
use crate::store::subject::Singleton;

/// How many bytes a key has.
const LENGTH: usize = 32;
/// So many of the newest links tell whether a key made them, in a database that never noted its key.
const SAMPLE: u32 = 20;

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFault {
    /// The database was used with a key, and none is there.
    #[error("the key of the links is not there: `{0}`")]
    Lost(PathBuf),
    /// It cannot be read.
    #[error("the key of the links `{0}` cannot be read: {1}")]
    Unreadable(PathBuf, Error),
    /// It is no key.
    #[error("the key of the links `{0}` is damaged: {1}")]
    Damaged(PathBuf, Damage),
    /// It is a key, but not the one that made the links on record.
    #[error("`{0}` is not the key this database was used with")]
    Another(PathBuf),
    /// A new one cannot be written.
    #[error("the key of the links `{0}` cannot be written: {1}")]
    Unwritable(PathBuf, Error),
    /// The database could not be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl KeyFault {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Lost(_) | Self::Damaged(..) => {
                "restore the key that belongs to this database: it lies beside each backup as FILE.key; only if there is none \
                 left, make a new one: `aftercare key renew` (links in letters already sent will ask to be renewed)"
            }
            Self::Another(_) => {
                "restore the key that belongs to this database: it lies beside each backup as FILE.key; if this one is meant \
                 to take its place, say so: `aftercare key adopt` (links in letters already sent will ask to be renewed)"
            }
            Self::Unreadable(..) => "make the key readable for the service's user, and for nobody else",
            Self::Unwritable(..) => "make the database's directory writable for the service's user",
            Self::Store(fault) => fault.hint(),
        }
    }
}

/// What is wrong with the bytes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// The file is not as long as a key.
    #[error("it has {0} bytes and not 32")]
    Length(usize),
    /// A file whose content never reached the disk.
    #[error("it holds nothing but zeros")]
    Zeros,
    /// It is sealed with the key of an encrypted database, and none of ours opens it.
    #[error("it is sealed with a key of the database that is not named here")]
    Sealed,
}

/// Reads the key of a file; `None` when there is none.
///
/// # Errors
/// [`KeyFault::Unreadable`], [`KeyFault::Damaged`].
pub fn read(path: &Path) -> Result<Option<[u8; LENGTH]>, KeyFault> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(KeyFault::Unreadable(path.to_owned(), error)),
    };
    let bytes = sealed_key::unseal(bytes, held());
    let bytes = bytes.ok_or_else(|| KeyFault::Damaged(path.to_owned(), Damage::Sealed))?;
    sound(&bytes).map(Some).map_err(|damage| KeyFault::Damaged(path.to_owned(), damage))
}

/// A key from its bytes.
///
/// # Errors
/// [`Damage`].
pub fn sound(bytes: &[u8]) -> Result<[u8; LENGTH], Damage> {
    let key = <[u8; LENGTH]>::try_from(bytes).map_err(|_| Damage::Length(bytes.len()))?;
    if key == [0; LENGTH] { Err(Damage::Zeros) } else { Ok(key) }
}

/// Whether a key fits a database: the one it was used with last, or, in a database that never noted its key, one that made
/// a link in it. Any key fits a database without links.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn fits(view: &View<'_>, bytes: [u8; LENGTH]) -> Result<bool, StoreError> {
    let key = LinkKey::new(bytes);
    if let Some(known) = view.known_key()? {
        return Ok(known.fingerprint == key.fingerprint());
    }
    let (key, links) = (key.behind(view.restored_ids()?), view.newest_links(SAMPLE)?);
    let made = |(link, kept): &(Link, Vec<u8>)| {
        digest(&key.token(link.patient, link.purpose, link.generation)).as_slice() == kept.as_slice()
    };
    Ok(links.is_empty() || links.iter().any(made))
}

/// Proves that the key of a database is there and the right one, changing nothing. A database that
/// never needed a key may be without.
///
/// # Errors
/// [`KeyFault`].
pub fn prove(database: &Path, view: &View<'_>) -> Result<Option<[u8; LENGTH]>, KeyFault> {
    let path = key_path(database);
    let fault = match read(&path) {
        Ok(Some(key)) if fits(view, key)? => return Ok(Some(key)),
        Ok(Some(_)) => KeyFault::Another(path),
        Ok(None) if !view.has_used_a_key()? => return Ok(None),
        Ok(None) => KeyFault::Lost(path),
        Err(fault) => fault,
    };
    // The change of a key may have been interrupted after the database had taken it on.
    match read(&next_key_path(database)) {
        Ok(Some(next)) if view.known_key()?.is_some() && fits(view, next)? => Ok(Some(next)),
        _ => Err(fault),
    }
}

/// [`prove`] for a database that is only looked at.
///
/// # Errors
/// [`KeyFault`].
pub fn prove_at(database: &Path) -> Result<Option<[u8; LENGTH]>, KeyFault> {
    health::peek(database, |view| Ok(prove(database, view)))?
}

/// The key in force. It is made where there is none and never was one, and noted where the database does not know it yet; a
/// change that was interrupted is brought to its end.
///
/// # Errors
/// [`KeyFault`].
pub fn open(store: &Store, entropy: &dyn Entropy, now: Timestamp) -> Result<LinkKey, KeyFault> {
    let database = store.path();
    let found = store.read(|view| prove(database, view))?;
    let bytes = match found {
        Some(bytes) => bytes,
        None => make(&key_path(database), entropy)?,
    };
    if read(&key_path(database)).ok().flatten() != Some(bytes) {
        put_in_place(database)?;
    }
    let fingerprint = LinkKey::new(bytes).fingerprint();
    if store.read(|view| view.known_key())?.is_none() {
        let noted = fingerprint;
        store.write_blocking(Stamp::daemon(now), move |tx: &mut Tx<'_>| note(tx, &noted))?;
    }
    Ok(LinkKey::new(bytes).behind(store.read(|view| view.restored_ids())?))
}

/// Another process may have noted it meanwhile.
fn note(tx: &mut Tx<'_>, fingerprint: &str) -> Result<(), StoreError> {
    if tx.known_key()?.is_some() {
        return Ok(());
    }
    tx.note_key(fingerprint)?;
    tx.audit(AuditAction::KeyNoted, Singleton::Key, &serde_json::json!({ "fingerprint": fingerprint }))
}

/// Makes a key, readable by its owner only. A key that somebody else made at the same moment is as good.
fn make(path: &Path, entropy: &dyn Entropy) -> Result<[u8; LENGTH], KeyFault> {
    let mut bytes = [0; LENGTH];
    entropy.fill(&mut bytes);
    match write(path, &bytes) {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            read(path)?.ok_or_else(|| KeyFault::Lost(path.to_owned()))
        }
        Err(error) => Err(KeyFault::Unwritable(path.to_owned(), error)),
    }
}

/// Writes a key into a new file of its owner's alone, and onto the disk: sealed where the database is encrypted. Whoever reads it
/// beside finds all of it or nothing.
///
/// # Errors
/// It is there already, or the system refuses.
pub fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    // Gone again where something fails.
    let mut file = tempfile::Builder::new().prefix(&name).tempfile_in(directory(path))?;
    file.write_all(&sealed_key::seal(bytes, held())?)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path)?;
    sync_directory(path)
}

/// Lets the next key wait beside the database. What an interrupted change left there is worth nothing.
///
/// # Errors
/// [`KeyFault::Unwritable`].
pub fn stage(database: &Path, bytes: &[u8]) -> Result<(), KeyFault> {
    let next = next_key_path(database);
    drop(std::fs::remove_file(&next));
    write(&next, bytes).map_err(|error| KeyFault::Unwritable(next, error))
}

/// Writes the file of the key anew: sealed with the key of the database that is in force now, or with none. Without such a file
/// there is nothing to do.
///
/// # Errors
/// [`KeyFault`]; then the file is as it was.
pub fn reseal(database: &Path, keys: Option<&DatabaseKeys>) -> Result<(), KeyFault> {
    let Some(bytes) = read(&key_path(database))? else { return Ok(()) };
    let unwritable = |error| KeyFault::Unwritable(key_path(database), error);
    let stage = beside(database, ".key.rewriting");
    drop(std::fs::remove_file(&stage));
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&stage);
    let written = file.and_then(|mut file| {
        file.write_all(&sealed_key::seal(&bytes, keys)?)?;
        file.sync_all()?;
        std::fs::rename(&stage, key_path(database))?;
        sync_directory(database)
    });
    written.map_err(unwritable)
}

/// Puts the next key in the place of the one that was.
///
/// # Errors
/// [`KeyFault::Unwritable`].
pub fn put_in_place(database: &Path) -> Result<(), KeyFault> {
    let place = key_path(database);
    std::fs::rename(next_key_path(database), &place)
        .and_then(|()| sync_directory(&place))
        .map_err(|error| KeyFault::Unwritable(place, error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;
    use crate::store::answers::links::LinkPurpose;
    use crate::store::database::OpenMode;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn fixture() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("a.db"), OpenMode::Create).unwrap();
        (dir, store)
    }

    fn opened(store: &Store) -> Result<String, KeyFault> {
        open(store, &SystemEntropy, NOW).map(|key| key.fingerprint())
    }

    /// A patient with a link of this key.
    fn link(store: &Store, key: &LinkKey) {
        let token = digest(&key.token(crate::care::patient::PatientId(1), LinkPurpose::OptOut, 0));
        let job = move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            let ana = "INSERT INTO patient (id, reference, preferred_name, birth_on, language, zone, status_at, created_at) \
                       VALUES (1, 'A-1', 'Ana', '1970-01-01', 'en', 'UTC', 0, 0)";
            crate::store::database::tests::sabotage(tx, ana)?;
            tx.keep_links(crate::care::patient::PatientId(1), &[(LinkPurpose::OptOut, 0, token)], NOW)
        };
        store.write_blocking(Stamp::daemon(NOW), job).unwrap();
    }

    #[test]
    fn the_first_key_is_made_and_noted_and_stays() {
        let (_dir, store) = fixture();
        let first = opened(&store).unwrap();
        assert_eq!(store.read(|v| v.known_key()).unwrap().unwrap().fingerprint, first);
        assert_eq!(opened(&store).unwrap(), first);
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(key_path(store.path())).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn those_who_start_at_the_same_moment_have_the_same_first_key() {
        for _ in 0..20 {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("a.db.key");
            let start = std::sync::Barrier::new(4);
            let made = || {
                start.wait();
                make(&path, &SystemEntropy).unwrap()
            };
            let keys = std::thread::scope(|scope| {
                let all: Vec<_> = (0..4).map(|_| scope.spawn(made)).collect();
                all.into_iter().map(|one| one.join().unwrap()).collect::<std::collections::BTreeSet<_>>()
            });
            assert_eq!(keys.len(), 1);
            assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing else is left");
        }
    }

    #[test]
    fn a_key_that_is_lost_damaged_or_another_is_refused_and_never_made_anew() {
        let (_dir, store) = fixture();
        opened(&store).unwrap();
        let path = key_path(store.path());
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(opened(&store), Err(KeyFault::Lost(_))));
        assert!(!path.exists());
        for (bytes, damage) in [
            (vec![], Damage::Length(0)),
            (vec![7; 31], Damage::Length(31)),
            (vec![7; 33], Damage::Length(33)),
            (vec![0; 32], Damage::Zeros),
        ] {
            std::fs::write(&path, bytes).unwrap();
            assert!(matches!(opened(&store), Err(KeyFault::Damaged(_, found)) if found == damage));
        }
        std::fs::write(&path, [9; 32]).unwrap();
        assert!(matches!(opened(&store), Err(KeyFault::Another(_))));
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(matches!(opened(&store), Err(KeyFault::Unreadable(..))));
    }

    #[test]
    fn a_database_that_never_noted_its_key_is_asked_for_its_links() {
        let (_dir, store) = fixture();
        let (key, path) = (LinkKey::new([3; 32]), key_path(store.path()));
        link(&store, &key);
        assert!(matches!(opened(&store), Err(KeyFault::Lost(_))));
        std::fs::write(&path, [4; 32]).unwrap();
        assert!(matches!(opened(&store), Err(KeyFault::Another(_))));
        std::fs::write(&path, [3; 32]).unwrap();
        assert_eq!(opened(&store).unwrap(), key.fingerprint());
    }

    #[test]
    fn a_change_that_was_interrupted_is_brought_to_its_end() {
        let (_dir, store) = fixture();
        let first = opened(&store).unwrap();
        stage(store.path(), &[5; 32]).unwrap();
        assert_eq!(opened(&store).unwrap(), first, "the database has not taken it on");
        let next = LinkKey::new([5; 32]).fingerprint();
        let noted = next.clone();
        store.write_blocking(Stamp::daemon(NOW), move |tx| tx.note_key(&noted)).unwrap();
        assert_eq!(opened(&store).unwrap(), next);
        assert_eq!(std::fs::read(key_path(store.path())).unwrap(), [5; 32]);
        assert!(!next_key_path(store.path()).exists());
    }
}
