//! The mailbox of replies: what arrives there by IMAP is taken in as `aftercare bounce` does it, while the daemon runs. Each
//! message is taken in before its number is written down, so that none is lost; taken in twice it changes nothing.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use jiff::{Timestamp, ToSpan};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::daemon::assembly::engine::Engine;
use crate::daemon::assembly::mail_account;
use crate::daemon::inbound::{self, InboundEnd};
use crate::daemon::loops::LoopHandles;
use crate::daemon::wake::clock_jump::JumpReceiver;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::condition::mailbox::{self, MailboxFault, MailboxPosition};
use crate::mail::imap::fault::ImapFault;
use crate::mail::imap::mailbox::{ImapSettings, OpenMailbox};
use crate::store::db::transaction::Stamp;

/// The rest after a line was lost; it doubles up to the longest one.
const FIRST_REST: Duration = Duration::from_secs(2);
/// A server that is away is asked so often in the end, and one that refuses us from the beginning.
const LONGEST_REST: Duration = Duration::from_secs(300);
/// A notice that came while its letter is still being sent is looked at again after so long.
const EARLY: Duration = Duration::from_secs(60);
/// However quiet it is, it is looked at so often.
const LOOK: Duration = Duration::from_secs(1500);
/// A mailbox seen for the first time is read from the day before, one that numbers anew from two before the last look: servers
/// have a calendar of their own.
const DAYS_BACK: i64 = 2;

