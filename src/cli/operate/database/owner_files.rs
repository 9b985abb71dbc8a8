//! Files that root names and the service's user may not reach, such as `/root/b.db`: root itself copies them to or from a place
//! beside the database, and everything else is done as the service's user, as ever.

use std::fs::{DirBuilder, Metadata, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::operate::demo;
use crate::cli::run_as;
use crate::config::load;
use crate::store::db::encryption::paths::{beside, directory, key_path, sync_directory};

/// The database and its directory, if root types and somebody else owns that.
fn of_another(ctx: &Context) -> Option<(PathBuf, Metadata)> {
    if !run_as::is_root() {
        return None;
    }
    // Read before anything steps down.
    let database = load::origin(&ctx.config_path).ok()?.database()?.database;
    let home = std::fs::metadata(directory(&database)).ok().filter(|home| home.uid() != 0)?;
    Some((database, home))
}

/// The database, if root types and somebody else owns it, who may not reach this directory.
fn out_of_reach(place: &Path, ctx: &Context) -> Option<PathBuf> {
    let (database, home) = of_another(ctx)?;
    let place = place.canonicalize().ok()?;
    // The place itself must be written to or read from, what leads there only passed.
    let mut way = place.ancestors().enumerate().map(|(depth, way)| (way, if depth == 0 { 0o3 } else { 0o1 }));
    way.any(|(way, wanted)| is_closed(way, wanted, &home)).then_some(database)
}

/// Whether the owner of the database's directory may not do that with a file or directory.
fn is_closed(path: &Path, wanted: u32, home: &Metadata) -> bool {
    let Ok(found) = std::fs::metadata(path) else { return true };
    let mode = match (found.uid() == home.uid(), found.gid() == home.gid()) {
        (true, _) => found.mode() >> 6,
        (false, true) => found.mode() >> 3,
        (false, false) => found.mode(),
    };
    mode & wanted != wanted
}

/// Whether the key went along with a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyOutcome {
    /// It lies beside it.
    Yes,
    /// No link was made yet, so there is none.
    NoneYet,
}

/// A copy of its owner's alone, on the disk; it gets its name when it is whole.
fn copied(from: &Path, to: &Path) -> std::io::Result<()> {
    let part = beside(to, ".part");
    drop(std::fs::remove_file(&part));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    std::io::copy(&mut std::fs::File::open(from)?, &mut file)?;
    file.sync_all()?;
    std::fs::rename(&part, to)?;
    sync_directory(to)
}

/// The directory is there, and nothing of that name is in it.
pub(super) fn is_free(file: &Path) -> Result<(), Failure> {
    let place = directory(file);
    if !place.is_dir() {
        return Err(Failure::bad_input(format!("there is no directory `{}`", place.display()))
            .hint("make it first, for the service's user, or name another file"));
    }
    for path in [file.to_owned(), key_path(file)] {
        if path.symlink_metadata().is_ok() {
            return Err(Failure::bad_input(format!("`{}` is there already", path.display()))
                .hint("name another file; a backup is never overwritten"));
        }
    }
    Ok(())
}

/// Makes a backup in a directory that only root may write to; `None` where the service's user may, who then makes it itself.
pub(super) fn backup(file: &Path, ctx: &Context) -> Option<Result<KeyOutcome, Failure>> {
    let database = out_of_reach(directory(file), ctx)?;
    let stage = beside(&database, ".for-root");
    let done = made(file, &stage, ctx);
    [stage.clone(), key_path(&stage)].iter().for_each(|left| drop(std::fs::remove_file(left)));
    Some(done)
}

fn made(file: &Path, stage: &Path, ctx: &Context) -> Result<KeyOutcome, Failure> {
    is_free(file)?;
    [stage.to_owned(), key_path(stage)].iter().for_each(|left| drop(std::fs::remove_file(left)));
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--config").arg(&ctx.config_path).arg("backup").arg(stage).stdout(Stdio::null());
    if !command.status()?.success() {
        return Err(Failure::new(Exit::Failed, "no backup was made").hint("what is wrong stands above"));
    }
    let unwritable =
        |error: std::io::Error| Failure::unwritable(file, &error, "free some space, or name another file");
    let has_key = key_path(stage).exists();
    if has_key {
        copied(&key_path(stage), &key_path(file)).map_err(unwritable)?;
    }
    copied(stage, file).map_err(unwritable)?;
    Ok(if has_key { KeyOutcome::Yes } else { KeyOutcome::NoneYet })
}

