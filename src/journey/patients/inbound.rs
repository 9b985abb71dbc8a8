//! What reaches a mailbox of ours is taken in: news of a letter is recorded, what a person wrote is kept for staff with a task of the
//! same day, and she is answered once a day. Nothing she wrote is judged here, and nothing is forgotten.

use sha2::{Digest, Sha256};

use crate::care::inbound::{Content, Inbound, MessageKind, MessageNote, ReaderNews};
use crate::care::patient::Patient;
use crate::care::refusal::envelope::Envelope;
use crate::journey::delivery::failure::bounce;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::patients::auto_reply;
use crate::journey::patients::inbound::tasks::KeptInbound;
use crate::journey::patients::sender_match::{self, SenderEvidence};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::mail::inbound::{InboundId, InboundSubject, NewInbound};

mod death_pause;
mod tasks;

/// How much of a stranger's message is kept beyond that, in characters.
const BEYOND: usize = 500;

/// What taking a message in came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InboundOutcome {
    /// It told what became of a letter.
    Letter(bounce::BounceOutcome),
    /// It is kept for staff; a task is open, unless it asks for nothing.
    Kept(InboundId, MessageKind),
    /// It was taken in before.
    Known,
    /// It asks for nothing and is about nobody on record.
    Noted,
}

/// Takes a message in, in one transaction. The same message again changes nothing. One that is about a record that cannot be
/// read is kept for staff as it came: it must not stand before whatever came after it.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn take_in(clinic: &Deps, stamp: Stamp, message: Inbound) -> Result<InboundOutcome, StepError> {
    let found = clinic.store.read(|view| sender_match::find(view, clinic, &message));
    let found = found.or_else(|fault| unread(fault, SenderEvidence::unread(clinic, &message.names)))?;
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| whole(tx, &message, &found))
}

/// Says that a message could not be taken for what it is, unless no message can be taken in.
fn unread(fault: StepError, whose: SenderEvidence) -> Result<SenderEvidence, StepError> {
    if fault.is_everyones() {
        return Err(fault);
    }
    tracing::error!(letter = whose.delivery.map(|id| id.0), %fault, "a message is about a record that cannot be read; it is kept for staff");
    Ok(whose)
}

fn whole(tx: &mut Tx<'_>, message: &Inbound, found: &SenderEvidence) -> Result<InboundOutcome, StepError> {
    let fault = match tx.shielded(|tx| record(tx, message, found)) {
        Err(fault) => fault,
        done => return done,
    };
    let whose = unread(fault, SenderEvidence { is_unread: true, reports: Vec::new(), ..found.clone() })?;
    match tx.shielded(|tx| for_staff(tx, message, &whose)) {
        // Not even that it is hers can be written down: it is kept as a stranger's.
        Err(fault) => {
            let whose = unread(fault, SenderEvidence { is_unread: true, ..SenderEvidence::default() })?;
            for_staff(tx, message, &whose)
        }
        done => done,
    }
}

/// Keeps it with a task, whatever it is.
fn for_staff(
    tx: &mut Tx<'_>,
    message: &Inbound,
    whose: &SenderEvidence,
) -> Result<InboundOutcome, StepError> {
    let Some(kept) = keep(tx, message, whose)? else { return Ok(InboundOutcome::Known) };
    // Nothing follows by itself here: letters to her go on.
    let kept = KeptInbound { is_unproved: kept.tells == Some(ReaderNews::Died), ..kept };
    tasks::ask(tx, &kept, whose, None)?;
    Ok(InboundOutcome::Kept(kept.id, kept.kind))
}

fn record(tx: &mut Tx<'_>, message: &Inbound, whose: &SenderEvidence) -> Result<InboundOutcome, StepError> {
    if let Some(outcome) = news_of_letters(tx, message, whose)? {
        return Ok(InboundOutcome::Letter(outcome));
    }
    // What became of a letter to somebody who was erased is nobody's any more.
    if whose.is_of_erased && bounce::news(&message.content, Envelope::default()).is_some() {
        return Ok(InboundOutcome::Noted);
    }
    let is_receipt = message.content == Content::Receipt && message.tells.is_none();
    if whose.is_own || is_receipt || whose.is_canary {
        return Ok(InboundOutcome::Noted);
    }
    if whose.is_unread {
        return for_staff(tx, message, whose);
    }
    let is_absence = kind(message, whose) == MessageKind::Absence;
    if is_absence && whose.patient.is_none() && !must_be_read(message.tells) {
        return Ok(InboundOutcome::Noted);
    }
    let Some(kept) = keep(tx, message, whose)? else { return Ok(InboundOutcome::Known) };
    let patient = whose.patient.map(|id| sender_match::readable(tx, id)).transpose()?.flatten();
    tell_staff(tx, kept, whose, patient.as_ref())?;
    let KeptInbound { id, kind, tells, .. } = kept;
    if tells == Some(ReaderNews::Died) {
        // No program answers that.
        return Ok(InboundOutcome::Kept(id, kind));
    }
    if let Some(patient) = patient.as_ref().filter(|patient| auto_reply::may_be_sent(patient, kind, message))
    {
        // What she wrote is kept, though she cannot be answered.
        let answered = tx.shielded(|tx| auto_reply::send(tx, patient, id, message));
        if let Err(fault) = answered {
            tracing::warn!(message = id.0, %fault, "a message is kept and could not be answered");
        }
    }
    Ok(InboundOutcome::Kept(id, kind))
}

