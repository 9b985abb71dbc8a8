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
use crate::web::console::time_format::{Face, plain};

/// Every protocol in force, and older versions that patients are still on.
pub(super) async fn list(visitor: SignedIn) -> Response {
    layout::beside(visitor, all).await
}

fn all(visitor: &SignedIn) -> Response {
    let face = Face::of(visitor);
    let lines = visitor.clinic().store.read(|view| -> Result<Vec<Value>, StepError> {
        let versions = view.protocol_versions()?.into_iter();
        let shown = versions.filter(|version| version.patients > 0 || in_force(visitor, version.id));
        shown.map(|version| line(view, visitor, (&version, &face))).collect()
    });
    match lines {
        Ok(lines) => layout::page(visitor, "protocols", context! { lines }),
        Err(fault) => error_page::failed(&visitor.rooms, &fault),
    }
}

/// One version: its series, how often, and which letters and tasks go with them.
pub(super) async fn look(visitor: SignedIn, Path(id): Path<i64>) -> Response {
    layout::beside(visitor, move |visitor| shown(visitor, ProtocolVersionId(id))).await
}

fn shown(visitor: &SignedIn, id: ProtocolVersionId) -> Response {
    let face = Face::of(visitor);
    let words = visitor.clinic().store.read(|view| -> Result<Value, StepError> {
        let versions = view.protocol_versions()?;
        let known = versions.into_iter().find(|version| version.id == id);
        let version = known.ok_or_else(|| crate::store::error::StoreError::not_found("protocol version"))?;
        let protocol = visitor.clinic().shelf.get(view, id)?;
        let series: Vec<Value> = protocol.series.iter().map(owed).collect();
        Ok(context! { series, anchor => plain(&protocol.anchor), ..line(view, visitor, (&version, &face))? })
    });
    match words {
        Ok(words) => layout::page(visitor, "protocol", words),
        Err(fault) => error_page::failed(&visitor.rooms, &fault),
    }
}

fn in_force(visitor: &SignedIn, id: ProtocolVersionId) -> bool {
    visitor.rooms.furniture.in_force.contains(&id)
}

fn line(view: &View<'_>, visitor: &SignedIn, (version, face): (&Version, &Face)) -> Result<Value, StepError> {
    let protocol = visitor.clinic().shelf.get(view, version.id)?;
    let Protocol { title, source, verified, add_on, .. } = &*protocol;
    Ok(context! {
        id => version.id.0,
        name => version.protocol.clone(),
        version => version.version.clone(),
        since => face.moment(version.published_at),
        patients => version.patients,
        in_force => in_force(visitor, version.id),
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
