//! What a browser keeps while its owner is at the provider. Nothing of it is kept here: state, nonce and PKCE verifier are made of
//! it with our key, so that an answer is good in the browser that asked, for what it asked, for some minutes, and in no other.

use std::time::Duration;

use jiff::Timestamp;

use crate::exchange::openid::provider::AuthorizationSecrets;
use crate::journey::link_key::LinkKey;
use crate::ports::Entropy;
use crate::web::console::auth::local_paths::is_local;

/// Signing in at the provider, with a second factor there, takes no longer.
pub(in crate::web::console) const LASTS: Duration = Duration::from_secs(10 * 60);

/// What somebody went to the provider for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web::console) enum AuthorizationPurpose {
    /// To sign in here.
    SignIn,
    /// To connect the account she is signed in with.
    Connect,
}

impl AuthorizationPurpose {
    const fn word(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Connect => "connect",
        }
    }
}

/// Somebody has gone to the provider and has not come back. No Debug: it is a secret of her browser.
pub(in crate::web::console) struct PendingAuthorization {
    token: String,
    asked_at: i64,
    /// What she went there for.
    pub(in crate::web::console) purpose: AuthorizationPurpose,
    /// The page of ours she wants to see afterwards.
    pub(in crate::web::console) to: String,
}

impl PendingAuthorization {
    pub(in crate::web::console) fn new(
        entropy: &dyn Entropy,
        now: Timestamp,
        purpose: AuthorizationPurpose,
        to: &str,
    ) -> Self {
        let mut token = [0; 32];
        entropy.fill(&mut token);
        let token = data_encoding::BASE64URL_NOPAD.encode(&token);
        let to = if is_local(to) { to } else { "/" };
        Self { token, asked_at: now.as_second(), purpose, to: to.to_owned() }
    }

    /// What a browser brought back, if it is not too old.
    pub(in crate::web::console) fn read(cookie: &str, now: Timestamp) -> Option<Self> {
        let mut parts = cookie.splitn(4, '.');
        let (token, asked_at, word, to) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let asked_at: i64 = asked_at.parse().ok()?;
        let age = now.as_second().checked_sub(asked_at)?;
        let is_fresh = u64::try_from(age).is_ok_and(|age| age <= LASTS.as_secs());
        let both = [AuthorizationPurpose::SignIn, AuthorizationPurpose::Connect];
        let purpose = both.into_iter().find(|purpose| purpose.word() == word)?;
        let read = Self { token: token.to_owned(), asked_at, purpose, to: to.to_owned() };
        (is_fresh && token.len() == 43 && is_local(to)).then_some(read)
    }

    /// What the browser keeps.
    pub(in crate::web::console) fn cookie(&self) -> String {
        format!("{}.{}.{}.{}", self.token, self.asked_at, self.purpose.word(), self.to)
    }

    /// What tells this way to the provider from every other.
    pub(in crate::web::console) fn token(&self) -> &str {
        &self.token
    }

    /// What binds the provider's answer to this browser, and to that session where there is one.
    pub(in crate::web::console) fn secrets(&self, key: &LinkKey, session: &str) -> AuthorizationSecrets {
        let browser = format!("{}|{session}", self.cookie());
        AuthorizationSecrets {
            state: key.openid_secret("state", &browser),
            nonce: key.openid_secret("nonce", &browser),
            verifier: key.openid_secret("verifier", &browser),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;
    use AuthorizationPurpose::{Connect, SignIn};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn an_answer_is_good_in_the_browser_that_asked_and_for_what_it_asked() {
        let key = LinkKey::new([7; 32]);
        let made = PendingAuthorization::new(&SystemEntropy, at(1_000), SignIn, "/alerts/7");
        let back = PendingAuthorization::read(&made.cookie(), at(1_500)).unwrap();
        let state = |pending: &PendingAuthorization, session| pending.secrets(&key, session).state;
        assert_eq!((back.purpose, back.to.as_str()), (SignIn, "/alerts/7"));
        assert_eq!(state(&back, ""), state(&made, ""));
        let again = PendingAuthorization::new(&SystemEntropy, at(1_000), SignIn, "/alerts/7");
        assert_ne!(state(&again, ""), state(&made, ""), "another try is another");
        for forged in [made.cookie().replace("sign-in", "connect"), made.cookie().replace('7', "8")] {
            let forged = PendingAuthorization::read(&forged, at(1_500));
            assert!(forged.is_none_or(|forged| state(&forged, "") != state(&made, "")));
        }
        let connect = PendingAuthorization::new(&SystemEntropy, at(1_000), Connect, "/account");
        assert_ne!(state(&connect, "hers"), state(&connect, "another's"), "it is bound to her session");
        let secrets = made.secrets(&key, "");
        assert_eq!(secrets.verifier.len(), 43, "RFC 7636 section 4.1");
        assert!(secrets.state != secrets.nonce && secrets.nonce != secrets.verifier);
    }

    #[test]
    fn what_is_too_old_or_odd_is_nothing() {
        let made = PendingAuthorization::new(&SystemEntropy, at(1_000), SignIn, "//evil.example").cookie();
        assert!(made.ends_with(".sign-in./"), "{made}");
        assert!(PendingAuthorization::read(&made, at(1_600)).is_some());
        for (cookie, now) in [
            (made.as_str(), 1_601),
            (made.as_str(), 999),
            ("", 1_000),
            ("a.1000.sign-in./", 1_000),
            (&made.replace(".sign-in./", ".sign-in.//evil.example"), 1_000),
            (&made.replace("sign-in", "other"), 1_000),
        ] {
            assert!(PendingAuthorization::read(cookie, at(now)).is_none(), "{cookie} {now}");
        }
    }
}
