//! Console accounts: made, reset, turned off; signing in with a password and a code, and out. Too many wrong tries rest.

pub mod administer;
pub mod invitation;
pub mod looked_at;
pub mod openid;
pub mod own;
mod password_rules;
pub mod secrets;

use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use crate::care::actor::Actor;
use crate::care::address::EmailAddress;
use crate::care::permission::StaffRole;
use crate::care::time::clock_trust::{Trusted, counts};
use crate::care::time::span::later;
use crate::journey::authenticator_seal;
use crate::journey::deps::Deps;
use crate::journey::errors::account::AccountError;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::{LinkKey, digest};
use crate::journey::operations::accounts::secrets::Issued;
use crate::ports::Entropy;
use crate::store::audit_action::AuditAction;
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::store::people::staff::{NewStaff, Session, Staff};
use crate::store::subject::Subject;

/// An authenticator shows a new code every so many seconds (RFC 6238 section 5.2).
const STEP: u64 = 30;
/// Nobody stays signed in longer than a shift,
const SHIFT: Duration = Duration::from_secs(10 * 3600);
/// or than this without a sign of life.
const IDLE: Duration = Duration::from_secs(30 * 60);
/// The hash of a password nobody knows, so that an unknown name takes as long as a known one; `None` where none can be made.
static NOBODY: LazyLock<Option<String>> =
    LazyLock::new(|| secrets::hash(&Secret::generate().to_base32(), &[]).ok());

/// Makes what the password of an unknown name is compared with. Without it such a name would be answered at once, and whoever
/// tries names would learn which there are.
///
/// # Errors
/// [`AccountError::NotHashed`]: nobody can sign in.
pub fn make_ready() -> Result<(), AccountError> {
    NOBODY.as_ref().map(drop).ok_or(AccountError::NotHashed)
}

/// An account to make. No Debug: it holds a secret.
pub struct NewAccount<'a> {
    /// Sign-in name: 1 to 40 of `A-Z a-z 0-9 . _ -`.
    pub name: &'a str,
    /// Where letters to its owner go.
    pub email: EmailAddress,
    /// What it may do.
    pub role: StaffRole,
    /// At least 12 characters, and none of those that are tried first.
    pub password: &'a str,
}

/// What somebody typed. No Debug: it holds secrets.
pub struct Credentials {
    /// Sign-in name, as typed.
    pub name: String,
    /// Password, as typed; checked against the Argon2 hash on record.
    pub password: String,
    /// Six digits of the authenticator, or a recovery code.
    pub code: String,
    /// Where the try comes from: a network address, or a word for this machine.
    pub from: String,
    /// Which browser, in a few words; empty at the command line.
    pub browser: String,
}

/// What became of a try to sign in. Which part was wrong is not told.
pub enum SignIn {
    /// Welcome: the session's token (cookie) and what it may do.
    Welcome(String, Session),
    /// Name, password or code is wrong, or the account is off.
    Wrong,
}

/// Makes an account. Call it off the async threads: hashing takes a while on purpose.
///
/// # Errors
/// [`AccountError::InvalidName`], [`AccountError::NameTaken`], [`AccountError::ShortPassword`]; the store's own.
pub fn add(clinic: &Deps, stamp: Stamp, account: NewAccount<'_>) -> Result<Issued, StepError> {
    let name = account.name.to_owned();
    if !invitation::is_name(&name) {
        return Err(AccountError::InvalidName.into());
    }
    let names = [account.name, clinic.policy.from.0.as_str()];
    let (password, secret) = (secrets::hash(account.password, &names)?, Secret::generate());
    let issued = secrets::issue(&name, &secret)?;
    let NewAccount { email, role, .. } = account;
    let totp_secret = authenticator_seal::seal(&clinic.key, &name, &issued.totp_secret);
    let new = NewStaff { name, email, role, password, totp_secret };
    let add = move |tx: &mut Tx<'_>| tx.insert_staff(&new);
    clinic.store.write_blocking(stamp, add).map_err(|fault: StoreError| match fault.is_conflict() {
        true => StepError::Account(AccountError::NameTaken),
        false => fault.into(),
    })?;
    Ok(issued)
}

