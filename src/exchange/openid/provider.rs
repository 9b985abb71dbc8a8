//! Signing in through the provider: the Authorization Code Flow with PKCE, state and nonce (OpenID Connect Core 1.0 section 3.1).

use std::sync::Arc;
use std::time::SystemTime;

use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenClaims,
    CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse,
};
use secrecy::ExposeSecret;

use crate::config::credential;
use crate::config::sections::openid::{OpenId, OpenIdPrompt};
use crate::exchange::openid::discovery::{self, DiscoveryCache, ProviderDiscovery};
use crate::exchange::openid::fault::OpenIdFault;
use crate::journey::operations::accounts::openid::OpenIdIdentity;
use crate::ports::Clock;

/// Where the provider sends staff back to, behind the console's address.
pub const RETURN_PATH: &str = "/sign-in/openid/return";

/// Signatures that only the provider can make. A secret that both know proves nothing.
const SIGNATURES: [CoreJwsSigningAlgorithm; 10] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EcdsaP521Sha512,
    CoreJwsSigningAlgorithm::EdDsa,
];

type OpenIdClient = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider of a configuration.
pub struct OpenIdProvider {
    openid: OpenId,
    redirect_uri: String,
    clock: Arc<dyn Clock>,
    cache: DiscoveryCache,
}

/// What binds an answer of the provider to the browser that asked. No Debug: it holds secrets.
pub struct AuthorizationSecrets {
    /// What must come back in the address.
    pub state: String,
    /// What must stand in what the provider signs.
    pub nonce: String,
    /// What proves that a code is handed in by whoever asked for it (RFC 7636): 43 letters.
    pub verifier: String,
}

/// Whom the provider has signed in.
pub struct ProvedIdentity {
    /// Who it is, for the program.
    pub identity: OpenIdIdentity,
    /// What she is called there, if it says so: for her own eyes, kept nowhere.
    pub known_as: Option<String>,
}

impl OpenIdProvider {
    /// The provider of that section, for a console at that address. Nobody is asked anything yet.
    #[must_use]
    pub fn new(openid: &OpenId, console: &str, clock: Arc<dyn Clock>) -> Self {
        let redirect_uri = format!("{console}{RETURN_PATH}");
        Self { openid: openid.clone(), redirect_uri, clock, cache: DiscoveryCache::default() }
    }

