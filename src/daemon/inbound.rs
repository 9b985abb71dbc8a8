//! Takes in all that one message holds: the same for the mailbox that the daemon reads and for `aftercare bounce`.

use crate::care::inbound::Content;
use crate::journey::delivery::failure::bounce::BounceOutcome;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::patients::inbound::{InboundOutcome, take_in};
use crate::mail::inbound::read;
use crate::store::db::transaction::Stamp;

/// Whether all that a message holds was taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InboundEnd {
    /// All of it is on record.
    All,
    /// A notice waits for its letter, which is still being sent: the message is to be given again.
    Early,
}

/// What became of one of the messages that lay in one.
pub struct InboundResult {
    /// The status that a mail server's report gives.
    pub status: Option<String>,
    /// What taking it in came to.
    pub outcome: InboundOutcome,
}

/// Takes in each of them, and tells of each what became of it.
///
/// # Errors
/// [`StepError`] when the store fails: whatever is not told yet is to be given again.
pub fn all(
    clinic: &Deps,
    stamp: &Stamp,
    raw: &[u8],
    mut tell: impl FnMut(InboundResult),
) -> Result<InboundEnd, StepError> {
    let mut end = InboundEnd::All;
    for one in read::read(raw) {
        let status = if let Content::Report(report) = &one.content { report.status.clone() } else { None };
        let outcome = take_in(clinic, stamp.clone(), one)?;
        if matches!(outcome, InboundOutcome::Letter(BounceOutcome::Early(_))) {
            end = InboundEnd::Early;
        }
        tell(InboundResult { status, outcome });
    }
    Ok(end)
}
