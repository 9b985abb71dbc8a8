//! The open alerts, a page at a time: those that ring, those taken on, mine.

use axum::extract::Query;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::store::alerts::alert_pages::{AlertFilter, AlertScope};
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::filter_link::{FilterLink, filter_links};
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::worklist::call_lines::alert_to_ring;
use crate::web::locale::reader::ReaderWords;

/// Alerts on a page.
const ALERTS: u32 = 50;

/// Which part of the list is looked at.
#[derive(Deserialize)]
pub(in crate::web::console) struct AlertQuery {
    /// `ringing`, `taken` or `mine`; any other word is all that are open.
    #[serde(default)]
    only: String,
    /// What comes after this place.
    #[serde(default)]
    after: String,
}

/// Shows a page of the open alerts.
pub(in crate::web::console) async fn show(signed_in: SignedIn, Query(ask): Query<AlertQuery>) -> Response {
    page::blocking(signed_in, move |signed_in| {
        signed_in.listed("alerts");
        match signed_in.clinic().store.read(|view| words(view, signed_in, &ask)) {
            Ok(words) => page::render(signed_in, "alerts", words),
            Err(fault) => page::failed(signed_in, &fault.into()),
        }
    })
    .await
}

fn words(view: &View<'_>, signed_in: &SignedIn, ask: &AlertQuery) -> Result<Value, StoreError> {
    let times = TimeFormat::of(signed_in);
    let scope = match ask.only.as_str() {
        "ringing" => AlertScope::Ringing,
        "taken" | "mine" => AlertScope::Taken,
        _ => AlertScope::Open,
    };
    let owner = (ask.only == "mine").then(|| signed_in.who.name.clone());
    let filter = AlertFilter { scope, owner, after: ask.after.parse().ok(), limit: ALERTS };
    let page = view.alert_page(&filter)?;
    let count = view.alert_count()?;
    let is_mine = filter.owner.is_some();
    let choices = [
        ("All that are open", "", scope == AlertScope::Open, Some(count.ringing + count.taken)),
        ("Ringing", "ringing", scope == AlertScope::Ringing, Some(count.ringing)),
        ("Taken on", "taken", scope == AlertScope::Taken && !is_mine, Some(count.taken)),
        ("Mine", "mine", is_mine, None),
    ];
    let address =
        |only: &str| if only.is_empty() { "/alerts".to_owned() } else { format!("/alerts?only={only}") };
    let links = choices.map(|(text, only, on, count)| FilterLink { text, href: address(only), on, count });
    let chosen = choices.iter().find(|choice| choice.2).map_or("", |choice| choice.1);
    let joint = if chosen.is_empty() { "?" } else { "&" };
    let reader = ReaderWords::of(&signed_in.language);
    let shown = page.alerts.iter().map(|(alert, _)| alert_to_ring(view, alert, &times, &reader));
    Ok(context! {
        test => view.has_open_test()?,
        shown => shown.collect::<Result<Vec<_>, _>>()?,
        filters => filter_links(links),
        next => page.next.map(|place| format!("{}{joint}after={place}", address(chosen))),
        first => filter.after.map(|_| address(chosen)),
    })
}
