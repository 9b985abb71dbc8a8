//! Console accounts: made, reset, turned off; signing in with a password and a code, and out. Too many wrong tries rest.

use std::time::Duration;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use super::link::digest;
use super::policy::later;
use super::{Clinic, StepError};
use crate::care::address::EmailAddress;
use crate::ports::Entropy;
use crate::store::staff::{NewStaff, Role, Session, Staff};
use crate::store::{Stamp, StoreError, Tx};

/// So many wrong tries rest an account.
const TRIES: u32 = 5;
/// For so long.
const RESTS: Duration = Duration::from_secs(15 * 60);
/// Nobody stays signed in longer than a shift,
const SHIFT: Duration = Duration::from_secs(10 * 3600);
/// or than this without a sign of life.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// A password is at least this long; longer beats odder (NIST SP 800-63B).
const SHORTEST: usize = 12;
/// A hash of no account, so that an unknown name takes as long as a known one. Argon2id, default costs.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$5Eiq5UJyhH0Ah0Y5tB2mPj0YFzo1SKbHnRhc1lF5gG4";

/// A new account as its owner gets it, once. No Debug: it holds the secret.
pub struct Issued {
    /// The base32 secret for the authenticator.
    pub totp_secret: String,
    /// The same as `otpauth://` address, for a QR code.
    pub otpauth: String,
}

/// What somebody typed. No Debug: it holds secrets.
pub struct Credentials {
    /// Sign-in name.
    pub name: String,
    /// Password.
    pub password: String,
    /// Six digits of the authenticator.
    pub code: String,
}

/// What became of a try to sign in. Which part was wrong is not told.
pub enum SignIn {
    /// Welcome: the session's token (cookie) and what it may do.
    Welcome(String, Session),
    /// Name, password or code is wrong, or the account is off.
    Wrong,
    /// Too many wrong tries: not before this instant.
    Rests(Timestamp),
}

/// Makes an account. Call it off the async threads: hashing takes a while on purpose.
///
/// # Errors
/// [`StepError::Staff`] when the name or password does not do or the name is taken; the store's own.
pub fn add(
    clinic: &Clinic,
    stamp: Stamp,
    who: (&str, EmailAddress, Role),
    password: &str,
) -> Result<Issued, StepError> {
    let name = who.0.to_owned();
    if name.is_empty()
        || name.len() > 40
        || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    {
        return Err(StepError::Staff("a sign-in name is 1 to 40 of A-Z a-z 0-9 . _ -"));
    }
    let (password, secret) = (hash(password)?, Secret::generate());
    let issued = issue(&name, &secret)?;
    let new = NewStaff { name, email: who.1, role: who.2, password, totp_secret: issued.totp_secret.clone() };
    let add = move |tx: &mut Tx<'_>| tx.insert_staff(&new);
    clinic.store.write_blocking(stamp, add).map_err(|fault: StoreError| match fault.is_conflict() {
        true => StepError::Staff("that sign-in name is taken"),
        false => fault.into(),
    })?;
    Ok(issued)
}

/// Gives an account a new password and authenticator, and lets it in again.
///
/// # Errors
/// [`StepError::Staff`] when there is no such account or the password does not do; the store's own.
pub fn reset(clinic: &Clinic, stamp: Stamp, name: &str, password: &str) -> Result<Issued, StepError> {
    let staff = named(clinic, name)?;
    let (password, secret) = (hash(password)?, Secret::generate());
    let issued = issue(name, &secret)?;
    let totp = issued.totp_secret.clone();
    let reset = move |tx: &mut Tx<'_>| tx.reset_staff(&staff, (&password, &totp));
    clinic.store.write_blocking::<_, StoreError>(stamp, reset)?;
    Ok(issued)
}

/// Turns an account off and signs it out everywhere.
///
/// # Errors
/// [`StepError::Staff`] when there is no such account; the store's own.
pub fn disable(clinic: &Clinic, stamp: Stamp, name: &str) -> Result<(), StepError> {
    let staff = named(clinic, name)?;
    Ok(clinic.store.write_blocking::<_, StoreError>(stamp, move |tx| tx.disable_staff(&staff))?)
}

fn named(clinic: &Clinic, name: &str) -> Result<Staff, StepError> {
    let found = clinic.store.read(|view| view.staff_named(name))?;
    found.ok_or(StepError::Staff("there is no account of that name"))
}

fn hash(password: &str) -> Result<String, StepError> {
    if password.chars().count() < SHORTEST {
        return Err(StepError::Staff("a password has at least 12 characters"));
    }
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|h| h.to_string()).map_err(|_| StepError::Staff("the password could not be hashed"))
}

