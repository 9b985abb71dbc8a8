//! The private key that signs, from PEM.

use data_encoding::BASE64;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::Signer;
use rustls::{SignatureAlgorithm, SignatureScheme};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// Bytes of an Ed25519 public key; the record has it bare (RFC 8463 §4).
const ED25519: usize = 32;

/// Why a key signs no letter; never a word of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DkimKeyFault {
    /// Another kind of file, or a key behind a pass phrase.
    #[error("it holds no private key in PEM (PKCS#8 or PKCS#1, without a pass phrase)")]
    NotPem,
    /// An RSA key that is too short or too long, or a key of another kind.
    #[error("its key is neither RSA of 2048 to 4096 bits nor Ed25519")]
    Unfit,
}

/// How letters are signed: the key says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DkimAlgorithm {
    /// `rsa-sha256`: every receiver verifies it.
    RsaSha256,
    /// `ed25519-sha256`: several large receivers do not look at it.
    Ed25519Sha256,
}

impl DkimAlgorithm {
    /// The `a=` of a signature.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::RsaSha256 => "rsa-sha256",
            Self::Ed25519Sha256 => "ed25519-sha256",
        }
    }

    /// The `k=` of the record.
    pub(super) const fn key_type(self) -> &'static str {
        match self {
            Self::RsaSha256 => "rsa",
            Self::Ed25519Sha256 => "ed25519",
        }
    }

    const fn scheme(self) -> SignatureScheme {
        match self {
            Self::RsaSha256 => SignatureScheme::RSA_PKCS1_SHA256,
            Self::Ed25519Sha256 => SignatureScheme::ED25519,
        }
    }
}

/// A private key, ready to sign. Its Debug is the library's, which shows none of it.
#[derive(Debug)]
pub struct DkimKey {
    signer: Box<dyn Signer>,
    /// How it signs, as told by the key itself.
    pub algorithm: DkimAlgorithm,
    /// The public key as the record has it, in base64.
    pub(super) public: String,
}

impl DkimKey {
    /// The key in a file's text.
    ///
    /// # Errors
    /// [`DkimKeyFault`].
    pub fn from_pem(text: &SecretString) -> Result<Self, DkimKeyFault> {
        let key = PrivateKeyDer::from_pem_slice(text.expose_secret().as_bytes());
        let key = key.map_err(|_| DkimKeyFault::NotPem)?;
        let key = any_supported_type(&key).map_err(|_| DkimKeyFault::Unfit)?;
        let algorithm = match key.algorithm() {
            SignatureAlgorithm::RSA => DkimAlgorithm::RsaSha256,
            SignatureAlgorithm::ED25519 => DkimAlgorithm::Ed25519Sha256,
            _ => return Err(DkimKeyFault::Unfit),
        };
        let public = key.public_key().ok_or(DkimKeyFault::Unfit)?;
        let bare = match algorithm {
            DkimAlgorithm::RsaSha256 => public.len(),
            DkimAlgorithm::Ed25519Sha256 => ED25519,
        };
        let public = public.get(public.len().saturating_sub(bare)..).unwrap_or_default();
        let signer = key.choose_scheme(&[algorithm.scheme()]).ok_or(DkimKeyFault::Unfit)?;
        Ok(Self { signer, algorithm, public: BASE64.encode(public) })
    }

    /// The signature over the signed headers, in base64. Both algorithms give the same one each time.
    pub(super) fn sign(&self, headers: &[u8]) -> Result<String, rustls::Error> {
        let signature = match self.algorithm {
            DkimAlgorithm::RsaSha256 => self.signer.sign(headers),
            // RFC 8463 §3: what is signed is the digest.
            DkimAlgorithm::Ed25519Sha256 => self.signer.sign(&Sha256::digest(headers)),
        };
        signature.map(|signature| BASE64.encode(&signature))
    }
}
