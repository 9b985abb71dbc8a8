//! A record is corrected on a page, in two steps: what was typed is checked, with what it changes of her letters; then somebody
//! confirms. What a colleague changed meanwhile is shown and not overwritten.

use std::collections::BTreeMap;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::civil::Date;
use minijinja::{Value, context};

use crate::care::address::EmailAddress;
use crate::care::patient::Patient;
use crate::care::record::field_check::{self, EntryFault};
use crate::care::record::version::record_version;
use crate::journey::commands::patient_record::{self, RecordCorrection};
use crate::journey::commands::record_preview::{self, CorrectionPreview};
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::amend::{AddressChange, Correction};
use crate::store::accounts::record_views::ViewedPage;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::layout::{machine_words, page, step_words};
use crate::web::console::patients::by_reference;
use crate::web::console::patients::field_reader::{self, CLINICS, FieldReader};
use crate::web::console::patients::plan_outlook::{self, ZoneChange};
use crate::web::locale::reader::ReaderWords;

/// Every field of the form, with what it is called.
const FIELDS: [(&str, &str); 7] = [
    ("name", "Name"),
    ("birth_date", "Date of birth"),
    ("email", "E-mail address"),
    ("shared_inbox", "Others read this inbox"),
    ("language", "Language of letters"),
    ("time_zone", "Time zone"),
    ("detail", "How much letters say"),
];

/// Told above the form that a colleague was quicker.
const CHANGED: &str = "Somebody else has changed this record meanwhile. The form shows it as it stands now; where you had typed \
                       something else, that stands beside the field.";

/// A text for every field.
type FieldTexts = BTreeMap<&'static str, String>;

/// The form, filled with the record as it stands.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(reference): Path<String>) -> Response {
    by_reference::page_of(signed_in, reference, |signed_in, patient| {
        signed_in.saw(ViewedPage::Patient, patient.reference.as_str());
        let filled = CorrectionForm::of(patient);
        let words = form(signed_in, patient, &filled, &RefusedForm::default());
        page::render(signed_in, "correct", words)
    })
    .await
}

/// Checks what was typed, goes back to it, or writes it down.
pub(in crate::web::console) async fn submit(
    Path(reference): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    by_reference::page_of(signed_in, reference, move |signed_in, patient| {
        submitted(signed_in, patient, &fields)
    })
    .await
}

