//! A reminder is a promise. Its legal moves are one `match`; SQL's CHECK and `docs/flow.md` show the same.

/// What became of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReminderState {
    /// Laid on the calendar, not yet due; computed, never stored.
    Planned,
    /// Its hour has come; a delivery carries it.
    Due,
    /// Its letter was accepted by the mail server.
    Sent,
    /// She did what it asked: answered, booked, came.
    Answered,
    /// Its use was over before it could leave.
    Lapsed,
    /// It was withdrawn, with a reason (moved, paused, deceased, done already).
    Cancelled,
    /// The server refused it for good.
    Undeliverable,
}

/// What can happen to a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReminderEvent {
    /// The instant it leaves at, `send_at`, has come.
    FallDue,
    /// The letter was accepted.
    Accept,
    /// She acted on it.
    Answer,
    /// Its use is over: `useful_until` has passed.
    Lapse,
    /// Staff, or the check before hand-off, withdrew it.
    Cancel,
    /// The letter was refused for good.
    Refuse,
    /// A person lets its refused letter go again.
    Retry,
}

impl ReminderState {
    /// Every state; the store goes through them to move all reminders of one letter.
    pub const ALL: [Self; 7] = [
        Self::Planned,
        Self::Due,
        Self::Sent,
        Self::Answered,
        Self::Lapsed,
        Self::Cancelled,
        Self::Undeliverable,
    ];

    /// The word in SQL, JSON and docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Due => "due",
            Self::Sent => "sent",
            Self::Answered => "answered",
            Self::Lapsed => "lapsed",
            Self::Cancelled => "cancelled",
            Self::Undeliverable => "undeliverable",
        }
    }

    /// The state of that word in SQL and JSON; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// The state after `event`; `None` when the move is illegal.
    #[must_use]
    pub const fn after(self, event: ReminderEvent) -> Option<Self> {
        match (self, event) {
            (Self::Planned, ReminderEvent::FallDue) => Some(Self::Due),
            (Self::Planned | Self::Due, ReminderEvent::Lapse) => Some(Self::Lapsed),
            (Self::Planned | Self::Due, ReminderEvent::Cancel) => Some(Self::Cancelled),
            (Self::Due, ReminderEvent::Accept) => Some(Self::Sent),
            (Self::Due | Self::Sent, ReminderEvent::Answer) => Some(Self::Answered),
            (Self::Due | Self::Sent, ReminderEvent::Refuse) => Some(Self::Undeliverable),
            (Self::Undeliverable, ReminderEvent::Retry) => Some(Self::Due),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_promise_never_moves_again() {
        for state in [
            ReminderState::Answered,
            ReminderState::Lapsed,
            ReminderState::Cancelled,
            ReminderState::Undeliverable,
        ] {
            for event in [
                ReminderEvent::FallDue,
                ReminderEvent::Accept,
                ReminderEvent::Answer,
                ReminderEvent::Lapse,
                ReminderEvent::Cancel,
                ReminderEvent::Refuse,
            ] {
                assert_eq!(state.after(event), None, "{state:?} {event:?}");
            }
        }
        let again = ReminderState::Undeliverable.after(ReminderEvent::Retry);
        assert_eq!(again, Some(ReminderState::Due), "a person may let its letter go again");
        for state in ReminderState::ALL.into_iter().filter(|s| *s != ReminderState::Undeliverable) {
            assert_eq!(state.after(ReminderEvent::Retry), None, "{state:?}");
        }
    }

    #[test]
    fn a_late_bounce_undoes_sent() {
        assert_eq!(ReminderState::Sent.after(ReminderEvent::Refuse), Some(ReminderState::Undeliverable));
    }
}
