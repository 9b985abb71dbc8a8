//! Why the provider could not say who somebody is.

use openidconnect::core::CoreErrorResponseType;
use openidconnect::{DiscoveryError, RequestTokenError, StandardErrorResponse};

use crate::exchange::provider_transport::TransportFault;

/// What went wrong between us and the provider. No word of it is about whoever signs in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenIdFault {
    /// It cannot be reached, or answers nothing of use.
    #[error("the provider cannot be reached: {0}")]
    Away(String),
    /// What it says of itself does not fit what we were told of it.
    #[error("the provider is not what `[openid]` says: {0}")]
    OtherProvider(String),
    /// The client secret, or the roots to trust, cannot be read here.
    #[error("{0}")]
    Setup(String),
    /// It does not know us: client id, client secret or redirect URI.
    #[error("the provider does not accept our client id and secret: {0}")]
    ClientRefused(String),
    /// It does not take that code: used before, or too old.
    #[error("the provider does not take that code any more")]
    CodeRefused,
    /// What it signed does not hold: signature, issuer, audience, nonce or time.
    #[error("what the provider signed does not hold: {0}")]
    Unproved(String),
    /// It signed somebody in, but not as strongly as the clinic wants it.
    #[error("the provider signed somebody in without the `acr` or `amr` that `[openid]` requires")]
    TooWeak,
}

impl OpenIdFault {
    /// What to do next, for whoever runs this machine.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Away(_) => {
                "look whether the provider runs and this machine may reach it; its certificate may need `openid.ca_file`"
            }
            Self::OtherProvider(_) => {
                "write `openid.issuer` letter by letter as the provider's discovery document has it"
            }
            Self::Setup(_) => "mend what is named; the file must be readable for the service's user",
            Self::ClientRefused(_) => {
                "compare `openid.client_id`, the client secret and the redirect URI with what is registered at the provider"
            }
            Self::CodeRefused => "sign in anew",
            Self::Unproved(_) => "look at both clocks, and at `openid.issuer` and `openid.client_id`",
            Self::TooWeak => {
                "have the provider ask for a second factor, or change `openid.require_acr` or `require_amr`"
            }
        }
    }

    /// Nobody knows what the provider said: the call ended before its answer.
    #[must_use]
    pub fn broken_off() -> Self {
        Self::Away("the call broke off".to_owned())
    }

    /// Of discovery, or of the keys.
    pub(in crate::exchange::openid) fn of_discovery(fault: DiscoveryError<TransportFault>) -> Self {
        match fault {
            DiscoveryError::Request(transport) => Self::Away(transport.to_string()),
            DiscoveryError::Response(status, ..) if status.is_success() => {
                Self::OtherProvider("its answer is no JSON".to_owned())
            }
            DiscoveryError::Response(status, ..) => {
                Self::Away(format!("it answers HTTP {}", status.as_u16()))
            }
            DiscoveryError::Parse(fault) => {
                let place = fault.path().to_string();
                Self::OtherProvider(format!("its discovery document cannot be read at `{place}`"))
            }
            other => Self::OtherProvider(short(&other.to_string())),
        }
    }

    /// Of the exchange of a code for what it stands for.
    pub(in crate::exchange::openid) fn of_exchange(
        fault: RequestTokenError<TransportFault, StandardErrorResponse<CoreErrorResponseType>>,
    ) -> Self {
        match fault {
            RequestTokenError::Request(transport) => Self::Away(transport.to_string()),
            // What it describes in words of its own may name somebody: only the code of the error is told.
            RequestTokenError::ServerResponse(said) => match said.error() {
                CoreErrorResponseType::InvalidGrant => Self::CodeRefused,
                code => Self::ClientRefused(short(code.as_ref())),
            },
            RequestTokenError::Parse(..) => Self::Away("its answer to a code cannot be read".to_owned()),
            RequestTokenError::Other(said) => Self::Away(short(&said)),
        }
    }
}

/// So much of foreign words as a log can bear, on one line.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(160).collect()
}
