//! The words of the world's mail servers, in lower case, and what they mean. The first row that fits counts, so what is about
//! us stands before what is about her, and what is plain before what is vague. A new server's words are a new row, and a line
//! in `tests/corpus/replies.toml` that proves it.

mod others;
mod us;
pub mod phrase;

use crate::care::refusal::phrases::phrase::Phrase;
use crate::care::refusal::reason::RefusalReason;

/// Every row, in the order in which they count.
fn rows() -> impl Iterator<Item = &'static Phrase> {
    us::ROWS.iter().chain(others::ROWS)
}

/// The row for words in lower case, of those whose reason fits.
#[must_use]
pub fn find(lower: &str, fits: impl Fn(RefusalReason) -> bool) -> Option<&'static Phrase> {
    rows().find(|row| fits(row.reason) && row.says.iter().all(|sign| lower.contains(sign)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_found() {
        for row in rows() {
            assert!(
                row.says.iter().all(|sign| !sign.is_empty() && *sign == sign.to_ascii_lowercase()),
                "{row:?}"
            );
            let said = row.says.join(" … ");
            let found = find(&said, |_| true).unwrap();
            assert_eq!(found.reason.scope(), row.reason.scope(), "{row:?} is hidden by {found:?}");
        }
    }
}
