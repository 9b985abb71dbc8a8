//! The courier that speaks SMTP: one connection per worker, ours from the first byte to the last.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::timeout;

use super::connect::{self, Seal};
use super::ehlo_name;
use super::settings::SettingsFault;
use super::trust_roots;
use crate::mail::mime;
use crate::mail::smtp::auth::sign_in;
use crate::mail::smtp::capabilities::Offers;
use crate::mail::smtp::connect_error::Snag;
use crate::mail::smtp::connection::SmtpLine;
use crate::mail::smtp::dialogue::SmtpSession;
use crate::mail::smtp::reply::{SmtpStage, heard};
use crate::mail::smtp::settings::{SmtpSettings, TlsSettings};
use crate::ports::{Clock, Courier, CourierConnection, Lane, Outgoing};

/// The longest goodbye.
pub(in crate::mail) const GOODBYE: Duration = Duration::from_secs(2);

/// A step that keeps moving may take this many times the allowed silence, then it ends all the same.
pub(in crate::mail) const PATIENCE: u32 = 5;

/// Carries letters to the clinic's mail server.
pub struct SmtpCourier(Arc<Office>);

/// What all lines of a courier share.
pub(in crate::mail) struct Office {
    pub(in crate::mail) smtp: SmtpSettings,
    hello: ClientId,
    pub(in crate::mail) clock: Arc<dyn Clock>,
    trust: OnceCell<Arc<ClientConfig>>,
    /// How many envelopes in a row, sent with the letter before, were never answered.
    pub(in crate::mail) unanswered: AtomicU32,
    /// As many as connections may be open, whichever pass opens them.
    pub(in crate::mail) seats: Arc<Semaphore>,
    /// Lines for letters to staff that wait for one.
    pub(in crate::mail) staff_waiting: AtomicUsize,
}

impl SmtpCourier {
    /// A courier for checked settings; connects to nothing yet.
    ///
    /// # Errors
    /// A [`SettingsFault`].
    pub fn new(smtp: SmtpSettings, clock: Arc<dyn Clock>) -> Result<Self, SettingsFault> {
        let smtp = smtp.checked()?;
        Ok(Self(Arc::new(Office {
            hello: ehlo_name::client_id(smtp.hello.as_deref()),
            clock,
            trust: OnceCell::new(),
            unanswered: AtomicU32::new(0),
            seats: Arc::new(Semaphore::new(smtp.connections)),
            staff_waiting: AtomicUsize::new(0),
            smtp,
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

    fn line(&self) -> Box<dyn CourierConnection> {
        self.line_for(Lane::Shared)
    }

    /// Where there is more than one, patients leave one to staff.
    fn lines_for(&self, lane: Lane) -> usize {
        match lane {
            Lane::Shared | Lane::Staff => self.lines(),
            Lane::Patients => self.lines().saturating_sub(1).max(1),
        }
    }

    fn line_for(&self, lane: Lane) -> Box<dyn CourierConnection> {
        Box::new(SmtpLine::new(Arc::clone(&self.0), lane))
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

type ConnectResult = (SmtpSession, Seal, Option<String>);

impl Office {
    pub(in crate::mail) async fn open(&self) -> Result<ConnectResult, Snag> {
        let limit = self.smtp.timeout * PATIENCE;
        timeout(limit, self.open_now()).await.unwrap_or(Err(Snag::TooSlow(limit)))
    }

    async fn open_now(&self) -> Result<ConnectResult, Snag> {
        let trust = if self.smtp.tls == TlsSettings::None { None } else { Some(self.trust().await?) };
        let (stream, seal) = connect::open(&self.smtp, trust, &self.hello.to_string()).await?;
        let progress = stream.progress();
        let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello).await;
        let mut connection = match greeted {
            Ok(connection) => connection,
            Err(error) => return Err(snag(SmtpStage::Greeting, error)),
        };
        // lettre keeps few keywords of its own EHLO, so it is said again; a server that minds offers nothing.
        let offers = match connection.command(Ehlo::new(self.hello.clone())).await {
            Ok(response) => Offers::read(&response),
            Err(error) if error.is_permanent() => Offers::default(),
            Err(error) => return Err(snag(SmtpStage::Greeting, error)),
        };
        let mechanism = sign_in(&self.smtp, &offers, &mut connection).await?.map(|m| m.to_string());
        let open = SmtpSession {
            connection,
            offers,
            progress,
            cluttered: false,
            used_at: self.clock.monotonic(),
            _seat: None,
        };
        Ok((open, seal, mechanism))
    }

    /// The roots, read once.
    async fn trust(&self) -> Result<Arc<ClientConfig>, Snag> {
        let load = || async {
            let file = self.smtp.ca_file.clone();
            let loaded = tokio::task::spawn_blocking(move || trust_roots::load(file.as_deref())).await;
            loaded.unwrap_or_else(|error| Err(Snag::Roots(error.to_string())))
        };
        self.trust.get_or_try_init(load).await.cloned()
    }
}

fn snag(stage: SmtpStage, error: lettre::transport::smtp::Error) -> Snag {
    match heard(Err(error)) {
        Ok(reply) => Snag::said(stage, &reply),
        Err(why) => Snag::Lost { stage, why },
    }
}
