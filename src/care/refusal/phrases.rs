//! The words of the world's mail servers, in lower case, and what they mean. The first row that fits counts, so what is about
//! us stands before what is about her, and what is plain before what is vague. A new server's words are a new row, and a line
//! in `tests/corpus/replies.toml` that proves it.

mod others;
mod us;

use crate::care::refusal::classify::Permanence::{self, Lasting, Temporary};
use crate::care::refusal::classify::RefusalReason;

/// Whose words they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Server {
    /// Amazon SES.
    Amazon,
    /// iCloud.
    Apple,
    /// Cisco Secure Email (IronPort).
    Cisco,
    /// Dovecot's LMTP and submission.
    Dovecot,
    /// Exim.
    Exim,
    /// Gmail and Google Workspace.
    Gmail,
    /// GMX, WEB.DE, mail.com, IONOS.
    Gmx,
    /// Servers that quote a blocklist.
    Lists,
    /// Several say it so.
    Many,
    /// Microsoft 365, outlook.com, Exchange.
    Microsoft,
    /// Plesk and cPanel, as hosting companies run them.
    Plesk,
    /// Postfix.
    Postfix,
    /// Proofpoint.
    Proofpoint,
    /// qmail and its heirs.
    Qmail,
    /// Rspamd behind another server (mailcow and others).
    Rspamd,
    /// Sendmail.
    Sendmail,
    /// Yahoo, AOL.
    Yahoo,
    /// Zoho.
    Zoho,
}

/// Words and what they mean.
#[derive(Debug, Clone, Copy)]
pub struct Phrase {
    /// Who says so.
    pub by: Server,
    /// All of these stand in what was said.
    pub says: &'static [&'static str],
    /// What it means.
    pub reason: RefusalReason,
    /// Whether waiting helps, where the code tells it wrongly.
    pub lasts: Option<Permanence>,
}

const fn row(by: Server, says: &'static [&'static str], reason: RefusalReason) -> Phrase {
    Phrase { by, says, reason, lasts: None }
}

impl Phrase {
    /// Waiting helps, though the code says that it does not.
    const fn passes(self) -> Self {
        Self { lasts: Some(Temporary), ..self }
    }

    /// Waiting does not help, though the code says that it does.
    const fn stays(self) -> Self {
        Self { lasts: Some(Lasting), ..self }
    }
}

/// Every row, in the order in which they count.
fn rows() -> impl Iterator<Item = &'static Phrase> {
    us::ROWS.iter().chain(others::ROWS)
}

/// The row for words in lower case, of those whose reason fits.
#[must_use]
pub fn find(lower: &str, fits: impl Fn(RefusalReason) -> bool) -> Option<&'static Phrase> {
    rows().find(|row| fits(row.reason) && row.says.iter().all(|sign| lower.contains(sign)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_found() {
        for row in rows() {
            assert!(
                row.says.iter().all(|sign| !sign.is_empty() && *sign == sign.to_ascii_lowercase()),
                "{row:?}"
            );
            let said = row.says.join(" … ");
            let found = find(&said, |_| true).unwrap();
            assert_eq!(found.reason.scope(), row.reason.scope(), "{row:?} is hidden by {found:?}");
        }
    }
}
