//! A draft on its way to the patients: asked for, signed by a second person, taken back. What is published is the text as it
//! was asked for; putting it in force and moving patients is [`crate::journey::protocols::carry_out`].

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::care::actor::Actor;
use crate::care::permission::Act;
use crate::care::publication::state::{PublicationEvent, PublicationState};
use crate::journey::authorize::{permit, permit_or_operator};
use crate::journey::deps::Deps;
use crate::journey::errors::protocol::ProtocolError;
use crate::journey::errors::step::StepError;
use crate::journey::file_protocols::ProtocolOrigin;
use crate::journey::protocols::draft::at_hand;
use crate::journey::protocols::in_force::in_force;
use crate::journey::protocols::sign_off::{Signatories, signatories, signature};
use crate::journey::sending_policy::{day, zone};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::plan::drafts::DraftId;
use crate::store::plan::enrolments::EnrolledPatient;
use crate::store::plan::publications::{NewPublication, Publication, PublicationId};

/// Whom a publication moves to the new version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoveChoice {
    /// Nobody: it is for new patients.
    Nobody,
    /// Everybody on the protocol.
    Everybody,
    /// These, by case code.
    Only(BTreeSet<String>),
}

/// What somebody wants published.
#[derive(Debug, Clone)]
pub struct PublicationRequest {
    /// The draft whose text is published.
    pub draft: DraftId,
    /// The revision whose effect was looked at.
    pub seen: u32,
    /// Who is moved to it.
    pub moves: MoveChoice,
    /// The day it waits for; `None` is at once.
    pub publish_on: Option<Date>,
}

/// Asks for a publication. Where one person is enough, and the actor is a doctor or lead, it is signed at once.
///
/// # Errors
/// [`ProtocolError`]: the draft changed, is faulty or says nothing new, its name is the operator's, a case code is
/// unknown, the day is over; [`StepError`] when the actor may not, or the store fails.
pub fn ask(tx: &mut Tx<'_>, ask: &PublicationRequest, clinic: &Deps) -> Result<PublicationId, StepError> {
    permit_or_operator(tx, Act::EditProtocol)?;
    let draft = tx.draft(ask.draft)?;
    at_hand(tx, &draft, ask.seen)?;
    let text = &draft.text;
    let protocol = clinic.protocol_cache.parse(&text.protocol, &text.content);
    let protocol = protocol.filter(|read| read.id == text.protocol).ok_or(ProtocolError::Faulty)?;
    if let Some(now) = in_force(tx, clinic)?.get(&protocol.id) {
        if now.origin == ProtocolOrigin::Operator {
            return Err(ProtocolError::Operators(protocol.id).into());
        }
        if now.protocol.version == protocol.version {
            return Err(ProtocolError::Same.into());
        }
    }
    let today = day(tx.at(), &zone(&clinic.policy.zone)?);
    if ask.publish_on.is_some_and(|on| on < today) {
        return Err(ProtocolError::PastDay.into());
    }
    let new = NewPublication {
        draft: draft.id,
        protocol: &protocol.id,
        content: &text.content,
        publish_on: ask.publish_on,
    };
    let id = tx.insert_publication(&new)?;
    let whom = whom(tx.enrolled_on(&protocol.id)?, &ask.moves)?;
    for her in &whom {
        tx.insert_move(id, her.enrolment.id)?;
    }
    let detail = serde_json::json!({ "protocol": protocol.id, "draft": draft.id.0, "revision": draft.revision,
        "version": protocol.version, "moves": whom.len(), "on": ask.publish_on.map(|on| on.to_string()) });
    tx.audit(AuditAction::PublicationAsked, id, &detail)?;
    if signatories(tx)? == Signatories::OnePerson
        && let Ok(by) = signature(tx)
    {
        tx.sign_publication(id, &by)?;
        tx.audit(
            AuditAction::PublicationSigned,
            id,
            &serde_json::json!({ "by": by.by, "role": by.role.word() }),
        )?;
    }
    Ok(id)
}

/// Who of those on the protocol moves by that choice.
///
/// # Errors
/// [`ProtocolError::NotOnIt`]: one of those named is not on the protocol.
pub fn whom(
    enrolled: Vec<EnrolledPatient>,
    choice: &MoveChoice,
) -> Result<Vec<EnrolledPatient>, ProtocolError> {
    match choice {
        MoveChoice::Nobody => Ok(Vec::new()),
        MoveChoice::Everybody => Ok(enrolled),
        MoveChoice::Only(codes) => {
            let known: BTreeSet<&str> = enrolled.iter().map(|her| her.reference.as_str()).collect();
            if let Some(code) = codes.iter().find(|code| !known.contains(code.as_str())) {
                return Err(ProtocolError::NotOnIt(code.clone()));
            }
            Ok(enrolled.into_iter().filter(|her| codes.contains(&her.reference)).collect())
        }
    }
}

/// Signs a publication: a doctor or lead, who is not whoever asked for it unless one person is enough.
///
/// # Errors
/// [`ProtocolError::SecondPerson`], [`ProtocolError::StandsAt`]; [`StepError`] when the actor may not, or the store fails.
pub fn sign(tx: &mut Tx<'_>, id: PublicationId) -> Result<(), StepError> {
    let by = signature(tx)?;
    let publication = tx.publication(id)?;
    moved(&publication, PublicationEvent::Sign)?;
    let asked_self = publication.asked_by == Actor::Staff(by.by.clone()).word();
    if asked_self && signatories(tx)? == Signatories::SecondPerson {
        return Err(ProtocolError::SecondPerson.into());
    }
    tx.sign_publication(id, &by)?;
    Ok(tx.audit(
        AuditAction::PublicationSigned,
        id,
        &serde_json::json!({ "by": by.by, "role": by.role.word() }),
    )?)
}

/// Takes a publication back, or declines it, as long as it is not in force.
///
/// # Errors
/// [`ProtocolError::StandsAt`]; [`StepError`] when the actor may not, or the store fails.
pub fn withdraw(tx: &mut Tx<'_>, id: PublicationId, reason: &str) -> Result<(), StepError> {
    if permit(tx, Act::SignProtocol).is_err() {
        permit_or_operator(tx, Act::EditProtocol)?;
    }
    let publication = tx.publication(id)?;
    let state = moved(&publication, PublicationEvent::Withdraw)?;
    tx.end_publication(id, state, Some(reason))?;
    Ok(tx.audit(
        AuditAction::PublicationWithdrawn,
        id,
        &serde_json::json!({ "protocol": publication.protocol }),
    )?)
}

/// Where a publication stands after that.
pub(in crate::journey::protocols) fn moved(
    publication: &Publication,
    event: PublicationEvent,
) -> Result<PublicationState, ProtocolError> {
    publication.state.after(event).ok_or(ProtocolError::StandsAt(publication.state.says()))
}

/// New patients are put on one of the clinic's own protocols no more; those on it stay.
///
/// # Errors
/// [`ProtocolError::NotOwn`]; [`StepError`] when the actor may not, or the store fails.
pub fn retire(tx: &mut Tx<'_>, protocol: &str) -> Result<(), StepError> {
    permit_or_operator(tx, Act::EditProtocol)?;
    let version = tx.own_in_force()?.get(protocol).copied().flatten();
    let version = version.ok_or_else(|| ProtocolError::NotOwn(protocol.to_owned()))?;
    tx.take_out_of_force(protocol)?;
    let subject = tx.protocol_subject(version)?;
    Ok(tx.audit(AuditAction::ProtocolRetired, subject, &serde_json::json!({}))?)
}
