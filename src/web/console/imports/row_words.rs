//! The rows of a staged file as a page shows them: those with a fault as fields to mend, the others as what they would do.

use minijinja::{Value, context};

use crate::care::roster::row_verdict::StagedVerdict;
use crate::store::roster::staged::StagedRow;
use crate::web::console::imports::column_words::{KeptFault, label};

/// How a verdict is called above its rows.
pub(in crate::web::console::imports) const fn heading(verdict: StagedVerdict) -> &'static str {
    match verdict {
        StagedVerdict::Faulty => "Rows with a fault",
        StagedVerdict::New => "Patients who would be taken in",
        StagedVerdict::Changed => "Patients on record who would change",
        StagedVerdict::Same => "On record already, as they are",
    }
}

/// The name of the field of a cell.
pub(in crate::web::console::imports) fn field(line: i64, place: usize) -> String {
    format!("cell.{line}.{place}")
}

/// A row: its code and name, and each fault with the cell that it is about.
pub(in crate::web::console::imports) fn words(row: &StagedRow) -> Value {
    let cells: Vec<String> = serde_json::from_str(&row.cells).unwrap_or_default();
    let cell = |place: usize| cells.get(place).cloned().unwrap_or_default();
    let faults = KeptFault::read(row.faults.as_deref());
    let shown = faults.iter().map(|fault| {
        let place = fault.place();
        context! {
            says => fault.says(),
            label => fault.column.as_deref().map(label),
            field => place.map(|place| field(row.line, place)),
            value => place.map(cell),
        }
    });
    context! {
        line => row.line,
        code => cell(0),
        name => cell(1),
        protocol => cell(6),
        anchor => cell(7),
        visit => cell(11),
        faults => shown.collect::<Vec<_>>(),
    }
}
