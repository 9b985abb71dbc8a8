//! A recorded death that somebody calls a mistake: how the request stands.

/// How a request stands. It ends once, and stays on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReversalState {
    /// One person asks; nothing is changed.
    Asked,
    /// Another agreed, and she stands as it was asked.
    Agreed,
    /// Somebody said that the record is right.
    Declined,
    /// Nobody agreed in time.
    Expired,
}

/// What can happen to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReversalEvent {
    /// A second person agreed.
    Agree,
    /// Somebody said that the record is right.
    Decline,
    /// Its time ran out.
    Expire,
}

impl ReversalState {
    /// The word in SQL and docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Agreed => "agreed",
            Self::Declined => "declined",
            Self::Expired => "expired",
        }
    }

    /// The state after `event`; `None` when the move is illegal: what has ended is not asked again.
    #[must_use]
    pub const fn after(self, event: ReversalEvent) -> Option<Self> {
        match (self, event) {
            (Self::Asked, ReversalEvent::Agree) => Some(Self::Agreed),
            (Self::Asked, ReversalEvent::Decline) => Some(Self::Declined),
            (Self::Asked, ReversalEvent::Expire) => Some(Self::Expired),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_stays_so() {
        for event in [ReversalEvent::Agree, ReversalEvent::Decline, ReversalEvent::Expire] {
            let ended = ReversalState::Asked.after(event).unwrap();
            assert_eq!(ended.after(event), None, "{}", ended.word());
        }
    }
}
