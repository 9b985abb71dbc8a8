//! What the clinic decides, read once and typed. Every fault is found at once, each with its line and a hint; nothing is
//! guessed. Secrets never stand here: [`credential`] fetches them.

pub mod fault;
pub mod embedded;
pub mod credential;
pub mod load;
mod sources;
pub mod protocols;
pub mod checklists;
pub mod pages;
pub mod centres;
mod series;
pub mod sense;
mod steps;
mod types;
mod places;
mod reader;
mod values;
mod ranges;
mod addresses;
mod numbers;
mod words;
mod sections;
mod edge;
mod learn;
mod cross;

pub use fault::Fault;
pub use learn::Learn;
pub use places::{Backup, Heartbeat, Paths, Test};
pub use sources::Sources;
pub use types::{
    Alerts, Auth, Checklists, Clinic, Config, Database, Dial, First, Local, Mail, Mailbox, Mode, Read, Rung,
    Sending, SignOff, Smtp, Tls, Transport, Web, Webhook,
};
