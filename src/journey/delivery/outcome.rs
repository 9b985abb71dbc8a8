//! Records what became of a letter: its state, its promises, the tasks that follow. Fenced by the attempt number.

use jiff::Timestamp;

use crate::care::delivery::{AttemptVerdict, DeliveryEvent, DeliveryState, MOST_DOUBTS, back_off};
use crate::care::plan::protocol::OnUnknown;
use crate::care::plan::reminder::ReminderEvent;
use crate::care::refusal::classify::DialogueStage;
use crate::care::refusal::notice_line::tells_of_death;
use crate::care::refusal::receipt::Receipt;
use crate::care::task::TaskKind;
use crate::care::time::span::later;
use crate::journey::alerts::unreachable_rung;
use crate::journey::delivery::failure::server_refusal::{self, ClassifiedReport};
use crate::journey::errors::step::StepError;
use crate::journey::outbox::send_window;
use crate::journey::outbox::withdraw::{TAKEN_ON, ask, honest, lapsed, skip};
use crate::journey::patients::status::death_pause;
use crate::journey::patients::{proxy, status};
use crate::journey::sending_policy::{Policy, zone};
use crate::store::alerts::rungs::RungNews;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::mail::delivery::{Delivery, NextStep};
use crate::store::mail::outbox::DeliveryOutcome;

/// How long a letter waits before its next attempt.
#[derive(Clone, Copy)]
pub(in crate::journey) struct Backoff<'a> {
    /// Which waits the clinic set, and when a letter is given up.
    pub(in crate::journey) policy: &'a Policy,
    /// Spreads attempts that would fall on one instant; 0 to 255 of what may be added.
    pub(in crate::journey) jitter: u8,
}

impl<'a> Backoff<'a> {
    /// The policy's waits without jitter.
    pub(in crate::journey) const fn exact(policy: &'a Policy) -> Self {
        Self { policy, jitter: 0 }
    }

    /// When the attempt after the letter's current one may begin.
    fn next(self, now: Timestamp, letter: &Delivery) -> Timestamp {
        later(now, back_off(&self.policy.retry, letter.attempt + 1, self.jitter))
    }
}

/// A letter's change of state: the event, and where it leaves the letter.
struct Transition {
    event: DeliveryEvent,
    next: NextStep,
}

impl Transition {
    /// Deferred until that instant.
    const fn retry_at(at: Timestamp) -> Self {
        Self { event: DeliveryEvent::Defer, next: NextStep::Again(at) }
    }

    const fn end(event: DeliveryEvent, reason: String) -> Self {
        Self { event, next: NextStep::Ended(reason) }
    }
}

/// The report of a letter that cannot be written.
pub(in crate::journey::delivery) fn unwritable(reason: &str) -> Receipt {
    Receipt::unsaid(AttemptVerdict::Refused, format!("the letter cannot be written: {reason}"))
}

/// Records one attempt's report. A report that comes after the letter was given up changes nothing but the attempt.
pub(in crate::journey) fn record(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    report: &Receipt,
    retry: Backoff<'_>,
) -> Result<DeliveryState, StepError> {
    let classified = server_refusal::classify(tx, letter, report)?;
    let end = weigh(tx, letter, classified, retry)?;
    conclude(tx, letter, classified, end)
}

/// As [`record`], while the clock is in doubt: nobody can say whether waiting is of use, so the letter does not lapse. The
/// instant is reckoned anew when the doubt is over.
pub(in crate::journey) fn record_in_doubt(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    report: &Receipt,
    retry: Backoff<'_>,
) -> Result<DeliveryState, StepError> {
    let classified = server_refusal::classify(tx, letter, report)?;
    let end = match weigh(tx, letter, classified, retry)? {
        Transition { event: DeliveryEvent::Lapse, .. } => Transition::retry_at(retry.next(tx.at(), letter)),
        end => end,
    };
    conclude(tx, letter, classified, end)
}

/// What a report, and what lies behind it, makes of a letter.
fn weigh(
    tx: &Tx<'_>,
    letter: &Delivery,
    classified: ClassifiedReport<'_>,
    retry: Backoff<'_>,
) -> Result<Transition, StepError> {
    match classified.cause {
        Some(_) => wait_for_server(tx, letter, classified.report, retry),
        None => judge(tx, letter, classified.report, retry),
    }
}

