//! A clause, and rules that read one. Servers say the same of her mailbox and of our address, our account, our machine; what
//! counts is of whom a clause speaks.

use crate::care::refusal::phrases::phrase::PhraseMatch;
use crate::care::refusal::phrases::sender;
use crate::care::refusal::reason::Permanence::{self, Lasting, Temporary};
use crate::care::refusal::reason::RefusalReason;
use crate::care::refusal::sentence_marks::{HOST, IP, MARKS};

/// What a server can call an account of whoever writes.
const ACCOUNTS: [&str; 9] =
    ["account", "accounts", "mailbox", "plan", "subscription", "license", "licence", "hosting", "service"];
/// So many words may stand between "your" and what is ours.
const BETWEEN: usize = 3;

/// A clause as rules read it: words in lower case with a space on either side, no punctuation.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    pub(super) words: String,
}

impl Clause {
    /// Those of what was said, in their order.
    pub(super) fn all(marked: &str) -> Vec<Self> {
        sender::clauses(marked).map(Self::new).collect()
    }

    fn new(text: &str) -> Self {
        // Of Thai the marks over a letter are letters too.
        let is_part = |c: char| {
            c.is_alphanumeric() || c == '\'' || MARKS.contains(&c) || ('\u{e00}'..='\u{e7f}').contains(&c)
        };
        let mut words: Vec<&str> = Vec::new();
        for piece in text.split_whitespace() {
            match piece.find([HOST, IP]) {
                // Behind these the name itself stands.
                Some(at) => {
                    words.extend(piece[..at].split(|c| !is_part(c)).filter(|word| !word.is_empty()));
                    let mark = piece[at..].chars().next().map_or(0, char::len_utf8);
                    words.push(&piece[at..at + mark]);
                }
                None => words.extend(piece.split(|c| !is_part(c)).filter(|word| !word.is_empty())),
            }
        }
        let words = format!(" {} ", with_our_account(&words).join(" ")).replace(" e mail ", " email ");
        Self { words: words.replace(" recipient address rejected ", " † ") }
    }

    /// Whether any of these stands in it, of which `|` divides one from the next; a space in a sign is the border of a word.
    pub(super) fn has(&self, signs: &str) -> bool {
        signs.split('|').any(|sign| !sign.is_empty() && self.words.contains(sign))
    }
}

/// "Your new mail account" is "your account".
fn with_our_account<'w>(words: &[&'w str]) -> Vec<&'w str> {
    let mut short = Vec::with_capacity(words.len());
    let mut rest = words;
    while let Some((first, after)) = rest.split_first() {
        short.push(*first);
        rest = after;
        let near = after.iter().take(BETWEEN + 1).position(|word| ACCOUNTS.contains(word));
        if *first == "your"
            && let Some(at) = near
            && !after[..at].iter().any(|word| word.starts_with("recipient"))
        {
            short.push("account");
            rest = &after[at + 1..];
        }
    }
    short
}

/// A rule: the clause names one of these, says one of those, and none of what speaks against it.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClauseRule {
    names: &'static str,
    says: &'static str,
    unless: &'static str,
    pub(super) reason: RefusalReason,
    lasts: Option<Permanence>,
}

impl ClauseRule {
    pub(super) const fn unless(self, unless: &'static str) -> Self {
        Self { unless, ..self }
    }

    /// Waiting helps, though the code says that it does not.
    pub(super) const fn passes(self) -> Self {
        Self { lasts: Some(Temporary), ..self }
    }

    /// Waiting does not help, though the code says that it does.
    pub(super) const fn stays(self) -> Self {
        Self { lasts: Some(Lasting), ..self }
    }

    fn fits(&self, clause: &Clause) -> bool {
        let says = |signs: &str| signs.is_empty() || clause.has(signs);
        says(self.names) && says(self.says) && !clause.has(self.unless)
    }
}

/// The rule for signs as [`Clause::has`] takes them. Where nothing needs to be said of what is named, `says` is empty.
pub(super) const fn rule(names: &'static str, says: &'static str, reason: RefusalReason) -> ClauseRule {
    ClauseRule { names, says, unless: "", reason, lasts: None }
}

/// What the first rule says that fits a clause.
pub(super) fn first(
    rules: &[ClauseRule],
    clauses: &[Clause],
    fits: impl Fn(RefusalReason) -> bool,
) -> Option<PhraseMatch> {
    let mut fitting = rules.iter().filter(|rule| fits(rule.reason));
    let row = fitting.find(|rule| clauses.iter().any(|clause| rule.fits(clause)))?;
    Some(PhraseMatch { reason: row.reason, lasts: row.lasts })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_is_words_with_borders() {
        for (text, words) in [
            ("5.7.1 †: user unknown", [" 5 7 1 † user unknown "].as_slice()),
            ("your new mail account is disabled", &[" your account is disabled "]),
            ("your recipient's mailbox is full", &[" your recipient's mailbox is full "]),
            ("blocked by ¤zen.spamhaus.org; [¶192.0.2.9]", &[" blocked by ¤ ", " ¶ "]),
            ("e-mail limit", &[" email limit "]),
        ] {
            let clauses = Clause::all(text);
            assert_eq!(clauses.iter().map(|clause| clause.words.as_str()).collect::<Vec<_>>(), words);
        }
    }
}