/// Gives an account a new password and authenticator, and lets it in again. What let somebody in before does so no more.
///
/// # Errors
/// [`AccountError::Unknown`], [`AccountError::ShortPassword`]; the store's own.
pub fn reset(clinic: &Deps, stamp: Stamp, name: &str, password: &str) -> Result<Issued, StepError> {
    let found = clinic.store.read(|view| view.staff_named(name))?;
    let staff = found.ok_or(AccountError::Unknown)?;
    let names = [name, clinic.policy.from.0.as_str()];
    let (password, secret) = (secrets::hash(password, &names)?, Secret::generate());
    let issued = secrets::issue(name, &secret)?;
    let totp = authenticator_seal::seal(&clinic.key, &staff.name, &issued.totp_secret);
    let reset = move |tx: &mut Tx<'_>| tx.reset_staff(&staff, &password, &totp);
    clinic.store.write_blocking::<_, StoreError>(stamp, reset)?;
    Ok(issued)
}

/// What signing in works with: less than a whole configuration, of which something may be missing.
pub struct SignInDeps<'d> {
    /// The database that has the accounts.
    pub store: &'d Store,
    /// The key beside it, which opens the secrets of authenticators.
    pub key: &'d LinkKey,
    /// Where the token of a session comes from.
    pub entropy: &'d dyn Entropy,
}

/// Signs somebody in. A code is taken once. Every try is recorded with where it came from, a refused one not in the name of
/// the account. How often one may try is the edge's to count: by account and place, so that nobody can keep others out.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn sign_in(with: &SignInDeps<'_>, now: Timestamp, typed: Credentials) -> Result<SignIn, StepError> {
    let store = with.store;
    let found = store.read(|view| view.staff_named(&typed.name))?;
    let stored = found.as_ref().map(|s| s.password.clone());
    let password = typed.password;
    let check = tokio::task::spawn_blocking(move || {
        // Where nobody made it before, it is made here, where hashing keeps nobody waiting.
        let hash = stored.as_deref().or(NOBODY.as_deref()).ok_or(AccountError::NotHashed)?;
        Ok::<_, AccountError>(secrets::is_password(&password, hash))
    });
    let right = check.await.unwrap_or(Ok(false))?;
    let on = found.filter(|s| s.disabled_at.is_none());
    let proved = on
        .as_ref()
        .filter(|_| right)
        .and_then(|staff| Some((staff.clone(), proof(with.key, staff, &typed.code, now)?)));
    let Some((staff, factor)) = proved else {
        return refused(store, now, on.map(|s| s.name), typed.from).await;
    };
    let token = secrets::token(with.entropy);
    let stamp = Stamp { at: now, actor: Actor::Staff(staff.name.clone()) };
    let (name, from, browser) = (staff.name.clone(), typed.from.clone(), typed.browser);
    let job = move |tx: &mut Tx<'_>| -> Result<Option<SignIn>, StepError> {
        let welcome = admit(tx, &staff, &factor, &token)?;
        if welcome.is_some() {
            tx.describe_session(&digest(&token), &from, &browser)?;
            let subject = Subject::Staff(staff.name.clone());
            tx.audit(AuditAction::StaffSignedIn, subject, &serde_json::json!({ "from": from }))?;
        }
        Ok(welcome)
    };
    match store.write::<_, StepError>(stamp, job).await? {
        Some(welcome) => {
            tracing::info!(staff = %name, from = %typed.from, "signed in");
            Ok(welcome)
        }
        None => refused(store, now, Some(name), typed.from).await,
    }
}