/// What the audit says of a letter that a report has moved there.
const fn action(state: DeliveryState) -> AuditAction {
    match state {
        DeliveryState::Pending => AuditAction::DeliveryDeferred,
        DeliveryState::Claimed => AuditAction::DeliveryClaimed,
        DeliveryState::Sent => AuditAction::DeliverySent,
        DeliveryState::Skipped => AuditAction::DeliverySkipped,
        DeliveryState::Lapsed => AuditAction::DeliveryLapsed,
        DeliveryState::Failed => AuditAction::DeliveryFailed,
        DeliveryState::Unknown => AuditAction::DeliveryUnknown,
    }
}

fn conclude(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    classified: ClassifiedReport<'_>,
    Transition { event, next }: Transition,
) -> Result<DeliveryState, StepError> {
    let report = classified.report;
    tx.note_attempt(letter.id, letter.attempt, report)?;
    if !tx.settle(letter, DeliveryOutcome { event, report: Some(report) }, &next)? {
        tx.audit(
            AuditAction::DeliveryLateReport,
            letter.id,
            &serde_json::json!({ "attempt": letter.attempt }),
        )?;
        return Ok(tx.delivery(letter.id)?.state);
    }
    server_refusal::note(tx, letter, classified)?;
    let state = letter.state.after(event).unwrap_or(letter.state);
    let detail = serde_json::json!({ "attempt": letter.attempt, "code": report.code });
    tx.audit(action(state), letter.id, &detail)?;
    match state {
        DeliveryState::Sent => sent(tx, letter)?,
        DeliveryState::Failed => failed(tx, letter, report)?,
        DeliveryState::Lapsed => lapsed(tx, letter, next.reason())?,
        DeliveryState::Unknown => doubted(tx, letter, report)?,
        DeliveryState::Skipped => {
            tx.move_reminders(letter.id, ReminderEvent::Cancel, stopped(tx, letter)?)?
        }
        DeliveryState::Pending | DeliveryState::Claimed => {}
    }
    Ok(state)
}

fn judge(
    tx: &Tx<'_>,
    letter: &Delivery,
    report: &Receipt,
    retry: Backoff<'_>,
) -> Result<Transition, StepError> {
    let reply = report.reply.clone();
    let waits = matches!(
        report.verdict,
        AttemptVerdict::Later | AttemptVerdict::Unreached | AttemptVerdict::Overloaded
    );
    if waits && let Some(reason) = stopped(tx, letter)? {
        return Ok(Transition::end(DeliveryEvent::Skip, reason.to_owned()));
    }
    Ok(match report.verdict {
        AttemptVerdict::Accepted => Transition::end(DeliveryEvent::Accept, String::new()),
        AttemptVerdict::Unknown => Transition::end(DeliveryEvent::Doubt, reply),
        AttemptVerdict::Refused | AttemptVerdict::BadAddress => {
            Transition::end(DeliveryEvent::Refuse, honest(letter, reply))
        }
        AttemptVerdict::RefusesUs(_) => return wait_for_server(tx, letter, report, retry),
        AttemptVerdict::Later | AttemptVerdict::Unreached | AttemptVerdict::Overloaded => {
            match next_attempt(tx, letter, report, retry)? {
                Some(at) => Transition::retry_at(at),
                None => {
                    let why = honest(letter, format!("no use after further waiting: {reply}"));
                    Transition::end(DeliveryEvent::Lapse, why)
                }
            }
        }
    })
}

/// The server refuses us: a patient's letter goes back as it came, and no clock runs but that of its use. One to staff is tried
/// again in its own rhythm.
fn wait_for_server(
    tx: &Tx<'_>,
    letter: &Delivery,
    report: &Receipt,
    retry: Backoff<'_>,
) -> Result<Transition, StepError> {
    if let Some(reason) = stopped(tx, letter)? {
        return Ok(Transition::end(DeliveryEvent::Skip, reason.to_owned()));
    }
    let at = match letter.is_to_patient() {
        true => (tx.at() < letter.expires_at).then_some(tx.at()),
        false => next_attempt(tx, letter, report, retry)?,
    };
    let over = || format!("its use was over while the mail server refused us: {}", report.reply);
    Ok(at.map_or_else(|| Transition::end(DeliveryEvent::Lapse, over()), Transition::retry_at))
}

