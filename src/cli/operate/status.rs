//! `aftercare status`: one screen on how the whole stands, for whoever runs the machine.

mod format;
mod json;
mod lines;
mod shown;

use std::path::Path;

use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::daemon::files::missing_database::is_none_lost;
use crate::journey::operations::condition::ops_findings::Severity;
use crate::store::database::OpenMode;

/// Show on one screen how the whole stands
///
/// Daemon, letters, mail server, alerts with their clock, tasks, cover, the daily test, copies, disk, and below what needs a
/// person, the gravest first. It changes nothing. It ends with 0 when all is well, 1 when something needs a look in working
/// hours, 2 when it is not well: letters or alerts do not work, the database cannot be read, or patients may come to harm.
/// Monitoring plugins read the same numbers so; any other code says that it could not look.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  aftercare status\n  aftercare status --json | jq .findings\n  watch --color aftercare status"
)]
pub struct StatusArgs {}

/// Looks at everything and shows it.
///
/// # Errors
/// 1 when something needs a look, 2 when it is not well or the database cannot be read; what else keeps it from looking has a
/// code of its own.
pub fn run(_args: &StatusArgs, ctx: &Context) -> Result<(), Failure> {
    let config = ctx.config()?;
    let database = &config.database;
    // Without its key too: what there was of it still stands in its journal.
    let lost = match database.path.exists() {
        true => Ok(()),
        false => is_none_lost(&database.path, &database.journal).map_err(Failure::from),
    };
    let looked = lost.and_then(|()| ctx.store(OpenMode::AsItIs));
    let looked = looked.and_then(|store| shown::look(ctx, config, &store));
    let shown = looked.map_err(|failure| unseen(failure, &config.database.path))?;
    let document = json::of(&shown, config);
    let words = |out: &mut dyn std::io::Write| lines::write(out, &shown, config);
    let count = shown.findings.len();
    let failure = match shown.findings.first().map(|finding| finding.severity) {
        None => return ctx.show(&document, words),
        Some(Severity::Look) => Failure::failed(format!("{count} of these need a look")),
        Some(Severity::NotWell) => Failure::new(Exit::NotWell, "it is not well"),
    };
    ctx.show_failed(failure.hint("see docs/operating.md, What to do when…"), &document, words)
}

/// What kept it from looking. 1 would tell a monitoring plugin that it can wait until the morning.
fn unseen(failure: Failure, database: &Path) -> Failure {
    // What passes, and who may not look at all, says nothing of the database.
    if !matches!(failure.exit, Exit::Failed | Exit::BadConfiguration | Exit::Unavailable) {
        return failure;
    }
    let failure = Failure { exit: Exit::NotWell, ..failure.about(database) };
    let sentence = format!("the database cannot be read: {}", failure.error);
    let finding = serde_json::json!({ "name": "database", "severity": "not-well", "sentence": sentence });
    Failure { error: sentence, ..failure }
        .with_report(&serde_json::json!({ "state": "not-well", "findings": [finding] }))
}
