//! What belongs to the copies besides making them: each goes to a second place, a restore is rehearsed once a month, the sent
//! journal is looked at, and its oldest files go.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use tokio_util::sync::CancellationToken;

use crate::care::task::TaskKind;
use crate::care::time::span::earlier;
use crate::daemon::assembly::engine::Engine;
use crate::daemon::backup::copy_pace;
use crate::daemon::backup::copy_retention::copies_in;
use crate::daemon::backup::failed_copy::{failed, mended};
use crate::daemon::backup::rehearse::{RehearseJob, rehearse};
use crate::daemon::backup::second_place;
use crate::journey::errors::step::StepError;
use crate::journey::operations::restore::rehearsal;
use crate::journey::start_list::{BACKUP_ON, SECOND_COPY_ON};
use crate::store::db::online::pace::Pace;
use crate::store::db::transaction::{Stamp, Tx, View};
use crate::store::error::StoreError;
use crate::store::journal::status::JournalFault;
use crate::store::journal::{journal_check, segment};

/// The cause of the task about the sent journal.
pub const JOURNAL: &str = "sent-journal";
/// The cause of the task about its files, while the look at them does not end.
pub const JOURNAL_FILES: &str = "sent-journal-files";
/// The journal reaches at least so many days back, and further where copies do.
const JOURNAL_DAYS: i64 = 400;

/// Whether all went well; what fails is told by its own task, and else by the log.
fn is_done(done: Result<(), StepError>) -> bool {
    match done {
        Ok(()) => true,
        Err(fault) => {
            tracing::error!(%fault, "what belongs to the backups could not be looked at; again in a moment");
            false
        }
    }
}

/// The newest copy goes to its second place, if there is one and it is not there.
pub(in crate::daemon::backup) async fn second(
    engine: &Engine,
    now: Timestamp,
    stop: &CancellationToken,
) -> bool {
    let pace = copy_pace::in_the_night(engine, stop);
    is_done(stop.run_until_cancelled(carry(engine, now, &pace)).await.unwrap_or(Ok(())))
}

/// How the sent journal stands. It touches none of its files, so that it can tell of a disk that hangs.
pub(in crate::daemon::backup) async fn journal(engine: &Engine, now: Timestamp) -> bool {
    is_done(look_at_journal(engine, now).await)
}

/// Once a month a restore is rehearsed.
pub(in crate::daemon::backup) async fn rehearsal(
    engine: &Engine,
    now: Timestamp,
    stop: &CancellationToken,
) -> bool {
    let pace = copy_pace::in_the_night(engine, stop);
    is_done(stop.run_until_cancelled(rehearse_due(engine, now, pace)).await.unwrap_or(Ok(())))
}

/// Proves the whole sent journal, and its oldest files go. What is missing in it, the database still has.
pub(in crate::daemon::backup) async fn journal_files(engine: &Engine, now: Timestamp) -> bool {
    prove_journal(engine, now).await;
    prune_journal(engine, now).await;
    // The look came to an end, whatever it found: its disk answers.
    let store = &engine.clinic.store;
    let is_open = |view: &View<'_>| view.has_open(TaskKind::BackupFailed, JOURNAL_FILES);
    let closed = match store.read(is_open) {
        Ok(true) => {
            let job = |tx: &mut Tx<'_>| mended(tx, JOURNAL_FILES, "the look at the journal came to its end");
            store.write(Stamp::daemon(now), job).await
        }
        found => found.map(drop),
    };
    is_done(closed.map_err(StepError::from))
}

async fn prove_journal(engine: &Engine, now: Timestamp) {
    let (store, directory) = (engine.clinic.store.clone(), engine.config.database.journal.clone());
    let mended = tokio::task::spawn_blocking(move || journal_check::mend(&store, &directory, now)).await;
    match mended {
        Ok(Ok(0)) => {}
        Ok(Ok(events)) => tracing::warn!(
            events,
            "the sent journal was damaged; what was missing is in it again: look at its disk"
        ),
        Ok(Err(fault)) => tracing::error!(%fault, "the sent journal could not be proved; again tomorrow"),
        Err(fault) => tracing::error!(%fault, "the look at the sent journal ended before its time"),
    }
}

async fn prune_journal(engine: &Engine, now: Timestamp) {
    let months = i64::from(engine.config.backup.keep.monthly.max(engine.config.backup.keep.daily / 31));
    let before = earlier(now, (24 * JOURNAL_DAYS.max(31 * (months + 1))).hours());
    let directory = engine.config.database.journal.clone();
    let gone = tokio::task::spawn_blocking(move || segment::prune(&directory, before)).await;
    if let Err(error) = gone.unwrap_or_else(|fault| Err(std::io::Error::other(fault))) {
        tracing::warn!(%error, "old files of the sent journal could not be removed");
    }
}

