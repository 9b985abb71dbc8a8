//! What a protocol promises and when: the schedule, reminder times, dates that meet it, another plan.

pub mod protocol;
pub(in crate::care) mod recurrence;
pub mod schedule;
pub mod extra_visit;
pub mod date_match;
pub mod booking_remark;
pub mod reminder_times;
pub mod diff;
pub mod replan;
pub mod due_steps;
pub mod reminder;
pub mod follow_up;
pub mod appointment;
#[cfg(test)]
pub(crate) mod sample;
