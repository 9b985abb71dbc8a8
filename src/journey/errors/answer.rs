//! Why something about a patient's answers cannot be recorded.

use crate::care::checklist::answer::{BaselineFault, KnownFault};

/// A baseline, a mark or a task about her forms that cannot stand.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// A baseline passes over a sign, or names what is not asked.
    #[error(transparent)]
    Baseline(#[from] BaselineFault),
    /// The reason or the date cannot be marked as known.
    #[error(transparent)]
    Known(#[from] KnownFault),
    /// The task stands as long as her forms are locked.
    #[error("her forms are locked, and this task stands until they are open again")]
    FormsLocked,
    /// The task stands as long as nobody has confirmed a baseline.
    #[error("no baseline is confirmed for her, and this task stands until one is")]
    NoBaseline,
    /// A note is withdrawn with a reason.
    #[error("a note is withdrawn with a reason")]
    NoReason,
    /// Every soon reason weighs as urgent, and none that is urgent is marked.
    #[error("bone spread is known for her, and then no reason is marked as known")]
    KnownBoneSpread,
    /// There is no note to withdraw.
    #[error("no bone spread is noted for her")]
    NoBoneSpread,
}

impl AnswerError {
    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Baseline(_) => "choose for each sign: not known before, known before, or cannot be asked",
            Self::Known(KnownFault::Until(_)) => {
                "give a nearer day; when it is over the reason can be marked again"
            }
            Self::Known(_) => "emergency and urgent reasons are never marked; close the alert instead",
            Self::KnownBoneSpread => {
                "close the alert instead: with bone spread her pain is asked about each time"
            }
            Self::NoReason => "say in a few words why it is not so",
            Self::NoBoneSpread => "somebody may have withdrawn it already: look at her record",
            Self::NoBaseline => {
                "a doctor or lead confirms it on the page of her form; the task then closes by itself"
            }
            Self::FormsLocked => {
                "ring her, then unlock them on her page or with `aftercare patient set REF --unlock-forms`"
            }
        }
    }
}
