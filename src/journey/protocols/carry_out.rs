//! A signed publication whose day has come is put in force, and patients are moved to it, a few in each transaction, so that
//! no page waits behind a thousand of them. It goes on where it stopped after a crash.

use std::sync::Arc;

use crate::care::plan::protocol::Protocol;
use crate::care::publication::state::PublicationEvent;
use crate::care::time::clock_trust::Trusted;
use crate::journey::deps::Deps;
use crate::journey::errors::content::ContentError;
use crate::journey::errors::people::status::StatusError;
use crate::journey::errors::step::StepError;
use crate::journey::plan::enrol::Course;
use crate::journey::plan::replan;
use crate::journey::protocols::publication::moved;
use crate::journey::protocols::sign_off;
use crate::journey::sending_policy::{day, zone};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::EnrolmentId;
use crate::store::plan::protocols::ProtocolVersionId;
use crate::store::plan::publications::{Publication, PublicationId};

/// Patients moved in one transaction.
const BATCH: u32 = 25;
/// Transactions of one look: what else is due has its turn in between.
const BATCHES: u32 = 40;

/// Puts in force what is due and moves patients. Returns how many were moved or kept where they are.
///
/// # Errors
/// [`StepError`] when the store fails; one patient who cannot be moved stays, with the reason on record.
pub async fn carry_out(clinic: &Deps, now: Trusted) -> Result<usize, StepError> {
    let today = day(now.at(), &zone(&clinic.policy.zone)?);
    let due = clinic.store.read(|view| view.publications_due(today))?;
    let mut count = 0;
    for publication in due {
        for _ in 0..BATCHES {
            let (steps, id) = (clinic.clone(), publication.id);
            let step = move |tx: &mut Tx<'_>| step(tx, id, &steps);
            match clinic.store.write::<_, StepError>(Stamp::daemon(now.at()), step).await? {
                PublicationProgress::Moved(some) => count += some,
                PublicationProgress::Over => break,
            }
        }
        if !clinic.store.read(|view| view.moves_waiting(publication.id, 1))?.is_empty() {
            clinic.bells.plan.notify_one();
        }
    }
    Ok(count)
}

enum PublicationProgress {
    Moved(usize),
    Over,
}

fn step(tx: &mut Tx<'_>, id: PublicationId, clinic: &Deps) -> Result<PublicationProgress, StepError> {
    let publication = tx.publication(id)?;
    let protocol = clinic.protocol_cache.parse(&publication.protocol, &publication.content);
    let Some(protocol) = protocol else {
        return Err(ContentError::Protocol(publication.protocol).into());
    };
    let Some(version) = publication.version else {
        put_in_force(tx, &publication, &protocol)?;
        return Ok(PublicationProgress::Moved(0));
    };
    if moved(&publication, PublicationEvent::Finish).is_err() {
        return Ok(PublicationProgress::Over);
    }
    let waiting = tx.moves_waiting(id, BATCH)?;
    if waiting.is_empty() {
        finish(tx, &publication)?;
        return Ok(PublicationProgress::Over);
    }
    let target = MoveTarget { version, protocol: Arc::new(protocol) };
    for who in &waiting {
        let kept = tx.shielded(|tx| move_one(tx, *who, &target, clinic)).or_else(|fault| match fault {
            StepError::Store(fault) if fault.is_everyones() => Err(StepError::Store(fault)),
            StepError::Status(StatusError::Deceased) => Ok(Some("she has died".to_owned())),
            fault => Ok(Some(fault.to_string())),
        })?;
        tx.end_move(id, *who, kept.as_deref())?;
    }
    Ok(PublicationProgress::Moved(waiting.len()))
}

struct MoveTarget {
    version: ProtocolVersionId,
    protocol: Arc<Protocol>,
}

fn put_in_force(tx: &mut Tx<'_>, publication: &Publication, protocol: &Protocol) -> Result<(), StepError> {
    moved(publication, PublicationEvent::Publish)?;
    let version = tx.publish_protocol(&protocol.id, &protocol.version, &publication.content)?;
    let signed = publication.signed.as_ref().ok_or_else(|| StoreError::corrupt("signature"))?;
    if !tx.sign_offs(version)?.iter().any(|known| known.by == signed.by) {
        sign_off::record(tx, version, signed)?;
    }
    tx.put_in_force(&protocol.id, version)?;
    tx.begin_moving(publication.id, version)?;
    tx.end_draft(publication.draft)?;
    let detail = serde_json::json!({ "protocol": protocol.id, "version": protocol.version });
    Ok(tx.audit(AuditAction::PublicationInForce, publication.id, &detail)?)
}

/// Moves one patient; the reason where she stays as she is.
fn move_one(
    tx: &mut Tx<'_>,
    who: EnrolmentId,
    to: &MoveTarget,
    clinic: &Deps,
) -> Result<Option<String>, StepError> {
    let old = tx.enrolment(who)?;
    if !old.is_active {
        return Ok(Some("she was on another plan by then".to_owned()));
    }
    if old.version == to.version {
        return Ok(Some("she was on this version already".to_owned()));
    }
    let course = Course { version: to.version, protocol: Arc::clone(&to.protocol), anchor_on: old.anchor_on };
    replan::apply(tx, &old, &course, clinic)?;
    Ok(None)
}

fn finish(tx: &mut Tx<'_>, publication: &Publication) -> Result<(), StepError> {
    let state = moved(publication, PublicationEvent::Finish)?;
    let progress = tx.move_progress(publication.id)?;
    tx.end_publication(publication.id, state, None)?;
    let detail = serde_json::json!({ "moved": progress.moved, "kept": progress.kept });
    Ok(tx.audit(AuditAction::PublicationDone, publication.id, &detail)?)
}
