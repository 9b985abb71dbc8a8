//! The page that changes her plan, in two steps: what moves, falls away and is new is shown; then somebody confirms.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use super::form::{ActiveCourse, PlanForm};
use crate::care::patient::Patient;
use crate::journey::commands::patient_record::{self, PlanChangeRequest};
use crate::journey::commands::record_preview::{self, PlanDifference, PlanPreview};
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::plan::replan::DiffLine;
use crate::store::accounts::record_views::ViewedPage;
use crate::store::plan::follow_ups::EnrolmentId;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::layout::{machine_words, page, step_words};
use crate::web::console::patients::by_reference;
use crate::web::console::patients::enrol_form::{KnownProtocol, known};
use crate::web::console::patients::field_reader::FieldReader;
use crate::web::console::patients::plan_outlook::{self, ZoneChange};

/// No more due dates of one protocol are listed; the page says how many there are.
const LISTED: usize = 30;

/// Told above the form that a colleague was quicker.
const CHANGED: &str = "Somebody else has changed her plan meanwhile. The form shows it as it stands now.";

/// The form, with her plan as it stands.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(reference): Path<String>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        by_reference::of(signed_in, &reference, |patient| {
            signed_in.saw(ViewedPage::Patient, patient.reference.as_str());
            with_plan(signed_in, patient, |active, known| {
                let words = form(patient, active, known, &RefusedForm::default());
                page::render(signed_in, "plan", words)
            })
        })
    })
    .await
}

/// Checks what was asked for, goes back to it, or applies it.
pub(in crate::web::console) async fn submit(
    Path(reference): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        by_reference::of(signed_in, &reference, |patient| {
            with_plan(signed_in, patient, |active, known| {
                let plan = PlanForm { patient, active, known, today: TimeFormat::from(signed_in).today() };
                submitted(signed_in, &plan, &fields)
            })
        })
    })
    .await
}

