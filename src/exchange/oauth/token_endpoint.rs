//! One request to the token endpoint (RFC 6749 §3.2), by the grant that the clinic has with its provider.

use std::time::Duration;

use jiff::Timestamp;
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicTokenResponse};
use oauth2::http::{Request, StatusCode, header};
use oauth2::{
    AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, RefreshToken,
    Scope, SyncHttpClient, TokenResponse, TokenUrl,
};
use secrecy::{ExposeSecret, SecretString};

use crate::config::credential;
use crate::config::sections::account::oauth::{Oauth, OauthGrant};
use crate::exchange::oauth::assertion::{self, AssertionClaims};
use crate::exchange::oauth::fault::TokenFault;
use crate::exchange::provider_transport::{ProviderTransport, TransportFault};

/// The name of a signed assertion as a grant (RFC 7523 §2.1), escaped for a form.
const JWT_BEARER: &str = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";

/// How long a token is good for whose answer does not say: shorter than any provider's.
const UNSAID: Duration = Duration::from_secs(10 * 60);

/// A token as it was issued.
pub(in crate::exchange::oauth) struct IssuedToken {
    /// The token that signs in.
    pub(in crate::exchange::oauth) token: SecretString,
    /// How long it is good for.
    pub(in crate::exchange::oauth) lifetime: Duration,
}

type TokenClient = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// Carries requests, and tells an answer that is none of a token endpoint by its status, which the library would not say.
struct TokenTransport(ProviderTransport);

impl SyncHttpClient for TokenTransport {
    type Error = TransportFault;

    fn call(&self, request: HttpRequest) -> Result<HttpResponse, TransportFault> {
        let answer = self.0.call(request)?;
        let is_told = answer.status() == StatusCode::OK
            || serde_json::from_slice::<BasicErrorResponse>(answer.body()).is_ok();
        match is_told {
            true => Ok(answer),
            false => Err(TransportFault(format!("it answers HTTP {}", answer.status().as_u16()))),
        }
    }
}

/// Asks for a token with which `mailbox` signs in.
///
/// # Errors
/// [`TokenFault`].
pub(in crate::exchange::oauth) fn ask(
    oauth: &Oauth,
    mailbox: &str,
    now: Timestamp,
) -> Result<IssuedToken, TokenFault> {
    let roots = |why| TokenFault::Setup(format!("`mail.oauth.ca_file` {why}"));
    let transport = TokenTransport(ProviderTransport::open(oauth.ca_file.as_deref()).map_err(roots)?);
    let scopes = || oauth.scope.iter().cloned().map(Scope::new);
    let answer = match &oauth.grant {
        OauthGrant::ClientCredentials { client_id, client_secret_credential } => {
            let client = client(oauth, client_id, Some(client_secret_credential))?;
            client.exchange_client_credentials().add_scopes(scopes()).request(&transport)
        }
        OauthGrant::RefreshToken { client_id, client_secret_credential, refresh_token_credential } => {
            let client = client(oauth, client_id, client_secret_credential.as_deref())?;
            let token = RefreshToken::new(secret(refresh_token_credential)?.expose_secret().to_owned());
            client.exchange_refresh_token(&token).add_scopes(scopes()).request(&transport)
        }
        OauthGrant::ServiceAccount { key_credential } => {
            let scope = oauth.scope.as_deref().unwrap_or_default();
            let claims = AssertionClaims { audience: &oauth.token_url, subject: mailbox, scope, now };
            let assertion = assertion::sign(&secret(key_credential)?, &claims)
                .map_err(|why| TokenFault::Setup(format!("`mail.oauth.key_credential`: {why}")))?;
            return hand_in(oauth, &assertion, &transport).map(|answer| issued(&answer));
        }
    };
    answer.map(|answer| issued(&answer)).map_err(TokenFault::of_request)
}

fn issued(answer: &BasicTokenResponse) -> IssuedToken {
    let lifetime = answer.expires_in().unwrap_or(UNSAID);
    IssuedToken { token: SecretString::from(answer.access_token().secret().as_str()), lifetime }
}

fn client(oauth: &Oauth, id: &str, secret_at: Option<&str>) -> Result<TokenClient, TokenFault> {
    let url = TokenUrl::new(oauth.token_url.clone());
    let url = url.map_err(|fault| TokenFault::Setup(format!("`mail.oauth.token_url`: {fault}")))?;
    // In the form, which every provider of mailboxes takes, while some know no HTTP Basic.
    let client = BasicClient::new(ClientId::new(id.to_owned()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(url);
    Ok(match secret_at.map(secret).transpose()? {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned())),
        None => client,
    })
}

fn secret(name: &str) -> Result<SecretString, TokenFault> {
    credential::secret(name).map_err(|fault| TokenFault::Setup(fault.to_string()))
}

/// The grant that the crate has no request for.
fn hand_in(
    oauth: &Oauth,
    assertion: &SecretString,
    transport: &TokenTransport,
) -> Result<BasicTokenResponse, TokenFault> {
    let form = format!("grant_type={JWT_BEARER}&assertion={}", assertion.expose_secret());
    let request = Request::post(&oauth.token_url)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json")
        .body(form.into_bytes())
        .map_err(|fault| TokenFault::Setup(format!("`mail.oauth.token_url`: {fault}")))?;
    let answer = transport.call(request).map_err(|fault| TokenFault::of_transport(&fault))?;
    let unreadable = || TokenFault::Away(format!("it answers HTTP {}", answer.status().as_u16()));
    if answer.status() == StatusCode::OK {
        return serde_json::from_slice(answer.body()).map_err(|_| unreadable());
    }
    let said = serde_json::from_slice(answer.body()).map_err(|_| unreadable())?;
    Err(TokenFault::of_response(&said))
}
