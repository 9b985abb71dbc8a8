//! When each of the daemon's loops has something to do next: the one place that knows every instant on record for which
//! something waits. What goes by the calendar (the copy of the night, the digest, the end of a pause) waits for a full minute
//! and is not among them.

use jiff::Timestamp;

use crate::care::time::span::{earlier, later};
use crate::journey::delivery::post::Recipients;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::View;

/// The soonest instant for each loop; `None` where nothing waits for one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NextDue {
    /// Of the loop that lets things fall due: a follow-up, the end of a lease, the end of a letter's rest in doubt.
    pub plan: Option<Timestamp>,
    /// Of the loop that carries letters to patients: the next try of one, or of a mail server that refuses us.
    pub patients: Option<Timestamp>,
    /// Of the loop that lets alerts climb.
    pub alerts: Option<Timestamp>,
    /// Of the loop that carries letters to staff.
    pub staff: Option<Timestamp>,
    /// Of the loop that makes signed calls.
    pub calls: Option<Timestamp>,
}

/// The soonest instants that are later than `after`. Rows of an earlier one were looked at; where they still wait, it is for
/// something other than time.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn next_due(clinic: &Deps, after: Timestamp) -> Result<NextDue, StepError> {
    let rests = clinic.policy.doubt_rests;
    let rested = earlier(after, rests);
    let read = |view: &View<'_>| {
        let rows = view.next_rows(after)?;
        let doubt = view.next_doubt(rested)?.map(|at| later(at, rests));
        Ok(NextDue {
            plan: soonest([rows.follow_up, rows.lease, doubt]),
            patients: soonest([view.next_letter_at(Recipients::Patients.purposes(), after)?, rows.probe]),
            alerts: rows.alert,
            staff: view.next_letter_at(Recipients::Staff.purposes(), after)?,
            calls: rows.call,
        })
    };
    clinic.store.read(read)
}

impl NextDue {
    /// The soonest of all.
    #[must_use]
    pub fn soonest(self) -> Option<Timestamp> {
        soonest([self.plan, self.patients, self.alerts, self.staff, self.calls])
    }
}

fn soonest(all: impl IntoIterator<Item = Option<Timestamp>>) -> Option<Timestamp> {
    all.into_iter().flatten().min()
}
