//! One line to the mailbox of replies, from its opening until it breaks: what lies there is taken in, then what comes.

use std::time::Duration;

use jiff::{Timestamp, ToSpan};

use crate::daemon::assembly::engine::Engine;
use crate::daemon::assembly::mail_account;
use crate::daemon::inbound::{self, InboundEnd};
use crate::daemon::loops::LoopHandles;
use crate::daemon::mailbox::end::MailboxEnd;
use crate::daemon::mailbox::read_progress::ReadProgress;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::condition::mailbox::{self, MailboxPosition, UnreadMessage, UnreadReason};
use crate::mail::imap::mailbox::{ImapSettings, MessageOutcome, OpenMailbox};
use crate::store::db::transaction::Stamp;

/// A notice that came while its letter is still being sent is looked at again after so long.
const EARLY: Duration = Duration::from_secs(60);
/// However quiet it is, it is looked at so often.
const LOOK: Duration = Duration::from_secs(1500);
/// A mailbox seen for the first time is read from the day before, one that numbers anew from two before the last look: servers
/// have a calendar of their own.
const DAYS_BACK: i64 = 2;

/// The reading of the mailbox over one line.
pub(super) struct MailboxSession<'a> {
    engine: &'a Engine,
    handles: &'a LoopHandles,
    /// What of the folder is taken in.
    progress: ReadProgress,
    /// How many messages were left there.
    unread: usize,
    /// When it was opened, by a clock that never jumps.
    opened_at: Option<Duration>,
    has_taken: bool,
}

impl<'a> MailboxSession<'a> {
    /// Nothing is open yet.
    pub(super) fn new(engine: &'a Engine, handles: &'a LoopHandles) -> Self {
        let progress = ReadProgress::default();
        Self { engine, handles, progress, unread: 0, opened_at: None, has_taken: false }
    }

    /// Whether the line was of use: a message was taken in, or it stood for so long. A server that lets us in and breaks off at the
    /// same message each time is asked less and less often.
    pub(super) fn has_moved_on(&self, long: Duration) -> bool {
        let now = self.engine.post.clock.monotonic();
        self.has_taken || self.opened_at.is_some_and(|opened| now.saturating_sub(opened) >= long)
    }

    /// Takes in what comes, for as long as the line lasts; for ever where no mailbox is configured.
    pub(super) async fn run(&mut self) -> MailboxEnd {
        let Engine { clinic, config, post, .. } = self.engine;
        let Some(settings) = mail_account::imap_settings(&config.mail, &post.clock) else {
            if let Err(fault) = mailbox::given_up(clinic, post.clock.now()).await {
                return fault.into();
            }
            return std::future::pending().await;
        };
        match self.follow(&settings).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        }
    }

    async fn follow(&mut self, settings: &ImapSettings) -> Result<std::convert::Infallible, MailboxEnd> {
        let mut open = OpenMailbox::open(settings).await?;
        self.opened_at = Some(self.engine.post.clock.monotonic());
        tracing::info!(idle = open.tells, "the mailbox of replies is open");
        let identity = settings.mailbox.identity();
        loop {
            let wait = match self.take_new(&mut open, &identity).await? {
                InboundEnd::All => LOOK,
                InboundEnd::Early => EARLY,
            };
            open = open.wait(wait).await?;
        }
    }

    /// Takes in what came since the last look. What is to be given again keeps nothing behind it waiting; only the number that is
    /// written down stays before it.
    async fn take_new(&mut self, open: &mut OpenMailbox, identity: &str) -> Result<InboundEnd, MailboxEnd> {
        let (clinic, clock) = (&self.engine.clinic, &self.engine.post.clock);
        let known = clinic.store.read(mailbox::position).map_err(StepError::from)?;
        let known = known.filter(|known| known.mailbox == identity);
        let mut position = MailboxPosition {
            mailbox: identity.to_owned(),
            validity: open.validity,
            uid: open.last,
            read_at: clock.now(),
        };
        let counts_on = known.as_ref().filter(|known| known.validity == open.validity).map(|known| known.uid);
        let since = known.as_ref().map_or(clock.now(), |known| known.read_at);
        let new = match counts_on {
            Some(uid) => open.newer_than(uid).await?,
            None => {
                tracing::info!(
                    is_known = known.is_some(),
                    "the mailbox numbers its messages anew; it is read by days"
                );
                open.since(days_before(since)).await?
            }
        };
        let mut last = counts_on.unwrap_or(open.last);
        position.uid = last;
        for uid in self.progress.still_to_read(&new) {
            self.take_one(open, uid).await?;
            last = last.max(uid);
            position.uid = self.progress.up_to(last);
            // Where it is read by days, what comes after a crash is read by days again.
            if counts_on.is_some() {
                position.read_at = since;
                mailbox::read_up_to(clinic, clock.now(), &position).await?;
            }
        }
        position.read_at = clock.now();
        position.uid = self.progress.up_to(last);
        mailbox::read_up_to(clinic, clock.now(), &position).await?;
        Ok(if self.progress.is_waiting() { InboundEnd::Early } else { InboundEnd::All })
    }

    async fn take_one(&mut self, open: &mut OpenMailbox, uid: u32) -> Result<(), MailboxEnd> {
        let (clinic, now) = (&self.engine.clinic, self.engine.post.clock.now());
        let taken = match open.message(uid).await? {
            MessageOutcome::Bytes(raw) => take(clinic, now, raw).await?,
            MessageOutcome::Gone => Ok(InboundEnd::All),
            MessageOutcome::Refused(said) => Err(UnreadReason::Refused(said)),
        };
        let end = match taken {
            Ok(end) => end,
            // It may be a patient's: a person looks there before anybody goes on behind it.
            Err(why) => {
                let unread = UnreadMessage { validity: open.validity, uid, why, before: self.unread };
                mailbox::left_unread(clinic, now, unread).await?;
                self.unread += 1;
                InboundEnd::All
            }
        };
        self.progress.note(uid, end);
        self.has_taken = true;
        self.handles.ring();
        Ok(())
    }
}

fn days_before(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date().saturating_sub(DAYS_BACK.days())
}

/// Takes in all that one message holds, off the async threads.
async fn take(
    clinic: &Deps,
    now: Timestamp,
    raw: Vec<u8>,
) -> Result<Result<InboundEnd, UnreadReason>, StepError> {
    let clinic = clinic.clone();
    unbroken(move || inbound::all(&clinic, &Stamp::daemon(now), &raw, drop)).await
}

/// Runs it on a thread of its own. A message that breaks its reader is left in the mailbox; the next one is not kept waiting.
async fn unbroken<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, StepError> + Send + 'static,
) -> Result<Result<T, UnreadReason>, StepError> {
    match tokio::task::spawn_blocking(read).await {
        Ok(read) => read.map(Ok),
        Err(broken) => {
            tracing::error!(%broken, "a message in the mailbox of replies could not be read; look at it there");
            Ok(Err(UnreadReason::Broken))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_message_that_breaks_its_reader_is_told_as_one_that_nobody_has_read() {
        let breaks = || -> Result<InboundEnd, StepError> { panic!("a header nobody thought of") };
        assert!(matches!(unbroken(breaks).await, Ok(Err(UnreadReason::Broken))));
        assert!(matches!(unbroken(|| Ok(InboundEnd::Early)).await, Ok(Ok(InboundEnd::Early))));
    }
}
