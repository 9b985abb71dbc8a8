//! The SMTP line against a server that misbehaves at every step.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use super::fake::{Act, Fake, Seal};
use super::settings::{Auth, PasswordSource, Smtp, Tls};
use super::smtp::SmtpCourier;
use super::snag::Snag;
use crate::care::address::EmailAddress;
use crate::care::delivery::Verdict;
use crate::letter::Letter;
use crate::ports::{Clock, Courier, Line, Outgoing, Receipt};

/// Short, because only stalls wait for it.
const STALL: Duration = Duration::from_millis(100);

struct Still(AtomicU64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(super) fn letter() -> Outgoing {
    Outgoing {
        message_id: "d-1.abc@clinic.example".to_owned(),
        date: "2026-11-23T09:00:00Z".parse().unwrap(),
        return_path: address("bounce+1-abc@clinic.example"),
        from: ("Clinic".to_owned(), address("post@clinic.example")),
        reply_to: None,
        to: address("maria.lopez@home.example"),
        unsubscribe: Some("https://clinic.example/o/TOKEN".to_owned()),
        headers: Vec::new(),
        letter: Letter {
            subject: "A note from your clinic".to_owned(),
            text: "Hello.\n.\nBye.".to_owned(),
            html: "<p>Hello</p>".to_owned(),
            calendar: None,
            language: "en".to_owned(),
        },
    }
}

fn plain(fake: &Fake) -> Smtp {
    Smtp { timeout: Duration::from_secs(10), ..Smtp::new("127.0.0.1", fake.port, Tls::None) }
}

fn courier(smtp: Smtp) -> SmtpCourier {
    SmtpCourier::new(smtp, Arc::new(Still(AtomicU64::new(0)))).unwrap()
}

fn impatient(fake: &Fake) -> Box<dyn Line> {
    courier(Smtp { timeout: STALL, ..plain(fake) }).line()
}

async fn send(line: &mut dyn Line, letter: &Outgoing) -> Receipt {
    match line.ready().await {
        Ok(()) => line.carry(letter).await,
        Err(receipt) => receipt,
    }
}

async fn sent(fake: &Fake) -> Receipt {
    send(&mut *courier(plain(fake)).line(), &letter()).await
}

#[tokio::test]
async fn a_letter_arrives_as_it_was_written() {
    for offers in [vec!["PIPELINING", "SIZE 100000"], vec![]] {
        let fake = Fake::start().await;
        fake.tell(|story| story.offers = offers);
        let receipt = sent(&fake).await;
        let message = super::mime::format(&letter());
        assert_eq!(receipt.verdict, Verdict::Accepted);
        assert_eq!((receipt.code, receipt.enhanced.as_deref()), (Some(250), Some("2.0.0")));
        assert_eq!(receipt.digest, Some(super::mime::digest(&message)));
        assert_eq!(fake.tell(|story| story.letters.clone()), [String::from_utf8(message).unwrap()]);
    }
}

#[tokio::test]
async fn the_size_is_announced_and_respected() {
    let fake = Fake::start().await;
    fake.tell(|story| story.offers = vec!["SIZE 100000"]);
    let length = super::mime::format(&letter()).len();
    assert_eq!(sent(&fake).await.verdict, Verdict::Accepted);
    let mail = fake.tell(|story| story.heard.iter().find(|line| line.starts_with("MAIL")).cloned()).unwrap();
    assert_eq!(mail, format!("MAIL FROM:<bounce+1-abc@clinic.example> SIZE={length}"));

    fake.tell(|story| story.offers = vec!["SIZE 1000"]);
    let mut line = courier(plain(&fake)).line();
    let big = Outgoing { letter: Letter { html: "x\n".repeat(999), ..letter().letter }, ..letter() };
    let receipt = send(&mut *line, &big).await;
    assert_eq!(receipt.verdict, Verdict::Refused);
    assert!(receipt.reply.contains("at most 1000"), "{}", receipt.reply);
    assert_eq!(fake.tell(|story| story.letters.len()), 1);
}

#[tokio::test]
async fn every_reply_at_every_stage_has_its_verdict_and_leaves_the_line_usable() {
    use Verdict::{BadAddress, Later, Overloaded, Refused, Unknown};
    for (verb, words, verdict) in [
        ("GREETING", "554 5.3.2 no service", Later),
        ("GREETING", "421 4.3.2 too busy", Overloaded),
        ("EHLO", "550 5.7.1 who are you", Later),
        ("MAIL", "451 4.3.0 later", Later),
        ("MAIL", "550 5.7.1 not you", Refused),
        ("MAIL", "421 4.7.0 slow", Overloaded),
        ("MAIL", "354 what", Later),
        ("RCPT", "450 4.2.1 later", Later),
        ("RCPT", "452 4.5.3 too many connections", Overloaded),
        ("RCPT", "550 5.1.1 no such user", BadAddress),
        ("RCPT", "550 no such user", BadAddress),
        ("RCPT", "550 5.7.1 denied", Refused),
        ("RCPT", "221 what", Later),
        ("DATA", "451 4.3.0 later", Later),
        ("DATA", "554 5.5.1 no", Refused),
        ("DATA", "250 what", Later),
        ("DOT", "451 4.3.0 later", Later),
        ("DOT", "421 4.3.2 closing", Overloaded),
        ("DOT", "552 5.2.3 too big", Refused),
        ("DOT", "354 what", Unknown),
        ("DOT", "251 what", Unknown),
        ("DOT", "what", Unknown),
        ("DATA", "what", Later),
    ] {
        for offers in [vec!["PIPELINING"], vec![]] {
            let fake = Fake::start().await;
            fake.tell(|story| story.offers = offers);
            let mut line = courier(plain(&fake)).line();
            fake.next(verb, Act::Say(words));
            if verb != "DATA" && verb != "DOT" && verb != "GREETING" {
                fake.next("DATA", Act::Say("503 5.5.1 not now"));
            }
            let receipt = send(&mut *line, &letter()).await;
            assert_eq!(receipt.verdict, verdict, "{verb} {words}: {receipt:?}");
            assert_eq!(receipt.code, words.get(..3).and_then(|code| code.parse().ok()), "{verb} {words}");
            fake.tell(|story| story.acts.clear());
            assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Accepted, "after {verb} {words}");
            assert_eq!(fake.tell(|story| story.letters.len()), 1, "{verb} {words}");
        }
    }
}

