//! The automatic answer: the numbers to ring, and that nobody reads the mailbox at once. Once a day, to the address on record only,
//! and never to a program (RFC 3834).

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::SignedDuration;

use crate::care::inbound::{Inbound, MessageKind};
use crate::care::patient::Patient;
use crate::care::record::letter_role::{LetterRole, may_leave};
use crate::care::time::span::earlier;
use crate::journey::alerts::notify;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::auto_reply_headers::IN_REPLY_TO;
use crate::journey::outbox::notice::{self, NoticeLetter};
use crate::letter::template_names::LetterName;
use crate::store::db::transaction::Tx;
use crate::store::mail::inbound::InboundId;

/// One answer in so long.
const REST: SignedDuration = SignedDuration::from_hours(24);
/// An answer that comes later answers nothing.
const OF_USE: Duration = Duration::from_secs(24 * 3600);

/// Puts an answer to a message into the outbox, unless she was answered within a day. Whether that message may be answered is
/// for the caller to ask ([`may_be_sent`]).
pub(in crate::journey::patients) fn send(
    tx: &mut Tx<'_>,
    patient: &Patient,
    id: InboundId,
    message: &Inbound,
) -> Result<(), StepError> {
    let since = earlier(tx.at(), REST);
    if tx.answered_since(patient.id, since)? {
        return Ok(());
    }
    let hers = message.note.message_id.iter();
    let facts: BTreeMap<_, _> = hers.map(|id| (IN_REPLY_TO.to_owned(), id.clone())).collect();
    let (says, no_cover) = (notify::item(LetterName::MessageReceived, facts), tx.missing_cover()?.is_some());
    let letter = NoticeLetter { says, no_cover, leaves_at: tx.at(), of_use: OF_USE };
    let answer = notice::enqueue(tx, patient, letter)?;
    Ok(tx.note_answer(id, answer)?)
}

/// A person wrote, from the very address an answer would go to, and her status allows one.
pub(in crate::journey::patients) fn may_be_sent(
    patient: &Patient,
    kind: MessageKind,
    message: &Inbound,
) -> bool {
    let asks = matches!(
        kind,
        MessageKind::Wrote | MessageKind::Declined | MessageKind::Tentative | MessageKind::Proposed
    );
    let email = patient.letters_to().map(|email| email.expose());
    let from = message.names.from.first().map(|from| from.expose());
    let is_hers = email.zip(from).is_some_and(|(email, from)| email.eq_ignore_ascii_case(from));
    let may_have = may_leave(patient.status, patient.suspected_death, LetterRole::Answer);
    asks && is_hers && may_have && message.note.may_be_answered()
}
