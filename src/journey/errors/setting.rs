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
    /// Only a signature changes it.
    #[error("who judges answers is changed by a signature alone")]
    BySignature,
    /// Other rules are in force than those that were looked at.
    #[error("other rules are in force than those that were looked at")]
    OtherRules,
    /// The rules do not judge answers: there is nothing to end.
    #[error("the clinic has not let the rules judge answers")]
    NotSigned,
    /// Nobody said why it shall end.
    #[error("no reason was given")]
    NoReason,
}

impl SettingError {
    /// What to do next, for a person.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Overtaken => "look at what stands there now, then decide again",
            Self::Same => "change a value, or leave it as it is",
            Self::Decided => "look at its history",
            Self::BySignature => {
                "a doctor signs the rules on the page of the checklist, or by `aftercare checklist sign`"
            }
            Self::OtherRules => "read the rules that are in force now, then sign those",
            Self::NotSigned => "look at who judges answers now",
            Self::NoReason => "say why in a few words",
        }
    }
}
