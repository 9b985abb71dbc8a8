//! The columns of a roster in words that somebody understands who has never seen one, and faults in words for a page.

use serde::Deserialize;

use crate::exchange::roster::columns;
use crate::web::console::layout::sentence::{sentence, with_hint, without_commands};

/// A column and what it is called on a page.
const WORDS: [(&str, &str); 28] = [
    ("reference", "Case code"),
    ("preferred_name", "What she is called"),
    ("birth_date", "Birth date"),
    ("email", "E-mail address"),
    ("language", "Language"),
    ("time_zone", "Time zone"),
    ("protocol", "Protocol"),
    ("anchor_on", "Date the protocol counts from"),
    ("status", "Status"),
    ("detail", "How much letters say"),
    ("shared_inbox", "Shared inbox"),
    ("next_visit_at", "Next visit, date and time"),
    ("place", "Place of the visit"),
    ("phone", "Telephone"),
    ("phone_2", "Second telephone"),
    ("best_time", "Best time to ring"),
    ("other_contact", "Who else may be rung"),
    ("other_phone", "Telephone of that person"),
    ("mail_consent_on", "Day on which she agreed to e-mail"),
    ("proxy_name", "Name of whoever acts for her"),
    ("proxy_relation", "What whoever acts for her is to her"),
    ("proxy_email", "E-mail address of whoever acts for her"),
    ("proxy_language", "Language of whoever acts for her"),
    ("proxy_consent_by", "Who agreed that somebody acts for her"),
    ("proxy_consent_on", "Day of that consent"),
    ("proxy_until", "Last day on which somebody acts for her"),
    ("paused_until", "Last day of her pause"),
    ("declined", "Kinds of letters she does not want"),
];

/// What a column is called.
pub(in crate::web::console) fn label(column: &str) -> &str {
    WORDS.iter().find(|(known, _)| *known == column).map_or(column, |(_, text)| text)
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
