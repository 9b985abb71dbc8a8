//! A request to erase a record: whether it was given out before, and how the request stands.

/// What became of the offer to give the record out first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportProof {
    /// It was given out after the last contact with her, as the audit has it.
    Made,
    /// Whoever asks says that nobody wants it.
    NotWanted,
}

impl ExportProof {
    const ALL: [Self; 2] = [Self::Made, Self::NotWanted];

    /// The word in SQL, JSON and forms.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::NotWanted => "not-wanted",
        }
    }

    /// The value of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.word() == word)
    }
}

/// How a request stands. It ends once, and stays on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureState {
    /// One person asks; nothing is erased.
    Asked,
    /// Another agreed, and the record is erased.
    Erased,
    /// Somebody said that the record stays.
    Declined,
    /// Nobody agreed in time.
    Expired,
}

/// What can happen to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasureEvent {
    /// A second person agreed.
    Agree,
    /// Somebody said that the record stays.
    Decline,
    /// Its time ran out.
    Expire,
}

impl ErasureState {
    /// Every state, in the order in which the schema names them.
    pub const ALL: [Self; 4] = [Self::Asked, Self::Erased, Self::Declined, Self::Expired];

    /// The word in SQL and docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Erased => "erased",
            Self::Declined => "declined",
            Self::Expired => "expired",
        }
    }

    /// The state after `event`; `None` when the move is illegal: what has ended is not asked again.
    #[must_use]
    pub const fn after(self, event: ErasureEvent) -> Option<Self> {
        match (self, event) {
            (Self::Asked, ErasureEvent::Agree) => Some(Self::Erased),
            (Self::Asked, ErasureEvent::Decline) => Some(Self::Declined),
            (Self::Asked, ErasureEvent::Expire) => Some(Self::Expired),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_one_states() {
        for proof in ExportProof::ALL {
            assert_eq!(ExportProof::parse(proof.word()), Some(proof));
        }
    }

    #[test]
    fn what_has_ended_stays_so() {
        for state in ErasureState::ALL {
            let moves = [ErasureEvent::Agree, ErasureEvent::Decline, ErasureEvent::Expire]
                .map(|event| state.after(event));
            assert_eq!(moves.iter().any(Option::is_some), state == ErasureState::Asked, "{}", state.word());
        }
    }
}
