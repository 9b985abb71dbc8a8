//! Protocols of the clinic's own are drafted, published and signed: by a command, or from a page.

use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::protocols::draft::{self, DraftChange};
use crate::journey::protocols::publication::{self, PublicationRequest};
use crate::journey::protocols::sign_off::{self, Signatories};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::plan::drafts::{DraftId, DraftText};
use crate::store::plan::protocols::ProtocolVersionId;
use crate::store::plan::publications::PublicationId;

/// What is done about a protocol.
#[derive(Debug, Clone)]
pub enum ProtocolCommand {
    /// Gives a draft other words.
    Change(DraftChange),
    /// Throws a draft away, if it is that revision.
    Discard(DraftId, u32),
    /// Signs a publication that was asked for.
    SignPublication(PublicationId),
    /// Takes a publication back, with the reason.
    Withdraw(PublicationId, String),
    /// Signs a published version.
    Sign(ProtocolVersionId),
    /// New patients are put on it no more.
    Retire(String),
    /// Chooses who signs publications, or agrees with whoever asked that one person be enough.
    Signatories(Signatories),
}

/// Does it in one transaction, and wakes the daemon.
///
/// # Errors
/// As the step itself.
pub async fn change(clinic: &Deps, stamp: Stamp, command: ProtocolCommand) -> Result<(), StepError> {
    let steps = clinic.clone();
    let write = move |tx: &mut Tx<'_>| match &command {
        ProtocolCommand::Change(change) => draft::change(tx, change).map(drop),
        ProtocolCommand::Discard(id, seen) => draft::discard(tx, *id, *seen),
        ProtocolCommand::SignPublication(id) => publication::sign(tx, *id),
        ProtocolCommand::Withdraw(id, reason) => publication::withdraw(tx, *id, reason),
        ProtocolCommand::Sign(version) => sign_off::sign(tx, *version, &steps),
        ProtocolCommand::Retire(protocol) => publication::retire(tx, protocol),
        ProtocolCommand::Signatories(who) => sign_off::choose_signatories(tx, *who),
    };
    clinic.store.write(stamp, write).await?;
    clinic.bells.plan.notify_one();
    Ok(())
}

/// Begins a draft, as the only change of its transaction.
///
/// # Errors
/// As [`draft::begin`].
pub async fn begin(
    clinic: &Deps,
    stamp: Stamp,
    text: DraftText,
    begun_from: String,
) -> Result<DraftId, StepError> {
    clinic.store.write(stamp, move |tx: &mut Tx<'_>| draft::begin(tx, &text, &begun_from)).await
}

/// Asks for a publication.
///
/// # Errors
/// As [`publication::ask`].
pub async fn publish(
    clinic: &Deps,
    stamp: Stamp,
    ask: PublicationRequest,
) -> Result<PublicationId, StepError> {
    let steps = clinic.clone();
    let id = clinic.store.write(stamp, move |tx: &mut Tx<'_>| publication::ask(tx, &ask, &steps)).await?;
    clinic.bells.plan.notify_one();
    Ok(id)
}
