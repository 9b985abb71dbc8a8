//! Whether where somebody stands lets a letter to her leave (P2): one rule for what is begun, what waits, what is taken out of the
//! outbox, and the last look.

use crate::care::patient::PatientStatus;
use crate::care::record::suspected_death::SuspectedDeath;

/// What a letter to her is, as far as that decides whether it may reach her.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LetterRole {
    /// Of her plan, or asked for on a page: it goes to whoever is active.
    Plan,
    /// An answer to what she wrote: she asked, and needs the numbers to ring.
    Answer,
}

/// Whether it may leave to whoever stands so. While she may have died nothing does: those who mourn her, or fear for her, read no
/// "get help now".
#[must_use]
pub const fn may_leave(status: PatientStatus, told: Option<SuspectedDeath>, role: LetterRole) -> bool {
    told.is_none()
        && match role {
            LetterRole::Plan => status.may_receive(),
            LetterRole::Answer => status.may_be_answered(),
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_reaches_more_than_a_letter_of_the_plan_and_nobody_who_may_have_died() {
        for status in PatientStatus::ALL {
            let [plan, answer] =
                [LetterRole::Plan, LetterRole::Answer].map(|role| may_leave(status, None, role));
            assert!(answer || !plan, "{status:?}");
            for told in SuspectedDeath::ALL {
                assert!(!may_leave(status, Some(told), LetterRole::Answer), "{status:?} {told:?}");
                assert!(!may_leave(status, Some(told), LetterRole::Plan), "{status:?} {told:?}");
            }
        }
        assert!(may_leave(PatientStatus::Paused, None, LetterRole::Answer));
        assert!(!may_leave(PatientStatus::Paused, None, LetterRole::Plan));
    }
}
