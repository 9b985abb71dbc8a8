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
    Alerts, Auth, Checklists, Clinic, Config, Database, Dial, First, Local, Mail, Mailbox, Mode, Read, Rung,
    Sending, SignOff, Smtp, Tls, Transport, Web, Webhook,
};
pub use sources::Sources;
