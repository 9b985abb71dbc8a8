//! A follow-up together with what decides how it goes on.

use crate::care::patient::Patient;
use crate::care::plan::protocol::Series;
use crate::store::plan::follow_ups::{Enrolment, FollowUp};

/// A follow-up, whose it is, and the plan that promised it.
#[derive(Clone, Copy)]
pub(in crate::journey) struct PlannedFollowUp<'a> {
    /// Who is owed it; her zone and status say when letters may reach her.
    pub(in crate::journey) patient: &'a Patient,
    /// The row as it stands.
    pub(in crate::journey) follow_up: &'a FollowUp,
    /// The enrolment it belongs to.
    pub(in crate::journey) enrolment: &'a Enrolment,
    /// The series of the protocol's version she is on.
    pub(in crate::journey) series: &'a Series,
}
