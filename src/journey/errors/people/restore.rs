//! Why letters that a restored backup would send again cannot be let go.

/// What stands against it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// Letters may have left before the restore, and nobody has said.
    #[error("{0} letters may have left before the backup was restored, and nobody has decided about them")]
    Undecided(usize),
    /// The letter does not wait, or nothing holds it.
    #[error("letter {0} does not wait for a decision after a restore")]
    NotHeld(i64),
}

impl RestoreError {
    /// What to do next, for a person.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Undecided(_) => {
                "decide about each: `aftercare letters held`, or in the console the letters of that task; then close it"
            }
            Self::NotHeld(_) => "`aftercare letters held` lists those that wait",
        }
    }
}
