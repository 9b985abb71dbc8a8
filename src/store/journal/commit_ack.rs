//! Who hears of a commit, and when.

use crate::store::error::StoreError;

/// The number of a commit of this process, from 1; 0 for a change that was not committed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) struct CommitNumber(pub(in crate::store) u64);

/// When whoever asked for a change hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum AckStage {
    /// When the database has it on disk.
    Committed,
    /// When the sent journal has it too.
    Journaled,
}

/// Told whether the shared commit held, and its number; then it answers its waiter.
pub(in crate::store) type Answer = Box<dyn FnOnce(Result<CommitNumber, &StoreError>) + Send>;

/// A waiter of a change that shares a commit with others.
pub(in crate::store) struct CommitAck {
    pub(in crate::store) stage: AckStage,
    pub(in crate::store) answer: Answer,
}

/// What is done with the result of a change, and when.
pub(in crate::store) struct ResultAck<F> {
    pub(in crate::store) stage: AckStage,
    pub(in crate::store) answer: F,
}
