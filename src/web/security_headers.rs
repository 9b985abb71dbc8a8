//! The strict headers of every response, of both listeners.

use axum::http::{HeaderMap, HeaderValue, header};

const SECURITY_HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("x-robots-tag", "noindex, nofollow"),
];

/// Whom a browser tells which page it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReferrerPolicy {
    /// Nobody: the address of a patient's page is a secret.
    Nobody,
    /// Our own pages. Else the browser would send `Origin: null` with the console's own forms.
    OwnPages,
}

impl ReferrerPolicy {
    const fn word(self) -> &'static str {
        match self {
            Self::Nobody => "no-referrer",
            Self::OwnPages => "same-origin",
        }
    }
}

/// Gives a response its headers.
pub(super) fn set(headers: &mut HeaderMap, referrer: ReferrerPolicy) {
    for (name, value) in SECURITY_HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("referrer-policy", HeaderValue::from_static(referrer.word()));
}

/// A browser that was once at this address by TLS never goes there without.
pub(super) fn stay_encrypted(headers: &mut HeaderMap, own_url: &str) {
    if own_url.starts_with("https://") {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
}
