//! `[mail]`: how letters leave, and in whose name.

use std::path::{Path, PathBuf};

use super::account::imap::Imap;
use super::account::oauth::Oauth;
use super::dkim::Dkim;
use super::smtp::{Auth, Smtp};
use crate::care::address::EmailAddress;
use crate::config::file::mailbox::Mailbox;
use crate::config::file::reader::Section;
use crate::config::file::values::{address, domain, mailbox, one_of, path};

/// The sender of every letter and the transport that carries it.
#[derive(Debug, Clone)]
pub struct Mail {
    /// What carries the letters.
    pub transport: Transport,
    /// The From of every letter.
    pub from: Mailbox,
    /// Where replies go, if not to `from`.
    pub reply_to: Option<EmailAddress>,
    /// The part of every Message-ID after the @.
    pub message_id_domain: String,
    /// Where the spool transport writes `.eml` files.
    pub spool_dir: PathBuf,
    /// Who issues access tokens, for accounts that sign in by XOAUTH2.
    pub oauth: Option<Oauth>,
    /// The mailbox that returned letters and replies arrive in, if it is read by IMAP.
    pub imap: Option<Imap>,
    /// In whose name letters are signed, if aftercare signs them.
    pub dkim: Option<Dkim>,
}

/// What carries letters out of the outbox.
#[derive(Debug, Clone)]
pub enum Transport {
    /// A mail server takes them.
    Smtp(Smtp),
    /// Files are written; nothing leaves this machine.
    Spool,
}

impl Transport {
    /// Whether letters go to a mail server.
    #[must_use]
    pub const fn is_smtp(&self) -> bool {
        matches!(self, Self::Smtp(_))
    }
}

impl Mail {
    /// Reads the section; `None` when something it needs is missing or wrong, which has then been reported.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Option<Self> {
        let by_smtp = s.need("transport", |v| one_of(v, &[("smtp", true), ("spool", false)]));
        let from = s.need("from", mailbox);
        let reply_to = s.may("reply_to", address);
        let message_id_domain = s.may("message_id_domain", domain);
        let spool_dir = s.or("spool_dir", PathBuf::from("spool"), path);
        if let Some(from) = &from {
            sender_length(s, &from.address);
        }
        let section = s.section("smtp");
        let smtp = if section.is_there() { Smtp::read(&section) } else { None };
        let oauth_section = s.section("oauth");
        let oauth = Oauth::read(&oauth_section);
        if section.is_there() {
            account(&section, smtp.as_ref(), &oauth_section);
        }
        let imap_section = s.section("imap");
        let imap = Imap::read(&imap_section, &oauth_section);
        let ways = [
            section.is_there().then(|| smtp.as_ref().map(|smtp| smtp.auth)),
            imap_section.is_there().then(|| imap.as_ref().map(|imap| imap.auth)),
        ];
        tokens_for_somebody(&oauth_section, &ways);
        let dkim_section = s.section("dkim");
        let dkim = Dkim::read(&dkim_section, from.as_ref());
        if by_smtp == Some(true) && !section.is_there() {
            s.fault(
                "transport",
                "is `smtp`, but there is no `[mail.smtp]`",
                "add the section with `host`, `port` and `tls`",
            );
        }
        s.close();
        let from = from?;
        let own_domain = || from.address.expose().rsplit('@').next().unwrap_or_default().to_owned();
        Some(Self {
            transport: if by_smtp? { Transport::Smtp(smtp?) } else { Transport::Spool },
            message_id_domain: message_id_domain.unwrap_or_else(own_domain),
            from,
            reply_to,
            spool_dir,
            oauth,
            imap,
            dkim,
        })
    }

    /// Makes relative paths count from `base`.
    pub(in crate::config) fn settle(&mut self, base: &Path) {
        self.spool_dir = base.join(&self.spool_dir);
        if let Transport::Smtp(smtp) = &mut self.transport {
            smtp.settle(base);
        }
        self.oauth.iter_mut().for_each(|oauth| oauth.settle(base));
        self.imap.iter_mut().for_each(|imap| imap.settle(base));
    }
}

/// Who signs in does so by one secret: a password, a token that lies somewhere, or tokens that are fetched.
fn account(s: &Section<'_, '_>, smtp: Option<&Smtp>, oauth: &Section<'_, '_>) {
    let by_token = smtp.is_none_or(|smtp| smtp.auth == Auth::XOAuth2);
    match (s.has("username"), s.has("password_credential")) {
        (true, false) if by_token && oauth.is_there() => {}
        (true, false) => {
            let hint = if by_token {
                "add `[mail.oauth]`, which fetches tokens, or name the credential that holds one in `password_credential`"
            } else {
                "name the credential that holds the password: `password_credential = \"smtp-password\"`"
            };
            s.fault("username", "has no `password_credential` beside it", hint);
        }
        (false, true) => s.fault("password_credential", "has no `username` beside it", "add `username`"),
        (true, true) if by_token && oauth.is_there() => {
            let hint = "take it out: `[mail.oauth]` fetches the tokens";
            s.fault("password_credential", "stands beside `[mail.oauth]`", hint);
        }
        (true, true) | (false, false) => {}
    }
}

/// Tokens that nobody signs in with are a slip. Of the account that has a fault nobody knows.
fn tokens_for_somebody(oauth: &Section<'_, '_>, ways: &[Option<Option<Auth>>]) {
    let is_for_nobody = ways.iter().flatten().all(|auth| auth.is_some_and(|auth| auth != Auth::XOAuth2));
    if oauth.is_there() && is_for_nobody {
        let hint = "set `auth = \"xoauth2\"` in `[mail.smtp]` or `[mail.imap]`, or take `[mail.oauth]` out";
        oauth.fault("grant", "is for an account that signs in by XOAUTH2, and there is none", hint);
    }
}

/// Each letter's return path is the sender's mailbox with `+NUMBER-TAG` behind it: at most twelve digits, ten of the tag and
/// two signs. A mailbox name longer than 64 octets (RFC 5321 §4.5.3.1.1) is refused by every server.
const LONGEST_SENDER: usize = 64 - 24;

fn sender_length(s: &Section<'_, '_>, from: &EmailAddress) {
    let local = from.expose().split('@').next().unwrap_or_default().len();
    if local > LONGEST_SENDER {
        let problem = format!("has {local} characters before the @, and {LONGEST_SENDER} are the most");
        s.fault(
            "from",
            &problem,
            "choose a shorter address: each letter adds up to 24 characters of its own to it",
        );
    }
}
