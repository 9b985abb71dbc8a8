//! A text as words and the ends of its clauses and sentences, so that rules can ask who is spoken of, and of what.

use std::collections::{HashMap, HashSet};

use icu_normalizer::ComposingNormalizerBorrowed;

/// A word in lower case, or the end of a clause or a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mail::inbound) struct TextPart {
    pub(in crate::mail::inbound) text: String,
    /// Whether it was written with a capital, as names are.
    pub(in crate::mail::inbound) is_capital: bool,
}

/// The end of a sentence.
pub(in crate::mail::inbound) const END: &str = ".";
/// The end of a clause within it.
pub(in crate::mail::inbound) const PAUSE: &str = ",";

/// Behind these a full stop ends no sentence.
const SHORT: &str = "dr dra drs mr mrs ms prof st sr sra srta hr fr dott sig mme mlle no nr tel approx ca";
/// What English leaves behind an apostrophe as a part of the word.
const PARTS: &str = "t m d ll re ve";

/// The words of a text, quoted lines of an older message left out.
pub(in crate::mail::inbound) fn tokens(text: &str) -> Vec<TextPart> {
    let own = text.lines().filter(|line| !line.trim_start().starts_with('>')).collect::<Vec<_>>().join("\n");
    // Some programs write marks apart from their letters, and our lists do not.
    let own = own.replace(['’', 'ʼ', '`', '´'], "'");
    let own = ComposingNormalizerBorrowed::new_nfc().normalize(&own);
    let mut found: Vec<TextPart> = Vec::new();
    let mut word = String::new();
    let mut rest = own.chars().peekable();
    while let Some(c) = rest.next() {
        if is_part(c) {
            word.push(c);
            continue;
        }
        let is_inside = rest.peek().is_some_and(|next| next.is_alphanumeric());
        let ends = match c {
            '.' if is_inside || is_listed(SHORT, &word.to_lowercase()) => None,
            // "am 3.11. eingeschlafen".
            '.' if is_number(&word) && rest.clone().nth(1).is_some_and(char::is_lowercase) => None,
            '.' | '!' | '?' | ';' | '…' | '。' | '！' | '？' => Some(END),
            '\n' if rest.peek() == Some(&'\n') => Some(END),
            ',' | ':' | '(' | ')' | '–' | '—' | '，' | '、' => Some(PAUSE),
            '-' if !is_inside => Some(PAUSE),
            _ => None,
        };
        push(&mut found, &mut word);
        found.extend(ends.map(|end| TextPart { text: end.to_owned(), is_capital: false }));
    }
    push(&mut found, &mut word);
    found
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_digit())
}

/// Letters, digits, apostrophes, and marks that stand upon letters.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '\u{300}'..='\u{36f}')
}

/// Takes a word in, parted at its apostrophe: `she's` is `she 's`, `s'est` is `s' est`, and `can't` is one.
fn push(found: &mut Vec<TextPart>, word: &mut String) {
    let whole = std::mem::take(word);
    let bare = whole.trim_matches('\'');
    let parted = bare.split_once('\'').filter(|(_, behind)| !is_listed(PARTS, &behind.to_lowercase()));
    let (head, tail) = match parted {
        Some((head, "s" | "S")) => (head.to_owned(), "'s".to_owned()),
        Some((head, tail)) => (format!("{head}'"), tail.to_owned()),
        None => (bare.to_owned(), String::new()),
    };
    for one in [head, tail].into_iter().filter(|one| !one.is_empty()) {
        let is_capital = one.chars().next().is_some_and(char::is_uppercase);
        found.push(TextPart { text: one.to_lowercase(), is_capital });
    }
}

/// Whether a list of words, parted by blanks, holds a word.
pub(in crate::mail::inbound) fn is_listed(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split_whitespace().any(|known| known == word)
}

/// Words of lists, to be found at once however many there are.
pub(in crate::mail::inbound) type WordSet = HashSet<&'static str>;

/// The words of lists in which they are parted by blanks.
pub(in crate::mail::inbound) fn words(lists: &[&'static str]) -> WordSet {
    lists.iter().flat_map(|list| list.split_whitespace()).collect()
}

/// Phrases, by their first words.
pub(in crate::mail::inbound) struct PhraseSet(HashMap<&'static str, Vec<Vec<&'static str>>>);

impl PhraseSet {
    /// The phrases of lists in which they are parted by bars.
    pub(in crate::mail::inbound) fn of(lists: &[&'static str]) -> Self {
        let mut by_first: HashMap<_, Vec<Vec<_>>> = HashMap::new();
        for phrase in lists.iter().flat_map(|list| list.split('|')) {
            let words: Vec<&str> = phrase.split_whitespace().collect();
            if let Some(first) = words.first().copied() {
                by_first.entry(first).or_default().push(words);
            }
        }
        Self(by_first)
    }

    /// How many words the longest phrase has that stands at a place.
    pub(in crate::mail::inbound) fn at(&self, tokens: &[TextPart], at: usize) -> Option<usize> {
        let stands = |phrase: &&Vec<&str>| {
            let found = tokens.get(at..at + phrase.len());
            found
                .is_some_and(|found| found.iter().zip(phrase.iter()).all(|(token, word)| token.text == *word))
        };
        let phrases = self.0.get(tokens.get(at)?.text.as_str())?;
        phrases.iter().filter(stands).map(Vec::len).max()
    }

    /// Whether one of them stands anywhere.
    pub(in crate::mail::inbound) fn is_in(&self, tokens: &[TextPart]) -> bool {
        (0..tokens.len()).any(|at| self.at(tokens, at).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_clauses_and_sentences_are_told_apart() {
        for (text, words) in [
            ("Dr. Lee died. She's well", "dr lee died . she 's well"),
            ("I can't, I won’t\nstay\n\nAna", "i can't , i won't stay . ana"),
            ("elle s'est éteinte", "elle s' est éteinte"),
            ("write to ana@home.example", "write to ana home example"),
            ("R.I.P.", "r i p ."),
            ("fallecio\u{301} man\u{303}ana", "falleció mañana"),
            ("am 3.11. eingeschlafen. Ende", "am 3 11 eingeschlafen . ende"),
            ("ok\n> my wife died\nmother-in-law - gone", "ok mother in law , gone"),
        ] {
            let found: Vec<String> = tokens(text).into_iter().map(|token| token.text).collect();
            assert_eq!(found.join(" "), words);
        }
    }
}
