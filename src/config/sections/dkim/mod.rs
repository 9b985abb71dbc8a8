//! `[mail.dkim]`: in which domain's name letters are signed, and by which of its keys. The key is no part of it.

use crate::care::address::EmailAddress;
use crate::config::file::mailbox::Mailbox;
use crate::config::file::reader::{Section, SpannedValue, ValueFault, ValueResult};
use crate::config::file::values::{LONGEST_PATH, domain, text, words};

/// A label of a domain name has at most so many characters (RFC 1035 §2.3.4).
const LONGEST_LABEL: usize = 63;
/// A whole name in DNS.
const LONGEST_NAME: usize = 253;

/// Who vouches for our letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dkim {
    /// The domain that vouches (`d=`): that of the sender's address, where the file names none.
    pub domain: String,
    /// Which of its keys (`s=`).
    pub selector: String,
    /// Name of the credential, or absolute path of the file, that holds the private key (PEM).
    pub key_credential: String,
}

impl Dkim {
    /// Reads the section; `None` where there is none, and when something it needs is missing or wrong, which has then been
    /// reported.
    pub(in crate::config) fn read(s: &Section<'_, '_>, from: Option<&Mailbox>) -> Option<Self> {
        if !s.is_there() {
            return None;
        }
        let vouching = s.may("domain", domain);
        let selector = s.need("selector", selector);
        let key_credential = s.need("key_credential", words(LONGEST_PATH));
        s.close();
        let (selector, own) = (selector?, || from.map(|from| domain_of(&from.address).to_owned()));
        let domain = vouching.or_else(own)?;
        let name = selector.len() + "._domainkey.".len() + domain.len();
        if name > LONGEST_NAME {
            let problem =
                format!("makes a name of {name} characters in DNS, and {LONGEST_NAME} are the most");
            s.fault("selector", &problem, "choose a shorter selector");
        }
        Some(Self { domain, selector, key_credential: key_credential? })
    }

    /// Whether DMARC counts a signature of this domain for a letter from that address, as far as the names alone tell: it is
    /// its domain, one above it, or one below (RFC 7489 §3.1.1, relaxed). Two domains side by side may count too.
    #[must_use]
    pub fn is_aligned(&self, from: &EmailAddress) -> bool {
        let from = domain_of(from).to_ascii_lowercase();
        let is_below = |below: &str, above: &str| {
            below.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        is_below(&from, &self.domain) || is_below(&self.domain, &from)
    }
}

fn domain_of(address: &EmailAddress) -> &str {
    address.expose().rsplit('@').next().unwrap_or_default()
}

/// Labels of letters, digits and hyphens with dots between (RFC 6376 §3.1).
fn selector(value: &SpannedValue<'_>) -> ValueResult<String> {
    let written = text(value)?;
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if written.split('.').all(is_label) {
        return Ok(written.to_ascii_lowercase());
    }
    let hint = "use letters, digits and hyphens, e.g. `aftercare-2027`; it names the key in DNS";
    Err(ValueFault::new(value, format!("`{written}` is no selector"), hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_counts_for_what_is_above_and_below_it() {
        let dkim =
            |domain: &str| Dkim { domain: domain.into(), selector: "a".into(), key_credential: "k".into() };
        let from = EmailAddress::parse("care@mail.Clinic.example").unwrap();
        for (domain, aligned) in [
            ("mail.clinic.example", true),
            ("clinic.example", true),
            ("x.mail.clinic.example", true),
            ("news.clinic.example", false),
            ("l.clinic.example", false),
            ("il.clinic.example", false),
            ("provider.example", false),
        ] {
            assert_eq!(dkim(domain).is_aligned(&from), aligned, "{domain}");
        }
    }
}