/// Why it must not leave any more, if so: it must not go back to the outbox.
pub(in crate::journey) fn stopped(tx: &Tx<'_>, letter: &Delivery) -> Result<Option<&'static str>, StepError> {
    if !tx.is_wanted(letter.id)? {
        return Ok(Some(TAKEN_ON));
    }
    let Some(id) = letter.patient else { return Ok(None) };
    let patient = tx.patient(id)?;
    Ok((!send_window::lets_through(tx, &patient, letter.id)?).then(|| patient.status.word()))
}

/// When to try next: after a back-off, in an open hour of the reader, while it is of use. It is given up only for reasons of
/// its own or of its reader's, counted from the first of them (P14).
fn next_attempt(
    tx: &Tx<'_>,
    letter: &Delivery,
    report: &Receipt,
    retry: Backoff<'_>,
) -> Result<Option<Timestamp>, StepError> {
    let policy = retry.policy;
    let mut at = retry.next(tx.at(), letter);
    let Some(patient) = letter.patient else {
        // Staff letters know no quiet hours.
        return Ok((at < letter.expires_at).then_some(at));
    };
    if !send_window::knows_no_hours(tx, letter)? {
        at = policy.hours.next_open(at, &zone(&tx.patient(patient)?.zone)?);
    }
    let is_hers = report.verdict == AttemptVerdict::Later;
    let since = if is_hers { tx.first_put_off(letter.id)?.unwrap_or(tx.at()) } else { tx.at() };
    let given_up = later(since, policy.give_up_after);
    Ok((at < letter.expires_at && (!is_hers || at < given_up)).then_some(at))
}

/// Nobody knows whether it arrived. It goes again once, unless its protocol says hold; after that a person is asked, and
/// it never goes round (P17).
fn doubted(tx: &mut Tx<'_>, letter: &Delivery, report: &Receipt) -> Result<(), StepError> {
    let goes_again = letter.on_unknown == OnUnknown::Resend && letter.doubts + 1 < MOST_DOUBTS;
    if goes_again {
        return Ok(());
    }
    ask(tx, letter, TaskKind::LetterUnknown, &report.reply)
}

fn sent(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    unreachable_rung::rung_taken(tx, letter)?;
    Ok(tx.move_reminders(letter.id, ReminderEvent::Accept, None)?)
}

/// Its promises did not reach her and a person is asked, about the address where that is bad.
pub(in crate::journey) fn failed(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    report: &Receipt,
) -> Result<(), StepError> {
    let reply = honest(letter, report.reply.clone());
    tx.move_reminders(letter.id, ReminderEvent::Refuse, Some(&reply))?;
    let learned = if letter.state == DeliveryState::Sent { RungNews::Notice } else { RungNews::Reply };
    if unreachable_rung::rung_refused(tx, letter, &report.reply, learned)? {
        return Ok(());
    }
    // Letters wait for that first, so that no dead address takes its place, which a new one would end.
    if report.at == Some(DialogueStage::Recipient) && tells_of_death(&report.reply) {
        death_pause::of_owner(tx, letter)?;
    }
    if report.verdict == AttemptVerdict::BadAddress && dead_end(tx, letter)? {
        return Ok(());
    }
    ask(tx, letter, TaskKind::LetterFailed, &reply)
}

/// Stops everyone behind the address a letter went to, if it is still hers; says whether it is.
pub(in crate::journey) fn dead_end(tx: &mut Tx<'_>, letter: &Delivery) -> Result<bool, StepError> {
    let Some(id) = letter.patient.filter(|_| letter.is_to_patient()) else { return Ok(false) };
    let patient = tx.patient(tx.record_that_stays(id)?)?;
    // The address may have been changed since this letter was sealed: then only the letter failed.
    let is_hers = patient.letters_to().map(|e| e.expose()) == letter.recipient.as_deref();
    match &patient.proxy {
        Some(proxy) if is_hers => proxy::address_refused(tx, &proxy.email)?,
        _ if is_hers => status::address_lost::refused(tx, &patient)?,
        _ => {}
    }
    Ok(is_hers)
}

/// Gives a claimed letter back untouched: no connection could be had, and enough others say so already.
pub(in crate::journey) fn return_claim(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    if let Some(reason) = stopped(tx, letter)? {
        return skip(tx, letter, reason);
    }
    if tx.settle(letter, DeliveryEvent::Defer, &NextStep::Again(tx.at()))? {
        tx.audit(AuditAction::DeliveryReturned, letter.id, &serde_json::json!({}))?;
    }
    Ok(())
}
