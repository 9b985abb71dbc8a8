//! The key of the links is replaced, knowingly: every link gets its new digest, letters that wait follow by themselves, and
//! what the old key made dies on record.

use crate::journey::authenticator_seal;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::{LinkKey, digest};
use crate::store::audit_action::AuditAction;
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::subject::Singleton;

/// What a new key changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rekeyed {
    /// The fingerprint of the key that was in force; `None` where none was noted.
    pub before: Option<String>,
    /// The fingerprint of the key in force.
    pub fingerprint: String,
    /// Links whose letters now lead to a page that offers a new one.
    pub links: usize,
    /// Accounts whose authenticators the key that was in force had sealed, and nobody can open any more.
    pub locked_out: Vec<String>,
}

/// Lets a key take the place of the one that was. The same key again changes nothing.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn rekey(store: &Store, stamp: Stamp, key: LinkKey) -> Result<Rekeyed, StepError> {
    rekey_from(store, stamp, None, key)
}

/// [`rekey`] where the key that was in force is still known: it opens what is sealed.
///
/// # Errors
/// As [`rekey`].
pub fn rekey_from(
    store: &Store,
    stamp: Stamp,
    before: Option<LinkKey>,
    key: LinkKey,
) -> Result<Rekeyed, StepError> {
    store.write_blocking(stamp, move |tx: &mut Tx<'_>| replace(tx, before.as_ref(), key))
}

fn replace(tx: &mut Tx<'_>, old: Option<&LinkKey>, key: LinkKey) -> Result<Rekeyed, StepError> {
    let (fingerprint, before) = (key.fingerprint(), tx.known_key()?.map(|known| known.fingerprint));
    if before.as_ref() == Some(&fingerprint) {
        return Ok(Rekeyed { before, fingerprint, links: 0, locked_out: Vec::new() });
    }
    let key = key.behind(tx.restored_ids()?);
    tx.note_key(&fingerprint)?;
    let links = tx.renew_digests(|link| digest(&key.token(link.patient, link.purpose, link.generation)))?;
    let locked_out = authenticator_seal::reseal_all(tx, old, &key)?;
    let detail = serde_json::json!({ "fingerprint": fingerprint, "before": before, "links": links });
    tx.audit(AuditAction::KeyReplaced, Singleton::Key, &detail)?;
    Ok(Rekeyed { before, fingerprint, links, locked_out })
}