    /// What staff call the provider.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.openid.name
    }

    /// Its name for itself.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.openid.issuer
    }

    /// Looks at the provider as it is now, past what is known: for `check --online`.
    ///
    /// # Errors
    /// [`OpenIdFault`].
    pub fn probe(&self) -> Result<(), OpenIdFault> {
        discovery::discover(&self.openid).map(drop)
    }

    /// Where to send a browser that wants to sign in.
    ///
    /// # Errors
    /// [`OpenIdFault`] when the provider is not known and cannot be reached.
    pub fn sign_in_url(&self, secrets: &AuthorizationSecrets) -> Result<String, OpenIdFault> {
        self.authorization_url(secrets, self.openid.prompt)
    }

    /// Where to send a browser whose owner connects her account: she signs in there herself, whoever was signed in before.
    ///
    /// # Errors
    /// As [`OpenIdProvider::sign_in_url`].
    pub fn connect_url(&self, secrets: &AuthorizationSecrets) -> Result<String, OpenIdFault> {
        self.authorization_url(secrets, OpenIdPrompt::Login)
    }

    fn authorization_url(
        &self,
        secrets: &AuthorizationSecrets,
        prompt: OpenIdPrompt,
    ) -> Result<String, OpenIdFault> {
        let found = self.cache.known(&self.openid, self.clock.monotonic())?;
        let client = self.client(&found)?;
        let (state, nonce) = (secrets.state.clone(), secrets.nonce.clone());
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let verifier = PkceCodeVerifier::new(secrets.verifier.clone());
        let mut request = client
            .authorize_url(flow, || CsrfToken::new(state), || Nonce::new(nonce))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_scopes(self.openid.scopes.iter().cloned().map(Scope::new));
        for acr in &self.openid.require_acr {
            request = request.add_auth_context_value(AuthenticationContextClass::new(acr.clone()));
        }
        request = match prompt {
            OpenIdPrompt::Login => request.add_prompt(CoreAuthPrompt::Login),
            OpenIdPrompt::SelectAccount => request.add_prompt(CoreAuthPrompt::SelectAccount),
            OpenIdPrompt::Provider => request,
        };
        Ok(request.url().0.to_string())
    }

    /// Hands the code in that came back, and gives whom the provider has signed in.
    ///
    /// # Errors
    /// [`OpenIdFault`].
    pub fn prove(&self, secrets: &AuthorizationSecrets, code: &str) -> Result<ProvedIdentity, OpenIdFault> {
        let found = self.cache.known(&self.openid, self.clock.monotonic())?;
        let client = self.client(&found)?;
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned()));
        let request = request.map_err(|fault| OpenIdFault::OtherProvider(fault.to_string()))?;
        let request = request.set_pkce_verifier(PkceCodeVerifier::new(secrets.verifier.clone()));
        let answer = request.request(&found.transport).map_err(OpenIdFault::of_exchange)?;
        let token =
            answer.id_token().ok_or_else(|| OpenIdFault::Unproved("it sent no ID token".to_owned()))?;
        let nonce = Nonce::new(secrets.nonce.clone());
        let claims = match self.claims(&client, token, &nonce) {
            // The keys were replaced since they were read.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let found = self.cache.again(&self.openid, self.clock.monotonic())?;
                self.claims(&self.client(&found)?, token, &nonce)
            }
            verified => verified,
        };
        let claims = claims.map_err(|fault| OpenIdFault::Unproved(fault.to_string()))?;
        self.strong_enough(&claims)?;
        let identity = OpenIdIdentity::new(claims.issuer().as_str(), claims.subject().as_str());
        Ok(ProvedIdentity { identity, known_as: known_as(&claims) })
    }

    /// What the token says, if its signature, issuer, audience, nonce and time hold.
    fn claims(
        &self,
        client: &OpenIdClient,
        token: &CoreIdToken,
        nonce: &Nonce,
    ) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        let now = SystemTime::from(self.clock.now());
        let verifier =
            client.id_token_verifier().set_allowed_algs(SIGNATURES).set_time_fn(move || now.into());
        token.claims(&verifier, nonce).cloned()
    }

    fn strong_enough(&self, claims: &CoreIdTokenClaims) -> Result<(), OpenIdFault> {
        let OpenId { require_acr, require_amr, .. } = &self.openid;
        let acr = claims.auth_context_ref().map(|acr| acr.as_str());
        let amr = || claims.auth_method_refs().into_iter().flatten().map(|amr| amr.as_str());
        let acr_fits = require_acr.is_empty() || acr.is_some_and(|acr| require_acr.iter().any(|r| r == acr));
        let amr_fits = require_amr.is_empty() || amr().any(|amr| require_amr.iter().any(|r| r == amr));
        if acr_fits && amr_fits { Ok(()) } else { Err(OpenIdFault::TooWeak) }
    }

    fn client(&self, found: &ProviderDiscovery) -> Result<OpenIdClient, OpenIdFault> {
        let OpenId { client_id, client_secret_credential, .. } = &self.openid;
        let secret = credential::secret(client_secret_credential);
        let secret = secret.map_err(|fault| OpenIdFault::Setup(fault.to_string()))?;
        let redirect = RedirectUrl::new(self.redirect_uri.clone());
        let redirect = redirect.map_err(|fault| OpenIdFault::Setup(fault.to_string()))?;
        let secret = Some(ClientSecret::new(secret.expose_secret().to_owned()));
        let client = CoreClient::from_provider_metadata(
            found.metadata.clone(),
            ClientId::new(client_id.clone()),
            secret,
        );
        Ok(client.set_auth_type(found.auth_type.clone()).set_redirect_uri(redirect))
    }
}

/// What she is called at the provider, where it tells.
fn known_as(claims: &CoreIdTokenClaims) -> Option<String> {
    let name = claims.preferred_username().map(|name| name.as_str());
    let name = name.or_else(|| claims.email().map(|email| email.as_str()))?;
    Some(name.chars().filter(|c| !c.is_control()).take(80).collect()).filter(|name: &String| !name.is_empty())
}
