//! `aftercare alerts close` with several numbers: each is closed alike, and by itself.

use std::io::Write;

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::journey::commands::alike;
use crate::journey::deps::Deps;
use crate::journey::operations::close_alert::ClosureRequest;
use crate::store::db::transaction::Stamp;

/// Who closes, on what.
pub(super) struct AlikeRequest<'c> {
    pub(super) clinic: &'c Deps,
    pub(super) stamp: Stamp,
}

/// Several are closed alike; what follows is chosen for each by itself.
pub(super) fn close(
    ctx: &Context,
    ids: &[i64],
    stamped: AlikeRequest<'_>,
    ending: ClosureRequest,
) -> Result<(), Failure> {
    if !ending.steps.is_empty() || ending.says_none {
        return Err(Failure::bad_input("`--follow` goes with one alert").hint("close them one by one"));
    }
    let AlikeRequest { clinic, stamp } = stamped;
    let ended = ctx.runtime()?.block_on(alike::close_alerts(clinic, stamp, ids.to_vec(), ending.closure))?;
    ctx.changed()?;
    let stays = ended.refused.iter().map(|one| json!({ "id": one.id, "why": one.why.to_string() }));
    let document = json!({ "closed": ended.closed, "open": stays.collect::<Vec<_>>() });
    let words = |out: &mut dyn Write| {
        writeln!(out, "closed: {}", ended.closed.len())?;
        ended.refused.iter().try_for_each(|one| writeln!(out, "alert {} stays open: {}", one.id, one.why))
    };
    match ended.refused.len() {
        0 => ctx.show(&document, words),
        open => ctx.show_failed(stay_open(open, ids.len()), &document, words),
    }
}

/// Some of several could not be closed.
pub(super) fn stay_open(open: usize, all: usize) -> Failure {
    Failure::bad_input(format!("{open} of {all} stay open")).hint("what is said of each tells why")
}