/// A journal that is not written is a task as long as it is so.
async fn look_at_journal(engine: &Engine, now: Timestamp) -> Result<(), StepError> {
    let store = &engine.clinic.store;
    let fault = store.journal_status().fault;
    if fault == Some(JournalFault::Gone) {
        store.keep_journal(&engine.config.database.journal);
    }
    let is_open = store.read(|view| view.has_open(TaskKind::BackupFailed, JOURNAL))?;
    match fault {
        Some(fault) if !is_open => {
            let reason = format!(
                "{fault}. After a restore nobody would know what left since the backup.",
                fault = fault
            );
            store.write(Stamp::daemon(now), move |tx| failed(tx, JOURNAL, reason)).await?;
        }
        None if is_open => {
            store.write(Stamp::daemon(now), |tx| mended(tx, JOURNAL, "the journal is written again")).await?;
        }
        _ => {}
    }
    Ok(())
}

async fn carry(engine: &Engine, now: Timestamp, pace: &Arc<dyn Pace>) -> Result<(), StepError> {
    let (store, backup) = (&engine.clinic.store, engine.config.backup.clone());
    let facts = store
        .read(|view| -> Result<_, StoreError> { Ok([view.fact(BACKUP_ON)?, view.fact(SECOND_COPY_ON)?]) })?;
    let [Some(made), carried] = facts else { return Ok(()) };
    let (rest, monotonic) = (&engine.second_rest, engine.post.clock.monotonic());
    let today = now.to_zoned(engine.config.clinic.zone.clone()).date();
    if !second_place::is_wanted(&backup) || carried.as_ref() == Some(&made) || !rest.is_over(monotonic) {
        return Ok(());
    }
    let Some((on, whole)) = newest(backup.directory.clone(), today).await else { return Ok(()) };
    rest.begin(monotonic);
    let pace = Arc::clone(pace);
    let carry = move || second_place::carry(&backup, &whole, today, &pace).map_err(|fault| fault.to_string());
    let done = tokio::task::spawn_blocking(carry).await.unwrap_or_else(|fault| Err(fault.to_string()));
    let job = move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
        match done {
            Ok(()) => {
                tx.set_fact(SECOND_COPY_ON, &on.to_string())?;
                mended(tx, second_place::CAUSE, "the copy is in its second place")
            }
            Err(why) => {
                tracing::error!(why, "the copy is not in its second place; trying again in an hour");
                failed(
                    tx,
                    second_place::CAUSE,
                    format!("The copy could not be brought to its second place: {why}."),
                )
            }
        }
    };
    Ok(store.write(Stamp::daemon(now), job).await?)
}

/// The newest whole copy, with its day. Its directory may be another machine's that does not answer.
async fn newest(directory: PathBuf, today: Date) -> Option<(Date, PathBuf)> {
    let listed = tokio::task::spawn_blocking(move || copies_in(&directory, today)).await;
    listed.ok()?.ok()?.pop_last()
}

/// Once a month it is proved that the newest copy can be restored.
async fn rehearse_due(engine: &Engine, now: Timestamp, pace: Arc<dyn Pace>) -> Result<(), StepError> {
    let store = &engine.clinic.store;
    if store.read(|view| view.fact(BACKUP_ON))?.is_none()
        || !store.read(|view| rehearsal::is_due(view, now))?
    {
        return Ok(());
    }
    let config = &engine.config;
    let (copies, journal) = (config.backup.directory.clone(), config.database.journal.clone());
    let (today, stamp) = (now.to_zoned(config.clinic.zone.clone()).date(), Stamp::daemon(now));
    let clock = Arc::clone(&engine.post.clock);
    let job = move || {
        rehearse(&RehearseJob {
            copies: &copies,
            copy: None,
            journal: &journal,
            today,
            stamp,
            clock: &*clock,
            pace,
        })
    };
    let Ok(found) = tokio::task::spawn_blocking(job).await else { return Ok(()) };
    match &found.fault {
        None => {
            tracing::info!(copy = found.copy, took_ms = found.took_ms, "a restore was rehearsed and works")
        }
        Some(why) => tracing::error!(why, "a rehearsed restore failed: the newest copy cannot be restored"),
    }
    store.write(Stamp::daemon(now), move |tx: &mut Tx<'_>| rehearsal::record(tx, &found)).await
}
