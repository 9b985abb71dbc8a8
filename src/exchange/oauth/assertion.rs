//! The assertion of a service account: a JWT signed with its key (RFC 7523 §3), as Google takes it for a mailbox of the domain.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use rustls::SignatureScheme;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// How long the assertion holds; Google takes no more than an hour.
const HOLDS_SECONDS: i64 = 3600;

/// What an assertion says.
pub(in crate::exchange::oauth) struct AssertionClaims<'a> {
    /// The token endpoint it is for.
    pub(in crate::exchange::oauth) audience: &'a str,
    /// The mailbox on whose behalf the account acts.
    pub(in crate::exchange::oauth) subject: &'a str,
    /// The scopes wanted, with spaces between.
    pub(in crate::exchange::oauth) scope: &'a str,
    /// When it is signed.
    pub(in crate::exchange::oauth) now: Timestamp,
}

/// What we need of the key file that the provider hands out. No Debug: it holds the key.
#[derive(Deserialize)]
struct SigningKeyFile {
    client_email: String,
    private_key: String,
    private_key_id: Option<String>,
}

/// The signed assertion, from a key file's text.
///
/// # Errors
/// What is wrong with the key file; never a word of it.
pub(in crate::exchange::oauth) fn sign(
    key_file: &SecretString,
    claims: &AssertionClaims<'_>,
) -> Result<SecretString, String> {
    let key: SigningKeyFile = serde_json::from_str(key_file.expose_secret()).map_err(|_| {
        "it is no service account's key file (JSON with `client_email` and `private_key`)".to_owned()
    })?;
    let AssertionClaims { audience, subject, scope, now } = claims;
    let issued = now.as_second();
    let header = serde_json::json!({ "alg": "RS256", "typ": "JWT", "kid": key.private_key_id });
    let body = serde_json::json!({
        "iss": key.client_email,
        "sub": subject,
        "scope": scope,
        "aud": audience,
        "iat": issued,
        "exp": issued + HOLDS_SECONDS,
    });
    let encoded = |value: serde_json::Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let said = format!("{}.{}", encoded(header), encoded(body));
    let signature = signature(key.private_key.as_bytes(), said.as_bytes())?;
    Ok(SecretString::from(format!("{said}.{}", BASE64URL_NOPAD.encode(&signature))))
}

/// RS256: RSA with SHA-256 (RFC 7518 §3.3), by the library that signs for TLS.
fn signature(pem: &[u8], said: &[u8]) -> Result<Vec<u8>, String> {
    let wrong = || "its `private_key` is no RSA key in PEM".to_owned();
    let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| wrong())?;
    let key = any_supported_type(&key).map_err(|_| wrong())?;
    let signer = key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256]).ok_or_else(wrong)?;
    signer.sign(said).map_err(|_| wrong())
}
