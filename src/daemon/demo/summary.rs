//! The story in numbers that a nurse understands.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::care::delivery::DeliveryState;
use crate::care::task::TaskKind;
use crate::care::task_state::TaskState;
use crate::care::triage::tier::Tier;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::work::report::{ReportSpan, Speed};
use crate::store::work::worklist::LedgerFilter;

/// How often each thing happened in the story.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct DemoSummary {
    /// Patients in the clinic, by status.
    pub patients: BTreeMap<String, u64>,
    /// Letters accepted by the mail server.
    pub sent: u64,
    /// Promises kept in sent letters, by step.
    pub sent_by_step: BTreeMap<String, u64>,
    /// Letters that did not leave, by state and reason.
    pub not_sent: BTreeMap<String, u64>,
    /// Tasks opened for a person, by kind.
    pub tasks: BTreeMap<String, u64>,
    /// How many tasks are still open.
    pub tasks_open: u64,
    /// Checklists whose day came.
    pub checklists: u32,
    /// Those that were answered.
    pub answered: u32,
    /// Alerts that rang, most urgent tier first.
    pub alerts: Vec<AlertCounts>,
    /// Ways in which the ledger does not balance; empty is good.
    pub findings: Vec<String>,
}

/// What rang at one tier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AlertCounts {
    /// How urgent the alerts were.
    pub tier: String,
    /// How many alerts of that tier were raised.
    pub raised: usize,
    /// How many a person took on.
    pub taken_on: usize,
    /// Half were taken on within so many minutes.
    pub median_minutes: Option<i64>,
    /// After how many minutes the last of them was taken on.
    pub slowest_minutes: Option<i64>,
}

/// Counts what the database of the demo holds.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub fn tally(view: &View<'_>) -> Result<DemoSummary, StoreError> {
    let mut tally = DemoSummary::default();
    for line in view.ledger(&LedgerFilter::default())? {
        if line.delivery.state == DeliveryState::Sent {
            tally.sent += 1;
            for step in line.steps.split(", ").filter(|s| !s.is_empty()) {
                let step = step.split(':').next_back().unwrap_or(step);
                *tally.sent_by_step.entry(step.split('.').next().unwrap_or(step).to_owned()).or_default() +=
                    1;
            }
        } else {
            let reason = line.delivery.reason.unwrap_or_else(|| "waiting for its hour".to_owned());
            *tally.not_sent.entry(format!("{}: {reason}", line.delivery.state.word())).or_default() += 1;
        }
    }
    for patient in view.patients("", u32::MAX)? {
        *tally.patients.entry(patient.status.word().to_owned()).or_default() += 1;
        for task in view.tasks_of(patient.id)? {
            *tally.tasks.entry(task.kind.word().to_owned()).or_default() += 1;
            tally.tasks_open += u64::from(task.state == TaskState::Open);
        }
    }
    let always =
        ReportSpan { from: Timestamp::MIN, until: Timestamp::MAX, first_on: Date::MIN, end_on: Date::MAX };
    let report = view.report(&always)?;
    (tally.checklists, tally.answered) = (report.answered.asked, report.answered.answered);
    tally.alerts = report.speeds.iter().filter(|speed| speed.raised > 0).map(rang).collect();
    tally.findings = view.findings()?.into_iter().map(|f| format!("{}: {}", f.promise, f.fact)).collect();
    Ok(tally)
}

fn rang(speed: &Speed) -> AlertCounts {
    AlertCounts {
        tier: speed.tier.map_or("unsorted", Tier::word).to_owned(),
        raised: speed.raised,
        taken_on: speed.acted,
        median_minutes: speed.median.map(|seconds| seconds / 60),
        slowest_minutes: speed.max.map(|seconds| seconds / 60),
    }
}

/// What a step's letter is about, for people.
#[must_use]
pub fn about(step: &str) -> &str {
    match step {
        "book" => "please book a visit or test",
        "book-again" => "please book, once more",
        "booked" => "your date is booked",
        "changed" => "your date has changed",
        "cancelled" => "your date was called off",
        "week-before" => "your date is in a week",
        "day-before" => "your date is tomorrow",
        "sorry-we-missed-you" => "we have no note that you came",
        "again" => "we would still like to see you",
        "invite" => "your checklist",
        "nudge" => "your checklist, a first nudge",
        "nudge-again" => "your checklist, a last nudge",
        "send" => "a leaflet",
        "closing" => "what was planned is over",
        other => other,
    }
}

/// What a task asks of a person.
#[must_use]
pub fn ask(kind: &str) -> &str {
    TaskKind::parse(kind).map_or(kind, |kind| kind.ask())
}
