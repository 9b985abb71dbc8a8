//! The typed sections about what lies around: the watcher, the copies, the clinic's own files, trials.

use std::path::PathBuf;

use crate::care::address::EmailAddress;

/// Proof of life for a watcher outside.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    /// Fetched every five minutes while all is well.
    pub url: Option<String>,
    /// Gets a letter a day.
    pub mail_to: Option<EmailAddress>,
}

/// Nightly copies.
#[derive(Debug, Clone)]
pub struct Backup {
    /// Where they go.
    pub directory: PathBuf,
    /// How many are kept.
    pub keep: u32,
}

/// Directories whose files shadow the shipped ones of the same name.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    /// Protocols.
    pub protocols: Option<PathBuf>,
    /// Checklists.
    pub checklists: Option<PathBuf>,
    /// Letters, one directory per language.
    pub letters: Option<PathBuf>,
    /// Leaflets, one directory per language.
    pub leaflets: Option<PathBuf>,
    /// The file of centres.
    pub centres: Option<PathBuf>,
}

/// Trials.
#[derive(Debug, Clone)]
pub struct Test {
    /// The only addresses `send-test` writes to.
    pub allow: Vec<EmailAddress>,
}
