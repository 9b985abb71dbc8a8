//! A follow-up is owed until it took place or its time is over. Its legal moves are one `match`; SQL's CHECK and
//! `docs/flow.md` show the same.

/// Where a follow-up that is written down stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FollowUpState {
    /// Owed; no date is booked.
    Planned,
    /// Owed; a date at the clinic is booked.
    Booked,
    /// It took place, or was answered.
    Done,
    /// Its window closed without it.
    Missed,
    /// It is not owed any more, with a reason.
    Cancelled,
}

/// What can happen to a follow-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FollowUpEvent {
    /// A date was booked.
    Book,
    /// The booked date was moved.
    Move,
    /// The booked date was called off.
    CallOff,
    /// The plan goes on after a stop.
    Resume,
    /// It counts for another enrolment from here on.
    CarryOver,
    /// It took place, or was answered.
    Complete,
    /// Its last day is over and nobody recorded that it took place.
    Miss,
    /// Nobody asks for it any more.
    Cancel,
}

impl FollowUpState {
    /// Every state, the two in which it is still owed first.
    pub const ALL: [Self; 5] = [Self::Planned, Self::Booked, Self::Done, Self::Missed, Self::Cancelled];

    /// The word in SQL, JSON and docs.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Booked => "booked",
            Self::Done => "done",
            Self::Missed => "missed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that word in SQL and JSON; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == word)
    }

    /// Whether it is still owed: planned or booked.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Booked)
    }

    /// The state after `event`; `None` when the move is illegal.
    #[must_use]
    pub const fn after(self, event: FollowUpEvent) -> Option<Self> {
        match (self, event) {
            (Self::Planned, FollowUpEvent::Book) => Some(Self::Booked),
            (Self::Booked, FollowUpEvent::Move) => Some(Self::Booked),
            (Self::Booked, FollowUpEvent::CallOff) => Some(Self::Planned),
            (Self::Planned, FollowUpEvent::Resume | FollowUpEvent::CarryOver) => Some(Self::Planned),
            (Self::Booked, FollowUpEvent::Resume | FollowUpEvent::CarryOver) => Some(Self::Booked),
            // A visit that was thought missed may have taken place elsewhere; a late answer counts too.
            (Self::Planned | Self::Booked | Self::Missed, FollowUpEvent::Complete) => Some(Self::Done),
            (Self::Planned | Self::Booked, FollowUpEvent::Miss) => Some(Self::Missed),
            (Self::Planned | Self::Booked, FollowUpEvent::Cancel) => Some(Self::Cancelled),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_or_cancelled_never_moves_again() {
        use FollowUpEvent::{Book, CallOff, Cancel, CarryOver, Complete, Miss, Move, Resume};
        for state in [FollowUpState::Done, FollowUpState::Cancelled] {
            for event in [Book, CallOff, Cancel, CarryOver, Complete, Miss, Move, Resume] {
                assert_eq!(state.after(event), None, "{state:?} {event:?}");
            }
        }
        assert_eq!(FollowUpState::Missed.after(Complete), Some(FollowUpState::Done), "she came after all");
    }
}
