//! The database itself: connections, the one writer, schema, copies, rows that cannot be read.

pub(in crate::store) mod migrate;
pub(in crate::store) mod writer;
pub(in crate::store) mod connect;
pub(in crate::store) mod savepoint;
pub mod health;
pub mod unreadable;
pub mod row_check;
pub mod copy;
pub mod online;
pub(in crate::store) mod next_due;
pub mod transaction;
pub mod columns;
pub mod unread;
pub mod row_location;
pub mod chain_head;
pub mod encryption;
