//! Who issues tokens in tests of SMTP and IMAP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use secrecy::{ExposeSecret, SecretString};

use super::password::{PasswordFault, PasswordSource, TokenIssuer};

/// Issues `t0`, `t1`, …: a new one after each that was refused; or nothing at all.
struct Issuer {
    refused: AtomicU64,
    fault: Option<PasswordFault>,
}

impl TokenIssuer for Issuer {
    fn token(&self) -> Result<SecretString, PasswordFault> {
        let token = format!("t{}", self.refused.load(Ordering::Relaxed));
        self.fault.clone().map_or_else(|| Ok(token.into()), Err)
    }

    fn drop_refused(&self, refused: &SecretString) -> bool {
        assert!(refused.expose_secret().starts_with('t'));
        self.refused.fetch_add(1, Ordering::Relaxed);
        true
    }
}

/// Tokens `t0`, `t1`, …, or that fault whenever one is asked for.
pub(super) fn tokens_or(fault: Option<PasswordFault>) -> PasswordSource {
    PasswordSource::issued(Arc::new(Issuer { refused: AtomicU64::new(0), fault }))
}
