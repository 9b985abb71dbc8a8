//! `aftercare database`: its encryption, put on, renewed and taken off; and the file written anew after an erasure.

use std::io::Write;
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::run_as;
use crate::daemon::files::key_file;
use crate::daemon::files::missing_database::not_vanished;
use crate::daemon::files::rewrite_database::{DatabaseChange, RewriteJob, rewrite};
use crate::daemon::lock::{Lock, whole};
use crate::journey::operations::condition::erased_traces;
use crate::store::database::OpenMode;
use crate::store::db::encryption::file_form::FileForm;
use crate::store::db::encryption::held;
use crate::store::db::encryption::key::DatabaseKey;
use crate::store::db::encryption::paths;
use crate::store::db::encryption::rewrite::RewriteAs;
use crate::store::db::encryption::state::{Encryption, encryption_of};

/// See whether the database is encrypted; encrypt it, change its key, write it in plain again, or clear it of what was erased
///
/// The keys stand in the credential that `database.key_credential` names: 64 hexadecimal digits a line. The first encrypts;
/// the others open what is older, such as backups from before the key was changed. Without its key nobody can read the database
/// or a backup of it, whoever made them: keep the key where neither of them lies.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare database show")]
pub struct DatabaseArgs {
    /// The command after `database`; clap refuses a line without one.
    #[command(subcommand)]
    pub verb: DatabaseCommand,
}

/// What to do with the database's encryption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::Subcommand)]
pub enum DatabaseCommand {
    /// Say whether the database is encrypted, and with which key
    ///
    /// A fingerprint tells one key from another and gives nothing of it away. Changes nothing.
    #[command(after_help = "Example:\n  aftercare database show --json")]
    Show,
    /// Draw a new key and write it to stdout
    ///
    /// It is kept nowhere: put it into the file of the key, of its owner's alone, and into the clinic's safe.
    #[command(after_help = "Example:\n  aftercare database new-key > /root/database-key")]
    NewKey,
    /// Encrypt a database that is plain, with all its content
    ///
    /// It is written anew beside itself, proved, and put in its place in one step; the plain one is removed. Exits with 75 while
    /// a daemon runs.
    #[command(after_help = "Example:\n  aftercare database encrypt")]
    Encrypt,
    /// Encrypt the database with the key that now stands in the first line
    ///
    /// Put the new key above the one in use first; take the old one out when no backup is left that needs it. Exits with 75
    /// while a daemon runs.
    #[command(after_help = "Example:\n  aftercare database rekey")]
    Rekey,
    /// Write the database in plain again
    ///
    /// Then take `database.key_credential` out of the configuration. Exits with 75 while a daemon runs.
    #[command(after_help = "Example:\n  aftercare database decrypt")]
    Decrypt,
    /// Write the whole file anew, so that nothing erased lies in pages that are not in use any more
    ///
    /// `serve` does it in the night after an erasure, where it takes a moment. For a file that is too large for that `doctor`
    /// names this command: it takes as long as it takes, and as much space again. Exits with 75 while a daemon runs.
    #[command(after_help = "Example:\n  aftercare database write-anew")]
    WriteAnew,
}

/// Shows the encryption, or rewrites the database under its lock.
///
/// # Errors
/// 75 while a daemon works on the database; 78 when no key is named, or none fits; 65 when it is so already.
pub fn run(args: &DatabaseArgs, ctx: &Context) -> Result<(), Failure> {
    if args.verb == DatabaseCommand::NewKey {
        return new_key(ctx);
    }
    let database = ctx.config()?.database.path.clone();
    run_as::take_on(&database)?;
    not_vanished(&database)?;
    if !database.exists() {
        let missing = format!("there is no database at `{}`", database.display());
        return Err(Failure::new(Exit::BadConfiguration, missing).hint(
            "start `aftercare serve` once to create it; with a key named it is encrypted from the start",
        ));
    }
    let change = match args.verb {
        DatabaseCommand::Show | DatabaseCommand::NewKey => return show(&database, ctx),
        DatabaseCommand::WriteAnew => return write_anew(&database, ctx),
        DatabaseCommand::Encrypt => DatabaseChange::Encrypted,
        DatabaseCommand::Rekey => DatabaseChange::Rekeyed,
        DatabaseCommand::Decrypt => DatabaseChange::Decrypted,
    };
    if ctx.config()?.database.key_credential.is_none() {
        return Err(Failure::new(Exit::BadConfiguration, "no key is named for the database").hint(
            "make one with `aftercare database new-key`, and name its file as `key_credential` in [database]",
        ));
    }
    let lock = Lock::take(&database)?;
    // Its link key lies beside the name of the database; a seal is put on or taken off also where an interruption left it.
    let seal = held::held().filter(|_| change.to() == RewriteAs::Encrypted);
    if seal.is_none() || encryption_of(&database)?.is_some() {
        key_file::reseal(&database, seal)?;
    }
    let named = database.clone();
    // A link in the database's place stays one: what it points at is replaced.
    let database = whole(&database);
    is_wanted(args.verb, encryption_of(&database)?)?;
    let bar = bar(&database, ctx);
    let far = bar.clone();
    let job = RewriteJob { database: &database, change, stamp: ctx.stamp() };
    let done = rewrite(job, &lock, move |bytes| far.set_position(bytes));
    bar.finish_and_clear();
    done?;
    key_file::reseal(&named, seal)?;
    tell(change, &database, ctx)
}

