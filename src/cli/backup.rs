//! `aftercare backup`: a copy of the running database.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use super::context::Context;
use super::exit::Failure;
use crate::daemon::engine::key_path;
use crate::store::Open;

/// Write a consistent copy of the database, while the daemon runs
///
/// The key of its links goes beside it, as FILE.key. Both are as secret as the database.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare backup /var/backups/aftercare-2027-03-01.db")]
pub struct Args {
    /// Where to; it must not exist yet.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Runs it.
///
/// # Errors
/// 65 when the file is there already.
pub fn run(args: &Args, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(Open::Existing)?;
    for path in [args.file.clone(), key_path(&args.file)] {
        if path.symlink_metadata().is_ok() {
            return Err(Failure::bad_input(format!("`{}` is there already", path.display()))
                .hint("name another file; a backup is never overwritten"));
        }
    }
    let place = args.file.parent().filter(|place| !place.as_os_str().is_empty()).unwrap_or(Path::new("."));
    access(place, AccessFlags::W_OK | AccessFlags::X_OK).map_err(|error| {
        Failure::unwritable(
            &args.file,
            &error.into(),
            "name a file in a directory the database's owner may write to",
        )
    })?;
    // The name appears only when the copy is whole.
    let mut part = args.file.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    // What an interrupted backup left is worth nothing.
    drop(std::fs::remove_file(&part));
    store.read(|view| view.copy_to(&part))?;
    let key = std::fs::read(key_path(store.path())).ok();
    if let Some(key) = &key {
        keep(&key_path(&args.file), key)?;
    }
    std::fs::rename(&part, &args.file)?;
    let document = serde_json::json!({ "file": args.file.display().to_string(), "key": key.is_some() });
    ctx.show(&document, |out| writeln!(out, "wrote {} and its key", args.file.display()))
}

/// Writes a new secret file of its owner's alone.
pub(super) fn keep(path: &Path, content: &[u8]) -> Result<(), Failure> {
    let write = || -> std::io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    let hint = "see that this user may write there, and that nothing of that name is there already";
    write().map_err(|error| Failure::unwritable(path, &error, hint))
}
