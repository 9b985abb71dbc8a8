//! What the clinic decides, read once and typed. Every fault is found at once, each with its line and a hint; nothing is
//! guessed. Secrets never stand here: [`credential`] fetches them.

pub mod embedded;
pub mod credential;
pub mod load;
mod sources;
pub mod centres;
pub mod file;
pub mod sections;
pub mod protocols;
pub mod checklists;
pub mod pages;

pub use crate::config::file::fault::Fault;
pub use crate::config::sections::learn::Learn;
pub use crate::config::sections::places::{Backup, Heartbeat, Paths, Test};
pub use crate::config::sections::types::{
    Alerts, AuthKind, ChecklistSection, ClinicSection, Config, Database, Dial, First, JudgingMode,
    LocalWords, Mail, Mailbox, ReadAnswers, RungSection, Sending, SignOffSection, SmtpSection, TlsMode,
    Transport, Web, Webhook,
};
pub use sources::Sources;