#[tokio::test]
async fn a_refused_recipient_keeps_the_connection() {
    for offers in [vec!["PIPELINING"], vec![]] {
        let fake = Fake::start().await;
        fake.tell(|story| story.offers = offers);
        fake.next("RCPT", Act::Say("550 5.1.1 no")).next("DATA", Act::Say("554 5.5.1 no recipients"));
        fake.tell(|story| story.acts.truncate(if story.offers.is_empty() { 1 } else { 2 }));
        let mut line = courier(plain(&fake)).line();
        assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::BadAddress);
        assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Accepted);
        assert_eq!(fake.tell(|story| story.connections), 1);
        assert!(fake.tell(|story| story.heard.contains(&"RSET".to_owned())));
    }
}

#[tokio::test]
async fn a_body_asked_for_after_a_refused_recipient_closes_the_connection() {
    let fake = Fake::start().await;
    fake.next("RCPT", Act::Say("550 5.1.1 no"));
    let mut line = courier(plain(&fake)).line();
    assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::BadAddress);
    assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Accepted);
    assert_eq!(fake.tell(|story| (story.connections, story.letters.len())), (2, 1));
}

#[tokio::test]
async fn a_stall_or_a_hang_up_before_the_dot_means_later_and_after_it_unknown() {
    for act in [Act::Stall, Act::HangUp] {
        for (verb, verdict) in [
            ("GREETING", Verdict::Later),
            ("EHLO", Verdict::Later),
            ("MAIL", Verdict::Later),
            ("RCPT", Verdict::Later),
            ("DATA", Verdict::Later),
            ("DOT", Verdict::Unknown),
        ] {
            let fake = Fake::start().await;
            let mut line = impatient(&fake);
            fake.next(verb, act);
            let receipt = send(&mut *line, &letter()).await;
            assert_eq!((receipt.verdict, receipt.code), (verdict, None), "{act:?} at {verb}: {receipt:?}");
            assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Accepted, "{act:?} at {verb}");
        }
    }
}

