//! What the server's words mean for the letter, and what of them may be kept.

use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Response;

use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::classify::{self, DialogueStage, Refusal, RefusalText};
use crate::care::refusal::envelope::Envelope;
use crate::care::refusal::receipt::Receipt;
use crate::care::refusal::status;
use crate::mail::server_words::without_address;
use crate::mail::wire_form::WireForm;

/// Where in the dialogue a reply or a break came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpStage {
    /// The server's first word, and EHLO.
    Greeting,
    /// STARTTLS and the handshake.
    Encryption,
    /// Signing in with AUTH.
    SignIn,
    /// NOOP or RSET on a connection that rested.
    Rest,
    /// MAIL FROM, which names the sender.
    Sender,
    /// RCPT TO, which names the recipient.
    Recipient,
    /// DATA, which asks to send the message.
    Start,
    /// The dot after the message.
    Dot,
}

impl SmtpStage {
    /// The word in logs and receipts.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Encryption => "encryption",
            Self::SignIn => "sign-in",
            Self::Rest => "check of a resting line",
            Self::Sender => "MAIL FROM",
            Self::Recipient => "RCPT TO",
            Self::Start => "DATA",
            Self::Dot => "final dot",
        }
    }

    /// Where that is for what a refusal may be about.
    pub(in crate::mail) const fn place(self) -> DialogueStage {
        match self {
            Self::Greeting | Self::Encryption | Self::Rest => DialogueStage::Connection,
            Self::SignIn => DialogueStage::SignIn,
            Self::Sender => DialogueStage::Sender,
            Self::Recipient => DialogueStage::Recipient,
            Self::Start | Self::Dot => DialogueStage::Body,
        }
    }

    /// Whether `code` lets the dialogue go on. To the commands of a letter any 2yz says yes (RFC 5321 §4.2: the first digit
    /// decides); one that belongs to another command tells that server and program are out of step.
    pub(in crate::mail) const fn wants(self, code: u16) -> bool {
        match self {
            Self::Start => code == 354,
            Self::Greeting | Self::Encryption => code == 220,
            Self::SignIn => code == 235,
            Self::Rest => code == 250,
            Self::Sender | Self::Recipient | Self::Dot => is_yes(code),
        }
    }
}

/// Whether a code of the kind 2yz answers a command of a letter: not of HELP (211, 214), the greeting, QUIT or AUTH.
const fn is_yes(code: u16) -> bool {
    matches!(code, 200..=299) && !matches!(code, 211 | 214 | 220 | 221 | 235)
}

/// One reply of the server, however many lines it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The reply code (RFC 5321 §4.2).
    pub code: u16,
    /// The words, lines joined.
    pub words: String,
}

impl Reply {
    /// The enhanced status code (RFC 3463), if a line of the words begins with one, or marks one with a `#`, as some servers do
    /// behind their words.
    #[must_use]
    pub fn enhanced(&self) -> Option<&str> {
        status::find(self.code, &self.words)
    }
}

/// A reply whatever its sign, or in words why none came.
pub(in crate::mail) fn heard(result: Result<Response, Error>) -> Result<Reply, String> {
    match result {
        Ok(response) => {
            let words = response.message().collect::<Vec<_>>().join(" ");
            Ok(Reply { code: response.code().into(), words })
        }
        Err(error) => {
            let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            match error.status() {
                Some(code) => Ok(Reply { code: code.into(), words: source }),
                None if source.is_empty() => Err(error.to_string()),
                None => Err(source),
            }
        }
    }
}

/// What `reply` at `stage` means for the letter of that envelope.
pub(in crate::mail) fn judge(stage: SmtpStage, reply: &Reply, envelope: Envelope<'_>) -> AttemptVerdict {
    match reply.code {
        code if stage == SmtpStage::Dot && stage.wants(code) => AttemptVerdict::Accepted,
        400..=599 => refused(stage, reply, envelope),
        // Neither yes nor no: after the dot the dialogue is out of step and the letter's fate unknown.
        _ if stage == SmtpStage::Dot && reply.code < 400 => AttemptVerdict::Unknown,
        _ => AttemptVerdict::Later,
    }
}

fn refused(stage: SmtpStage, reply: &Reply, envelope: Envelope<'_>) -> AttemptVerdict {
    match refusal(stage, reply, envelope).verdict() {
        // It hangs up on everybody. 4.4.2: it gave up on a quiet connection; that is our slowness, not its load.
        AttemptVerdict::Later if reply.code == 421 && reply.enhanced() != Some("4.4.2") => {
            AttemptVerdict::Overloaded
        }
        verdict => verdict,
    }
}

/// What a refusal at `stage` is about.
pub(in crate::mail) fn refusal(stage: SmtpStage, reply: &Reply, envelope: Envelope<'_>) -> Refusal {
    let (code, status) = (Some(reply.code), reply.enhanced());
    classify::read(&RefusalText { at: stage.place(), code, status, words: &reply.words, envelope })
}

/// The receipt for a reply to a letter.
pub(in crate::mail) fn receipt(stage: SmtpStage, reply: &Reply, letter: &WireForm) -> Receipt {
    Receipt {
        at: Some(stage.place()),
        verdict: judge(stage, reply, letter.names()),
        code: Some(reply.code),
        enhanced: reply.enhanced().map(str::to_owned),
        reply: told(reply, letter),
        digest: None,
    }
}

