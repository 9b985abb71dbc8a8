//! The alerts, a page at a time: those that ring, those taken on, mine, and those that have ended.

use axum::extract::Query;
use axum::response::Response;
use minijinja::{Value, context};
use serde::Deserialize;

use crate::store::alerts::alert_pages::{AlertCount, AlertFilter, AlertScope};
use crate::store::alerts::lifecycle::AlertId;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::filter_link::{FilterLink, filter_links};
use crate::web::console::layout::page;
use crate::web::console::layout::time_format::TimeFormat;
use crate::web::console::worklist::call_lines::alert_to_ring;
use crate::web::console::worklist::lines::alert_line;
use crate::web::locale::reader::ReaderWords;

/// Alerts on a page.
const ALERTS: u32 = 50;
/// The word for those that have ended.
const CLOSED: &str = "closed";

/// Which part of the list is looked at.
#[derive(Deserialize)]
pub(in crate::web::console) struct AlertQuery {
    /// `ringing`, `taken`, `mine` or `closed`; any other word is all that are open.
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
    if ask.only == CLOSED {
        return closed(view, signed_in, ask);
    }
    let times = TimeFormat::from(signed_in);
    let scope = match ask.only.as_str() {
        "ringing" => AlertScope::Ringing,
        "taken" | "mine" => AlertScope::Taken,
        _ => AlertScope::Open,
    };
    let owner = (ask.only == "mine").then(|| signed_in.who.name.clone());
    let filter = AlertFilter { scope, owner, after: ask.after.parse().ok(), limit: ALERTS };
    let page = view.alert_page(&filter)?;
    let count = view.alert_count()?;
    let chosen = match (scope, filter.owner.is_some()) {
        (AlertScope::Open, _) => "",
        (AlertScope::Ringing, _) => "ringing",
        (AlertScope::Taken, false) => "taken",
        (AlertScope::Taken, true) => "mine",
    };
    let joint = if chosen.is_empty() { "?" } else { "&" };
    let reader = ReaderWords::of(&signed_in.language);
    let shown = page.alerts.iter().map(|(alert, _)| alert_to_ring(view, alert, &times, &reader));
    Ok(context! {
        test => view.has_open_test()?,
        shown => shown.collect::<Result<Vec<_>, _>>()?,
        ended => Vec::<Value>::new(),
        only_closed => false,
        filters => tabs(count, chosen),
        next => page.next.map(|place| format!("{}{joint}after={place}", address(chosen))),
        first => filter.after.map(|_| address(chosen)),
    })
}

/// The alerts that have ended, newest first.
fn closed(view: &View<'_>, signed_in: &SignedIn, ask: &AlertQuery) -> Result<Value, StoreError> {
    let (times, reader) = (TimeFormat::from(signed_in), ReaderWords::of(&signed_in.language));
    let before = ask.after.parse().ok().map(AlertId);
    let page = view.alerts_closed(before, ALERTS)?;
    let shown = page.alerts.iter().map(|alert| alert_line(alert, &times, &reader));
    Ok(context! {
        test => view.has_open_test()?,
        shown => Vec::<Value>::new(),
        ended => shown.collect::<Vec<_>>(),
        only_closed => true,
        filters => tabs(view.alert_count()?, CLOSED),
        next => page.next.map(|id| format!("{}&after={}", address(CLOSED), id.0)),
        first => before.map(|_| address(CLOSED)),
    })
}

fn address(only: &str) -> String {
    if only.is_empty() { "/alerts".to_owned() } else { format!("/alerts?only={only}") }
}

/// The parts of the list; those that have ended are not counted, they only grow.
fn tabs(count: AlertCount, chosen: &str) -> Value {
    let choices = [
        ("All that are open", "", Some(count.ringing + count.taken)),
        ("Ringing", "ringing", Some(count.ringing)),
        ("Taken on", "taken", Some(count.taken)),
        ("Mine", "mine", None),
        ("Closed", CLOSED, None),
    ];
    filter_links(choices.map(|(text, only, count)| FilterLink {
        text,
        href: address(only),
        on: only == chosen,
        count,
    }))
}
