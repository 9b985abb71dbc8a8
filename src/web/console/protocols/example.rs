//! Five years of an example patient as a picture and as numbers, by the planner that the daemon runs.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use minijinja::{Value, context};

use crate::care::plan::protocol::Protocol;
use crate::care::publication::example_plan::{self, ExamplePatient, PreviewLine, YearLoad};
use crate::care::time::calendar::{LocalHours, Span, Unit};
use crate::journey::sending_policy;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::time_format::day;
use crate::web::console::protocols::series::title;
use crate::web::plan_picture;

/// How many years are shown.
const YEARS: i32 = 5;
/// The first dates that are listed beside the picture.
const LISTED: usize = 12;

/// What a protocol brings a patient who is counted from that day.
pub(in crate::web::console) fn words(signed_in: &SignedIn, protocol: &Protocol, anchor: Date) -> Value {
    let policy = &signed_in.clinic().policy;
    let zone = sending_policy::zone(&policy.zone).unwrap_or(TimeZone::UTC);
    let local = LocalHours { hours: &policy.hours, zone: &zone };
    let language = &signed_in.language;
    let until = Span { count: YEARS, unit: Unit::Years }.from(anchor);
    let patient = ExamplePatient { anchor, until, local };
    let lines = example_plan::lines(protocol, &patient);
    let years = example_plan::years(&lines, &patient);
    let sum = |of: fn(&YearLoad) -> usize| years.iter().map(of).sum::<usize>();
    context! {
        anchor => anchor.to_string(),
        from => day(anchor),
        picture => Value::from_safe_string(plan_picture::write(protocol, &patient, &lines, language)),
        years => years.iter().enumerate().map(|(at, load)| year(at, load)).collect::<Vec<_>>(),
        first => lines.iter().take(LISTED).map(|one| line(one, language)).collect::<Vec<_>>(),
        letters_at_least => sum(|load| load.letters_at_least),
        letters_at_most => sum(|load| load.letters_at_most),
    }
}

fn year(at: usize, load: &YearLoad) -> Value {
    context! {
        number => at + 1,
        visits => load.visits,
        checklists => load.checklists,
        letters_at_least => load.letters_at_least,
        letters_at_most => load.letters_at_most,
    }
}

fn line(line: &PreviewLine<'_>, language: &str) -> Value {
    context! {
        on => day(line.owed.due_on),
        what => title(line.series, language),
        letters => line.letters().filter(|laid| !laid.step.is_staff_task()).map(|laid| day(laid.send_on))
            .collect::<Vec<_>>(),
    }
}
