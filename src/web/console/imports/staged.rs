//! The page of a staged file: its columns to match, or how far a look is, or what each row would do.

use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::roster::row_verdict::StagedVerdict;
use crate::exchange::roster::columns;
use crate::journey::errors::step::StepError;
use crate::store::roster::staged::{StagedId, StagedImport, StagedPage};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::imports::column_words::label;
use crate::web::console::imports::jobs::{JobEnd, JobKind, JobView};
use crate::web::console::imports::row_words;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::RefusedForm;
use crate::web::console::layout::time_format::TimeFormat;

/// Rows on a page.
const ROWS: u32 = 50;

/// Which rows are looked at.
#[derive(Deserialize, Default)]
pub(in crate::web::console) struct RowsQuery {
    /// Those with this verdict.
    #[serde(default)]
    show: String,
    /// Only rows after this line of the file.
    #[serde(default)]
    after: i64,
}

/// Shows where a staged file stands.
pub(in crate::web::console) async fn show(
    signed_in: SignedIn,
    Path(id): Path<i64>,
    Query(ask): Query<RowsQuery>,
) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, StagedId(id), &ask)).await
}

fn shown(signed_in: &SignedIn, id: StagedId, ask: &RowsQuery) -> Response {
    let job = signed_in.console.imports.of(id);
    if let Some(JobView { end: Some(JobEnd::Admitted(import)), .. }) = &job {
        let to = import.map_or("/import".to_owned(), |import| format!("/imports/{}", import.0));
        return Redirect::to(&to).into_response();
    }
    if let Some(job) = job.as_ref().filter(|job| job.end.is_none()) {
        return page::render(signed_in, "import-progress", progress(id, job));
    }
    let refused = job.and_then(|job| match job.end {
        Some(JobEnd::Refused(why)) => Some(why),
        _ => None,
    });
    let staged = match signed_in.clinic().store.read(|view| view.staged(id)) {
        Ok(staged) => staged,
        Err(fault) => return page::failed(signed_in, &fault.into()),
    };
    if !staged.is_matched {
        return matching(signed_in, &staged, &RefusedForm::default());
    }
    match rows(signed_in, &staged, ask) {
        Ok(words) => page::render(signed_in, "import-check", context! { broken => refused, ..words }),
        Err(fault) => page::failed(signed_in, &fault),
    }
}

fn progress(id: StagedId, job: &JobView) -> Value {
    context! { id => id.0, done => job.done.min(job.total), total => job.total, checks => job.kind == JobKind::Check }
}

/// The form that says what each column stands for.
pub(in crate::web::console::imports) fn matching(
    signed_in: &SignedIn,
    staged: &StagedImport,
    refused: &RefusedForm,
) -> Response {
    let names = match staged.names() {
        Ok(names) => names,
        Err(fault) => return page::failed(signed_in, &fault.into()),
    };
    let ours: Vec<Value> =
        columns::known().map(|column| context! { word => column, text => label(column) }).collect();
    let fields = names.iter().enumerate().filter(|(_, name)| !name.is_empty()).map(|(at, name)| {
        let field = format!("column.{at}");
        let typed = refused.typed(&field);
        let chosen = if typed.is_empty() { columns::guess(name).unwrap_or_default() } else { typed };
        context! { field, name, chosen => chosen.to_owned() }
    });
    let status = match refused.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let needed: Vec<&str> = columns::REQUIRED.iter().map(|column| label(column)).collect();
    let words = context! {
        id => staged.id.0, ours, needed, fields => fields.collect::<Vec<_>>(), refused => refused.words(),
    };
    page::with_status(signed_in, status, "import-columns", words)
}

fn rows(signed_in: &SignedIn, staged: &StagedImport, ask: &RowsQuery) -> Result<Value, StepError> {
    let times = TimeFormat::from(signed_in);
    let id = staged.id;
    signed_in.clinic().store.read(|view| {
        let mut counts = Vec::new();
        for verdict in StagedVerdict::ALL {
            counts.push((verdict, view.staged_count(id, verdict)?));
        }
        let first = counts.iter().find(|(_, count)| *count > 0).map(|(verdict, _)| *verdict);
        let verdict = StagedVerdict::parse(&ask.show).or(first).unwrap_or(StagedVerdict::Faulty);
        let found = view.staged_page(id, &StagedPage { verdict, after: ask.after, limit: ROWS })?;
        let count = |of: StagedVerdict| counts.iter().find(|(one, _)| *one == of).map_or(0, |(_, n)| *n);
        let tabs = counts.iter().map(|(one, count)| {
            context! { word => one.word(), name => row_words::heading(*one), count, chosen => *one == verdict }
        });
        let (new, changed) = (count(StagedVerdict::New), count(StagedVerdict::Changed));
        Ok(context! {
            id => id.0,
            at => times.moment(staged.at),
            checked => staged.checked_at.is_some(),
            tabs => tabs.collect::<Vec<_>>(),
            verdict => verdict.word(),
            heading => row_words::heading(verdict),
            rows => found.rows.iter().map(row_words::words).collect::<Vec<_>>(),
            next => found.next().map(|row| row.line),
            is_later => ask.after > 0,
            after => ask.after,
            new, changed,
            faulty => count(StagedVerdict::Faulty),
            a_day => staged.bookings_a_day,
        })
    })
}
