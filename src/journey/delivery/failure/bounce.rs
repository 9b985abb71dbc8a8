//! A letter comes back after the server had taken it: sent becomes failed, and a person learns of it the same day. Better knowledge
//! counts whenever it comes; a refusal that is about us costs nobody her address.

use crate::care::address::EmailAddress;
use crate::care::delivery::{AttemptVerdict, DeliveryEvent, DeliveryState};
use crate::care::inbound::{Content, NoticeOutcome as Told, NoticeReport as Notice};
use crate::care::patient::PatientStatus;
use crate::care::plan::reminder::ReminderEvent;
use crate::care::refusal::cause::Cause;
use crate::care::refusal::classify::{self, DialogueStage, RefusalText};
use crate::care::refusal::envelope::Envelope;
use crate::care::refusal::receipt::Receipt;
use crate::care::refusal::reply_code;
use crate::care::refusal::status::{EnhancedStatus, stated};
use crate::care::task::TaskKind;
use crate::journey::delivery::failure::notice_probe;
use crate::journey::delivery::failure::send_again::send_again;
use crate::journey::delivery::failure::server_refusal::{self, ClassifiedReport};
use crate::journey::delivery::outcome;
use crate::journey::errors::step::StepError;
use crate::journey::outbox::withdraw;
use crate::journey::patients::opt_out::{OptOutChoice, choose};
use crate::journey::patients::status;
use crate::journey::status_change::StatusChange;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::mail::delivery::{Delivery, DeliveryId, NextStep, Purpose};
use crate::store::mail::outbox::DeliveryOutcome;

/// What a person is told of a notice that nobody could read.
const UNREAD: &str = "a mail server wrote back in a form that only a person can read: its words stand with this task; reach her \
                      another way if the letter did not arrive";
/// What a person is told of a filter that asks for one.
const CHALLENGE: &str = "her mail system holds letters back until a person proves to have sent them: its words stand with this \
                         task; ring her, and let her allow the clinic's address";

/// What a person is told of a complaint from where she does not get her letters any more.
const OLD_ADDRESS: &str =
    "it was called unwanted at an address that she has no more; letters to the one on record go on";

/// Why a letter goes again that came back because of us.
const ABOUT_US: &str = "it came back because of us, not because of her";

/// What a message says became of the letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey) enum DeliveryNews {
    /// A server still tries to deliver it; this is only noted.
    Delayed,
    /// A server says that it arrived; this is only noted.
    Delivered,
    /// Given up, though the address may be fine.
    Failed,
    /// Given up: the address itself is bad.
    AddressBad,
    /// Given up because of our account, address or server.
    AboutUs(Cause),
    /// A server wrote in a form of its own: only a person can tell.
    Unread,
    /// Her mail system asks whether a person wrote.
    Challenge,
    /// She, or somebody with her mailbox, called it unwanted.
    Complaint,
}

impl DeliveryNews {
    const fn word(self) -> &'static str {
        match self {
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::AddressBad => "address-bad",
            Self::AboutUs(_) => "about-us",
            Self::Unread => "unread",
            Self::Challenge => "challenge",
            Self::Complaint => "complaint",
        }
    }

    /// Whether only its words tell one such message from another.
    pub(in crate::journey) const fn is_in_own_words(self) -> bool {
        matches!(self, Self::Unread | Self::Challenge)
    }

    /// The same of a mailbox that hers passes its mail on to: the letter did not arrive, and hers may be alive. What the server
    /// behind says of whoever sends, it says of hers: nobody else's letters go that way.
    pub(in crate::journey) const fn of_another_mailbox(self) -> Self {
        match self {
            Self::AddressBad | Self::AboutUs(_) => Self::Failed,
            other => other,
        }
    }

    /// Whether it says what became of the letter, which must be recorded after what the server answered to us.
    const fn ends_trip(self) -> bool {
        matches!(self, Self::Failed | Self::AddressBad | Self::AboutUs(_) | Self::Unread)
    }
}

/// What taking a notice in came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BounceOutcome {
    /// Its letter is still in a worker's hands: try again when what the server answered is recorded.
    Early(DeliveryId),
    /// It was taken in before, or told nothing new.
    Known(DeliveryId, DeliveryState),
    /// It is recorded; the letter stands so.
    Taken(DeliveryId, DeliveryState),
}

