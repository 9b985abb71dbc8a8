//! Who judges answers: the clinic by reading, or rules that a clinician has signed off.

/// The word of `checklists.mode`, and of every response: who judged answers when it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JudgingMode {
    /// The clinic reads every answer that is not "no".
    Education,
    /// The signed-off rules sort answers into tiers.
    Triage,
}

impl JudgingMode {
    /// Every mode there is.
    pub const ALL: [Self; 2] = [Self::Education, Self::Triage];

    /// The word in configuration, SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Education => "education",
            Self::Triage => "triage",
        }
    }

    /// The mode of that word in configuration, SQL and JSON; `None` for any other.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.word() == word)
    }
}
