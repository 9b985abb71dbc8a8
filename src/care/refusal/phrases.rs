//! The words of the world's mail servers, in lower case, and what they mean. The first row that fits counts, so what is about
//! us stands before what is about her, and what is plain before what is vague. A new server's words are a new row, and a line
//! in `tests/corpus/replies.toml` that proves it.

mod account;
mod alike;
mod clause;
mod language;
mod language_us;
mod mailbox;
mod no_fault;
mod others;
mod recipient;
mod reply_words;
mod sender;
mod unknown_mailbox;
mod us;
pub(in crate::care::refusal) mod waiting;
pub mod phrase;

use crate::care::refusal::phrases::clause::Clause;
use crate::care::refusal::phrases::phrase::{Phrase, PhraseMatch};
use crate::care::refusal::phrases::sender::SENDER;
use crate::care::refusal::reason::RefusalReason;
use crate::care::refusal::sentence_marks::plain;

/// Every row but that of our sender, in the order in which they count.
#[cfg(test)]
fn rows() -> impl Iterator<Item = &'static Phrase> {
    alike::ROWS.iter().chain(us::ROWS).chain(mailbox::ROWS).chain(others::ROWS).chain(others::VAGUE)
}

/// What words in lower case mean, with marks in the places of names, of those reasons that fit.
#[must_use]
pub fn find(marked: &str, fits: impl Fn(RefusalReason) -> bool) -> Option<PhraseMatch> {
    let said = without_warnings(&no_fault::without(reply_words::reason(marked)));
    let is_dead = |found: &PhraseMatch| found.reason.is_dead_address();
    let outside = || first_that_fits(&reply_words::outside_brackets(&said), &fits).filter(is_dead);
    // Beside the code of a mailbox that is none (X.1.1) what stands in brackets only explains; the moment is heard there too.
    let is_coded = said.get(1..6) == Some(".1.1 ") && said.contains(['(', '[']) && !said.contains("greylist");
    is_coded.then(outside).flatten().or_else(|| first_that_fits(&said, &fits))
}

/// What was said without the warnings behind a clause that says that she has no mailbox.
fn without_warnings(said: &str) -> String {
    let is_dead = |clause: &str| {
        let bare = plain(clause);
        let is_row = mailbox::ROWS.iter().any(|row| row.reason.is_dead_address() && row.is_in(&bare));
        !sender::is_refused(clause)
            && (is_row || Clause::all(clause).iter().any(|c| unknown(|_| true)(c).is_some()))
    };
    let all: Vec<&str> = sender::clauses(said).collect();
    let Some(dead) = all.iter().position(|clause| is_dead(clause)) else { return said.to_owned() };
    let kept =
        |(at, clause): (usize, &&str)| (at <= dead || !waiting::warns(clause)).then(|| (*clause).to_owned());
    let rest: Vec<String> = all.iter().enumerate().filter_map(kept).collect();
    if rest.len() == all.len() { said.to_owned() } else { rest.join("; ") }
}

fn first_that_fits(said: &str, fits: impl Fn(RefusalReason) -> bool) -> Option<PhraseMatch> {
    let (bare, clauses) = (plain(said), Clause::all(said));
    let first = |rows: &[Phrase]| {
        let row = rows.iter().find(|row| fits(row.reason) && row.is_in(&bare));
        row.map(Phrase::found)
    };
    let before_her =
        || clause::first(account::BEFORE_HER, &clauses, |reason| fits(reason) && !fits(RefusalReason::Full));
    first(alike::PASSING)
        .or_else(|| clause::first(recipient::RULES, &clauses, &fits))
        .or_else(|| first(alike::ROWS))
        .or_else(|| first(us::ROWS))
        .or_else(|| (fits(SENDER.reason) && refuses_sender(said)).then_some(SENDER.found()))
        .or_else(|| clause::first(account::RULES, &clauses, &fits))
        .or_else(|| clause::first(language_us::RULES, &clauses, &fits))
        .or_else(before_her)
        .or_else(|| of_mailbox(said, &fits))
        .or_else(|| clauses.iter().find_map(unknown(&fits)))
        .or_else(|| first(others::ROWS))
        .or_else(|| first(others::VAGUE))
}