/// A try that was refused is on record, with the account it aimed at if there is one: what was typed for a name may be
/// anything, a password in the wrong field among it.
async fn refused(
    store: &Store,
    now: Timestamp,
    aimed_at: Option<String>,
    from: String,
) -> Result<SignIn, StepError> {
    tracing::warn!(%from, is_known = aimed_at.is_some(), "a sign-in was refused");
    let subject = Subject::Staff(aimed_at.unwrap_or_else(|| "-".to_owned()));
    let job = move |tx: &mut Tx<'_>| {
        tx.audit(AuditAction::StaffSignInFailed, subject, &serde_json::json!({ "from": from }))
    };
    // A refused try is not the doing of the one whose name was typed.
    store.write::<_, StoreError>(Stamp { at: now, actor: Actor::Visitor }, job).await?;
    Ok(SignIn::Wrong)
}

/// What may let somebody in besides her password: the step of a code that fits, or a recovery code.
fn proof(key: &LinkKey, staff: &Staff, typed: &str, now: Timestamp) -> Option<SecondFactor> {
    let secret = authenticator_seal::unseal(key, &staff.name, &staff.totp_secret);
    if secret.is_none() {
        tracing::error!(staff = %staff.name, "the authenticator was sealed with another key: reset the account");
    }
    let step = secret.and_then(|secret| secrets::step_of(&secret, typed, now)).map(SecondFactor::Step);
    step.or_else(|| secrets::recovery_digest(typed).map(SecondFactor::RecoveryCode))
}

/// What was typed besides the password.
enum SecondFactor {
    /// The step of the authenticator that shows the code.
    Step(u64),
    /// Digest of what may be a recovery code.
    RecoveryCode(Vec<u8>),
}

/// What an authenticator with that secret shows at that instant; `None` for a secret that is none. For the demo, whose
/// visitors have no authenticator at hand.
#[must_use]
pub fn shown_code(totp_secret: &str, now: Timestamp) -> Option<String> {
    let secret = Secret::try_from_base32(totp_secret).ok()?;
    let totp: Totp = Builder::new().with_secret(secret).build().ok()?;
    Some(totp.generate(u64::try_from(now.as_second()).ok()?).to_string())
}

/// The newest code that was taken; one taken by a clock that ran ahead counts as none.
fn last_step(staff: &Staff, now: Timestamp) -> u64 {
    let at = i64::try_from(staff.totp_step.saturating_mul(STEP)).ok();
    let at = at.and_then(|at| Timestamp::from_second(at).ok());
    at.filter(|at| counts(*at, now)).map_or(0, |_| staff.totp_step)
}

/// Asks again inside the transaction, so that two tries at once cannot use one code twice, and secrets that were replaced
/// while the password was checked let nobody in; `None` then.
fn admit(
    tx: &mut Tx<'_>,
    proved: &Staff,
    factor: &SecondFactor,
    token: &str,
) -> Result<Option<SignIn>, StepError> {
    let on_record = tx.staff_named(&proved.name)?;
    let Some(mut staff) = on_record.filter(|staff| staff.is_as_proved(proved)) else { return Ok(None) };
    match factor {
        SecondFactor::Step(step) if *step > last_step(&staff, tx.at()) => {
            staff.totp_step = *step;
            tx.use_code(&staff)?;
        }
        SecondFactor::RecoveryCode(digest) if tx.use_recovery_code(&staff, digest)? => {}
        SecondFactor::Step(_) | SecondFactor::RecoveryCode(_) => return Ok(None),
    }
    let session = session_of(tx, &staff, token)?;
    Ok(Some(SignIn::Welcome(token.to_owned(), session)))
}

/// Opens a session of an account under that token; whoever calls has proved whose it is.
fn session_of(tx: &mut Tx<'_>, staff: &Staff, token: &str) -> Result<Session, StoreError> {
    let expires_at = later(tx.at(), SHIFT);
    tx.open_session(&digest(token), staff.id, expires_at)?;
    let (name, role, language) = (staff.name.clone(), staff.role, staff.language.clone());
    Ok(Session { staff: staff.id, name, role, seen_at: tx.at(), expires_at, language })
}

