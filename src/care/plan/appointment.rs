//! An appointment is a date at the clinic. Its legal moves are one `match`; SQL's CHECK and `docs/flow.md` show the same.

/// What became of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppointmentState {
    /// The date stands, also after its day, until it is recorded what became of it.
    Booked,
    /// Somebody recorded that what it was for took place.
    Kept,
    /// Its day is over and nobody recorded that she came.
    Missed,
    /// It was called off.
    Cancelled,
}

/// What can happen to a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppointmentEvent {
    /// It was put on another day or hour.
    Move,
    /// It was called off.
    CallOff,
    /// Another date was booked before anybody told her that this one was called off.
    Rebook,
    /// What it was for took place.
    Keep,
    /// The window of its follow-up closed.
    Miss,
}

impl AppointmentState {
    /// Every state, the one in which the date stands first.
    pub const ALL: [Self; 4] = [Self::Booked, Self::Kept, Self::Missed, Self::Cancelled];

    /// The word in SQL, JSON and docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Kept => "kept",
            Self::Missed => "missed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that word in SQL and JSON; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// The state after `event`; `None` when the move is illegal.
    #[must_use]
    pub const fn after(self, event: AppointmentEvent) -> Option<Self> {
        match (self, event) {
            (Self::Booked, AppointmentEvent::Move) => Some(Self::Booked),
            (Self::Cancelled, AppointmentEvent::Rebook) => Some(Self::Booked),
            (Self::Booked, AppointmentEvent::CallOff) => Some(Self::Cancelled),
            // It was thought missed, and somebody records that she came.
            (Self::Booked | Self::Missed, AppointmentEvent::Keep) => Some(Self::Kept),
            (Self::Booked, AppointmentEvent::Miss) => Some(Self::Missed),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_that_was_called_off_is_neither_kept_nor_missed() {
        for event in [AppointmentEvent::Keep, AppointmentEvent::Miss, AppointmentEvent::Move] {
            assert_eq!(AppointmentState::Cancelled.after(event), None, "{event:?}");
        }
    }
}
