//! Who looked at which record, for leads and administrators: all of it, of one account, or of one patient.

use axum::extract::Query;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::care::patient::{PatientId, Reference};
use crate::journey::errors::step::StepError;
use crate::store::accounts::record_views::{RecordView, ViewFilter, ViewPage, ViewedPage};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::row_page::RowPage;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;

/// Looks on a page.
const LISTED: u32 = 50;
/// Looks on a patient's page.
const NEWEST: u32 = 10;

/// Whose looks, or looks at whom.
#[derive(Deserialize)]
pub(in crate::web::console) struct ViewsQuery {
    #[serde(default)]
    by: String,
    #[serde(default)]
    code: String,
    before: Option<i64>,
}

/// Shows the looks that the filter asks for, the newest first.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<ViewsQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| match words(signed_in, &ask) {
        Ok(words) => page::render(signed_in, "views", words),
        Err(fault) => page::failed(signed_in, &fault),
    })
    .await
}

fn words(signed_in: &SignedIn, ask: &ViewsQuery) -> Result<Value, StepError> {
    let times = TimeFormat::from(signed_in);
    let (by, code) = (ask.by.trim(), ask.code.trim());
    signed_in.clinic().store.read(|view| {
        let staff = view.staff()?;
        let names: Vec<String> = staff.iter().map(|one| one.name.clone()).collect();
        let filter = match (by, Reference::parse(code)) {
            ("", Ok(reference)) => {
                view.patient_by_reference(&reference).ok().map(|one| ViewFilter::Of(one.id))
            }
            ("", Err(_)) => code.is_empty().then_some(ViewFilter::Any),
            (name, _) => staff.iter().find(|one| one.name == name).map(|one| ViewFilter::By(one.id)),
        };
        let found = match filter {
            Some(filter) => view.record_views(ViewPage { filter, before: ask.before, limit: LISTED })?,
            None => RowPage::empty(),
        };
        let next = found.next().map(|one| one.id);
        let shown: Vec<Value> = found.rows.iter().map(|one| line(one, &times)).collect();
        Ok(context! { shown, next, by, code, names, later => ask.before.is_some() })
    })
}

/// The newest looks at one record, for her page.
///
/// # Errors
/// [`StoreError`] when SQL fails.
pub(in crate::web::console) fn newest(
    view: &View<'_>,
    patient: PatientId,
    times: &TimeFormat,
) -> Result<Vec<Value>, StoreError> {
    let page = ViewPage { filter: ViewFilter::Of(patient), before: None, limit: NEWEST };
    Ok(view.record_views(page)?.rows.iter().map(|one| line(one, times)).collect())
}

fn line(one: &RecordView, times: &TimeFormat) -> Value {
    let what = match one.page {
        ViewedPage::Patient => "her page",
        ViewedPage::Answers => "answers of hers",
        ViewedPage::Alert => "an alert about her",
        ViewedPage::Task => "a task about her",
        ViewedPage::Letter => "a letter to her",
    };
    context! { at => times.moment(one.seen_at), name => one.name.clone(), code => one.reference.clone(), what }
}
