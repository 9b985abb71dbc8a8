//! The test alert: sent down the ladder, and confirmed for each rung by the code that its own letter or call brought.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use minijinja::{Value, context};

use crate::care::alert::cover::{CoverFacts, is_told_in_time, proved_until};
use crate::care::alert::escalation::Rung;
use crate::journey::alerts::cover;
use crate::journey::alerts::test_alert::{self, TestReply};
use crate::journey::errors::step::StepError;
use crate::store::alerts::test_alerts::{AskedRung, RungReach};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::refused_form::RefusedForm;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::layout::{page, step_words};
use crate::web::locale::reader::ReaderWords;

/// What of the page is filled in.
#[derive(Default)]
struct CodeForm {
    /// The code that a letter's link brought along.
    code: String,
    /// What was not taken.
    refused: RefusedForm,
}

/// Shows who on the ladder has proved to be reached, and when the last test alert left.
pub(in crate::web::console) async fn show(signed_in: SignedIn) -> Response {
    page::blocking(signed_in, |signed_in| shown(signed_in, StatusCode::OK, &CodeForm::default())).await
}

/// The same, from the link in a test letter: its code is filled in, and nothing is confirmed by looking.
pub(in crate::web::console) async fn show_code(signed_in: SignedIn, Path(code): Path<String>) -> Response {
    let form = CodeForm { code, refused: RefusedForm::default() };
    page::blocking(signed_in, move |signed_in| shown(signed_in, StatusCode::OK, &form)).await
}

fn shown(signed_in: &SignedIn, status: StatusCode, form: &CodeForm) -> Response {
    match words(signed_in, form) {
        Ok(words) => page::with_status(signed_in, status, "test-alert", words),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn words(signed_in: &SignedIn, form: &CodeForm) -> Result<Value, StepError> {
    let (clinic, times, now) = (signed_in.clinic(), TimeFormat::from(signed_in), signed_in.now);
    let reader = ReaderWords::of(&signed_in.language);
    clinic.store.read(|view| {
        let sent = view.last_test_at(now)?;
        let since = sent.map_or(now, |at| at.saturating_sub(SignedDuration::from_secs(1)).unwrap_or(at));
        let asked = view.asked_rungs(since)?;
        let newest: Vec<&AskedRung> = asked.iter().filter(|one| one.test == asked[0].test).collect();
        let notes = newest.first().map(|one| view.test_notes(one.test)).transpose()?.unwrap_or_default();
        let facts = clinic.care.proof.map(|proof| cover::facts(view, proof, now)).transpose()?;
        let rungs = clinic.care.ladder.rungs.iter().map(|rung| {
            let told = rung_words(rung, &newest, facts.as_ref(), &times);
            let proof = newest.iter().find(|one| one.who == rung.who).and_then(|one| one.confirmed.as_ref());
            let by = proof.map(|(by, at)| context! { who => reader.person(by), at => times.moment(*at) });
            context! { by, ..told }
        });
        Ok(context! {
            sent_at => sent.map(|at| times.moment(at)),
            rungs => rungs.collect::<Vec<_>>(),
            notes => notes.iter().map(|note| context! {
                by => reader.person(&note.by), at => times.moment(note.at), note => note.note.clone(),
            }).collect::<Vec<_>>(),
            open => view.has_open_test()?,
            next_at => test_alert::next_test_at(view, clinic, now)?.map(|at| times.moment(at)),
            uncovered => view.missing_cover()?,
            code => form.code.clone(),
            refused => form.refused.words(),
        })
    })
}

/// One step of the ladder: what became of its letter, and whether it is proved.
fn rung_words(rung: &Rung, newest: &[&AskedRung], facts: Option<&CoverFacts>, times: &TimeFormat) -> Value {
    let asked = newest.iter().find(|one| one.who == rung.who);
    let letter = asked.map_or("not asked yet", |one| match one.reach {
        RungReach::Told => "the mail server or the pager took it",
        RungReach::Waiting => "has not left yet, or was refused",
    });
    let until = facts.and_then(|facts| proved_until(&rung.who, facts)).filter(|until| *until > times.now);
    context! {
        name => rung.who.name.clone(),
        letter,
        number => asked.map(|one| one.letter.0),
        until => until.map(|until| times.moment(until)),
        refused => facts.is_some_and(|facts| facts.unreachable.contains(&rung.who.address)),
        late => !is_told_in_time(rung),
    }
}

/// Sends one, takes a code, or keeps a note.
pub(in crate::web::console) async fn submit(SignedPost { signed_in, fields }: SignedPost) -> Response {
    let clinic = signed_in.clinic();
    let done = match fields.get("act") {
        "send" => cover::test(clinic, signed_in.stamp()).await.map(|_| Notice::TestSent),
        "confirm" => answer(&signed_in, TestReply::Code(fields.note("code")), Notice::TestConfirmed).await,
        "note" => answer(&signed_in, TestReply::Note(fields.note("note")), Notice::TestNoted).await,
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    match done {
        Ok(notice) => page::saved(&signed_in, "/test-alert", notice),
        Err(fault) => match step_words::field(&fault) {
            Some(field) => refused(signed_in, &fields, &fault, field).await,
            None => page::failed(&signed_in, &fault),
        },
    }
}

async fn answer(signed_in: &SignedIn, reply: TestReply, notice: Notice) -> Result<Notice, StepError> {
    cover::answer(signed_in.clinic(), signed_in.stamp(), reply).await.map(|_| notice)
}

async fn refused(signed_in: SignedIn, fields: &FormFields, fault: &StepError, field: &str) -> Response {
    let refused = RefusedForm::new(fields, vec![step_words::beside(field, fault)]);
    let form = CodeForm { code: fields.get("code").to_owned(), refused };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    page::blocking(signed_in, move |signed_in| shown(signed_in, status, &form)).await
}
