//! One folder, open to be read: which messages are new, what they say, and waiting for the next one.

use std::fmt::Debug;
use std::future::Future;
use std::time::Duration;

use std::sync::Arc;

use async_imap::Session;
use async_imap::error::{Error, Result as ImapResult};
use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response};
use async_imap::types::UnsolicitedResponse;
use jiff::civil::Date;
use tokio::time::timeout;

use crate::config::sections::account::imap::Imap;
use crate::config::sections::smtp::{Smtp, Tls};
use crate::mail::imap::command;
use crate::mail::imap::fault::{self, ImapFault};
use crate::mail::imap::literal_stream::LiteralStream;
use crate::mail::imap::sign_in::{ImapStream, sign_in};
use crate::mail::inbound::read::MOST_BYTES;
use crate::mail::password::PasswordSource;
use crate::mail::smtp::transport::deadline_stream::{BytesSent, DeadlineStream};
use crate::mail::smtp::transport::{connect, trust_roots};

/// IDLE is said anew well within the 29 minutes of RFC 2177; some servers and firewalls give up sooner.
const RENEW_IDLE: Duration = Duration::from_secs(9 * 60);
/// How often a server without IDLE is asked.
const POLL: Duration = Duration::from_secs(60);
/// The longest silence at any step.
const DEADLINE: Duration = Duration::from_secs(60);
/// A message may take so long on a slow line, as long as something of it arrives.
const LONGEST_FETCH: Duration = Duration::from_secs(30 * 60);
/// No answer is longer: the largest part of a message that is asked for, and what stands around it.
const LONGEST_ANSWER: usize = MOST_BYTES + 1024 * 1024;

/// So many messages are searched at once: the numbers of all of them fit into a line that is heard out.
const SEARCHED_AT_ONCE: u32 = 5000;

/// A mailbox as it is configured, and what opens it.
#[derive(Debug, Clone)]
pub struct ImapSettings {
    /// `[mail.imap]`; its `password_credential` is not looked at here.
    pub mailbox: Imap,
    /// The password or token of the account.
    pub password: PasswordSource,
}

/// A folder that is open.
pub struct OpenMailbox {
    session: Session<ImapStream>,
    /// Numbers of messages mean something only beside this one (RFC 3501 §2.3.1.1).
    pub validity: u32,
    /// The number before the next message's, as the folder was opened.
    pub last: u32,
    /// Whether the server tells of new messages by itself.
    pub tells: bool,
    /// How many messages there are, as far as the server has told.
    count: u32,
    /// Whether it told of new ones while a command ran.
    has_news: bool,
    /// Tells the stream when silence is no fault.
    silence: Arc<BytesSent>,
}

/// What became of a message that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageOutcome {
    /// Its bytes, at most 4 MiB of them.
    Bytes(Vec<u8>),
    /// It is there no more.
    Gone,
    /// The server does not hand it over; in its own words.
    Refused(String),
}

impl OpenMailbox {
    /// Connects, signs in and opens the folder to be read only.
    ///
    /// # Errors
    /// [`ImapFault`].
    pub async fn open(settings: &ImapSettings) -> Result<Self, ImapFault> {
        let ImapSettings { mailbox, password } = settings;
        let stream = stream(mailbox).await?.patient_after_dot(RENEW_IDLE + DEADLINE);
        let silence = stream.progress();
        let stream = LiteralStream::new(stream);
        let mut session = within_deadline(sign_in(stream, mailbox, password)).await??;
        // Whoever has not let us in yet has nothing long to say.
        let heard: &mut ImapStream = session.as_mut();
        heard.hear_up_to(LONGEST_ANSWER);
        let can = within_deadline(session.capabilities()).await?.map_err(|error| ImapFault::lost(&error))?;
        let folder = within_deadline(session.examine(&mailbox.folder)).await?;
        let folder = folder.map_err(|error| refused(&error))?;
        let lasting = || ImapFault::Folder("its messages have no lasting numbers".to_owned());
        let (validity, next) =
            (folder.uid_validity.ok_or_else(lasting)?, folder.uid_next.ok_or_else(lasting)?);
        let (last, count) = (next.saturating_sub(1), folder.exists);
        Ok(Self { session, validity, last, tells: can.has_str("IDLE"), count, has_news: false, silence })
    }

