//! A record is corrected on a page, in two steps: what was typed is checked, with what it changes of her letters; then somebody
//! confirms. What a colleague changed meanwhile is shown and not overwritten.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::civil::Date;
use minijinja::{Value, context};

use crate::care::address::EmailAddress;
use crate::care::patient::{Patient, Reference};
use crate::care::record::field_check::{self, FieldFault};
use crate::care::record::version::record_version;
use crate::journey::commands::patient_record::{self, RecordCorrection};
use crate::journey::commands::record_preview::{self, CorrectionPreview};
use crate::journey::errors::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::amend::Correction;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::layout::{error_page, page};
use crate::web::console::patients::field_reader::{self, FieldReader};

/// Every field of the form, with what it is called.
const FIELDS: [(&str, &str); 7] = [
    ("name", "Name"),
    ("birth_date", "Date of birth"),
    ("email", "E-mail address"),
    ("language", "Language of letters"),
    ("time_zone", "Time zone"),
    ("detail", "How much letters say"),
    ("shared_inbox", "Others read this inbox"),
];

/// A text for every field.
type FieldTexts = BTreeMap<&'static str, String>;

/// A form as it is shown: whose record it corrects, what stands in it, and what is wrong.
struct CorrectForm<'a> {
    patient: &'a Patient,
    texts: FieldTexts,
    faults: BTreeMap<String, String>,
    error: &'a str,
}

/// The form, filled with the record as it stands.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(reference): Path<String>) -> Response {
    page::blocking(signed_in, move |signed_in| match whose(signed_in, &reference) {
        Ok(patient) => {
            signed_in.saw("correct", patient.reference.as_str());
            let texts = on_record(&patient);
            let form = CorrectForm { patient: &patient, texts, faults: BTreeMap::new(), error: "" };
            shown(signed_in, StatusCode::OK, form)
        }
        Err(page) => page,
    })
    .await
}

/// Checks what was typed, goes back to it, or writes it down.
pub(in crate::web::console) async fn submit(
    Path(reference): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    page::blocking(signed_in, move |signed_in| match whose(signed_in, &reference) {
        Ok(patient) => submitted(signed_in, &patient, &fields),
        Err(page) => page,
    })
    .await
}

fn whose(signed_in: &SignedIn, reference: &str) -> Result<Patient, Response> {
    let reference = Reference::parse(reference)
        .map_err(|_| error_page::of_status(&signed_in.app, StatusCode::NOT_FOUND))?;
    let found = signed_in.clinic().store.read(|view| view.patient_by_reference(&reference));
    found.map_err(|fault| error_page::failed(&signed_in.app, &fault.into()))
}

fn submitted(signed_in: &SignedIn, patient: &Patient, fields: &FormFields) -> Response {
    let mut reader = FieldReader::new(fields);
    let languages = &signed_in.app.deps.languages;
    let correction = read(&mut reader, patient, languages, TimeFormat::of(signed_in).today());
    let texts = typed(fields);
    if fields.get("act") == "edit" || !reader.faults.is_empty() {
        let status = if reader.faults.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        return shown(signed_in, status, CorrectForm { patient, texts, faults: reader.faults, error: "" });
    }
    let seen = fields.get("version").to_owned();
    let ask = RecordCorrection { whose: patient.reference.clone(), seen, correction };
    let (clinic, stamp) = (signed_in.clinic(), signed_in.stamp());
    let done = match fields.get("act") {
        "confirm" => patient_record::correct_record(clinic, stamp, ask).map(|()| None),
        _ => record_preview::preview_correction(clinic, stamp, ask).map(Some),
    };
    match done {
        Ok(Some(preview)) => checked(signed_in, patient, &texts, &preview),
        Ok(None) => {
            clinic.bells.letters.notify_one();
            Redirect::to(&format!("/patients/{}", patient.reference.as_str())).into_response()
        }
        Err(fault) => failed(signed_in, CorrectForm { patient, texts, faults: reader.faults, error: "" }, &fault),
    }
}

