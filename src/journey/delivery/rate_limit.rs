//! How fast letters may leave: the clinic's limit a minute, and the rest a server asks for when it is overloaded.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::care::refusal::receipt::Receipt;
use crate::journey::delivery::failure::put_off_log::PutOffLog;

const MINUTE: Duration = Duration::from_secs(60);
/// The longest rest: a first one of a minute doubles up to it while the server goes on complaining.
const LONGEST: Duration = Duration::from_secs(30 * 60);
/// Doublings that are surely enough.
const DOUBLINGS: u32 = 5;

/// Shared by all passes of one daemon, and handed on at a reload. Lost on restart, which is harmless: a server that is overloaded
/// tells us again, and a start sends no more than one minute's letters twice.
#[derive(Default)]
pub struct RateLimit {
    state: Mutex<RateLimitState>,
}

#[derive(Default)]
struct RateLimitState {
    rest_until: Option<Duration>,
    rests: u32,
    spent: VecDeque<(Duration, usize)>,
    /// The sum of the letters in `spent`.
    letters: usize,
    put_off: PutOffLog,
}

impl RateLimit {
    /// Whether the server asked for a rest that is not over, by the clock that never jumps.
    #[must_use]
    pub fn is_resting(&self, monotonic: Duration) -> bool {
        self.lock().rest_until.is_some_and(|until| monotonic < until)
    }

    /// What is left of that rest, so that whoever waits for its end wakes then and not at the next bell.
    #[must_use]
    pub fn rest_left(&self, monotonic: Duration) -> Option<Duration> {
        self.lock().rest_until?.checked_sub(monotonic).filter(|left| !left.is_zero())
    }

    /// The server is overloaded: rest, each time twice as long.
    pub fn rest(&self, monotonic: Duration) {
        let mut state = self.lock();
        if state.rest_until.is_some_and(|until| monotonic < until) {
            return;
        }
        let rest = (MINUTE * 2u32.pow(state.rests.min(DOUBLINGS))).min(LONGEST);
        state.rest_until = Some(monotonic + rest);
        state.rests += 1;
        tracing::warn!(rests = state.rests, "the mail server is overloaded; slowing down");
    }

    /// Letters go to another server from now on, which has asked for no rest. What left this minute counts on.
    pub fn other_server(&self) {
        let mut state = self.lock();
        (state.rest_until, state.rests, state.put_off) = (None, 0, PutOffLog::default());
    }

    /// The log says why letters are put off.
    pub(in crate::journey::delivery) fn hear(&self, report: &Receipt, monotonic: Duration) {
        self.lock().put_off.hear(report, monotonic);
    }

    /// The server takes letters again.
    pub fn ease(&self) {
        self.lock().rests = 0;
    }

    /// How many of `wanted` letters the limit a minute (0 is none) lets leave now.
    #[must_use]
    pub fn allowance(&self, monotonic: Duration, max_per_minute: u32, wanted: usize) -> usize {
        if max_per_minute == 0 {
            return wanted;
        }
        let mut state = self.lock();
        while let Some((_, letters)) = state.spent.pop_front_if(|(at, _)| *at + MINUTE <= monotonic) {
            state.letters -= letters;
        }
        usize::try_from(max_per_minute).unwrap_or(usize::MAX).saturating_sub(state.letters).min(wanted)
    }

    /// Counts letters taken in hand.
    pub fn spend(&self, monotonic: Duration, letters: usize) {
        if letters > 0 {
            let mut state = self.lock();
            state.spent.push_back((monotonic, letters));
            state.letters += letters;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, RateLimitState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn rests_double_and_end() {
        let limit = RateLimit::default();
        limit.rest(at(0));
        assert!(limit.is_resting(at(59)) && !limit.is_resting(at(60)));
        limit.rest(at(60));
        assert!(limit.is_resting(at(179)) && !limit.is_resting(at(180)));
        limit.ease();
        limit.rest(at(200));
        assert!(!limit.is_resting(at(260)));
    }

    #[test]
    fn one_complaint_costs_a_minute_and_no_row_of_them_more_than_half_an_hour_at_once() {
        let limit = RateLimit::default();
        let mut now = Duration::ZERO;
        let mut rests = Vec::new();
        for _ in 0..8 {
            limit.rest(now);
            // Others that complain meanwhile add nothing.
            limit.rest(now + Duration::from_secs(30));
            let left = limit.rest_left(now).unwrap();
            rests.push(left.as_secs() / 60);
            now += left;
            assert_eq!((limit.rest_left(now), limit.is_resting(now)), (None, false));
        }
        assert_eq!(rests, [1, 2, 4, 8, 16, 30, 30, 30]);
        limit.ease();
        limit.rest(now);
        assert_eq!(limit.rest_left(now), Some(MINUTE), "a letter taken sets it back");
    }

    #[test]
    fn the_limit_counts_the_last_minute_only() {
        let limit = RateLimit::default();
        assert_eq!(limit.allowance(Duration::ZERO, 5, 10), 5);
        limit.spend(Duration::ZERO, 5);
        assert_eq!(limit.allowance(Duration::from_secs(59), 5, 10), 0);
        assert_eq!(limit.allowance(Duration::from_secs(60), 5, 10), 5);
        assert_eq!(limit.allowance(Duration::ZERO, 0, 10), 10);
    }
}