    /// The numbers of the messages that came after `uid`, in order.
    ///
    /// # Errors
    /// [`ImapFault::Lost`]; [`ImapFault::Folder`] where the server does not search: nobody knows then what there is.
    pub async fn newer_than(&mut self, uid: u32) -> Result<Vec<u32>, ImapFault> {
        let (which, mut newer) = (format!("UID {}:*", uid.saturating_add(1)), Vec::new());
        for piece in pieces(self.count) {
            let mut found = self.search(&format!("{piece}{which}")).await?;
            // The range gives the last message even when its number is lower.
            found.retain(|found| *found > uid);
            // A folder is in the order of its numbers: what lies before these is older.
            if found.is_empty() {
                break;
            }
            newer.extend(found);
        }
        Ok(in_order(newer))
    }

    /// The numbers of the messages that arrived on that day or later, by the server's calendar, in order.
    ///
    /// # Errors
    /// As [`Self::newer_than`].
    pub async fn since(&mut self, day: Date) -> Result<Vec<u32>, ImapFault> {
        let (which, mut since) = (format!("SINCE {}", day.strftime("%-d-%b-%Y")), Vec::new());
        for piece in pieces(self.count) {
            since.extend(self.search(&format!("{piece}{which}")).await?);
        }
        Ok(in_order(since))
    }

    async fn search(&mut self, which: &str) -> Result<Vec<u32>, ImapFault> {
        let mut found = Vec::new();
        let (session, mut told) =
            (&mut self.session, Told { count: &mut self.count, has_news: &mut self.has_news });
        let ask = format!("UID SEARCH {which}");
        let done = command::run(session, &ask, |said| match said {
            Response::MailboxData(MailboxDatum::Search(ids)) => found.extend(ids),
            other => told.hear(other),
        });
        within(DEADLINE, done).await?.map_err(|error| refused(&error))?;
        Ok(found)
    }

    /// A message, as far as it is read. It is not marked as seen.
    ///
    /// # Errors
    /// [`ImapFault::Lost`].
    pub async fn message(&mut self, uid: u32) -> Result<MessageOutcome, ImapFault> {
        let mut bytes = None;
        let (session, mut told) =
            (&mut self.session, Told { count: &mut self.count, has_news: &mut self.has_news });
        let ask = format!("UID FETCH {uid} (UID BODY.PEEK[]<0.{MOST_BYTES}>)");
        let done = command::run(session, &ask, |said| match said {
            Response::Fetch(_, parts) if parts.contains(&AttributeValue::Uid(uid)) => {
                bytes = bytes.take().or_else(|| parts.iter().find_map(body));
            }
            other => told.hear(other),
        });
        match within(LONGEST_FETCH, done).await? {
            Ok(()) => {
                let stream: &mut ImapStream = self.session.as_mut();
                Ok(bytes.map_or(MessageOutcome::Gone, |bytes| MessageOutcome::Bytes(stream.literal(bytes))))
            }
            Err(error) if command::is_refused(&error) => Ok(MessageOutcome::Refused(fault::told(&error))),
            Err(error) => Err(ImapFault::lost(&error)),
        }
    }

    /// Waits until something may have come, or for so long; says IDLE where the server can, and asks where it cannot. A server
    /// tells of a message once: what it told while another command ran is looked at first.
    ///
    /// # Errors
    /// [`ImapFault::Lost`].
    pub async fn wait(mut self, longest: Duration) -> Result<Self, ImapFault> {
        let told = self.session.unsolicited_responses.clone();
        // A list that is full may have lost its end.
        let is_full = told.is_full();
        let has_news = std::mem::take(&mut self.has_news);
        if has_grown(&mut self.count, || told.try_recv().ok()) || has_news || is_full {
            return Ok(self);
        }
        if !self.tells {
            tokio::time::sleep(longest.min(POLL)).await;
            let asked = within_deadline(self.session.noop()).await?;
            return asked.map(|()| self).map_err(|error| ImapFault::lost(&error));
        }
        let Self { session, validity, last, tells, mut count, has_news, silence } = self;
        let limit = longest.min(RENEW_IDLE);
        silence.expect_news();
        let mut idle = session.idle();
        lost(within_deadline(idle.init()).await?)?;
        if !has_grown(&mut count, || told.try_recv().ok()) {
            let (news, _until_dropped) = idle.wait_with_timeout(limit);
            // A server that says "still here" now and then would begin the library's own time anew.
            if let Ok(heard) = timeout(limit, news).await {
                lost(heard)?;
            }
        }
        silence.settle();
        let session = lost(within_deadline(idle.done()).await?)?;
        Ok(Self { session, validity, last, tells, count, has_news, silence })
    }

