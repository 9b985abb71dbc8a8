//! The call log on the page of an alert or a task: its entries, and the form that adds one. What was typed stands in the form
//! again when it was not taken.

use jiff::Timestamp;
use jiff::civil::DateTime;
use minijinja::{Value, context};

use crate::care::contact_kind::ContactKind;
use crate::care::permission::Act;
use crate::journey::commands::contact_log;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::people::contact::ContactError;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::work::contact_log::{ContactEntry, ContactReport, ContactSubject};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::machine_words::person;
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::step_words;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::locale::reader::ReaderWords;

/// The fields of the log's part of the page. The page of an alert or a task is one form: whichever of its buttons is pressed,
/// what was typed in its other parts comes along and is not lost.
pub(in crate::web::console) const FIELDS: [&str; 4] = ["kind", "to", "log_note", "again"];

/// What is wrong with ending an alert or a task while something is typed for its log and not in it.
pub(in crate::web::console) fn unlogged(fields: &FormFields) -> Option<FieldFault> {
    let text = "This is not in the call log yet: add it there first, or clear it.";
    fields.holds(&FIELDS).then(|| FieldFault::new("log_note", text))
}

/// A fault of a step as one of a field; a fault that is none of the form's comes back.
pub(in crate::web::console) fn field_fault(fault: StepError) -> Result<FieldFault, StepError> {
    let field = match &fault {
        StepError::Contact(ContactError::WordsMissing(ContactKind::Snoozed)) => "reason",
        StepError::Contact(ContactError::WordsMissing(_) | ContactError::TooLong) => "log_note",
        StepError::Contact(ContactError::NoColleague | ContactError::NotHandedOver) => "to",
        StepError::Contact(ContactError::AgainAt) => "again",
        StepError::Contact(ContactError::DoesNotWait | ContactError::SnoozeDay) => "until",
        StepError::Contact(ContactError::TaskIsDone(_)) => "kind",
        StepError::Alert(AlertError::AlertIs(..)) => {
            let text = "Only an alert that somebody has taken on and that is open is handed over.";
            return Ok(FieldFault::new("to", text));
        }
        _ => return Err(fault),
    };
    Ok(FieldFault::new(field, step_words::fault(&fault)))
}

/// Writes the entry that the form asks for. Returns what the page says then.
///
/// # Errors
/// The form with its fault, to be shown again; or the step's own fault.
pub(in crate::web::console) async fn log(
    signed_in: &SignedIn,
    subject: ContactSubject,
    fields: &FormFields,
) -> Result<Notice, Result<RefusedForm, StepError>> {
    let refused = |fault| RefusedForm::beside(fields, &[]).with(fault);
    let report = report(signed_in, fields).map_err(|fault| Ok(refused(fault)))?;
    match contact_log::log(signed_in.clinic(), signed_in.stamp(), subject, report).await {
        Ok(done) => Ok(match done.is_told {
            Some(true) => Notice::AlertHandedOver,
            Some(false) => Notice::AlertHandedUntold,
            None => Notice::CallLogged,
        }),
        Err(fault) => Err(field_fault(fault).map(refused)),
    }
}

fn report(signed_in: &SignedIn, fields: &FormFields) -> Result<ContactReport, FieldFault> {
    let kind =
        ContactKind::parse(fields.get("kind")).filter(|kind| ContactKind::choices().any(|c| c == *kind));
    let kind = kind.ok_or_else(|| FieldFault::new("kind", "Choose what happened."))?;
    let handed_to = Some(fields.get("to").to_owned()).filter(|name| !name.is_empty());
    let again_at = match fields.get("again") {
        "" => None,
        text => {
            Some(moment(signed_in, text).ok_or_else(|| FieldFault::new("again", "Give a date and a time."))?)
        }
    };
    Ok(ContactReport { kind, handed_to, note: fields.note("log_note"), again_at })
}

/// A moment as the browser's field gives it, in the clinic's zone.
fn moment(signed_in: &SignedIn, text: &str) -> Option<Timestamp> {
    let at: DateTime = text.parse().ok()?;
    let zone = &signed_in.clinic().care.days.zone;
    zone.to_ambiguous_timestamp(at).compatible().ok()
}

/// Everything that the log of a page needs: entries newest first, choices, what was typed.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::web::console) fn words(
    view: &View<'_>,
    signed_in: &SignedIn,
    subject: ContactSubject,
    form: &RefusedForm,
) -> Result<Value, StoreError> {
    let times = TimeFormat::from(signed_in);
    let reader = ReaderWords::of(&signed_in.language);
    let entry = |one: &ContactEntry| context! { by => reader.person(&one.by), ..line(one, &times) };
    let entries: Vec<Value> = view.contacts(subject)?.iter().map(entry).collect();
    let staff = view.staff()?;
    let colleagues = staff.iter().filter(|one| {
        one.disabled_at.is_none() && one.name != signed_in.who.name && one.role.may(Act::LogContact)
    });
    let kinds = ContactKind::choices().map(|kind| context! { word => kind.word(), says => kind.says() });
    let path = match subject {
        ContactSubject::Alert(id) => format!("/alerts/{}", id.0),
        ContactSubject::Task(id) => format!("/tasks/{id}"),
    };
    Ok(context! {
        path,
        of_alert => matches!(subject, ContactSubject::Alert(_)),
        entries,
        writes => signed_in.who.role.may(Act::LogContact),
        zone => signed_in.clinic().policy.zone.clone(),
        colleagues => colleagues.map(|one| one.name.clone()).collect::<Vec<_>>(),
        kinds => kinds.collect::<Vec<_>>(),
        ..form.words()
    })
}

/// One entry in a list.
pub(in crate::web::console) fn line(entry: &ContactEntry, times: &TimeFormat) -> Value {
    let report = &entry.report;
    context! {
        at => times.moment(entry.at),
        by => person(&entry.by),
        says => report.kind.says(),
        to => report.handed_to.clone(),
        note => report.note.clone(),
        again => report.again_at.map(|at| times.moment(at)),
        snoozed => report.kind == ContactKind::Snoozed,
    }
}

/// What was tried last, for a line of the worklist: never the words of the note.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::web::console) fn last(
    view: &View<'_>,
    subject: ContactSubject,
    times: &TimeFormat,
) -> Result<Option<Value>, StoreError> {
    let again = |at: Timestamp| (at > times.now).then(|| times.moment(at));
    Ok(view.last_contact(subject)?.map(|entry| {
        context! {
            says => entry.report.kind.says(),
            ago => times.ago(entry.at),
            again => entry.report.again_at.and_then(again),
        }
    }))
}