/// Whom a letter was for, and that it was from our domain, which stands in its Message-ID.
pub(in crate::journey) fn names(letter: &Delivery) -> Envelope<'_> {
    Envelope { to: letter.recipient.as_deref(), from: [letter.message_id.as_deref(), None] }
}

/// What a message about a letter is news of; `None` for one that is about no letter's fate.
pub(in crate::journey) fn news(content: &Content, envelope: Envelope<'_>) -> Option<DeliveryNews> {
    match content {
        Content::Report(notice) => Some(match notice.fate {
            Told::Delayed => DeliveryNews::Delayed,
            Told::Delivered => DeliveryNews::Delivered,
            Told::Failed => judge(notice, envelope),
        }),
        Content::ServerNote => Some(DeliveryNews::Unread),
        Content::Challenge => Some(DeliveryNews::Challenge),
        Content::Complaint => Some(DeliveryNews::Complaint),
        Content::Absence | Content::Receipt | Content::Invitation(_) | Content::Person => None,
    }
}

/// What it was given up for: her mailbox, this letter or the moment, or us ([`crate::care::refusal`]).
fn judge(notice: &Notice, envelope: Envelope<'_>) -> DeliveryNews {
    let said = RefusalText {
        at: DialogueStage::Notice,
        code: code(notice),
        status: notice.status.as_deref(),
        words: &notice.words,
        envelope,
    };
    match classify::read(&said).verdict() {
        AttemptVerdict::BadAddress => DeliveryNews::AddressBad,
        AttemptVerdict::RefusesUs(cause) => DeliveryNews::AboutUs(cause),
        _ => DeliveryNews::Failed,
    }
}

/// The basic reply code in a server's words, unless the status that its own server gives is of another class: then the number is
/// something else's, or an older try's. "Other" says nothing that a code could contradict.
fn code(notice: &Notice) -> Option<u16> {
    let status = notice.status.as_deref().and_then(EnhancedStatus::parse);
    let fits = |code: &u16| status.is_none_or(|status| !status.is_plain() || status.fits(*code));
    // Her server put it off, in both of its codes and in no other, though the one that gave up calls it refused.
    let own: Vec<EnhancedStatus> = stated(&notice.words).collect();
    let is_put_off = |code: &u16| code / 100 == 4 && !own.is_empty() && own.iter().all(|one| one.class == 4);
    reply_code::find(&notice.words).filter(|code| fits(code) || is_put_off(code))
}

/// Records news of a letter. The same news again changes nothing; of words only a person can read the caller knows whether they
/// are new ([`DeliveryNews::is_in_own_words`]).
pub(in crate::journey) fn record(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    news: DeliveryNews,
    notice: Option<&Notice>,
) -> Result<BounceOutcome, StepError> {
    let (id, state) = (letter.id, letter.state);
    let status = notice.and_then(|notice| notice.status.as_deref());
    // The attempt stands in it: a letter that went again can come back again.
    let detail = serde_json::json!({ "attempt": letter.attempt, "status": status, "what": news.word() });
    // Whether a server's own words came before is told by the words, not by what they seem to say.
    if !news.is_in_own_words() && tx.bounce_is_known(id, &detail)? {
        return Ok(BounceOutcome::Known(id, state));
    }
    if state == DeliveryState::Claimed && news.ends_trip() {
        return Ok(BounceOutcome::Early(id));
    }
    // A letter that failed fails once; only that the address is dead is worth more.
    if state == DeliveryState::Failed
        && matches!(news, DeliveryNews::Failed | DeliveryNews::AboutUs(_) | DeliveryNews::Delayed)
    {
        return Ok(BounceOutcome::Known(id, state));
    }
    tx.audit(AuditAction::DeliveryBounced, id, &detail)?;
    act(tx, letter, news, notice)?;
    Ok(BounceOutcome::Taken(id, tx.delivery(id)?.state))
}

