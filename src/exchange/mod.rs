//! What other systems get and give: signed calls, tables, records.

pub mod webhook;
