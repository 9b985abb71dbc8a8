//! The words of the world's mail servers, in lower case, and what they mean. The first row that fits counts, so what is about
//! us stands before what is about her, and what is plain before what is vague. A new server's words are a new row, and a line
//! in `tests/corpus/replies.toml` that proves it.

mod alike;
mod others;
mod reply_words;
mod sender;
mod us;
pub mod phrase;

use crate::care::refusal::phrases::phrase::Phrase;
use crate::care::refusal::phrases::sender::SENDER;
use crate::care::refusal::reason::RefusalReason;

/// Every row but that of our sender, in the order in which they count.
#[cfg(test)]
fn rows() -> impl Iterator<Item = &'static Phrase> {
    alike::ROWS.iter().chain(us::ROWS).chain(others::ROWS).chain(others::VAGUE)
}

/// The row for words in lower case, of those whose reason fits.
#[must_use]
pub fn find(lower: &str, fits: impl Fn(RefusalReason) -> bool) -> Option<&'static Phrase> {
    let said = reply_words::reason(lower);
    let first = |rows: &'static [Phrase]| rows.iter().find(|row| fits(row.reason) && row.is_in(said));
    first(alike::ROWS)
        .or_else(|| first(us::ROWS))
        .or_else(|| (fits(SENDER.reason) && refuses_sender(said)).then_some(SENDER))
        .or_else(|| first(others::ROWS))
        .or_else(|| first(others::VAGUE))
}

/// Whether the first clause that tells whom it is about speaks of our sender; one that says plainly that she has no mailbox
/// there is about her, whatever is explained behind it.
fn refuses_sender(said: &str) -> bool {
    let is_hers =
        |clause: &str| others::ROWS.iter().any(|row| row.reason.is_dead_address() && row.is_in(clause));
    let mut told = sender::clauses(said).map(|clause| (sender::is_refused(clause), is_hers(clause)));
    told.find(|(ours, hers)| *ours || *hers).is_some_and(|(ours, _)| ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::refusal::cause::Cause;

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

    #[test]
    fn the_first_clause_that_names_somebody_tells_whom_a_refusal_is_about() {
        let of = |said: &str| find(said, |_| true).map(|row| row.reason);
        let ours = Some(RefusalReason::Us(Cause::SenderAddress));
        for said in [
            "sender address has null mx",
            "sender mailbox does not exist",
            "sender verification failed: no such user",
            "verification failed for <address> no such user here sender verify failed",
            "return path domain does not exist",
            "resolver.adr.sendernotfound",
        ] {
            assert_eq!(of(said), ours, "{said}");
        }
        for said in [
            "user unknown. the sender address is not known here",
            "<address>: recipient address rejected: user unknown; sender rejected this",
            "no such user here - please notify the sender of this invalid address",
            "user unknown, message returned to sender",
        ] {
            assert!(of(said).is_some_and(RefusalReason::is_dead_address), "{said}");
        }
    }
}
