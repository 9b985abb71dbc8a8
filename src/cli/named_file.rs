//! Files that the command line names to be read: root opens them before it steps down to the owner of the database, who may not
//! reach them, e.g. `/root/hours.toml`.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::cli::run_as;

/// So many at most, that enough of what a process may have open is left.
const MOST: usize = 500;

static HELD: Mutex<Vec<(PathBuf, File)>> = Mutex::new(Vec::new());

/// Opens them while root may still read them. Whoever is not root, and what cannot be opened, is told where they are read.
pub(in crate::cli) fn hold<'p>(paths: impl IntoIterator<Item = &'p PathBuf>) {
    if !run_as::is_root() {
        return;
    }
    let files = paths.into_iter().filter(|path| !path.is_dir()).take(MOST);
    held().extend(files.filter_map(|path| Some((path.clone(), File::open(path).ok()?))));
}

/// The file, as it was held or as whoever asks may open it.
///
/// # Errors
/// The system's.
pub(in crate::cli) fn open(path: &Path) -> std::io::Result<File> {
    let mut held = held();
    match held.iter().position(|(name, _)| name == path) {
        Some(at) => Ok(held.swap_remove(at).1),
        None => File::open(path),
    }
}

/// Its text; `-` is the standard input.
///
/// # Errors
/// The system's.
pub(in crate::cli) fn text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    match path == Path::new("-") {
        true => std::io::stdin().lock().read_to_string(&mut text)?,
        false => open(path)?.read_to_string(&mut text)?,
    };
    Ok(text)
}

fn held() -> MutexGuard<'static, Vec<(PathBuf, File)>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}
