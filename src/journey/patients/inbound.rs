//! What reaches a mailbox of ours is taken in: news of a letter is recorded, what a person wrote is kept for staff with a task of the
//! same day, and she is answered once a day. Nothing she wrote is judged here, and nothing is forgotten.

use sha2::{Digest, Sha256};

use crate::care::inbound::{Content, Inbound, MessageKind, MessageNote, ReaderNews};
use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::care::refusal::envelope::Envelope;
use crate::care::task;
use crate::journey::delivery::failure::bounce;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::patients::sender_match::{self, SenderEvidence};
use crate::journey::patients::{auto_reply, status};
use crate::journey::status_change::StatusChange;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::mail::inbound::{InboundId, InboundSubject, NewInbound};
use crate::store::plan::appointments::Booked;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Tasks about messages of strangers at one time; what comes beyond shares one, so that a flood buries nobody.
const STRANGERS: i64 = 20;
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
    ask(tx, &kept, whose, None)?;
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
    if kept.kind.asks_a_person() || kept.tells.is_some() {
        ask(tx, &kept, whose, patient.as_ref())?;
    }
    let KeptInbound { id, kind, tells } = kept;
    if tells == Some(ReaderNews::Died) {
        // No program answers that.
        pause(tx, patient.as_ref())?;
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
            ask(tx, &kept, whose, patient.as_ref())?;
            if kept.tells == Some(ReaderNews::Died) {
                pause(tx, patient.as_ref())?;
            }
        }
    }
    Ok(outcome)
}

/// Whether a person reads it the same day, whatever it is taken for.
const fn must_be_read(tells: Option<ReaderNews>) -> bool {
    matches!(tells, Some(ReaderNews::Died | ReaderNews::Signs))
}

/// What those read who must find out.
const MAY_HAVE_DIED: &str = "a message says that she may have died: ask with care before letters go on";

/// Letters wait until a person knows whether she has died. What cannot be paused has its task all the same.
fn pause(tx: &mut Tx<'_>, patient: Option<&Patient>) -> Result<(), StepError> {
    let Some(patient) = patient else { return Ok(()) };
    let goes_on = patient.status == PatientStatus::Active
        || patient.status == PatientStatus::Paused && patient.paused_until.is_some();
    if !goes_on {
        return Ok(());
    }
    let (to, reason) = (PatientStatus::Paused, MAY_HAVE_DIED.to_owned());
    let change = StatusChange { to, reason, until: None, confirmed_by: None };
    if let Err(fault) = tx.shielded(|tx| status::change(tx, patient, &change)) {
        tracing::error!(patient = patient.id.0, %fault, "a patient who may have died could not be paused");
    }
    Ok(())
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

/// A message that was kept just now.
struct KeptInbound {
    id: InboundId,
    kind: MessageKind,
    tells: Option<ReaderNews>,
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
    if whose.patient.is_none() && tx.strangers_waiting()? >= STRANGERS {
        note.text = note.text.chars().take(BEYOND).collect();
    }
    let digest = digest(&message.note);
    let kept = tx.keep_inbound(&NewInbound { digest: &digest, kind, about, note: &note })?;
    Ok(kept.map(|id| KeptInbound { id, kind, tells: message.tells }))
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

/// Opens the task of the same day. Its reason holds no word of hers, no name and no address.
fn ask(
    tx: &mut Tx<'_>,
    &KeptInbound { id, kind, tells }: &KeptInbound,
    whose: &SenderEvidence,
    patient: Option<&Patient>,
) -> Result<(), StepError> {
    let has_died = patient.is_some_and(|patient| patient.status == PatientStatus::Deceased);
    let shares_one = whose.patient.is_none() && tx.strangers_waiting()? >= STRANGERS;
    let told = tells.map_or("", |tells| tells_of(tells, whose.patient));
    let asked = match kind {
        _ if has_died => task::TaskKind::AfterDeath,
        // Its words may be hers, whatever sent them: they are read as soon.
        _ if tells == Some(ReaderNews::Signs) => task::TaskKind::SheWrote,
        MessageKind::Server | MessageKind::Challenge => task::TaskKind::LetterFailed,
        _ => task::TaskKind::SheWrote,
    };
    let task = NewTask {
        kind: asked,
        cause: if shares_one { "inbound/more".to_owned() } else { Subject::from(id).to_string() },
        patient: whose.patient,
        follow_up: None,
        reason: if shares_one { MORE.to_owned() } else { reason(kind, whose, patient) + told },
        due_at: tx.at(),
    };
    tx.open_task(&task)?;
    Ok(())
}

const MORE: &str =
    "Many messages of people who are not on record came in at one time. Read the list with this task.";

/// What a task says of news about her.
const fn tells_of(news: ReaderNews, patient: Option<PatientId>) -> &'static str {
    match (news, patient) {
        (ReaderNews::Died, Some(_)) => {
            " It may say that she has died: letters to her wait. Find out with care."
        }
        (ReaderNews::Died, None) => " It may say that a patient has died. Find out whom it means.",
        (ReaderNews::OtherDied, _) => " It speaks of a death. Read it before you ring her.",
        (ReaderNews::MailboxLeft, _) => {
            " It says that her mailbox is not used any more. Ask her for another address."
        }
        (ReaderNews::Signs, _) => {
            " It looks as if a program had sent it, and may hold her own words about how she is. Read it at once."
        }
    }
}

fn reason(kind: MessageKind, whose: &SenderEvidence, patient: Option<&Patient>) -> String {
    let date = |booked: &Booked| format!("the appointment of {} {}", booked.on, booked.at.strftime("%H:%M"));
    let which = whose.appointment.as_ref().map_or_else(|| "an appointment".to_owned(), date);
    let letter = whose.delivery.map(|id| format!(" It answers letter {}.", id.0)).unwrap_or_default();
    let said = match kind {
        MessageKind::Declined => format!("Her calendar declined {which}. It still stands: ring her."),
        MessageKind::Tentative => {
            format!("Her calendar is not sure about {which}. It still stands: ring her.")
        }
        MessageKind::Proposed => {
            format!("Her calendar asks for another time than {which}. It still stands: ring her.")
        }
        MessageKind::Server if whose.delivery.is_some() => "A mail server wrote about a letter.".to_owned(),
        MessageKind::Server => "A mail server wrote, and it is about no letter that can be found.".to_owned(),
        MessageKind::Challenge => "A mail system asks whether a person wrote to it.".to_owned(),
        MessageKind::Unknown if !whose.shared.is_empty() => {
            format!(
                "A message came from a mailbox that {} share: find out who wrote.",
                whose.shared.join(", ")
            )
        }
        MessageKind::Unknown => {
            "Somebody who is not on record wrote to our mailbox: it may be a patient, or for one.".to_owned()
        }
        MessageKind::Wrote | MessageKind::Accepted | MessageKind::Absence => "A message came in.".to_owned(),
    };
    let died = patient.is_some_and(|patient| patient.status == PatientStatus::Deceased);
    let note = if died { " Her death is on record: read it with care." } else { "" };
    let other =
        if whose.is_from_elsewhere { " It came from another address than the one on record." } else { "" };
    let unread = if whose.is_unread { UNREAD } else { "" };
    format!("{said}{letter}{other}{note}{unread}")
}

/// What a task says where our own records keep a message from being taken for what it is.
const UNREAD: &str =
    " A record of ours that it is about cannot be read, so nothing follows by itself from what it says.";
