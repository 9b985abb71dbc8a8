//! A delivery is one letter's trip. Its legal moves are one `match`; SQL's CHECK and `docs/flow.md` show the same.

use std::time::Duration;

use crate::care::refusal::cause::Cause;

/// Where a letter is on its trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// In the outbox, waiting for its instant.
    Pending,
    /// A worker holds it under a lease.
    Claimed,
    /// The server said yes to the final dot.
    Sent,
    /// The check before hand-off closed it, with a reason.
    Skipped,
    /// Its use was over before it could leave.
    Lapsed,
    /// The server refused it, and no attempt follows.
    Failed,
    /// The connection or the process died between the final dot and our record (P3).
    Unknown,
}

/// What can happen to a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeliveryEvent {
    /// A worker takes it.
    Claim,
    /// The server took it (reply 250).
    Accept,
    /// 4xx, network trouble, or the worker gave it back.
    Defer,
    /// Permanent 5xx, or it cannot be composed.
    Refuse,
    /// No longer owed or no longer allowed.
    Skip,
    /// It is no longer useful.
    Lapse,
    /// Nobody knows whether the server took it.
    Doubt,
    /// Send again under the same Message-ID.
    Resend,
    /// A person wants it sent again after it was refused.
    Retry,
}

/// So many hand-offs of one letter may end in doubt: it goes again once, then it waits for a person (P17).
pub const MOST_DOUBTS: u32 = 2;

/// Whether a letter reached its reader, as far as anybody can know, where its state alone does not tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arrival {
    /// It was in doubt, so it may lie in her mailbox whatever became of it since.
    Perhaps,
    /// It was in doubt, and went again: she may have it twice.
    PerhapsTwice,
}

impl Arrival {
    /// What is known of a letter in that state that was in doubt so often; `None` where the state says it all.
    #[must_use]
    pub const fn of(state: DeliveryState, doubts: u32) -> Option<Self> {
        match (state, doubts) {
            (DeliveryState::Unknown, 0) => Some(Self::Perhaps),
            (_, 0) => None,
            (DeliveryState::Sent, _) | (_, MOST_DOUBTS..) => Some(Self::PerhapsTwice),
            (_, 1) => Some(Self::Perhaps),
        }
    }

    /// The words in every view: tables, pages, JSON, exports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Perhaps => "may have arrived",
            Self::PerhapsTwice => "may have arrived twice",
        }
    }
}

impl DeliveryState {
    /// Every state, in the order in which the ledger's filter offers them.
    pub const ALL: [Self; 7] =
        [Self::Pending, Self::Claimed, Self::Sent, Self::Skipped, Self::Lapsed, Self::Failed, Self::Unknown];

    /// The word in SQL, JSON and docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Claimed => "claimed",
            Self::Sent => "sent",
            Self::Skipped => "skipped",
            Self::Lapsed => "lapsed",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The state of that word in SQL and JSON; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// The state after `event`; `None` when the move is illegal.
    #[must_use]
    pub const fn after(self, event: DeliveryEvent) -> Option<Self> {
        match (self, event) {
            (Self::Pending, DeliveryEvent::Claim) => Some(Self::Claimed),
            (Self::Pending | Self::Claimed, DeliveryEvent::Skip) => Some(Self::Skipped),
            (Self::Pending | Self::Claimed, DeliveryEvent::Lapse) => Some(Self::Lapsed),
            (Self::Claimed, DeliveryEvent::Accept) => Some(Self::Sent),
            (Self::Claimed, DeliveryEvent::Defer) => Some(Self::Pending),
            (Self::Unknown, DeliveryEvent::Resend) => Some(Self::Pending),
            (Self::Failed, DeliveryEvent::Retry) => Some(Self::Pending),
            // A bounce that comes back later undoes an acceptance.
            (Self::Claimed | Self::Sent, DeliveryEvent::Refuse) => Some(Self::Failed),
            (Self::Claimed, DeliveryEvent::Doubt) => Some(Self::Unknown),
            _ => None,
        }
    }

