//! How the journal stands, for whoever must say so.

use std::path::PathBuf;

/// Why the journal is not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalFault {
    /// The system refused something.
    #[error("the sent journal in `{0}` cannot be written: {1}")]
    Io(PathBuf, String),
    /// Its disk, or whoever holds its lock, has not answered in time.
    #[error(
        "the sent journal in `{0}` does not answer: its disk or the network to it hangs, or another program holds `lock` there \
         (`fuser -v {0}/lock` shows it); what is missing follows by itself once it answers"
    )]
    Silent(PathBuf),
    /// Its lines are of another database.
    #[error("the sent journal in `{0}` belongs to another database: not one event of it is ours")]
    Foreign(PathBuf),
    /// The audit could not be read.
    #[error("the audit could not be read for the sent journal: {0}")]
    Audit(String),
    /// The thread that writes it broke: a fault of ours.
    #[error(
        "the sent journal is not written: its thread broke, and is begun anew within a minute; report what the log says"
    )]
    Gone,
}

/// How the journal stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalStatus {
    /// Why it is not written; `None` while all is well, or while there is none.
    pub fault: Option<JournalFault>,
    /// The last event that is in it; 0 before the first.
    pub last: i64,
}
