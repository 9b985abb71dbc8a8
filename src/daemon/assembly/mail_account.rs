//! The clinic's account with its mail provider: where it is, and what opens it.

use std::sync::Arc;

use secrecy::SecretString;

use crate::config::credential;
use crate::config::sections::mail::Mail;
use crate::config::sections::smtp::{Auth, Smtp};
use crate::exchange::oauth::access_token::AccessTokens;
use crate::exchange::oauth::fault::TokenFault;
use crate::mail::imap::mailbox::ImapSettings;
use crate::mail::password::{PasswordFault, PasswordSource, TokenIssuer};
use crate::mail::smtp::ehlo_name;
use crate::mail::smtp::settings::SmtpSettings;
use crate::ports::Clock;

/// The settings for SMTP. The domain of our letters is said at EHLO where this machine has no full name.
#[must_use]
pub fn smtp_settings(mail: &Mail, smtp: &Smtp, clock: &Arc<dyn Clock>) -> SmtpSettings {
    let domain = &mail.message_id_domain;
    let hello = ehlo_name::choose(smtp.hello.as_deref(), ehlo_name::host_name().as_deref(), domain);
    let password = match (&smtp.password_credential, &mail.oauth, &smtp.username) {
        (Some(name), ..) => Some(kept(name)),
        (None, Some(oauth), Some(username)) if smtp.auth == Auth::XOAuth2 => {
            let tokens = AccessTokens::new(oauth, username, Arc::clone(clock));
            Some(PasswordSource::issued(Arc::new(MailTokens(tokens))))
        }
        _ => None,
    };
    SmtpSettings { password, ..SmtpSettings::new(Smtp { hello: Some(hello), ..smtp.clone() }) }
}

/// The mailbox that is read by IMAP, and what opens it; `None` where none is configured.
#[must_use]
pub fn imap_settings(mail: &Mail, clock: &Arc<dyn Clock>) -> Option<ImapSettings> {
    let mailbox = mail.imap.clone()?;
    let password = match (&mailbox.password_credential, &mail.oauth) {
        (Some(name), _) => kept(name),
        (None, Some(oauth)) => {
            let tokens = AccessTokens::new(oauth, &mailbox.username, Arc::clone(clock));
            PasswordSource::issued(Arc::new(MailTokens(tokens)))
        }
        (None, None) => PasswordSource::new(|| Err("none is configured".to_owned())),
    };
    Some(ImapSettings { mailbox, password })
}

fn kept(name: &str) -> PasswordSource {
    let name = name.to_owned();
    PasswordSource::new(move || credential::secret(&name).map_err(|fault| fault.to_string()))
}

/// The provider's tokens, as mail asks for them.
struct MailTokens(AccessTokens);

impl TokenIssuer for MailTokens {
    fn token(&self) -> Result<SecretString, PasswordFault> {
        self.0.token().map_err(|fault| match fault {
            TokenFault::Away(_) | TokenFault::Untrusted(_) => PasswordFault::IssuerAway(fault.to_string()),
            TokenFault::Refused(_) => PasswordFault::IssuerRefuses(fault.to_string()),
            TokenFault::Setup(why) => PasswordFault::Unreadable(why),
        })
    }

    fn drop_refused(&self, refused: &SecretString) -> bool {
        self.0.drop_refused(refused)
    }
}
