//! Why a server refuses us, and what people do about it. One closed list, so that the task can say the next step.

/// Why every letter of ours is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The name we say at EHLO.
    HelloName,
    /// We are not signed in, or not so that the server believes it.
    SignIn,
    /// The server wants the line encrypted.
    NotEncrypted,
    /// The server does not prove who it is, so nothing is said to it.
    Untrusted,
    /// Our account may send no more today or this hour.
    Limit,
    /// Our account is blocked, disabled or without a licence.
    Suspended,
    /// Our sender address is not taken.
    SenderAddress,
    /// The server does not carry mail of ours to others.
    Relay,
    /// Our address stands on a blocklist.
    Listed,
    /// Our address or domain is not trusted.
    Reputation,
    /// SPF, DKIM or DMARC of our domain fail.
    Authentication,
    /// Our address has no name in the DNS, or another one.
    ReverseDns,
    /// The server does not understand, or does not allow, what we say.
    Protocol,
    /// It gave several people in a row the same refusal, whatever that says.
    Everyone,
    /// Nobody answers where it should be.
    Unreachable,
}

impl Cause {
    /// Every cause there is.
    pub const ALL: [Self; 15] = [
        Self::HelloName,
        Self::SignIn,
        Self::NotEncrypted,
        Self::Untrusted,
        Self::Limit,
        Self::Suspended,
        Self::SenderAddress,
        Self::Relay,
        Self::Listed,
        Self::Reputation,
        Self::Authentication,
        Self::ReverseDns,
        Self::Protocol,
        Self::Everyone,
        Self::Unreachable,
    ];

    /// The word in SQL, logs and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::HelloName => "hello-name",
            Self::SignIn => "sign-in",
            Self::NotEncrypted => "not-encrypted",
            Self::Untrusted => "untrusted",
            Self::Limit => "limit",
            Self::Suspended => "suspended",
            Self::SenderAddress => "sender-address",
            Self::Relay => "relay",
            Self::Listed => "listed",
            Self::Reputation => "reputation",
            Self::Authentication => "authentication",
            Self::ReverseDns => "reverse-dns",
            Self::Protocol => "protocol",
            Self::Everyone => "everyone",
            Self::Unreachable => "unreachable",
        }
    }

    /// The cause of that word in SQL and JSON; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.word() == word)
    }

    /// What to do, in words of whoever runs the mail.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::HelloName => "Set mail.smtp.hello to the full name of this machine (host.domain).",
            Self::SignIn => {
                "Check mail.smtp.username and the password or token, and that the account may send by SMTP."
            }
            Self::NotEncrypted => "Set mail.smtp.tls to \"starttls\" (port 587) or \"implicit\" (port 465).",
            Self::Untrusted => {
                "`aftercare check --online` says what is wrong with its certificate or its settings."
            }
            Self::Limit => {
                "The account may send no more for now. Ask the mail provider for a higher limit, or lower sending.max_per_minute."
            }
            Self::Suspended => {
                "Ask the mail provider why the account is blocked, and whether its licence is valid."
            }
            Self::SenderAddress => "Check mail.from: the account must be allowed to send as that address.",
            Self::Relay => {
                "The server does not carry our mail to others. Check mail.smtp.host and port, sign-in, and that this machine may relay."
            }
            Self::Listed => {
                "Our address stands on a blocklist. Ask the mail provider to have it removed, or send through another server."
            }
            Self::Reputation => {
                "Our address or domain is not trusted. Ask the mail provider, or send through another server."
            }
            Self::Authentication => {
                "SPF, DKIM or DMARC fail. Have the DNS records of the sender's domain mended."
            }
            Self::ReverseDns => {
                "The sending address needs a name in the DNS (PTR) that leads back to it. Ask the network provider."
            }
            Self::Protocol => "Show the server's words to whoever runs the mail server.",
            Self::Everyone => {
                "It says the same to everybody, so it is about us. Show its words to whoever runs the mail server."
            }
            Self::Unreachable => {
                "Check that the server named by mail.smtp.host runs and that this machine reaches it; `aftercare check --online` greets it."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_has_its_own_word_and_an_advice_in_full_sentences() {
        for cause in Cause::ALL {
            assert_eq!(Cause::parse(cause.word()), Some(cause));
            assert!(cause.advice().ends_with('.') && !cause.advice().contains('@'));
        }
    }
}
