//! The cause that the task of an unsorted answer carries, and its clock.

use crate::care::triage::tier::Tier;
use crate::store::alerts::lifecycle::AlertId;
use crate::store::subject::Subject;

/// The one clock of answers nobody sorted: the pace of an urgent one, the same for everyone.
pub(in crate::journey) const UNSORTED: Tier = Tier::Urgent;

/// The cause under which the task of an unsorted answer is open.
pub(in crate::journey) fn cause(alert: AlertId) -> String {
    Subject::from(alert).to_string()
}
