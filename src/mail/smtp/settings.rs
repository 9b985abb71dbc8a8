//! `[mail.smtp]` made safe to connect with: the server, a way to its password, the last deadline.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::config::sections::smtp::{Smtp, Tls};
use crate::mail::dkim::signer::DkimSigner;
use crate::mail::password::PasswordSource;

/// Why the settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsFault {
    /// Patients' addresses would cross a network unencrypted.
    #[error(
        "mail.smtp.tls = \"none\" is only for this machine, and {0} is not; hint: use \"implicit\" or \"starttls\""
    )]
    PlainOverNetwork(String),
    /// A count or span of zero.
    #[error("mail.smtp.{0} must be at least 1; hint: leave it out to get the default")]
    Zero(&'static str),
    /// Neither a name nor an address.
    #[error(
        "mail.smtp.host {0:?} is not a host name; hint: write only the name, such as smtp.clinic.example"
    )]
    Host(String),
    /// A user without a password.
    #[error(
        "mail.smtp.username is set but no password is; hint: name the credential in mail.smtp.password_credential"
    )]
    NoPassword,
}

/// A mail server as it is configured, and what a connection needs besides.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// `[mail.smtp]`; its `hello` is the name said at EHLO, its `password_credential` is not looked at here.
    pub server: Smtp,
    /// The password or token of the account; needed when there is one.
    pub password: Option<PasswordSource>,
    /// The longest silence to bear after the final dot: [`DOT_TIMEOUT`], but for tests.
    pub dot_timeout: Duration,
    /// Who signs the letters, if anybody does here.
    pub signer: Option<Arc<DkimSigner>>,
}

/// How long a server may take to answer the final dot (RFC 5321 §4.5.3.2.6). Less makes second
/// copies of letters that a slow relay has taken.
pub const DOT_TIMEOUT: Duration = Duration::from_secs(10 * 60);

impl SmtpSettings {
    /// Settings for a server without an account.
    #[must_use]
    pub const fn new(server: Smtp) -> Self {
        Self { server, password: None, dot_timeout: DOT_TIMEOUT, signer: None }
    }

    /// Signs in as `username`.
    #[must_use]
    pub fn signed_in(mut self, username: &str, password: PasswordSource) -> Self {
        self.server.username = Some(username.to_owned());
        self.password = Some(password);
        self
    }

    /// Proves that the settings make sense and leak nothing.
    ///
    /// # Errors
    /// The first [`SettingsFault`].
    pub fn checked(self) -> Result<Self, SettingsFault> {
        let server = &self.server;
        if rustls::pki_types::ServerName::try_from(server.host.as_str()).is_err() {
            return Err(SettingsFault::Host(self.server.host));
        }
        if server.tls == Tls::None && !is_loopback(&server.host) {
            return Err(SettingsFault::PlainOverNetwork(self.server.host));
        }
        for (zero, key) in [
            (server.port == 0, "port"),
            (server.connections == 0, "connections"),
            (server.timeout.is_zero(), "timeout"),
        ] {
            if zero {
                return Err(SettingsFault::Zero(key));
            }
        }
        if server.username.is_some() && self.password.is_none() {
            return Err(SettingsFault::NoPassword);
        }
        Ok(self)
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_only_for_this_machine() {
        for host in ["localhost", "127.0.0.1", "127.8.0.1", "::1"] {
            assert!(SmtpSettings::new(Smtp::new(host, 25, Tls::None)).checked().is_ok(), "{host}");
        }
        for host in ["mail.example", "10.0.0.1", "localhost.example", "0.0.0.0", "::"] {
            let fault = SmtpSettings::new(Smtp::new(host, 25, Tls::None)).checked().unwrap_err();
            assert_eq!(fault, SettingsFault::PlainOverNetwork(host.to_owned()));
            assert!(SmtpSettings::new(Smtp::new(host, 465, Tls::Implicit)).checked().is_ok(), "{host}");
        }
    }

    #[test]
    fn senseless_settings_are_refused() {
        let good = || Smtp::new("mail.example", 465, Tls::Implicit);
        let fault = |smtp: Smtp| SmtpSettings::new(smtp).checked().unwrap_err();
        assert_eq!(fault(Smtp { port: 0, ..good() }), SettingsFault::Zero("port"));
        assert_eq!(fault(Smtp { connections: 0, ..good() }), SettingsFault::Zero("connections"));
        assert_eq!(fault(Smtp { timeout: Duration::ZERO, ..good() }), SettingsFault::Zero("timeout"));
        assert_eq!(fault(Smtp { username: Some("u".into()), ..good() }), SettingsFault::NoPassword);
        for host in ["", "mail example", "smtp://mail.example", "mail.example:25", "a\r\nb"] {
            assert!(
                matches!(fault(Smtp { host: host.into(), ..good() }), SettingsFault::Host(_)),
                "{host:?}"
            );
        }
    }

    #[test]
    fn debug_never_shows_the_password() {
        let smtp = SmtpSettings::new(Smtp::new("mail.example", 465, Tls::Implicit))
            .signed_in("clinic", PasswordSource::new(|| Ok("hunter2".into())));
        assert!(!format!("{smtp:?}").contains("hunter2"));
    }
}