    /// Says goodbye; a lost one changes nothing.
    pub async fn leave(mut self) {
        drop(within_deadline(self.session.logout()).await);
    }
}

/// What a server tells beside the answer to a command of ours: nobody tells it again.
struct Told<'a> {
    count: &'a mut u32,
    has_news: &'a mut bool,
}

impl Told<'_> {
    fn hear(&mut self, said: &Response<'_>) {
        let one = match said {
            Response::MailboxData(MailboxDatum::Exists(now)) => UnsolicitedResponse::Exists(*now),
            Response::Expunge(number) => UnsolicitedResponse::Expunge(*number),
            _ => return,
        };
        let mut one = Some(one);
        *self.has_news |= has_grown(self.count, || one.take());
    }
}

/// A folder in pieces, the newest first: a message that moves up while they are searched is met in the next one.
fn pieces(count: u32) -> impl Iterator<Item = String> {
    let pieces = count.div_ceil(SEARCHED_AT_ONCE).max(1);
    (0..pieces).rev().map(move |piece| {
        let first = piece * SEARCHED_AT_ONCE + 1;
        match (pieces, piece + 1 == pieces) {
            (1, _) => String::new(),
            (_, true) => format!("{first}:* "),
            (_, false) => format!("{first}:{} ", first + SEARCHED_AT_ONCE - 1),
        }
    })
}

fn in_order(mut found: Vec<u32>) -> Vec<u32> {
    found.sort_unstable();
    found.dedup();
    found
}

/// The bytes of a whole message, or what stands for them.
fn body(part: &AttributeValue<'_>) -> Option<Vec<u8>> {
    match part {
        AttributeValue::BodySection { section: None, data: Some(bytes), .. } => Some(bytes.to_vec()),
        _ => None,
    }
}

/// A folder that the server does not open or search, or a line that broke.
fn refused(error: &Error) -> ImapFault {
    match error {
        Error::No(_) | Error::Bad(_) | Error::Validate(_) => ImapFault::Folder(fault::told(error)),
        other => ImapFault::lost(other),
    }
}

/// Whether what the server told beside its answers says that more messages are there than were known. Some repeat their number
/// at each command.
fn has_grown(count: &mut u32, next: impl FnMut() -> Option<UnsolicitedResponse>) -> bool {
    let mut has_grown = false;
    for told in std::iter::from_fn(next) {
        match told {
            UnsolicitedResponse::Exists(now) => {
                has_grown |= now > *count;
                *count = now;
            }
            UnsolicitedResponse::Expunge(_) => *count = count.saturating_sub(1),
            _ => {}
        }
    }
    has_grown
}

fn lost<T>(said: ImapResult<T>) -> Result<T, ImapFault> {
    said.map_err(|error| ImapFault::lost(&error))
}

async fn stream(mailbox: &Imap) -> Result<DeadlineStream, ImapFault> {
    let server = Smtp { timeout: DEADLINE, ..Smtp::new(&mailbox.host, mailbox.port, mailbox.tls) };
    let trust = if mailbox.tls == Tls::None {
        None
    } else {
        let file = mailbox.ca_file.clone();
        let loaded = tokio::task::spawn_blocking(move || trust_roots::load(file.as_deref())).await;
        let loaded = loaded.map_err(|error| ImapFault::Lost(error.to_string()))?;
        Some(loaded.map_err(ImapFault::Connect)?)
    };
    connect::stream(&server, trust).await.map_err(ImapFault::Connect)
}

async fn within_deadline<T>(step: impl Future<Output = T>) -> Result<T, ImapFault> {
    within(DEADLINE, step).await
}

async fn within<T>(limit: Duration, step: impl Future<Output = T>) -> Result<T, ImapFault> {
    timeout(limit, step).await.map_err(|_| ImapFault::Lost(format!("the server took longer than {limit:?}")))
}

impl Debug for OpenMailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenMailbox").field("validity", &self.validity).finish_non_exhaustive()
    }
}
