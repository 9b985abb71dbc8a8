//! Where the mail server is and how to speak with it: `[mail.smtp]` made safe.

use std::fmt::{Debug, Formatter};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

/// How the line is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsSettings {
    /// TLS from the first byte (port 465).
    Implicit,
    /// Plain greeting, then TLS or nothing (port 587).
    StartTls,
    /// No encryption; only to this machine.
    None,
}

/// Which SASL mechanism signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaslMechanism {
    /// The first the server offers of PLAIN, LOGIN, XOAUTH2.
    #[default]
    Auto,
    /// PLAIN (RFC 4616).
    Plain,
    /// The two questions of old.
    Login,
    /// A bearer token instead of a password.
    XOAuth2,
}

/// Reads the password or token; the error says where it was looked for, never what was found.
pub type ReadPassword = dyn Fn() -> Result<SecretString, String> + Send + Sync;

/// Where the password or token comes from. Asked again for each connection, so that a rotated one works at once.
#[derive(Clone)]
pub struct PasswordSource(Arc<ReadPassword>);

impl PasswordSource {
    /// Wraps a reader, e.g. of a file under `$CREDENTIALS_DIRECTORY`.
    pub fn new(read: impl Fn() -> Result<SecretString, String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// The content of a file, e.g. a systemd credential, without the line end after it.
    #[must_use]
    pub fn file(path: PathBuf) -> Self {
        Self::new(move || {
            let words =
                std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            match words.trim_end_matches(['\r', '\n']) {
                "" => Err(format!("{} is empty", path.display())),
                words => Ok(words.into()),
            }
        })
    }

    /// Reads the password from where it is kept.
    ///
    /// # Errors
    /// What the reader said.
    pub fn read(&self) -> Result<SecretString, String> {
        (self.0)()
    }
}

impl Debug for PasswordSource {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordSource(…)")
    }
}

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

/// The mail server and our account with it.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Name or address of the server; the name its certificate must carry.
    pub host: String,
    /// 465, 587, or 25 for a relay on this machine.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: TlsSettings,
    /// The name said at EHLO; `None` = this machine's own.
    pub hello: Option<String>,
    /// The account; `None` = do not sign in.
    pub username: Option<String>,
    /// Its password or token.
    pub password: Option<PasswordSource>,
    /// The SASL mechanism used to sign in.
    pub auth: SaslMechanism,
    /// Further roots to trust (PEM), beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// How many lines may be open at once.
    pub connections: usize,
    /// The longest silence to bear at any step but the answer to the final dot.
    pub timeout: Duration,
    /// The longest silence to bear after the final dot: [`DOT_TIMEOUT`], but for tests.
    pub dot_timeout: Duration,
}

/// How long a server may take to answer the final dot (RFC 5321 §4.5.3.2.6). Less makes twins of letters that a slow relay
/// has taken.
pub const DOT_TIMEOUT: Duration = Duration::from_secs(10 * 60);

impl SmtpSettings {
    /// Settings without an account: four lines, 60 s of patience.
    #[must_use]
    pub fn new(host: &str, port: u16, tls: TlsSettings) -> Self {
        Self {
            host: host.to_owned(),
            port,
            tls,
            hello: None,
            username: None,
            password: None,
            auth: SaslMechanism::default(),
            ca_file: None,
            connections: 4,
            timeout: Duration::from_secs(60),
            dot_timeout: DOT_TIMEOUT,
        }
    }

    /// Signs in as `username`.
    #[must_use]
    pub fn signed_in(mut self, username: &str, password: PasswordSource) -> Self {
        self.username = Some(username.to_owned());
        self.password = Some(password);
        self
    }

    /// Proves that the settings make sense and leak nothing.
    ///
    /// # Errors
    /// The first [`SettingsFault`].
    pub fn checked(self) -> Result<Self, SettingsFault> {
        if rustls::pki_types::ServerName::try_from(self.host.as_str()).is_err() {
            return Err(SettingsFault::Host(self.host));
        }
        if self.tls == TlsSettings::None && !is_loopback(&self.host) {
            return Err(SettingsFault::PlainOverNetwork(self.host));
        }
        for (zero, key) in [
            (self.port == 0, "port"),
            (self.connections == 0, "connections"),
            (self.timeout.is_zero(), "timeout"),
        ] {
            if zero {
                return Err(SettingsFault::Zero(key));
            }
        }
        if self.username.is_some() && self.password.is_none() {
            return Err(SettingsFault::NoPassword);
        }
        Ok(self)
    }

    /// `host:port`, for people.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
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
            assert!(SmtpSettings::new(host, 25, TlsSettings::None).checked().is_ok(), "{host}");
        }
        for host in ["mail.example", "10.0.0.1", "localhost.example", "0.0.0.0", "::"] {
            let fault = SmtpSettings::new(host, 25, TlsSettings::None).checked().unwrap_err();
            assert_eq!(fault, SettingsFault::PlainOverNetwork(host.to_owned()));
            assert!(SmtpSettings::new(host, 465, TlsSettings::Implicit).checked().is_ok(), "{host}");
        }
    }

    #[test]
    fn senseless_settings_are_refused() {
        let good = || SmtpSettings::new("mail.example", 465, TlsSettings::Implicit);
        assert_eq!(SmtpSettings { port: 0, ..good() }.checked().unwrap_err(), SettingsFault::Zero("port"));
        assert_eq!(
            SmtpSettings { connections: 0, ..good() }.checked().unwrap_err(),
            SettingsFault::Zero("connections")
        );
        assert_eq!(
            SmtpSettings { timeout: Duration::ZERO, ..good() }.checked().unwrap_err(),
            SettingsFault::Zero("timeout")
        );
        assert_eq!(
            SmtpSettings { username: Some("u".into()), ..good() }.checked().unwrap_err(),
            SettingsFault::NoPassword
        );
        for host in ["", "mail example", "smtp://mail.example", "mail.example:25", "a\r\nb"] {
            assert!(
                matches!(SmtpSettings { host: host.into(), ..good() }.checked(), Err(SettingsFault::Host(_))),
                "{host:?}"
            );
        }
    }

    #[test]
    fn a_password_file_is_read_anew_without_its_line_end() {
        use secrecy::ExposeSecret;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("smtp");
        let source = PasswordSource::file(path.clone());
        assert!(source.read().unwrap_err().starts_with(&path.display().to_string()));
        for (words, want) in [("one\n", Some("one")), (" two \r\n", Some(" two ")), ("\n", None)] {
            std::fs::write(&path, words).unwrap();
            assert_eq!(source.read().ok().map(|secret| secret.expose_secret().to_owned()).as_deref(), want);
        }
    }

    #[test]
    fn debug_never_shows_the_password() {
        let smtp = SmtpSettings::new("mail.example", 465, TlsSettings::Implicit)
            .signed_in("clinic", PasswordSource::new(|| Ok("hunter2".into())));
        assert!(!format!("{smtp:?}").contains("hunter2"));
    }
}
