//! A colleague is invited by a link: she sets her own password and authenticator, and gets recovery codes. The same link, for an
//! account that is there, leads back into it. The link is drawn at random, good for some days and for one use; nobody
//! but its bearer, and whoever handed it over, ever sees it.

use std::time::Duration;

use jiff::Timestamp;
use totp_rs::Secret;

use crate::care::actor::Actor;
use crate::care::address::EmailAddress;
use crate::care::permission::{Act, StaffRole};
use crate::care::time::clock_trust::counts;
use crate::care::time::span::later;
use crate::journey::authenticator_seal;
use crate::journey::authorize::permit_account;
use crate::journey::deps::Deps;
use crate::journey::errors::account::AccountError;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::{LinkKey, digest};
use crate::journey::operations::accounts::secrets::{self, Issued};
use crate::ports::Entropy;
use crate::store::accounts::invitation::{NewInvitation, StaffInvitation};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::store::people::staff::{NewStaff, Staff};

/// A link is good for so long.
const LASTS: Duration = Duration::from_secs(72 * 3600);

/// Who is invited, and as what.
#[derive(Debug, Clone)]
pub struct InvitationRequest {
    /// Sign-in name: 1 to 40 of `A-Z a-z 0-9 . _ -`.
    pub name: String,
    /// Where letters to the account's owner go.
    pub email: EmailAddress,
    /// What the account may do.
    pub role: StaffRole,
}

/// A link to hand over, once. No Debug: it is a secret.
pub struct IssuedInvitation {
    /// Path of the page that takes it.
    pub path: String,
    /// From when on the link leads nowhere.
    pub expires_at: Timestamp,
}

/// What somebody with a link chose. No Debug: it holds secrets.
pub struct InvitationAnswer {
    /// The token of the link that led her here.
    pub token: String,
    /// The password she wants.
    pub password: String,
    /// What her authenticator shows.
    pub code: String,
}

/// An account opened by a link. No Debug: it holds secrets.
pub struct OpenedAccount {
    /// The sign-in name of the account.
    pub name: String,
    /// Its recovery codes, shown once.
    pub recovery_codes: Vec<String>,
}

/// Whether that may be a sign-in name.
#[must_use]
pub fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 40
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// Invites somebody to open an account. An earlier invitation of that name is withdrawn.
///
/// # Errors
/// [`AccountError::InvalidName`], [`AccountError::NameTaken`]; the actor may not; the store's own.
pub async fn invite(
    clinic: &Deps,
    stamp: Stamp,
    ask: InvitationRequest,
    entropy: &dyn Entropy,
) -> Result<IssuedInvitation, StepError> {
    if !is_name(&ask.name) {
        return Err(AccountError::InvalidName.into());
    }
    let (token, expires_at) = (secrets::token(entropy), later(stamp.at, LASTS));
    let digest = digest(&token).to_vec();
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        permit_account(tx, Act::ManageAccounts)?;
        if tx.staff_named(&ask.name)?.is_some() {
            return Err(AccountError::NameTaken.into());
        }
        let InvitationRequest { name, email, role } = ask;
        let email = email.expose().to_owned();
        Ok(tx.insert_invitation(&NewInvitation { digest, staff: None, name, email, role, expires_at })?)
    };
    clinic.store.write(stamp, job).await?;
    Ok(IssuedInvitation { path: format!("/join/{token}"), expires_at })
}

/// Locks an account, and makes a link by which its owner sets new secrets and is let in again.
///
/// # Errors
/// [`AccountError::Unknown`], [`AccountError::Own`]; the actor may not; the store's own.
pub async fn reset_by_link(
    clinic: &Deps,
    stamp: Stamp,
    name: String,
    entropy: &dyn Entropy,
) -> Result<IssuedInvitation, StepError> {
    let (token, expires_at) = (secrets::token(entropy), later(stamp.at, LASTS));
    let digest = digest(&token).to_vec();
    let nobody = Secret::generate().to_base32();
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        permit_account(tx, Act::ManageAccounts)?;
        let staff = other_account(tx, &name)?;
        // A word that is no hash fits no password.
        tx.reset_staff(&staff, "-", &nobody)?;
        let Staff { id, name, email, role, .. } = staff;
        Ok(tx.insert_invitation(&NewInvitation { digest, staff: Some(id), name, email, role, expires_at })?)
    };
    clinic.store.write(stamp, job).await?;
    Ok(IssuedInvitation { path: format!("/join/{token}"), expires_at })
}

