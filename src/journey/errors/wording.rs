//! Why a wording was not changed.

/// A wording that cannot be changed as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WordingError {
    /// Somebody wrote a version since the one that was looked at.
    #[error("somebody else has changed these words in the meantime")]
    Overtaken,
    /// It says what counts already.
    #[error("nothing is different from what counts now")]
    Same,
}

impl WordingError {
    /// What to do next, for a person.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Overtaken => "look at what stands there now, then decide again",
            Self::Same => "change a text, or leave it as it is",
        }
    }
}
