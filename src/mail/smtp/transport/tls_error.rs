//! Why a certificate does not prove who the mail server is, in words of the person who must mend it.

use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{CertificateError, OtherError};

/// What is wrong with a certificate, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsError {
    /// What is wrong with the certificate or the handshake.
    pub problem: String,
    /// What to do next.
    pub hint: String,
}

/// What the check calls an authority's certificate that a server shows as its own; its type is not ours to name.
const AUTHORITY: &str = "CaUsedAsEndEntity";

impl TlsError {
    /// Reads what the check of the certificate of `host` said.
    pub(in crate::mail) fn read(host: &str, said: &CertificateError) -> Self {
        let (problem, hint) = match said {
            CertificateError::UnknownIssuer => {
                ("no authority we trust has signed it".to_owned(), ISSUER.to_owned())
            }
            CertificateError::BadSignature => (
                "it is signed with another key than the one we trust under that name".to_owned(),
                ISSUER.to_owned(),
            ),
            CertificateError::Other(OtherError(inner)) if inner.to_string() == AUTHORITY => (
                "it is an authority's (CA:TRUE), which may sign others and stand for no server".to_owned(),
                own(host),
            ),
            CertificateError::NotValidForNameContext { presented, .. } if presented.is_empty() => {
                ("it names no host (a subjectAltName is missing)".to_owned(), own(host))
            }
            CertificateError::NotValidForNameContext { presented, .. } => {
                let names: Vec<&str> = presented.iter().map(|name| plain(name)).collect();
                (format!("it is for {}", names.join(", ")), NAME.to_owned())
            }
            CertificateError::ExpiredContext { not_after, .. } => {
                (format!("it was good until {}", day(*not_after)), TIME.to_owned())
            }
            CertificateError::NotValidYetContext { not_before, .. } => {
                (format!("it is good from {} on only", day(*not_before)), TIME.to_owned())
            }
            other => (other.to_string(), OTHER.to_owned()),
        };
        Self { problem, hint }
    }
}

const ISSUER: &str = "put the certificate of the authority that signed it into mail.smtp.ca_file; for one that signed itself, \
                      its own";
const NAME: &str = "use the name written in it as mail.smtp.host";
const TIME: &str = "renew it at the mail server, or set this machine's clock right (`timedatectl`)";
const OTHER: &str = "let whoever runs the mail server look at its certificate";

/// How a certificate is made that stands for a server although nobody else signed it.
fn own(host: &str) -> String {
    let kind = if host.parse::<std::net::IpAddr>().is_ok() { "IP" } else { "DNS" };
    format!(
        "make the server one of its own: `openssl req -x509 -newkey rsa:2048 -nodes -days 825 -subj /CN={host} \
         -addext basicConstraints=critical,CA:FALSE -addext subjectAltName={kind}:{host} -keyout key.pem -out cert.pem`; \
         give both to the mail server, and cert.pem to mail.smtp.ca_file"
    )
}

/// What stands between quotes, as in `DnsName("mx.example")`; else the whole text.
fn plain(name: &str) -> &str {
    name.split('"').nth(1).unwrap_or(name)
}

fn day(at: UnixTime) -> String {
    let seconds = i64::try_from(at.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds)
        .map_or_else(|_| "a far day".to_owned(), |at| at.strftime("%F").to_string())
}
