//! What reaches a mailbox of ours is taken in: news of a letter is recorded, what a person wrote is kept for staff with a task of the
//! same day, and she is answered once a day. Nothing she wrote is judged here, and nothing is forgotten.

use sha2::{Digest, Sha256};

use crate::care::inbound::{Content, Inbound, MessageKind, MessageNote};
use crate::care::patient::{Patient, PatientStatus};
use crate::care::task;
use crate::journey::delivery::failure::bounce;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::patients::auto_reply;
use crate::journey::patients::sender_match::{self, SenderEvidence};
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

/// Takes a message in, in one transaction. The same message again changes nothing.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn take_in(clinic: &Deps, stamp: Stamp, message: Inbound) -> Result<InboundOutcome, StepError> {
    let found = clinic.store.read(|view| sender_match::find(view, clinic, &message.names))?;
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| record(tx, &message, &found))
}

fn record(tx: &mut Tx<'_>, message: &Inbound, whose: &SenderEvidence) -> Result<InboundOutcome, StepError> {
    let letter = whose.delivery.map(|id| tx.delivery(id)).transpose()?;
    if let (Some(letter), Some(news)) = (&letter, bounce::news(&message.content)) {
        let notice = if let Content::Report(notice) = &message.content { Some(notice) } else { None };
        let outcome = bounce::record(tx, letter, news, notice)?;
        let is_new = matches!(outcome, bounce::BounceOutcome::Taken(..));
        if is_new && matches!(message.content, Content::ServerNote | Content::Challenge) {
            keep(tx, message, whose)?;
        }
        return Ok(InboundOutcome::Letter(outcome));
    }
    // What became of a letter to somebody who was erased is nobody's any more.
    if whose.is_of_erased && bounce::news(&message.content).is_some() {
        return Ok(InboundOutcome::Noted);
    }
    if whose.is_own || message.content == Content::Receipt || whose.is_canary {
        return Ok(InboundOutcome::Noted);
    }
    if kind(message, whose) == MessageKind::Absence && whose.patient.is_none() {
        return Ok(InboundOutcome::Noted);
    }
    let Some(kept) = keep(tx, message, whose)? else { return Ok(InboundOutcome::Known) };
    let patient = whose.patient.map(|id| sender_match::readable(tx, id)).transpose()?.flatten();
    if kept.kind.asks_a_person() {
        ask(tx, &kept, whose, patient.as_ref())?;
    }
    let KeptInbound { id, kind } = kept;
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
    Ok(kept.map(|id| KeptInbound { id, kind }))
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
    &KeptInbound { id, kind }: &KeptInbound,
    whose: &SenderEvidence,
    patient: Option<&Patient>,
) -> Result<(), StepError> {
    let has_died = patient.is_some_and(|patient| patient.status == PatientStatus::Deceased);
    let shares_one = whose.patient.is_none() && tx.strangers_waiting()? >= STRANGERS;
    let asked = match kind {
        _ if has_died => task::TaskKind::AfterDeath,
        MessageKind::Server | MessageKind::Challenge => task::TaskKind::LetterFailed,
        _ => task::TaskKind::SheWrote,
    };
    let task = NewTask {
        kind: asked,
        cause: if shares_one { "inbound/more".to_owned() } else { Subject::from(id).to_string() },
        patient: whose.patient,
        follow_up: None,
        reason: if shares_one { MORE.to_owned() } else { reason(kind, whose, patient) },
        due_at: tx.at(),
    };
    tx.open_task(&task)?;
    Ok(())
}

const MORE: &str =
    "Many messages of people who are not on record came in at one time. Read the list with this task.";

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
    format!("{said}{letter}{other}{note}")
}
