//! The secrets of an account: hashes of passwords, secrets of authenticators, tokens and recovery codes.

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use crate::journey::errors::account::AccountError;
use crate::journey::link_key::digest;
use crate::journey::operations::accounts::password_rules;
use crate::ports::Entropy;

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
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|h| h.to_string()).map_err(|_| AccountError::NotHashed)
}

/// Whether a password is the one of that hash.
#[must_use]
pub fn is_password(password: &str, hash: &str) -> bool {
    Argon2::default().verify_password(password.as_bytes(), hash).is_ok()
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
