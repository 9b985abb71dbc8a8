//! Why somebody who came back from the provider, or wanted to go there, is not let in, and how she is told.

use std::time::Duration;

use axum::http::StatusCode;

use crate::exchange::openid::fault::OpenIdFault;

/// Why it did not work.
#[derive(Debug)]
pub(in crate::web::console) enum OpenIdRefusal {
    /// Another browser asked, another session, nobody, or too long ago.
    NotAsked,
    /// She did not finish at the provider, or it let her not.
    Declined,
    /// Too many tries from there.
    TooMany(Duration),
    /// The provider could not say who she is.
    Provider(OpenIdFault),
    /// No account is connected with her sign-in there.
    NotConnected,
    /// Her account here is off.
    TurnedOff,
}

impl OpenIdRefusal {
    /// The status of the page.
    pub(in crate::web::console) const fn status(&self) -> StatusCode {
        match self {
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Provider(
                OpenIdFault::Away(_)
                | OpenIdFault::OtherProvider(_)
                | OpenIdFault::Setup(_)
                | OpenIdFault::ClientRefused(_),
            ) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotAsked | Self::Declined | Self::Provider(_) | Self::NotConnected | Self::TurnedOff => {
                StatusCode::UNAUTHORIZED
            }
        }
    }

    /// Tells the log, for whoever runs this machine.
    pub(in crate::web::console) fn tell(&self) {
        match self {
            Self::Provider(fault) => {
                tracing::warn!(%fault, hint = fault.hint(), "a sign-in through OpenID Connect failed");
            }
            Self::NotAsked => tracing::warn!("an answer of the OpenID Connect provider was not asked for"),
            Self::Declined | Self::TooMany(_) | Self::NotConnected | Self::TurnedOff => {
                tracing::info!(refusal = ?self, "a sign-in through OpenID Connect did not end");
            }
        }
    }

    /// What the page says.
    pub(in crate::web::console) fn words(&self, provider: &str) -> String {
        match self {
            Self::NotAsked => format!(
                "That sign-in at {provider} was begun in another browser, took too long, or was used before. Begin it again here."
            ),
            Self::Declined => format!(
                "You did not finish signing in at {provider}. Try it again, or sign in with name, password and code."
            ),
            Self::TooMany(wait) => {
                let minutes = wait.as_secs().div_ceil(60).max(1);
                format!(
                    "Too many tries from here. Try again in {minutes} minutes, or sign in with name, password and code."
                )
            }
            Self::Provider(OpenIdFault::Away(_)) => format!(
                "{provider} cannot be reached just now. Sign in with name, password and code; or try it again in a minute."
            ),
            Self::Provider(
                OpenIdFault::OtherProvider(_) | OpenIdFault::Setup(_) | OpenIdFault::ClientRefused(_),
            ) => format!(
                "Signing in through {provider} is not set up rightly. Sign in with name, password and code, and tell whoever runs \
                 this console: the log says what is wrong."
            ),
            Self::Provider(OpenIdFault::CodeRefused | OpenIdFault::Unproved(_)) => format!(
                "{provider} did not confirm that sign-in: it was used before, or took too long. Begin it again here."
            ),
            Self::Provider(OpenIdFault::TooWeak) => format!(
                "{provider} signed you in without the second step that this clinic asks for. Sign in there with it, or here with \
                 name, password and code."
            ),
            Self::NotConnected => format!(
                "{provider} knows you, but no account here is connected with that sign-in yet. Sign in once with name, password and \
                 code, open \"Your account\" and connect it there. If you have no account, an administrator invites you."
            ),
            Self::TurnedOff => {
                "Your account here is turned off. An administrator can turn it on again.".to_owned()
            }
        }
    }
}
