//! The way of a draft to the patients. The legal moves are one `match`; SQL's CHECK and `docs/flow.md` show the same.

/// Where a publication stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublicationState {
    /// It waits for the signature of a second person.
    Asked,
    /// It is signed and waits for its day.
    Planned,
    /// It is in force, and patients are being moved.
    Moving,
    /// Everybody who should move has.
    Done,
    /// It was taken back or declined.
    Withdrawn,
}

/// What can happen to a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublicationEvent {
    /// A doctor or lead signed it.
    Sign,
    /// Its day has come.
    Publish,
    /// The last patient was moved.
    Finish,
    /// Somebody took it back.
    Withdraw,
}

impl PublicationState {
    /// Every state, in the order in which a publication passes through them.
    pub const ALL: [Self; 5] = [Self::Asked, Self::Planned, Self::Moving, Self::Done, Self::Withdrawn];

    /// The word in SQL, JSON and docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Planned => "planned",
            Self::Moving => "moving",
            Self::Done => "done",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// What a person reads after "it is".
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Asked => "waiting for a signature",
            Self::Planned => "signed",
            Self::Moving | Self::Done => "in force",
            Self::Withdrawn => "taken back",
        }
    }

    /// The state of that word; `None` for a word that names none.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// The state after `event`; `None` when the move is illegal.
    #[must_use]
    pub const fn after(self, event: PublicationEvent) -> Option<Self> {
        match (self, event) {
            (Self::Asked, PublicationEvent::Sign) => Some(Self::Planned),
            (Self::Planned, PublicationEvent::Publish) => Some(Self::Moving),
            (Self::Moving, PublicationEvent::Finish) => Some(Self::Done),
            (Self::Asked | Self::Planned, PublicationEvent::Withdraw) => Some(Self::Withdrawn),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_published_unsigned_and_nothing_in_force_is_taken_back() {
        assert_eq!(PublicationState::Asked.after(PublicationEvent::Publish), None);
        assert_eq!(PublicationState::Moving.after(PublicationEvent::Withdraw), None);
        for state in PublicationState::ALL {
            assert_eq!(PublicationState::parse(state.word()), Some(state));
            let is_over = matches!(state, PublicationState::Done | PublicationState::Withdrawn);
            assert!(!is_over || state.after(PublicationEvent::Sign).is_none());
        }
    }
}
