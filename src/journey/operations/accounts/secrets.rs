//! The secrets of an account: hashes of passwords, secrets of authenticators, tokens and recovery codes.

use argon2::password_hash::phc::{Output, ParamsString, Salt};
use argon2::{Algorithm, Argon2, Block, Params, PasswordHash, Version};
use jiff::Timestamp;
use subtle::ConstantTimeEq;
use totp_rs::{Builder, Secret, Totp};

use crate::journey::errors::account::AccountError;
use crate::journey::link_key::digest;
use crate::journey::operations::accounts::password_rules;
use crate::ports::Entropy;

/// Room for a hash is asked for in one piece larger than 32 MiB, of which no more is touched than the hash needs. The system's
/// allocator (glibc) gives such a piece back as soon as it is done with. A smaller one stays with the thread that asked: thirty
/// sign-ins left 400 MB behind, and the daemon is ended at 512.
const ROOM: usize = 33 * 1024 * 1024 / Block::SIZE;
/// Bytes of a new salt, and of a new hash.
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// So many recovery codes at a time,
const CODES: usize = 10;
/// each of so many random bytes: beyond guessing, also for whoever holds the digests.
const CODE_BYTES: usize = 10;

/// A new account as its owner gets it, once. No Debug: it holds the secret.
pub struct Issued {
    /// The base32 secret for the authenticator.
    pub totp_secret: String,
    /// The same as `otpauth://` address, for a QR code.
    pub otpauth: String,
}

/// Recovery codes as their owner reads them, once, and their digests. No Debug: it holds secrets.
pub struct RecoveryCodes {
    /// As they are read and typed.
    pub codes: Vec<String>,
    /// As they are kept.
    pub digests: Vec<Vec<u8>>,
}

/// The hash of a new password, for whoever bears these names, her own and the clinic's.
///
/// # Errors
/// As [`password_rules::judge`] says; [`AccountError::NotHashed`].
pub fn hash(password: &str, names: &[&str]) -> Result<String, AccountError> {
    password_rules::judge(password, names)?;
    hashed(password).map(|hash| hash.to_string()).ok_or(AccountError::NotHashed)
}

fn hashed(password: &str) -> Option<PasswordHash> {
    let (mut salt, mut out) = ([0; SALT_BYTES], [0; HASH_BYTES]);
    getrandom::fill(&mut salt).ok()?;
    let (algorithm, version, params) = (Algorithm::default(), Version::default(), Params::default());
    fill(&Argon2::new(algorithm, version, params.clone()), password, &salt, &mut out)?;
    Some(PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(&params).ok()?,
        salt: Some(Salt::new(&salt).ok()?),
        hash: Some(Output::new(&out).ok()?),
    })
}

/// Whether a password is the one of that hash.
#[must_use]
pub fn is_password(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).ok().and_then(|kept| is_that(password, &kept)).unwrap_or(false)
}

/// `None` where the hash is none of this algorithm.
fn is_that(password: &str, kept: &PasswordHash) -> Option<bool> {
    let algorithm = Algorithm::try_from(kept.algorithm.as_str()).ok()?;
    let version = kept.version.map_or(Ok(Version::default()), Version::try_from).ok()?;
    let (salt, hash) = kept.salt.as_ref().zip(kept.hash.as_ref())?;
    let mut out = vec![0; hash.as_bytes().len()];
    fill(&Argon2::new(algorithm, version, Params::try_from(kept).ok()?), password, salt, &mut out)?;
    Some(out.as_slice().ct_eq(hash.as_bytes()).into())
}

/// Fills `out` with the hash; `None` where the algorithm refuses its parameters.
fn fill(argon: &Argon2<'_>, password: &str, salt: &[u8], out: &mut [u8]) -> Option<()> {
    let blocks = argon.params().block_count();
    let mut memory = Vec::with_capacity(blocks.max(ROOM));
    memory.resize(blocks, Block::new());
    argon.hash_password_into_with_memory(password.as_bytes(), salt, out, &mut memory).ok()
}

