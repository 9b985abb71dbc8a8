//! What the clinic learns: how fast people act, how many answer, whether there are hands enough for the alerts. Plain
//! numbers; the canary is never counted.

pub mod alert_months;
pub mod checklist_months;
pub mod letter_months;
pub mod open_ahead;
pub mod overdue;
pub mod period;

use jiff::Timestamp;
use jiff::civil::Date;

/// The days that a report counts, in both of their faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportSpan {
    /// First instant, included; alerts and forms are counted by instants.
    pub from: Timestamp,
    /// Until this one, excluded.
    pub until: Timestamp,
    /// First civil day of the clinic; checklists asked for are counted by days.
    pub first_on: Date,
    /// The day after the last.
    pub end_on: Date,
}

/// A span of days, and whose figures are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportScope<'a> {
    /// The days that are counted.
    pub span: ReportSpan,
    /// Only patients who are or were on this protocol.
    pub protocol: Option<&'a str>,
}
