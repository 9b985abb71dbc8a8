//! Why a setting was not changed.

/// A setting that cannot be changed as asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Somebody wrote a version since the one that was looked at.
    #[error("somebody else has changed this setting in the meantime")]
    Overtaken,
    /// It says what counts already.
    #[error("nothing is different from what counts now")]
    Same,
    /// It was confirmed or taken back already.
    #[error("that version was decided about already")]
    Decided,
}

impl SettingError {
    /// What to do next, for a person.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Overtaken => "look at what stands there now, then decide again",
            Self::Same => "change a value, or leave it as it is",
            Self::Decided => "look at its history",
        }
    }
}
