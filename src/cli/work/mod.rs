//! What staff work through: alerts, tasks, letters, forms, reports.

pub mod ledger;
pub mod letters;
mod booking_list;
pub mod contact;
pub mod alerts;
pub mod tasks;
pub(in crate::cli) mod inbound_message;
pub mod staff;
pub mod protocol;
pub mod replay;
pub mod audit;
pub mod report;
pub mod checklist;
mod alike;
