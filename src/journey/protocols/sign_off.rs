//! Who answers for a version: a doctor or lead signs it in their own name. A second person must, until two people have agreed
//! that one is enough.

use crate::care::permission::Act;
use crate::journey::authorize::{permit, permit_account};
use crate::journey::deps::Deps;
use crate::journey::errors::protocol::ProtocolError;
use crate::journey::errors::step::StepError;
use crate::journey::protocols::in_force::in_force;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::error::StoreError;
use crate::store::plan::in_force::ProtocolSignOff;
use crate::store::plan::protocols::ProtocolVersionId;
use crate::store::subject::{Singleton, Subject};

/// The fact that tells whether whoever asks for a publication may sign it too.
const ALONE: &str = "protocols.one-person";

/// The fact that tells who asked for that: an actor's word. It is gone once somebody else has agreed or declined.
const ASKED: &str = "protocols.one-person-asked";

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

/// Who asked that one person be enough, an actor's word, while nobody else has agreed.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn one_person_asked_by(view: &View<'_>) -> Result<Option<String>, StepError> {
    Ok(view.fact(ASKED)?)
}

/// Chooses who signs publications. A second person is asked for from now on at one word; that one person be enough is asked
/// for by a lead, and counts once another doctor or lead, or whoever holds the machine, agrees.
///
/// # Errors
/// [`ProtocolError::AskedAlready`] when whoever asked asks again; [`StepError`] when the actor may not, or the store fails.
pub fn choose_signatories(tx: &mut Tx<'_>, who: Signatories) -> Result<(), StepError> {
    let (now, asked) = (signatories(tx)?, one_person_asked_by(tx)?);
    let is_agreed = match (who, asked) {
        (Signatories::OnePerson, _) if now == who => return permit(tx, Act::ChooseSignatories).map(drop),
        (Signatories::OnePerson, None) => {
            permit(tx, Act::ChooseSignatories)?;
            tx.set_fact(ASKED, &tx.actor().word())?;
            false
        }
        (Signatories::OnePerson, Some(by)) if by == tx.actor().word() => {
            return Err(ProtocolError::AskedAlready.into());
        }
        (Signatories::OnePerson, Some(_)) => {
            permit_account(tx, Act::SignProtocol)?;
            tx.set_fact(ALONE, "yes")?;
            tx.clear_fact(ASKED)?;
            true
        }
        // Whoever may agree may decline; what counts is ended by whoever may choose.
        (Signatories::SecondPerson, asked) => {
            permit(tx, if asked.is_some() { Act::SignProtocol } else { Act::ChooseSignatories })?;
            tx.clear_fact(ALONE)?;
            tx.clear_fact(ASKED)?;
            true
        }
    };
    let detail = serde_json::json!({ "who": who.word(), "counts": is_agreed });
    Ok(tx.audit(AuditAction::ProtocolSignatories, Subject::The(Singleton::Protocols), &detail)?)
}

/// Signs a version that new patients are put on.
///
/// # Errors
/// [`ProtocolError::NotInForce`] when it is given to nobody new any more; [`ProtocolError::Signed`] when the account has signed
/// it; [`StepError`] when the actor may not, or the store fails.
pub fn sign(tx: &mut Tx<'_>, version: ProtocolVersionId, clinic: &Deps) -> Result<(), StepError> {
    let sign_off = signature(tx)?;
    if in_force(tx, clinic)?.values().all(|one| one.version != version) {
        return Err(ProtocolError::NotInForce.into());
    }
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
