//! What is done to a staged file by its forms: matched, mended, looked through again, taken in, discarded.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::Path;
use axum::response::{IntoResponse, Redirect, Response};

use crate::exchange::roster::columns::{self, ColumnNames};
use crate::exchange::roster::rows;
use crate::exchange::roster::rules::{Origin, RosterSource};
use crate::journey::commands::roster::Terms;
use crate::journey::commands::staged_imports::{self, MatchedFile};
use crate::journey::errors::step::StepError;
use crate::journey::roster::staged_import::MendedRow;
use crate::store::roster::staged::{StagedId, StagedImport, StagedRow};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::{SignedIn, SignedPost};
use crate::web::console::imports::column_words::label;
use crate::web::console::imports::{staged, work};
use crate::web::console::layout::notice::Notice;
use crate::web::console::layout::page;
use crate::web::console::layout::refused_form::{FieldFault, RefusedForm};

/// Where a staged file is looked at.
pub(in crate::web::console::imports) fn to(id: StagedId) -> Response {
    Redirect::to(&format!("/import/{}", id.0)).into_response()
}

/// Says what each column stands for; then every row is looked through.
pub(in crate::web::console) async fn columns(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let id = StagedId(id);
    let file = match signed_in.clinic().store.read(|view| view.staged(id)) {
        Ok(file) if !file.is_matched => file,
        Ok(_) => return to(id),
        Err(fault) => return page::failed(&signed_in, &fault.into()),
    };
    let names = match file.names() {
        Ok(names) => names,
        Err(fault) => return page::failed(&signed_in, &fault.into()),
    };
    let chosen: Vec<&str> = (0..names.len()).map(|at| fields.get(&format!("column.{at}"))).collect();
    let mut faults = doubled(&chosen);
    faults.extend(missing(&chosen));
    if !faults.is_empty() {
        return staged::matching(&signed_in, &file, &RefusedForm::new(&fields, faults));
    }
    let mut meant = ColumnNames::default();
    names.iter().zip(&chosen).for_each(|(name, column)| meant.set(name, column));
    let own = file.clone();
    let done = match page::off_thread(&signed_in, move |signed_in| matched(signed_in, &own, meant)).await {
        Ok(done) => done,
        Err(broken) => return broken,
    };
    match done {
        Ok(()) => {
            work::look(signed_in, id).await;
            to(id)
        }
        Err(Ok(why)) => {
            let fault = FieldFault::new("column.0", why);
            staged::matching(&signed_in, &file, &RefusedForm::new(&fields, vec![fault]))
        }
        Err(Err(fault)) => page::failed(&signed_in, &fault),
    }
}

/// Two columns that stand for the same.
fn doubled(chosen: &[&str]) -> Vec<FieldFault> {
    let again = |at: usize, column: &str| !column.is_empty() && chosen[..at].contains(&column);
    let both = chosen.iter().enumerate().filter(|(at, column)| again(*at, column));
    let fault = |(at, column): (usize, &&str)| {
        let text = format!("Another column stands for \"{}\" already. Choose each only once.", label(column));
        FieldFault::new(format!("column.{at}"), text)
    };
    both.map(fault).collect()
}

/// What must be there and no column stands for.
fn missing(chosen: &[&str]) -> Option<FieldFault> {
    let lost: Vec<&str> = columns::REQUIRED
        .iter()
        .filter(|column| !chosen.contains(*column))
        .map(|column| label(column))
        .collect();
    let text = format!("Choose a column for: {}.", lost.join(", "));
    (!lost.is_empty()).then(|| FieldFault::new("column.0", text))
}

/// Reads the rows of a file with what its columns stand for, and puts them in its place.
///
/// # Errors
/// What keeps the file out, in words for a page; or the step's own.
pub(in crate::web::console::imports) fn matched(
    signed_in: &SignedIn,
    file: &StagedImport,
    names: ColumnNames,
) -> Result<(), Result<String, StepError>> {
    let store = &signed_in.clinic().store;
    let content = store.read(|view| view.staged_content(file.id)).map_err(|fault| Err(fault.into()))?;
    let source = RosterSource::Content(Arc::from(content));
    let origin = Origin { source, sheet: file.sheet.clone(), names };
    let read = rows::staged(&origin).map_err(|faults| Ok(work::in_words(&faults)))?;
    let rows = read.into_iter().map(|row| StagedRow {
        line: i64::try_from(row.line).unwrap_or(i64::MAX),
        cells: serde_json::json!(row.cells).to_string(),
        verdict: None,
        faults: None,
    });
    let matched = serde_json::json!(columns::known().collect::<Vec<_>>()).to_string();
    let matched = MatchedFile { matched, rows: rows.collect() };
    staged_imports::match_blocking(store, signed_in.stamp(), file.id, matched).map_err(Err)
}

/// Keeps what was mended and looks through every row again.
pub(in crate::web::console) async fn mend(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let id = StagedId(id);
    match page::off_thread(&signed_in, move |signed_in| mended(signed_in, id, &fields)).await {
        Ok(Ok(())) => {
            work::look(signed_in, id).await;
            to(id)
        }
        Ok(Err(fault)) => page::failed(&signed_in, &fault),
        Err(broken) => broken,
    }
}

fn mended(signed_in: &SignedIn, id: StagedId, fields: &FormFields) -> Result<(), StepError> {
    let mut typed: BTreeMap<i64, Vec<(usize, &str)>> = BTreeMap::new();
    for (name, text) in fields.starting("cell.") {
        let place = name.split_once('.').and_then(|(line, at)| Some((line.parse().ok()?, at.parse().ok()?)));
        let Some((line, at)) = place else { continue };
        typed.entry(line).or_default().push((at, text));
    }
    let store = &signed_in.clinic().store;
    let mut rows = Vec::new();
    for (line, cells) in typed {
        let before = store.read(|view| view.staged_cells(id, line))?;
        let mut after = before.clone();
        for (at, text) in cells {
            if let Some(cell) = after.get_mut(at) {
                *cell = text.trim().chars().take(2000).collect();
            }
        }
        if after != before {
            rows.push(MendedRow { line, cells: serde_json::json!(after).to_string() });
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    staged_imports::mend_blocking(store, signed_in.stamp(), id, rows)
}

/// Takes the rows in: all of them, or those without a fault.
pub(in crate::web::console) async fn take(
    Path(id): Path<i64>,
    SignedPost { signed_in, fields }: SignedPost,
) -> Response {
    let id = StagedId(id);
    if let Err(fault) = signed_in.clinic().store.read(|view| view.staged(id)) {
        return page::failed(&signed_in, &fault.into());
    }
    let terms = if fields.get("partial") == "yes" { Terms::Partial } else { Terms::Whole };
    work::take_in(signed_in, id, terms).await;
    to(id)
}

/// Deletes the file and all that was read from it.
pub(in crate::web::console) async fn discard(
    Path(id): Path<i64>,
    SignedPost { signed_in, .. }: SignedPost,
) -> Response {
    page::blocking(signed_in, move |signed_in| {
        match staged_imports::discard_blocking(&signed_in.clinic().store, signed_in.stamp(), StagedId(id)) {
            Ok(()) => page::saved(signed_in, "/import", Notice::ImportDiscarded),
            Err(fault) => page::failed(signed_in, &fault),
        }
    })
    .await
}