/// Writes the file anew without haste: nobody else writes to it.
fn write_anew(database: &Path, ctx: &Context) -> Result<(), Failure> {
    let lock = Lock::take(database)?;
    let store = ctx.store_under(&lock, OpenMode::AsItIs)?;
    erased_traces::clear_whole(&store, ctx.stamp())?;
    let shown = database.display().to_string();
    ctx.show(&json!({ "database": shown, "done": "written-anew" }), |out| {
        writeln!(out, "{shown} is written anew; nothing that was erased lies in it any more")
    })
}

/// Refuses what would change nothing, and what is another command's.
fn is_wanted(verb: DatabaseCommand, found: Option<Encryption>) -> Result<(), Failure> {
    let refused = |error: &str, hint: &str| Err(Failure::bad_input(error).hint(hint));
    match (verb, found) {
        (DatabaseCommand::Encrypt, Some(Encryption::InForce)) => {
            refused("the database is encrypted already", "nothing is to be done: `aftercare database show`")
        }
        (DatabaseCommand::Encrypt, Some(Encryption::Older)) => refused(
            "the database is encrypted already, with a key that is not the first",
            "encrypt it with the first one: `aftercare database rekey`",
        ),
        (DatabaseCommand::Rekey, None) => {
            refused("the database is not encrypted", "encrypt it: `aftercare database encrypt`")
        }
        (DatabaseCommand::Rekey, Some(Encryption::InForce)) => refused(
            "the database is encrypted with the first key already",
            "put a new key (`aftercare database new-key`) above the one in use, then run this again",
        ),
        (DatabaseCommand::Decrypt, None) => {
            refused("the database is not encrypted", "take `key_credential` out of [database]")
        }
        _ => Ok(()),
    }
}

fn tell(change: DatabaseChange, database: &Path, ctx: &Context) -> Result<(), Failure> {
    let key = held::held().map(|keys| keys.in_force.fingerprint());
    let key = key.filter(|_| change.to() == RewriteAs::Encrypted);
    let plain = match key {
        Some(_) => plain_copies(database, &ctx.config()?.backup.directory),
        None => Vec::new(),
    };
    for copy in &plain {
        ctx.say(&format!("remark: `{}` is still in plain: remove it once it is not needed", copy.display()));
    }
    let document = json!({ "database": database.display().to_string(), "done": change.word(), "key": key,
        "plain_copies": plain.iter().map(|path| path.display().to_string()).collect::<Vec<_>>() });
    ctx.show(&document, |out| {
        let database = database.display();
        match &key {
            Some(key) => writeln!(out, "{database} is encrypted with key {key}")?,
            None => writeln!(out, "{database} is not encrypted any more")?,
        }
        match change {
            DatabaseChange::Encrypted => {
                writeln!(out, "the plain file is removed; what it held may lie on the disk until it is overwritten, and stands in \
                     backups made before: make one now, and remove those")?;
                writeln!(out, "without its key nobody can read it: keep the key where neither database nor backups lie")
            }
            DatabaseChange::Rekeyed => writeln!(out, "backups made before still need the key from before: keep it as a further line of the key's file"),
            DatabaseChange::Decrypted => writeln!(out, "now take `key_credential` out of [database]: no command works with both"),
        }
    })
}

/// Copies of the database that were made before: what a restore set aside, and the nightly backups.
fn plain_copies(database: &Path, backups: &Path) -> Vec<PathBuf> {
    let files = |directory: &Path| std::fs::read_dir(directory).into_iter().flatten().flatten();
    let all = files(paths::directory(database)).chain(files(backups)).map(|file| file.path());
    let mut plain: Vec<PathBuf> = all.filter(|path| FileForm::of(path) == FileForm::Plain).collect();
    plain.sort();
    plain.dedup();
    plain
}

fn bar(database: &Path, ctx: &Context) -> ProgressBar {
    if ctx.json {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg:11} [{bar:40}] {percent:>3}% {eta}");
    ProgressBar::new(std::fs::metadata(database).map_or(0, |file| file.len()))
        .with_message("writing")
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn new_key(ctx: &Context) -> Result<(), Failure> {
    let mut bytes = [0; 32];
    ctx.world().entropy.fill(&mut bytes);
    let key = DatabaseKey::new(bytes);
    let document = json!({ "key": key.hex(), "fingerprint": key.fingerprint() });
    ctx.say(&format!("remark: a new key, {}; it is kept nowhere else", key.fingerprint()));
    ctx.show(&document, |out| writeln!(out, "{}", key.hex()))
}

fn show(database: &Path, ctx: &Context) -> Result<(), Failure> {
    let found = encryption_of(database)?;
    let keys = held::held();
    let key = keys.and_then(|keys| match found {
        Some(Encryption::InForce) => Some(keys.in_force.fingerprint()),
        Some(Encryption::Older) | None => None,
    });
    let named = ctx.config()?.database.key_credential.clone();
    let document = json!({ "database": database.display().to_string(), "encrypted": found.is_some(), "key": key,
        "key_credential": named, "in_force": keys.map(|keys| keys.in_force.fingerprint()),
        "older": keys.map(|keys| keys.older.iter().map(DatabaseKey::fingerprint).collect::<Vec<_>>()),
        "cipher": held::cipher_version() });
    ctx.show(&document, |out: &mut dyn Write| {
        let database = database.display();
        match (found, &named) {
            (Some(Encryption::InForce), _) => {
                writeln!(out, "{database}: encrypted, key {}", key.as_deref().unwrap_or_default())
            }
            (Some(Encryption::Older), _) => writeln!(
                out,
                "{database}: encrypted with a key from before: `aftercare database rekey` encrypts it with the first one"
            ),
            (None, Some(_)) => writeln!(out, "{database}: not encrypted, although a key is named: `aftercare database encrypt`"),
            (None, None) => writeln!(out, "{database}: not encrypted; no key is named"),
        }
    })
}
