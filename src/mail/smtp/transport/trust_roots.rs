//! Whom we believe: the system's roots and the clinic's own.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::mail::smtp::transport::connect_error::ConnectError;

/// Loads the roots. Reads files: call it where blocking is allowed.
///
/// # Errors
/// [`ConnectError::Roots`] if the file cannot be read, holds no certificate, or there is no root at all.
pub(in crate::mail) fn load(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, ConnectError> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    let (_, unusable) = roots.add_parsable_certificates(native.certs);
    tracing::debug!(roots = roots.len(), unusable, errors = native.errors.len(), "system roots loaded");
    if let Some(path) = ca_file {
        add_file(&mut roots, path)?;
    }
    if roots.is_empty() {
        return Err(ConnectError::Roots("this system has no root certificates".to_owned()));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ConnectError::Roots(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn add_file(roots: &mut RootCertStore, path: &Path) -> Result<(), ConnectError> {
    let fault = |why: String| ConnectError::Roots(format!("{}: {why}", path.display()));
    let mut found = 0;
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| fault(error.to_string()))? {
        let certificate = certificate.map_err(|error| fault(error.to_string()))?;
        roots.add(certificate).map_err(|error| fault(error.to_string()))?;
        found += 1;
    }
    if found == 0 { Err(fault("no certificate in it (PEM expected)".to_owned())) } else { Ok(()) }
}
