//! Why somebody whom an import brought stays on record when it is undone.

/// The first reason that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StayReason {
    /// A letter was sent to her, waits, or is due.
    Letter,
    /// She answered, wrote, or an alert was raised.
    Answers,
    /// Staff noted a call or did a task about her.
    Work,
    /// A published protocol moves her, or was to.
    Publication,
    /// Her record, status, plan or dates were changed since.
    Changed,
    /// Somebody looked at her record.
    Looked,
}

impl StayReason {
    /// Every reason, in the order in which they are looked for.
    pub const ALL: [Self; 6] =
        [Self::Letter, Self::Answers, Self::Work, Self::Publication, Self::Changed, Self::Looked];

    /// The word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Answers => "answers",
            Self::Work => "work",
            Self::Publication => "publication",
            Self::Changed => "changed",
            Self::Looked => "looked",
        }
    }

    /// Why, in a few words for staff.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Letter => "a letter was sent to her or is on its way",
            Self::Answers => "she has answered or written, or an alert was raised",
            Self::Work => "somebody noted a call or did a task about her",
            Self::Publication => "she is among those whom a published protocol moves",
            Self::Changed => "her record, status, plan or dates were changed since",
            Self::Looked => "somebody has looked at her record, and who did stays on record",
        }
    }
}
