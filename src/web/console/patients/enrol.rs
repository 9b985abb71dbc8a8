//! A patient is taken in on a page, in two steps: what was typed is checked, and the letters of her first year are shown;
//! then somebody confirms. Both do what `aftercare patient add` does.

use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;

use crate::journey::commands::patient_record;
use crate::journey::commands::record_preview;
use crate::journey::errors::step::StepError;
use crate::journey::plan::enrol::Admission;
use crate::store::plan::follow_ups::FollowUp;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::prose::prose;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::layout::{machine_words, page, step_words};
use crate::web::console::patients::change_check;
use crate::web::console::patients::enrol_form::{self, EntryRules, KnownProtocol, known};
use crate::web::console::patients::field_reader::FieldReader;
use crate::web::console::patients::plan_outlook;
use crate::web::locale::reader::ReaderWords;

/// What is asked for with what was typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AdmissionStep {
    Check,
    Confirm,
}

/// Shows the form with nothing in it.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| form(signed_in, StatusCode::OK, &RefusedForm::default())).await
}

/// Checks what was typed, goes back to it, or takes her in.
pub(in crate::web::console) async fn submit(SignedPost { signed_in, fields }: SignedPost) -> Response {
    page::blocking(signed_in, move |signed_in| match fields.get("act") {
        "edit" => form(signed_in, StatusCode::OK, &FieldReader::new(&fields).refused()),
        "confirm" => submitted(signed_in, &fields, AdmissionStep::Confirm),
        _ => submitted(signed_in, &fields, AdmissionStep::Check),
    })
    .await
}

/// What her main protocol is called.
fn main_title(known: &[KnownProtocol], fields: &FormFields) -> Option<String> {
    known.iter().find(|one| one.protocol.id == fields.get("protocol")).map(|one| one.title.clone())
}

fn submitted(signed_in: &SignedIn, fields: &FormFields, step: AdmissionStep) -> Response {
    let known = match known(signed_in) {
        Ok(known) => known,
        Err(fault) => return page::failed(signed_in, &fault),
    };
    let mut reader = FieldReader::new(fields);
    let deps = &signed_in.app.deps;
    let rules = EntryRules {
        languages: &deps.languages,
        country: deps.says.region.as_deref(),
        detail: signed_in.clinic().policy.detail,
        today: TimeFormat::from(signed_in).today(),
    };
    let Some(admission) = enrol_form::read(&mut reader, &known, &rules) else {
        return form(signed_in, StatusCode::UNPROCESSABLE_ENTITY, &reader.refused());
    };
    match step {
        AdmissionStep::Check => {
            let title = main_title(&known, fields);
            checked(signed_in, admission, fields, title)
        }
        AdmissionStep::Confirm => taken_in(signed_in, admission, fields),
    }
}

fn taken_in(signed_in: &SignedIn, admission: Admission, fields: &FormFields) -> Response {
    let code = admission.newcomer.reference.in_path();
    match patient_record::admit(signed_in.clinic(), signed_in.stamp(), admission) {
        Ok(_) => {
            signed_in.clinic().bells.letters.notify_one();
            page::saved(signed_in, &format!("/patients/{code}"), Notice::Enrolled)
        }
        Err(fault) => failed(signed_in, fields, &fault),
    }
}

/// The step's refusal beside the field that it is about.
fn failed(signed_in: &SignedIn, fields: &FormFields, fault: &StepError) -> Response {
    let beside = match fault {
        StepError::Store(_) | StepError::Permission(_) => return page::failed(signed_in, fault),
        StepError::Booking(_) => {
            let next = "Correct it, or leave the visit empty and book it on her page.";
            FieldFault::new("visit_on", format!("{} {next}", step_words::fault(fault)))
        }
        _ => step_words::beside(step_words::field(fault).unwrap_or("reference"), fault),
    };
    let refused = RefusedForm::new(fields, vec![beside]);
    form(signed_in, StatusCode::UNPROCESSABLE_ENTITY, &refused)
}

/// A visit beside the window of what it counts for takes its place: nobody books it without having said so.
fn unfitting(signed_in: &SignedIn, fields: &FormFields, found: &FollowUp) -> Response {
    let (series, owed) =
        (ReaderWords::of(&signed_in.language).said(&machine_words::series(&found.series)), &found.owed);
    let (due, opens, closes) = (day(owed.due_on), day(owed.opens_on), day(owed.closes_on));
    let text = format!(
        "This date lies outside the window of {series} due {due}, {opens} to {closes}, and would take its place. \
         Check the date; if it is meant, tick the box below it."
    );
    let refused = RefusedForm::new(fields, vec![FieldFault::new("visit_on", text)]);
    form(signed_in, StatusCode::UNPROCESSABLE_ENTITY, &refused)
}

fn form(signed_in: &SignedIn, status: StatusCode, refused: &RefusedForm) -> Response {
    let known = match known(signed_in) {
        Ok(known) => known,
        Err(fault) => return page::failed(signed_in, &fault),
    };
    let protocol = |one: &KnownProtocol| {
        context! { id => one.protocol.id.clone(), title => one.title.clone() }
    };
    let (add_ons, mains): (Vec<_>, Vec<_>) = known.iter().partition(|one| one.protocol.add_on);
    let words = context! {
        refused => refused.words(),
        zone => signed_in.clinic().policy.zone.clone(),
        detail => signed_in.clinic().policy.detail.word(),
        languages => machine_words::languages(&signed_in.app.deps.languages),
        mains => mains.into_iter().map(protocol).collect::<Vec<_>>(),
        add_ons => add_ons.into_iter().map(protocol).collect::<Vec<_>>(),
    };
    page::with_status(signed_in, status, "enrol", words)
}

fn checked(
    signed_in: &SignedIn,
    admission: Admission,
    fields: &FormFields,
    protocol: Option<String>,
) -> Response {
    let code = admission.newcomer.reference.in_path();
    let preview = record_preview::preview_admission(signed_in.clinic(), signed_in.stamp(), admission);
    let preview = match preview {
        Ok(preview) => preview,
        Err(fault) => return failed(signed_in, fields, &fault),
    };
    if let Some(found) = preview.displaced.as_ref().filter(|_| fields.get("visit_anyway").is_empty()) {
        return unfitting(signed_in, fields, found);
    }
    let kept = fields.starting("").filter(|(name, _)| !matches!(*name, "mark" | "act"));
    let words = context! {
        code,
        protocol,
        displaced => preview.displaced.as_ref().map(|one| change_check::place_taken(&one.series, &one.owed)),
        born => fields.get("birth_date").parse().map(day).unwrap_or_default(),
        from => fields.get("anchor").parse().map(day).unwrap_or_default(),
        detail => signed_in.clinic().policy.detail.word(),
        kept => kept.map(|(name, word)| context! { name, word }).collect::<Vec<_>>(),
        refused => FieldReader::new(fields).refused().words(),
        language => machine_words::language(fields.get("language")),
        coming => preview.coming.iter().map(|step| plan_outlook::line(step, &signed_in.language)).collect::<Vec<_>>(),
        letters => preview.coming.iter().filter(|step| !step.asks_staff).count(),
        tasks => preview.tasks.iter().map(|why| prose(why)).collect::<Vec<_>>(),
        alike => preview.alike.clone(),
    };
    page::render(signed_in, "enrol-check", words)
}
