//! Why there is no access token.

use oauth2::RequestTokenError;
use oauth2::basic::{BasicErrorResponse, BasicErrorResponseType};

use crate::exchange::provider_transport::TransportFault;

/// What went wrong between us and the token endpoint. No word of it is a secret or about a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenFault {
    /// It cannot be reached, or answers nothing of use: like a mail server that is away.
    #[error("the token endpoint gives no answer of use: {0}")]
    Away(String),
    /// Its certificate proves nothing to us; like one that is away.
    #[error(
        "the certificate of the token endpoint is not trusted ({0}); name the authority behind it in `mail.oauth.ca_file` if it is the \
         clinic's own"
    )]
    Untrusted(String),
    /// It gives us no token until somebody mends something.
    #[error("the token endpoint refuses us: {0}")]
    Refused(String),
    /// A secret, a key or the roots to trust cannot be read here.
    #[error("{0}")]
    Setup(String),
}

impl TokenFault {
    /// What to do next, for whoever runs this machine.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Away(_) => {
                "look at `mail.oauth.token_url` and whether this machine may reach it; letters wait meanwhile"
            }
            Self::Untrusted(_) => {
                "where the clinic's own authority stands behind it, or a proxy on the way, name the file of its certificate (PEM) in \
                 `mail.oauth.ca_file`; else somebody may be on the path. Letters wait meanwhile"
            }
            Self::Refused(_) => {
                "compare `[mail.oauth]` with what is registered at the provider: client id, scope, consent; its client secret, \
                 refresh token or key may have expired or been revoked"
            }
            Self::Setup(_) => "mend what is named; the file must be readable for the service's user",
        }
    }

    /// Of a request for a token.
    pub(in crate::exchange::oauth) fn of_request(
        fault: RequestTokenError<TransportFault, BasicErrorResponse>,
    ) -> Self {
        match fault {
            RequestTokenError::Request(transport) => Self::of_transport(&transport),
            RequestTokenError::ServerResponse(said) => Self::of_response(&said),
            RequestTokenError::Parse(..) => Self::Away("its answer holds no token".to_owned()),
            RequestTokenError::Other(said) => Self::Away(short(&said)),
        }
    }

    /// Of a request that got no answer.
    pub(in crate::exchange::oauth) fn of_transport(fault: &TransportFault) -> Self {
        let said = fault.to_string();
        match said.split_once("invalid peer certificate: ") {
            Some((_, why)) => Self::Untrusted(short(why)),
            None => Self::Away(said),
        }
    }

    /// Of what the endpoint says is wrong. What it describes in words of its own may name a mailbox: only codes are told.
    pub(in crate::exchange::oauth) fn of_response(said: &BasicErrorResponse) -> Self {
        let code = said.error().as_ref();
        let described = said.error_description().map_or("", String::as_str);
        let told = match microsoft_code(described) {
            Some(number) => format!("{code} ({number})"),
            None => code.to_owned(),
        };
        match said.error() {
            // Not of RFC 6749 for this endpoint, but said there all the same when it is busy.
            BasicErrorResponseType::Extension(word)
                if matches!(
                    word.as_str(),
                    "temporarily_unavailable" | "server_error" | "slow_down" | "internal_failure"
                ) =>
            {
                Self::Away(short(&told))
            }
            _ => Self::Refused(short(&told)),
        }
    }
}

/// The number under which Microsoft's manual has the reason, e.g. AADSTS7000222: the client secret has expired.
fn microsoft_code(words: &str) -> Option<&str> {
    let from = words.get(words.find("AADSTS")?..)?;
    let digits = from.bytes().skip("AADSTS".len()).take_while(u8::is_ascii_digit).count();
    (1..=9).contains(&digits).then(|| from.get(.."AADSTS".len() + digits)).flatten()
}

/// So much of foreign words as a log can bear, on one line.
fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(json: &str) -> String {
        TokenFault::of_response(&serde_json::from_str(json).unwrap()).to_string()
    }

    #[test]
    fn a_refusal_shows_codes_and_never_the_words_around_them() {
        let told = said(
            r#"{"error":"invalid_client","error_description":"AADSTS7000222: The secret of care@clinic.example is old."}"#,
        );
        assert_eq!(told, "the token endpoint refuses us: invalid_client (AADSTS7000222)");
        let told =
            said(r#"{"error":"invalid_grant","error_description":"Invalid email: care@clinic.example"}"#);
        assert_eq!(told, "the token endpoint refuses us: invalid_grant");
    }

    #[test]
    fn a_busy_endpoint_is_away_and_refuses_nobody() {
        for word in ["temporarily_unavailable", "server_error"] {
            assert!(said(&format!(r#"{{"error":"{word}"}}"#)).contains("no answer of use"), "{word}");
        }
    }
}
