//! `aftercare restore`: back to a copy.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::context::Context;
use super::exit::Failure;
use super::identity;
use crate::daemon::backup;
use crate::daemon::engine::key_path;
use crate::daemon::lock::{Lock, whole};
use crate::journey::restored;
use crate::store::since::{Moved, Since};
use crate::store::{Open, Store, audit, health};

const PLACE: &str = "make the database's directory writable for the service's user, then try again";

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
    let named = ctx.config()?.database.path.clone();
    let copy = open(&args.file)?;
    let key = std::fs::read(key_path(&args.file)).ok();
    identity::take_on(&named)?;
    let _lock = Lock::take(&named)?;
    // A link in the database's place stays one: what it points at is replaced.
    let database = whole(&named);
    let staged = beside(&database, ".restoring");
    stage(copy, &staged)
        .and_then(|()| prove(&staged))
        .inspect_err(|_| drop(std::fs::remove_file(&staged)))?;
    let aside = beside(&database, &format!(".before-{}", ctx.stamp().at.strftime("%Y%m%dT%H%M%SZ")));
    move_aside(&database, &aside)?;
    moved(&staged, &database)?;
    if let Some(key) = &key {
        change_key((&key_path(&named), &key_path(&aside)), key)?;
    }
    let store = Store::open(&named, Open::Existing)?;
    // On a new machine nothing was there before.
    let since = aside.exists().then(|| Since::between(&named, &aside)).transpose();
    if let Err(fault) = &since {
        ctx.say(&format!("remark: what was there before cannot be compared with the copy: {fault}"));
    }
    let since = since.unwrap_or_default();
    restored::restored(&store, ctx.stamp(), since.clone())?;
    if key.is_none() {
        ctx.say(
            "remark: no key lay beside the copy; links in letters sent before work only with the old key",
        );
    }
    let document = serde_json::json!({ "database": named.display().to_string(), "before": aside.display().to_string(),
        "held": true, "since": since.as_ref().map(known) });
    ctx.show(&document, |out| {
        writeln!(out, "restored; what was there before is {}", aside.display())?;
        for line in since.iter().flat_map(lines) {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "letters to patients are held: record what happened since, then close the task (`aftercare tasks list`)")
    })
}

fn known(since: &Since) -> serde_json::Value {
    let moved = |m: &Moved| serde_json::json!({ "reference": m.reference, "status": m.to.word(), "carried_over": restored::stops(m) });
    serde_json::json!({
        "not_in_the_copy": since.strangers, "status_changed": since.moved.iter().map(moved).collect::<Vec<_>>(),
        "kinds_declined": since.declined.len(), "corrected": since.corrected, "answered": since.answered,
        "written_to": since.written_to,
    })
}

/// What happened after the copy was made, as far as the old database could tell.
fn lines(since: &Since) -> Vec<String> {
    let moved = since.moved.iter().map(|m| {
        let what = if restored::stops(m) { "carried over" } else { "not carried over: record it again" };
        format!("since the copy: {} became {}, {what}", m.reference, m.to.word())
    });
    let lists = [
        ("taken in, and lost", &since.strangers),
        ("record corrected, and lost", &since.corrected),
        ("answered, or an alert is open", &since.answered),
        ("written to; the same letter may leave again", &since.written_to),
    ];
    let lists = lists.into_iter().filter(|(_, codes)| !codes.is_empty());
    moved.chain(lists.map(|(what, codes)| format!("since the copy: {what}: {}", codes.join(", ")))).collect()
}

/// The copy, and nothing else that can be opened: a pipe would keep us waiting, a directory has no bytes.
fn open(path: &Path) -> Result<File, Failure> {
    let bad = |why: String| {
        Failure::bad_input(format!("`{}` {why}", path.display()))
            .hint("name a file written by `aftercare backup`")
    };
    let kind = std::fs::metadata(path).map_err(|error| bad(format!("cannot be read: {error}")))?;
    if !kind.is_file() {
        return Err(bad("is not a file".to_owned()));
    }
    if kind.len() == 0 {
        return Err(bad("is empty: the copy is not sound".to_owned()));
    }
    File::open(path).map_err(|error| bad(format!("cannot be read: {error}")))
}

/// Writes a new secret file of its owner's alone.
fn keep(path: &Path, content: &[u8]) -> Result<(), Failure> {
    backup::keep(path, content).map_err(|error| Failure::unwritable(path, &error, PLACE))
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(suffix);
    PathBuf::from(path)
}

fn stage(mut copy: File, staged: &Path) -> Result<(), Failure> {
    // What an interrupted restore left is worth nothing.
    drop(std::fs::remove_file(staged));
    keep(staged, &[])?;
    let mut write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new().write(true).open(staged)?;
        std::io::copy(&mut copy, &mut file)?;
        file.sync_all()
    };
    write().map_err(|error| Failure::unwritable(staged, &error, PLACE))
}

/// A copy that is damaged or altered never takes the database's place.
fn prove(staged: &Path) -> Result<(), Failure> {
    let bad = |reason: String| {
        Failure::bad_input(format!("the copy is not sound: {reason}"))
            .hint("use an older backup; nothing was changed")
    };
    let health = health::look(staged).map_err(|fault| match fault.is_configuration() {
        // It may be sound; this program is too old for it.
        true => Failure::bad_input(format!("the copy cannot be used: {fault}"))
            .hint(format!("{}; nothing was changed", fault.hint())),
        false => bad(fault.to_string()),
    })?;
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
fn move_aside(database: &Path, aside: &Path) -> Result<(), Failure> {
    for suffix in ["-wal", "-shm", ""] {
        let from = beside(database, suffix);
        if from.exists() {
            moved(&from, &beside(aside, suffix))?;
        }
    }
    Ok(())
}

fn moved(from: &Path, to: &Path) -> Result<(), Failure> {
    std::fs::rename(from, to).map_err(|error| Failure::unwritable(to, &error, PLACE))
}

/// The old key goes beside the old database, which may lie on another disk than the link to it.
fn change_key((place, aside): (&Path, &Path), key: &[u8]) -> Result<(), Failure> {
    if let Ok(old) = std::fs::read(place) {
        keep(aside, &old)?;
        std::fs::remove_file(place).map_err(|error| Failure::unwritable(place, &error, PLACE))?;
    }
    keep(place, key)
}
