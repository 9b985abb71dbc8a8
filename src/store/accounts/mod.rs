//! What belongs to a console account besides its row: invitations, sessions, recovery codes.

pub mod connection;
pub mod invitation;
pub mod record_views;
pub mod recovery;
pub mod session;
