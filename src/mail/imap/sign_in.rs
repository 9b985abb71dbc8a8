//! Greeting and sign-in: by password, or by a token that is replaced once when the server takes it no longer.

use async_imap::error::Error;
use async_imap::{Authenticator, Client, Session};
use secrecy::{ExposeSecret, SecretString};

use crate::config::sections::account::imap::Imap;
use crate::config::sections::smtp::Auth;
use crate::mail::imap::fault::{ImapFault, told};
use crate::mail::imap::literal_stream::LiteralStream;
use crate::mail::password::PasswordSource;

/// An open stream, whatever lies beneath.
pub(in crate::mail::imap) type ImapStream = LiteralStream;

type LoginResult = Result<Session<ImapStream>, (Error, Client<ImapStream>)>;

/// Hears the greeting and signs in.
pub(in crate::mail::imap) async fn sign_in(
    stream: ImapStream,
    imap: &Imap,
    password: &PasswordSource,
) -> Result<Session<ImapStream>, ImapFault> {
    let mut client = Client::new(stream);
    let greeting = client.read_response().await.map_err(|error| ImapFault::lost(&Error::Io(error)))?;
    if greeting.is_none() {
        return Err(ImapFault::Lost("the server hung up".to_owned()));
    }
    let secret = password.read().await.map_err(ImapFault::Password)?;
    let (fault, client) = match present(client, imap, &secret).await {
        Ok(session) => return Ok(session),
        Err(refused) => refused,
    };
    if !matches!(fault, Error::No(_)) || !password.drop_refused(&secret).await {
        return Err(refused(&fault));
    }
    tracing::info!("the mailbox does not take the access token any more; another one is fetched");
    let secret = password.read().await.map_err(ImapFault::Password)?;
    present(client, imap, &secret).await.map_err(|(fault, _)| refused(&fault))
}

async fn present(client: Client<ImapStream>, imap: &Imap, secret: &SecretString) -> LoginResult {
    match imap.auth {
        Auth::XOAuth2 => {
            let bearer = format!("user={}\x01auth=Bearer {}\x01\x01", imap.username, secret.expose_secret());
            client.authenticate("XOAUTH2", BearerToken(Some(bearer))).await
        }
        Auth::Plain | Auth::Login => client.login(&imap.username, secret.expose_secret()).await,
    }
}

fn refused(fault: &Error) -> ImapFault {
    match fault {
        Error::No(_) | Error::Bad(_) | Error::Validate(_) => ImapFault::SignIn(told(fault)),
        other => ImapFault::lost(other),
    }
}

/// The token for the first question; what is asked after that is a refusal with an explanation, which an empty line ends.
struct BearerToken(Option<String>);

impl Authenticator for BearerToken {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        self.0.take().unwrap_or_default()
    }
}
