//! A letter comes back after the server had taken it: sent becomes failed, and a person learns of it the same day.

use super::{Clinic, StepError, settle};
use crate::care::delivery::{Event, State, Verdict};
use crate::care::task::Kind;
use crate::store::outbox::{Delivery, DeliveryId, Fate, Report};
use crate::store::{Stamp, Tx, View};

/// What a person is told of a notice that nobody could read.
const UNREAD: &str = "a mail server wrote back in a form that cannot be read here; read it in the mailbox letters come back to, \
                      and reach her another way if it did not arrive";

/// What a notice says became of the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Still being tried.
    Delayed,
    /// Given up, though the address may be fine.
    Failed,
    /// Given up: the address itself is bad.
    AddressBad,
    /// A server wrote in a form of its own: only a person can tell.
    Unread,
}

impl News {
    const fn word(self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
            Self::Failed => "failed",
            Self::AddressBad => "address-bad",
            Self::Unread => "unread",
        }
    }
}

/// A notice about a letter, as a mail server wrote it. Only its tags and its Message-ID tell whose it is.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Tags of the addresses it came to; anyone may have written them.
    pub tags: Vec<String>,
    /// Message-ID of the letter.
    pub message_id: Option<String>,
    /// What became of it.
    pub news: News,
    /// Enhanced status, e.g. `5.1.1`.
    pub status: Option<String>,
    /// The other server's words, no address in them.
    pub words: String,
}

/// What taking a notice in came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It names no letter of ours.
    Nobodys,
    /// Its letter is still in a worker's hands: try again when what the server answered is recorded.
    Early(DeliveryId),
    /// It was taken in before.
    Known(DeliveryId, State),
    /// It is recorded; the letter stands so.
    Taken(DeliveryId, State),
}

/// Takes a notice in, in one transaction. The same notice again changes nothing.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn take_back(clinic: &Clinic, stamp: Stamp, notice: Notice) -> Result<Outcome, StepError> {
    let Some(id) = clinic.store.read(|view| whose(view, clinic, &notice))? else {
        return Ok(Outcome::Nobodys);
    };
    clinic.store.write_blocking(stamp, move |tx: &mut Tx<'_>| record(tx, id, &notice))
}

/// The letter by a tag that only we can have made, else by its unguessable Message-ID.
fn whose(view: &View<'_>, clinic: &Clinic, notice: &Notice) -> Result<Option<DeliveryId>, StepError> {
    let tagged = notice.tags.iter().filter_map(|tag| clinic.key.read_return_tag(tag)).map(|id| (id, None));
    let named = notice.message_id.as_deref().and_then(|message_id| {
        let left = message_id.split_once('@').map_or(message_id, |(left, _)| left);
        Some((clinic.key.read_message_id(left)?, Some(message_id)))
    });
    for (id, message_id) in tagged.chain(named) {
        // A restored database may be older than the letter.
        match view.delivery(id) {
            Ok(letter) if message_id.is_none() || letter.message_id.as_deref() == message_id => {
                return Ok(Some(id));
            }
            Err(fault) if !fault.is_not_found() => return Err(fault.into()),
            Ok(_) | Err(_) => {}
        }
    }
    // A key that was replaced cannot be asked any more; what it made stands on record, and nobody can guess it.
    let named = notice.message_id.as_deref().map(|message_id| view.letter_named(message_id)).transpose()?;
    Ok(named.flatten())
}

fn record(tx: &mut Tx<'_>, id: DeliveryId, notice: &Notice) -> Result<Outcome, StepError> {
    let letter = tx.delivery(id)?;
    // The attempt stands in it: a letter that went again can come back again.
    let detail =
        serde_json::json!({ "attempt": letter.attempt, "status": notice.status, "what": notice.news.word() });
    let subject = settle::subject(&letter);
    if tx.bounce_is_known(&subject, &detail)? {
        return Ok(Outcome::Known(id, letter.state));
    }
    if letter.state == State::Claimed && notice.news != News::Delayed {
        return Ok(Outcome::Early(id));
    }
    if letter.state == State::Failed {
        return Ok(Outcome::Known(id, letter.state));
    }
    tx.audit("delivery.bounced", &subject, &detail)?;
    undo(tx, &letter, notice)?;
    Ok(Outcome::Taken(id, tx.delivery(id)?.state))
}

fn undo(tx: &mut Tx<'_>, letter: &Delivery, notice: &Notice) -> Result<(), StepError> {
    let report = report(notice);
    match (notice.news, letter.state) {
        (News::Delayed, _) => {}
        (News::Unread, _) => settle::ask(tx, letter, Kind::LetterFailed, UNREAD)?,
        (_, State::Sent) => {
            let fate = Fate::Ended(State::Failed, report.reply.clone());
            if tx.settle(letter, (Event::Refuse, Some(&report)), &fate)? {
                settle::failed(tx, letter, &report)?;
            }
        }
        // Whatever became of the letter, nothing more may go to a dead address.
        (News::AddressBad, _) => settle::dead_end(tx, letter).map(drop)?,
        (News::Failed, _) => {}
    }
    Ok(())
}

fn report(notice: &Notice) -> Report {
    let code = |word: &str| word.parse().ok().filter(|code| (400u16..600).contains(code));
    let status = notice.status.as_deref().unwrap_or("no status");
    Report {
        verdict: if notice.news == News::AddressBad { Verdict::BadAddress } else { Verdict::Refused },
        code: notice.words.split_whitespace().find_map(code).or(Some(550)),
        enhanced: notice.status.clone(),
        reply: format!("it came back ({status}) {}", notice.words).trim_end().to_owned(),
        digest: None,
    }
}
