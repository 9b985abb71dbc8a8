//! The courier that speaks SMTP: one connection per worker, ours from the first byte to the last.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::connect::{self, Seal};
use super::dialogue::{Ending, LineAfter, Open, lost};
use super::hello;
use super::mime;
use super::offers::Offers;
use super::settings::{SettingsFault, Smtp, Tls};
use super::sign_in::sign_in;
use super::snag::Snag;
use super::trust;
use super::verdict::{Stage, heard, without_reply};
use super::written::Written;
use crate::care::delivery::Verdict;
use crate::ports::{Clock, Courier, Line, Outgoing, Promise, Ready, Receipt};

/// A line that rested longer is asked whether it still lives; servers and firewalls drop quiet ones without a word.
const QUIET: Duration = Duration::from_secs(20);

/// So many envelopes in a row sent with the letter before and not answered, and none is sent that way any more.
const UNHEARD: u32 = 3;

/// The longest goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// A step that keeps moving may take this many times the allowed silence, then it ends all the same.
const PATIENCE: u32 = 5;

/// Carries letters to the clinic's mail server.
pub struct SmtpCourier(Arc<Office>);

struct Office {
    smtp: Smtp,
    hello: ClientId,
    clock: Arc<dyn Clock>,
    trust: OnceCell<Arc<ClientConfig>>,
    /// How many envelopes in a row, sent with the letter before, were never answered.
    unanswered: AtomicU32,
}

impl SmtpCourier {
    /// A courier for checked settings; connects to nothing yet.
    ///
    /// # Errors
    /// A [`SettingsFault`].
    pub fn new(smtp: Smtp, clock: Arc<dyn Clock>) -> Result<Self, SettingsFault> {
        Ok(Self(Arc::new(Office {
            hello: hello::client_id(smtp.hello.as_deref()),
            smtp: smtp.checked()?,
            clock,
            trust: OnceCell::new(),
            unanswered: AtomicU32::new(0),
        })))
    }

    /// Connects, encrypts, signs in and says goodbye, for `check --online`. Sends no letter.
    ///
    /// # Errors
    /// The [`Snag`] that a letter would meet, with its hint.
    pub async fn greet(&self) -> Result<Greeting, Snag> {
        let office = &self.0;
        let (mut open, seal, signed_in) = office.open().await?;
        drop(timeout(GOODBYE, open.connection.quit()).await); // All is known; a lost goodbye changes nothing.
        Ok(Greeting {
            place: office.smtp.place(),
            encryption: seal,
            signed_in,
            pipelining: open.offers.pipelining,
            largest: open.offers.largest,
        })
    }
}

impl Courier for SmtpCourier {
    fn lines(&self) -> usize {
        self.0.smtp.connections
    }

    fn line(&self) -> Box<dyn Line> {
        Box::new(SmtpLine { office: Arc::clone(&self.0), open: None, now: None, next: None })
    }

    fn looks_ahead(&self) -> bool {
        true
    }

    fn write(&self, letter: &Outgoing) {
        mime::message(letter);
    }
}

/// What a server said about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// Host and port.
    pub place: String,
    /// TLS version; `None` = not encrypted.
    pub encryption: Option<String>,
    /// The mechanism that signed us in.
    pub signed_in: Option<String>,
    /// Whether a letter takes two round trips instead of four.
    pub pipelining: bool,
    /// The largest letter in bytes.
    pub largest: Option<u64>,
}

impl std::fmt::Display for Greeting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let encryption = self.encryption.as_deref().unwrap_or("no encryption");
        write!(f, "{} answers, {encryption}", self.place)?;
        match &self.signed_in {
            Some(mechanism) => write!(f, ", signed in with {mechanism}")?,
            None => f.write_str(", no sign-in")?,
        }
        match self.largest {
            Some(largest) => write!(f, ", letters up to {largest} bytes"),
            None => Ok(()),
        }
    }
}

type Opened = (Open, Seal, Option<String>);

impl Office {
    async fn open(&self) -> Result<Opened, Snag> {
        let limit = self.smtp.timeout * PATIENCE;
        timeout(limit, self.open_now()).await.unwrap_or(Err(Snag::TooSlow(limit)))
    }

    async fn open_now(&self) -> Result<Opened, Snag> {
        let trust = if self.smtp.tls == Tls::None { None } else { Some(self.trust().await?) };
        let (stream, seal) = connect::open(&self.smtp, trust, &self.hello.to_string()).await?;
        let progress = stream.progress();
        let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await;
        let mut connection = match greeted {
            Ok(connection) => connection,
            Err(error) => return Err(snag(Stage::Greeting, error)),
        };
        // lettre keeps few keywords of its own EHLO, so it is said again; a server that minds offers nothing.
        let offers = match connection.command(Ehlo::new(self.hello.clone())).await {
            Ok(response) => Offers::read(&response),
            Err(error) if error.is_permanent() => Offers::default(),
            Err(error) => return Err(snag(Stage::Greeting, error)),
        };
        let mechanism = sign_in(&self.smtp, &offers, &mut connection).await?.map(|m| m.to_string());
        let open = Open { connection, offers, progress, cluttered: false, used_at: self.clock.monotonic() };
        Ok((open, seal, mechanism))
    }

    /// The roots, read once.
    async fn trust(&self) -> Result<Arc<ClientConfig>, Snag> {
        let load = || async {
            let file = self.smtp.ca_file.clone();
            let loaded = tokio::task::spawn_blocking(move || trust::load(file.as_deref())).await;
            loaded.unwrap_or_else(|error| Err(Snag::Roots(error.to_string())))
        };
        self.trust.get_or_try_init(load).await.cloned()
    }
}

