//! The list behind the task of an import: whom to book, the most pressing first, a page at a time; and the form that takes
//! somebody off it with a reason.

use jiff::civil::Date;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::roster::booking_list::{BookingUrgency, is_risky};
use crate::journey::commands::tasks::SettledBooking;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::plan::follow_ups::FollowUpId;
use crate::store::roster::booking_list::BookingLine;
use crate::store::roster::imports::ImportId;
use crate::store::work::tasks::Task;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::machine_words;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::refused_form::FieldFault;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::patients::contact;

/// Lines on a page.
const LINES: u32 = 50;

/// Which part of the list is looked at.
#[derive(Deserialize, Clone, Copy, Default)]
pub(in crate::web::console) struct BookingQuery {
    /// After the line of this place.
    #[serde(default)]
    after: i64,
}

/// The list behind a task; nothing where it has none.
pub(in crate::web::console) fn words(
    view: &View<'_>,
    task: &Task,
    ask: BookingQuery,
    times: &TimeFormat,
) -> Result<Option<Value>, StoreError> {
    let Some(import) = ImportId::of_cause(&task.cause) else { return Ok(None) };
    let (found, open) = (view.booking_page(import, ask.after, LINES)?, view.bookings_open(import)?);
    let next = found.next().map(|line| line.position);
    let lines: Result<Vec<Value>, StoreError> =
        found.rows.iter().map(|line| line_words(view, line, times.today())).collect();
    Ok(Some(context! { lines => lines?, open, next, after => ask.after, is_later => ask.after > 0 }))
}

fn line_words(view: &View<'_>, line: &BookingLine, today: Date) -> Result<Value, StoreError> {
    let late = (today - line.due_on).get_days();
    let (urgency, badge) = match BookingUrgency::of(line.due_on, today) {
        BookingUrgency::LongOverdue => ("long overdue", "urgent"),
        BookingUrgency::Overdue => ("overdue", "soon"),
        BookingUrgency::DueSoon => ("due soon", ""),
    };
    let since = match late {
        1 => "yesterday".to_owned(),
        late if late > 0 => format!("{late} days ago"),
        _ => String::new(),
    };
    Ok(context! {
        follow_up => line.follow_up.0,
        code => line.reference.clone(),
        name => line.name.expose(),
        caution => prose(&line.caution),
        what => machine_words::series(&line.series),
        due => day(line.due_on),
        since,
        book_by => day(line.book_by),
        late => line.book_by < today,
        urgency,
        badge,
        risky => is_risky(line.anchor_on, today),
        contact => contact::words(&view.contact(line.patient)?.details, None),
    })
}

/// Where a line stands, as its form says; its place in the list comes along so that a refused form finds its page again.
pub(in crate::web::console) struct BookingForm {
    pub(in crate::web::console) ask: SettledBooking,
    /// The field of its reason: each line of the page has its own.
    pub(in crate::web::console) field: String,
    pub(in crate::web::console) page: BookingQuery,
}

/// Reads the form; `None` when it names no line.
pub(in crate::web::console) fn read(task: i64, fields: &FormFields) -> Option<BookingForm> {
    let follow_up = FollowUpId(fields.get("follow_up").parse().ok()?);
    let after = fields.get("after").parse().unwrap_or_default();
    let field = format!("{REASON}{}", follow_up.0);
    let ask = SettledBooking { task, follow_up, note: fields.note(&field) };
    Some(BookingForm { ask, field, page: BookingQuery { after } })
}

/// How the fields begin that hold why no date is needed.
const REASON: &str = "note-";

/// What is wrong with ending the task while a reason is typed and its line was not taken off; a line that is being taken off
/// is none.
pub(in crate::web::console) fn unsettled(fields: &FormFields, sent: &[&str]) -> Option<FieldFault> {
    let typed = fields.starting(REASON).filter(|(_, word)| !word.trim().is_empty());
    let mut names = typed.map(|(line, _)| format!("{REASON}{line}"));
    let name = names.find(|name| !sent.contains(&name.as_str()))?;
    let text = "This line is not off the list yet: take it off, or clear the reason.";
    Some(FieldFault::new(name, text))
}
