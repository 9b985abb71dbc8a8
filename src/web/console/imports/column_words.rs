//! The columns of a roster in words that somebody understands who has never seen one, and faults in words for a page.

use serde::Deserialize;

use crate::exchange::roster::columns;
use crate::web::console::layout::sentence::{sentence, with_hint, without_commands};
use crate::web::console::record_field::RecordField;

/// What a column is called.
pub(in crate::web::console) fn label(column: &str) -> &str {
    RecordField::of_column(column).and_then(RecordField::label).unwrap_or(column)
}

/// A fault of a row as it is kept.
#[derive(Debug, Clone, Deserialize)]
pub(in crate::web::console) struct KeptFault {
    pub(in crate::web::console) column: Option<String>,
    problem: String,
    hint: String,
}

impl KeptFault {
    /// The faults of a row.
    pub(in crate::web::console) fn read(faults: Option<&str>) -> Vec<Self> {
        faults.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// What is wrong, as a sentence; what to do follows where it is of use on a page.
    pub(in crate::web::console) fn says(&self) -> String {
        with_hint(&self.problem, &self.hint)
    }

    /// The same for a file of faults.
    pub(in crate::web::console) fn cells(&self) -> [String; 3] {
        let column = self.column.as_deref().unwrap_or("the whole row").to_owned();
        [column, sentence(&self.problem), sentence(without_commands(&self.hint))]
    }

    /// Where the cell stands among all columns.
    pub(in crate::web::console) fn place(&self) -> Option<usize> {
        let column = self.column.as_deref()?;
        columns::known().position(|known| known == column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_words_and_a_fault_speaks_of_no_command() {
        for column in columns::known() {
            assert_ne!(label(column), column);
        }
        let kept = r#"[{"line":2,"column":"birth_date","problem":"there is no such day","hint":"say which: `--dates dmy`"}]"#;
        let fault = KeptFault::read(Some(kept)).remove(0);
        assert_eq!((fault.says().as_str(), fault.place()), ("There is no such day.", Some(2)));
    }
}
