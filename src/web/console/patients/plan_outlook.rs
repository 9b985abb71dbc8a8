//! What a change would do to somebody's coming year, as a page shows it before the change is applied.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::{Value, context};

use crate::care::time::zone;
use crate::journey::commands::record_preview::ChangePreview;
use crate::journey::plan::outlook::{ComingStep, OutlookChange};
use crate::web::console::layout::machine_words;
use crate::web::console::layout::time_format::{day, plain};

/// No more lines of one kind are listed; the page says how many there are.
const LISTED: usize = 20;

/// Where she lives before and after the change, by zone name.
#[derive(Clone, Copy)]
pub(in crate::web::console::patients) struct ZoneChange<'a> {
    pub(in crate::web::console::patients) was: &'a str,
    pub(in crate::web::console::patients) is: &'a str,
}

/// The change for the template's macro `effect`.
fn words(change: &OutlookChange, zones: ZoneChange<'_>) -> Value {
    let (was_in, is_in) = (zoned(zones.was), zoned(zones.is));
    let moved = change.moved.iter().take(LISTED).map(|moved| {
        context! { before => moment(moved.was.at, &was_in), after => moment(moved.is.at, &is_in), ..line(&moved.is) }
    });
    let listed = |steps: &[ComingStep], zone: &TimeZone| {
        let line = |step: &ComingStep| context! { at => moment(step.at, zone), ..self::line(step) };
        steps.iter().take(LISTED).map(line).collect::<Vec<_>>()
    };
    context! {
        kept => change.kept,
        moves => change.moved.len(),
        drops => change.dropped.len(),
        adds => change.added.len(),
        moved => moved.collect::<Vec<_>>(),
        dropped => listed(&change.dropped, &was_in),
        added => listed(&change.added, &is_in),
        listed => LISTED,
    }
}

/// Everything that a change would do, for the template's macro `changed`.
pub(in crate::web::console::patients) fn change_words(
    preview: &ChangePreview,
    zones: ZoneChange<'_>,
) -> Value {
    context! {
        letters => words(&preview.letters, zones),
        written => preview.written,
        withdrawn => preview.withdrawn,
        opened => preview.opened.clone(),
        closed => preview.closed.clone(),
        status => plain(preview.status.word()),
    }
}

/// A letter or task to come, as a page names it.
pub(in crate::web::console::patients) fn line(step: &ComingStep) -> Value {
    context! {
        on => day(step.on),
        title => step.title.clone(),
        what => machine_words::step(&step.step),
        due => day(step.due_on),
        asks_staff => step.asks_staff,
    }
}

fn zoned(name: &str) -> TimeZone {
    zone::resolve(name).map_or(TimeZone::UTC, |found| found.zone)
}

fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %Y, %H:%M (%Z)").to_string()
}
