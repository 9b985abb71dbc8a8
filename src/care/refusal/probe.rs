//! While the server refuses us one letter asks from time to time.

use std::time::Duration;

use crate::care::refusal::cause::Cause;

/// Before the first letter asks again.
const FIRST: Duration = Duration::from_secs(5 * 60);
/// The longest wait between two.
const LONGEST: Duration = Duration::from_secs(3600);

/// How long to wait before the next letter asks, after so many have asked: five minutes, doubled each time, at most an hour. A
/// server that does not answer is not annoyed by being asked, so it is asked every five minutes.
#[must_use]
pub fn wait(cause: Cause, probes: u32) -> Duration {
    match cause {
        Cause::Unreachable => FIRST,
        _ => FIRST.saturating_mul(2u32.saturating_pow(probes)).min(LONGEST),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_five_minutes_to_an_hour() {
        let minutes = [0, 1, 2, 3, 4, 5, 4_000_000].map(|probes| wait(Cause::Limit, probes).as_secs() / 60);
        assert_eq!(minutes, [5, 10, 20, 40, 60, 60, 60]);
    }
}
