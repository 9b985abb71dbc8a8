//! `[mail.smtp]`: where the mail server is and how to speak with it. `mail` speaks by these very values.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::config::file::addresses::{host, is_loopback};
use crate::config::file::ranges::{count, span};
use crate::config::file::reader::Section;
use crate::config::file::values::{LONGEST_PATH, full_name, one_of, path, port, words};

/// The mail server and the account with it. The password is no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Name or IP address of the server; the name its certificate must carry.
    pub host: String,
    /// 465, 587, or 25 for a relay on this machine; never 0.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// The full name said at EHLO; this machine's, or the domain of our letters, when absent.
    pub hello: Option<String>,
    /// The account that signs in; nobody does when absent.
    pub username: Option<String>,
    /// The SASL mechanism to sign in with.
    pub auth: Auth,
    /// Name of the credential, or absolute path of the file, that holds the password or token.
    pub password_credential: Option<String>,
    /// Further roots to trust (PEM), beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// How many connections may be open at once, from 1 to 64.
    pub connections: usize,
    /// The longest silence to bear at any step but the answer to the final dot, from 1 second to 2 minutes.
    pub timeout: Duration,
}

/// How an SMTP connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Plain greeting, then STARTTLS or nothing (port 587).
    StartTls,
    /// TLS from the first byte (port 465).
    Implicit,
    /// No encryption; only to this very machine.
    None,
}

/// The SASL mechanism of an SMTP account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// AUTH PLAIN (RFC 4616).
    Plain,
    /// AUTH LOGIN, the two questions of old.
    Login,
    /// AUTH XOAUTH2, by a token that `[mail.oauth]` fetches, or that somebody else puts into the credential.
    XOAuth2,
}

impl Smtp {
    /// A server without an account, and the defaults of everything that may be left out.
    #[must_use]
    pub fn new(host: &str, port: u16, tls: Tls) -> Self {
        Self {
            host: host.to_owned(),
            port,
            tls,
            hello: None,
            username: None,
            auth: Auth::Plain,
            password_credential: None,
            ca_file: None,
            connections: CONNECTIONS as usize,
            timeout: TIMEOUT,
        }
    }

    /// Reads the section; `None` when something it needs is missing or wrong, which has then been reported.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Option<Self> {
        let host = s.need("host", host);
        let port = s.need("port", port);
        let kinds = [("starttls", Tls::StartTls), ("implicit", Tls::Implicit), ("none", Tls::None)];
        let tls = s.need("tls", |v| one_of(v, &kinds));
        let hello = s.may("hello", full_name);
        let username = s.may("username", words(255));
        let ways = [("plain", Auth::Plain), ("login", Auth::Login), ("xoauth2", Auth::XOAuth2)];
        let auth = s.or("auth", Auth::Plain, |v| one_of(v, &ways));
        let password_credential = s.may("password_credential", words(LONGEST_PATH));
        let ca_file = s.may("ca_file", path);
        let connections = s.or("connections", CONNECTIONS, count(1, 64));
        let timeout = s.or("timeout", TIMEOUT, span("1s", "2m"));
        encryption(s, host.as_deref(), tls);
        s.close();
        Some(Self {
            host: host?,
            port: port?,
            tls: tls?,
            hello,
            username,
            auth,
            password_credential,
            ca_file,
            connections: connections as usize,
            timeout,
        })
    }

    /// Makes a relative path count from `base`.
    pub(in crate::config) fn settle(&mut self, base: &Path) {
        self.ca_file.iter_mut().for_each(|path| *path = base.join(&*path));
    }

    /// The server as `host:port`, for texts that people read.
    #[must_use]
    pub fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

const CONNECTIONS: u32 = 4;
const TIMEOUT: Duration = Duration::from_secs(30);

fn encryption(s: &Section<'_, '_>, host: Option<&str>, tls: Option<Tls>) {
    if tls == Some(Tls::None) && host.is_some_and(|h| !is_loopback(h)) {
        let hint = "use `starttls` or `implicit`; `none` is for a server on this very machine (127.0.0.1, ::1, localhost)";
        s.fault("tls", "is `none`, but the server is another machine", hint);
    }
}
