//! A patient's whole record, as a page to print or as a file. Asked for by a form, because it is noted that it is given out.

use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use minijinja::context;

use super::record_words;
use crate::care::patient::Reference;
use crate::care::record::export_reason::{ExportForm, ExportReason};
use crate::exchange::fhir::bundle;
use crate::exchange::patient_record;
use crate::journey::commands::record_export::{self, ExportRequest};
use crate::journey::errors::step::StepError;
use crate::store::accounts::record_views::ViewedPage;
use crate::store::error::StoreError;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};

/// What is kept about her, how much of it, and the form that gives it out.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(code): Path<String>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        shown(signed_in, &code, StatusCode::OK, &RefusedForm::default())
    })
    .await
}

fn shown(signed_in: &SignedIn, code: &str, status: StatusCode, refused: &RefusedForm) -> Response {
    let Ok(reference) = Reference::parse(code) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    signed_in.saw(ViewedPage::Patient, reference.as_str());
    match signed_in.clinic().store.read(|view| view.whole_record(&reference)) {
        Ok(record) => {
            let words = context! {
                code => reference.as_str(),
                name => record.patient.name.expose(),
                parts => record_words::parts(&record),
                reasons => ExportReason::ALL.map(|one| context! { word => one.word(), text => reason(one) }).to_vec(),
                forms => ExportForm::ALL.map(|one| context! { word => one.word(), text => form(one) }).to_vec(),
                refused => refused.words(),
            };
            page::with_status(signed_in, status, "export", words)
        }
        Err(fault) => page::failed(signed_in, &fault.into()),
    }
}

const fn reason(reason: ExportReason) -> &'static str {
    match reason {
        ExportReason::Asked => "she, or who acts for her, asked for it",
        ExportReason::Treatment => "for whoever treats her too, or next",
        ExportReason::Authority => "a court or an authority asked for it",
        ExportReason::BeforeErasing => "to keep it elsewhere before it is erased here",
    }
}

const fn form(form: ExportForm) -> &'static str {
    match form {
        ExportForm::Print => "A page to read and print",
        ExportForm::Json => "A file with everything (JSON)",
        ExportForm::Fhir => {
            "A file for other hospital systems (FHIR): record, plan, dates, letters and messages"
        }
    }
}

/// Notes that it is given out, and gives it.
pub(in crate::web::console) async fn submit(
    Path(code): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let Ok(whose) = Reference::parse(&code) else {
            return StatusCode::NOT_FOUND.into_response();
        };
        let (why, form) = (ExportReason::parse(fields.get("why")), ExportForm::parse(fields.get("as")));
        let (Some(why), Some(form)) = (why, form) else {
            let field = if why.is_none() { "why" } else { "as" };
            let text =
                if why.is_none() { "Choose why it is given out." } else { "Choose as what it is given out." };
            let refused = RefusedForm::new(&fields, vec![FieldFault::new(field, text)]);
            return shown(signed_in, &code, StatusCode::UNPROCESSABLE_ENTITY, &refused);
        };
        let request = ExportRequest { whose: whose.clone(), why, form };
        let noted = record_export::note(signed_in.clinic(), signed_in.stamp(), request);
        match noted.and_then(|_| given(signed_in, &whose, form)) {
            Ok(response) => response,
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

fn given(signed_in: &SignedIn, whose: &Reference, form: ExportForm) -> Result<Response, StepError> {
    let clinic = signed_in.clinic();
    match form {
        ExportForm::Print => {
            let words = clinic.store.read(|view| {
                let record = view.whole_record(whose)?;
                record_words::whole(view, &record, signed_in)
            })?;
            Ok(page::render(signed_in, "record", words))
        }
        ExportForm::Json => {
            let record = clinic.store.read(|view| view.whole_record(whose))?;
            Ok(file(&patient_record::document(&record, signed_in.now), "record.json"))
        }
        ExportForm::Fhir => {
            let base = format!("https://{}/fhir", clinic.policy.message_id_domain);
            let bundle = clinic.store.read(|view| -> Result<_, StoreError> {
                bundle::of_one(view, &base, &view.patient_by_reference(whose)?)
            })?;
            Ok(file(&bundle, "record-fhir.json"))
        }
    }
}

/// A file whose name tells nobody whose it is.
fn file(document: &serde_json::Value, name: &str) -> Response {
    let attached = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let attached = attached.unwrap_or(HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    let body = format!("{document:#}\n");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, attached)], body).into_response()
}