    /// Whether the trip is over.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Pending | Self::Claimed)
    }
}

/// What the mail server, or the lack of it, said about one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptVerdict {
    /// 250 for the final dot.
    Accepted,
    /// Try again later (4xx, network, TLS, timeout before the final dot).
    Later,
    /// Try again later: no line to the server could be had, which says nothing of the letter.
    Unreached,
    /// Try again later, and everybody slow down (421, 4.3.2, 4.7.x: the server is overloaded).
    Overloaded,
    /// The server refuses us, not her and not this letter: every letter would be refused so (P14).
    RefusesUs(Cause),
    /// Never (5xx), though the address may be fine.
    Refused,
    /// Never: the address itself is bad (5.1.x).
    BadAddress,
    /// The line broke after the final dot left and before its reply came.
    Unknown,
}

impl AttemptVerdict {
    /// The word on record and in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Later => "later",
            Self::Unreached => "unreached",
            Self::Overloaded => "overloaded",
            Self::RefusesUs(_) => "refuses-us",
            Self::Refused => "refused",
            Self::BadAddress => "bad-address",
            Self::Unknown => "unknown",
        }
    }
}

/// How long to wait before attempt `next` (2 = first retry): the configured steps, the last one repeating,
/// spread by up to a quarter. `jitter` is uniform in 0..=255.
#[must_use]
pub fn back_off(steps: &[Duration], next: u32, jitter: u8) -> Duration {
    let fallback = Duration::from_secs(900);
    let index =
        usize::try_from(next.saturating_sub(2)).unwrap_or(usize::MAX).min(steps.len().saturating_sub(1));
    let base = steps.get(index).copied().unwrap_or(fallback).max(Duration::from_secs(1));
    base + base * u32::from(jitter) / 1024
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_leaves_a_skipped_or_lapsed_letter_and_only_a_person_sends_a_failed_one_again() {
        for state in [DeliveryState::Skipped, DeliveryState::Lapsed, DeliveryState::Failed] {
            for event in [
                DeliveryEvent::Claim,
                DeliveryEvent::Accept,
                DeliveryEvent::Defer,
                DeliveryEvent::Refuse,
                DeliveryEvent::Skip,
                DeliveryEvent::Lapse,
                DeliveryEvent::Doubt,
                DeliveryEvent::Resend,
            ] {
                assert_eq!(state.after(event), None);
            }
        }
        assert_eq!(DeliveryState::Failed.after(DeliveryEvent::Retry), Some(DeliveryState::Pending));
        for state in DeliveryState::ALL.into_iter().filter(|s| *s != DeliveryState::Failed) {
            assert_eq!(state.after(DeliveryEvent::Retry), None, "{state:?}");
        }
    }

    #[test]
    fn a_letter_that_was_ever_in_doubt_may_have_arrived_whatever_became_of_it() {
        for state in DeliveryState::ALL {
            for doubts in 1..=MOST_DOUBTS {
                let arrival = Arrival::of(state, doubts);
                assert!(arrival.is_some(), "{state:?} {doubts}");
                let twice = doubts > 1 || state == DeliveryState::Sent;
                assert_eq!(arrival == Some(Arrival::PerhapsTwice), twice, "{state:?} {doubts}");
            }
            assert_eq!(Arrival::of(state, 0).is_some(), state == DeliveryState::Unknown, "{state:?}");
        }
    }

    #[test]
    fn a_sent_letter_is_never_sent_again() {
        assert_eq!(DeliveryState::Sent.after(DeliveryEvent::Resend), None);
        assert_eq!(DeliveryState::Sent.after(DeliveryEvent::Claim), None);
    }

    proptest! {
        #[test]
        fn back_off_stays_between_its_step_and_a_quarter_more(secs in 1u64..90_000, next in 0u32..1_000, jitter: u8) {
            let wait = back_off(&[Duration::from_secs(secs)], next, jitter);
            prop_assert!(wait >= Duration::from_secs(secs));
            prop_assert!(wait <= Duration::from_secs(secs) * 5 / 4);
        }
    }
}
