//! What whoever watches the daemon asks every few seconds: counts and ages that indices answer, and how the writer fares. No
//! row about one person is read, and nothing here names one.

pub mod readings;
pub mod letters;
pub mod alerts;
pub mod tasks;
pub mod patients;
pub mod events;
pub mod duration_counts;
pub mod writer_load;