fn submitted(signed_in: &SignedIn, patient: &Patient, fields: &FormFields) -> Response {
    let mut reader = FieldReader::new(fields);
    let languages = &signed_in.app.deps.languages;
    let correction = read(&mut reader, patient, languages, TimeFormat::from(signed_in).today());
    let filled =
        CorrectionForm { texts: typed(fields), had: had(fields), version: fields.get("version").to_owned() };
    let is_sound = reader.is_sound();
    if fields.get("act") == "edit" || !is_sound {
        let status = if is_sound { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let words = form(signed_in, patient, &filled, &reader.refused());
        return page::with_status(signed_in, status, "correct", words);
    }
    let seen = filled.version.clone();
    let ask = RecordCorrection { whose: patient.reference.clone(), seen, correction };
    let (clinic, stamp) = (signed_in.clinic(), signed_in.stamp());
    let done = match fields.get("act") {
        "confirm" => patient_record::correct_record(clinic, stamp, ask).map(|()| None),
        _ => record_preview::preview_correction(clinic, stamp, ask).map(Some),
    };
    match done {
        Ok(Some(preview)) => {
            page::render(signed_in, "correct-check", checked(signed_in, patient, &filled, &preview))
        }
        Ok(None) => {
            clinic.bells.letters.notify_one();
            page::saved(
                signed_in,
                &format!("/patients/{}", patient.reference.in_path()),
                Notice::RecordCorrected,
            )
        }
        Err(StepError::Record(RecordError::Changed)) => overtaken(signed_in, patient, fields),
        Err(fault) => match step_words::field(&fault) {
            None => page::failed(signed_in, &fault),
            Some(field) => {
                let refused = RefusedForm::new(fields, vec![step_words::beside(field, &fault)]);
                let words = form(signed_in, patient, &filled, &refused);
                page::with_status(signed_in, StatusCode::UNPROCESSABLE_ENTITY, "correct", words)
            }
        },
    }
}

/// The form as the record stands now, with what was typed otherwise beside each field.
fn overtaken(signed_in: &SignedIn, patient: &Patient, fields: &FormFields) -> Response {
    let (now, typed) = (on_record(patient), typed(fields));
    // What she left as it was when she opened the form, she did not type.
    let differs = |name: &str| {
        let had = typed.get(name).map_or("", String::as_str);
        fields.get(&format!("had_{name}")) != had && now.get(name).map(String::as_str) != Some(had)
    };
    let reader = ReaderWords::of(&signed_in.language);
    let fault = |(name, _): (&'static str, _)| {
        let had = typed.get(name).map_or("", String::as_str);
        FieldFault::new(name, format!("You had typed: {}.", shown(name, had, &reader)))
    };
    let faults = FIELDS.into_iter().filter(|(name, _)| differs(name)).map(fault).collect();
    let words = form(signed_in, patient, &CorrectionForm::of(patient), &RefusedForm::new(fields, faults));
    let words = context! { error => CHANGED, ..words };
    page::with_status(signed_in, StatusCode::CONFLICT, "correct", words)
}

/// What the form asks for, with every fault.
fn read(reader: &mut FieldReader<'_>, patient: &Patient, languages: &[String], today: Date) -> Correction {
    let email = reader.may("email", field_reader::address);
    if patient.email.is_some() && reader.fields.get("email").is_empty() {
        let fault = EntryFault::new(
            "on record is not taken away here",
            "correct it, or change where she stands: no letters by e-mail, or address does not work",
        );
        reader.fault("email", &fault);
    }
    Correction {
        name: reader.need("name", field_reader::name),
        birth_on: reader.need("birth_date", |text| field_reader::birth_date(text, today)),
        email: email.map(AddressChange::Replaced),
        language: reader.need("language", |text| field_check::written(text, languages)),
        zone: reader.need("time_zone", field_reader::time_zone),
        detail: reader.need("detail", field_reader::detail_choice),
        shared_inbox: Some(reader.fields.get("shared_inbox") == "yes"),
        contact: None,
        proxy: None,
    }
}

/// What stands in the form, and which version of the record it was filled in against: whatever comes back to be mended keeps
/// it, or a colleague's change in between would be overwritten.
struct CorrectionForm {
    texts: FieldTexts,
    /// The texts with which the form was opened.
    had: FieldTexts,
    version: String,
}

impl CorrectionForm {
    /// As the record stands now.
    fn of(patient: &Patient) -> Self {
        Self { texts: on_record(patient), had: on_record(patient), version: record_version(patient) }
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
        ("detail", if patient.detail_follows { CLINICS } else { patient.detail.word() }.to_owned()),
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

/// What stood in the form when it was opened, as the form brings it along.
fn had(fields: &FormFields) -> FieldTexts {
    FIELDS.into_iter().map(|(name, _)| (name, fields.get(&format!("had_{name}")).to_owned())).collect()
}

/// A field's text as a person reads it: what is the program's own is said to them.
fn shown(name: &str, text: &str, reader: &ReaderWords) -> String {
    match (name, text) {
        (_, "") => reader.said("nothing"),
        ("language", code) => reader.said(&machine_words::language(code)),
        ("detail", CLINICS) => reader.said("as the clinic decides"),
        ("detail" | "shared_inbox", word) => reader.said(word),
        (_, text) => text.to_owned(),
    }
}

fn form(signed_in: &SignedIn, patient: &Patient, filled: &CorrectionForm, refused: &RefusedForm) -> Value {
    context! {
        code => patient.reference.as_str(),
        version => filled.version.clone(),
        had => filled.had.clone(),
        languages => machine_words::languages(&signed_in.app.deps.languages),
        texts => filled.texts.clone(),
        clinics => signed_in.clinic().policy.detail.word(),
        error => "",
        refused => refused.words(),
    }
}

fn checked(
    signed_in: &SignedIn,
    patient: &Patient,
    filled: &CorrectionForm,
    preview: &CorrectionPreview,
) -> Value {
    let reader = ReaderWords::of(&signed_in.language);
    let texts = &filled.texts;
    let now = on_record(patient);
    let text = |of: &FieldTexts, name: &str| shown(name, of.get(name).map_or("", String::as_str), &reader);
    let changes = FIELDS.into_iter().filter(|(name, _)| now.get(name) != texts.get(name)).map(
        |(name, title)| context! { name, title, before => text(&now, name), after => text(texts, name) },
    );
    let zone = texts.get("time_zone").map_or(patient.zone.as_str(), String::as_str);
    context! {
        code => patient.reference.as_str(),
        version => filled.version.clone(),
        had => filled.had.clone(),
        texts,
        changes => changes.collect::<Vec<_>>(),
        change => plan_outlook::change_words(&preview.change, ZoneChange { was: &patient.zone, is: zone }, signed_in),
        alike => preview.alike.clone(),
    }
}
