//! How often a sign-in may be tried: so many times for one account from one source, so that a stranger uses up nobody's tries
//! but his own. A browser that signed in before brings a token of its account and is a source of its own (a "device cookie").

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock as GovernorClock, ReasonablyRealtime};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::ports::Clock;

/// So many tries for one account from one source at once; one more comes back after each [`RETRY_AFTER`].
const TRIES: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);
/// How long a source waits for one more try.
const RETRY_AFTER: Duration = Duration::from_secs(180);
/// So many tries a minute from one source, whatever the account.
const PER_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
/// Strangers make up names; beyond so many, those that have been quiet are forgotten.
const MOST_COUNTED: usize = 10_000;
/// How often that is looked at.
const FORGETS: Duration = Duration::from_secs(60);

/// Where a try comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::web::console) enum AttemptSource {
    /// A browser that signed in as this account before, by the token it brought.
    Device(String),
    /// Any other, by its network.
    Network(IpAddr),
}

/// Whom a try is counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct AttemptKey {
    account: String,
    source: AttemptSource,
}

type AttemptCounter<K> = RateLimiter<K, DashMapStateStore<K>, AttemptClock, NoOpMiddleware<Nanos>>;

/// The counts. They live as long as the process.
pub(in crate::web::console) struct Attempts {
    by_account: AttemptCounter<AttemptKey>,
    by_source: AttemptCounter<AttemptSource>,
    told: AttemptCounter<AttemptSource>,
    clock: AttemptClock,
    /// When those that had been quiet were forgotten last.
    forgot: Mutex<Option<Duration>>,
}

impl Attempts {
    pub(in crate::web::console) fn new(clock: Arc<dyn Clock>) -> Self {
        let clock = AttemptClock(clock);
        let slow = Quota::with_period(RETRY_AFTER).unwrap_or(Quota::per_minute(NonZeroU32::MIN));
        Self {
            by_account: RateLimiter::new(
                slow.allow_burst(TRIES),
                DashMapStateStore::default(),
                clock.clone(),
            ),
            by_source: RateLimiter::new(
                Quota::per_minute(PER_MINUTE),
                DashMapStateStore::default(),
                clock.clone(),
            ),
            told: RateLimiter::new(
                Quota::per_minute(NonZeroU32::MIN),
                DashMapStateStore::default(),
                clock.clone(),
            ),
            clock,
            forgot: Mutex::default(),
        }
    }

    /// Whether the log says that this source waits: once a minute, however often it tries. Else whoever tries a thousand times a
    /// second fills the journal, which then drops what else is said.
    pub(in crate::web::console) fn is_told(&self, source: &AttemptSource) -> bool {
        self.told.check_key(source).is_ok()
    }

    /// Each count by its own size, and seldom: with many strangers at once every try would look at all of them.
    fn forget(&self) {
        let now = self.clock.0.monotonic();
        let mut last = self.forgot.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| now.saturating_sub(last) < FORGETS) {
            return;
        }
        *last = Some(now);
        drop(last);
        forget_quiet(&self.by_account);
        forget_quiet(&self.by_source);
        forget_quiet(&self.told);
    }

    /// Counts a try for an account, known or not. The error says how long this source has to wait.
    pub(in crate::web::console) fn count(
        &self,
        account: &str,
        source: &AttemptSource,
    ) -> Result<(), Duration> {
        self.forget();
        let account = account.to_ascii_lowercase();
        let waits = |not_before: governor::NotUntil<Nanos>| not_before.wait_time_from(self.clock.now());
        self.by_source.check_key(source).map_err(waits)?;
        self.by_account.check_key(&AttemptKey { account, source: source.clone() }).map_err(waits)
    }
}

/// Forgets those that have been quiet, where they are many.
fn forget_quiet<K: Clone + Eq + Hash>(counter: &AttemptCounter<K>) {
    if counter.len() > MOST_COUNTED {
        counter.retain_recent();
    }
}

/// The one clock, as the counters read it.
#[derive(Clone)]
struct AttemptClock(Arc<dyn Clock>);

impl GovernorClock for AttemptClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.monotonic())
    }
}

impl ReasonablyRealtime for AttemptClock {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn attempts() -> (Arc<ManualClock>, Attempts) {
        let clock = Arc::new(ManualClock::at("2026-02-24T15:00:00Z".parse().unwrap()));
        clock.advance(Duration::from_secs(3_600));
        (Arc::clone(&clock), Attempts::new(clock))
    }

    fn network(last: u8) -> AttemptSource {
        AttemptSource::Network(IpAddr::from([203, 0, 113, last]))
    }

    #[test]
    fn a_stranger_uses_up_his_own_tries_and_nobody_elses() {
        let (_, attempts) = attempts();
        for account in ["nora", "dora", "lena", "adam"] {
            assert!((0..5).all(|_| attempts.count(account, &network(1)).is_ok()), "{account}");
            assert!(attempts.count(account, &network(1)).is_err(), "{account}");
            assert!(attempts.count(account, &network(2)).is_ok(), "{account}");
            assert!(attempts.count(account, &AttemptSource::Device("m".to_owned())).is_ok(), "{account}");
        }
    }

    #[test]
    fn a_name_that_nobody_has_rests_like_any_other_and_capitals_are_no_other_name() {
        let (clock, attempts) = attempts();
        for name in ["nobody", "NOBODY", "Nobody", "nobody", "nobody"] {
            assert!(attempts.count(name, &network(1)).is_ok());
        }
        let wait = attempts.count("nobody", &network(1)).unwrap_err();
        assert!(wait > Duration::from_secs(170) && wait <= RETRY_AFTER, "{wait:?}");
        clock.advance(wait);
        assert!(attempts.count("nobody", &network(1)).is_ok());
    }

    #[test]
    fn many_sources_of_one_name_are_forgotten_by_their_own_number_and_once_a_minute() {
        let (clock, attempts) = attempts();
        let source = |n: u32| AttemptSource::Network(IpAddr::from(n.to_be_bytes()));
        let many = u32::try_from(MOST_COUNTED).unwrap() + 5;
        (0..many).for_each(|n| drop(attempts.by_source.check_key(&source(n))));
        assert!((0..many).all(|n| attempts.is_told(&source(n))));
        let counted = || (attempts.by_source.len() < 5, attempts.told.len() < 5);
        assert!(attempts.count("nora", &network(1)).is_ok());
        assert_eq!(counted(), (false, false), "they tried just now");
        clock.advance(Duration::from_secs(59));
        assert!(attempts.count("nora", &network(1)).is_ok());
        assert_eq!(counted(), (false, false), "looked at once a minute");
        clock.advance(Duration::from_secs(61));
        assert!(attempts.count("nora", &network(1)).is_ok());
        assert_eq!(counted(), (true, true));
    }

    #[test]
    fn a_source_that_goes_on_trying_is_told_once_a_minute() {
        let (clock, attempts) = attempts();
        let told = |source: u8| (0..5_000).filter(|_| attempts.is_told(&network(source))).count();
        assert_eq!((told(1), told(2), told(1)), (1, 1, 0));
        clock.advance(Duration::from_secs(61));
        assert_eq!(told(1), 1);
    }

    #[test]
    fn a_flood_over_many_names_is_cut_off_too() {
        let (_, attempts) = attempts();
        let through = (0..100).filter(|n| attempts.count(&format!("n{n}"), &network(1)).is_ok()).count();
        assert_eq!(through, 30);
    }
}
