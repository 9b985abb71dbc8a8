//! `aftercare key`: the key that makes the links in letters, and its replacement.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::run_as;
use crate::daemon::files::key_file::{self, KeyFault};
use crate::daemon::files::missing_database::not_vanished;
use crate::daemon::lock::Lock;
use crate::journey::link_key::LinkKey;
use crate::journey::operations::rekey::{Rekeyed, rekey, rekey_from};
use crate::store::database::{OpenMode, Store};
use crate::store::db::encryption::paths::{beside, key_path};
use crate::store::db::health;

/// See which key makes the links in letters, or replace it
///
/// The key lies beside the database, as FILE.key. With another one, links in letters already sent would be dead, so no command
/// works with one that is lost, damaged or not the one on record until somebody says here what is meant.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare key show")]
pub struct KeyArgs {
    /// The command after `key`; clap refuses a line without one.
    #[command(subcommand)]
    pub verb: KeyCommand,
}

/// What to do with the key.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
pub enum KeyCommand {
    /// Say whether the key that lies beside the database is the one on record
    ///
    /// A fingerprint tells one key from another and gives nothing of it away. Changes nothing.
    #[command(after_help = "Example:\n  aftercare key show --json")]
    Show,
    /// Take the key that lies beside the database into use
    ///
    /// Letters that wait get links of this key. Links in letters already sent then lead to a page that offers a new one; the
    /// links to stop letters go on working. Exits with 75 while a daemon runs.
    #[command(after_help = "Example:\n  aftercare key adopt")]
    Adopt,
    /// Make a new key and take it into use
    ///
    /// For a key that is lost, or that others have seen. The one that was there is kept beside it. Letters that wait get links
    /// of the new key; links in letters already sent then lead to a page that offers a new one.
    /// Exits with 75 while a daemon runs.
    #[command(after_help = "Example:\n  aftercare key renew")]
    Renew,
}

/// Shows how key and record agree, or takes a key into use under the lock of the database.
///
/// # Errors
/// 75 while a daemon works on the database; 78 when there is no key to adopt, or it cannot be used.
pub fn run(args: &KeyArgs, ctx: &Context) -> Result<(), Failure> {
    let database = ctx.config()?.database.path.clone();
    run_as::take_on(&database)?;
    not_vanished(&database)?;
    match args.verb {
        KeyCommand::Show => show(&database, ctx),
        KeyCommand::Adopt => {
            let (_lock, store) = alone(&database, ctx)?;
            let key = key_file::read(&key_path(&database))?;
            let key = key.ok_or_else(|| KeyFault::Lost(key_path(&database)))?;
            tell(&rekey(&store, ctx.stamp(), LinkKey::new(key))?, None, ctx)
        }
        KeyCommand::Renew => renew(&database, ctx),
    }
}

/// The database, while nobody else works on it.
fn alone(database: &Path, ctx: &Context) -> Result<(Lock, Store), Failure> {
    let lock = Lock::take(database)?;
    let store = Store::open(database, OpenMode::Existing)?;
    store.keep_journal(&ctx.config()?.database.journal);
    Ok((lock, store))
}

/// The new key waits beside the database until the database has taken it on: an interruption leaves one or the other.
fn renew(database: &Path, ctx: &Context) -> Result<(), Failure> {
    let (_lock, store) = alone(database, ctx)?;
    let mut bytes = [0; 32];
    ctx.world().entropy.fill(&mut bytes);
    key_file::stage(database, &bytes)?;
    let before = key_file::read(&key_path(database)).ok().flatten().map(LinkKey::new);
    let done = rekey_from(&store, ctx.stamp(), before, LinkKey::new(bytes))?;
    let kept = keep(database, ctx)?;
    key_file::put_in_place(database)?;
    tell(&done, kept, ctx)
}

/// The key that was there, whatever it is worth, under another name.
fn keep(database: &Path, ctx: &Context) -> Result<Option<PathBuf>, Failure> {
    let (place, stamp) = (key_path(database), ctx.stamp().at.strftime("%Y%m%dT%H%M%SZ").to_string());
    let aside = beside(&place, &format!(".before-{stamp}"));
    match std::fs::rename(&place, &aside) {
        Ok(()) => Ok(Some(aside)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(KeyFault::Unwritable(aside, error).into()),
    }
}

fn tell(done: &Rekeyed, kept: Option<PathBuf>, ctx: &Context) -> Result<(), Failure> {
    let kept = kept.map(|path| path.display().to_string());
    let document = serde_json::json!({ "fingerprint": done.fingerprint, "before": done.before, "links": done.links, "kept": kept,
        "locked_out": done.locked_out });
    ctx.show(&document, |out| {
        if done.before.as_ref() == Some(&done.fingerprint) {
            return writeln!(out, "key {} is in use already", done.fingerprint);
        }
        writeln!(out, "key {} makes the links from now on", done.fingerprint)?;
        writeln!(
            out,
            "{} links in letters already sent now lead to a page that offers a new one",
            done.links
        )?;
        kept.iter().try_for_each(|path| writeln!(out, "the key that was there is {path}"))?;
        for name in &done.locked_out {
            writeln!(
                out,
                "the key that is lost had sealed the authenticator of {name}: `aftercare staff reset {name}`"
            )?;
        }
        writeln!(out, "make a backup now: those from before belong to the key from before")
    })
}

/// How the key that lies beside the database stands to the one on record.
#[derive(Debug, Serialize)]
struct KeyStatus {
    file: String,
    state: &'static str,
    fingerprint: Option<String>,
    on_record: Option<String>,
    since: Option<String>,
}

fn show(database: &Path, ctx: &Context) -> Result<(), Failure> {
    let path = key_path(database);
    let (known, proved) =
        health::peek(database, |view| Ok((view.known_key()?, key_file::prove(database, view))))?;
    let found = key_file::read(&path).ok().flatten().map(|bytes| LinkKey::new(bytes).fingerprint());
    let state = match &proved {
        Ok(Some(_)) => "in use",
        Ok(None) => "not made yet",
        Err(KeyFault::Lost(_)) => "lost",
        Err(KeyFault::Another(_)) => "another",
        Err(_) => "damaged",
    };
    let shown = KeyStatus {
        file: path.display().to_string(),
        state,
        fingerprint: found,
        on_record: known.as_ref().map(|key| key.fingerprint.clone()),
        since: known.and_then(|key| key.since).map(|at| at.to_string()),
    };
    let words = |out: &mut dyn Write| {
        let told = |known: &Option<String>| known.clone().unwrap_or_else(|| "none".to_owned());
        writeln!(out, "{}: {}", shown.file, shown.state)?;
        writeln!(out, "fingerprint: {}", told(&shown.fingerprint))?;
        let since = shown.since.as_ref().map(|at| format!(", since {at}")).unwrap_or_default();
        writeln!(out, "on record:   {}{since}", told(&shown.on_record))
    };
    match proved {
        Ok(_) => ctx.show(&shown, words),
        Err(fault) => ctx.show_failed(fault.into(), &shown, words),
    }
}
