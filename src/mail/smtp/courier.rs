//! The courier that speaks SMTP: one connection per worker, ours from the first byte to the last.

use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{Arc, OnceLock};

use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::ehlo_name;
use super::settings::SettingsFault;
use crate::mail::mime;
use crate::mail::smtp::connection::SmtpConnection;
use crate::mail::smtp::connection_limit::for_patients;
use crate::mail::smtp::open_session::CourierState;
use crate::mail::smtp::session_limits::QUIT_TIMEOUT;
use crate::mail::smtp::settings::SmtpSettings;
use crate::mail::smtp::transport::connect_error::ConnectError;
use crate::ports::{Clock, Courier, CourierConnection, Lane, Outgoing};

/// Carries letters to the clinic's mail server.
pub struct SmtpCourier(Arc<CourierState>);

impl SmtpCourier {
    /// A courier for checked settings; connects to nothing yet.
    ///
    /// # Errors
    /// A [`SettingsFault`].
    pub fn new(smtp: SmtpSettings, clock: Arc<dyn Clock>) -> Result<Self, SettingsFault> {
        let smtp = smtp.checked()?;
        Ok(Self(Arc::new(CourierState {
            hello: ehlo_name::client_id(smtp.server.hello.as_deref()),
            clock,
            trust: OnceCell::new(),
            unanswered: AtomicU32::new(0),
            limit: OnceLock::new(),
            is_away: AtomicBool::new(false),
            smtp,
        })))
    }

    /// Connects, encrypts, signs in and says goodbye, for `check --online`. Sends no letter.
    ///
    /// # Errors
    /// The [`ConnectError`] that a letter would meet, with its hint.
    pub async fn greet(&self) -> Result<Greeting, ConnectError> {
        let courier = &self.0;
        let (mut open, seal, signed_in) = courier.open().await?;
        drop(timeout(QUIT_TIMEOUT, open.connection.quit()).await); // All is known; a lost goodbye changes nothing.
        Ok(Greeting {
            place: courier.smtp.server.place(),
            encryption: seal,
            signed_in,
            pipelining: open.offers.pipelining,
            largest: open.offers.largest,
        })
    }
}

impl Courier for SmtpCourier {
    fn connections(&self) -> usize {
        self.0.smtp.server.connections
    }

    fn connection(&self) -> Box<dyn CourierConnection> {
        self.connection_for(Lane::Shared)
    }

    /// Where there is more than one, patients leave one to staff.
    fn lines_for(&self, lane: Lane) -> usize {
        match lane {
            Lane::Shared | Lane::Staff => self.connections(),
            Lane::Patients => for_patients(self.connections()),
        }
    }

    fn connection_for(&self, lane: Lane) -> Box<dyn CourierConnection> {
        Box::new(SmtpConnection::new(Arc::clone(&self.0), lane))
    }

    fn looks_ahead(&self) -> bool {
        true
    }

    fn succeed(&self, former: &(dyn Courier + 'static)) {
        let former: &dyn Any = former;
        let Some(Self(former)) = former.downcast_ref() else { return };
        if self.0.limit.set(Arc::clone(former.limit())).is_ok() {
            self.0.limit().allow(self.connections());
        }
    }

    fn write(&self, letter: &Outgoing) {
        mime::message(letter);
        mime::signature(letter, self.0.smtp.signer.as_deref());
    }
}

/// What a server said about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Greeting {
    /// The server, as `host:port`.
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
