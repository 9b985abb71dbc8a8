//! A roster is a CSV file, or a sheet of a workbook, of patients and their enrolments. It is read
//! twice: [`survey`] looks at every row and tells every fault while nothing is written; then the
//! sound rows are taken in. Neither holds more than one row.

pub mod cells;
mod columns;
mod compare;
pub mod dates;
mod leading_zeros;
pub mod rows;
mod workbook;
mod csv_text;
mod duplicates;
pub mod row;
pub mod survey;
pub mod write;
pub mod row_fault;
pub mod rules;
