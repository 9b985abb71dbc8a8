//! `aftercare restore`: back to a copy.

use std::path::{Path, PathBuf};

use super::context::Context;
use super::exit::Failure;
use super::identity;
use crate::daemon::backup::keep;
use crate::daemon::engine::key_path;
use crate::daemon::lock::Lock;
use crate::journey::front;
use crate::store::{Open, Store, audit, health};

/// Put a copy made by `backup` in the database's place
///
/// The copy is checked first, and the database that was there is kept beside it. Letters to patients are held until a
/// person has recorded what happened since: deaths, opt-outs, new addresses. Exits with 75 while a daemon runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare restore /var/backups/aftercare-2027-03-01.db")]
pub struct Args {
    /// The copy.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Runs it.
///
/// # Errors
/// 65 when the copy is no sound database, 75 while a daemon works on the database.
pub fn run(args: &Args, ctx: &Context) -> Result<(), Failure> {
    let database = ctx.config()?.database.path.clone();
    let copy = std::fs::File::open(&args.file).map_err(|error| {
        Failure::bad_input(format!("`{}` cannot be read: {error}", args.file.display()))
            .hint("name a file written by `aftercare backup`")
    })?;
    let key = std::fs::read(key_path(&args.file)).ok();
    identity::take_on(&database)?;
    let _lock = Lock::take(&database)?;
    let staged = beside(&database, ".restoring");
    stage(copy, &staged)
        .and_then(|()| prove(&staged))
        .inspect_err(|_| drop(std::fs::remove_file(&staged)))?;
    let aside = beside(&database, &format!(".before-{}", ctx.stamp().at.strftime("%Y%m%dT%H%M%SZ")));
    let files = ["-wal", "-shm", "", ".key"];
    move_aside(&database, &aside, if key.is_some() { &files } else { &files[..3] })?;
    std::fs::rename(&staged, &database)?;
    if let Some(key) = &key {
        keep(&key_path(&database), key)?;
    }
    front::restored(&Store::open(&database, Open::Existing)?, ctx.stamp())?;
    if key.is_none() {
        ctx.say(
            "remark: no key lay beside the copy; links in letters sent before work only with the old key",
        );
    }
    let document = serde_json::json!({ "database": database.display().to_string(), "before": aside.display().to_string(), "held": true });
    ctx.show(&document, |out| {
        writeln!(out, "restored; what was there before is {}", aside.display())?;
        writeln!(out, "letters to patients are held: record what happened since, then close the task (`aftercare tasks list`)")
    })
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}

fn stage(mut copy: std::fs::File, staged: &Path) -> Result<(), Failure> {
    // What an interrupted restore left is worth nothing.
    drop(std::fs::remove_file(staged));
    keep(staged, &[])?;
    let mut file = std::fs::OpenOptions::new().write(true).open(staged)?;
    std::io::copy(&mut copy, &mut file)?;
    Ok(file.sync_all()?)
}

/// A copy that is damaged or altered never takes the database's place.
fn prove(staged: &Path) -> Result<(), Failure> {
    let bad = |reason: String| {
        Failure::bad_input(format!("the copy is not sound: {reason}"))
            .hint("use an older backup; nothing was changed")
    };
    let health = health::look(staged).map_err(|fault| bad(fault.to_string()))?;
    if let Some(complaint) = health.iter().flat_map(|h| h.complaints.first()).next() {
        return Err(bad(complaint.clone()));
    }
    if health.is_some_and(|h| h.schema == 0) {
        return Err(bad("it is no aftercare database".to_owned()));
    }
    health::peek(staged, audit::verify).map_err(|fault| bad(fault.to_string()))?;
    for suffix in ["-wal", "-shm"] {
        // Only readers have looked, so there is nothing in them.
        drop(std::fs::remove_file(beside(staged, suffix)));
    }
    Ok(())
}

/// The old database goes aside whole: with its log, under one new name, so that it can be opened as it was.
fn move_aside(database: &Path, aside: &Path, files: &[&str]) -> Result<(), Failure> {
    for suffix in files {
        let from = beside(database, suffix);
        if from.exists() {
            std::fs::rename(&from, beside(aside, suffix))?;
        }
    }
    Ok(())
}
