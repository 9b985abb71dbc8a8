//! How fast letters may leave: the clinic's limit a minute, and the rest a server asks for when it is overloaded.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
/// A first rest of a minute, doubling to half an hour while the server goes on complaining.
const LONGEST_DOUBLING: u32 = 5;

/// Shared by all passes of one daemon. Lost on restart, which is harmless: the server tells us again.
#[derive(Default)]
pub struct Pace {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rest_until: Option<Duration>,
    rests: u32,
    spent: VecDeque<(Duration, usize)>,
    /// Letters in `spent`.
    letters: usize,
}

impl Pace {
    /// Whether the server asked for a rest that is not over, by the clock that never jumps.
    #[must_use]
    pub fn is_resting(&self, monotonic: Duration) -> bool {
        self.lock().rest_until.is_some_and(|until| monotonic < until)
    }

    /// The server is overloaded: rest, each time twice as long.
    pub fn rest(&self, monotonic: Duration) {
        let mut state = self.lock();
        if state.rest_until.is_some_and(|until| monotonic < until) {
            return;
        }
        state.rest_until = Some(monotonic + MINUTE * 2u32.pow(state.rests.min(LONGEST_DOUBLING)));
        state.rests += 1;
        tracing::warn!(rests = state.rests, "the mail server is overloaded; slowing down");
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

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
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
        let pace = Pace::default();
        pace.rest(at(0));
        assert!(pace.is_resting(at(59)) && !pace.is_resting(at(60)));
        pace.rest(at(60));
        assert!(pace.is_resting(at(179)) && !pace.is_resting(at(180)));
        pace.ease();
        pace.rest(at(200));
        assert!(!pace.is_resting(at(260)));
    }

    #[test]
    fn the_limit_counts_the_last_minute_only() {
        let pace = Pace::default();
        assert_eq!(pace.allowance(Duration::ZERO, 5, 10), 5);
        pace.spend(Duration::ZERO, 5);
        assert_eq!(pace.allowance(Duration::from_secs(59), 5, 10), 0);
        assert_eq!(pace.allowance(Duration::from_secs(60), 5, 10), 5);
        assert_eq!(pace.allowance(Duration::ZERO, 0, 10), 10);
    }
}
