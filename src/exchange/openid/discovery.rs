//! What the provider says of itself (OpenID Connect Discovery 1.0) with its keys, kept for an hour. One that cannot be reached
//! is left alone for a moment, so that a crowd at the sign-in page does not wait one behind the other.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use openidconnect::core::{CoreClientAuthMethod, CoreProviderMetadata};
use openidconnect::url::{Host, Url};
use openidconnect::{AuthType, IssuerUrl};

use crate::config::sections::openid::OpenId;
use crate::exchange::openid::fault::OpenIdFault;
use crate::exchange::provider_transport::ProviderTransport;

/// What was found is good for so long,
const GOOD_FOR: Duration = Duration::from_secs(3600);
/// and that nothing was found for so long.
const AWAY_FOR: Duration = Duration::from_secs(10);

/// The provider as it was found, and how to ask it.
pub(in crate::exchange::openid) struct ProviderDiscovery {
    /// What it says of itself, with its keys.
    pub(in crate::exchange::openid) metadata: CoreProviderMetadata,
    /// Where the client secret is put in a request.
    pub(in crate::exchange::openid) auth_type: AuthType,
    /// Who carries requests to it.
    pub(in crate::exchange::openid) transport: ProviderTransport,
}

/// What was found last, or that nothing was, and when by the clock that never jumps.
type DiscoveryResult = Option<(Duration, Result<Arc<ProviderDiscovery>, OpenIdFault>)>;

/// The last look at the provider.
#[derive(Default)]
pub(in crate::exchange::openid) struct DiscoveryCache(Mutex<DiscoveryResult>);

impl DiscoveryCache {
    /// The provider as it is known; looks where nothing is known, or too long ago. Whoever comes meanwhile waits for the same
    /// look.
    pub(in crate::exchange::openid) fn known(
        &self,
        openid: &OpenId,
        now: Duration,
    ) -> Result<Arc<ProviderDiscovery>, OpenIdFault> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, found)) = &*last {
            let good_for = if found.is_ok() { GOOD_FOR } else { AWAY_FOR };
            if now.saturating_sub(*at) < good_for {
                return found.clone();
            }
        }
        let found = discover(openid).map(Arc::new);
        *last = Some((now, found.clone()));
        found
    }

    /// Looks again, because what is known does not fit any more: keys are replaced now and then.
    pub(in crate::exchange::openid) fn again(
        &self,
        openid: &OpenId,
        now: Duration,
    ) -> Result<Arc<ProviderDiscovery>, OpenIdFault> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.known(openid, now)
    }
}

/// Looks at the provider.
///
/// # Errors
/// [`OpenIdFault`] when it cannot be reached, is another one, or would have secrets sent in the clear.
pub(in crate::exchange::openid) fn discover(openid: &OpenId) -> Result<ProviderDiscovery, OpenIdFault> {
    let roots = |why| OpenIdFault::Setup(format!("`openid.ca_file` {why}"));
    let transport = ProviderTransport::open(openid.ca_file.as_deref()).map_err(roots)?;
    let other = |why: String| OpenIdFault::OtherProvider(why);
    let issuer = IssuerUrl::new(openid.issuer.clone()).map_err(|fault| other(fault.to_string()))?;
    let metadata = CoreProviderMetadata::discover(&issuer, &transport).map_err(OpenIdFault::of_discovery)?;
    let token = metadata.token_endpoint().ok_or_else(|| other("it names no token endpoint".to_owned()))?;
    let endpoints = [
        ("authorization endpoint", metadata.authorization_endpoint().url()),
        ("token endpoint", token.url()),
        ("keys", metadata.jwks_uri().url()),
    ];
    for (name, url) in endpoints {
        if !is_sealed(url) {
            return Err(other(format!("the address of its {name} is not encrypted")));
        }
    }
    let auth_type = auth_type(metadata.token_endpoint_auth_methods_supported());
    Ok(ProviderDiscovery { metadata, auth_type, transport })
}

/// Over TLS, or to this very machine.
fn is_sealed(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_here)
}

/// By HTTP Basic, which is the default, unless the provider only takes the secret in the form.
fn auth_type(supported: Option<&Vec<CoreClientAuthMethod>>) -> AuthType {
    let takes = |method| supported.is_none_or(|all| all.contains(&method));
    match takes(CoreClientAuthMethod::ClientSecretBasic) || !takes(CoreClientAuthMethod::ClientSecretPost) {
        true => AuthType::BasicAuth,
        false => AuthType::RequestBody,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_over_tls_or_nowhere_beyond_this_machine() {
        for (url, sealed) in [
            ("https://id.hospital.example/token", true),
            ("http://127.0.0.1:9000/token", true),
            ("http://[::1]:9000/token", true),
            ("http://localhost/token", true),
            ("http://id.hospital.example/token", false),
            ("http://localhost.hospital.example/token", false),
            ("ftp://127.0.0.1/token", false),
        ] {
            assert_eq!(is_sealed(&Url::parse(url).unwrap()), sealed, "{url}");
        }
    }

    #[test]
    fn the_secret_goes_where_the_provider_wants_it() {
        use CoreClientAuthMethod::{ClientSecretBasic, ClientSecretPost, PrivateKeyJwt};
        assert!(matches!(auth_type(None), AuthType::BasicAuth));
        assert!(matches!(auth_type(Some(&vec![ClientSecretPost, ClientSecretBasic])), AuthType::BasicAuth));
        assert!(matches!(auth_type(Some(&vec![ClientSecretPost, PrivateKeyJwt])), AuthType::RequestBody));
    }
}
