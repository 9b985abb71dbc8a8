//! The file of the link key, sealed with the key of an encrypted database: it lies beside the database and beside each backup,
//! and whoever steals those must not have it either. Beside a plain database it lies as it is.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::store::db::encryption::key::{DatabaseKey, DatabaseKeys};

/// How a sealed file begins.
const SEALED: &[u8] = b"aftercare sealed key 1\n";

/// What goes into the file: sealed with the key in force, where there is one.
///
/// # Errors
/// The cipher refuses; nothing may be written then.
pub fn seal(bytes: &[u8], keys: Option<&DatabaseKeys>) -> std::io::Result<Vec<u8>> {
    let Some(key) = keys.map(|keys| &keys.in_force) else { return Ok(bytes.to_vec()) };
    let mark = key.mark("link key nonce", bytes);
    let nonce: [u8; NONCE_LEN] = std::array::from_fn(|at| mark[at]);
    let mut sealed = bytes.to_vec();
    let done = cipher(key).and_then(|cipher| {
        let nonce = Nonce::assume_unique_for_key(nonce);
        cipher.seal_in_place_append_tag(nonce, Aad::from(SEALED), &mut sealed).ok()
    });
    done.map(|()| [SEALED, &nonce, &sealed].concat())
        .ok_or_else(|| std::io::Error::other("the key of the links could not be sealed"))
}

/// Whether a file of these bytes is sealed.
#[must_use]
pub fn is_sealed(file: &[u8]) -> bool {
    file.starts_with(SEALED)
}

/// What stood in the file before it was sealed; `None` where no key of ours opens it. A file that is not sealed is given as it
/// is.
#[must_use]
pub fn unseal(file: Vec<u8>, keys: Option<&DatabaseKeys>) -> Option<Vec<u8>> {
    let Some(sealed) = file.strip_prefix(SEALED) else { return Some(file) };
    let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
    keys?.all().find_map(|key| {
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = sealed.to_vec();
        Some(cipher(key)?.open_in_place(nonce, Aad::from(SEALED), &mut bytes).ok()?.to_vec())
    })
}

fn cipher(key: &DatabaseKey) -> Option<LessSafeKey> {
    UnboundKey::new(&CHACHA20_POLY1305, &key.mark("link key", &[])).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(digits: &[&str]) -> DatabaseKeys {
        let lines: Vec<String> = digits.iter().map(|digit| format!("0{}", digit.repeat(63))).collect();
        DatabaseKeys::parse(&lines.join("\n")).unwrap_or_else(|fault| panic!("{fault}"))
    }

    #[test]
    fn a_sealed_file_opens_with_any_key_of_the_clinic_and_with_no_other() {
        let link_key = [7; 32];
        let sealed = seal(&link_key, Some(&keys(&["a"]))).unwrap();
        assert!(!sealed.windows(8).any(|bytes| bytes == [7; 8]));
        let opened = |keys: Option<&DatabaseKeys>| unseal(sealed.clone(), keys);
        assert_eq!(opened(Some(&keys(&["a"]))).as_deref(), Some(&link_key[..]));
        assert_eq!(opened(Some(&keys(&["b", "a"]))).as_deref(), Some(&link_key[..]), "an older one");
        assert_eq!(opened(Some(&keys(&["b"]))), None);
        assert_eq!(opened(None), None);
        let plain = seal(&link_key, None).unwrap();
        assert_eq!(plain, link_key, "beside a plain database it is as it always was");
        assert_eq!(unseal(plain, Some(&keys(&["a"]))).as_deref(), Some(&link_key[..]));
    }
}
