//! The preview as a table to read.

use comfy_table::{Table, presets};

use crate::care::plan::protocol::Protocol;
use crate::care::publication::example_plan::PreviewLine;
use crate::cli::records::plan::preview::{PlanRequest, title, zone_name};

pub(super) fn write(protocol: &Protocol, ask: &PlanRequest<'_>, lines: &[PreviewLine<'_>]) -> String {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["due", "what", "no.", "counts from", "until", "letters and tasks (local time)"]);
    for line in lines {
        table.add_row([
            line.owed.due_on.strftime("%a %F").to_string(),
            title(line.series).to_owned(),
            line.owed.number.to_string(),
            line.owed.opens_on.to_string(),
            line.owed.closes_on.to_string(),
            letters(line, ask),
        ]);
    }
    let signed = if protocol.verified { "" } else { "Not signed by a clinician of this clinic yet.\n" };
    format!(
        "{} ({} {})\nSource: {}\n{signed}Counted from {} in {}, shown until {}.\n{table}\n",
        protocol.title,
        protocol.id,
        protocol.version,
        protocol.source,
        ask.anchor,
        zone_name(ask),
        ask.until,
    )
}

fn letters(line: &PreviewLine<'_>, ask: &PlanRequest<'_>) -> String {
    let shown = line.reminders.iter().map(|(laid, lapses)| {
        let why = lapses.map(|why| format!(" (not written: {why})")).unwrap_or_default();
        format!("{} {}{why}", ask.zone.to_datetime(laid.send_at).strftime("%a %F %H:%M"), laid.step.name)
    });
    shown.collect::<Vec<_>>().join("\n")
}
