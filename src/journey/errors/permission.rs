//! Why somebody may not do what was asked.

use crate::care::permission::Act;

/// The actor may not do that.
#[derive(Debug, thiserror::Error)]
pub enum PermissionError {
    /// Only a signed-in person may do this.
    #[error("only a signed-in person may do that")]
    NotSignedIn,
    /// The actor's role may not do that.
    #[error("{}", .0.whose())]
    NotYours(Act),
}

impl PermissionError {
    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotSignedIn => {
                "sign in to the console with your own account, or give --as NAME on the command line"
            }
            Self::NotYours(Act::CloseUrgentAlert) => {
                "ask a doctor or lead; taking it on is enough until then"
            }
            Self::NotYours(_) => "ask somebody with that role (`aftercare staff list`)",
        }
    }
}
