//! The faults of a staged file as a CSV file, for whoever mends them in a spreadsheet.

use axum::extract::Path;
use axum::response::Response;

use crate::care::roster::row_verdict::StagedVerdict;
use crate::exchange::csv_file::LineEnd;
use crate::journey::errors::step::StepError;
use crate::store::roster::staged::{StagedId, StagedPage, StagedRow};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::imports::column_words::KeptFault;
use crate::web::console::layout::page;
use crate::web::console::reports::csv_table;
use crate::web::locale::reader::ReaderWords;

/// Rows asked for at once.
const ROWS: u32 = 1000;

/// Every fault, a line each.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    page::blocking(signed_in, move |signed_in| match written(signed_in, StagedId(id)) {
        Ok(rows) => csv_table::download_ending("faults", &rows, LineEnd::Crlf),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

fn written(signed_in: &SignedIn, id: StagedId) -> Result<Vec<Vec<String>>, StepError> {
    let (store, reader) = (&signed_in.clinic().store, ReaderWords::of(&signed_in.language));
    store.read(|view| view.staged(id))?;
    let mut all =
        vec![["line", "reference", "column", "problem", "what to do"].map(|name| reader.said(name)).to_vec()];
    let mut after = 0;
    loop {
        let page = StagedPage { verdict: StagedVerdict::Faulty, after, limit: ROWS };
        let rows = store.read(|view| view.staged_page(id, &page))?.rows;
        let Some(last) = rows.last() else { break };
        after = last.line;
        all.extend(rows.iter().flat_map(|row| lines(row, &reader)));
    }
    Ok(all)
}

fn lines(row: &StagedRow, reader: &ReaderWords) -> Vec<Vec<String>> {
    let cells: Vec<String> = serde_json::from_str(&row.cells).unwrap_or_default();
    let code = cells.into_iter().next().unwrap_or_default();
    let of = |fault: &KeptFault| {
        let [column, problem, hint] = fault.cells().map(|cell| reader.said(&cell));
        vec![row.line.to_string(), code.clone(), column, problem, hint]
    };
    KeptFault::read(row.faults.as_deref()).iter().map(of).collect()
}
