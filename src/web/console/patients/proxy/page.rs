//! Who acts for a patient, who did, and the forms that record it or end it. What it does to her letters is shown before anything
//! is written; what a colleague changed meanwhile is not overwritten.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};

use super::form::{self, ProxyRules};
use crate::care::patient::Patient;
use crate::care::record::version::record_version;
use crate::journey::commands::patient_record::{self, RecordCorrection};
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
use crate::web::console::layout::{machine_words, page};
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
    page::blocking(signed_in, move |signed_in| {
        by_reference::of(signed_in, &reference, |patient| {
            signed_in.saw(ViewedPage::Patient, patient.reference.as_str());
            shown(signed_in, patient, StatusCode::OK, &ProxyDraft::default())
        })
    })
    .await
}

/// Checks what was typed, writes it down, or ends it.
pub(in crate::web::console) async fn submit(
    Path(reference): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        by_reference::of(signed_in, &reference, |patient| submitted(signed_in, patient, &fields))
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
    match (&change, fields.get("act")) {
        (ProxyChange::Record(new), "check") => {
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
        _ => written(signed_in, patient, fields, change),
    }
}

fn written(signed_in: &SignedIn, patient: &Patient, fields: &FormFields, change: ProxyChange) -> Response {
    let notice = match change {
        ProxyChange::Record(_) => Notice::ProxyRecorded,
        ProxyChange::End(_) => Notice::ProxyEnded,
    };
    let correction = Correction { proxy: Some(change), ..Correction::default() };
    let seen = fields.get("version").to_owned();
    let ask = RecordCorrection { whose: patient.reference.clone(), seen, correction };
    let clinic = signed_in.clinic();
    match patient_record::correct_record(clinic, signed_in.stamp(), ask) {
        Ok(()) => {
            clinic.bells.letters.notify_one();
            page::saved(signed_in, &format!("/patients/{}", patient.reference.in_path()), notice)
        }
        Err(StepError::Record(RecordError::Changed)) => {
            let refused = RefusedForm::new(fields, vec![FieldFault::new("proxy_name", CHANGED)]);
            shown(signed_in, patient, StatusCode::CONFLICT, &ProxyDraft { refused, effect: None })
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
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
