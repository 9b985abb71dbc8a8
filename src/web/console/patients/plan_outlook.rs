//! What a change would do to somebody's coming year, as a page shows it before the change is applied.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::{Value, context};

use crate::care::time::zone;
use crate::config::pages::wording::FALLBACK;
use crate::journey::commands::guards::waiting::WaitingCause;
use crate::journey::commands::record_preview::{AskedTask, ChangePreview};
use crate::journey::plan::outlook::{ComingStep, OutlookChange};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::machine_words;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::letters::kinds::stops;

/// No more lines of one kind are listed; the page says how many there are.
const LISTED: usize = 20;

/// Where she lives before and after the change, by zone name.
#[derive(Clone, Copy)]
pub(in crate::web::console::patients) struct ZoneChange<'a> {
    pub(in crate::web::console::patients) was: &'a str,
    pub(in crate::web::console::patients) is: &'a str,
}

/// The change for the template's macro `effect`.
fn words(change: &OutlookChange, zones: ZoneChange<'_>, language: &str) -> Value {
    let (was_in, is_in) = (zoned(zones.was), zoned(zones.is));
    let moved = change.moved.iter().take(LISTED).map(|moved| {
        context! { before => moment(moved.was.at, &was_in), after => moment(moved.is.at, &is_in), ..line(&moved.is, language) }
    });
    let listed = |steps: &[ComingStep], zone: &TimeZone| {
        let line = |step: &ComingStep| context! { at => moment(step.at, zone), ..self::line(step, language) };
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
    signed_in: &SignedIn,
) -> Value {
    let times = TimeFormat::from(signed_in);
    context! {
        letters => words(&preview.letters, zones, &signed_in.language),
        waits => preview.waits.as_ref().map(|cause| waiting(cause, &times)),
        written => preview.written,
        withdrawn => preview.withdrawn,
        is_unreached => preview.is_unreached,
        opened => preview.opened.iter().map(asked).collect::<Vec<_>>(),
        closed => preview.closed.iter().map(asked).collect::<Vec<_>>(),
        status => machine_words::status_name(preview.status),
    }
}

/// What a step is about in that language, else in English, else as its series is called.
fn title(step: &ComingStep, language: &str) -> String {
    let titles = &step.titles;
    let title = titles.get(language).or_else(|| titles.get(FALLBACK)).or_else(|| titles.values().next());
    title.unwrap_or(&step.series).clone()
}

/// A letter or task to come, as a page names it.
pub(in crate::web::console::patients) fn line(step: &ComingStep, language: &str) -> Value {
    context! {
        on => day(step.on),
        title => title(step, language),
        what => machine_words::step(&step.step),
        due => day(step.due_on),
        asks_staff => step.asks_staff,
        stopped => step.is_stopped,
    }
}

/// Why the letter about it does not leave, and what to do in its place.
fn waiting(cause: &WaitingCause, times: &TimeFormat) -> String {
    match cause {
        WaitingCause::Stopped(stop) => {
            let (since, title) = (times.moment(stop.stopped_at), stops::title(&stop.kind));
            format!("Letters are stopped since {since}: {title}. The letter about it waits. Ring her.")
        }
        WaitingCause::Held => "Letters to patients are held: the letter about it waits. Ring her.".to_owned(),
    }
}

fn asked(task: &AskedTask) -> Value {
    context! { ask => prose(task.ask), reason => prose(&task.reason) }
}

fn zoned(name: &str) -> TimeZone {
    zone::resolve(name).map_or(TimeZone::UTC, |found| found.zone)
}

fn moment(at: Timestamp, zone: &TimeZone) -> Value {
    let at = at.to_zoned(zone.clone());
    let (clock, name) = (at.strftime("%H:%M").to_string(), at.strftime("%Z").to_string());
    context! { at => format!("{}, {clock}", day(at.date())), zone => name }
}
