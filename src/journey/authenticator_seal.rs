//! Secrets of authenticators are kept sealed: under a key that is made of the key beside the database, so that whoever steals
//! the database alone has nobody's second factor. A seal fits one account: in another's row it opens nothing.

use jiff::Timestamp;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::journey::link_key::LinkKey;
use crate::store::audit_action::AuditAction;
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::error::StoreError;
use crate::store::people::staff::Staff;
use crate::store::subject::Subject;

/// How a sealed secret begins; base32 has no such letters.
const SEALED: &str = "v1.";

/// A base32 secret as it is kept for that account. The same secret is sealed alike at every time: nothing is gained by
/// comparing, as secrets are random.
#[must_use]
pub fn seal(key: &LinkKey, account: &str, secret: &str) -> String {
    let nonce = key.authenticator_nonce(account, secret);
    let mut bytes = secret.as_bytes().to_vec();
    // Neither can fail: the key has the length that it must have, and nothing is too long.
    let sealing = cipher(key).and_then(|cipher| {
        let aad = Aad::from(account.as_bytes());
        cipher.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut bytes).ok()
    });
    match sealing {
        Some(()) => {
            format!("{SEALED}{}", data_encoding::BASE64URL_NOPAD.encode(&[&nonce[..], &bytes].concat()))
        }
        None => String::new(),
    }
}

/// The base32 secret behind what is kept for that account; `None` where another key sealed it. One that a version before the
/// seals wrote is given as it is.
#[must_use]
pub fn unseal(key: &LinkKey, account: &str, kept: &str) -> Option<String> {
    let Some(text) = kept.strip_prefix(SEALED) else { return Some(kept.to_owned()) };
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut sealed = sealed.to_vec();
    let secret = cipher(key)?.open_in_place(nonce, Aad::from(account.as_bytes()), &mut sealed).ok()?;
    String::from_utf8(secret.to_vec()).ok()
}

fn cipher(key: &LinkKey) -> Option<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, &key.authenticator_key()).ok().map(LessSafeKey::new)
}

fn is_sealed(staff: &Staff) -> bool {
    staff.totp_secret.starts_with(SEALED)
}

/// Seals what versions before the seals wrote in plain, and takes it out of the log. Nothing to do changes nothing.
///
/// # Errors
/// [`StoreError`] when the store fails.
pub fn seal_all(store: &Store, key: &LinkKey, now: Timestamp) -> Result<(), StoreError> {
    let mut plain = store.read(|view| view.staff())?;
    plain.retain(|staff| !is_sealed(staff) && !staff.totp_secret.is_empty());
    if plain.is_empty() {
        return Ok(());
    }
    let sealed: Vec<(Staff, String)> = plain
        .into_iter()
        .map(|staff| {
            let sealed = seal(key, &staff.name, &staff.totp_secret);
            (staff, sealed)
        })
        .collect();
    let job = move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
        for (before, sealed) in &sealed {
            // Another process may have sealed it, or its owner changed it, meanwhile.
            let now = tx.staff_named(&before.name)?.filter(|now| now.totp_secret == before.totp_secret);
            if let Some(now) = now {
                tx.keep_sealed_authenticator(&now, sealed)?;
                let subject = Subject::Staff(now.name);
                tx.audit(AuditAction::StaffSealed, subject, &serde_json::json!({}))?;
            }
        }
        Ok(())
    };
    store.write_blocking(Stamp::daemon(now), job)?;
    match store.fold_log() {
        // Somebody reads; the log is folded soon enough by itself.
        Err(fault) if fault.is_busy() => Ok(()),
        done => done,
    }
}

/// Accounts whose authenticators the key does not open, by name: only a recovery code lets them in.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn locked_out(view: &View<'_>, key: &LinkKey) -> Result<Vec<String>, StoreError> {
    let all = view.staff()?.into_iter();
    let lost = all.filter(|staff| unseal(key, &staff.name, &staff.totp_secret).is_none());
    Ok(lost.map(|staff| staff.name).collect())
}

