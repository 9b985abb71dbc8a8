//! Why a kind of letters was not stopped or started.

use crate::care::guards::stop_kind::StopRefusal;

/// Letters that cannot be stopped or started as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// Letters to staff are never stopped.
    #[error("letters to staff are never stopped: an alert that nobody is told of could cost a patient dear")]
    ToStaff,
    /// What sends a patient to help is never stopped.
    #[error("the letter that sends a patient to help is never stopped")]
    GoNow,
    /// No letter has that name.
    #[error("no kind of letters is called `{0}`")]
    Unknown(String),
    /// It is stopped already.
    #[error("letters of the kind `{0}` are stopped already")]
    Stopped(String),
    /// It is not stopped.
    #[error("letters of the kind `{0}` are not stopped")]
    NotStopped(String),
    /// No letters wait for a person's agreement.
    #[error("no letters wait for somebody to agree")]
    NothingHeld,
}

impl GuardError {
    /// Why that word is no kind that can be stopped.
    #[must_use]
    pub fn of(fault: StopRefusal, word: &str) -> Self {
        match fault {
            StopRefusal::ToStaff => Self::ToStaff,
            StopRefusal::GoNow => Self::GoNow,
            StopRefusal::Unknown => Self::Unknown(word.to_owned()),
        }
    }

    /// What to do next, for a person.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::ToStaff => {
                "who is told of alerts is decided in the ladder (`alerts.ladder`, or Settings in the console)"
            }
            Self::GoNow => "it leaves only for an alert that nobody takes on: take the alert on",
            Self::Unknown(_) => "`aftercare stop` alone lists every kind",
            Self::Stopped(_) => "start it again with `aftercare start`, or leave it as it is",
            Self::NothingHeld => "`aftercare tasks list` shows what waits for a person",
            Self::NotStopped(_) => "`aftercare stop` alone lists what is stopped",
        }
    }
}
