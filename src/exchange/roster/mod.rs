//! A roster: patients and their enrolments as a CSV file or a workbook.

pub mod read;
mod cells;
mod columns;
mod compare;
mod dates;
mod leading_zeros;
mod rows;
mod workbook;
mod csv_text;
mod duplicates;
pub(crate) mod row;
pub(crate) mod survey;
pub(crate) mod write;
