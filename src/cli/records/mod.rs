//! Patients, visits and plans; rosters in, records out.

pub mod settings;
pub mod plan;
pub mod import;
pub mod imports;
pub mod patient;
pub mod visit;
pub mod export;
