//! What can keep a connection from opening, in words a person can act on.

use std::time::Duration;

use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::cause::Cause;
use crate::care::refusal::envelope::Envelope;
use crate::care::refusal::receipt::Receipt;
use crate::mail::server_words::without_address;
use crate::mail::smtp::reply::{Reply, SmtpStage, judge, without_reply};
use crate::mail::smtp::transport::tls_error::TlsError;

/// Why no connection could be opened. Nothing of it is about the letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// The name leads nowhere.
    #[error("no address found for {host}: {why}; hint: check mail.smtp.host and this machine's name server")]
    Unresolved {
        /// The name asked for.
        host: String,
        /// What the resolver said.
        why: String,
    },
    /// Nobody answers at that host and port.
    #[error(
        "no connection to {place}: {why}; hint: is the server running, the port right, the firewall open?"
    )]
    Unreachable {
        /// The server, as `host:port`.
        place: String,
        /// What the last attempt said.
        why: String,
    },
    /// `tls = "none"`, and the name leads to another machine.
    #[error("{0} is not this machine; hint: mail.smtp.tls = \"none\" is only for loopback")]
    NotLoopback(String),
    /// No roots to trust.
    #[error("no certificate to trust: {0}; hint: install ca-certificates or mend mail.smtp.ca_file")]
    Roots(String),
    /// The server's certificate does not prove who it is.
    #[error("the certificate of {host} is not trusted: {}; hint: {}", why.problem, why.hint)]
    Untrusted {
        /// The name the certificate should hold.
        host: String,
        /// What is wrong with it.
        why: TlsError,
    },
    /// No TLS came about.
    #[error(
        "no encryption with {place}: {why}; hint: port 465 wants tls = \"implicit\", port 587 \"starttls\""
    )]
    Handshake {
        /// The server, as `host:port`.
        place: String,
        /// The words of the TLS library.
        why: String,
    },
    /// The other end speaks no TLS that we speak.
    #[error(
        "no encryption with {place}: it has no TLS of this age in common with us ({why}); hint: the server is too old or set so: it must \
         speak TLS 1.2 or 1.3; ask whoever runs it"
    )]
    TooOld {
        /// The server, as `host:port`.
        place: String,
        /// The words of the TLS library.
        why: String,
    },
    /// The server does not offer STARTTLS.
    #[error(
        "{0} does not offer STARTTLS; hint: try tls = \"implicit\" on port 465; nothing is sent unencrypted"
    )]
    NoStartTls(String),
    /// Bytes before the handshake that nobody asked for.
    #[error(
        "{0} spoke out of turn before encryption: someone may be on the path; hint: use tls = \"implicit\""
    )]
    OutOfTurn(String),
    /// The password could not be read.
    #[error("no password for the mail server: {0}; hint: check mail.smtp.password_credential, or mail.oauth")]
    NoPassword(String),
    /// Who issues access tokens is away: letters wait, as for a mail server.
    #[error(
        "no access token: {0}; hint: letters wait; look at mail.oauth.token_url, and at mail.oauth.ca_file if its certificate is not trusted"
    )]
    TokenIssuerAway(String),
    /// Who issues access tokens gives us none.
    #[error(
        "no access token: {0}; hint: compare mail.oauth with what is registered at the provider; a client secret, refresh token or \
         key there may have expired"
    )]
    TokenRefused(String),
    /// The server offers no mechanism we may use.
    #[error(
        "the mail server offers no way to sign in that fits (it offers: {0}); hint: check mail.smtp.auth"
    )]
    NoMechanism(String),
    /// The server does not know us.
    #[error("sign-in refused: {code} {words}; hint: check mail.smtp.username and the password or token")]
    SignIn {
        /// The reply code (RFC 5321 §4.2).
        code: u16,
        /// The text of the reply.
        words: String,
        /// What it means for letters.
        verdict: AttemptVerdict,
    },
    /// A reply other than the one wanted.
    #[error("{} answered {} {}", stage.word(), reply.code, reply.words)]
    Said {
        /// The stage of the dialogue.
        stage: SmtpStage,
        /// What the server did.
        reply: Reply,
    },
    /// The connection broke or fell silent.
    #[error("line lost at {}: {why}", stage.word())]
    Lost {
        /// The stage of the dialogue.
        stage: SmtpStage,
        /// How the connection was lost.
        why: String,
    },
    /// The whole step took too long although something moved.
    #[error("not ready after {0:?}; hint: the mail server is very slow")]
    TooSlow(Duration),
}

impl ConnectError {
    /// A reply other than the one wanted.
    pub(in crate::mail) fn said(stage: SmtpStage, reply: &Reply) -> Self {
        Self::Said { stage, reply: Reply { code: reply.code, words: without_address(&reply.words, None) } }
    }

    /// The error for a refused AUTH.
    pub(in crate::mail) fn sign_in(reply: &Reply) -> Self {
        let verdict = judge(SmtpStage::SignIn, reply, Envelope::default());
        Self::SignIn { code: reply.code, words: without_address(&reply.words, None), verdict }
    }

    /// The receipt for the letter that was about to leave: [`AttemptVerdict::Later`], [`AttemptVerdict::Overloaded`], or
    /// [`AttemptVerdict::RefusesUs`] where people must mend something.
    #[must_use]
    pub fn receipt(&self) -> Receipt {
        let verdict = match self {
            Self::Said { stage, reply } => judge(*stage, reply, Envelope::default()),
            Self::SignIn { verdict, .. } => *verdict,
            Self::NoPassword(_) | Self::NoMechanism(_) | Self::TokenRefused(_) => {
                AttemptVerdict::RefusesUs(Cause::SignIn)
            }
            Self::NoStartTls(_) => AttemptVerdict::RefusesUs(Cause::NotEncrypted),
            Self::NotLoopback(_) | Self::Roots(_) | Self::Untrusted { .. } | Self::OutOfTurn(_) => {
                AttemptVerdict::RefusesUs(Cause::Untrusted)
            }
            Self::TokenIssuerAway(_)
            | Self::Unresolved { .. }
            | Self::Unreachable { .. }
            | Self::Handshake { .. }
            | Self::TooOld { .. }
            | Self::Lost { .. }
            | Self::TooSlow(_) => AttemptVerdict::Later,
        };
        let is_about_us = matches!(verdict, AttemptVerdict::Overloaded | AttemptVerdict::RefusesUs(_));
        let verdict = if is_about_us { verdict } else { AttemptVerdict::Later };
        let receipt = without_reply(verdict, &self.to_string());
        match self {
            Self::Said { stage, reply } => Receipt {
                at: Some(stage.place()),
                code: Some(reply.code),
                enhanced: reply.enhanced().map(str::to_owned),
                ..receipt
            },
            Self::SignIn { code, .. } => {
                Receipt { at: Some(SmtpStage::SignIn.place()), code: Some(*code), ..receipt }
            }
            _ => receipt,
        }
    }
}
