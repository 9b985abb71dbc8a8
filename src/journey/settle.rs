//! Records what became of a letter: its state, its promises, the tasks that follow. Fenced by the attempt number.

use std::time::Duration;

use jiff::Timestamp;

use super::policy::{Policy, later, zone};
use super::{StepError, alert, gate, status};
use crate::care::delivery::{Event, State, Verdict, back_off};
use crate::care::patient::Status;
use crate::care::protocol::OnUnknown;
use crate::care::reminder::Event as Promise;
use crate::care::task::Kind;
use crate::store::Tx;
use crate::store::outbox::{Delivery, Fate, Report};
use crate::store::rungs::Learned;
use crate::store::tasks::NewTask;

/// Why a letter of an alert ends that nobody need be told of any more.
pub(super) const TAKEN_ON: &str = "a person took the alert on";

/// Records one attempt's report. A report that comes after the letter was given up changes nothing but the attempt.
pub(super) fn record(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    report: &Report,
    wall: (&Policy, u8),
) -> Result<State, StepError> {
    tx.note_attempt(letter.id, letter.attempt, report)?;
    let (event, fate) = judge(tx, letter, report, wall)?;
    if !tx.settle(letter, (event, Some(report)), &fate)? {
        tx.audit(
            "delivery.late-report",
            &subject(letter),
            &serde_json::json!({ "attempt": letter.attempt }),
        )?;
        return Ok(tx.delivery(letter.id)?.state);
    }
    let state = letter.state.after(event).unwrap_or(letter.state);
    let action = format!("delivery.{}", if state == State::Pending { "deferred" } else { state.word() });
    let detail = serde_json::json!({ "attempt": letter.attempt, "code": report.code });
    tx.audit(&action, &subject(letter), &detail)?;
    match state {
        State::Sent => sent(tx, letter)?,
        State::Failed => failed(tx, letter, report)?,
        State::Lapsed => lapsed(tx, letter, &fate)?,
        State::Unknown if letter.on_unknown == OnUnknown::Hold => {
            ask(tx, letter, Kind::LetterUnknown, &report.reply)?
        }
        State::Skipped => tx.move_reminders(letter.id, Promise::Cancel, stopped(tx, letter)?)?,
        State::Unknown | State::Pending | State::Claimed => {}
    }
    Ok(state)
}

fn judge(
    tx: &Tx<'_>,
    letter: &Delivery,
    report: &Report,
    wall: (&Policy, u8),
) -> Result<(Event, Fate), StepError> {
    let reply = report.reply.clone();
    let waits = matches!(report.verdict, Verdict::Later | Verdict::Overloaded);
    if waits && let Some(reason) = stopped(tx, letter)? {
        return Ok((Event::Skip, Fate::Ended(State::Skipped, reason.to_owned())));
    }
    Ok(match report.verdict {
        Verdict::Accepted => (Event::Accept, Fate::Ended(State::Sent, String::new())),
        Verdict::Unknown => (Event::Doubt, Fate::Ended(State::Unknown, reply)),
        Verdict::Refused | Verdict::BadAddress => (Event::Refuse, Fate::Ended(State::Failed, reply)),
        Verdict::Later | Verdict::Overloaded => match again(tx, letter, wall)? {
            Some(at) => (Event::Defer, Fate::Again(at)),
            None => {
                (Event::Lapse, Fate::Ended(State::Lapsed, format!("no use after further waiting: {reply}")))
            }
        },
    })
}

