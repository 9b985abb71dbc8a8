//! Why a date cannot be booked, moved or recorded.

use jiff::civil::Date;

/// A date that fits no follow-up, or not the one that was meant.
#[derive(Debug, thiserror::Error)]
pub enum BookingError {
    /// No open follow-up fits.
    #[error("no open visit or test fits that date")]
    NoFollowUp,
    /// There is no booked date to move or to call off.
    #[error("nothing is booked there")]
    NotBooked,
    /// More than one series fits; the words name them.
    #[error("more than one fits: {0}")]
    Several(String),
    /// The date lies far off; the words name the window of what would fall away for it.
    #[error("that date lies outside {0}, and would take its place")]
    Outside(String),
    /// The date lies further ahead than anybody books.
    #[error("that date lies more than two years ahead")]
    TooFar,
    /// What the date fits is booked; the words name it.
    #[error("{0}")]
    Booked(String),
    /// A visit beside the plan needs a plan to be beside.
    #[error("she is on no protocol, and a visit beside the plan takes its letters from one")]
    NoPlan,
    /// Her dates are not any more what whoever asks has looked at.
    #[error("somebody else has changed her dates in the meantime")]
    Changed,
    /// The date lies in the past.
    #[error("that date is in the past")]
    Past,
    /// The date lies in the future.
    #[error("that date is in the future")]
    Future,
    /// A booked date has passed, and nobody noted what became of it.
    #[error("her date of {0} has passed, and nothing says what became of it")]
    Unkept(Date),
}

impl BookingError {
    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoFollowUp => {
                "see what is owed: `aftercare patient plan REF`; name the series with --series"
            }
            Self::NotBooked => "book first: `aftercare visit book REF --on DATE --at TIME`",
            Self::Several(_) => "say which is meant: name the series, on the command line with --series",
            Self::Outside(_) => {
                "check the date; if it is meant and what it takes the place of falls away, tick the box for it, on the command line give --anyway"
            }
            Self::TooFar => "check the year; book it once it is nearer",
            Self::Booked(_) => "move that date: `aftercare visit move REF --on DATE --at TIME`",
            Self::NoPlan => {
                "put her on a protocol first: `aftercare patient set REF --protocol NAME --anchor DATE`"
            }
            Self::Changed => {
                "look at her dates as they stand now: `aftercare patient plan REF`; then ask again if it is still meant"
            }
            Self::Past => "record a visit that took place with `aftercare visit done REF --on DATE`",
            Self::Unkept(_) => {
                "say what became of it: `aftercare visit done REF --on DATE`, `aftercare visit move REF --on DATE --at TIME` or `aftercare visit cancel REF`; the task ends with that. Until she is reached, put the task off"
            }
            Self::Future => "record it once it took place; book a date ahead: `aftercare visit book REF`",
        }
    }
}
