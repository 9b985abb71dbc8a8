//! The signer of letters: `[mail.dkim]` and the key in its credential. Read when the configuration is, so that a reload takes a new
//! key on, and a wrong one stops a start instead of letters.

use std::sync::Arc;

use crate::config::credential::{self, CredentialFault};
use crate::config::sections::mail::Mail;
use crate::mail::dkim::key::{DkimKey, DkimKeyFault};
use crate::mail::dkim::signer::DkimSigner;

/// Why no letter could be signed.
#[derive(Debug, thiserror::Error)]
pub enum DkimFault {
    /// The credential cannot be had.
    #[error(transparent)]
    Credential(#[from] CredentialFault),
    /// What is in it is no key that signs.
    #[error("credential `{name}`: {fault}")]
    Key {
        /// As written in the configuration.
        name: String,
        /// What is wrong with it.
        fault: DkimKeyFault,
    },
}

impl DkimFault {
    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Credential(fault) => fault.hint(),
            Self::Key { .. } => {
                "make one: `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out FILE`, readable for its owner only, \
                 and publish what `aftercare dkim show` prints; or take `[mail.dkim]` out where the relay signs"
            }
        }
    }
}

/// The signer; `None` where the configuration wants none.
///
/// # Errors
/// [`DkimFault`].
pub fn signer(mail: &Mail) -> Result<Option<Arc<DkimSigner>>, DkimFault> {
    let Some(dkim) = &mail.dkim else { return Ok(None) };
    let secret = credential::key(&dkim.key_credential)?;
    let key = DkimKey::from_pem(&secret)
        .map_err(|fault| DkimFault::Key { name: dkim.key_credential.clone(), fault })?;
    let (domain, selector) = (dkim.domain.clone(), dkim.selector.clone());
    Ok(Some(Arc::new(DkimSigner { domain, selector, key })))
}
