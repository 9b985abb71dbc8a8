//! The preview as a calendar: one all-day entry for each follow-up. The same question gives the same bytes.

use icalendar::{Calendar, Component, Event, Property};
use jiff::civil::Date;

use crate::care::plan::protocol::Protocol;
use crate::care::publication::example_plan::PreviewLine;
use crate::cli::records::plan::preview::{PlanRequest, title};

pub(super) fn write(protocol: &Protocol, ask: &PlanRequest<'_>, lines: &[PreviewLine<'_>]) -> String {
    let mut calendar = Calendar::new();
    calendar.name(&format!("{} from {}", protocol.id, ask.anchor));
    for line in lines {
        calendar.push(event(protocol, ask, line));
    }
    calendar.done().to_string()
}

fn event(protocol: &Protocol, ask: &PlanRequest<'_>, line: &PreviewLine<'_>) -> Event {
    let owed = &line.owed;
    let (series, anchor) = (&line.series.id, compact(ask.anchor));
    let uid =
        format!("{}-{}-{anchor}-{series}-{}@aftercare.invalid", protocol.id, protocol.version, owed.number);
    let letters: Vec<String> =
        line.letters().map(|laid| format!("{} {}", laid.send_on, laid.step.name)).collect();
    let text = format!("Counts from {} to {}.\n{}", owed.opens_on, owed.closes_on, letters.join("\n"));
    Event::new()
        .uid(&uid)
        .add_property("DTSTAMP", format!("{anchor}T000000Z"))
        .summary(&format!("{} {}", title(line.series), owed.number))
        .description(&text)
        .append_property(day("DTSTART", owed.due_on))
        .append_property(day("DTEND", owed.due_on.tomorrow().unwrap_or(owed.due_on)))
        .add_property("TRANSP", "TRANSPARENT")
        .done()
}

fn day(key: &str, on: Date) -> Property {
    let mut property = Property::new(key, compact(on));
    property.add_parameter("VALUE", "DATE");
    property
}

fn compact(on: Date) -> String {
    on.strftime("%Y%m%d").to_string()
}
