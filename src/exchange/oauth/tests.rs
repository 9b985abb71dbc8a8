//! Tokens from a token endpoint on this machine: what each grant hands in, and how long what it issues is kept.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use secrecy::ExposeSecret;

use crate::clock::ManualClock;
use crate::config::sections::account::oauth::{Oauth, OauthGrant};
use crate::exchange::oauth::access_token::AccessTokens;
use crate::exchange::oauth::fault::TokenFault;

/// Answers in turn, the last one for ever; keeps the forms it got.
struct Endpoint {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Endpoint {
    fn start(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        let answers: Vec<String> = answers.iter().map(|&answer| answer.to_owned()).collect();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for (count, client) in listener.incoming().flatten().enumerate() {
                let mut client = client;
                let form = form(&mut client);
                log.lock().unwrap().push(form);
                let (status, body) = answers[count.min(answers.len() - 1)].split_once(' ').unwrap();
                let head =
                    format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close");
                write!(client, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// The body of a request, once all of it is there.
fn form(client: &mut impl Read) -> String {
    let (mut got, mut bytes) = (String::new(), [0; 4096]);
    loop {
        if let Some((head, body)) = got.split_once("\r\n\r\n") {
            let length = head
                .to_lowercase()
                .lines()
                .find_map(|l| l.strip_prefix("content-length: ").map(str::to_owned));
            if body.len() >= length.unwrap().parse::<usize>().unwrap() {
                return body.to_owned();
            }
        }
        let read = client.read(&mut bytes).unwrap();
        assert!(read > 0, "{got}");
        got.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
}

fn secret(dir: &Path, words: &str) -> String {
    let path = dir.join(words);
    std::fs::write(&path, format!("{words}\n")).unwrap();
    path.display().to_string()
}

fn microsoft(endpoint: &Endpoint, dir: &Path) -> Oauth {
    Oauth {
        token_url: endpoint.url.clone(),
        scope: Some("https://outlook.office365.com/.default".to_owned()),
        grant: OauthGrant::ClientCredentials {
            client_id: "app-1".to_owned(),
            client_secret_credential: secret(dir, "s3cret"),
        },
        ca_file: None,
    }
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at("2027-03-14T12:00:00Z".parse().unwrap()))
}

fn tokens(oauth: &Oauth, clock: &Arc<ManualClock>) -> AccessTokens {
    AccessTokens::new(oauth, "care@clinic.example", Arc::<ManualClock>::clone(clock))
}

fn issue(token: &str) -> String {
    format!(r#"200 {{"token_type":"Bearer","expires_in":3599,"access_token":"{token}"}}"#)
}

fn given(tokens: &AccessTokens) -> String {
    tokens.token().unwrap().expose_secret().to_owned()
}

#[test]
fn a_token_is_kept_until_shortly_before_it_expires() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::start(&[&issue("one"), &issue("two")]);
    let clock = clock();
    let tokens = tokens(&microsoft(&endpoint, dir.path()), &clock);
    assert_eq!((given(&tokens), given(&tokens)), ("one".to_owned(), "one".to_owned()));
    let asked = endpoint.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    for pair in [
        "grant_type=client_credentials",
        "client_id=app-1",
        "client_secret=s3cret",
        "scope=https%3A%2F%2Foutlook.office365.com%2F.default",
    ] {
        assert!(asked[0].split('&').any(|p| p == pair), "{pair}: {asked:?}");
    }
    clock.advance(Duration::from_secs(3298));
    assert_eq!(given(&tokens), "one");
    clock.advance(Duration::from_secs(2));
    assert_eq!((given(&tokens), endpoint.asked().len()), ("two".to_owned(), 2));
}

#[test]
fn a_token_that_was_good_and_is_refused_is_followed_by_another_and_a_first_one_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::start(&[&issue("one"), &issue("two")]);
    let tokens = tokens(&microsoft(&endpoint, dir.path()), &clock());
    let first = tokens.token().unwrap();
    let same = tokens.token().unwrap();
    assert!(tokens.drop_refused(&same));
    assert!(tokens.drop_refused(&first), "who comes second finds it dropped");
    let second = tokens.token().unwrap();
    assert_eq!(second.expose_secret(), "two");
    assert!(!tokens.drop_refused(&second));
}

#[test]
fn an_endpoint_that_is_away_is_asked_seldom_and_a_token_still_good_serves_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let busy = "503 <html>busy</html>";
    let endpoint = Endpoint::start(&[&issue("one"), busy, busy, &issue("two")]);
    let clock = clock();
    let tokens = tokens(&microsoft(&endpoint, dir.path()), &clock);
    assert_eq!(given(&tokens), "one");
    clock.advance(Duration::from_secs(3400));
    assert_eq!((given(&tokens), given(&tokens), endpoint.asked().len()), ("one".into(), "one".into(), 2));
    clock.advance(Duration::from_secs(300));
    assert!(matches!(tokens.token(), Err(TokenFault::Away(_))));
    assert!(matches!(tokens.token(), Err(TokenFault::Away(_))));
    assert_eq!(endpoint.asked().len(), 3);
    clock.advance(Duration::from_secs(11));
    assert_eq!(given(&tokens), "two");

    let gone = Oauth { token_url: "http://127.0.0.1:9/token".to_owned(), ..microsoft(&endpoint, dir.path()) };
    assert!(matches!(self::tokens(&gone, &clock).token(), Err(TokenFault::Away(_))));
}

#[test]
fn an_answer_that_is_no_token_endpoints_is_told_by_its_status() {
    let dir = tempfile::tempdir().unwrap();
    for (answer, told) in [
        ("500 <html>s3cret broke</html>", "it answers HTTP 500"),
        (r#"502 {"message":"s3cret"}"#, "it answers HTTP 502"),
        ("404 ", "it answers HTTP 404"),
        ("200 <html>hello</html>", "its answer holds no token"),
        (r#"503 {"error":"temporarily_unavailable"}"#, "temporarily_unavailable"),
    ] {
        let endpoint = Endpoint::start(&[answer]);
        let fault = tokens(&microsoft(&endpoint, dir.path()), &clock()).token().unwrap_err();
        assert_eq!(fault, TokenFault::Away(told.to_owned()), "{answer}");
    }
}

#[test]
fn a_certificate_that_is_not_trusted_names_the_key_that_mends_it() {
    let dir = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/token", listener.local_addr().unwrap());
    let server = Arc::new(server);
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let mut line = rustls::ServerConnection::new(Arc::clone(&server)).unwrap();
            while line.is_handshaking() && line.complete_io(&mut client).is_ok() {}
        }
    });
    let endpoint = Endpoint::start(&[&issue("one")]);
    let oauth = Oauth { token_url: url, ..microsoft(&endpoint, dir.path()) };
    let fault = tokens(&oauth, &clock()).token().unwrap_err();
    assert!(matches!(fault, TokenFault::Untrusted(_)), "{fault:?}");
    assert!(fault.hint().contains("mail.oauth.ca_file") && fault.to_string().contains("mail.oauth.ca_file"));
}

#[test]
fn a_refusal_is_told_without_the_secret() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::start(&[
        r#"401 {"error":"invalid_client","error_description":"AADSTS7000222: s3cret of care@clinic.example is old"}"#,
    ]);
    let fault = tokens(&microsoft(&endpoint, dir.path()), &clock()).token().unwrap_err();
    assert_eq!(fault, TokenFault::Refused("invalid_client (AADSTS7000222)".to_owned()));
    assert!(fault.hint().contains("expired"));

