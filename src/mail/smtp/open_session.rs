//! From settings to a session that has greeted and signed in; what all connections of a courier share.

use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{Arc, OnceLock};

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Ehlo;
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::config::sections::smtp::Tls;
use crate::mail::smtp::auth::sign_in;
use crate::mail::smtp::capabilities::Capabilities;
use crate::mail::smtp::connection_limit::ConnectionLimit;
use crate::mail::smtp::dialogue::SmtpSession;
use crate::mail::smtp::reply::{SmtpStage, heard};
use crate::mail::smtp::session_limits::PATIENCE;
use crate::mail::smtp::settings::SmtpSettings;
use crate::mail::smtp::transport::connect::{self, ChannelSecurity};
use crate::mail::smtp::transport::connect_error::ConnectError;
use crate::mail::smtp::transport::reply_stream::ReplyStream;
use crate::mail::smtp::transport::trust_roots;
use crate::ports::Clock;

/// What all connections of a courier share.
pub(in crate::mail) struct CourierState {
    pub(in crate::mail) smtp: SmtpSettings,
    pub(in crate::mail) hello: ClientId,
    pub(in crate::mail) clock: Arc<dyn Clock>,
    pub(in crate::mail) trust: OnceCell<Arc<ClientConfig>>,
    /// How many envelopes in a row, sent with the letter before, were never answered.
    pub(in crate::mail) unanswered: AtomicU32,
    /// How many connections may be open, whichever pass opens them; taken over from the courier before, if there was one.
    pub(in crate::mail) limit: OnceLock<Arc<ConnectionLimit>>,
    /// Whether the last connection that was to be opened could not be, which the log has said.
    pub(in crate::mail) is_away: AtomicBool,
}

impl CourierState {
    /// How many connections to its server may be open.
    pub(in crate::mail) fn limit(&self) -> &Arc<ConnectionLimit> {
        self.limit.get_or_init(|| ConnectionLimit::new(self.smtp.server.connections))
    }

    pub(in crate::mail) async fn open(&self) -> Result<ConnectResult, ConnectError> {
        let limit = self.smtp.server.timeout * PATIENCE;
        timeout(limit, self.open_now()).await.unwrap_or(Err(ConnectError::TooSlow(limit)))
    }

    async fn open_now(&self) -> Result<ConnectResult, ConnectError> {
        let trust = if self.smtp.server.tls == Tls::None { None } else { Some(self.trust().await?) };
        let (stream, seal) = connect::open(&self.smtp, trust, &self.hello.to_string()).await?;
        let progress = stream.progress();
        let stream = Box::new(ReplyStream::new(stream));
        let greeted = AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await;
        let mut connection = match greeted {
            Ok(connection) => connection,
            Err(error) => return Err(connect_error(SmtpStage::Greeting, error)),
        };
        // lettre keeps few keywords of its own EHLO, so it is said again; a server that minds offers nothing.
        let offers = match connection.command(Ehlo::new(self.hello.clone())).await {
            Ok(response) => Capabilities::read(&response),
            Err(error) if error.is_permanent() => Capabilities::default(),
            Err(error) => return Err(connect_error(SmtpStage::Greeting, error)),
        };
        let mechanism = sign_in(&self.smtp, &offers, &mut connection).await?.map(|m| m.to_string());
        let open = SmtpSession {
            connection,
            offers,
            progress,
            cluttered: false,
            used_at: self.clock.monotonic(),
            _slot: None,
        };
        Ok((open, seal, mechanism))
    }

    /// The roots, read once.
    async fn trust(&self) -> Result<Arc<ClientConfig>, ConnectError> {
        let load = || async {
            let file = self.smtp.server.ca_file.clone();
            let loaded = tokio::task::spawn_blocking(move || trust_roots::load(file.as_deref())).await;
            loaded.unwrap_or_else(|error| Err(ConnectError::Roots(error.to_string())))
        };
        self.trust.get_or_try_init(load).await.cloned()
    }
}

type ConnectResult = (SmtpSession, ChannelSecurity, Option<String>);

pub(in crate::mail::smtp) fn connect_error(
    stage: SmtpStage,
    error: lettre::transport::smtp::Error,
) -> ConnectError {
    match heard(Err(error)) {
        Ok(reply) => ConnectError::said(stage, &reply),
        Err(why) => ConnectError::Lost { stage, why },
    }
}
