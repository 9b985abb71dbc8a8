//! Accounts and the hospital's OpenID Connect provider: an account's owner connects it with her sign-in there, and then signs in
//! through it. No account comes about by itself, and none is found by a name or an address.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::care::actor::Actor;
use crate::care::permission::Act;
use crate::journey::authorize::permit_account;
use crate::journey::deps::Deps;
use crate::journey::errors::account::AccountError;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::digest;
use crate::journey::operations::accounts::invitation::other_account;
use crate::journey::operations::accounts::{own, secrets, session_of};
use crate::ports::Entropy;
use crate::store::audit_action::AuditAction;
use crate::store::database::Store;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::store::people::staff::Session;
use crate::store::subject::Subject;

/// Somebody at a provider. Only a digest of the subject identifier goes further than this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenIdIdentity {
    /// The provider's name for itself.
    pub issuer: String,
    /// Digest of issuer and subject: it names nobody to anybody else.
    pub digest: [u8; 32],
}

impl OpenIdIdentity {
    /// Whom that issuer calls so. Both are taken letter by letter (OpenID Connect Core 1.0 section 5.7).
    #[must_use]
    pub fn new(issuer: &str, subject: &str) -> Self {
        let length = u64::try_from(issuer.len()).unwrap_or(u64::MAX).to_be_bytes();
        let hash = Sha256::new().chain_update(length).chain_update(issuer).chain_update(subject);
        Self { issuer: issuer.to_owned(), digest: hash.finalize().into() }
    }
}

/// A sign-in that the provider has vouched for.
#[derive(Debug, Clone)]
pub struct OpenIdAttempt {
    /// Whom the provider has signed in.
    pub identity: OpenIdIdentity,
    /// Where the try comes from: a network address.
    pub from: String,
    /// Which browser, in a few words.
    pub browser: String,
}

/// What became of a sign-in through the provider.
pub enum OpenIdSignIn {
    /// Welcome: the session's token (cookie) and what it may do.
    Welcome(String, Session),
    /// No account is connected with her sign-in there.
    NotConnected,
    /// Her account here is off.
    TurnedOff,
}

/// Signs in whom the provider has signed in, if an account that is on is connected with her. Every try is on record with where
/// it came from. A second factor is the provider's to ask for.
///
/// # Errors
/// [`StepError`] when the store fails.
pub async fn sign_in(
    store: &Store,
    now: Timestamp,
    attempt: OpenIdAttempt,
    entropy: &dyn Entropy,
) -> Result<OpenIdSignIn, StepError> {
    let found = store.read(|view| view.connected_staff(&attempt.identity.digest))?;
    let token = secrets::token(entropy);
    // A refused try is nobody's doing here.
    let actor = match &found {
        Some(staff) if staff.disabled_at.is_none() => Actor::Staff(staff.name.clone()),
        _ => Actor::Visitor,
    };
    let job = move |tx: &mut Tx<'_>| admit(tx, &attempt, &token);
    store.write(Stamp { at: now, actor }, job).await
}

/// Looks again inside the transaction: somebody may have turned the account off meanwhile, or disconnected it.
fn admit(tx: &mut Tx<'_>, attempt: &OpenIdAttempt, token: &str) -> Result<OpenIdSignIn, StepError> {
    let OpenIdAttempt { identity, from, browser } = attempt;
    let staff = tx.connected_staff(&identity.digest)?;
    let detail = serde_json::json!({ "from": from, "through": "OpenID Connect" });
    let name = staff.as_ref().map_or_else(|| "-".to_owned(), |staff| staff.name.clone());
    let (subject, is_known) = (Subject::Staff(name.clone()), staff.is_some());
    let is_hers = matches!(tx.actor(), Actor::Staff(own) if *own == name);
    match staff.filter(|staff| staff.disabled_at.is_none() && is_hers) {
        Some(staff) => {
            let session = session_of(tx, &staff, token)?;
            tx.describe_session(&digest(token), from, browser)?;
            tx.audit(AuditAction::StaffSignedIn, subject, &detail)?;
            tracing::info!(staff = %session.name, %from, "signed in through OpenID Connect");
            Ok(OpenIdSignIn::Welcome(token.to_owned(), session))
        }
        None => {
            tracing::warn!(%from, is_known, "a sign-in through OpenID Connect was refused");
            tx.audit(AuditAction::StaffSignInFailed, subject, &detail)?;
            Ok(if is_known { OpenIdSignIn::TurnedOff } else { OpenIdSignIn::NotConnected })
        }
    }
}

/// Connects the actor's own account with her sign-in at the provider, in place of the one before.
///
/// # Errors
/// [`AccountError::ConnectedElsewhere`]; the store's own.
pub async fn connect(clinic: &Deps, stamp: Stamp, identity: OpenIdIdentity) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let staff = own::account(tx)?;
        let OpenIdIdentity { issuer, digest } = &identity;
        tx.connect_openid(&staff, issuer, digest).map_err(|fault: StoreError| match fault.is_conflict() {
            true => StepError::Account(AccountError::ConnectedElsewhere),
            false => fault.into(),
        })
    };
    clinic.store.write(stamp, job).await
}

/// Ends the connection of the actor's own account. Her password and authenticator let her in as before.
///
/// # Errors
/// [`AccountError::NotConnected`]; the store's own.
pub async fn disconnect_own(clinic: &Deps, stamp: Stamp) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let staff = own::account(tx)?;
        if tx.disconnect_openid(&staff)? { Ok(()) } else { Err(AccountError::NotConnected.into()) }
    };
    clinic.store.write(stamp, job).await
}

/// Ends the connection of another's account.
///
/// # Errors
/// [`AccountError::Unknown`], [`AccountError::Own`], [`AccountError::NotConnected`]; the actor may not; the store's own.
pub async fn disconnect(clinic: &Deps, stamp: Stamp, name: String) -> Result<(), StepError> {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        permit_account(tx, Act::ManageAccounts)?;
        let staff = other_account(tx, &name)?;
        if tx.disconnect_openid(&staff)? { Ok(()) } else { Err(AccountError::NotConnected.into()) }
    };
    clinic.store.write(stamp, job).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_somebody_is_hangs_on_issuer_and_subject_alone_and_on_every_letter() {
        let of = |issuer, subject| OpenIdIdentity::new(issuer, subject).digest;
        let hers = of("https://id.example", "ab");
        assert_eq!(hers, of("https://id.example", "ab"));
        for (issuer, subject) in [
            ("https://id.example", "AB"),
            ("https://id.example/", "ab"),
            ("https://id.examplea", "b"),
            ("https://id.example", "ab "),
        ] {
            assert_ne!(hers, of(issuer, subject), "{issuer} {subject}");
        }
    }
}
