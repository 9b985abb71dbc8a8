//! What somebody signed in does with her own account: password, authenticator, recovery codes, sessions. Each change of a secret
//! asks for the password once more: a browser left open gives nobody the account.

use totp_rs::Secret;

use crate::care::actor::Actor;
use crate::journey::authenticator_seal;
use crate::journey::deps::Deps;
use crate::journey::errors::account::AccountError;
use crate::journey::errors::permission::PermissionError;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::digest;
use crate::journey::operations::accounts::secrets::{self, Issued};
use crate::ports::Entropy;
use crate::store::accounts::session::EndedSessions;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::people::staff::Staff;

/// Whose account, in which session. No Debug: it holds secrets.
pub struct OwnSession {
    /// Who is signed in, and when she asks.
    pub stamp: Stamp,
    /// The session's token: it stays when others end.
    pub token: String,
    /// Her password, typed once more.
    pub password: String,
}

/// Which account reads the console in which language.
pub struct LanguageChoice {
    /// The sign-in name by which the account is found.
    pub name: String,
    /// BCP 47 primary language of words that ship; `None` leaves it to the browser.
    pub language: Option<String>,
}

/// Changes the password; every other session of the account ends.
///
/// # Errors
/// [`AccountError::WrongPassword`], [`AccountError::ShortPassword`] and its kin; the store's own.
pub async fn change_password(clinic: &Deps, own: OwnSession, new: String) -> Result<(), StepError> {
    let OwnSession { stamp, token, password } = own;
    let proved = proved(clinic, &stamp, password).await?;
    let names = (proved.name.clone(), clinic.policy.from.0.clone());
    let hashed = tokio::task::spawn_blocking(move || secrets::hash(&new, &[&names.0, &names.1])).await;
    let hashed = hashed.unwrap_or(Err(AccountError::NotHashed))?;
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let staff = still(tx, &proved)?;
        tx.change_password(&staff, &hashed)?;
        tx.end_sessions_of(&staff, &EndedSessions::AllBut(digest(&token).to_vec()))?;
        Ok(())
    };
    clinic.store.write(stamp, job).await
}

/// Chooses the language that an account reads the console in; `None` leaves it to the browser.
///
/// # Errors
/// [`AccountError::Unknown`]; the store's own.
pub async fn choose_language(clinic: &Deps, stamp: Stamp, choice: LanguageChoice) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let staff = tx.staff_named(&choice.name)?.ok_or(AccountError::Unknown)?;
        if staff.language != choice.language {
            tx.choose_language(&staff, choice.language.as_deref())?;
        }
        Ok(())
    };
    clinic.store.write(stamp, job).await
}

/// The secret that the account page shows for a new authenticator: the same for this session until one was taken.
///
/// # Errors
/// [`AccountError::NoSecret`], [`AccountError::Unknown`]; the store's own.
pub fn next_authenticator(clinic: &Deps, name: &str, token: &str) -> Result<Issued, StepError> {
    let staff = clinic.store.read(|view| view.staff_named(name))?.ok_or(AccountError::Unknown)?;
    let seed = clinic.key.authenticator_seed(&format!("{token}|{}", staff.totp_secret));
    let secret = Secret::try_from_base32(seed).map_err(|_| AccountError::NoSecret)?;
    Ok(secrets::issue(name, &secret)?)
}

/// Takes the new authenticator whose code was typed; every other session of the account ends.
///
/// # Errors
/// [`AccountError::WrongPassword`], [`AccountError::WrongCode`]; the store's own.
pub async fn renew_authenticator(clinic: &Deps, own: OwnSession, code: &str) -> Result<(), StepError> {
    let OwnSession { stamp, token, password } = own;
    let proved = proved(clinic, &stamp, password).await?;
    let issued = next_authenticator(clinic, &proved.name, &token)?;
    let step = secrets::step_of(&issued.totp_secret, code, stamp.at).ok_or(AccountError::WrongCode)?;
    let sealed = authenticator_seal::seal(&clinic.key, &proved.name, &issued.totp_secret);
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let mut staff = still(tx, &proved)?;
        tx.change_authenticator(&staff, &sealed)?;
        staff.totp_step = step;
        tx.use_code(&staff)?;
        tx.end_sessions_of(&staff, &EndedSessions::AllBut(digest(&token).to_vec()))?;
        Ok(())
    };
    clinic.store.write(stamp, job).await
}

/// Makes new recovery codes; the old ones are worth nothing any more.
///
/// # Errors
/// [`AccountError::WrongPassword`]; the store's own.
pub async fn renew_recovery_codes(
    clinic: &Deps,
    own: OwnSession,
    entropy: &dyn Entropy,
) -> Result<Vec<String>, StepError> {
    let OwnSession { stamp, password, .. } = own;
    let proved = proved(clinic, &stamp, password).await?;
    let made = secrets::recovery_codes(entropy);
    let digests = made.digests;
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let staff = still(tx, &proved)?;
        Ok(tx.replace_recovery_codes(&staff, &digests)?)
    };
    clinic.store.write(stamp, job).await?;
    Ok(made.codes)
}

/// Ends sessions of one's own account.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn end_sessions(clinic: &Deps, stamp: Stamp, which: EndedSessions) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let staff = account(tx)?;
        tx.end_sessions_of(&staff, &which)?;
        Ok(())
    };
    clinic.store.write(stamp, job).await
}

/// Whether the password that was typed once more is hers; changes nothing.
///
/// # Errors
/// [`AccountError::WrongPassword`]; the store's own.
pub async fn confirm_password(clinic: &Deps, own: OwnSession) -> Result<(), StepError> {
    proved(clinic, &own.stamp, own.password).await.map(drop)
}

/// The actor's own account.
pub(super) fn account(tx: &Tx<'_>) -> Result<Staff, StepError> {
    let Actor::Staff(name) = tx.actor() else { return Err(PermissionError::NotSignedIn.into()) };
    let on = tx.staff_named(name)?.filter(|staff| staff.disabled_at.is_none());
    on.ok_or(StepError::Account(AccountError::Unknown))
}

/// The actor's account, if its secrets are still those whose password she typed.
fn still(tx: &Tx<'_>, proved: &Staff) -> Result<Staff, StepError> {
    let staff = account(tx)?;
    if staff.is_as_proved(proved) { Ok(staff) } else { Err(AccountError::WrongPassword.into()) }
}

/// The actor's account, if the password is hers.
async fn proved(clinic: &Deps, stamp: &Stamp, password: String) -> Result<Staff, StepError> {
    let Actor::Staff(name) = &stamp.actor else { return Err(PermissionError::NotSignedIn.into()) };
    let staff = clinic.store.read(|view| view.staff_named(name))?.ok_or(AccountError::Unknown)?;
    let stored = staff.password.clone();
    let check = tokio::task::spawn_blocking(move || secrets::is_password(&password, &stored)).await;
    if check.unwrap_or(false) { Ok(staff) } else { Err(AccountError::WrongPassword.into()) }
}
