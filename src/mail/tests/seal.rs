//! Encryption, and those who would have none of it.

use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use super::{STALL, courier, letter, send, server};
use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::cause::Cause;
use crate::care::refusal::classify::DialogueStage;
use crate::config::sections::smtp::{Smtp, Tls};
use crate::letter::content::Letter;
use crate::mail::smtp::courier::SmtpCourier;
use crate::mail::smtp::settings::SmtpSettings;
use crate::mail::smtp::transport::connect_error::ConnectError;
use crate::mail::test_server::{Act, Fake, Seal};
use crate::ports::{Courier, Outgoing};

struct Identity {
    acceptor: TlsAcceptor,
    ca_file: PathBuf,
    _dir: tempfile::TempDir,
}

fn identity(name: &str) -> Identity {
    identity_of(&CertificateParams::new([name.to_owned()]).unwrap())
}

/// A server whose certificate signed itself.
fn identity_of(params: &CertificateParams) -> Identity {
    let signing_key = KeyPair::generate().unwrap();
    let cert = params.self_signed(&signing_key).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let ca_file = dir.path().join("ca.pem");
    std::fs::write(&ca_file, cert.pem()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], PrivateKeyDer::Pkcs8(signing_key.serialize_der().into()))
        .unwrap();
    Identity { acceptor: TlsAcceptor::from(Arc::new(config)), ca_file, _dir: dir }
}

fn sealed(fake: &Fake, tls: Tls, ca_file: Option<&Identity>) -> SmtpCourier {
    let ca_file = ca_file.map(|identity| identity.ca_file.clone());
    courier(SmtpSettings::new(Smtp { tls, ca_file, ..server(fake) }))
}