fn act(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    news: DeliveryNews,
    notice: Option<&Notice>,
) -> Result<(), StepError> {
    match news {
        DeliveryNews::Delayed | DeliveryNews::Delivered => Ok(()),
        DeliveryNews::Unread => withdraw::ask(tx, letter, TaskKind::LetterFailed, UNREAD),
        DeliveryNews::Challenge => withdraw::ask(tx, letter, TaskKind::LetterFailed, CHALLENGE),
        DeliveryNews::Complaint => complain(tx, letter),
        DeliveryNews::Failed | DeliveryNews::AddressBad | DeliveryNews::AboutUs(_)
            if letter.state == DeliveryState::Sent =>
        {
            give_up(tx, letter, news, &report(news, notice))
        }
        // Whatever became of the letter, nothing more may go to a dead address.
        DeliveryNews::AddressBad => outcome::dead_end(tx, letter).map(drop),
        DeliveryNews::Failed | DeliveryNews::AboutUs(_) => Ok(()),
    }
}

/// It did not arrive after all.
fn give_up(
    tx: &mut Tx<'_>,
    letter: &Delivery,
    news: DeliveryNews,
    report: &Receipt,
) -> Result<(), StepError> {
    let fate = NextStep::Ended(report.reply.clone());
    if !tx.settle(letter, DeliveryOutcome { event: DeliveryEvent::Refuse, report: Some(report) }, &fate)? {
        return Ok(());
    }
    match news {
        DeliveryNews::AboutUs(cause) => about_us(tx, letter, report, cause),
        _ => outcome::failed(tx, letter, report),
    }
}

/// It came back because of us: one task says what to mend, others wait, and it goes again while it is of use (P14). What has
/// come back too often, or is of no use any more, a person deals with (P7).
fn about_us(tx: &mut Tx<'_>, letter: &Delivery, report: &Receipt, cause: Cause) -> Result<(), StepError> {
    tx.move_reminders(letter.id, ReminderEvent::Refuse, Some(&report.reply))?;
    server_refusal::note(tx, letter, ClassifiedReport { report, cause: Some(cause) })?;
    notice_probe::begin(tx, letter, cause)?;
    let may_go = letter.is_to_patient() && tx.returns_about_us(letter.id)? <= notice_probe::MOST_RETURNS;
    // The daily test of the chain tells by itself that it broke.
    if letter.purpose == Purpose::Canary || may_go && send_again(tx, letter.id, ABOUT_US)? {
        return Ok(());
    }
    outcome::failed(tx, letter, report)
}

/// A letter called unwanted is a wish for no more of them, whoever pressed the button: a person asks her.
fn complain(tx: &mut Tx<'_>, letter: &Delivery) -> Result<(), StepError> {
    let Some(patient) = letter.patient.map(|id| tx.patient(tx.record_that_stays(id)?)).transpose()? else {
        return withdraw::ask(tx, letter, TaskKind::LetterFailed, "whoever got it called it unwanted");
    };
    if patient.status == PatientStatus::Deceased {
        return Ok(());
    }
    let letters_to = patient.letters_to().map(EmailAddress::expose);
    if letter.recipient.as_deref().is_some_and(|to| letters_to != Some(to)) {
        return withdraw::ask(tx, letter, TaskKind::LetterFailed, OLD_ADDRESS);
    }
    if !patient.status.is_asked_by_letter() || patient.may_have_died() {
        return choose(tx, &patient, &OptOutChoice::Everything);
    }
    let reason =
        "a letter was called unwanted in her mailbox, so no more leave; it may have been a slip: ask her";
    let change = StatusChange {
        to: PatientStatus::OptedOutEmail,
        reason: reason.to_owned(),
        until: None,
        confirmed_by: None,
    };
    status::change(tx, &patient, &change)
}

fn report(news: DeliveryNews, notice: Option<&Notice>) -> Receipt {
    let words = notice.map(|notice| notice.words.as_str()).unwrap_or_default();
    let told = notice.and_then(|notice| notice.status.clone());
    let status = told.as_deref().unwrap_or("no status");
    Receipt {
        verdict: match news {
            DeliveryNews::AddressBad => AttemptVerdict::BadAddress,
            DeliveryNews::AboutUs(cause) => AttemptVerdict::RefusesUs(cause),
            _ => AttemptVerdict::Refused,
        },
        at: Some(DialogueStage::Notice),
        code: notice.and_then(code).or(Some(550)),
        reply: format!("it came back ({status}) {words}").trim_end().to_owned(),
        enhanced: told,
        digest: None,
    }
}