fn snag(stage: Stage, error: lettre::transport::smtp::Error) -> Snag {
    match heard(Err(error)) {
        Ok(reply) => Snag::said(stage, &reply),
        Err(why) => Snag::Lost { stage, why },
    }
}

/// One worker's connection. While something is said the connection is taken out: a dropped future takes it along, so
/// that nobody ever reads a reply meant for an earlier letter.
struct SmtpLine {
    office: Arc<Office>,
    open: Option<Open>,
    /// The letter announced with the one before.
    now: Option<Written>,
    /// The letter to announce with the next one carried.
    next: Option<Written>,
}

impl SmtpLine {
    async fn make_ready(&mut self) -> Result<Ready, Receipt> {
        if self.open.is_some() && self.now.as_ref().is_some_and(|now| now.said) {
            // Its replies are on their way: whether the line lives shows when they are read.
            return Ok(Ready::AtOnce);
        }
        if let Some(open) = self.open.take()
            && let Some((open, ready)) = self.checked(open).await
        {
            self.open = Some(open);
            return Ok(ready);
        }
        self.open = Some(self.opened().await?);
        Ok(Ready::InTime)
    }

    async fn opened(&self) -> Result<Open, Receipt> {
        match self.office.open().await {
            Ok((open, seal, _)) => {
                tracing::debug!(place = self.office.smtp.place(), tls = seal.as_deref(), "line open");
                Ok(open)
            }
            Err(snag) => {
                let receipt = snag.receipt();
                tracing::warn!(code = receipt.code, reason = receipt.reply, "no line to the mail server");
                Err(receipt)
            }
        }
    }

    /// The line if it can still be used, and whether the server had to be asked.
    async fn checked(&self, mut open: Open) -> Option<(Open, Ready)> {
        if open.is_gone().await {
            tracing::debug!("line was closed by the server while it rested");
            return None;
        }
        let quiet = self.office.clock.monotonic().saturating_sub(open.used_at) >= QUIET;
        if !open.cluttered && !quiet {
            return Some((open, Ready::AtOnce));
        }
        match open.say("RSET\r\n").await {
            Ok(reply) if Stage::Rest.wants(reply.code) => open.cluttered = false,
            _ => return None,
        }
        Some((open, Ready::InTime))
    }

    async fn carry_now(&mut self, outgoing: &Outgoing) -> Receipt {
        let mut letter = match self.now.take() {
            Some(now) if now.message_id == outgoing.message_id => now,
            other => {
                if other.is_some_and(|other| other.said) {
                    // The server waits for the body of another letter.
                    self.open = None;
                }
                Written::new(outgoing)
            }
        };
        let mut next = self.next.take();
        let mut ending = self.try_once(&letter, next.as_mut()).await;
        if letter.said && ending.line == LineAfter::Closed && ending.is_early {
            // The line ended between two letters, and nothing of this one's body left: once more, step by step.
            letter.said = false;
            ending = match self.make_ready().await {
                Ok(_) => self.try_once(&letter, next.as_mut()).await,
                Err(receipt) => Ending { receipt, line: LineAfter::Closed, is_early: true },
            };
        }
        if self.open.is_none() {
            next.iter_mut().for_each(|next| next.said = false);
        }
        self.now = next;
        Receipt { digest: Some(letter.digest), ..ending.receipt }
    }

    async fn try_once(&mut self, letter: &Written, next: Option<&mut Written>) -> Ending {
        let closed = |receipt| Ending { receipt, line: LineAfter::Closed, is_early: false };
        let Some(mut open) = self.open.take().filter(|open| !open.cluttered) else {
            return closed(without_reply(Verdict::Later, "the line was not ready"));
        };
        let progress = Arc::clone(&open.progress);
        let limit = self.office.smtp.timeout * PATIENCE;
        let next = next.filter(|_| self.office.unanswered.load(Ordering::Relaxed) < UNHEARD);
        let Ok(ending) = timeout(limit, open.deliver(letter, next)).await else {
            return closed(lost(&progress, &format!("the letter was not through after {limit:?}")));
        };
        if letter.said {
            match ending.is_early && ending.receipt.code.is_none() {
                true => self.office.unanswered.fetch_add(1, Ordering::Relaxed),
                false => self.office.unanswered.swap(0, Ordering::Relaxed),
            };
        }
        if ending.line != LineAfter::Closed {
            open.cluttered = ending.line == LineAfter::Cluttered;
            open.used_at = self.office.clock.monotonic();
            self.open = Some(open);
        }
        ending
    }

    async fn say_goodbye(&mut self) {
        self.call_off();
        if let Some(mut open) = self.open.take() {
            drop(timeout(GOODBYE, open.connection.quit()).await); // Closing is all that matters.
        }
    }
}

impl Line for SmtpLine {
    fn ready(&mut self) -> Promise<'_, Result<Ready, Receipt>> {
        Box::pin(self.make_ready())
    }

    fn carry<'a>(&'a mut self, letter: &'a Outgoing) -> Promise<'a, Receipt> {
        Box::pin(self.carry_now(letter))
    }

    fn announce(&mut self, next: &Outgoing) {
        self.next = Some(Written::new(next));
    }

    fn call_off(&mut self) {
        if self.now.take().is_some_and(|now| now.said) {
            // The server waits for its body. Hanging up is the only way not to send it.
            self.open = None;
        }
        self.next = None;
    }

    fn rest(&mut self) -> Promise<'_, ()> {
        Box::pin(self.say_goodbye())
    }
}
