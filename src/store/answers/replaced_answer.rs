//! What a form said first, where a later page of the same form says something else: it is kept beside the answer, for whoever judges
//! it (a later answer never overwrites an earlier one).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::db::columns::{instant, millis};
use crate::store::error::StoreError;

/// Nobody changes an answer so often; more is a program that plays with the form.
const MOST: usize = 100;

/// One answer that does not stand any more. No Debug: it is an answer.
#[derive(Clone, PartialEq, Eq)]
pub struct ReplacedAnswer {
    /// The field of the form.
    pub field: String,
    /// What stood in it, in the word that is stored.
    pub word: String,
    /// When that was saved last.
    pub at: Timestamp,
}

/// How one stands in the column.
#[derive(Serialize, Deserialize)]
struct StoredAnswer {
    field: String,
    word: String,
    at: i64,
}

/// Reads the list as it stands in its column.
pub(super) fn parse(stored: &str) -> Result<Vec<ReplacedAnswer>, StoreError> {
    let stored: Vec<StoredAnswer> =
        serde_json::from_str(stored).map_err(|_| StoreError::corrupt("replaced answers"))?;
    let read = |StoredAnswer { field, word, at }| ReplacedAnswer { field, word, at: instant(at) };
    Ok(stored.into_iter().map(read).collect())
}

/// Writes the list as it stands in its column.
pub(super) fn written(replaced: &[ReplacedAnswer]) -> String {
    let stored = replaced
        .iter()
        .map(|one| serde_json::json!({ "field": one.field, "word": one.word, "at": millis(one.at) }));
    serde_json::Value::from_iter(stored).to_string()
}

/// A page that was saved, and the one that comes after it; both as JSON of field and word.
pub(super) struct PageChange<'p> {
    /// What stood before the page came.
    pub(super) before: &'p str,
    /// What stands from now on.
    pub(super) next: &'p str,
}

/// Adds what of the answers saved at that instant does not stand any more. The same word of a field is kept once, with
/// its first instant.
pub(super) fn keep(replaced: &mut Vec<ReplacedAnswer>, at: Timestamp, change: &PageChange<'_>) {
    let words = |json: &str| serde_json::from_str::<BTreeMap<String, String>>(json).unwrap_or_default();
    let next = words(change.next);
    for (field, word) in words(change.before) {
        let stands = next.get(&field) == Some(&word);
        let is_known = replaced.iter().any(|one| one.field == field && one.word == word);
        if !stands && !is_known && replaced.len() < MOST {
            replaced.push(ReplacedAnswer { field, word, at });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_first_is_kept_once_and_in_order() {
        let at = |second: i64| instant(second * 1000);
        let mut replaced = Vec::new();
        let mut then = |second, before, next| keep(&mut replaced, at(second), &PageChange { before, next });
        let said = r#"{"SP13":"new-worse","SP01":"yes"}"#;
        then(1, said, r#"{"SP13":"no","SP01":"yes","SP02":"no"}"#);
        then(2, r#"{"SP13":"no","SP01":"yes"}"#, r#"{"SP13":"new-worse"}"#);
        then(3, said, r#"{"SP13":"no","SP01":"yes"}"#);
        let all: Vec<_> =
            replaced.iter().map(|one| (one.field.as_str(), one.word.as_str(), one.at)).collect();
        assert_eq!(all, [("SP13", "new-worse", at(1)), ("SP01", "yes", at(2)), ("SP13", "no", at(2))]);
        assert!(parse(&written(&replaced)).unwrap() == replaced);
        assert!(parse("{}").is_err() && parse("[]").unwrap().is_empty());
    }
}
