//! What a preview is asked for, and what it shows.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::care::plan::protocol::Series;
use crate::care::plan::reminder_times::TimedStep;
use crate::care::plan::schedule::Owed;
use crate::care::time::calendar::SendingHours;
use crate::care::time::zone::ZoneFault;
use crate::config::file::fault::Fault;

/// What a preview is asked for.
#[derive(Debug, Clone)]
pub struct PlanRequest<'a> {
    /// The date everything is counted from.
    pub anchor: Date,
    /// Last day to show.
    pub until: Date,
    /// The zone the patient lives in.
    pub zone: &'a TimeZone,
    /// The clinic's sending hours.
    pub hours: &'a SendingHours,
    /// How to write it.
    pub format: PreviewFormat,
}

impl<'p> PreviewLine<'p> {
    /// The letters that leave.
    pub(in crate::cli::records::plan) fn letters(&self) -> impl Iterator<Item = &TimedStep<'p>> {
        self.reminders.iter().filter(|(_, lapses)| lapses.is_none()).map(|(laid, _)| laid)
    }
}

/// One follow-up with its reminders, as the formats show it.
pub(in crate::cli::records::plan) struct PreviewLine<'p> {
    pub(in crate::cli::records::plan) series: &'p Series,
    pub(in crate::cli::records::plan) owed: Owed,
    /// Each with the reason why it will not leave, if it meets another of its follow-up.
    pub(in crate::cli::records::plan) reminders: Vec<(TimedStep<'p>, Option<&'static str>)>,
}

/// What a series is called, for staff: English, else whatever there is, else its id.
pub(in crate::cli::records::plan) fn title(series: &Series) -> &str {
    series.title.get("en").or_else(|| series.title.values().next()).unwrap_or(&series.id)
}

pub(in crate::cli::records::plan) fn zone_name<'z>(ask: &PlanRequest<'z>) -> &'z str {
    ask.zone.iana_name().unwrap_or("UTC")
}

/// Why there is no preview.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The protocol is unknown or faulty.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Protocol(Vec<Fault>),
    /// The zone is unknown.
    #[error("{fault}\n  hint: {hint}", fault = .0, hint = .0.hint())]
    Zone(#[from] ZoneFault),
    /// It could not be written.
    #[error(transparent)]
    Write(#[from] std::io::Error),
    /// It could not be put into JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// How the preview is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum PreviewFormat {
    /// A table to read.
    #[default]
    Table,
    /// A calendar file (RFC 5545).
    Ics,
    /// A picture of the years.
    Svg,
    /// One JSON document: each follow-up with its window and reminders.
    Json,
}