fn issue(name: &str, secret: &Secret) -> Result<Issued, StepError> {
    let refused = || StepError::Staff("the authenticator's secret could not be made");
    let issuer = Some("aftercare");
    let totp =
        Builder::new().with_secret(secret.as_bytes().to_vec()).with_account_name(name).with_issuer(issuer);
    let otpauth = totp.build().map_err(|_| refused())?.to_url().map_err(|_| refused())?;
    Ok(Issued { totp_secret: secret.to_base32(), otpauth })
}

/// Signs somebody in. A code is taken once; every try is recorded; the fifth wrong one rests the account.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn sign_in(
    clinic: &Clinic,
    now: Timestamp,
    typed: Credentials,
    entropy: &dyn Entropy,
) -> Result<SignIn, StepError> {
    let found = clinic.store.read(|view| view.staff_named(&typed.name))?;
    if let Some(until) = found.as_ref().and_then(|s| s.locked_until).filter(|until| *until > now) {
        return Ok(SignIn::Rests(until));
    }
    let stored = found.as_ref().map_or_else(|| NOBODY.to_owned(), |s| s.password.clone());
    let password = typed.password;
    let check = tokio::task::spawn_blocking(move || {
        Argon2::default().verify_password(password.as_bytes(), stored.as_str()).is_ok()
    });
    let right = check.await.unwrap_or(false);
    let Some(staff) = found.filter(|s| s.disabled_at.is_none()) else { return Ok(SignIn::Wrong) };
    let step = if right { code(&staff, &typed.code, now) } else { None };
    let mut token = [0; 32];
    entropy.fill(&mut token);
    let token = data_encoding::BASE64URL_NOPAD.encode(&token);
    let stamp = Stamp { at: now, actor: format!("staff:{}", staff.name) };
    let job = move |tx: &mut Tx<'_>| admit(tx, (&staff.name, step), &token);
    clinic.store.write(stamp, job).await
}

/// The step of a code that is right and newer than the last one taken.
fn code(staff: &Staff, code: &str, now: Timestamp) -> Option<u64> {
    let secret = Secret::try_from_base32(&staff.totp_secret).ok()?;
    let totp: Totp = Builder::new().with_secret(secret).build().ok()?;
    totp.check(code.trim(), u64::try_from(now.as_second()).ok()?)
}

/// Asks again inside the transaction, so that two tries at once cannot use one code twice.
fn admit(tx: &mut Tx<'_>, who: (&str, Option<u64>), token: &str) -> Result<SignIn, StepError> {
    let Some(mut staff) = tx.staff_named(who.0)? else { return Ok(SignIn::Wrong) };
    let subject = format!("staff/{}", staff.name);
    let Some(step) = who.1.filter(|step| *step > staff.totp_step) else {
        staff.failures += 1;
        if staff.failures >= TRIES {
            staff.locked_until = Some(later(tx.at(), RESTS));
            staff.failures = 0;
        }
        tx.note_try(&staff)?;
        tx.audit("staff.sign-in-failed", &subject, &serde_json::json!({}))?;
        return Ok(staff.locked_until.filter(|until| *until > tx.at()).map_or(SignIn::Wrong, SignIn::Rests));
    };
    (staff.failures, staff.locked_until, staff.totp_step) = (0, None, step);
    tx.note_try(&staff)?;
    let expires_at = later(tx.at(), SHIFT);
    tx.open_session(&digest(token), staff.id, expires_at)?;
    tx.audit("staff.signed-in", &subject, &serde_json::json!({}))?;
    let session =
        Session { staff: staff.id, name: staff.name, role: staff.role, seen_at: tx.at(), expires_at };
    Ok(SignIn::Welcome(token.to_owned(), session))
}

/// Who holds that session token, if the session lives. Changes nothing; see [`touch`].
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn session(clinic: &Clinic, now: Timestamp, token: &str) -> Result<Option<Session>, StepError> {
    let found = clinic.store.read(|view| view.session(&digest(token)))?;
    Ok(found.filter(|s| s.expires_at > now && later(s.seen_at, IDLE) > now))
}

/// Notes that a session is in use; call it once a minute at most.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn touch(clinic: &Clinic, now: Timestamp, token: &str) -> Result<(), StepError> {
    let digest = digest(token);
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> { Ok(tx.touch_session(&digest)?) };
    clinic.store.write(Stamp::daemon(now), job).await
}

/// Ends a session.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn sign_out(clinic: &Clinic, now: Timestamp, token: &str) -> Result<(), StepError> {
    let digest = digest(token);
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> { Ok(tx.end_session(&digest)?) };
    clinic.store.write(Stamp::daemon(now), job).await
}