/// Why it must not leave any more, if so: it must not go back to the outbox.
pub(super) fn stopped(tx: &Tx<'_>, letter: &Delivery) -> Result<Option<&'static str>, StepError> {
    if !tx.is_wanted(letter.id)? {
        return Ok(Some(TAKEN_ON));
    }
    let Some(id) = letter.patient else { return Ok(None) };
    let status = tx.patient(id)?.status;
    Ok((!status.may_receive()).then(|| status.word()))
}

/// When to try next: after a back-off, in an open hour of the reader, while it is of use.
fn again(tx: &Tx<'_>, letter: &Delivery, wall: (&Policy, u8)) -> Result<Option<Timestamp>, StepError> {
    let (policy, jitter) = wall;
    let mut at = later(tx.at(), back_off(&policy.retry, letter.attempt + 1, jitter));
    let Some(patient) = letter.patient else {
        // Staff letters know no quiet hours.
        return Ok((at < letter.expires_at).then_some(at));
    };
    if !gate::knows_no_hours(tx, letter)? {
        at = policy.hours.next_open(at, &zone(&tx.patient(patient)?.zone)?);
    }
    let given_up = later(letter.first_tried_at.unwrap_or(tx.at()), policy.give_up_after);
    Ok((at < letter.expires_at && at < given_up).then_some(at))
}

fn sent(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    alert::rung_taken(tx, letter)?;
    Ok(tx.move_reminders(letter.id, Promise::Accept, None)?)
}

/// Its promises did not reach her and a person is asked, about the address where that is bad.
pub(super) fn failed(tx: &mut Tx<'_>, letter: &Delivery, report: &Report) -> Result<(), StepError> {
    tx.move_reminders(letter.id, Promise::Refuse, Some(&report.reply))?;
    let learned = if letter.state == State::Sent { Learned::Notice } else { Learned::Reply };
    if alert::rung_refused(tx, letter, (&report.reply, learned))? {
        return Ok(());
    }
    if report.verdict == Verdict::BadAddress && dead_end(tx, letter)? {
        return Ok(());
    }
    ask(tx, letter, Kind::LetterFailed, &report.reply)
}

/// Stops everyone behind the address a letter went to, if it is still hers; says whether it is.
pub(super) fn dead_end(tx: &mut Tx<'_>, letter: &Delivery) -> Result<bool, StepError> {
    let Some(patient) = letter.patient.map(|id| tx.patient(id)).transpose()? else { return Ok(false) };
    // The address may have been changed since this letter was sealed: then only the letter failed.
    let is_hers = patient.email.as_ref().map(|e| e.expose()) == letter.recipient.as_deref();
    if is_hers {
        status::address_refused(tx, &patient)?;
    }
    Ok(is_hers)
}

fn lapsed(tx: &mut Tx<'_>, letter: &Delivery, fate: &Fate) -> Result<(), StepError> {
    let reason = match fate {
        Fate::Ended(_, reason) => reason.as_str(),
        Fate::Again(_) => "",
    };
    tx.move_reminders(letter.id, Promise::Lapse, Some(reason))?;
    if alert::rung_refused(tx, letter, (reason, Learned::Reply))? {
        return Ok(());
    }
    ask(tx, letter, Kind::LetterLapsed, reason)
}

pub(super) fn ask(tx: &mut Tx<'_>, letter: &Delivery, kind: Kind, why: &str) -> Result<(), StepError> {
    // Nobody is asked to ring the home of someone who has died.
    if letter.patient.map(|id| tx.patient(id)).transpose()?.is_some_and(|p| p.status == Status::Deceased) {
        return Ok(());
    }
    tx.open_task(&NewTask {
        kind,
        cause: format!("delivery/{}", letter.id.0),
        patient: letter.patient,
        follow_up: None,
        reason: format!("Letter {}: {why}", letter.id.0),
        due_at: later(tx.at(), Duration::from_secs(8 * 3600)),
    })?;
    Ok(())
}

/// Takes a letter out because it may not or need not leave any more.
pub(super) fn skip(tx: &mut Tx<'_>, letter: &Delivery, reason: &str) -> Result<(), StepError> {
    if tx.settle(letter, (Event::Skip, None), &Fate::Ended(State::Skipped, reason.to_owned()))? {
        tx.move_reminders(letter.id, Promise::Cancel, Some(reason))?;
        tx.audit("delivery.skipped", &subject(letter), &serde_json::json!({ "reason": reason }))?;
    }
    Ok(())
}

/// Takes a letter out because its use is over.
pub(super) fn expire(tx: &mut Tx<'_>, letter: &Delivery, reason: &str) -> Result<(), StepError> {
    let fate = Fate::Ended(State::Lapsed, reason.to_owned());
    if tx.settle(letter, (Event::Lapse, None), &fate)? {
        tx.audit("delivery.lapsed", &subject(letter), &serde_json::json!({ "reason": reason }))?;
        lapsed(tx, letter, &fate)?;
    }
    Ok(())
}

/// Gives a claimed letter back untouched: no line could be had, and enough others say so already.
pub(super) fn give_back(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    if let Some(reason) = stopped(tx, letter)? {
        return skip(tx, letter, reason);
    }
    if tx.settle(letter, (Event::Defer, None), &Fate::Again(tx.at()))? {
        tx.audit("delivery.returned", &subject(letter), &serde_json::json!({}))?;
    }
    Ok(())
}

/// Lets a letter that may not leave yet wait until `at`.
pub(super) fn postpone(tx: &mut Tx<'_>, letter: &Delivery, at: Timestamp) -> Result<(), StepError> {
    if tx.postpone(letter.id, at)? {
        let detail = serde_json::json!({ "until": at.to_string() });
        tx.audit("delivery.postponed", &subject(letter), &detail)?;
    }
    Ok(())
}

pub(super) fn subject(letter: &Delivery) -> String {
    format!("delivery/{}", letter.id.0)
}
