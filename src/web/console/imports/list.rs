//! The first page of an import: a file is sent; files that wait, and imports on record.

use std::sync::Arc;

use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::roster::booking_list::BOOKINGS_A_DAY;
use crate::exchange::roster::columns::{self, ColumnNames};
use crate::exchange::roster::dates::Order;
use crate::exchange::roster::rows;
use crate::journey::commands::staged_imports;
use crate::journey::errors::step::StepError;
use crate::store::error::StoreError;
use crate::store::roster::imports::{ImportId, ImportRecord};
use crate::store::roster::staged::{NewStaged, StagedId};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::auth::upload::SignedUpload;
use crate::web::console::imports::{change, work};
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::locale::reader::ReaderWords;

/// Imports on a page.
const IMPORTS: u32 = 50;

/// Which imports are looked at.
#[derive(Deserialize)]
pub(in crate::web::console) struct ImportsQuery {
    /// Those before this one.
    before: Option<i64>,
}

/// Shows the form, what waits, and what was taken in.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<ImportsQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| shown(signed_in, &ask, &RefusedForm::default())).await
}

fn shown(signed_in: &SignedIn, ask: &ImportsQuery, refused: &RefusedForm) -> Response {
    let status = if refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    match words(signed_in, ask, refused) {
        Ok(words) => page::with_status(signed_in, status, "import", words),
        Err(fault) => page::failed(signed_in, &fault.into()),
    }
}

fn words(signed_in: &SignedIn, ask: &ImportsQuery, refused: &RefusedForm) -> Result<Value, StoreError> {
    let (times, reader) = (TimeFormat::from(signed_in), ReaderWords::of(&signed_in.language));
    signed_in.clinic().store.read(|view| {
        let staged = view.staged_imports()?;
        let found = view.imports(ask.before.map(ImportId), IMPORTS)?;
        let waiting = staged.iter().map(|one| {
            context! { id => one.id.0, at => times.moment(one.at), by => reader.person(&one.by) }
        });
        Ok(context! {
            waiting => waiting.collect::<Vec<_>>(),
            imports => found.rows.iter().map(|one| line(one, &times, &reader)).collect::<Vec<_>>(),
            next => found.next().map(|one| one.id.0),
            is_later => ask.before.is_some(),
            a_day => BOOKINGS_A_DAY,
            columns => columns::known().collect::<Vec<_>>().join(","),
            refused => refused.words(),
        })
    })
}

/// An import in a list.
pub(in crate::web::console::imports) fn line(
    one: &ImportRecord,
    times: &TimeFormat,
    reader: &ReaderWords,
) -> Value {
    context! {
        id => one.id.0,
        at => times.moment(one.at),
        by => reader.person(&one.by),
        added => one.added,
        changed => one.changed,
        undone => one.undone.as_ref().map(|undone| {
            context! { at => times.moment(undone.at), by => reader.person(&undone.by), removed => undone.removed }
        }),
    }
}

/// Takes a file, reads its header, and looks through its rows where the header says what each column is.
pub(in crate::web::console) async fn upload(
    SignedUpload { signed_in, fields, content }: SignedUpload,
) -> Response {
    let typed = RefusedForm::new(&fields, Vec::new());
    let done = match page::off_thread(&signed_in, move |signed_in| stage(signed_in, &fields, content)).await {
        Ok(done) => done,
        Err(broken) => return broken,
    };
    match done {
        Ok(file) => {
            if file.is_matched {
                work::look(signed_in, file.id).await;
            }
            change::to(file.id)
        }
        Err(Ok(fault)) => {
            let refused = typed.with(fault);
            page::blocking(signed_in, move |signed_in| {
                shown(signed_in, &ImportsQuery { before: None }, &refused)
            })
            .await
        }
        Err(Err(fault)) => page::failed(&signed_in, &fault),
    }
}

/// A file that was staged.
struct UploadedFile {
    id: StagedId,
    /// Whether its header says what each column is.
    is_matched: bool,
}

/// Reads the header of a file and stages it.
fn stage(
    signed_in: &SignedIn,
    fields: &FormFields,
    content: Vec<u8>,
) -> Result<UploadedFile, Result<FieldFault, StepError>> {
    let fault = |field: &str, text: &str| Err(Ok(FieldFault::new(field, text)));
    if content.is_empty() {
        return fault("file", "Choose a file: CSV, or a workbook (.xlsx, .ods).");
    }
    let a_day = fields.get("a_day").parse().ok().filter(|n| (1..=1000).contains(n));
    let Some(bookings_a_day) = a_day else { return fault("a_day", "Give a number from 1 to 1000.") };
    let given = |name: &str| Some(fields.get(name).to_owned()).filter(|text| !text.is_empty());
    let (sheet, dates) = (given("sheet"), given("dates").filter(|word| Order::parse(word).is_some()));
    let content: Arc<[u8]> = Arc::from(content);
    let header = rows::header(&content, sheet.as_deref());
    let names = header.map_err(|faults| Ok(FieldFault::new("file", work::in_words(&faults))))?;
    let new = NewStaged {
        sheet,
        dates,
        bookings_a_day,
        columns: serde_json::json!(names).to_string(),
        content: content.to_vec(),
    };
    let store = &signed_in.clinic().store;
    let id = staged_imports::stage_blocking(store, signed_in.stamp(), new).map_err(Err)?;
    if !columns::are_ours(&names) {
        return Ok(UploadedFile { id, is_matched: false });
    }
    let file = store.read(|view| view.staged(id)).map_err(|fault| Err(fault.into()))?;
    match change::matched(signed_in, &file, ColumnNames::default()) {
        Ok(()) => Ok(UploadedFile { id, is_matched: true }),
        Err(refused) => {
            // A file that cannot be read as rows is of no use to anybody.
            staged_imports::discard_blocking(store, signed_in.stamp(), id).map_err(Err)?;
            Err(refused.map(|why| FieldFault::new("file", why)))
        }
    }
}
