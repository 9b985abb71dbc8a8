//! What a row of a staged roster would do.

/// What a row would do if it were taken in now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StagedVerdict {
    /// It brings somebody new.
    New,
    /// It tells something of somebody on record.
    Changed,
    /// It is on record as it is.
    Same,
    /// Something in it is wrong.
    Faulty,
}

impl StagedVerdict {
    /// Every verdict, in the order of a page.
    pub const ALL: [Self; 4] = [Self::Faulty, Self::New, Self::Changed, Self::Same];

    /// The word in SQL and in addresses.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Same => "same",
            Self::Faulty => "faulty",
        }
    }

    /// The verdict of that word; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word)
    }
}