#[tokio::test]
async fn a_break_inside_the_body_means_later_while_the_dot_is_still_here() {
    let long =
        Outgoing { letter: Letter { text: "long line\n".repeat(2_000_000), ..letter().letter }, ..letter() };
    for act in [Act::Stall, Act::HangUp] {
        let fake = Fake::start().await;
        fake.next("BODY", act);
        let receipt = send(&mut *impatient(&fake), &long).await;
        assert_eq!(receipt.verdict, Verdict::Later, "{receipt:?}");
    }
}

#[tokio::test]
async fn a_letter_given_up_half_way_never_lends_its_reply_to_the_next() {
    for verb in ["MAIL", "DATA", "DOT"] {
        let fake = Fake::start().await;
        let mut line = courier(plain(&fake)).line();
        line.ready().await.unwrap();
        fake.next(verb, Act::Stall);
        assert!(tokio::time::timeout(STALL, line.carry(&letter())).await.is_err());
        fake.next("DOT", Act::Say("554 5.7.1 no"));
        assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Refused, "{verb}");
        assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Accepted, "{verb}");
        assert_eq!(fake.tell(|story| (story.letters.len(), story.connections)), (1, 2), "{verb}");
    }
}

#[tokio::test]
async fn a_line_that_was_not_made_ready_carries_nothing() {
    let fake = Fake::start().await;
    let receipt = courier(plain(&fake)).line().carry(&letter()).await;
    assert_eq!((receipt.verdict, fake.tell(|story| story.connections)), (Verdict::Later, 0));
}

#[tokio::test]
async fn a_line_closed_while_it_rested_is_replaced() {
    let fake = Fake::start().await;
    let clock = Arc::new(Still(AtomicU64::new(0)));
    let mut line = SmtpCourier::new(plain(&fake), Arc::clone(&clock) as Arc<dyn Clock>).unwrap().line();
    assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Accepted);
    for (count, act) in
        [(2, Act::HangUp), (3, Act::SayAndHangUp("421 4.4.2 idle")), (4, Act::Say("500 what"))]
    {
        clock.0.fetch_add(60, Ordering::Relaxed);
        fake.next("RSET", act);
        assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Accepted);
        assert_eq!(fake.tell(|story| story.connections), count);
    }
    assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Accepted);
    assert_eq!(fake.tell(|story| story.connections), 4);
}

#[tokio::test]
async fn a_goodbye_in_advance_is_noticed_before_the_next_letter() {
    for words in ["250 2.0.0 queued\r\n421 4.4.2 closing", "250 2.0.0 queued\r\n250 2.0.0 queued"] {
        let fake = Fake::start().await;
        fake.next("DOT", Act::Say(words));
        let mut line = courier(plain(&fake)).line();
        assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Accepted);
        fake.next("DOT", Act::Say("554 5.7.1 no"));
        assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Refused);
        assert_eq!(fake.tell(|story| story.connections), 2);
    }
}

#[tokio::test]
async fn rest_says_goodbye_and_the_line_opens_again() {
    let fake = Fake::start().await;
    let mut line = courier(plain(&fake)).line();
    line.rest().await;
    assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Accepted);
    line.rest().await;
    assert_eq!(fake.tell(|story| story.heard.last().cloned()).as_deref(), Some("QUIT"));
    assert_eq!(send(&mut *line, &letter()).await.verdict, Verdict::Accepted);
}

#[tokio::test]
async fn a_reply_is_kept_without_the_address() {
    let fake = Fake::start().await;
    fake.next(
        "RCPT",
        Act::Say("550-5.1.1 <maria.lopez@home.example>\r\n550 5.1.1 maria.lopez does not live here"),
    );
    let receipt = sent(&fake).await;
    assert_eq!(receipt.enhanced.as_deref(), Some("5.1.1"));
    assert_eq!(receipt.reply, "5.1.1 <address> <address> does not live here");
}

#[tokio::test]
async fn nobody_at_the_port_means_later_with_a_hint() {
    let port = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let receipt = courier(Smtp::new("127.0.0.1", port, Tls::None)).line().ready().await.unwrap_err();
    assert_eq!(receipt.verdict, Verdict::Later);
    assert!(receipt.reply.contains("refused") && receipt.reply.contains("hint:"), "{}", receipt.reply);
}

// Signing in.

fn with_account(fake: &Fake, auth: Auth) -> Smtp {
    Smtp { auth, ..plain(fake) }.signed_in("clinic", PasswordSource::new(|| Ok("s3cret".into())))
}