/// Seals every secret with a key that takes the place of another. Whoever cannot be carried over is named.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::journey) fn reseal_all(
    tx: &mut Tx<'_>,
    before: Option<&LinkKey>,
    key: &LinkKey,
) -> Result<Vec<String>, StoreError> {
    for staff in tx.staff()?.into_iter().filter(is_sealed) {
        let secret = before.and_then(|before| unseal(before, &staff.name, &staff.totp_secret));
        if let Some(secret) = secret {
            tx.keep_sealed_authenticator(&staff, &seal(key, &staff.name, &secret))?;
        }
    }
    locked_out(tx, key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::address::EmailAddress;
    use crate::care::permission::StaffRole;
    use crate::store::database::OpenMode;
    use crate::store::people::staff::NewStaff;

    const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

    fn key(byte: u8) -> LinkKey {
        LinkKey::new([byte; 32])
    }

    #[test]
    fn a_seal_opens_with_its_own_key_in_its_own_row_only() {
        let sealed = seal(&key(1), "dora", SECRET);
        assert!(!sealed.contains(SECRET) && sealed.starts_with(SEALED));
        assert_eq!(unseal(&key(1), "dora", &sealed).as_deref(), Some(SECRET));
        assert_eq!(unseal(&key(2), "dora", &sealed), None);
        assert_eq!(unseal(&key(1), "nora", &sealed), None);
        assert_eq!(unseal(&key(1), "dora", &sealed[..sealed.len() - 4]), None);
        assert_eq!(unseal(&key(1), "dora", "v1."), None);
        assert_eq!(unseal(&key(1), "dora", SECRET).as_deref(), Some(SECRET), "what earlier versions wrote");
    }

    fn clinic() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("a.db"), OpenMode::Create).unwrap();
        let email = EmailAddress::parse("dora@clinic.example").unwrap();
        let (name, password, totp_secret) = ("dora".to_owned(), "-".to_owned(), SECRET.to_owned());
        let new = NewStaff { name, email, role: StaffRole::Nurse, password, totp_secret };
        let stamp = Stamp::daemon(Timestamp::UNIX_EPOCH);
        store.write_blocking(stamp, move |tx: &mut Tx<'_>| tx.insert_staff(&new)).unwrap();
        (dir, store)
    }

    fn is_told(dir: &tempfile::TempDir) -> bool {
        let files = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut bytes = files.map(|path| std::fs::read(path).unwrap());
        bytes.any(|bytes| bytes.windows(SECRET.len()).any(|some| some == SECRET.as_bytes()))
    }

    #[test]
    fn what_an_earlier_version_wrote_in_plain_is_sealed_and_gone_from_the_disk() {
        let (dir, store) = clinic();
        assert!(is_told(&dir));
        seal_all(&store, &key(1), Timestamp::UNIX_EPOCH).unwrap();
        assert!(!is_told(&dir));
        let kept = store.read(|view| view.staff_named("dora")).unwrap().unwrap().totp_secret;
        assert_eq!(unseal(&key(1), "dora", &kept).as_deref(), Some(SECRET));
        let events = store.read(crate::store::audit::verify).unwrap().last;
        seal_all(&store, &key(1), Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(store.read(crate::store::audit::verify).unwrap().last, events, "once");
    }

    #[test]
    fn a_new_key_takes_the_secrets_over_where_the_old_one_is_known() {
        let (_dir, store) = clinic();
        seal_all(&store, &key(1), Timestamp::UNIX_EPOCH).unwrap();
        let reseal = |before: Option<LinkKey>, next: u8| {
            let job = move |tx: &mut Tx<'_>| reseal_all(tx, before.as_ref(), &key(next));
            store.write_blocking(Stamp::daemon(Timestamp::UNIX_EPOCH), job).unwrap()
        };
        assert_eq!(reseal(Some(key(1)), 2), [] as [String; 0]);
        assert_eq!(reseal(None, 3), ["dora"]);
        assert_eq!(store.read(|view| locked_out(view, &key(2))).unwrap(), [] as [String; 0]);
    }
}
