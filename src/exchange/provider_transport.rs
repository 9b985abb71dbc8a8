//! How a request gets to a provider of sign-ins or tokens: over TLS with the system's roots and the clinic's own, within a deadline, following
//! nobody elsewhere.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use oauth2::{HttpRequest, HttpResponse, SyncHttpClient};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// Why a request got no answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(in crate::exchange) struct TransportFault(pub(in crate::exchange) String);

/// Each step with the provider is over by then; a sign-in takes five at most, and a request of the console 30 seconds.
const DEADLINE: Duration = Duration::from_secs(5);
/// No answer of a provider is longer.
const LONGEST: u64 = 1024 * 1024;

/// Who carries requests to the provider.
pub(in crate::exchange) struct ProviderTransport {
    agent: ureq::Agent,
}

impl ProviderTransport {
    /// A transport that trusts the system's roots and those of the file.
    ///
    /// # Errors
    /// What is wrong with the file, for a person: it holds no certificate or cannot be read.
    pub(in crate::exchange) fn open(ca_file: Option<&Path>) -> Result<Self, String> {
        let native = rustls_native_certs::load_native_certs();
        let own = ca_file.map(own_roots).transpose()?.unwrap_or_default();
        let roots = native.certs.iter().chain(&own).map(|root| Certificate::from_der(root).to_owned());
        let roots = RootCerts::Specific(Arc::new(roots.collect()));
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(DEADLINE))
            .max_redirects(0)
            .http_status_as_error(false)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build();
        Ok(Self { agent: config.into() })
    }
}

fn own_roots(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let fault = |why: String| format!("{}: {why}", path.display());
    let found = CertificateDer::pem_file_iter(path).map_err(|error| fault(error.to_string()))?;
    let found = found.collect::<Result<Vec<_>, _>>().map_err(|error| fault(error.to_string()))?;
    if found.is_empty() { Err(fault("no certificate in it (PEM expected)".to_owned())) } else { Ok(found) }
}

impl SyncHttpClient for ProviderTransport {
    type Error = TransportFault;

    fn call(&self, request: HttpRequest) -> Result<HttpResponse, TransportFault> {
        // The words of a transport fault name hosts, never people; no address with a code in it is ever asked for.
        let fault = |error: ureq::Error| TransportFault(error.to_string().chars().take(160).collect());
        let (parts, body) = request.into_parts();
        let answer = if body.is_empty() {
            self.agent.run(oauth2::http::Request::from_parts(parts, ()))
        } else {
            self.agent.run(oauth2::http::Request::from_parts(parts, body))
        };
        let (parts, body) = answer.map_err(fault)?.into_parts();
        let body = body.into_with_config().limit(LONGEST).read_to_vec().map_err(fault)?;
        Ok(HttpResponse::from_parts(parts, body))
    }
}
