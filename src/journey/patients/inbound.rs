//! What reaches a mailbox of ours is taken in: news of a letter is recorded, what a person wrote is kept for staff with a task of the
//! same day, and she is answered once a day. Nothing she wrote is judged here, and nothing is forgotten.

use sha2::{Digest, Sha256};

use crate::care::inbound::{Content, Inbound, MessageKind, MessageNote, ReaderNews};
use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::care::refusal::envelope::Envelope;
use crate::journey::delivery::failure::bounce;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::patients::auto_reply;
use crate::journey::patients::inbound::tasks::KeptInbound;
use crate::journey::patients::opt_out::{self, OptOutChoice};
use crate::journey::patients::sender_match::{self, SenderEvidence};
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::mail::inbound::{InboundId, InboundSubject, NewInbound};

mod death_pause;
mod named_patient;
mod other_reader;
pub mod retention;
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
    let whose = &named_patient::find(tx, message, whose)?;
    hear_of_death(tx, message, whose)?;
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
    let patient = readable(tx, whose.patient)?;
    let KeptInbound { id, kind, tells, .. } = kept;
    if opts_out(tx, &kept, whose, patient.as_ref())? {
        return Ok(InboundOutcome::Kept(id, kind));
    }
    tell_of_each(tx, kept, whose)?;
    if matches!(tells, Some(ReaderNews::Died | ReaderNews::OtherReader)) {
        // No program answers that: a letter to a stranger would tell of her.
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
        let news = if told.is_of_another { news.of_another_mailbox() } else { news };
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
        if let Some(kept) = kept.filter(|kept| must_be_read(kept.tells)) {
            tell_staff(tx, kept, whose)?;
        }
    }
    Ok(outcome)
}

/// A mail server may say that she has died as it gives a letter up: letters wait for that first, so that no dead address takes its
/// place, which a new one would end.
fn hear_of_death(tx: &mut Tx<'_>, message: &Inbound, whose: &SenderEvidence) -> Result<(), StepError> {
    let is_report = !whose.reports.is_empty();
    if !is_report || message.tells != Some(ReaderNews::Died) || whose.patient.is_none() {
        return Ok(());
    }
    match keep(tx, message, whose)? {
        Some(kept) => tell_of_each(tx, kept, whose),
        None => Ok(()),
    }
}

/// Whether it says nothing but that she wants no letters, and that is believed: then it is done, and the task that asks for another
/// way stands for it.
fn opts_out(
    tx: &mut Tx<'_>,
    kept: &KeptInbound,
    whose: &SenderEvidence,
    patient: Option<&Patient>,
) -> Result<bool, StepError> {
    let lives = |patient: &&Patient| patient.status != PatientStatus::Deceased && !patient.may_have_died();
    let Some(patient) = patient.filter(lives).filter(|_| kept.tells == Some(ReaderNews::WantsNoLetters))
    else {
        return Ok(false);
    };
    let is_believed = whose.is_by_her && death_pause::is_rare(tx, whose.proof, opt_out::by_message())?;
    if is_believed {
        opt_out::choose(tx, patient, &OptOutChoice::Everything)?;
    }
    Ok(is_believed)
}

/// Her record, if it is known whose it is and can be read.
fn readable(tx: &Tx<'_>, patient: Option<PatientId>) -> Result<Option<Patient>, StepError> {
    Ok(patient.map(|id| sender_match::readable(tx, id)).transpose()?.flatten())
}

/// Tells staff of a message, once for each whom it may mean.
fn tell_of_each(tx: &mut Tx<'_>, kept: KeptInbound, whose: &SenderEvidence) -> Result<(), StepError> {
    if whose.mates.is_empty() || kept.tells != Some(ReaderNews::Died) {
        return tell_staff(tx, kept, whose);
    }
    whose.mates.iter().try_for_each(|(id, proof)| {
        tell_staff(tx, kept, &SenderEvidence { patient: Some(*id), proof: *proof, ..whose.clone() })
    })
}

/// Opens the task about it, and lets letters wait where it may be believed that she has died.
fn tell_staff(tx: &mut Tx<'_>, kept: KeptInbound, whose: &SenderEvidence) -> Result<(), StepError> {
    let patient = readable(tx, whose.patient)?;
    let patient = patient.as_ref();
    let pause = death_pause::of(tx, kept.tells, whose.proof, patient)?;
    let is_stopped = other_reader::stop(tx, kept.tells, whose, patient)?;
    let kept = KeptInbound {
        is_unproved: kept.tells == Some(ReaderNews::Died) && pause.goes_on()
            || kept.tells == Some(ReaderNews::OtherReader) && !is_stopped,
        is_suspected: pause.begins() || patient.is_some_and(Patient::may_have_died),
        ..kept
    };
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
    Ok(kept.map(|id| KeptInbound {
        id,
        kind,
        tells: message.tells,
        tells_of_body,
        has_unread_words: message.note.has_unread_words,
        is_unproved: false,
        is_suspected: false,
    }))
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
