//! A signed call to another system: it waits until it is taken, of no use any more, or wanted no longer.

/// How a call stands. It ends once, and stays on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    /// It waits to be made, for the first time or again.
    Pending,
    /// The other side took it.
    Sent,
    /// It was refused for good, or was of no use any more.
    Failed,
    /// A newer call about the same alert took its place.
    Superseded,
    /// A person took the alert on.
    Withdrawn,
}

/// What can happen to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallEvent {
    /// The other side took it.
    Accept,
    /// Not now: it is made again later.
    Defer,
    /// It is made no more.
    GiveUp,
    /// A newer call about the same alert takes its place.
    Supersede,
    /// A person takes the alert on.
    Withdraw,
}

impl CallState {
    /// The word in SQL and docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state after `event`; `None` when the move is illegal: what has ended is not made again.
    #[must_use]
    pub const fn after(self, event: CallEvent) -> Option<Self> {
        match (self, event) {
            (Self::Pending, CallEvent::Accept) => Some(Self::Sent),
            (Self::Pending, CallEvent::Defer) => Some(Self::Pending),
            (Self::Pending, CallEvent::GiveUp) => Some(Self::Failed),
            (Self::Pending, CallEvent::Supersede) => Some(Self::Superseded),
            (Self::Pending, CallEvent::Withdraw) => Some(Self::Withdrawn),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_has_ended_stays_so_whatever_comes() {
        use CallEvent::{Accept, Defer, GiveUp, Supersede, Withdraw};
        let all = [Accept, Defer, GiveUp, Supersede, Withdraw];
        for end in [Accept, GiveUp, Supersede, Withdraw] {
            let ended = CallState::Pending.after(end).unwrap();
            assert!(all.iter().all(|event| ended.after(*event).is_none()), "{}", ended.word());
        }
        assert_eq!(CallState::Pending.after(Defer), Some(CallState::Pending));
    }
}
