//! Who acts for a patient, who did, and the forms that record it or end it. What it does to her letters is shown before anything
//! is written; what a colleague changed meanwhile is not overwritten.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use super::form::{self, ProxyRules};
use crate::care::patient::Patient;
use crate::care::record::proxy::NewProxy;
use crate::care::record::version::record_version;
use crate::journey::commands::patient_record::{self, RecordCorrection};
use crate::journey::commands::record_preview;
use crate::journey::errors::people::record::RecordError;
use crate::journey::errors::step::StepError;
use crate::journey::patients::amend::Correction;
use crate::journey::patients::proxy::ProxyChange;
use crate::store::accounts::record_views::ViewedPage;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::layout::{machine_words, page, step_words};
use crate::web::console::patients::by_reference;
use crate::web::console::patients::field_reader::FieldReader;

const CHANGED: &str = "Somebody else has changed this record meanwhile. Above stands what is there now, in the form what you \
                       typed.";
const NAMELESS: &str = "The name is empty. Please fill in who acts for her.";
const REASONLESS: &str = "The reason is empty. Please say in a few words why it ends.";

/// What the page shows beside what stands there.
#[derive(Default)]
struct ProxyDraft {
    refused: RefusedForm,
    /// What recording it would do, once it was checked.
    effect: Option<Value>,
}

/// Shows who acts for her.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(reference): Path<String>) -> Response {
    by_reference::page_of(signed_in, reference, |signed_in, patient| {
        signed_in.saw(ViewedPage::Patient, patient.reference.as_str());
        shown(signed_in, patient, StatusCode::OK, &ProxyDraft::default())
    })
    .await
}

/// Checks what was typed, writes it down, or ends it.
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
    let change = match fields.get("act") {
        "end" if fields.get("reason").is_empty() => {
            return refused(signed_in, patient, fields, FieldFault::new("reason", REASONLESS));
        }
        "end" => ProxyChange::End(fields.note("reason")),
        _ => {
            let rules = ProxyRules {
                languages: &signed_in.app.deps.languages,
                own: patient.email.as_ref(),
                today: TimeFormat::from(signed_in).today(),
            };
            let new = form::read(&mut reader, &rules);
            if !reader.is_sound() {
                let draft = ProxyDraft { refused: reader.refused(), effect: None };
                return shown(signed_in, patient, StatusCode::UNPROCESSABLE_ENTITY, &draft);
            }
            let Some(new) = new else {
                return refused(signed_in, patient, fields, FieldFault::new("proxy_name", NAMELESS));
            };
            ProxyChange::Record(Box::new(new))
        }
    };
    let seen = fields.get("version").to_owned();
    let correction = Correction { proxy: Some(change.clone()), ..Correction::default() };
    let ask = RecordCorrection { whose: patient.reference.clone(), seen, correction };
    let (clinic, stamp) = (signed_in.clinic(), signed_in.stamp());
    let done = match (&change, fields.get("act")) {
        (ProxyChange::Record(new), "check") => {
            let tried = record_preview::preview_correction(clinic, stamp, ask);
            tried.map(|_| checked(signed_in, patient, fields, new))
        }
        _ => {
            patient_record::correct_record(clinic, stamp, ask).map(|()| written(signed_in, patient, &change))
        }
    };
    done.unwrap_or_else(|fault| stopped(signed_in, patient, fields, &fault))
}

/// What recording it would do, before anything is written.
fn checked(signed_in: &SignedIn, patient: &Patient, fields: &FormFields, new: &NewProxy) -> Response {
    let until = new.until.map(day);
    let effect = context! {
        name => new.name.expose(),
        email => new.email.expose(),
        language => machine_words::language(&new.language),
        until,
    };
    let draft = ProxyDraft { refused: RefusedForm::new(fields, Vec::new()), effect: Some(effect) };
    shown(signed_in, patient, StatusCode::OK, &draft)
}

fn written(signed_in: &SignedIn, patient: &Patient, change: &ProxyChange) -> Response {
    let notice = match change {
        ProxyChange::Record(_) => Notice::ProxyRecorded,
        ProxyChange::End(_) => Notice::ProxyEnded,
    };
    signed_in.clinic().bells.letters.notify_one();
    page::saved(signed_in, &format!("/patients/{}", patient.reference.in_path()), notice)
}

/// The step's refusal beside the field that it is about.
fn stopped(signed_in: &SignedIn, patient: &Patient, fields: &FormFields, fault: &StepError) -> Response {
    let (status, beside) = match (fault, step_words::field(fault)) {
        (StepError::Record(RecordError::Changed), _) => {
            (StatusCode::CONFLICT, FieldFault::new("proxy_name", CHANGED))
        }
        (_, Some(field)) => (StatusCode::UNPROCESSABLE_ENTITY, step_words::beside(field, fault)),
        (_, None) => return page::failed(signed_in, fault),
    };
    let refused = RefusedForm::new(fields, vec![beside]);
    shown(signed_in, patient, status, &ProxyDraft { refused, effect: None })
}

fn refused(signed_in: &SignedIn, patient: &Patient, fields: &FormFields, fault: FieldFault) -> Response {
    let draft = ProxyDraft { refused: RefusedForm::new(fields, vec![fault]), effect: None };
    shown(signed_in, patient, StatusCode::UNPROCESSABLE_ENTITY, &draft)
}

fn shown(signed_in: &SignedIn, patient: &Patient, status: StatusCode, draft: &ProxyDraft) -> Response {
    match words(signed_in, patient, draft) {
        Ok(words) => page::with_status(signed_in, status, "proxy", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(signed_in: &SignedIn, patient: &Patient, draft: &ProxyDraft) -> Result<Value, StepError> {
    let (all, waiting) = signed_in.clinic().store.read(|view| {
        Ok::<_, StepError>((view.proxies_of(patient.id)?, view.letters_waiting(patient.id)?.len()))
    })?;
    let times = TimeFormat::from(signed_in);
    let (now, past): (Vec<_>, Vec<_>) = all.iter().partition(|one| one.end.is_none());
    Ok(context! {
        code => patient.reference.as_str(),
        own => patient.email.as_ref().map(|email| email.expose().to_owned()),
        own_language => patient.language.clone(),
        now => now.first().map(|one| form::line(one, signed_in)),
        past => past.into_iter().map(|one| form::line(one, signed_in)).collect::<Vec<_>>(),
        waiting,
        version => record_version(patient),
        languages => machine_words::languages(&signed_in.app.deps.languages),
        refused => draft.refused.words(),
        effect => draft.effect.clone(),
        today => times.today().to_string(),
    })
}