/// What of the words may be kept. A refusal without any (RFC 5321 §4.2) is told all the same: a letter that failed has a reason.
fn told(reply: &Reply, letter: &WireForm) -> String {
    let words = without_address(&reply.words, Some(&letter.to));
    if words.is_empty() && reply.code >= 400 { format!("{} without a word", reply.code) } else { words }
}

/// The receipt for something that is not a reply.
pub(in crate::mail) fn without_reply(verdict: AttemptVerdict, words: &str) -> Receipt {
    Receipt::unsaid(verdict, without_address(words, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::refusal::cause::Cause;

    fn reply(text: &str) -> Reply {
        let (code, words) = text.split_once(' ').unwrap();
        Reply { code: code.parse().unwrap(), words: words.to_owned() }
    }

    #[test]
    fn each_kind_of_reply_has_its_verdict() {
        use AttemptVerdict::{Accepted, BadAddress, Later, Overloaded, Refused, RefusesUs, Unknown};
        use Cause::{Limit, NotEncrypted, Protocol, Relay, SenderAddress, SignIn as Account};
        use SmtpStage::{Dot, Greeting, Recipient, Rest, Sender, SignIn, Start};
        for (stage, text, verdict) in [
            (Dot, "250 2.0.0 queued", Accepted),
            (Dot, "251 will forward", Accepted),
            (Dot, "252 2.0.0 Message accepted", Accepted),
            (Dot, "354 go on", Unknown),
            (Dot, "220 ready", Unknown),
            (Dot, "221 bye", Unknown),
            (Dot, "235 signed in", Unknown),
            (Dot, "451 4.3.0 try again", Later),
            (Dot, "452 4.2.2 mailbox full", Later),
            (Dot, "421 4.3.2 shutting down", Overloaded),
            (Dot, "554 5.7.1 spam", Refused),
            (Dot, "550 5.1.1 no such user", BadAddress),
            (Dot, "550 no such user", BadAddress),
            (Start, "554 no valid recipients", Refused),
            (Start, "450 4.7.1 greylisted", Later),
            (Recipient, "450 4.7.1 greylisted", Later),
            (Recipient, "450 4.7.28 unusual rate", Overloaded),
            (Recipient, "451 4.3.2 not now", Overloaded),
            (Recipient, "452 too many connections", Overloaded),
            (Recipient, "450 separate corporate policy", Later),
            (Recipient, "550 5.1.1 no such user", BadAddress),
            (Recipient, "553 5.1.3 bad syntax", BadAddress),
            (Recipient, "550 5.1.8 sender's domain", RefusesUs(SenderAddress)),
            (Recipient, "550 5.7.1 relaying denied", RefusesUs(Relay)),
            (Recipient, "550 5.2.2 over quota", Refused),
            (Recipient, "550 no such user", BadAddress),
            (Recipient, "550 relay not permitted", RefusesUs(Relay)),
            (Recipient, "550 #5.7.1 your access is refused", Refused),
            (Recipient, "550 blocked by a list", Refused),
            (Recipient, "551 gone", Refused),
            (Recipient, "553 not in my rcpthosts (#5.7.1)", RefusesUs(Relay)),
            (Recipient, "553 no mailbox here by that name (#5.1.1)", BadAddress),
            (Recipient, "530 5.7.0 sign in first", RefusesUs(Account)),
            (Recipient, "452 4.2.2 mailbox has too many messages", Later),
            (Recipient, "451 4.7.1 too many messages, slow down", Overloaded),
            (Recipient, "554 denied", Refused),
            (Recipient, "503 sequence", RefusesUs(Protocol)),
            (Sender, "550 5.7.1 sender refused", RefusesUs(SenderAddress)),
            (Sender, "550 5.7.1 not you", RefusesUs(Protocol)),
            (Sender, "530 sign in first", RefusesUs(Account)),
            (Sender, "538 encrypt first", RefusesUs(NotEncrypted)),
            (Sender, "550 5.4.5 daily user sending limit exceeded", RefusesUs(Limit)),
            (Sender, "552 too big", Refused),
            (Sender, "552 5.3.4 too big", Refused),
            (Sender, "451 4.3.0 later", Later),
            (Sender, "421 bye", Overloaded),
            (Sender, "421 4.4.2 idle too long", Later),
            (Greeting, "554 no service", RefusesUs(Protocol)),
            (Greeting, "421 too many", Overloaded),
            (SignIn, "535 5.7.8 wrong", RefusesUs(Account)),
            (SignIn, "454 4.7.0 temporary", Later),
            (Rest, "500 what", RefusesUs(Protocol)),
        ] {
            assert_eq!(judge(stage, &reply(text), Envelope::default()), verdict, "{stage:?} {text}");
        }
    }

    #[test]
    fn an_enhanced_code_must_fit_its_reply() {
        for (text, want) in [
            ("550 5.1.1 x", Some("5.1.1")),
            ("550 5.7.509 x", Some("5.7.509")),
            ("550 4.1.1 x", Some("4.1.1")),
            ("450 5.1.1 x", None),
            ("550 5.1 x", None),
            ("550 5.1.1. x", None),
            ("550 5.1.1111 x", None),
            ("250 192.168.1.1 x", None),
            ("550 5.1.1: x", Some("5.1.1")),
            ("550 gone (#5.1.1)", Some("5.1.1")),
            ("550 seen 5.1.1 times", None),
            ("550 ", None),
        ] {
            assert_eq!(reply(text).enhanced(), want, "{text}");
        }
    }
}
