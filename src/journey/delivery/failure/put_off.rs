//! A server that takes nothing, judged by the clock and not by when a letter happens to be tried again: it puts everybody off in
//! the same words, or nobody answers where it should be.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::cause::Cause;
use crate::care::refusal::probe;
use crate::care::refusal::similarity::{IN_A_ROW, likeness};
use crate::care::time::span::later;
use crate::journey::errors::step::StepError;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::mail::mail_refusal::{RefusedAudience, ServerWords};
use crate::store::mail::put_off::PutOffLetter;
use crate::store::mail::refusals::{PUT_OFF, STALLED};
use crate::store::subject::Singleton;

/// So long nothing was taken, and it is about us.
pub(super) const ABSENCE: SignedDuration = SignedDuration::from_mins(30);
/// A single bad moment proves nothing: between the first attempt and the last lies so much.
const APART: SignedDuration = SignedDuration::from_mins(10);
/// A server that took nothing for so long, and fell silent on more than one letter, had stopped.
const STALL: SignedDuration = SignedDuration::from_mins(1);
/// Whoever greets an unknown sender so takes the same letter a little later, and each of the next senders again.
const GREYLISTS: [&str; 3] = ["greylist", "graylist", "grey list"];

/// What a server says that takes nothing, and whose letters met it.
pub(super) struct PutOffRefusal {
    /// Whose letters it puts off.
    pub(super) audience: RefusedAudience,
    /// What it said last, and why that may be.
    pub(super) words: ServerWords,
}

/// Whether nothing was taken for so long that it is about us; asked at each pass, as long as no refusal stands.
pub(super) fn look(view: &View<'_>, now: Timestamp) -> Result<Option<PutOffRefusal>, StepError> {
    let ran_out =
        |fact| Ok::<_, StepError>(since(view, fact)?.filter(|at| now.duration_since(*at) >= ABSENCE));
    if let Some(since) = ran_out(STALLED)? {
        let mut away = view.put_off(AttemptVerdict::Unreached, since)?;
        away.retain(|letter| letter.code.is_none());
        if let Some(found) = is_apart(&away).then(|| of(&away, Cause::Unreachable)).flatten() {
            return Ok(Some(found));
        }
    }
    let Some(since) = ran_out(PUT_OFF)? else { return Ok(None) };
    let mut alike: BTreeMap<String, Vec<PutOffLetter>> = BTreeMap::new();
    for letter in view.put_off(AttemptVerdict::Later, since)? {
        alike.entry(like(letter.code, &letter.reply)).or_default().push(letter);
    }
    Ok(alike.into_values().find(|letters| are_about_us(letters, now)).and_then(|letters| {
        let cause =
            if letters.iter().any(|one| one.code.is_some()) { Cause::Everyone } else { Cause::Unreachable };
        of(&letters, cause)
    }))
}

/// What is common to whatever puts letters off in these words.
pub(super) fn like(code: Option<u16>, reply: &str) -> String {
    likeness(code.unwrap_or_default(), reply)
}

/// Since when nothing is taken, by one of the two clocks: letters put off each, or no letter let in.
pub(super) fn since(view: &View<'_>, clock: &str) -> Result<Option<Timestamp>, StepError> {
    Ok(view.fact(clock)?.and_then(|text| text.parse().ok()))
}

/// A letter was not taken: from now on that clock runs, until one is.
pub(super) fn note(tx: &mut Tx<'_>, clock: &str) -> Result<(), StepError> {
    match tx.fact(clock)? {
        None => Ok(tx.set_fact(clock, &tx.at().to_string())?),
        Some(_) => Ok(()),
    }
}

/// A server that fell silent in the middle of letters, and took none meanwhile, takes them again: it was about none of them. One
/// letter alone may be what it cannot take; it keeps its own time.
pub(super) fn hurry_stalled(tx: &mut Tx<'_>, since: Timestamp) -> Result<(), StepError> {
    if tx.at().duration_since(since) >= STALL && tx.unanswered(tx.at())? > 1 {
        tx.hurry_unanswered()?;
    }
    Ok(())
}

/// The condition that the server refuses us begins; one letter asks from time to time.
pub(super) fn begin(
    tx: &mut Tx<'_>,
    PutOffRefusal { audience, words }: &PutOffRefusal,
) -> Result<(), StepError> {
    let cause = words.cause;
    tx.begin_mail_refusal(*audience, words, later(tx.at(), probe::wait(cause, 0)))?;
    let detail = serde_json::json!({ "cause": cause.word(), "code": words.code });
    tx.audit(AuditAction::MailRefused, Singleton::MailServer, &detail)?;
    tracing::error!(
        cause = cause.word(),
        code = words.code,
        "the mail server refuses us; letters to patients wait"
    );
    Ok(())
}

/// Several people, each put off for so long, in the same words.
fn are_about_us(letters: &[PutOffLetter], now: Timestamp) -> bool {
    let waited = letters.iter().filter(|one| now.duration_since(one.first) >= ABSENCE);
    let mailboxes: BTreeSet<String> = waited.map(|one| one.mailbox.to_ascii_lowercase()).collect();
    let greylists = letters.iter().any(|one| {
        let words = one.reply.to_ascii_lowercase();
        GREYLISTS.iter().any(|word| words.contains(word))
    });
    mailboxes.len() >= IN_A_ROW && is_apart(letters) && !greylists
}

fn is_apart(letters: &[PutOffLetter]) -> bool {
    let (first, last) = (letters.iter().map(|one| one.first).min(), letters.iter().map(|one| one.last).max());
    first.zip(last).is_some_and(|(first, last)| last.duration_since(first) >= APART)
}

fn of(letters: &[PutOffLetter], cause: Cause) -> Option<PutOffRefusal> {
    let last = letters.iter().max_by_key(|one| one.last)?;
    let audience = match letters.iter().any(|one| one.is_to_patient) {
        true => RefusedAudience::Patient,
        false => RefusedAudience::Staff,
    };
    let likeness = like(last.code, &last.reply);
    let words = ServerWords { cause, likeness, code: last.code, reply: last.reply.clone() };
    Some(PutOffRefusal { audience, words })
}
