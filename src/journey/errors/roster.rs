//! Why a line of an import's list cannot be settled, or an import not be undone.

/// Something about an import that cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// Somebody decides that no date is booked, and does not say why.
    #[error("it takes a few words why no date is booked")]
    NoReason,
    /// The task has no list of dates to book.
    #[error("that task has no list of dates to book")]
    NoList,
    /// The import was undone already.
    #[error("that import was undone already")]
    Undone,
    /// Nobody of the import may be removed.
    #[error("nobody of that import can be removed any more")]
    NobodyGoes,
    /// The columns of a staged file are not matched as they must be; the words say which.
    #[error("{0}")]
    Columns(String),
    /// A staged file is gone, or its rows were not looked through yet.
    #[error("that file is not ready to be taken in")]
    NotChecked,
}

impl RosterError {
    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoReason => "say it in a few words; they are for staff only",
            Self::Undone => "see `aftercare imports show ID`",
            Self::NobodyGoes => {
                "each of them was written to, has answered, was changed or looked at: end their care one by one"
            }
            Self::Columns(_) => "choose for each column what it stands for, each only once",
            Self::NotChecked => "look at the rows first; a file that is left for a day is deleted",
            Self::NoList => "see `aftercare tasks list` for the task of the import",
        }
    }
}
