//! Why a patient's status cannot change.

/// A change of status that is refused.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// The patient is recorded as deceased.
    #[error("this patient is recorded as deceased; undoing that takes two people")]
    Deceased,
    /// A change that needs two people was asked for by one.
    #[error("a second person must confirm; it cannot be the one who asked")]
    SecondPerson,
    /// Nobody asks, or asks any more, for a recorded death to be undone.
    #[error("nobody asks for that any more")]
    NothingAsked,
    /// Letters stop, or a death is undone, and nobody says why.
    #[error("a change of status that stops letters, or undoes a death, needs a reason")]
    NoReason,
    /// Letters to her have stopped for a reason that does not end by itself.
    #[error("letters to her have stopped already, and a pause would let them go again when it ends")]
    NothingToPause,
    /// The task stands as long as nobody knows whether she lives.
    #[error("she may have died, and this task stands until somebody has found out")]
    MayHaveDied,
    /// A pause would be over before it begins.
    #[error("the last day of the pause is in the past")]
    PauseOver,
}

impl StatusError {
    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Deceased => {
                "if the record is wrong, two people ask for it: `aftercare patient set REF --status active --reason TEXT --as NAME`"
            }
            Self::SecondPerson => {
                "the other signs in and asks for the same: on her page of the console, or the same command with --as NAME"
            }
            Self::NothingAsked => "ask for it yourself; another person then agrees",
            Self::NoReason => "say why in a few words: --reason TEXT",
            Self::NothingToPause => {
                "leave her status as it is; or set her to active first, if letters are to go on after the pause"
            }
            Self::MayHaveDied => {
                "on her page, or by `aftercare patient set REF --status WORD --reason TEXT`: record her death, or set her to active if she lives"
            }
            Self::PauseOver => "give a day to come with --until, or leave it out for a pause without end",
        }
    }
}
