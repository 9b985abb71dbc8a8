//! The canary's walk of one day: a letter leaves, and its form is answered. Its legal moves are one `match`; SQL's CHECK and
//! `docs/flow.md` show the same.

/// How far a day's walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CanaryState {
    /// Its letter is on its way.
    Letter,
    /// The whole chain held.
    Done,
    /// A link of the chain broke.
    Broken,
}

/// What can happen to a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CanaryEvent {
    /// It begins anew, in the place of one that a clock that ran ahead dated so.
    Restart,
    /// The form behind its letter was answered.
    Answer,
    /// A link of the chain broke.
    Break,
}

impl CanaryState {
    /// Every state, the one that is under way first.
    pub const ALL: [Self; 3] = [Self::Letter, Self::Done, Self::Broken];

    /// The word in SQL, JSON and docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Done => "done",
            Self::Broken => "broken",
        }
    }

    /// The state of that word in SQL and JSON; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// The state after `event`; `None` when the move is illegal.
    #[must_use]
    pub const fn after(self, event: CanaryEvent) -> Option<Self> {
        match (self, event) {
            (Self::Letter | Self::Done | Self::Broken, CanaryEvent::Restart) => Some(Self::Letter),
            (Self::Letter, CanaryEvent::Answer) => Some(Self::Done),
            (Self::Letter, CanaryEvent::Break) => Some(Self::Broken),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_ends_once() {
        for state in [CanaryState::Done, CanaryState::Broken] {
            for event in [CanaryEvent::Answer, CanaryEvent::Break] {
                assert_eq!(state.after(event), None, "{state:?} {event:?}");
            }
        }
    }
}
