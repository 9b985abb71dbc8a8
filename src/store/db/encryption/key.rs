//! Keys of encrypted databases: 256 random bits each, written as 64 hexadecimal digits. They are used as they are: a function
//! that makes a key of a passphrase would cost every connection a quarter of a second.

use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::{Digest, Sha256};

/// How many bytes a key has.
const LENGTH: usize = 32;

/// The key of an encrypted database. It has no Debug that shows it.
pub struct DatabaseKey(SecretBox<[u8; LENGTH]>);

impl DatabaseKey {
    /// A key from its bytes.
    #[must_use]
    pub fn new(bytes: [u8; LENGTH]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }

    /// As it stands in a key's file.
    #[must_use]
    pub fn hex(&self) -> String {
        HEXLOWER_PERMISSIVE.encode(self.0.expose_secret())
    }

    /// What tells this key from another, in 16 hexadecimal digits; it gives nothing of the key away.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest =
            Sha256::new().chain_update("aftercare database key").chain_update(self.0.expose_secret());
        HEXLOWER_PERMISSIVE.encode(&digest.finalize()[..8])
    }

    /// 256 bits that only whoever has this key can make of those bytes, for that use.
    #[must_use]
    pub fn mark(&self, use_: &str, bytes: &[u8]) -> [u8; LENGTH] {
        let mac = keyed(self.0.expose_secret());
        mac.chain_update(use_).chain_update("|").chain_update(bytes).finalize().into_bytes().into()
    }

    /// As SQLCipher takes a key that is to be used as it is.
    pub(super) fn raw(&self) -> String {
        format!("x'{}'", self.hex())
    }
}

/// Why a file holds no keys. Nothing of what stands in it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DatabaseKeyFault {
    /// There is no key in it.
    #[error("there is no key in it")]
    None,
    /// One of its lines is no key.
    #[error("line {0} is no key: a key is 64 hexadecimal digits")]
    Line(usize),
    /// A file whose content never reached the disk, or a key nobody drew.
    #[error("line {0} is no key: it is the same digit again and again")]
    Monotonous(usize),
}

impl DatabaseKeyFault {
    /// What to do next.
    pub const HINT: &str = "put the key of this database back from where the clinic keeps it; for a database that is to be encrypted, \
                            make one: `aftercare database new-key`";
}

/// The keys that a key's file holds, one a line: the first encrypts, the others open what is older.
pub struct DatabaseKeys {
    /// The key that whatever is written now is encrypted with.
    pub in_force: DatabaseKey,
    /// Keys from before: they open a database that is not rewritten yet, and backups of those days.
    pub older: Vec<DatabaseKey>,
}

impl DatabaseKeys {
    /// Reads the lines of a key's file; empty ones and those that begin with `#` are left out.
    ///
    /// # Errors
    /// [`DatabaseKeyFault`].
    pub fn parse(text: &str) -> Result<Self, DatabaseKeyFault> {
        let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
        let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
        let mut keys = lines.map(|(at, line)| key(at, line)).collect::<Result<Vec<_>, _>>()?.into_iter();
        let in_force = keys.next().ok_or(DatabaseKeyFault::None)?;
        Ok(Self { in_force, older: keys.collect() })
    }

    /// All of them, the one in force first.
    pub fn all(&self) -> impl Iterator<Item = &DatabaseKey> {
        std::iter::once(&self.in_force).chain(&self.older)
    }
}

/// How many bytes SHA-256 takes at a time; a shorter key is followed by zeros.
const BLOCK: usize = 64;

/// What makes marks (HMAC) under a key of ours. It is made of the block that the key fills (RFC 2104 §2), which cannot fail: a mark under
/// no key would be one that anybody can make.
#[must_use]
pub fn keyed(key: &[u8; LENGTH]) -> Hmac<Sha256> {
    let mut block = [0; BLOCK];
    for (place, byte) in block.iter_mut().zip(key) {
        *place = *byte;
    }
    Hmac::new(&block.into())
}

fn key(at: usize, line: &str) -> Result<DatabaseKey, DatabaseKeyFault> {
    let bytes = HEXLOWER_PERMISSIVE.decode(line.as_bytes()).ok();
    let bytes: [u8; LENGTH] =
        bytes.and_then(|bytes| bytes.try_into().ok()).ok_or(DatabaseKeyFault::Line(at))?;
    match bytes.iter().all(|byte| *byte == bytes[0]) {
        true => Err(DatabaseKeyFault::Monotonous(at)),
        false => Ok(DatabaseKey::new(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(digit: char) -> String {
        format!("0{}", String::from(digit).repeat(63))
    }

    #[test]
    fn the_first_line_is_in_force_and_the_others_are_older() {
        let text = format!("# the clinic's\n\n{}\n  {}  \n", line('a'), line('B'));
        let keys = DatabaseKeys::parse(&text).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!((keys.in_force.hex(), keys.older.len()), (line('a'), 1));
        assert_eq!(keys.older[0].hex(), line('b'));
        assert_ne!(keys.in_force.fingerprint(), keys.older[0].fingerprint());
        assert!(!line('a').contains(&keys.in_force.fingerprint()));
    }

    #[test]
    fn what_is_no_key_is_named_by_its_line() {
        let fault = |text: &str| DatabaseKeys::parse(text).err();
        assert_eq!(fault("\n# none\n"), Some(DatabaseKeyFault::None));
        assert_eq!(fault("correct horse battery staple"), Some(DatabaseKeyFault::Line(1)));
        assert_eq!(fault(&format!("{}\n{}0", line('a'), line('a'))), Some(DatabaseKeyFault::Line(2)));
        assert_eq!(fault(&"0".repeat(64)), Some(DatabaseKeyFault::Monotonous(1)));
    }

    #[test]
    fn it_is_the_hmac_of_the_bare_key_and_another_key_makes_another() {
        let marks = [[7; 32], [0; 32]].map(|key| {
            let mark = keyed(&key).chain_update("what").finalize().into_bytes();
            let bare =
                Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update("what").finalize().into_bytes();
            assert_eq!(mark, bare, "links of before still open");
            mark
        });
        assert_ne!(marks[0], marks[1]);
    }
}