/// The account of that name, if it is not the actor's own: nobody locks herself out, and nobody raises herself.
///
/// # Errors
/// [`AccountError::Unknown`], [`AccountError::Own`]; the store's own.
pub fn other_account(tx: &Tx<'_>, name: &str) -> Result<Staff, StepError> {
    if matches!(tx.actor(), Actor::Staff(own) if own == name) {
        return Err(AccountError::Own.into());
    }
    tx.staff_named(name)?.ok_or(StepError::Account(AccountError::Unknown))
}

/// Takes an invitation back.
///
/// # Errors
/// [`AccountError::InvitationOver`] when none of that number is open; the actor may not; the store's own.
pub async fn withdraw(clinic: &Deps, stamp: Stamp, id: i64) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        permit_account(tx, Act::ManageAccounts)?;
        if tx.withdraw_invitation(id)? { Ok(()) } else { Err(AccountError::InvitationOver.into()) }
    };
    clinic.store.write(stamp, job).await
}

/// The invitation of a link, if it opens something now.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn of_link(clinic: &Deps, now: Timestamp, token: &str) -> Result<Option<StaffInvitation>, StepError> {
    let found = clinic.store.read(|view| view.invitation(&digest(token)))?;
    Ok(found.filter(|one| {
        one.expires_at > now && counts(one.expires_at.saturating_sub(LASTS).unwrap_or(now), now)
    }))
}

/// The secret for the authenticator that a link shows, the same at every look: nothing of it is kept before it is used.
///
/// # Errors
/// [`AccountError::NoSecret`].
pub fn authenticator_of(key: &LinkKey, token: &str, name: &str) -> Result<Issued, AccountError> {
    let secret =
        Secret::try_from_base32(key.authenticator_seed(token)).map_err(|_| AccountError::NoSecret)?;
    secrets::issue(name, &secret)
}

/// Opens the account that a link is for, or lets its owner back in. The link opens nothing more.
///
/// # Errors
/// [`AccountError::InvitationOver`], [`AccountError::ShortPassword`] and its kin, [`AccountError::WrongCode`],
/// [`AccountError::NameTaken`]; the store's own.
pub async fn accept(
    clinic: &Deps,
    now: Timestamp,
    answer: InvitationAnswer,
    entropy: &dyn Entropy,
) -> Result<OpenedAccount, StepError> {
    let InvitationAnswer { token, password, code } = answer;
    let invitation = of_link(clinic, now, &token)?.ok_or(AccountError::InvitationOver)?;
    let name = invitation.name.clone();
    let issued = authenticator_of(&clinic.key, &token, &name)?;
    let names = (name.clone(), clinic.policy.from.0.clone());
    let hash = move || secrets::hash(&password, &[&names.0, &names.1]);
    let hashed = tokio::task::spawn_blocking(hash).await;
    let password = hashed.unwrap_or(Err(AccountError::NotHashed))?;
    let step = secrets::step_of(&issued.totp_secret, &code, now).ok_or(AccountError::WrongCode)?;
    let totp_secret = authenticator_seal::seal(&clinic.key, &name, &issued.totp_secret);
    let codes = secrets::recovery_codes(entropy);
    let digests = codes.digests;
    let stamp = Stamp { at: now, actor: Actor::Staff(name.clone()) };
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let one = tx.invitation(&digest(&token))?.ok_or(AccountError::InvitationOver)?;
        // A reset takes back every link that is open, so this one is used up before.
        tx.use_invitation(&one)?;
        match tx.staff_named(&one.name)? {
            Some(staff) if one.staff == Some(staff.id) && staff.disabled_at.is_none() => {
                tx.reset_staff(&staff, &password, &totp_secret)?;
            }
            // Whoever turned the account off did so after the link was made.
            Some(staff) if one.staff == Some(staff.id) => return Err(AccountError::InvitationOver.into()),
            Some(_) => return Err(AccountError::NameTaken.into()),
            None => {
                let email = EmailAddress::parse(&one.email).map_err(|_| StoreError::corrupt("address"))?;
                let (name, role, totp_secret) = (one.name.clone(), one.role, totp_secret.clone());
                tx.insert_staff(&NewStaff { name, email, role, password: password.clone(), totp_secret })?;
            }
        }
        let mut staff = tx.staff_named(&one.name)?.ok_or(AccountError::Unknown)?;
        staff.totp_step = step;
        tx.use_code(&staff)?;
        Ok(tx.replace_recovery_codes(&staff, &digests)?)
    };
    clinic.store.write(stamp, job).await?;
    Ok(OpenedAccount { name, recovery_codes: codes.codes })
}
