//! AUTH, with the password read at the last moment and dropped at once.

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Auth as AuthCommand;
use lettre::transport::smtp::response::Response;
use secrecy::{ExposeSecret, SecretString};

use crate::config::sections::smtp::Auth;
use crate::mail::password::{PasswordFault, PasswordSource};
use crate::mail::smtp::capabilities::Capabilities;
use crate::mail::smtp::reply::{Reply, SmtpStage, heard};
use crate::mail::smtp::settings::SmtpSettings;
use crate::mail::smtp::transport::connect_error::ConnectError;

/// LOGIN asks twice; more is not a dialogue.
const MOST_QUESTIONS: usize = 3;

/// The reply to a password or token that is wrong, or was good once (RFC 4954 §6).
const REFUSED: u16 = 535;

/// Signs in if the settings name an account; gives the mechanism used. A token that a server does not take any more is
/// replaced once.
pub(in crate::mail) async fn sign_in(
    smtp: &SmtpSettings,
    offers: &Capabilities,
    connection: &mut AsyncSmtpConnection,
) -> Result<Option<Mechanism>, ConnectError> {
    let (Some(username), Some(password)) = (&smtp.server.username, &smtp.password) else {
        return Ok(None);
    };
    let mechanism = choose(smtp.server.auth, offers)?;
    let secret = read(password).await?;
    let signed_in = match present(mechanism, username, &secret, connection).await {
        Err(ConnectError::SignIn { code: REFUSED, .. }) if password.drop_refused(&secret).await => {
            tracing::info!("the mail server does not take the access token any more; another one is fetched");
            present(mechanism, username, &read(password).await?, connection).await
        }
        settled => settled,
    };
    signed_in.map(|()| Some(mechanism))
}

async fn read(password: &PasswordSource) -> Result<SecretString, ConnectError> {
    password.read().await.map_err(|fault| match fault {
        PasswordFault::Unreadable(why) => ConnectError::NoPassword(why),
        PasswordFault::IssuerAway(why) => ConnectError::TokenIssuerAway(why),
        PasswordFault::IssuerRefuses(why) => ConnectError::TokenRefused(why),
    })
}

/// One dialogue of AUTH, to its end.
async fn present(
    mechanism: Mechanism,
    username: &str,
    secret: &SecretString,
    connection: &mut AsyncSmtpConnection,
) -> Result<(), ConnectError> {
    let credentials = Credentials::new(username.to_owned(), secret.expose_secret().to_owned());
    let first =
        AuthCommand::new(mechanism, credentials.clone(), None).map_err(|error| lost(&error.to_string()))?;
    let mut answer = connection.command(first).await;
    for _ in 0..MOST_QUESTIONS {
        match answer {
            Ok(question) if question.has_code(334) => {
                answer = reply_to(&question, mechanism, &credentials, connection).await?;
            }
            last => return settled(last),
        }
    }
    Err(lost("the server kept asking"))
}

type ServerChallenge = Result<Response, lettre::transport::smtp::Error>;

fn settled(last: ServerChallenge) -> Result<(), ConnectError> {
    let reply = heard(last).map_err(|why| lost(&why))?;
    if SmtpStage::SignIn.wants(reply.code) { Ok(()) } else { Err(ConnectError::sign_in(&reply)) }
}

fn lost(why: &str) -> ConnectError {
    ConnectError::Lost { stage: SmtpStage::SignIn, why: why.to_owned() }
}

async fn reply_to(
    question: &Response,
    mechanism: Mechanism,
    credentials: &Credentials,
    connection: &mut AsyncSmtpConnection,
) -> Result<ServerChallenge, ConnectError> {
    if mechanism == Mechanism::Login {
        let words = AuthCommand::new_from_response(mechanism, credentials.clone(), question)
            .map_err(|_| lost("the server asked something we do not know"))?;
        return Ok(connection.command(words).await);
    }
    // A question after a token or a PLAIN answer is a refusal with an explanation; an empty line lets the server finish.
    let why = decoded(question);
    let reply = heard(connection.command("\r\n").await).map_err(|why| lost(&why))?;
    Err(ConnectError::sign_in(&Reply { words: format!("{} {why}", reply.words), ..reply }))
}

fn decoded(question: &Response) -> String {
    let encoded = question.first_word().unwrap_or_default();
    let bytes = data_encoding::BASE64.decode(encoded.as_bytes()).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn choose(wish: Auth, offers: &Capabilities) -> Result<Mechanism, ConnectError> {
    let mechanism = match wish {
        Auth::Plain => Mechanism::Plain,
        Auth::Login => Mechanism::Login,
        Auth::XOAuth2 => Mechanism::Xoauth2,
    };
    let is_offered = offers.mechanisms.contains(&mechanism);
    if is_offered { Ok(mechanism) } else { Err(ConnectError::NoMechanism(offers.ways_to_sign_in())) }
}
