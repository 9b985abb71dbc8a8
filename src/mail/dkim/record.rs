//! The DNS record that publishes the key (RFC 6376 §3.6).

use super::signer::DkimSigner;

/// A character-string of a TXT record holds so many bytes (RFC 1035 §3.3.14).
const LONGEST_STRING: usize = 255;

/// The TXT record of a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DkimRecord {
    /// Where it lies: `SELECTOR._domainkey.DOMAIN`.
    pub name: String,
    /// What it says, as one text.
    pub value: String,
}

impl DkimRecord {
    /// The record that receivers look up for this signer's letters.
    #[must_use]
    pub fn of(signer: &DkimSigner) -> Self {
        let DkimSigner { domain, selector, key } = signer;
        Self {
            name: format!("{selector}._domainkey.{domain}"),
            value: format!("v=DKIM1; k={}; p={}", key.algorithm.key_type(), key.public),
        }
    }

    /// What it says, in strings as a zone file has them; receivers put them together without anything between.
    #[must_use]
    pub fn strings(&self) -> Vec<&str> {
        let mut strings = Vec::new();
        let mut rest = self.value.as_str();
        while !rest.is_empty() {
            // It is ASCII throughout.
            let (one, after) = rest.split_at_checked(LONGEST_STRING).unwrap_or((rest, ""));
            strings.push(one);
            rest = after;
        }
        strings
    }
}
