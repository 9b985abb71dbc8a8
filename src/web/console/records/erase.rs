//! A record is erased when its time is over: what goes and what stays is shown, one person asks, another agrees.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};

use crate::care::patient::Reference;
use crate::care::record::erasure::ExportProof;
use crate::care::record::retention::{Erasability, KeptReason, RetentionBasis};
use crate::journey::commands::retention::erasure::{self, ErasurePreview, ErasureStep};
use crate::journey::errors::step::StepError;
use crate::store::accounts::record_views::ViewedPage;
use crate::store::people::erasure::request::Erasure;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::machine_words::{self, person};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::{TimeFormat, day};
use crate::web::console::layout::{page, step_words};

/// What erasing her record would come to, and the form that asks for it or agrees.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(code): Path<String>) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, &code, &RefusedForm::default())).await
}

fn shown(signed_in: &SignedIn, code: &str, refused: &RefusedForm) -> Response {
    let Ok(reference) = Reference::parse(code) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    match erasure::preview(signed_in.clinic(), &reference, signed_in.now) {
        Ok(preview) => {
            signed_in.saw(ViewedPage::Patient, preview.patient.reference.as_str());
            let words = context! { refused => refused.words(), ..words(signed_in, &preview) };
            page::with_status(signed_in, status, "erase", words)
        }
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(signed_in: &SignedIn, preview: &ErasurePreview) -> Value {
    let (patient, age, size) = (&preview.patient, &preview.verdict.age, &preview.size);
    let periods = &signed_in.clinic().policy.retention;
    context! {
        code => patient.reference.as_str(),
        name => patient.name.expose(),
        row => patient.id.0,
        status => machine_words::status_name(patient.status),
        status_on => day(age.status_on),
        last_contact_on => day(age.last_contact_on),
        basis => if age.basis() == RetentionBasis::Death { "death" } else { "contact" },
        years => periods.counted_from(age.basis()),
        when => when(&preview.verdict.erasability),
        exported => preview.verdict.is_exported,
        merged => preview.merged.iter().map(|one| one.reference.clone()).collect::<Vec<_>>(),
        size => context! {
            letters => size.letters, answers => size.answers, alerts => size.alerts, tasks => size.tasks,
            messages => size.messages, dates => size.dates,
        },
        asked => preview.asked.as_ref().map(|asked| asked_words(signed_in, asked)),
    }
}

fn when(erasability: &Erasability) -> Value {
    match erasability {
        Erasability::Since(on) => context! { kind => "since", on => day(*on) },
        Erasability::NotBefore(on) => context! { kind => "not-before", on => day(*on) },
        Erasability::NoPeriod => context! { kind => "no-period" },
        Erasability::Kept(kept) => {
            context! { kind => "kept", kept => kept.iter().map(kept_words).collect::<Vec<_>>() }
        }
    }
}

fn kept_words(kept: &KeptReason) -> Value {
    match kept {
        KeptReason::InCare(status) => {
            context! { kind => "care", what => machine_words::status_name(*status) }
        }
        KeptReason::Plan(protocol) => context! { kind => "plan", what => protocol.clone() },
        KeptReason::Alert(id) => context! { kind => "alert", what => id },
        KeptReason::Task(id) => context! { kind => "task", what => id },
        KeptReason::LetterLeaving => context! { kind => "leaving" },
        KeptReason::Hold => context! { kind => "hold" },
        KeptReason::DailyTest => context! { kind => "test" },
    }
}

/// Who asks, for how long, and whether it is the reader.
pub(in crate::web::console::records) fn asked_words(signed_in: &SignedIn, asked: &Erasure) -> Value {
    let times = TimeFormat::from(signed_in);
    context! {
        by => person(&asked.asked_by),
        own => asked.asked_by.eq_ignore_ascii_case(&signed_in.stamp().actor.word()),
        at => times.moment(asked.asked_at),
        until => times.moment(asked.expires_at),
        export => asked.export.word(),
    }
}

/// Asks for it, agrees, or says that the record stays.
pub(in crate::web::console) async fn submit(
    Path(code): Path<String>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        let Ok(whose) = Reference::parse(&code) else { return StatusCode::NOT_FOUND.into_response() };
        let step = match read(&fields, &whose) {
            Ok(step) => step,
            Err(fault) => return shown(signed_in, &code, &RefusedForm::new(&fields, vec![fault])),
        };
        let (path, notice) = match step {
            ErasureStep::Ask(_) => (format!("/erase/{}", whose.in_path()), Notice::ErasureAsked),
            ErasureStep::Agree(_) => ("/retention".to_owned(), Notice::RecordErased),
            ErasureStep::Decline => (format!("/erase/{}", whose.in_path()), Notice::ErasureDeclined),
        };
        match erasure::take(signed_in.clinic(), signed_in.stamp(), whose, step) {
            Ok(()) => page::saved(signed_in, &path, notice),
            Err(fault @ StepError::Erasure(_)) => {
                let field = if fields.get("act") == "ask" { "export" } else { "sure" };
                let fault = step_words::beside(field, &fault);
                shown(signed_in, &code, &RefusedForm::new(&fields, vec![fault]))
            }
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}

fn read(fields: &FormFields, whose: &Reference) -> Result<ErasureStep, FieldFault> {
    match fields.get("act") {
        "agree" if fields.get("sure") == whose.as_str() => {
            Ok(ErasureStep::Agree(fields.get("sure").to_owned()))
        }
        "agree" => {
            let text = format!("Type {} to confirm that this record is erased.", whose.as_str());
            Err(FieldFault::new("sure", text))
        }
        "decline" => Ok(ErasureStep::Decline),
        _ => match ExportProof::parse(fields.get("export")) {
            Some(export) => Ok(ErasureStep::Ask(export)),
            None => {
                let text = "Give the record out first, or say that nobody wants it.";
                Err(FieldFault::new("export", text))
            }
        },
    }
}
