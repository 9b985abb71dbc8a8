//! Instants before and after another, clamped to the first and the last there are.

use jiff::{Timestamp, TimestampArithmetic};

/// An instant later by a duration, clamped to the last one there is.
#[must_use]
pub fn later(at: Timestamp, by: impl Into<TimestampArithmetic>) -> Timestamp {
    at.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// An instant earlier by a duration, clamped to the first one there is.
#[must_use]
pub fn earlier(at: Timestamp, by: impl Into<TimestampArithmetic>) -> Timestamp {
    at.saturating_sub(by).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::SignedDuration;

    use super::*;

    #[test]
    fn time_ends_at_both_ends() {
        assert_eq!(later(Timestamp::MAX, SignedDuration::from_hours(1)), Timestamp::MAX);
        assert_eq!(later(Timestamp::UNIX_EPOCH, Duration::MAX), Timestamp::MAX);
        assert_eq!(earlier(Timestamp::MIN, SignedDuration::from_hours(1)), Timestamp::MIN);
        assert_eq!(earlier(Timestamp::UNIX_EPOCH, Duration::MAX), Timestamp::MIN);
        assert_eq!(
            earlier(later(Timestamp::UNIX_EPOCH, Duration::from_secs(9)), Duration::from_secs(9)),
            Timestamp::UNIX_EPOCH
        );
    }
}