/// Records what a message tells of letters; `None` where it tells of none.
fn news_of_letters(
    tx: &mut Tx<'_>,
    message: &Inbound,
    whose: &SenderEvidence,
) -> Result<Option<bounce::BounceOutcome>, StepError> {
    let mut outcome = None;
    for told in &whose.reports {
        let letter = tx.delivery(told.delivery)?;
        let Some(news) = bounce::news(&Content::Report(told.report.clone()), bounce::names(&letter)) else {
            continue;
        };
        let end = bounce::record(tx, &letter, news, Some(&told.report))?;
        if matches!(end, bounce::BounceOutcome::Early(_)) {
            return Ok(Some(end));
        }
        let is_new = matches!(outcome, Some(bounce::BounceOutcome::Taken(..)));
        outcome = if is_new { outcome } else { Some(end) };
    }
    let letter = whose.delivery.filter(|_| outcome.is_none()).map(|id| tx.delivery(id)).transpose()?;
    let news = letter.as_ref().and_then(|letter| bounce::news(&message.content, bounce::names(letter)));
    if let (Some(letter), Some(news)) = (letter, news) {
        if news.is_in_own_words() && tx.inbound_is_kept(&digest(&message.note))? {
            return Ok(Some(bounce::BounceOutcome::Known(letter.id, letter.state)));
        }
        outcome = Some(bounce::record(tx, &letter, news, None)?);
    }
    let is_new = matches!(outcome, Some(bounce::BounceOutcome::Taken(..)));
    let is_note = matches!(message.content, Content::ServerNote | Content::Challenge);
    if is_new && (is_note || must_be_read(message.tells)) {
        let kept = keep(tx, message, whose)?;
        let patient = whose.patient.map(|id| sender_match::readable(tx, id)).transpose()?.flatten();
        if let Some(kept) = kept.filter(|kept| must_be_read(kept.tells)) {
            tell_staff(tx, kept, whose, patient.as_ref())?;
        }
    }
    Ok(outcome)
}

/// Opens the task about it, and lets letters wait where it may be believed that she has died.
fn tell_staff(
    tx: &mut Tx<'_>,
    kept: KeptInbound,
    whose: &SenderEvidence,
    patient: Option<&Patient>,
) -> Result<(), StepError> {
    let pause = death_pause::of(tx, kept.tells, whose, patient)?;
    let kept = KeptInbound { is_unproved: kept.tells == Some(ReaderNews::Died) && pause.goes_on(), ..kept };
    if kept.kind.asks_a_person() || kept.tells.is_some() {
        tasks::ask(tx, &kept, whose, patient)?;
    }
    death_pause::begin(tx, pause, patient)
}

/// Whether a person reads it the same day, whatever it is taken for.
const fn must_be_read(tells: Option<ReaderNews>) -> bool {
    matches!(tells, Some(ReaderNews::Died | ReaderNews::Signs))
}

/// What is kept of it.
fn kind(message: &Inbound, whose: &SenderEvidence) -> MessageKind {
    match message.content {
        Content::Absence => MessageKind::Absence,
        Content::Challenge => MessageKind::Challenge,
        Content::Report(_) | Content::ServerNote | Content::Complaint => MessageKind::Server,
        _ if whose.patient.is_none() => MessageKind::Unknown,
        Content::Invitation(answer) => answer.into(),
        Content::Person | Content::Receipt => MessageKind::Wrote,
    }
}

/// Keeps it once; of a flood of strangers' messages only the beginning of each.
fn keep(
    tx: &mut Tx<'_>,
    message: &Inbound,
    whose: &SenderEvidence,
) -> Result<Option<KeptInbound>, StepError> {
    let kind = kind(message, whose);
    let about = InboundSubject {
        patient: whose.patient,
        delivery: whose.delivery,
        appointment: whose.appointment.as_ref().map(|booked| booked.id),
    };
    let mut note = message.note.clone();
    if whose.patient.is_none() && tx.strangers_waiting()? >= tasks::STRANGERS {
        note.text = note.text.chars().take(BEYOND).collect();
    }
    let digest = digest(&message.note);
    let kept = tx.keep_inbound(&NewInbound { digest: &digest, kind, about, note: &note })?;
    let tells_of_body = message.note.tells_of_body;
    Ok(kept.map(|id| KeptInbound { id, kind, tells: message.tells, tells_of_body, is_unproved: false }))
}

/// The same message is the same whichever mailbox it was copied to.
fn digest(note: &MessageNote) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [note.message_id.as_deref(), note.sender.as_deref(), Some(&note.subject), Some(&note.text)] {
        hash.update(part.unwrap_or_default());
        hash.update([0]);
    }
    hash.finalize().into()
}
