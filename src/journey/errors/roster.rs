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
}

impl RosterError {
    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoReason => "say it in a few words; they are for staff only",
            Self::NoList => "see `aftercare tasks list` for the task of the import",
        }
    }
}