#[tokio::test]
async fn a_letter_travels_encrypted_both_ways() {
    let identity = identity("127.0.0.1");
    for (tls, seal) in [
        (Tls::Implicit, Seal::Implicit(identity.acceptor.clone())),
        (Tls::StartTls, Seal::StartTls(identity.acceptor.clone())),
    ] {
        let fake = Fake::sealed(seal).await;
        fake.tell(|story| story.offers.push("STARTTLS"));
        let courier = sealed(&fake, tls, Some(&identity));
        assert_eq!(
            send(&mut *courier.connection(), &letter()).await.verdict,
            AttemptVerdict::Accepted,
            "{tls:?}"
        );
        let long =
            Outgoing { letter: Letter { html: "é\n".repeat(100_000), ..letter().letter }, ..letter() };
        assert_eq!(
            send(&mut *courier.connection(), &long).await.verdict,
            AttemptVerdict::Accepted,
            "{tls:?}"
        );
        assert_eq!(courier.greet().await.unwrap().encryption.as_deref(), Some("TLSv1_3"));
    }
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_with_a_hint() {
    let (ours, other) = (identity("127.0.0.1"), identity("elsewhere.example"));
    let fake = Fake::sealed(Seal::Implicit(ours.acceptor.clone())).await;
    let wrong_name = Fake::sealed(Seal::Implicit(other.acceptor.clone())).await;
    for (fake, trusted) in [(&fake, Some(&other)), (&wrong_name, Some(&other))] {
        let fault = sealed(fake, Tls::Implicit, trusted).greet().await.unwrap_err();
        assert!(matches!(fault, ConnectError::Untrusted { .. }), "{fault}");
        assert!(fault.to_string().contains("; hint: "), "{fault}");
        assert_eq!(fault.receipt().verdict, AttemptVerdict::RefusesUs(Cause::Untrusted));
        assert!(fake.tell(|story| story.heard.is_empty()));
    }
}

#[tokio::test]
async fn each_tls_error_is_told_in_words_with_a_hint_that_fits() {
    let params = |change: fn(&mut CertificateParams)| {
        let mut params = CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
        change(&mut params);
        identity_of(&params)
    };
    // What `openssl req -x509` makes when it is told nothing.
    let authority = params(|p| p.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    let nobody = params(|p| p.subject_alt_names.clear());
    let (elsewhere, plain) = (identity("elsewhere.example"), identity("127.0.0.1"));
    let stranger = params(|p| p.distinguished_name = DistinguishedName::new());
    let expired = params(|p| p.not_after = rcgen::date_time_ymd(2020, 1, 2));
    let early = params(|p| p.not_before = rcgen::date_time_ymd(2999, 1, 2));
    for (shown, trusted, parts) in [
        (&authority, &authority, ["CA:TRUE", "CA:FALSE -addext subjectAltName=IP:127.0.0.1"]),
        (&nobody, &nobody, ["subjectAltName is missing", "subjectAltName=IP:127.0.0.1"]),
        (&elsewhere, &elsewhere, ["it is for elsewhere.example", "as mail.smtp.host"]),
        (&stranger, &plain, ["no authority we trust", "mail.smtp.ca_file"]),
        (&plain, &elsewhere, ["another key", "mail.smtp.ca_file"]),
        (&expired, &expired, ["it was good until 2020-01-02", "renew it"]),
        (&early, &early, ["it is good from 2999-01-02", "clock"]),
    ] {
        let fake = Fake::sealed(Seal::Implicit(shown.acceptor.clone())).await;
        let told = sealed(&fake, Tls::Implicit, Some(trusted)).greet().await.unwrap_err().to_string();
        assert!(parts.iter().all(|part| told.contains(part)), "{told}");
    }
}

#[tokio::test]
async fn a_ca_file_without_certificates_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let empty = dir.path().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    let fake = Fake::start().await;
    for file in [empty, dir.path().join("none.pem")] {
        let name = file.display().to_string();
        let smtp = Smtp { tls: Tls::Implicit, ca_file: Some(file), ..server(&fake) };
        let fault = courier(SmtpSettings::new(smtp)).greet().await.unwrap_err();
        assert!(matches!(&fault, ConnectError::Roots(why) if why.starts_with(&name)), "{fault}");
    }
}

#[tokio::test]
async fn words_glued_to_the_starttls_reply_are_refused() {
    let identity = identity("127.0.0.1");
    for words in ["220 go\r\n250-evil.example\r\n250 PIPELINING", "220 go\r\n2"] {
        let fake = Fake::sealed(Seal::StartTls(identity.acceptor.clone())).await;
        fake.tell(|story| story.offers.push("STARTTLS"));
        fake.next("STARTTLS", Act::Say(words));
        let fault = sealed(&fake, Tls::StartTls, Some(&identity)).greet().await.unwrap_err();
        assert!(matches!(fault, ConnectError::OutOfTurn(_)), "{fault}");
    }
}

#[tokio::test]
async fn a_reply_with_a_line_without_its_code_is_understood_before_the_encryption_as_behind_it() {
    let identity = identity("127.0.0.1");
    let words = "250-fake.example\r\nWelcome to our server\r\n250-STARTTLS\r\n250 8BITMIME";
    for (tls, seal) in [
        (Tls::Implicit, Seal::Implicit(identity.acceptor.clone())),
        (Tls::StartTls, Seal::StartTls(identity.acceptor.clone())),
    ] {
        let fake = Fake::sealed(seal).await;
        fake.next("EHLO", Act::Say(words)).next("EHLO", Act::Say(words));
        let courier = sealed(&fake, tls, Some(&identity));
        let receipt = send(&mut *courier.connection(), &letter()).await;
        assert_eq!(receipt.verdict, AttemptVerdict::Accepted, "{tls:?} {receipt:?}");
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let identity = identity("127.0.0.1");
    let fake = Fake::start().await;
    let courier = sealed(&fake, Tls::StartTls, Some(&identity));
    assert!(matches!(courier.greet().await.unwrap_err(), ConnectError::NoStartTls(_)));
    fake.tell(|story| story.offers.push("STARTTLS"));
    fake.next("STARTTLS", Act::Say("454 4.7.0 not now"));
    let fault = courier.greet().await.unwrap_err();
    assert!(matches!(fault, ConnectError::Said { .. }));
    let receipt = fault.receipt();
    assert_eq!(
        (receipt.code, receipt.at),
        (Some(454), Some(DialogueStage::Connection)),
        "long before any sign-in"
    );
    let fault = sealed(&fake, Tls::Implicit, Some(&identity)).greet().await.unwrap_err();
    assert!(matches!(fault, ConnectError::Handshake { .. }), "{fault}");
    assert!(
        fake.tell(|story| story.letters.is_empty() && !story.heard.iter().any(|l| l.starts_with("MAIL")))
    );
}

#[tokio::test]
async fn a_server_whose_tls_is_too_old_is_named_and_not_its_port() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let old = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 5];
        stream.read_exact(&mut hello).await.unwrap();
        let mut rest = vec![0; usize::from(u16::from_be_bytes([hello[3], hello[4]]))];
        stream.read_exact(&mut rest).await.unwrap();
        // A fatal alert: protocol_version.
        stream.write_all(&[21, 3, 1, 0, 2, 2, 70]).await.unwrap();
        drop(stream.read(&mut hello).await);
    });
    let identity = identity("127.0.0.1");
    let smtp =
        Smtp { ca_file: Some(identity.ca_file.clone()), ..Smtp::new("127.0.0.1", port, Tls::Implicit) };
    let fault = courier(SmtpSettings::new(smtp)).greet().await.unwrap_err();
    old.await.unwrap();
    let told = fault.to_string();
    assert!(told.contains("TLS 1.2 or 1.3") && !told.contains("465"), "{told}");
    assert_eq!(fault.receipt().verdict, AttemptVerdict::Later);
}

#[tokio::test]
async fn a_silent_handshake_ends() {
    let identity = identity("127.0.0.1");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    for tls in [Tls::Implicit, Tls::StartTls] {
        let ca_file = Some(identity.ca_file.clone());
        let port = listener.local_addr().unwrap().port();
        let smtp = Smtp { ca_file, timeout: STALL, ..Smtp::new("127.0.0.1", port, tls) };
        let fault = courier(SmtpSettings::new(smtp)).greet().await.unwrap_err();
        assert_eq!(fault.receipt().verdict, AttemptVerdict::Later);
        assert!(fault.to_string().contains("250ms"), "{fault}");
    }
}