async fn dialogue(
    auth: Auth,
    offer: &'static str,
    acts: &[&'static str],
) -> (Result<String, Snag>, Vec<String>) {
    let fake = Fake::start().await;
    fake.tell(|story| story.offers = vec![offer]);
    for (verb, words) in ["AUTH", "Y2XPBMLJ", "CZNJCMV0"].into_iter().zip(acts) {
        fake.next(verb, Act::Say(words));
    }
    let greeting = courier(with_account(&fake, auth)).greet().await.map(|greeting| greeting.to_string());
    (greeting, fake.tell(|story| story.heard.clone()))
}

#[tokio::test]
async fn plain_login_and_xoauth2_sign_in() {
    let (greeting, heard) = dialogue(Auth::Auto, "AUTH LOGIN PLAIN", &[]).await;
    assert!(greeting.unwrap().ends_with("no encryption, signed in with PLAIN"));
    assert!(heard.contains(&"AUTH PLAIN AGNsaW5pYwBzM2NyZXQ=".to_owned()), "{heard:?}");

    let questions = ["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6", "235 2.7.0 ok"];
    let (greeting, heard) = dialogue(Auth::Login, "AUTH LOGIN PLAIN", &questions).await;
    assert!(greeting.unwrap().contains("LOGIN"), "{heard:?}");
    assert!(heard.contains(&"Y2xpbmlj".to_owned()) && heard.contains(&"czNjcmV0".to_owned()), "{heard:?}");

    let (greeting, heard) = dialogue(Auth::XOAuth2, "AUTH XOAUTH2", &[]).await;
    assert!(greeting.unwrap().contains("XOAUTH2"));
    assert!(
        heard.iter().any(|line| line.starts_with("AUTH XOAUTH2 dXNlcj1jbGluaWMBYXV0aD1CZWFyZXI")),
        "{heard:?}"
    );
}

#[tokio::test]
async fn a_wrong_password_says_so_and_never_shows_it() {
    let (greeting, _) = dialogue(Auth::Plain, "AUTH PLAIN", &["535 5.7.8 bad credentials"]).await;
    let snag = greeting.unwrap_err();
    let receipt = snag.receipt();
    assert_eq!((receipt.verdict, receipt.code), (Verdict::Later, Some(535)));
    assert!(receipt.reply.contains("hint:") && !receipt.reply.contains("s3cret"), "{}", receipt.reply);
    assert!(!format!("{snag:?}").contains("s3cret"));
}

#[tokio::test]
async fn an_expired_token_shows_what_the_server_explains() {
    let fake = Fake::start().await;
    fake.tell(|story| story.offers = vec!["AUTH XOAUTH2"]);
    fake.next("AUTH", Act::Say("334 eyJzdGF0dXMiOiI0MDAifQ==")).next("", Act::Say("535 5.7.8 no"));
    let snag = courier(with_account(&fake, Auth::Auto)).greet().await.unwrap_err();
    assert!(
        matches!(&snag, Snag::SignIn { code: 535, words, .. } if words.contains("{\"status\":\"400\"}")),
        "{snag}"
    );
}

#[tokio::test]
async fn a_server_without_a_fitting_mechanism_is_named() {
    let (greeting, heard) = dialogue(Auth::XOAuth2, "AUTH PLAIN LOGIN", &[]).await;
    assert_eq!(greeting.unwrap_err(), Snag::NoMechanism("PLAIN, LOGIN".to_owned()));
    assert!(!heard.iter().any(|line| line.starts_with("AUTH")));
}

#[tokio::test]
async fn the_password_is_read_anew_for_each_connection() {
    let fake = Fake::start().await;
    fake.tell(|story| story.offers = vec!["AUTH PLAIN"]);
    let count = AtomicU64::new(0);
    let source = PasswordSource::new(move || match count.fetch_add(1, Ordering::Relaxed) {
        0 => Err("no credential called smtp".to_owned()),
        n => Ok(format!("p{n}").into()),
    });
    let courier = courier(plain(&fake).signed_in("c", source));
    assert_eq!(courier.greet().await.unwrap_err(), Snag::NoPassword("no credential called smtp".to_owned()));
    courier.greet().await.unwrap();
    courier.greet().await.unwrap();
    let heard = fake.tell(|story| story.heard.clone());
    assert!(
        heard.contains(&"AUTH PLAIN AGMAcDE=".to_owned())
            && heard.contains(&"AUTH PLAIN AGMAcDI=".to_owned())
    );
}

// Encryption.

struct Identity {
    acceptor: TlsAcceptor,
    ca_file: PathBuf,
    _dir: tempfile::TempDir,
}

fn identity(name: &str) -> Identity {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([name.to_owned()]).unwrap();
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
    courier(Smtp { tls, ca_file, ..plain(fake) })
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
        assert_eq!(send(&mut *courier.line(), &letter()).await.verdict, Verdict::Accepted, "{tls:?}");
        let long =
            Outgoing { letter: Letter { html: "é\n".repeat(100_000), ..letter().letter }, ..letter() };
        assert_eq!(send(&mut *courier.line(), &long).await.verdict, Verdict::Accepted, "{tls:?}");
        assert_eq!(courier.greet().await.unwrap().encryption.as_deref(), Some("TLSv1_3"));
    }
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_with_a_hint() {
    let (ours, other) = (identity("127.0.0.1"), identity("elsewhere.example"));
    let fake = Fake::sealed(Seal::Implicit(ours.acceptor.clone())).await;
    let wrong_name = Fake::sealed(Seal::Implicit(other.acceptor.clone())).await;
    for (fake, trusted) in [(&fake, Some(&other)), (&wrong_name, Some(&other))] {
        let snag = sealed(fake, Tls::Implicit, trusted).greet().await.unwrap_err();
        assert!(matches!(snag, Snag::Untrusted { .. }), "{snag}");
        assert!(snag.to_string().contains("hint: put the authority"), "{snag}");
        assert_eq!(snag.receipt().verdict, Verdict::Later);
        assert!(fake.tell(|story| story.heard.is_empty()));
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
        let smtp = Smtp { tls: Tls::Implicit, ca_file: Some(file), ..plain(&fake) };
        let snag = courier(smtp).greet().await.unwrap_err();
        assert!(matches!(&snag, Snag::Roots(why) if why.starts_with(&name)), "{snag}");
    }
}

#[tokio::test]
async fn words_glued_to_the_starttls_reply_are_refused() {
    let identity = identity("127.0.0.1");
    for words in ["220 go\r\n250-evil.example\r\n250 PIPELINING", "220 go\r\n2"] {
        let fake = Fake::sealed(Seal::StartTls(identity.acceptor.clone())).await;
        fake.tell(|story| story.offers.push("STARTTLS"));
        fake.next("STARTTLS", Act::Say(words));
        let snag = sealed(&fake, Tls::StartTls, Some(&identity)).greet().await.unwrap_err();
        assert!(matches!(snag, Snag::OutOfTurn(_)), "{snag}");
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let identity = identity("127.0.0.1");
    let fake = Fake::start().await;
    let courier = sealed(&fake, Tls::StartTls, Some(&identity));
    assert!(matches!(courier.greet().await.unwrap_err(), Snag::NoStartTls(_)));
    fake.tell(|story| story.offers.push("STARTTLS"));
    fake.next("STARTTLS", Act::Say("454 4.7.0 not now"));
    assert!(matches!(courier.greet().await.unwrap_err(), Snag::Said { .. }));
    let snag = sealed(&fake, Tls::Implicit, Some(&identity)).greet().await.unwrap_err();
    assert!(matches!(snag, Snag::Handshake { .. }), "{snag}");
    assert!(
        fake.tell(|story| story.letters.is_empty() && !story.heard.iter().any(|l| l.starts_with("MAIL")))
    );
}

#[tokio::test]
async fn a_silent_handshake_ends() {
    let identity = identity("127.0.0.1");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    for tls in [Tls::Implicit, Tls::StartTls] {
        let ca_file = Some(identity.ca_file.clone());
        let port = listener.local_addr().unwrap().port();
        let smtp = Smtp { ca_file, timeout: STALL, ..Smtp::new("127.0.0.1", port, tls) };
        let snag = courier(smtp).greet().await.unwrap_err();
        assert_eq!(snag.receipt().verdict, Verdict::Later);
        assert!(snag.to_string().contains("100ms"), "{snag}");
    }
}
