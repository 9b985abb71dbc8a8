//! A patient is taken in on a page, in two steps: what was typed is checked, and the letters of her first year are shown;
//! then somebody confirms. Both do what `aftercare patient add` does.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use crate::journey::commands::record_preview::AdmissionPreview;
use crate::journey::commands::{patient_record, record_preview};
use crate::journey::errors::booking::BookingError;
use crate::journey::errors::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::plan::enrol::Admission;
use crate::journey::plan::outlook::ComingStep;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::layout::{page, step_words};
use crate::web::console::patients::enrol_form::{self, KnownProtocol};
use crate::web::console::patients::field_reader::FieldReader;

/// What is asked for with what was typed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AdmissionStep {
    Check,
    Confirm,
}

/// Every field of the form that holds one text.
const FIELDS: [&str; 12] = [
    "reference",
    "name",
    "birth_date",
    "email",
    "language",
    "time_zone",
    "detail",
    "protocol",
    "anchor",
    "visit_on",
    "visit_at",
    "place",
];

/// The empty form.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| {
        let fields = FormFields::new(Vec::new());
        form(signed_in, StatusCode::OK, &FieldReader::new(&fields), "")
    })
    .await
}

/// Checks what was typed, goes back to it, or takes her in.
pub(in crate::web::console) async fn submit(SignedPost { signed_in, fields }: SignedPost) -> Response {
    page::blocking(signed_in, move |signed_in| match fields.get("act") {
        "edit" => form(signed_in, StatusCode::OK, &FieldReader::new(&fields), ""),
        "confirm" => submitted(signed_in, &fields, AdmissionStep::Confirm),
        _ => submitted(signed_in, &fields, AdmissionStep::Check),
    })
    .await
}

fn submitted(signed_in: &SignedIn, fields: &FormFields, step: AdmissionStep) -> Response {
    let refused = StatusCode::UNPROCESSABLE_ENTITY;
    let known = match known(signed_in) {
        Ok(known) => known,
        Err(fault) => return page::failed(signed_in, &fault),
    };
    let mut reader = FieldReader::new(fields);
    let today = TimeFormat::of(signed_in).today();
    let languages = &signed_in.app.deps.languages;
    let Some(admission) = enrol_form::read(&mut reader, &known, languages, today) else {
        return form(signed_in, refused, &reader, "");
    };
    let code = admission.newcomer.reference.as_str().to_owned();
    let preview = record_preview::preview_admission(signed_in.clinic(), signed_in.stamp(), admission.clone());
    match preview {
        Ok(_) if step == AdmissionStep::Confirm => taken_in(signed_in, admission, &reader),
        Ok(preview) => checked(signed_in, fields, &code, &preview),
        Err(fault) => failed(signed_in, reader, &fault),
    }
}

fn taken_in(signed_in: &SignedIn, admission: Admission, reader: &FieldReader<'_>) -> Response {
    let code = admission.newcomer.reference.as_str().to_owned();
    match patient_record::admit(signed_in.clinic(), signed_in.stamp(), admission) {
        Ok(_) => {
            signed_in.clinic().bells.letters.notify_one();
            page::saved(signed_in, &format!("/patients/{code}"), Notice::Enrolled)
        }
        Err(fault) => failed(signed_in, FieldReader::new(reader.fields), &fault),
    }
}

/// The step's refusal beside the field that it is about, or above the form.
fn failed(signed_in: &SignedIn, mut reader: FieldReader<'_>, fault: &StepError) -> Response {
    let field = match fault {
        StepError::Store(_) | StepError::Permission(_) => return page::failed(signed_in, fault),
        StepError::Record(RecordError::Duplicate(_) | RecordError::Reserved) => "reference",
        StepError::Record(RecordError::SharedInbox) => "email",
        StepError::Booking(
            BookingError::NoFollowUp | BookingError::Outside(_) | BookingError::Past | BookingError::TooFar,
        ) => "visit_on",
        _ => return form(signed_in, StatusCode::UNPROCESSABLE_ENTITY, &reader, &step_words::fault(fault)),
    };
    let mut said = step_words::fault(fault);
    if field == "visit_on" {
        said.push_str(" Correct it, or leave the visit empty and book it on her page.");
    }
    reader.faults.insert(field.to_owned(), said);
    form(signed_in, StatusCode::UNPROCESSABLE_ENTITY, &reader, "")
}

fn known(signed_in: &SignedIn) -> Result<Vec<KnownProtocol>, StepError> {
    let clinic = signed_in.clinic();
    clinic.store.read(|view| {
        let in_force = signed_in.app.deps.in_force.iter();
        in_force
            .map(|id| Ok(KnownProtocol { version: *id, protocol: clinic.protocol_cache.get(view, *id)? }))
            .collect()
    })
}

fn form(signed_in: &SignedIn, status: StatusCode, reader: &FieldReader<'_>, error: &str) -> Response {
    let known = match known(signed_in) {
        Ok(known) => known,
        Err(fault) => return page::failed(signed_in, &fault),
    };
    let fields = reader.fields;
    let is_on = |id: &str| fields.all("add_on").any(|name| name == id);
    let protocol = |one: &KnownProtocol| {
        let id = &one.protocol.id;
        let on = fields.get(&format!("anchor.{id}"));
        context! { id, title => one.protocol.title.clone(), chosen => is_on(id), on, fault => reader.faults.get(&format!("anchor.{id}")) }
    };
    let (add_ons, mains): (Vec<_>, Vec<_>) = known.iter().partition(|one| one.protocol.add_on);
    let mut typed = typed(fields);
    if fields.get("time_zone").is_empty() {
        typed.insert("time_zone", signed_in.clinic().policy.zone.clone());
    }
    let words = context! {
        error, typed,
        faults => each(&|name| reader.faults.get(name).cloned().unwrap_or_default()),
        is_faulty => !reader.faults.is_empty(),
        shared => fields.get("shared_inbox") == "yes",
        languages => signed_in.app.deps.languages.clone(),
        mains => mains.into_iter().map(protocol).collect::<Vec<_>>(),
        add_ons => add_ons.into_iter().map(protocol).collect::<Vec<_>>(),
    };
    page::with_status(signed_in, status, "enrol", words)
}

/// What was typed, by field; empty where nothing was.
fn typed(fields: &FormFields) -> BTreeMap<&'static str, String> {
    each(&|name| fields.get(name).to_owned())
}

/// A text for every field of the form.
fn each(text: &dyn Fn(&str) -> String) -> BTreeMap<&'static str, String> {
    FIELDS.into_iter().map(|name| (name, text(name))).collect()
}

fn checked(signed_in: &SignedIn, fields: &FormFields, code: &str, preview: &AdmissionPreview) -> Response {
    let kept = fields.starting("").filter(|(name, _)| !matches!(*name, "mark" | "act"));
    let words = context! {
        code,
        kept => kept.map(|(name, word)| context! { name, word }).collect::<Vec<_>>(),
        typed => typed(fields),
        coming => preview.coming.iter().map(coming).collect::<Vec<_>>(),
        letters => preview.coming.iter().filter(|step| !step.asks_staff).count(),
        tasks => preview.tasks.clone(),
        alike => preview.alike.clone(),
    };
    page::render(signed_in, "enrol-check", words)
}

/// A letter or task to come as a page lists it.
fn coming(step: &ComingStep) -> Value {
    context! { on => day(step.on), title => step.title.clone(), due => day(step.due_on), asks_staff => step.asks_staff }
}
