//! What a stop ended is promised again when the stop ends: a pause set in error, an address that was missing or dead, an opt-out
//! taken back. What is still of use goes out; of what is not, or may have arrived, a task tells.

use jiff::{SignedDuration, Timestamp};

use crate::care::patient::{PatientId, PatientStatus};
use crate::care::plan::follow_up::FollowUpState;
use crate::care::plan::protocol::Trigger;
use crate::care::plan::reminder::ReminderState;
use crate::care::task::TaskKind as Task;
use crate::care::time::span::earlier;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::fact_names::CLOSING;
use crate::journey::outbox::opt_out_reasons::{self, NO_ADDRESS};
use crate::journey::sending_policy::in_days;
use crate::store::db::transaction::Tx;
use crate::store::people::preferences::LetterKind;
use crate::store::plan::follow_ups::FollowUp;
use crate::store::plan::suspended::Ended;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// A stop that lasted no longer is forgotten: what she was promised before it is promised still.
const SHORT: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Steps that no series has: news of a date.
const NEWS: [&str; 3] = ["booked", "changed", "cancelled"];

/// What kept letters from her and is over now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey) enum StopReason {
    /// The status she has left, in which no letter may go to her.
    Status(PatientStatus),
    /// There was no address.
    NoAddress,
    /// She did not want letters of that kind.
    Declined(LetterKind),
}

impl StopReason {
    /// Whether it was this that ended a promise.
    fn has_ended(self, ended: &Ended) -> bool {
        match self {
            // A letter that the server refused never reached her either.
            Self::Status(PatientStatus::AddressBad) if ended.state == ReminderState::Undeliverable => true,
            // One stop may have followed another; she is written to again after all of them.
            Self::Status(_) => {
                PatientStatus::ALL.iter().any(|s| !s.may_receive() && s.word() == ended.reason)
            }
            Self::NoAddress => ended.reason == NO_ADDRESS,
            Self::Declined(kind) => ended.reason == opt_out_reasons::reason(kind),
        }
    }
}

/// Whether a status that began at `since` was a short stop.
pub(in crate::journey) fn is_short(since: Timestamp, now: Timestamp) -> bool {
    now.duration_since(since) <= SHORT
}

/// From when on the steps of a follow-up count again after a short stop.
pub(in crate::journey) fn promised_from(follow_up: &FollowUp, now: Timestamp) -> Timestamp {
    follow_up.promised_from.max(earlier(now, SHORT)).min(now)
}

/// Promises again what the stop ended, and asks a person about the rest.
pub(in crate::journey) fn is_over(
    tx: &mut Tx<'_>,
    patient: PatientId,
    stop: StopReason,
) -> Result<(), StepError> {
    let mut lost = Vec::new();
    for ended in tx.promises_ended(patient)?.into_iter().filter(|ended| stop.has_ended(ended)) {
        let name = ended.step.split('.').next().unwrap_or_default();
        let is_laid = name == ended.step && !NEWS.contains(&name) && name != CLOSING;
        if is_laid && !ended.may_have_arrived && ended.expires_at > tx.at() {
            // Where a letter goes again as it is, it asks already: two would say "we wrote to you" in one.
            let all = tx.reminders_of_follow_up(ended.follow_up)?;
            if !all.iter().any(|other| other.state == ReminderState::Due) {
                tx.lay_again(&ended)?;
            }
        } else if is_laid || ended.expires_at > tx.at() {
            lost.push(ended);
        }
    }
    match lost.first() {
        Some(first) => tell(tx, patient, first, lost.len()),
        None => Ok(()),
    }
}

/// After a long stop what passed in it was not promised, so that no burst of old letters follows. A date that nobody has booked is owed
/// all the same: of the letters that would have asked her to book it the last is promised again, while it is of use.
pub(in crate::journey) fn asks_to_book(
    tx: &mut Tx<'_>,
    patient: PatientId,
    stop: StopReason,
) -> Result<(), StepError> {
    let mut ended = tx.promises_ended(patient)?;
    ended.retain(|one| stop.has_ended(one) && one.expires_at > tx.at() && !one.may_have_arrived);
    for follow_up in tx.follow_ups_of(patient)? {
        if follow_up.state != FollowUpState::Planned || !follow_up.kind.is_bookable() {
            continue;
        }
        let laid = tx.reminders_of_follow_up(follow_up.id)?;
        let asks = |id| laid.iter().any(|one| one.id == id && one.key.0 == Trigger::Remind);
        if let Some(last) = ended.iter().rfind(|one| one.follow_up == follow_up.id && asks(one.id)) {
            tx.lay_again(last)?;
        }
    }
    Ok(())
}

fn tell(tx: &mut Tx<'_>, patient: PatientId, first: &Ended, count: usize) -> Result<(), StepError> {
    let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
    tx.open_task(&NewTask {
        kind: Task::LetterLapsed,
        cause: Subject::from(patient).part("stopped"),
        patient: Some(patient),
        follow_up: Some(first.follow_up),
        reason: format!(
            "Stopped letters are of no use any more or may have arrived: `{}` of {}{more}.",
            first.step, first.send_on
        ),
        due_at: in_days(tx.at(), 1),
    })?;
    Ok(())
}
