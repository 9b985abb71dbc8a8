//! Words of a mail server and what they mean.

use crate::care::refusal::reason::Permanence::{self, Lasting, Temporary};
use crate::care::refusal::reason::RefusalReason;

/// Words and what they mean.
#[derive(Debug, Clone, Copy)]
pub struct Phrase {
    /// The server that says it.
    pub by: Server,
    /// All of these stand in what was said.
    pub says: &'static [&'static str],
    /// Why it says so.
    pub reason: RefusalReason,
    /// Whether waiting helps, where the code tells it wrongly.
    pub lasts: Option<Permanence>,
}

impl Phrase {
    /// Whether all of it stands in words in lower case.
    pub(in crate::care::refusal::phrases) fn is_in(&self, lower: &str) -> bool {
        self.says.iter().all(|sign| stands(lower, sign))
    }

    /// What its words mean for the letter.
    pub(in crate::care::refusal::phrases) const fn found(&self) -> PhraseMatch {
        PhraseMatch { reason: self.reason, lasts: self.lasts }
    }

    /// Waiting helps, though the code says that it does not.
    pub(in crate::care::refusal::phrases) const fn passes(self) -> Self {
        Self { lasts: Some(Temporary), ..self }
    }

    /// Waiting does not help, though the code says that it does.
    pub(in crate::care::refusal::phrases) const fn stays(self) -> Self {
        Self { lasts: Some(Lasting), ..self }
    }
}

/// What words mean for the letter, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhraseMatch {
    /// Why the server says so.
    pub reason: RefusalReason,
    /// Whether waiting helps, where the code tells it wrongly.
    pub lasts: Option<Permanence>,
}

/// Names of methods and of commands: they are whole words, for they stand inside of others.
const WHOLE: [&str; 9] = ["dmarc", "dkim", "spf", "sorbs", "helo", "ehlo", "rdns", "dnsbl", "rbl"];

fn stands(lower: &str, sign: &str) -> bool {
    if !WHOLE.contains(&sign) {
        return lower.contains(sign);
    }
    let is_border = |c: Option<char>| c.is_none_or(|c| !c.is_alphabetic());
    lower.match_indices(sign).any(|(at, _)| {
        let (before, after) =
            (lower.get(..at).unwrap_or_default(), lower.get(at + sign.len()..).unwrap_or_default());
        // "DNSBLs" are several.
        let after = after.strip_prefix('s').unwrap_or(after);
        is_border(before.chars().next_back()) && is_border(after.chars().next())
    })
}

/// The server software or service that says the words; no rule reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Server {
    /// Amazon SES, a service that sends mail for others.
    Amazon,
    /// AOL Mail, in the codes of its own.
    Aol,
    /// iCloud Mail, Apple's mailbox service.
    Apple,
    /// Cisco Secure Email (IronPort).
    Cisco,
    /// Cox, a network provider of the USA.
    Cox,
    /// Dovecot's LMTP and submission.
    Dovecot,
    /// The open-source mail server Exim.
    Exim,
    /// Gmail and Google Workspace.
    Gmail,
    /// GMX, WEB.DE, mail.com, IONOS.
    Gmx,
    /// Servers that quote a blocklist.
    Lists,
    /// Mail.ru, a mailbox service.
    MailRu,
    /// Words that several kinds of servers share.
    Many,
    /// Microsoft 365, outlook.com, Exchange.
    Microsoft,
    /// Mimecast, a mail filter in front of other servers.
    Mimecast,
    /// Orange, Laposte and other providers of France that refuse in codes of theirs.
    Orange,
    /// Plesk and cPanel, as hosting companies run them.
    Plesk,
    /// The open-source mail server Postfix.
    Postfix,
    /// Proofpoint, a mail filter in front of other servers.
    Proofpoint,
    /// qmail and its heirs.
    Qmail,
    /// Rspamd behind another server (mailcow and others).
    Rspamd,
    /// The open-source mail server Sendmail.
    Sendmail,
    /// T-Online, a mailbox service of Germany.
    TOnline,
    /// The mailbox services Yahoo Mail and AOL Mail.
    Yahoo,
    /// Zoho Mail, a mailbox service for organisations.
    Zoho,
}

pub(in crate::care::refusal::phrases) const fn row(
    by: Server,
    says: &'static [&'static str],
    reason: RefusalReason,
) -> Phrase {
    Phrase { by, says, reason, lasts: None }
}
