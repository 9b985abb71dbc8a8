//! `aftercare restore --rehearse`: proves that the newest copy can take the database's place, without touching it.

use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::operate::database::owner_files::StagedSource;
use crate::cli::run_as;
use crate::daemon::backup::copy_pace::{self, CopyPace};
use crate::daemon::backup::rehearse::{RehearseJob, rehearse};
use crate::daemon::files::look_deadline;
use crate::journey::operations::restore::rehearsal;
use crate::store::database::OpenMode;

/// Restores a copy, or the newest, into a scratch directory, shows what came of it, and records it where the database can be
/// had: a copy is worth proving where it cannot, too.
///
/// # Errors
/// 1 when the copy could not take the database's place; 69 when a disk that is needed does not answer.
pub(super) fn run(file: Option<&Path>, ctx: &Context) -> Result<(), Failure> {
    file.map_or(Ok(()), answers)?;
    // Before anything steps down to the owner of the database: the file may be root's alone.
    let staged = file.map(|file| StagedSource::take(file, ctx)).transpose()?.flatten();
    let config = ctx.config()?.clone();
    run_as::take_on(&config.database.path)?;
    let stamp = ctx.stamp();
    let today = stamp.at.to_zoned(config.clinic.zone.clone()).date();
    let (copies, journal) = (&config.backup.directory, &config.database.journal);
    answers(copies)?;
    answers(journal)?;
    let copy = staged.as_ref().map(StagedSource::path).or(file).map(Path::to_owned);
    let clock = ctx.world().clock;
    let pace = CopyPace::beside(
        &config.database.path,
        copy_pace::COMMAND,
        Arc::clone(&clock),
        CancellationToken::new(),
    );
    let pace = Arc::new(pace);
    let mut found =
        rehearse(&RehearseJob { copies, copy, journal, today, stamp: stamp.clone(), clock: &*clock, pace });
    if let (Some(_), Some(file)) = (&staged, file) {
        found.copy = file.display().to_string();
    }
    let noted = found.clone();
    // What is said of another file than the newest is no news of the newest.
    if file.is_none() && config.database.path.exists() {
        let store = ctx.store(OpenMode::Existing)?;
        rehearsal::record_found(&store, stamp, noted)?;
        ctx.changed()?;
    }
    let words = |out: &mut dyn std::io::Write| {
        writeln!(out, "copy:     {}", if found.copy.is_empty() { "none" } else { &found.copy })?;
        match &found.fault {
            Some(why) => writeln!(out, "restored: no: {why}"),
            None => writeln!(
                out,
                "restored: yes, in {} ms: {} patients, {} letters; the sent journal knows {} events after it",
                found.took_ms, found.patients, found.letters, found.events_since
            ),
        }
    };
    match &found.fault {
        None => ctx.show(&found, words),
        Some(_) => {
            let failure = Failure::failed("the copy cannot take the database's place").hint(
                "make a new one with `aftercare backup FILE`, rehearse that one, and mend what is named",
            );
            ctx.show_failed(failure, &found, words)
        }
    }
}

/// Whoever touches a disk that hangs can neither go on nor be ended.
fn answers(place: &Path) -> Result<(), Failure> {
    look_deadline::silence(place).map_or(Ok(()), |fault| {
        Err(Failure::unavailable(fault.to_string())
            .hint("bring it back (`findmnt -T PATH` shows what is mounted there), then try again"))
    })
}
