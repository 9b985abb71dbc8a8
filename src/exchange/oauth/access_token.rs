//! The access token of one mailbox, kept until shortly before it expires; whoever needs one meanwhile gets the same.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::config::sections::account::oauth::Oauth;
use crate::exchange::oauth::fault::TokenFault;
use crate::exchange::oauth::token_endpoint::{self, IssuedToken};
use crate::ports::Clock;

/// A token is renewed so long before it expires, or at half its life if that is shorter: a sign-in takes its time too.
const EARLY: Duration = Duration::from_secs(5 * 60);
/// An endpoint that gave no token is left alone for so long, so that many connections do not wait one behind the other.
const QUIET_AFTER_FAULT: Duration = Duration::from_secs(10);

/// The tokens of one mailbox, from one provider.
pub struct AccessTokens {
    oauth: Oauth,
    mailbox: String,
    clock: Arc<dyn Clock>,
    last: Mutex<LastToken>,
}

/// The token in use and the last fault, each with its instant by the clock that never jumps.
#[derive(Default)]
struct LastToken {
    kept: Option<KeptToken>,
    fault: Option<(Duration, TokenFault)>,
}

struct KeptToken {
    issued: IssuedToken,
    at: Duration,
    /// How many sign-ins it was given to.
    given: u32,
}

impl KeptToken {
    fn is_good(&self, now: Duration) -> bool {
        now.saturating_sub(self.at) < self.issued.lifetime
    }

    fn is_fresh(&self, now: Duration) -> bool {
        let early = EARLY.min(self.issued.lifetime / 2);
        now.saturating_sub(self.at) < self.issued.lifetime.saturating_sub(early)
    }

    fn give(&mut self) -> SecretString {
        self.given = self.given.saturating_add(1);
        self.issued.token.clone()
    }
}

impl AccessTokens {
    /// The tokens with which `mailbox` signs in. Nobody is asked anything yet.
    #[must_use]
    pub fn new(oauth: &Oauth, mailbox: &str, clock: Arc<dyn Clock>) -> Self {
        Self { oauth: oauth.clone(), mailbox: mailbox.to_owned(), clock, last: Mutex::default() }
    }

    /// A token that is good now. Whoever comes while one is fetched waits for the same.
    ///
    /// # Errors
    /// [`TokenFault`]; not while a token is good that could only not be renewed in time.
    pub fn token(&self) -> Result<SecretString, TokenFault> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.monotonic();
        if let Some(kept) = last.kept.as_mut().filter(|kept| kept.is_fresh(now)) {
            return Ok(kept.give());
        }
        let known = last.fault.as_ref().filter(|(at, _)| now.saturating_sub(*at) < QUIET_AFTER_FAULT);
        let asked = match known {
            Some((_, fault)) => Err(fault.clone()),
            None => self.ask(&mut last, now),
        };
        match asked {
            Ok(issued) => Ok(last.kept.insert(KeptToken { issued, at: now, given: 0 }).give()),
            Err(fault) => {
                let kept = last.kept.as_mut().filter(|kept| kept.is_good(now));
                kept.map(KeptToken::give).ok_or(fault)
            }
        }
    }

    fn ask(&self, last: &mut LastToken, now: Duration) -> Result<IssuedToken, TokenFault> {
        let asked = token_endpoint::ask(&self.oauth, &self.mailbox, self.clock.now());
        if let Err(fault) = &asked {
            tracing::warn!(reason = %fault, hint = fault.hint(), "no access token for the mail account");
        }
        last.fault = asked.as_ref().err().map(|fault| (now, fault.clone()));
        asked
    }

    /// A server did not take this token: whether [`AccessTokens::token`] will give another one. One that was refused at its very
    /// first sign-in would not be followed by a better one.
    pub fn drop_refused(&self, refused: &SecretString) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &last.kept {
            Some(kept) if kept.issued.token.expose_secret() == refused.expose_secret() => {
                let was_good = kept.given > 1;
                last.kept = None;
                was_good
            }
            // Somebody else has dropped it already.
            Some(_) | None => true,
        }
    }
}