/// Runs the command that fills a new directory, where only root may write there; `None` where the service's user may, who then does
/// it itself. It is filled beside the database and taken from there.
pub(in crate::cli) fn filled(
    directory: &Path,
    ctx: &Context,
    fill: impl FnOnce(&mut Command),
) -> Option<Result<(), Failure>> {
    let there = std::path::absolute(directory).ok()?;
    let database = out_of_reach(there.ancestors().find(|place| place.exists())?, ctx)?;
    let stage = beside(&database, ".for-root");
    let done = fetched(directory, &stage, ctx, fill);
    drop(std::fs::remove_dir_all(&stage));
    Some(done)
}

fn fetched(
    directory: &Path,
    stage: &Path,
    ctx: &Context,
    fill: impl FnOnce(&mut Command),
) -> Result<(), Failure> {
    demo::empty(directory)?;
    drop(std::fs::remove_dir_all(stage));
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--config").arg(&ctx.config_path).args(ctx.json.then_some("--json"));
    fill(&mut command);
    let ended = command.arg("--out").arg(stage).stderr(Stdio::inherit()).output()?;
    let (here, there) = (stage.display().to_string(), directory.display().to_string());
    let said = String::from_utf8_lossy(&ended.stdout).replace(&here, &there);
    if !ended.status.success() {
        let failure = Failure::new(ended.status.code().map_or(Exit::Failed, Exit::of), "nothing was written");
        let report = serde_json::from_str::<serde_json::Value>(&said).unwrap_or_default();
        return Err(failure.hint("what is wrong stands above").with_report(&report));
    }
    taken(stage, directory).map_err(|error| {
        Failure::unwritable(directory, &error, "free some space, or name another directory")
    })?;
    Ok(std::io::stdout().lock().write_all(said.as_bytes())?)
}

/// Copies what lies in a directory; a link, which only somebody else can have laid, is left.
fn taken(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let (kind, to) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            DirBuilder::new().mode(0o700).create(&to)?;
            taken(&entry.path(), &to)?;
        } else if kind.is_file() {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&to)?;
            std::io::copy(&mut std::fs::File::open(entry.path())?, &mut file)?;
        }
    }
    Ok(())
}

/// What root names for a restore, copied where the service's user can read it; removed when it is dropped.
pub(super) struct StagedSource(PathBuf);

/// What may lie beside a copy.
const BESIDE: [&str; 4] = ["", "-wal", "-journal", ".key"];

impl StagedSource {
    /// Copies the file with what lies beside it; `None` where the service's user can read it in its place.
    ///
    /// # Errors
    /// There is no room for it.
    pub(super) fn take(file: &Path, ctx: &Context) -> Result<Option<Self>, Failure> {
        let private = || of_another(ctx).filter(|(_, home)| is_closed(file, 0o4, home)).map(|(own, _)| own);
        let found = if file.is_file() { out_of_reach(directory(file), ctx).or_else(private) } else { None };
        let Some(database) = found else { return Ok(None) };
        let copy = Self(beside(&database, ".from-root"));
        let home = std::fs::metadata(directory(&database))?;
        for suffix in BESIDE {
            let (from, to) = (beside(file, suffix), beside(&copy.0, suffix));
            drop(std::fs::remove_file(&to));
            if from.is_file() {
                copied(&from, &to)?;
                chown(&to, Some(home.uid()), Some(home.gid()))?;
            }
        }
        Ok(Some(copy))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for StagedSource {
    fn drop(&mut self) {
        for suffix in BESIDE {
            drop(std::fs::remove_file(beside(&self.0, suffix)));
        }
    }
}