/// A secret as its owner's authenticator takes it.
///
/// # Errors
/// [`AccountError::NoSecret`].
pub fn issue(name: &str, secret: &Secret) -> Result<Issued, AccountError> {
    let refused = || AccountError::NoSecret;
    let issuer = Some("aftercare");
    let totp =
        Builder::new().with_secret(secret.as_bytes().to_vec()).with_account_name(name).with_issuer(issuer);
    let otpauth = totp.build().map_err(|_| refused())?.to_url().map_err(|_| refused())?;
    Ok(Issued { totp_secret: secret.to_base32(), otpauth })
}

/// The step of a code that is right for that secret at that instant.
#[must_use]
pub fn step_of(totp_secret: &str, code: &str, now: Timestamp) -> Option<u64> {
    let secret = Secret::try_from_base32(totp_secret).ok()?;
    let totp: Totp = Builder::new().with_secret(secret).build().ok()?;
    totp.check(code.trim(), u64::try_from(now.as_second()).ok()?)
}

/// A token of 256 random bits for a cookie or a link.
#[must_use]
pub fn token(entropy: &dyn Entropy) -> String {
    let mut token = [0; 32];
    entropy.fill(&mut token);
    data_encoding::BASE64URL_NOPAD.encode(&token)
}

/// New recovery codes, in groups of four letters and digits.
#[must_use]
pub fn recovery_codes(entropy: &dyn Entropy) -> RecoveryCodes {
    let code = || {
        let mut bytes = [0; CODE_BYTES];
        entropy.fill(&mut bytes);
        let letters = data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase();
        let groups: Vec<String> =
            letters.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group).into_owned()).collect();
        groups.join("-")
    };
    let codes: Vec<String> = std::iter::repeat_with(code).take(CODES).collect();
    let digests = codes.iter().filter_map(|code| recovery_digest(code)).collect();
    RecoveryCodes { codes, digests }
}

/// The digest of what may be a recovery code, however it was typed; `None` for what is too short to be one.
#[must_use]
pub fn recovery_digest(typed: &str) -> Option<Vec<u8>> {
    let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    (letters.len() == CODE_BYTES * 8 / 5).then(|| digest(&letters.to_ascii_lowercase()).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;

    #[test]
    fn hashes_are_those_of_the_library_both_ways_and_whatever_is_none_fits_nothing() {
        use argon2::{PasswordHasher, PasswordVerifier};
        let ours = hash("a password of her own", &[]).unwrap();
        assert_ne!(ours, hash("a password of her own", &[]).unwrap(), "each has a salt of its own");
        assert!(Argon2::default().verify_password(b"a password of her own", ours.as_str()).is_ok());
        let theirs = Argon2::default().hash_password(b"a password of her own").unwrap().to_string();
        let small = Argon2::from(Params::new(64, 1, 1, Some(24)).unwrap());
        let small = small.hash_password(b"a password of her own").unwrap().to_string();
        for kept in [&ours, &theirs, &small] {
            assert!(is_password("a password of her own", kept), "{kept}");
            assert!(!is_password("a password of his own", kept), "{kept}");
        }
        for none in ["", "x", "$argon2id$v=19$m=64,t=1,p=1", "$scrypt$ln=1,r=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g"] {
            assert!(!is_password("", none) && !is_password("x", none), "{none}");
        }
    }

    /// What of this process lies in memory, in MiB.
    fn resident() -> i64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<i64>().unwrap() / 1024
    }

    #[test]
    fn what_a_check_of_a_password_took_goes_back_to_the_system() {
        let kept = hash("a password of her own", &[]).unwrap();
        let before = resident();
        // More threads than the allocator has arenas, so that each of those is used.
        let round = |_| {
            std::thread::scope(|scope| {
                (0..24).for_each(|_| drop(scope.spawn(|| assert!(!is_password("another", &kept)))));
            });
            resident() - before
        };
        // The least of some: what other tests of this process hold for a moment is not ours.
        let more = (0..5).map(round).min().unwrap();
        assert!(more < 150, "{more} MiB stayed");
    }

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let made = recovery_codes(&SystemEntropy);
        assert_eq!((made.codes.len(), made.digests.len()), (CODES, CODES));
        let code = &made.codes[0];
        assert_eq!(code.len(), 19, "{code}");
        let typed = code.to_uppercase().replace('-', " ");
        assert_eq!(recovery_digest(&typed).as_ref(), made.digests.first());
        assert_eq!(recovery_digest("123456"), None);
    }
}
