//! The faults of a staged file as a CSV file, for whoever mends them in a spreadsheet.

use axum::extract::Path;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::care::roster::row_verdict::StagedVerdict;
use crate::exchange::roster::cells::neutral;
use crate::journey::errors::step::StepError;
use crate::store::roster::staged::{StagedId, StagedPage, StagedRow};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::imports::column_words::KeptFault;
use crate::web::console::layout::page;
use crate::web::locale::reader::ReaderWords;

/// Rows asked for at once.
const ROWS: u32 = 1000;

/// Every fault, a line each.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| match written(signed_in, StagedId(id)) {
        Ok(text) => {
            let mut response = text.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
            let name = HeaderValue::from_static("attachment; filename=\"faults.csv\"");
            headers.insert(header::CONTENT_DISPOSITION, name);
            response
        }
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

fn written(signed_in: &SignedIn, id: StagedId) -> Result<Vec<u8>, StepError> {
    let (store, reader) = (&signed_in.clinic().store, ReaderWords::of(&signed_in.language));
    store.read(|view| view.staged(id))?;
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let mut all =
        vec![["line", "reference", "column", "problem", "what to do"].map(|name| reader.said(name))];
    let mut after = 0;
    loop {
        let page = StagedPage { verdict: StagedVerdict::Faulty, after, limit: ROWS };
        let rows = store.read(|view| view.staged_page(id, &page))?.rows;
        let Some(last) = rows.last() else { break };
        after = last.line;
        all.extend(rows.iter().flat_map(|row| lines(row, &reader)));
    }
    for line in all {
        // Nothing but memory takes it: it cannot fail.
        drop(csv.write_record(line.iter().map(|cell| neutral(cell).into_owned())));
    }
    Ok(csv.into_inner().unwrap_or_default())
}

fn lines(row: &StagedRow, reader: &ReaderWords) -> Vec<[String; 5]> {
    let cells: Vec<String> = serde_json::from_str(&row.cells).unwrap_or_default();
    let code = cells.into_iter().next().unwrap_or_default();
    let of = |fault: &KeptFault| {
        let [column, problem, hint] = fault.cells().map(|cell| reader.said(&cell));
        [row.line.to_string(), code.clone(), column, problem, hint]
    };
    KeptFault::read(row.faults.as_deref()).iter().map(of).collect()
}