/// Removes sessions that are over.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn tidy(clinic: &Deps, now: Trusted) -> Result<(), StepError> {
    if !clinic.store.read(|view| view.has_session_over(now.at()))? {
        return Ok(());
    }
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> { Ok(tx.tidy_sessions(now)?) };
    clinic.store.write(Stamp::daemon(now.at()), job).await
}

/// Who holds that session token, if the session lives. Changes nothing; see [`touch`].
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn session(clinic: &Deps, now: Timestamp, token: &str) -> Result<Option<Session>, StepError> {
    let found = clinic.store.read(|view| view.session(&digest(token)))?;
    // One that was used later than now was opened, or used last, under a clock that ran ahead.
    let lives = |s: &Session| s.expires_at > now && later(s.seen_at, IDLE) > now && counts(s.seen_at, now);
    Ok(found.filter(lives))
}

/// Notes that a session is in use; call it once a minute at most.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn touch(clinic: &Deps, now: Timestamp, token: &str) -> Result<(), StepError> {
    let digest = digest(token);
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> { Ok(tx.touch_session(&digest)?) };
    clinic.store.write(Stamp::daemon(now), job).await
}

/// Ends the session of a token; a token that is not known changes nothing.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn sign_out(store: &Store, now: Timestamp, token: &str) -> Result<(), StepError> {
    let digest = digest(token);
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> { Ok(tx.end_session(&digest)?) };
    store.write(Stamp::daemon(now), job).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::fixture::world::Fixed;
    use crate::journey::fixture::{Fixture, due, fixture, minutes, triage};
    use tokio::task::block_in_place;

    const PASSWORD: &str = "correct horse battery";

    fn stamp() -> Stamp {
        Stamp { at: due(), actor: Actor::Operator("root".to_owned()) }
    }

    fn doctor(fixture: &Fixture) -> Issued {
        let email = EmailAddress::parse("dora@clinic.example").unwrap();
        block_in_place(|| {
            add(
                &fixture.clinic,
                stamp(),
                NewAccount { name: "dora", email, role: StaffRole::Doctor, password: PASSWORD },
            )
        })
        .unwrap()
    }

    fn code_at(issued: &Issued, now: Timestamp) -> String {
        let secret = Secret::try_from_base32(&issued.totp_secret).unwrap();
        let totp = Builder::new().with_secret(secret).build().unwrap();
        totp.generate(u64::try_from(now.as_second()).unwrap()).to_string()
    }

    async fn tries(fixture: &Fixture, now: Timestamp, typed: (&str, &str, String)) -> SignIn {
        let (name, password, code) = (typed.0.to_owned(), typed.1.to_owned(), typed.2);
        let typed =
            Credentials { name, password, code, from: "192.0.2.1".to_owned(), browser: String::new() };
        let Deps { store, key, .. } = &fixture.clinic;
        sign_in(&SignInDeps { store, key, entropy: &Fixed(now) }, now, typed).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_password_and_a_fresh_code_open_a_session_that_ends_by_itself() {
        let fixture = fixture(triage());
        let issued = doctor(&fixture);
        assert!(issued.otpauth.starts_with("otpauth://totp/"));
        let code = code_at(&issued, due());
        let SignIn::Welcome(token, _) = tries(&fixture, due(), ("dora", PASSWORD, code.clone())).await else {
            panic!("the right password was refused");
        };
        let seen = |now| session(&fixture.clinic, now, &token).unwrap().map(|s| s.role);
        assert_eq!(seen(due() + minutes(29)), Some(StaffRole::Doctor));
        assert_eq!(seen(due() + minutes(30)), None);
        touch(&fixture.clinic, due() + minutes(29), &token).await.unwrap();
        assert_eq!(seen(due() + minutes(58)), Some(StaffRole::Doctor));
        // The same code once more is no code.
        assert!(matches!(tries(&fixture, due(), ("dora", PASSWORD, code)).await, SignIn::Wrong));
        administer::turn_off(&fixture.clinic, stamp(), "dora".to_owned()).await.unwrap();
        assert_eq!(seen(due() + minutes(58)), None);
        let later = due() + minutes(60);
        let again = tries(&fixture, later, ("dora", PASSWORD, code_at(&issued, later))).await;
        assert!(matches!(again, SignIn::Wrong));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn tries_are_on_record_with_where_they_came_from_and_refused_ones_in_nobodys_name() {
        let fixture = fixture(triage());
        let issued = doctor(&fixture);
        for (name, password) in [("nobody", PASSWORD), ("dora", "wrong wrong wrong"), ("dora", PASSWORD)] {
            assert!(matches!(
                tries(&fixture, due(), (name, password, "000000".to_owned())).await,
                SignIn::Wrong
            ));
        }
        let right = ("dora", PASSWORD, code_at(&issued, due()));
        assert!(
            matches!(tries(&fixture, due(), right).await, SignIn::Welcome(..)),
            "wrong tries keep nobody out"
        );
        let mut events = fixture.clinic.store.read(|view| view.last_events(50)).unwrap();
        events.sort_by_key(|event| event.id);
        let tries: Vec<_> = events
            .iter()
            .filter(|event| event.action.starts_with("staff.sign"))
            .map(|event| (event.actor.as_str(), event.subject.as_str(), event.detail.contains("192.0.2.1")))
            .collect();
        assert_eq!(
            tries,
            [
                ("visitor", "staff/-", true),
                ("visitor", "staff/dora", true),
                ("visitor", "staff/dora", true),
                ("staff:dora", "staff/dora", true)
            ]
        );
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn secrets_that_were_replaced_while_the_password_was_checked_let_nobody_in() {
        let fixture = fixture(triage());
        doctor(&fixture);
        let before = fixture.clinic.store.read(|view| view.staff_named("dora")).unwrap().unwrap();
        let comes_in = |proved: Staff| {
            let job = move |tx: &mut Tx<'_>| admit(tx, &proved, &SecondFactor::Step(u64::MAX), "t");
            fixture.write(("staff:dora", due()), job).unwrap().is_some()
        };
        block_in_place(|| reset(&fixture.clinic, stamp(), "dora", "another long password")).unwrap();
        assert!(!comes_in(before), "what was proved is no secret of hers any more");
        let now = fixture.clinic.store.read(|view| view.staff_named("dora")).unwrap().unwrap();
        administer::turn_off(&fixture.clinic, stamp(), "dora".to_owned()).await.unwrap();
        assert!(!comes_in(now), "the account was turned off meanwhile");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_clock_that_ran_ahead_wrote_shuts_nobody_out() {
        let fixture = fixture(triage());
        let issued = doctor(&fixture);
        let ahead = due() + minutes(400 * 1440);
        let typed = |now| ("dora", PASSWORD, code_at(&issued, now));
        let SignIn::Welcome(token, _) = tries(&fixture, ahead, typed(ahead)).await else {
            panic!("the right password was refused");
        };
        assert!(session(&fixture.clinic, ahead, &token).unwrap().is_some());
        assert!(session(&fixture.clinic, due(), &token).unwrap().is_none(), "it would last for a year");
        sign_out(&fixture.clinic.store, ahead, &token).await.unwrap();
        assert!(matches!(tries(&fixture, due(), typed(due())).await, SignIn::Welcome(..)));
        assert!(matches!(tries(&fixture, due(), typed(due())).await, SignIn::Wrong), "a code is taken once");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn short_passwords_odd_names_and_taken_names_are_refused() {
        let fixture = fixture(triage());
        doctor(&fixture);
        for (name, password) in [("x", "short"), ("", PASSWORD), ("a b", PASSWORD), ("dora", PASSWORD)] {
            let email = EmailAddress::parse("x@clinic.example").unwrap();
            let made = block_in_place(|| {
                add(&fixture.clinic, stamp(), NewAccount { name, email, role: StaffRole::Nurse, password })
            });
            assert!(matches!(made, Err(StepError::Account(_))), "{name}");
        }
    }
}
