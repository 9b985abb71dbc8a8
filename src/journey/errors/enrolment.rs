//! Why a protocol cannot be given to a patient or taken from her.

/// A change of protocol that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum EnrolmentError {
    /// She is on that protocol already.
    #[error("she is on protocol `{0}` already")]
    Enrolled(String),
    /// The plan that keeps her in follow-up would end with nothing in its place.
    #[error("`{0}` is the plan that keeps her in follow-up; it cannot just end")]
    LastPlan(String),
}

impl EnrolmentError {
    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Enrolled(_) => "see `aftercare patient plan REF`",
            Self::LastPlan(_) => {
                "move her with --protocol NAME, or give her new --status with the same --reason"
            }
        }
    }
}