/// The step's refusal: beside the address, or above the form with the record as it stands now.
fn failed(signed_in: &SignedIn, mut form: CorrectForm<'_>, fault: &StepError) -> Response {
    let words = fault.to_string();
    match fault {
        StepError::Record(RecordError::SharedInbox) => {
            form.faults.insert("email".to_owned(), words);
            shown(signed_in, StatusCode::UNPROCESSABLE_ENTITY, form)
        }
        StepError::Record(RecordError::Changed) => {
            let error = "Somebody else has changed this record meanwhile. The form shows it as it stands now; where you had \
                         typed something else, that stands beside the field.";
            let now = on_record(form.patient);
            for (name, _) in FIELDS.into_iter().filter(|(name, _)| now.get(name) != form.texts.get(name)) {
                let had = form.texts.get(name).map_or("", String::as_str);
                form.faults.insert(name.to_owned(), format!("you had typed: {had}"));
            }
            form.texts = now;
            shown(signed_in, StatusCode::CONFLICT, CorrectForm { error, ..form })
        }
        _ => error_page::failed(&signed_in.app, fault),
    }
}

/// What differs from the record, with every fault.
fn read(reader: &mut FieldReader<'_>, patient: &Patient, languages: &[String], today: Date) -> Correction {
    let email = reader.may("email", field_reader::address);
    if patient.email.is_some() && reader.fields.get("email").is_empty() {
        let fault = FieldFault::new(
            "an address on record is not taken away here",
            "correct it, or change where she stands: `opted out email` or `address bad`",
        );
        reader.fault("email", &fault);
    }
    Correction {
        name: reader.need("name", field_reader::name),
        birth_on: reader.need("birth_date", |text| field_reader::birth_date(text, today)),
        email,
        language: reader.need("language", |text| field_check::written(text, languages)),
        zone: reader.need("time_zone", field_reader::time_zone),
        detail: reader.need("detail", field_reader::detail),
        shared_inbox: Some(reader.fields.get("shared_inbox") == "yes"),
    }
}

fn on_record(patient: &Patient) -> FieldTexts {
    let email = patient.email.as_ref().map(EmailAddress::expose).unwrap_or_default();
    let shared = if patient.shared_inbox { "yes" } else { "no" };
    BTreeMap::from([
        ("name", patient.name.expose().to_owned()),
        ("birth_date", patient.birth_on.to_string()),
        ("email", email.to_owned()),
        ("language", patient.language.clone()),
        ("time_zone", patient.zone.clone()),
        ("detail", patient.detail.word().to_owned()),
        ("shared_inbox", shared.to_owned()),
    ])
}

fn typed(fields: &FormFields) -> FieldTexts {
    let text = |name| match name {
        "shared_inbox" if fields.get(name) != "yes" => "no".to_owned(),
        _ => fields.get(name).to_owned(),
    };
    FIELDS.into_iter().map(|(name, _)| (name, text(name))).collect()
}

fn shown(signed_in: &SignedIn, status: StatusCode, form: CorrectForm<'_>) -> Response {
    let CorrectForm { patient, texts, faults, error } = form;
    let fault = |(name, _): (&'static str, &str)| (name, faults.get(name).cloned().unwrap_or_default());
    let words = context! {
        code => patient.reference.as_str(),
        version => record_version(patient),
        languages => signed_in.app.deps.languages.clone(),
        is_faulty => !faults.is_empty(),
        faults => FIELDS.into_iter().map(fault).collect::<BTreeMap<_, _>>(),
        typed => texts,
        error,
    };
    page::with_status(signed_in, status, "correct", words)
}

fn checked(
    signed_in: &SignedIn,
    patient: &Patient,
    texts: &FieldTexts,
    preview: &CorrectionPreview,
) -> Response {
    let now = on_record(patient);
    let changes: Vec<Value> = FIELDS
        .into_iter()
        .filter(|(name, _)| now.get(name) != texts.get(name))
        .map(|(name, title)| context! { name, title, before => now.get(name), after => texts.get(name) })
        .collect();
    let zone = |name: &str| crate::care::time::zone::resolve(name).map(|found| found.zone).ok();
    let (was_in, is_in) = (zone(&patient.zone), texts.get("time_zone").and_then(|name| zone(name)));
    let hour = |at: jiff::Timestamp, zone: &Option<jiff::tz::TimeZone>| {
        let zone = zone.clone().unwrap_or(jiff::tz::TimeZone::UTC);
        at.to_zoned(zone).strftime("%-d %b %Y, %H:%M (%Z)").to_string()
    };
    let moved = preview.moved.iter().take(20).map(|(was, is)| {
        context! { title => is.title.clone(), due => day(is.due_on), before => hour(was.at, &was_in), after => hour(is.at, &is_in) }
    });
    let words = context! {
        code => patient.reference.as_str(),
        version => record_version(patient),
        typed => texts,
        changes,
        kept => preview.kept,
        moves => preview.moved.len(),
        moved => moved.collect::<Vec<_>>(),
        alike => preview.alike.clone(),
    };
    page::render(signed_in, "correct-check", words)
}