/// The row about her mailbox; one that says that it is dead counts only where its clause speaks of her, and for good.
fn of_mailbox(said: &str, fits: impl Fn(RefusalReason) -> bool) -> Option<PhraseMatch> {
    let bare = plain(said);
    let is_doubtful = |row: &Phrase| {
        let clauses = sender::clauses(said).filter(|clause| row.is_in(&plain(clause)));
        let mut told = clauses.flat_map(Clause::all).peekable();
        let doubted = |clause: &Clause| {
            unknown_mailbox::speaks_of_others(clause) || unknown_mailbox::is_for_now(clause)
        };
        let is_foreign = |clause: &Clause| {
            row.reason == RefusalReason::UnknownDomain && unknown_mailbox::is_of_another_host(clause)
        };
        let is_doubted = |clause: &Clause| doubted(clause) || is_foreign(clause);
        row.reason.is_dead_address() && told.peek().is_some() && told.all(|clause| is_doubted(&clause))
    };
    let mut rows = mailbox::ROWS.iter().filter(|row| fits(row.reason) && row.is_in(&bare));
    rows.find(|row| !is_doubtful(row)).map(Phrase::found)
}

/// What a clause says of a mailbox that is none.
fn unknown(fits: impl Fn(RefusalReason) -> bool) -> impl Fn(&Clause) -> Option<PhraseMatch> {
    move |clause| {
        let reason = unknown_mailbox::read(clause)
            .or_else(|| language::read(clause))
            .filter(|reason| fits(*reason))?;
        Some(PhraseMatch { reason, lasts: None })
    }
}

/// Whether the first clause that tells whom it is about speaks of our sender; one that says plainly that she has no mailbox
/// there is about her, whatever is explained behind it.
fn refuses_sender(said: &str) -> bool {
    let is_hers = |clause: &str| {
        let bare = plain(clause);
        mailbox::ROWS.iter().any(|row| row.reason.is_dead_address() && row.is_in(&bare))
    };
    let mut told = sender::clauses(said).map(|clause| (sender::is_refused(clause), is_hers(clause)));
    told.find(|(ours, hers)| *ours || *hers).is_some_and(|(ours, _)| ours)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::care::refusal::cause::Cause;

    #[test]
    fn every_row_can_be_found() {
        let mut hidden = Vec::new();
        for row in rows() {
            assert!(
                row.says.iter().all(|sign| !sign.is_empty() && *sign == sign.to_ascii_lowercase()),
                "{row:?}"
            );
            let said = row.says.join(" … ");
            let found = find(&said, |_| true).map(|found| found.reason);
            if found.map(RefusalReason::scope) != Some(row.reason.scope()) {
                hidden.push(format!("{:?} {:?} is hidden by {found:?}", row.says, row.reason));
            }
        }
        assert!(hidden.is_empty(), "{hidden:#?}");
    }

    #[test]
    fn brackets_beside_the_code_of_a_dead_mailbox_only_explain() {
        let is_dead = |said: &str| find(said, |_| true).is_some_and(|found| found.reason.is_dead_address());
        assert!(is_dead("5.1.1 user unknown (university relay: uid not in directory)"));
        assert!(is_dead("5.1.1 user unknown [tls not used]"));
        for said in [
            "5.7.1 user unknown (authentication required)",
            "5.1.1 your account is disabled (user unknown)",
            "5.1.1 user unknown (greylisted)",
            "5.1.1 sender mailbox unknown (user does not exist)",
        ] {
            assert!(!is_dead(said), "{said}");
        }
    }

    #[test]
    fn the_first_clause_that_names_somebody_tells_whom_a_refusal_is_about() {
        let of = |said: &str| find(said, |_| true).map(|found| found.reason);
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
