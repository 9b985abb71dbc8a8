//! Signing in: each mechanism, what a refusal says, and a password read anew for each connection.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{courier, plain, server};
use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::cause::Cause;
use crate::config::sections::smtp::{Auth, Smtp};
use crate::mail::password::{PasswordFault, PasswordSource};
use crate::mail::smtp::settings::SmtpSettings;
use crate::mail::smtp::transport::connect_error::ConnectError;
use crate::mail::test_issuer::tokens_or;
use crate::mail::test_server::{Act, Fake};

fn with_account(fake: &Fake, auth: Auth) -> SmtpSettings {
    SmtpSettings::new(Smtp { auth, ..server(fake) })
        .signed_in("clinic", PasswordSource::new(|| Ok("s3cret".into())))
}

async fn dialogue(
    auth: Auth,
    offer: &'static str,
    acts: &[&'static str],
) -> (Result<String, ConnectError>, Vec<String>) {
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
    let (greeting, heard) = dialogue(Auth::Plain, "AUTH LOGIN PLAIN", &[]).await;
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
    let fault = greeting.unwrap_err();
    let receipt = fault.receipt();
    assert_eq!((receipt.verdict, receipt.code), (AttemptVerdict::RefusesUs(Cause::SignIn), Some(535)));
    assert!(receipt.reply.contains("hint:") && !receipt.reply.contains("s3cret"), "{}", receipt.reply);
    assert!(!format!("{fault:?}").contains("s3cret"));
}

#[tokio::test]
async fn an_expired_token_shows_what_the_server_explains() {
    let fake = Fake::start().await;
    fake.tell(|story| story.offers = vec!["AUTH XOAUTH2"]);
    fake.next("AUTH", Act::Say("334 eyJzdGF0dXMiOiI0MDAifQ==")).next("", Act::Say("535 5.7.8 no"));
    let fault = courier(with_account(&fake, Auth::XOAuth2)).greet().await.unwrap_err();
    assert!(
        matches!(&fault, ConnectError::SignIn { code: 535, words, .. } if words.contains("{\"status\":\"400\"}")),
        "{fault}"
    );
}

#[tokio::test]
async fn a_server_without_a_fitting_mechanism_is_named() {
    let (greeting, heard) = dialogue(Auth::XOAuth2, "AUTH PLAIN LOGIN", &[]).await;
    assert_eq!(greeting.unwrap_err(), ConnectError::NoMechanism("PLAIN, LOGIN".to_owned()));
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
    assert_eq!(
        courier.greet().await.unwrap_err(),
        ConnectError::NoPassword("no credential called smtp".to_owned())
    );
    courier.greet().await.unwrap();
    courier.greet().await.unwrap();
    let heard = fake.tell(|story| story.heard.clone());
    assert!(
        heard.contains(&"AUTH PLAIN AGMAcDE=".to_owned())
            && heard.contains(&"AUTH PLAIN AGMAcDI=".to_owned())
    );
}

fn by_token(fake: &Fake, fault: Option<PasswordFault>) -> SmtpSettings {
    fake.tell(|story| story.offers = vec!["AUTH XOAUTH2"]);
    SmtpSettings::new(Smtp { auth: Auth::XOAuth2, ..server(fake) }).signed_in("clinic", tokens_or(fault))
}

/// The tokens heard, in order.
fn tokens(fake: &Fake) -> Vec<String> {
    let heard = fake.tell(|story| story.heard.clone());
    let auth = heard.iter().filter_map(|line| line.strip_prefix("AUTH XOAUTH2 "));
    let plain = auth.map(|coded| data_encoding::BASE64.decode(coded.as_bytes()).unwrap());
    let plain = plain.map(|bytes| String::from_utf8(bytes).unwrap());
    plain.map(|line| line.split("Bearer ").nth(1).unwrap().trim_end_matches('\u{1}').to_owned()).collect()
}

#[tokio::test]
async fn a_token_that_is_taken_no_more_is_replaced_once_on_the_same_line() {
    let fake = Fake::start().await;
    let courier = courier(by_token(&fake, None));
    fake.next("AUTH", Act::Say("334 eyJzdGF0dXMiOiI0MDAifQ==")).next("", Act::Say("535 5.7.3 expired"));
    courier.greet().await.unwrap();
    assert_eq!((tokens(&fake), fake.tell(|story| story.connections)), (vec!["t0".into(), "t1".into()], 1));

    let refusal = Act::Say("535 5.7.3 Authentication unsuccessful");
    fake.next("AUTH", refusal).next("AUTH", refusal);
    let fault = courier.greet().await.unwrap_err();
    assert_eq!(fault.receipt().verdict, AttemptVerdict::RefusesUs(Cause::SignIn), "{fault}");
    assert_eq!(tokens(&fake).len(), 4);
}

#[tokio::test]
async fn an_issuer_that_is_away_is_a_server_that_is_away_and_one_that_refuses_us_needs_a_person() {
    let fake = Fake::start().await;
    let away = PasswordFault::IssuerAway("no answer".to_owned());
    let receipt = courier(by_token(&fake, Some(away))).greet().await.unwrap_err().receipt();
    assert_eq!((receipt.verdict, receipt.code), (AttemptVerdict::Later, None));
    assert!(receipt.reply.contains("mail.oauth.token_url"), "{}", receipt.reply);

    let refuses = PasswordFault::IssuerRefuses("invalid_client".to_owned());
    let receipt = courier(by_token(&fake, Some(refuses))).greet().await.unwrap_err().receipt();
    assert_eq!(receipt.verdict, AttemptVerdict::RefusesUs(Cause::SignIn));
    assert!(
        receipt.reply.contains("invalid_client") && receipt.reply.contains("expired"),
        "{}",
        receipt.reply
    );
    assert_eq!(tokens(&fake), Vec::<String>::new());
}
