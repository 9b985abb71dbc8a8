//! `[mail.imap]`: the mailbox that returned letters and replies arrive in, where the provider keeps it.

use std::path::{Path, PathBuf};

use crate::config::file::addresses::{host, is_loopback};
use crate::config::file::reader::Section;
use crate::config::file::values::{LONGEST_PATH, one_of, path, port, words};
use crate::config::sections::smtp::{Auth, Tls};

/// A mailbox that is read by IMAP. Nothing in it is changed. The password is no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imap {
    /// Name or IP address of the server; the name its certificate must carry.
    pub host: String,
    /// 993 as a rule; never 0.
    pub port: u16,
    /// [`Tls::Implicit`], or [`Tls::None`] to this very machine.
    pub tls: Tls,
    /// The account that signs in.
    pub username: String,
    /// By password ([`Auth::Plain`]) or token ([`Auth::XOAuth2`]).
    pub auth: Auth,
    /// Name of the credential, or absolute path of the file, that holds the password or token.
    pub password_credential: Option<String>,
    /// Further roots to trust (PEM), beside those of the system.
    pub ca_file: Option<PathBuf>,
    /// The folder that is read.
    pub folder: String,
}

impl Imap {
    /// Reads the section; `None` where there is none, and when something it needs is missing or wrong, which has then been
    /// reported. Of `oauth` only whether it is there is asked.
    pub(in crate::config) fn read(s: &Section<'_, '_>, oauth: &Section<'_, '_>) -> Option<Self> {
        if !s.is_there() {
            return None;
        }
        let host = s.need("host", host);
        let port = s.or("port", PORT, port);
        let tls =
            s.or("tls", Tls::Implicit, |v| one_of(v, &[("implicit", Tls::Implicit), ("none", Tls::None)]));
        let username = s.need("username", words(255));
        let ways = [("plain", Auth::Plain), ("xoauth2", Auth::XOAuth2)];
        let auth = s.or("auth", Auth::Plain, |v| one_of(v, &ways));
        let password_credential = s.may("password_credential", words(LONGEST_PATH));
        let ca_file = s.may("ca_file", path);
        let folder = s.or("folder", "INBOX".to_owned(), words(255));
        if tls == Tls::None && host.as_deref().is_some_and(|host| !is_loopback(host)) {
            let hint =
                "use `implicit`; `none` is for a server on this very machine (127.0.0.1, ::1, localhost)";
            s.fault("tls", "is `none`, but the server is another machine", hint);
        }
        let by_oauth = auth == Auth::XOAuth2 && oauth.is_there();
        if !by_oauth && !s.has("password_credential") {
            let hint = "name the credential that holds the password: `password_credential = \"imap-password\"`; or add \
                        `[mail.oauth]` and `auth = \"xoauth2\"`";
            s.fault("username", "has no `password_credential` beside it", hint);
        }
        s.close();
        Some(Self { host: host?, port, tls, username: username?, auth, password_credential, ca_file, folder })
    }

    /// Makes a relative path count from `base`.
    pub(in crate::config) fn settle(&mut self, base: &Path) {
        self.ca_file.iter_mut().for_each(|path| *path = base.join(&*path));
    }

    /// Which mailbox it is: another one begins anew.
    #[must_use]
    pub fn identity(&self) -> String {
        format!("{} {}:{} {}", self.username, self.host, self.port, self.folder)
    }
}

/// IMAP over TLS (RFC 8314).
const PORT: u16 = 993;
