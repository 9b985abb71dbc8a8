//! The sent journal: every event of the audit once more, appended to files outside the database before anybody is told that a
//! change is kept. It outlives the database: whoever restores yesterday's backup learns from it what left since, who died, who
//! wants no letters, who was erased.

pub mod line;
pub mod segment;
pub mod letters;
pub mod status;
pub(in crate::store) mod commit_ack;
pub mod sent_journal;
mod writer;
mod event_match;
pub mod same_event;
pub mod events;
pub mod journal_check;
pub mod prior_doubts;
pub mod prior_letters;
pub mod held;