/// Why the mailbox is left.
#[derive(Debug, thiserror::Error)]
enum MailboxEnd {
    /// Something is wrong with the mailbox.
    #[error(transparent)]
    Imap(#[from] ImapFault),
    /// The store could not take a message in.
    #[error(transparent)]
    Store(#[from] StepError),
}

impl MailboxEnd {
    /// The reader panicked; the log has its words.
    fn broken() -> Self {
        Self::Imap(ImapFault::Lost("the reader of the mailbox broke".to_owned()))
    }

    /// What a person is told of: what is wrong with the mailbox, or with what its messages are about. A store that takes no change
    /// at all is told by others.
    fn told(&self) -> Option<MailboxFault> {
        let needs_a_person = match self {
            Self::Imap(fault) => fault.needs_a_person(),
            Self::Store(fault) if fault.is_everyones() => return None,
            Self::Store(_) => true,
        };
        let told = self.to_string();
        let said = told.split("; hint: ").next().unwrap_or(&told).to_owned();
        Some(MailboxFault { said, needs_a_person })
    }
}

/// What the reading of the mailbox needs.
pub(super) struct MailboxLoop {
    /// The engine in force.
    pub(super) engine: watch::Receiver<Arc<Engine>>,
    /// Woken by what came.
    pub(super) handles: LoopHandles,
    /// The jumps of the clock.
    pub(super) jumps: JumpReceiver,
    /// Ends the reading of it.
    pub(super) stop: CancellationToken,
}

/// Reads the mailbox until stopped; another configuration begins anew, and so does a machine that woke from sleep: its line is
/// dead, and a server that is gone says nothing.
pub(super) async fn follow(reader: MailboxLoop) {
    let MailboxLoop { mut engine, handles, mut jumps, stop } = reader;
    let mut rest = FIRST_REST;
    loop {
        let now = Arc::clone(&engine.borrow_and_update());
        let mut intake = MailboxIntake { engine: &now, handles: &handles, was_open: false };
        let ended = tokio::select! {
            biased;
            () = stop.cancelled() => return,
            changed = engine.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            () = jumps.next() => continue,
            // A server whose words break the library must not end the daemon, and alerts with it.
            ended = AssertUnwindSafe(intake.run()).catch_unwind() => ended.unwrap_or_else(|_| MailboxEnd::broken()),
        };
        if intake.was_open {
            rest = FIRST_REST;
        }
        let told = ended.told();
        let wait = if told.as_ref().is_some_and(|fault| fault.needs_a_person) { LONGEST_REST } else { rest };
        tracing::warn!(reason = %ended, again_in = ?wait, "the mailbox of replies cannot be read");
        tell(&now, told).await;
        rest = (rest * 2).min(LONGEST_REST);
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            changed = engine.changed() => if changed.is_err() { return },
            () = jumps.next() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// A store that fails is told by others.
async fn tell(engine: &Engine, told: Option<MailboxFault>) {
    let Some(told) = told else { return };
    if let Err(fault) = mailbox::away(&engine.clinic, engine.post.clock.now(), told).await {
        tracing::error!(%fault, "that the mailbox cannot be read could not be written down");
    }
}

struct MailboxIntake<'a> {
    engine: &'a Engine,
    handles: &'a LoopHandles,
    /// Whether the folder was opened: whoever lets us in is tried again soon.
    was_open: bool,
}

impl MailboxIntake<'_> {
    /// Takes in what comes, for as long as the line lasts; for ever where no mailbox is configured.
    async fn run(&mut self) -> MailboxEnd {
        let Engine { clinic, config, post, .. } = self.engine;
        let Some(settings) = mail_account::imap_settings(&config.mail, &post.clock) else {
            if let Err(fault) = mailbox::given_up(clinic, post.clock.now()).await {
                return fault.into();
            }
            return std::future::pending().await;
        };
        match self.session(&settings).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        }
    }

    async fn session(&mut self, settings: &ImapSettings) -> Result<std::convert::Infallible, MailboxEnd> {
        let mut open = OpenMailbox::open(settings).await?;
        self.was_open = true;
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

    /// Takes in what came since the last look.
    async fn take_new(&self, open: &mut OpenMailbox, identity: &str) -> Result<InboundEnd, MailboxEnd> {
        let (clinic, clock) = (&self.engine.clinic, &self.engine.post.clock);
        let known = clinic.store.read(mailbox::position).map_err(StepError::from)?;
        let known = known.filter(|known| known.mailbox == identity);
        let mut position = MailboxPosition {
            mailbox: identity.to_owned(),
            validity: open.validity,
            uid: open.last,
            read_at: clock.now(),
        };
        let new = match &known {
            Some(known) if known.validity == open.validity => {
                position.uid = known.uid;
                open.newer_than(known.uid).await?
            }
            _ => {
                let since = known.as_ref().map_or(clock.now(), |known| known.read_at);
                tracing::info!(
                    is_known = known.is_some(),
                    "the mailbox numbers its messages anew; it is read by days"
                );
                open.since(days_before(since)).await?
            }
        };
        for uid in new {
            let Some(raw) = open.message(uid).await? else { continue };
            if take(clinic, clock.now(), raw).await? == InboundEnd::Early {
                return Ok(InboundEnd::Early);
            }
            self.handles.ring();
            position.uid = position.uid.max(uid);
            // Where it is read by days, what comes after a crash is read by days again.
            if known.as_ref().is_some_and(|known| known.validity == open.validity) {
                mailbox::read_up_to(clinic, clock.now(), &position).await?;
            }
        }
        position.read_at = clock.now();
        mailbox::read_up_to(clinic, clock.now(), &position).await?;
        Ok(InboundEnd::All)
    }
}

fn days_before(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date().saturating_sub(DAYS_BACK.days())
}

/// Takes in all that one message holds, off the async threads.
async fn take(clinic: &Deps, now: Timestamp, raw: Vec<u8>) -> Result<InboundEnd, StepError> {
    let clinic = clinic.clone();
    let job = move || inbound::all(&clinic, &Stamp::daemon(now), &raw, drop);
    // A message that breaks its reader is left in the mailbox, where a person sees it; the next one is not kept waiting.
    tokio::task::spawn_blocking(job).await.unwrap_or_else(|broken| {
        tracing::error!(%broken, "a message in the mailbox of replies could not be read; look at it there");
        Ok(InboundEnd::All)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::error::StoreError;

    #[test]
    fn a_fault_of_a_record_is_told_and_one_that_is_everyones_is_left_to_others() {
        let told = |fault: StoreError| MailboxEnd::Store(fault.into()).told();
        let of_a_record = told(StoreError::corrupt("status")).unwrap();
        assert!(of_a_record.needs_a_person && of_a_record.said.contains("impossible value"));
        assert!(told(StoreError::closed()).is_none());
    }
}
