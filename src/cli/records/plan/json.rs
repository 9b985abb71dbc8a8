//! The preview as JSON: a contract that scripts rely on (`aftercare plan`).

use serde::Serialize;

use crate::care::plan::protocol::Protocol;
use crate::care::plan::reminder_times::TimedStep;
use crate::care::publication::example_plan::PreviewLine;
use crate::cli::records::plan::preview::{PlanError, PlanRequest, zone_name};

#[derive(Serialize)]
struct Document<'p> {
    protocol: &'p str,
    version: &'p str,
    anchor_on: String,
    zone: &'p str,
    follow_ups: Vec<PreviewFollowUp<'p>>,
}

#[derive(Serialize)]
struct PreviewFollowUp<'p> {
    series: &'p str,
    number: u32,
    kind: &'static str,
    due_on: String,
    window: [String; 2],
    reminders: Vec<PreviewReminder<'p>>,
}

#[derive(Serialize)]
struct PreviewReminder<'p> {
    step: &'p str,
    send_on: String,
    send_at: String,
    /// Why it will not leave, if it will not.
    #[serde(skip_serializing_if = "Option::is_none")]
    lapses: Option<&'static str>,
}

pub(super) fn write(
    protocol: &Protocol,
    ask: &PlanRequest<'_>,
    lines: &[PreviewLine<'_>],
) -> Result<String, PlanError> {
    let document = Document {
        protocol: &protocol.id,
        version: &protocol.version,
        anchor_on: ask.anchor.to_string(),
        zone: zone_name(ask),
        follow_ups: lines.iter().map(follow_up).collect(),
    };
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn follow_up<'p>(line: &'p PreviewLine<'_>) -> PreviewFollowUp<'p> {
    let reminder = |(laid, lapses): &'p (TimedStep<'_>, Option<&'static str>)| PreviewReminder {
        step: &laid.step.name,
        send_on: laid.send_on.to_string(),
        send_at: laid.send_at.to_string(),
        lapses: *lapses,
    };
    PreviewFollowUp {
        series: &line.series.id,
        number: line.owed.number,
        kind: line.series.kind.word(),
        due_on: line.owed.due_on.to_string(),
        window: [line.owed.opens_on.to_string(), line.owed.closes_on.to_string()],
        reminders: line.reminders.iter().map(reminder).collect(),
    }
}