fn with_plan(
    signed_in: &SignedIn,
    patient: &Patient,
    make: impl FnOnce(&[ActiveCourse], &[KnownProtocol]) -> Response,
) -> Response {
    let clinic = signed_in.clinic();
    let active = clinic.store.read(|view| {
        let active = view.enrolments_of(patient.id)?.into_iter().filter(|enrolment| enrolment.is_active);
        active
            .map(|enrolment| {
                let protocol = clinic.protocol_cache.get(view, enrolment.version)?;
                Ok(ActiveCourse { enrolment, protocol })
            })
            .collect::<Result<Vec<_>, StepError>>()
    });
    match active.and_then(|active| Ok((active, known(signed_in)?))) {
        Ok((active, known)) => make(&active, &known),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn submitted(signed_in: &SignedIn, plan: &PlanForm<'_>, fields: &FormFields) -> Response {
    let seen: Vec<EnrolmentId> =
        fields.all("seen").filter_map(|id| id.parse().ok()).map(EnrolmentId).collect();
    let is_current = |course: &ActiveCourse| seen.contains(&course.enrolment.id);
    if seen.len() != plan.active.len() || !plan.active.iter().all(is_current) {
        return overtaken(signed_in, plan);
    }
    let mut reader = FieldReader::new(fields);
    let turns = plan.read(&mut reader);
    let is_sound = reader.is_sound();
    let refuse = |status, refused: &RefusedForm| {
        let words = form(plan.patient, plan.active, plan.known, refused);
        page::with_status(signed_in, status, "plan", words)
    };
    if fields.get("act") == "edit" || !is_sound {
        let status = if is_sound { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        return refuse(status, &reader.refused());
    }
    if turns.is_empty() {
        let fault = FieldFault::new("plan", "Nothing is asked for: change a date or a protocol, or add one.");
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, &RefusedForm::new(fields, vec![fault]));
    }
    let ask = PlanChangeRequest { whose: plan.patient.reference.clone(), seen, turns };
    let (clinic, stamp) = (signed_in.clinic(), signed_in.stamp());
    let done = match fields.get("act") {
        "confirm" => patient_record::change_plan(clinic, stamp, ask).map(|()| None),
        _ => record_preview::preview_plan(clinic, stamp, ask).map(Some),
    };
    match done {
        Ok(Some(preview)) => {
            let words = checked(signed_in, plan.patient, fields, &preview);
            page::render(signed_in, "plan-check", words)
        }
        Ok(None) => {
            clinic.bells.letters.notify_one();
            let page = format!("/patients/{}", plan.patient.reference.in_path());
            page::saved(signed_in, &page, Notice::PlanChanged)
        }
        Err(StepError::Record(RecordError::Changed)) => overtaken(signed_in, plan),
        Err(fault @ (StepError::Store(_) | StepError::Permission(_))) => page::failed(signed_in, &fault),
        Err(fault) => {
            let refused = RefusedForm::new(fields, vec![step_words::beside("plan", &fault)]);
            refuse(StatusCode::UNPROCESSABLE_ENTITY, &refused)
        }
    }
}

/// The form as her plan stands now.
fn overtaken(signed_in: &SignedIn, plan: &PlanForm<'_>) -> Response {
    let words = form(plan.patient, plan.active, plan.known, &RefusedForm::default());
    page::with_status(signed_in, StatusCode::CONFLICT, "plan", context! { error => CHANGED, ..words })
}

fn form(patient: &Patient, active: &[ActiveCourse], known: &[KnownProtocol], refused: &RefusedForm) -> Value {
    let titled = |one: &KnownProtocol| context! { id => one.protocol.id.clone(), title => one.title.clone() };
    let course = |one: &ActiveCourse| {
        let id = one.enrolment.id.0;
        let in_force = known.iter().find(|known| known.protocol.id == one.enrolment.protocol);
        // The same protocol is offered only in another version than hers.
        let fits = |known: &&KnownProtocol| {
            known.protocol.add_on == one.protocol.add_on
                && (known.protocol.id == one.enrolment.protocol || !known.protocol.add_on)
                && known.version != one.enrolment.version
        };
        context! {
            id,
            protocol => one.enrolment.protocol.clone(),
            title => in_force.filter(|known| known.protocol.title == one.protocol.title).map_or(&one.protocol.title, |known| &known.title).clone(),
            add_on => one.protocol.add_on,
            from => day(one.enrolment.anchor_on),
            anchor => one.enrolment.anchor_on.to_string(),
            is_newest => in_force.is_some_and(|known| known.version == one.enrolment.version),
            choices => known.iter().filter(fits).map(titled).collect::<Vec<_>>(),
        }
    };
    let is_on = |id: &str| active.iter().any(|one| one.enrolment.protocol == id);
    let has_main = active.iter().any(|one| !one.protocol.add_on);
    let addable = known.iter().filter(|one| !is_on(&one.protocol.id) && (one.protocol.add_on || !has_main));
    context! {
        code => patient.reference.as_str(),
        name => patient.name.expose(),
        active => active.iter().map(course).collect::<Vec<_>>(),
        addable => addable.map(titled).collect::<Vec<_>>(),
        error => "",
        refused => refused.words(),
    }
}

fn checked(signed_in: &SignedIn, patient: &Patient, fields: &FormFields, preview: &PlanPreview) -> Value {
    let kept = fields.starting("").filter(|(name, _)| !matches!(*name, "mark" | "act"));
    let zones = ZoneChange { was: &patient.zone, is: &patient.zone };
    context! {
        code => patient.reference.as_str(),
        kept => kept.map(|(name, word)| context! { name, word }).collect::<Vec<_>>(),
        change => plan_outlook::change_words(&preview.change, zones, signed_in),
        differences => preview.differences.iter().map(difference).collect::<Vec<_>>(),
    }
}

/// What becomes of the due dates of one protocol.
fn difference(one: &PlanDifference) -> Value {
    let found = &one.difference;
    let line = |line: &DiffLine| {
        context! {
            series => machine_words::series(&line.series),
            before => line.before.map(day),
            after => line.after.map(day),
        }
    };
    let booked = found.booked.iter().map(|date| {
        context! { series => machine_words::series(&date.series), on => day(date.on), counts_for => date.counts_for.map(day), stays => date.stays }
    });
    let words = found.words.iter().map(|change| {
        let series = change.series.as_deref().map(machine_words::series);
        context! { series, parts => change.parts.join(", ") }
    });
    context! {
        protocol => one.protocol.clone(),
        is_over => found.versions.1.is_none(),
        is_new_version => found.versions.1.as_ref().is_some_and(|is| *is != found.versions.0),
        ahead => found.ahead.iter().take(LISTED).map(line).collect::<Vec<_>>(),
        more => found.ahead.len().saturating_sub(LISTED),
        past => found.past.iter().map(line).collect::<Vec<_>>(),
        booked => booked.collect::<Vec<_>>(),
        words => words.collect::<Vec<_>>(),
    }
}
