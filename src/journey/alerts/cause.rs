//! The cause that the task of an unsorted answer carries, and the words for why a notice leaves.

use crate::care::alert::escalation::EscalationReason;
use crate::care::triage::tier::Tier;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::subject::Subject;

/// The one clock of answers nobody sorted: the pace of an urgent one, the same for everyone.
pub(in crate::journey) const UNSORTED: Tier = Tier::Urgent;

/// The cause under which the task of an unsorted answer is open.
pub(in crate::journey) fn cause(alert: AlertId) -> String {
    Subject::from(alert).to_string()
}

pub(in crate::journey::alerts) const fn why_word(why: EscalationReason) -> &'static str {
    match why {
        EscalationReason::Rung(_) => "rung",
        EscalationReason::Everyone => "everyone",
        EscalationReason::Again => "again",
    }
}
