//! Why letters that a restored backup would send again cannot be let go.

/// What stands against it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// Letters may have left before the restore, and nobody has said.
    #[error("{0} letters may have left before the backup was restored, and nobody has decided about them")]
    Undecided(usize),
    /// Letters may have left before the restore that the outbox does not hold.
    #[error("{0} letters may have left before the backup was restored that its outbox does not hold yet")]
    NotInOutbox(usize),
    /// Such a letter can be dropped only once it is owed again.
    #[error("letter before/{0} is not in the outbox, so it cannot be dropped")]
    NotOwed(i64),
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
            Self::NotInOutbox(_) => {
                "start the daemon, which sends none of them: within a minute it lists what is owed again in `aftercare letters held`; \
                 decide about each there, also about those named `before/N`; then close the task"
            }
            Self::NotOwed(_) => {
                "say `was-sent` or `send`; or start the daemon, and drop it when it is listed by its own number"
            }
            Self::NotHeld(_) => "`aftercare letters held` lists those that wait",
        }
    }
}
