//! Who answers for a version: a doctor or lead signs it in their own name. Whether a second person must, is a lead's choice.

use crate::care::permission::Act;
use crate::journey::authorize::permit;
use crate::journey::errors::protocol::ProtocolError;
use crate::journey::errors::step::StepError;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::plan::in_force::ProtocolSignOff;
use crate::store::plan::protocols::ProtocolVersionId;
use crate::store::subject::{Singleton, Subject};

/// The fact that tells whether whoever asks for a publication may sign it too.
const ALONE: &str = "protocols.one-person";

/// Who signs what is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signatories {
    /// Somebody else than whoever asked.
    SecondPerson,
    /// Whoever asked, if a doctor or lead.
    OnePerson,
}

impl Signatories {
    /// The word in JSON and forms.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::SecondPerson => "second-person",
            Self::OnePerson => "one-person",
        }
    }
}

/// Who signs publications at this clinic; a second person unless a lead chose otherwise.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn signatories(view: &View<'_>) -> Result<Signatories, StepError> {
    Ok(match view.fact(ALONE)?.as_deref() {
        Some("yes") => Signatories::OnePerson,
        _ => Signatories::SecondPerson,
    })
}

/// Chooses who signs publications.
///
/// # Errors
/// [`StepError`] when the actor is no lead, or the store fails.
pub fn choose_signatories(tx: &mut Tx<'_>, who: Signatories) -> Result<(), StepError> {
    permit(tx, Act::ChooseSignatories)?;
    match who {
        Signatories::OnePerson => tx.set_fact(ALONE, "yes")?,
        Signatories::SecondPerson => tx.clear_fact(ALONE)?,
    }
    let detail = serde_json::json!({ "who": who.word() });
    Ok(tx.audit(AuditAction::ProtocolSignatories, Subject::The(Singleton::Protocols), &detail)?)
}

/// Signs a version that is published.
///
/// # Errors
/// [`ProtocolError::Signed`] when the account has signed it; [`StepError`] when the actor may not, or the store fails.
pub fn sign(tx: &mut Tx<'_>, version: ProtocolVersionId) -> Result<(), StepError> {
    let sign_off = signature(tx)?;
    record(tx, version, &sign_off)
}

/// The signature of the actor, now.
///
/// # Errors
/// [`StepError`] when the actor is no doctor or lead, or the store fails.
pub(in crate::journey::protocols) fn signature(tx: &Tx<'_>) -> Result<ProtocolSignOff, StepError> {
    let by = permit(tx, Act::SignProtocol)?;
    let account = tx.staff_named(&by)?.ok_or_else(|| StoreError::not_found("account"))?;
    Ok(ProtocolSignOff { by, role: account.role, at: tx.at() })
}

pub(in crate::journey::protocols) fn record(
    tx: &mut Tx<'_>,
    version: ProtocolVersionId,
    sign_off: &ProtocolSignOff,
) -> Result<(), StepError> {
    if !tx.sign_version(version, sign_off)? {
        return Err(ProtocolError::Signed.into());
    }
    let subject = tx.protocol_subject(version)?;
    let detail = serde_json::json!({ "by": sign_off.by, "role": sign_off.role.word() });
    Ok(tx.audit(AuditAction::ProtocolSigned, subject, &detail)?)
}
