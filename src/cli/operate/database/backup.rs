//! `aftercare backup`: a copy of the running database.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix::unistd::{AccessFlags, access};

use super::command_pace::CommandPace;
use super::owner_files::{self, KeyOutcome};
use crate::cli::context::Context;
use crate::cli::database_access::READ_ONLY;
use crate::cli::exit::{Exit, Failure};
use crate::cli::run_as;
use crate::daemon::backup::online::{self, CopyFault, CopyJob};
use crate::daemon::files::missing_database::not_vanished;
use crate::store::db::encryption::disk_mode::is_on_read_only_disk;
use crate::store::db::encryption::paths;

const WRITABLE: &str = "name a directory that the service's user may write to";

/// Write a consistent copy of the database, while the daemon runs
///
/// The key of its links goes beside it, as FILE.key. Both are as secret as the database.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare backup /var/backups/aftercare-2027-03-01.db")]
pub struct BackupArgs {
    /// Where to; it must not exist yet.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Copies the database as it is, an older schema too, with its key beside the copy.
///
/// # Errors
/// 64 for `-`, 65 when the file is there already, or its directory is not or cannot be written, 75 when another makes it.
pub fn run(args: &BackupArgs, ctx: &Context) -> Result<(), Failure> {
    if args.file == Path::new("-") {
        return Err(Failure::new(
            Exit::Usage,
            "a backup is a file with its key beside it and goes to no pipe",
        )
        .hint("name a file: `aftercare backup /mnt/elsewhere/aftercare.db`"));
    }
    let place = paths::directory(&args.file);
    if let Some(made) = owner_files::backup(&args.file, ctx) {
        return tell(&args.file, made?, ctx);
    }
    // A copy of an older schema is made as it is, so that it can be made before the database is brought up to date.
    let database = ctx.config()?.database.path.clone();
    run_as::take_on(&database)?;
    not_vanished(&database)?;
    if is_on_read_only_disk(&database) {
        ctx.say(READ_ONLY);
    }
    let key = online::key_of(&database)?;
    owner_files::is_free(&args.file)?;
    access(place, AccessFlags::W_OK | AccessFlags::X_OK)
        .map_err(|error| Failure::unwritable(place, &error.into(), WRITABLE))?;
    let shown = CommandPace::new(&database, &args.file, ctx);
    let (key_bytes, pace) = (key.as_ref().map(|key| &key[..]), &(Arc::clone(&shown) as _));
    let made = online::make(&CopyJob { database: &database, whole: &args.file, key: key_bytes, pace });
    shown.clear();
    made.map_err(|fault| told(fault, place))?;
    tell(&args.file, key.map_or(KeyOutcome::NoneYet, |_| KeyOutcome::Yes), ctx)
}

fn tell(file: &Path, key: KeyOutcome, ctx: &Context) -> Result<(), Failure> {
    let has_key = key == KeyOutcome::Yes;
    let document = serde_json::json!({ "file": file.display().to_string(), "key": has_key });
    ctx.show(&document, |out| match has_key {
        true => writeln!(out, "wrote {} and its key", file.display()),
        false => writeln!(out, "wrote {}; there is no key yet, as no link was made", file.display()),
    })
}

fn told(fault: CopyFault, place: &Path) -> Failure {
    match fault {
        CopyFault::Store(fault) if fault.is_full() => {
            Failure::unavailable(format!("there is no room for the copy in `{}`: {fault}", place.display()))
                .hint(format!(
                    "free space on the disk of `{}`; nothing was kept of the copy",
                    place.display()
                ))
        }
        CopyFault::Store(fault) if fault.is_read_only() => {
            Failure::bad_input(format!("`{}` cannot be written", place.display())).hint(WRITABLE)
        }
        CopyFault::Store(fault) => fault.into(),
        CopyFault::Key(fault) => fault.into(),
        CopyFault::Twice(_) => Failure::try_later(fault.to_string())
            .hint("try again in a moment under another name: a backup is never overwritten"),
        CopyFault::Io(fault) => Failure::unwritable(place, &fault, WRITABLE),
        CopyFault::Unsound(_) => Failure::failed(fault.to_string())
            .hint("run `aftercare doctor`: the database itself may be damaged; nothing was kept of the copy"),
    }
}