    let absent = OauthGrant::ServiceAccount { key_credential: "/nonexistent/key".to_owned() };
    let oauth = Oauth { grant: absent, ..microsoft(&endpoint, dir.path()) };
    assert!(matches!(tokens(&oauth, &clock()).token(), Err(TokenFault::Setup(_))));
}

#[test]
fn a_refresh_token_is_handed_in_with_or_without_a_client_secret() {
    let dir = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::start(&[&issue("one")]);
    for (client_secret, heard) in [(Some(secret(dir.path(), "s3cret")), true), (None, false)] {
        let grant = OauthGrant::RefreshToken {
            client_id: "app-2".to_owned(),
            client_secret_credential: client_secret,
            refresh_token_credential: secret(dir.path(), "r3fresh"),
        };
        let oauth = Oauth { grant, scope: None, ..microsoft(&endpoint, dir.path()) };
        assert_eq!(given(&tokens(&oauth, &clock())), "one");
        let asked = endpoint.asked().pop().unwrap();
        assert!(
            asked.contains("grant_type=refresh_token") && asked.contains("refresh_token=r3fresh"),
            "{asked}"
        );
        assert_eq!(asked.contains("client_secret=s3cret"), heard, "{asked}");
    }
}

#[test]
fn a_service_account_signs_for_the_mailbox_and_its_signature_holds() {
    let endpoint = Endpoint::start(&[&issue("one"), r#"400 {"error":"invalid_grant"}"#]);
    let key_file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/service_account.json");
    let oauth = Oauth {
        token_url: endpoint.url.clone(),
        scope: Some("https://mail.google.com/".to_owned()),
        grant: OauthGrant::ServiceAccount { key_credential: key_file.display().to_string() },
        ca_file: None,
    };
    assert_eq!(given(&tokens(&oauth, &clock())), "one");
    let asked = endpoint.asked().pop().unwrap();
    let jwt =
        asked.strip_prefix("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=");
    let (said, signature) = jwt.unwrap().rsplit_once('.').unwrap();
    let (head, claims) = said.split_once('.').unwrap();
    let read = |part: &str| -> serde_json::Value {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(part.as_bytes()).unwrap()).unwrap()
    };
    assert_eq!(read(head), serde_json::json!({ "alg": "RS256", "typ": "JWT", "kid": "k1" }));
    let now = 1_805_025_600;
    assert_eq!(
        read(claims),
        serde_json::json!({
            "iss": "aftercare@made-up-for-tests.example", "sub": "care@clinic.example", "aud": endpoint.url,
            "scope": "https://mail.google.com/", "iat": now, "exp": now + 3600,
        })
    );
    verify(&key_file, said.as_bytes(), &BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap());
    assert_eq!(
        tokens(&oauth, &clock()).token().unwrap_err(),
        TokenFault::Refused("invalid_grant".to_owned())
    );
}

/// By the verifier of TLS, which is not the signer.
fn verify(key_file: &Path, said: &[u8], signature: &[u8]) {
    let key: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(key_file).unwrap()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key["private_key"].as_str().unwrap().as_bytes()).unwrap();
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let public = key.public_key().unwrap();
    // The head of a SubjectPublicKeyInfo of 2048 bits has 24 bytes; what follows is the key itself.
    let public = &public.as_ref()[24..];
    let algorithms = rustls::crypto::ring::default_provider().signature_verification_algorithms;
    let rsa =
        algorithms.mapping.iter().find(|(scheme, _)| *scheme == rustls::SignatureScheme::RSA_PKCS1_SHA256);
    let verified = rsa.unwrap().1.iter().any(|by| by.verify_signature(public, said, signature).is_ok());
    assert!(verified);
}
