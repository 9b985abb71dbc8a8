//! A draft is begun, changed, thrown away. Two who write at once are told of each other: nobody's words are lost.

use crate::care::actor::Actor;
use crate::care::permission::Act;
use crate::journey::authorize::permit_or_operator;
use crate::journey::errors::protocol::ProtocolError;
use crate::journey::errors::step::StepError;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::plan::drafts::{DraftId, DraftText, ProtocolDraft};

/// What changes of a draft.
#[derive(Debug, Clone)]
pub struct DraftChange {
    /// The draft that is changed.
    pub id: DraftId,
    /// What it says from now on.
    pub text: DraftText,
    /// The revision that the writer saw.
    pub seen: u32,
}

/// Begins a draft with that text; `begun_from` says what it was made from.
///
/// # Errors
/// [`StepError`] when the actor may not, or the store fails.
pub fn begin(tx: &mut Tx<'_>, text: &DraftText, begun_from: &str) -> Result<DraftId, StepError> {
    permit_or_operator(tx, Act::EditProtocol)?;
    let id = tx.insert_draft(text, begun_from)?;
    let detail = serde_json::json!({ "protocol": text.protocol, "from": begun_from });
    tx.audit(AuditAction::ProtocolDraftBegun, id, &detail)?;
    Ok(id)
}

/// Gives a draft other words. Returns its new revision.
///
/// # Errors
/// [`ProtocolError::Changed`] when a colleague saved it meanwhile, [`ProtocolError::Ended`],
/// [`ProtocolError::UnderWay`]; the store's own.
pub fn change(tx: &mut Tx<'_>, change: &DraftChange) -> Result<u32, StepError> {
    permit_or_operator(tx, Act::EditProtocol)?;
    let draft = tx.draft(change.id)?;
    at_hand(tx, &draft, change.seen)?;
    if draft.text == change.text {
        return Ok(draft.revision);
    }
    if !tx.change_draft(change.id, &change.text, change.seen)? {
        return Err(ProtocolError::Ended.into());
    }
    let revision = draft.revision + 1;
    let detail = serde_json::json!({ "protocol": change.text.protocol, "revision": revision });
    tx.audit(AuditAction::ProtocolDraftChanged, change.id, &detail)?;
    Ok(revision)
}

/// Throws a draft away.
///
/// # Errors
/// As [`change`].
pub fn discard(tx: &mut Tx<'_>, id: DraftId, seen: u32) -> Result<(), StepError> {
    permit_or_operator(tx, Act::EditProtocol)?;
    let draft = tx.draft(id)?;
    at_hand(tx, &draft, seen)?;
    tx.end_draft(id)?;
    let detail = serde_json::json!({ "protocol": draft.text.protocol, "revision": draft.revision });
    Ok(tx.audit(AuditAction::ProtocolDraftDiscarded, id, &detail)?)
}

/// Whether the draft is open, not being published, and as its reader saw it.
pub(in crate::journey::protocols) fn at_hand(
    view: &View<'_>,
    draft: &ProtocolDraft,
    seen: u32,
) -> Result<(), ProtocolError> {
    if !draft.is_open {
        return Err(ProtocolError::Ended);
    }
    if view.publication_of(draft.id).is_ok_and(|under_way| under_way.is_some()) {
        return Err(ProtocolError::UnderWay);
    }
    if draft.revision != seen {
        let by = Actor::parse(&draft.changed_by).map_or_else(String::new, |by| by.name().to_owned());
        return Err(ProtocolError::Changed(by));
    }
    Ok(())
}
