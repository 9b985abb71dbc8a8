//! The task that a message opens. Of one person's messages only so many have a task each: what comes beyond shares one, so that a
//! flood buries nobody else, and what tells of a body shares another, so that it reaches staff at once all the same.

use crate::care::inbound::{MessageKind, ReaderNews};
use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::care::task::TaskKind;
use crate::journey::errors::step::StepError;
use crate::journey::patients::sender_match::SenderEvidence;
use crate::store::db::transaction::Tx;
use crate::store::mail::inbound::InboundId;
use crate::store::plan::appointments::Booked;
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// Tasks about messages of strangers at one time; what comes beyond shares one, so that a flood buries nobody.
pub(super) const STRANGERS: i64 = 20;
/// The same of messages under the name of one patient.
const HERS: i64 = 5;

const MORE: &str =
    "Many messages of people who are not on record came in at one time. Read the list with this task.";
const MORE_OF_HERS: &str = "Many messages under her name came in at one time. Read the list with this task: the newest stands first.";
const URGENT_OF_HERS: &str = "Many messages under her name came in at one time, and one of them says how she is or that she has died. Read the list \
                              with this task at once: the newest stands first.";
/// What a task says of a death that nothing proves.
const UNPROVED: &str = " It says that she may have died. Nothing proves who wrote, so letters to her go on: find out at once, with care.";

/// What a task says where a stranger reads her letters.
const STRANGER: &str = " It says that somebody else reads this address, who is not she: letters to it wait. Ask her for another, and tell nobody of her.";
const STRANGER_UNPROVED: &str = " It says that somebody else reads this address, who is not she. Letters to her go on: find out at once whether the address is hers.";

/// What a task says of words that nobody here can read; the name of their encoding stands with them.
const UNREAD_WORDS: &str = " Its words are in an encoding that cannot be read here: open it in the mailbox.";

/// What a task says of whoever wanted no letters before somebody said that she may have died.
const WANTED_NONE: &str = " Before that she wanted no letters. If she lives, record that again.";

/// A message that was kept just now.
#[derive(Clone, Copy)]
pub(super) struct KeptInbound {
    pub(super) id: InboundId,
    pub(super) kind: MessageKind,
    pub(super) tells: Option<ReaderNews>,
    /// Whether it speaks of somebody's body.
    pub(super) tells_of_body: bool,
    /// Whether words of it are in an encoding that cannot be read here.
    pub(super) has_unread_words: bool,
    /// Whether it says that she has died, or that a stranger reads her letters, and those go on, for nothing proves it.
    pub(super) is_unproved: bool,
    /// Whether letters to her wait because she may have died.
    pub(super) is_suspected: bool,
}

/// Opens the task of the same day. Its reason holds no word of hers, no name and no address.
pub(super) fn ask(
    tx: &mut Tx<'_>,
    kept: &KeptInbound,
    whose: &SenderEvidence,
    patient: Option<&Patient>,
) -> Result<(), StepError> {
    let has_died = patient.is_some_and(|patient| patient.status == PatientStatus::Deceased);
    let kind = match kept.kind {
        _ if has_died => TaskKind::AfterDeath,
        _ if kept.is_suspected => TaskKind::DeathSuspected,
        // Its words may be hers, or of her death, whatever sent them: they are read as soon.
        _ if kept.tells == Some(ReaderNews::Signs) || kept.is_unproved => TaskKind::SheWrote,
        MessageKind::Server | MessageKind::Challenge => TaskKind::LetterFailed,
        _ => TaskKind::SheWrote,
    };
    let paused = paused_before(tx, kept, patient)?;
    let unread = if kept.has_unread_words { UNREAD_WORDS } else { "" };
    let own = || reason(kept.kind, whose, patient) + unread + tells_of(kept, whose.patient) + &paused;
    let (cause, reason) = shared(tx, kept, whose.patient)?.unwrap_or_else(|| (cause(kept, whose), own()));
    let task = NewTask { kind, cause, patient: whose.patient, follow_up: None, reason, due_at: tx.at() };
    tx.open_task(&task)?;
    Ok(())
}

/// What causes the task of its own: the message, and whom it is about where it may be about several.
fn cause(kept: &KeptInbound, whose: &SenderEvidence) -> String {
    let message = Subject::from(kept.id);
    match whose.patient.filter(|_| !whose.mates.is_empty()) {
        Some(id) => message.part(id.0),
        None => message.to_string(),
    }
}

/// Why letters were paused before anybody said that she may have died: that pause goes on if she lives.
fn paused_before(tx: &Tx<'_>, kept: &KeptInbound, patient: Option<&Patient>) -> Result<String, StepError> {
    let wants_none = |patient: &Patient| patient.status == PatientStatus::OptedOutEmail;
    if kept.is_suspected && patient.is_some_and(wants_none) {
        return Ok(WANTED_NONE.to_owned());
    }
    let is_paused = |patient: &&Patient| patient.status == PatientStatus::Paused && !patient.may_have_died();
    let Some(patient) = patient.filter(is_paused).filter(|_| kept.is_suspected) else {
        return Ok(String::new());
    };
    let until = patient.paused_until.map(|last| format!(" until {last}")).unwrap_or_default();
    let why = tx.status_reason(patient.id)?.unwrap_or_default();
    Ok(format!(" Before that letters were paused{until}: {why}."))
}

/// Cause and reason of the task that a message shares with others, where too many wait already.
fn shared(
    tx: &Tx<'_>,
    kept: &KeptInbound,
    patient: Option<PatientId>,
) -> Result<Option<(String, String)>, StepError> {
    let Some(id) = patient else {
        let is_full = tx.strangers_waiting()? >= STRANGERS;
        return Ok(is_full.then(|| ("inbound/more".to_owned(), MORE.to_owned())));
    };
    if tx.messages_waiting(id)? < HERS {
        return Ok(None);
    }
    let is_urgent = kept.tells_of_body || matches!(kept.tells, Some(ReaderNews::Died | ReaderNews::Signs));
    Ok(Some(if is_urgent {
        (format!("inbound/urgent/{}", id.0), URGENT_OF_HERS.to_owned())
    } else {
        (format!("inbound/more/{}", id.0), MORE_OF_HERS.to_owned())
    }))
}

/// What a task says of news about her.
fn tells_of(kept: &KeptInbound, patient: Option<PatientId>) -> &'static str {
    if kept.is_suspected && kept.tells_of_body && kept.tells != Some(ReaderNews::Died) {
        return " It speaks of somebody's body: she may live. Read it at once.";
    }
    let Some(news) = kept.tells else { return "" };
    match (news, patient) {
        (ReaderNews::Died, Some(_)) if kept.is_unproved => UNPROVED,
        (ReaderNews::Died, Some(_)) => {
            " It may say that she has died: letters to her wait. Find out with care."
        }
        (ReaderNews::Died, None) => " It may say that a patient has died. Find out whom it means.",
        (ReaderNews::OtherDied, _) => " It speaks of a death. Read it before you ring her.",
        (ReaderNews::MailboxLeft, _) => {
            " It says that her mailbox is not used any more. Ask her for another address."
        }
        (ReaderNews::WantsNoLetters | ReaderNews::MayWantNoLetters, _) => {
            " She may want no more letters. Ask her; if so, note it on her page and agree another way."
        }
        (ReaderNews::OtherReader, _) if kept.is_unproved => STRANGER_UNPROVED,
        (ReaderNews::OtherReader, _) => STRANGER,
        (ReaderNews::Unclear, _) => {
            " It is an absence note that says more than that she is away: it may be about how she is. Read it today."
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
