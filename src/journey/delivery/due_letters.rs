//! Which letters a batch may take in hand.

use crate::care::time::clock_trust::ClockTrust;
use crate::journey::delivery::post::Recipients;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::guards::volume::{self, VolumeLimit};
use crate::store::db::transaction::Tx;
use crate::store::mail::delivery::Purpose;
use crate::store::mail::mail_refusal::MailRefusal;
use crate::store::mail::outbox::FoundDue;

/// How many letters a batch may take in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey::delivery) struct BatchLimit {
    /// As many as workers would take: so many to staff.
    pub(in crate::journey::delivery) workers: usize,
    /// As many as the limit a minute, and a server that asked for a rest, let leave to patients.
    pub(in crate::journey::delivery) patients: usize,
}

/// What a batch is asked for.
#[derive(Clone, Copy)]
pub(in crate::journey::delivery) struct BatchRequest {
    /// Whose letters it may take in hand.
    pub(in crate::journey::delivery) readers: Recipients,
    /// How many of them it may take in hand.
    pub(in crate::journey::delivery) limit: BatchLimit,
    /// Whether the clock may be believed: while it is in doubt only letters to staff are taken, and none lapses.
    pub(in crate::journey::delivery) clock: ClockTrust,
}

/// Letters that may be taken in hand, most urgent purpose first.
#[derive(Default)]
pub(in crate::journey::delivery) struct DueLetters {
    pub(in crate::journey::delivery) due: Vec<FoundDue>,
    /// Whether others to patients are due that the limit a minute does not let leave yet.
    pub(in crate::journey::delivery) left_behind: bool,
}

/// Letters that may be taken in hand while the server takes letters.
pub(in crate::journey::delivery) fn due(
    tx: &mut Tx<'_>,
    clinic: &Deps,
    BatchRequest { readers, limit, clock }: BatchRequest,
) -> Result<DueLetters, StepError> {
    let readers = match (is_held(tx, clock)?, readers) {
        _ if limit.workers == 0 => return Ok(DueLetters::default()),
        (true, Recipients::Patients) => return Ok(DueLetters::default()),
        (true, Recipients::Everyone | Recipients::Staff) => Recipients::Staff,
        (false, readers) => readers,
    };
    let volume = match readers {
        Recipients::Staff => VolumeLimit::Open,
        Recipients::Everyone | Recipients::Patients => volume::limit(tx, &clinic.policy)?,
    };
    let find = |purposes: &[Purpose], limit| tx.letters_due(purposes, tx.at(), limit);
    let is_free = volume == VolumeLimit::Open && limit.patients >= limit.workers;
    if readers == Recipients::Staff || is_free {
        return Ok(DueLetters { due: find(readers.purposes(), limit.workers)?, left_behind: false });
    }
    let staff = if readers == Recipients::Everyone { limit.workers } else { 0 };
    let mut due = find(Recipients::Staff.purposes(), staff)?;
    let allowed = limit.patients.min(limit.workers - due.len());
    match volume {
        VolumeLimit::Open => {
            let patients = find(Recipients::Patients.purposes(), allowed + 1)?;
            let left_behind = patients.len() > allowed;
            due.extend(patients.into_iter().take(allowed));
            Ok(DueLetters { due, left_behind })
        }
        VolumeLimit::Sample(left) => {
            let news = find(&[Purpose::Notice], allowed)?;
            let sample = usize::try_from(left).unwrap_or(usize::MAX).min(allowed - news.len());
            due.extend(news);
            due.extend(find(&[Purpose::Reminders], sample)?);
            Ok(DueLetters { due, left_behind: false })
        }
    }
}

/// While the server refuses us: all letters to staff, and one to a patient when it is time to ask again, the one tried
/// least often, so that each asks in its turn.
pub(in crate::journey::delivery) fn due_while_refused(
    tx: &Tx<'_>,
    BatchRequest { readers, limit, clock }: BatchRequest,
    standing: &MailRefusal,
) -> Result<DueLetters, StepError> {
    let mut due = match readers {
        Recipients::Patients => Vec::new(),
        Recipients::Everyone | Recipients::Staff => {
            tx.letters_due(Recipients::Staff.purposes(), tx.at(), limit.workers)?
        }
    };
    let asks = readers != Recipients::Staff && limit.patients > 0 && limit.workers > due.len();
    if asks && standing.probe_at <= tx.at() && !is_held(tx, clock)? {
        due.extend(tx.letter_least_tried(tx.at())?);
    }
    Ok(DueLetters { due, left_behind: false })
}

/// Whether letters to patients wait for the clock or for a person; letters to staff never do.
fn is_held(tx: &Tx<'_>, clock: ClockTrust) -> Result<bool, StepError> {
    Ok(clock.sure().is_none() || tx.is_held()?)
}
