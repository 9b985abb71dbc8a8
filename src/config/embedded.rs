//! The files that ship inside the program: everything under `config/`.

use rust_embed::RustEmbed;

/// The shipped files, embedded at compile time.
#[derive(RustEmbed)]
#[folder = "config/"]
pub struct Shipped;

/// Where the console's words lie, which ship with the program and are no clinic's to change in files.
pub const CONSOLE: &str = "console/";

/// The text of a shipped file, e.g. `protocols/nccn.toml`.
#[must_use]
pub fn text(path: &str) -> Option<String> {
    Shipped::get(path).and_then(|file| String::from_utf8(file.data.into_owned()).ok())
}

/// The shipped files whose path starts with `prefix`, in order.
#[must_use]
pub fn list(prefix: &str) -> Vec<String> {
    let mut paths: Vec<String> =
        Shipped::iter().filter(|path| path.starts_with(prefix)).map(String::from).collect();
    paths.sort();
    paths
}
