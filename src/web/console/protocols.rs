//! The protocols: which are in force, whether a clinician has signed them, who is on which version, and what they ask for.

use crate::web::console::error_page;
use axum::extract::Path;
use axum::response::Response;
use minijinja::{Value, context};

use super::layout;
use crate::care::plan::protocol::{At, Phase, Protocol, ProtocolStep, Series, Trigger};
use crate::care::time::calendar::{Span, Unit};
use crate::journey::error::StepError;
use crate::store::db::transaction::View;
use crate::store::plan::protocols::{ProtocolVersionId, Version};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::time_format::{TimeFormat, plain};

/// Every protocol in force, and older versions that patients are still on.
pub(super) async fn list(signed_in: SignedIn) -> Response {
    layout::beside(signed_in, all).await
}

fn all(signed_in: &SignedIn) -> Response {
    let times = TimeFormat::of(signed_in);
    let lines = signed_in.clinic().store.read(|view| -> Result<Vec<Value>, StepError> {
        let versions = view.protocol_versions()?.into_iter();
        let shown = versions.filter(|version| version.patients > 0 || in_force(signed_in, version.id));
        shown.map(|version| line(view, signed_in, (&version, &times))).collect()
    });
    match lines {
        Ok(lines) => layout::page(signed_in, "protocols", context! { lines }),
        Err(fault) => error_page::failed(&signed_in.app, &fault),
    }
}

/// One version: its series, how often, and which letters and tasks go with them.
pub(super) async fn look(signed_in: SignedIn, Path(id): Path<i64>) -> Response {
    layout::beside(signed_in, move |signed_in| shown(signed_in, ProtocolVersionId(id))).await
}

fn shown(signed_in: &SignedIn, id: ProtocolVersionId) -> Response {
    let times = TimeFormat::of(signed_in);
    let words = signed_in.clinic().store.read(|view| -> Result<Value, StepError> {
        let versions = view.protocol_versions()?;
        let known = versions.into_iter().find(|version| version.id == id);
        let version = known.ok_or_else(|| crate::store::error::StoreError::not_found("protocol version"))?;
        let protocol = signed_in.clinic().protocol_cache.get(view, id)?;
        let series: Vec<Value> = protocol.series.iter().map(owed).collect();
        Ok(context! { series, anchor => plain(&protocol.anchor), ..line(view, signed_in, (&version, &times))? })
    });
    match words {
        Ok(words) => layout::page(signed_in, "protocol", words),
        Err(fault) => error_page::failed(&signed_in.app, &fault),
    }
}

fn in_force(signed_in: &SignedIn, id: ProtocolVersionId) -> bool {
    signed_in.app.deps.in_force.contains(&id)
}

fn line(
    view: &View<'_>,
    signed_in: &SignedIn,
    (version, times): (&Version, &TimeFormat),
) -> Result<Value, StepError> {
    let protocol = signed_in.clinic().protocol_cache.get(view, version.id)?;
    let Protocol { title, source, verified, add_on, .. } = &*protocol;
    Ok(context! {
        id => version.id.0,
        name => version.protocol.clone(),
        version => version.version.clone(),
        since => times.moment(version.published_at),
        patients => version.patients,
        in_force => in_force(signed_in, version.id),
        title, source, verified, add_on,
    })
}

fn owed(series: &Series) -> Value {
    let grid = series.phases.iter().map(phase);
    let single = series.at.iter().map(|at| format!("once, {} after the anchor", length(*at)));
    let steps = Trigger::ALL
        .into_iter()
        .flat_map(|trigger| series.steps(trigger).iter().map(move |s| step(trigger, s)));
    context! {
        name => series.title.get("en").unwrap_or(&series.id),
        kind => series.kind.word(),
        when => grid.chain(single).collect::<Vec<_>>(),
        steps => steps.collect::<Vec<_>>(),
        prepare => series.prepare.get("en"),
    }
}

fn phase(phase: &Phase) -> String {
    let every = length(phase.every);
    let every = format!("every {}", every.strip_prefix("1 ").unwrap_or(&every));
    let from =
        if phase.after.count == 0 { String::new() } else { format!(", from {} on", length(phase.after)) };
    let until =
        phase.until.map_or_else(|| ", for life".to_owned(), |until| format!(", until {}", length(until)));
    every + &from + &until
}

fn step(trigger: Trigger, step: &ProtocolStep) -> String {
    let from = match trigger {
        Trigger::Remind => "the due date",
        Trigger::Booked => "the booked date",
        Trigger::Missed => "the missed date",
    };
    let when = match step.at {
        At::AfterTwoMisses => "after two without an answer".to_owned(),
        At::Offset(at) if at.count == 0 => format!("on {from}"),
        At::Offset(at) if at.count < 0 => format!("{} before {from}", length(at)),
        At::Offset(at) => format!("{} after {from}", length(at)),
    };
    let what = if step.is_staff_task() { "a task for staff" } else { "a letter" };
    format!("{}: {what}, {when}", plain(&step.name))
}

/// `3 months`, `1 day`.
fn length(span: Span) -> String {
    let unit = match span.unit {
        Unit::Days => "day",
        Unit::Weeks => "week",
        Unit::Months => "month",
        Unit::Years => "year",
    };
    let count = span.count.unsigned_abs();
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
