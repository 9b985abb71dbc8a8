//! The words that nobody else may see: not in a subject, a calendar, a sender or the address of a page (P10).

use std::collections::{BTreeMap, BTreeSet};

use crate::letter::fault::LetterFault;
use crate::letter::wording::{ClinicFacts, LanguagePack, Wording};

/// In an address words run together, so longer ones count in the middle too: `riversidecancer.example`.
const TELLS_ANYWHERE: usize = 6;

/// Beginnings of words, in lower case; one that ends in a blank is a whole word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forbidden(Vec<String>);

impl Forbidden {
    /// Those of one language: `forbidden.words` of its strings.
    #[must_use]
    pub fn of(strings: &BTreeMap<String, String>) -> Self {
        let words = strings.iter().filter(|(key, _)| key.starts_with("forbidden.words."));
        Self(words.map(|(_, word)| word.to_lowercase()).collect())
    }

    /// Those of every language of a wording: what stands outside is read by whoever sees it.
    #[must_use]
    pub fn everywhere(wording: &Wording) -> Self {
        Self(wording.languages.values().flat_map(|pack| Self::of(&pack.strings).0).collect())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first that a text says.
    #[must_use]
    pub fn told_by(&self, text: &str) -> Option<&str> {
        self.0.iter().map(String::as_str).find(|word| holds(text, word))
    }

    /// The first that an address, a domain or a URL says.
    #[must_use]
    pub fn told_by_address(&self, text: &str) -> Option<&str> {
        let text = text.to_lowercase();
        let anywhere = |word: &&str| word.chars().count() >= TELLS_ANYWHERE && text.contains(*word);
        self.told_by(&text).or_else(|| self.0.iter().map(String::as_str).find(anywhere))
    }
}

/// Whether a text holds a forbidden beginning of a word.
fn holds(text: &str, word: &str) -> bool {
    let text = text.to_lowercase();
    text.match_indices(word.trim_end()).any(|(at, found)| {
        let before = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
        let after = text[at + found.len()..].chars().next().is_some_and(char::is_alphanumeric);
        !(before || after && word.ends_with(' '))
    })
}

/// What of a wording an inbox, a calendar or a lock screen would show and must not (P10). Cheap enough for every start.
#[must_use]
pub fn told_outside(wording: &Wording) -> Vec<LetterFault> {
    let told = |(language, pack): (&String, &LanguagePack)| telling(language, pack, &wording.clinic);
    let mut seen = BTreeSet::new();
    let found = wording.languages.iter().flat_map(told);
    found.filter(|fault| seen.insert(fault.to_string())).collect()
}

/// What an inbox, a calendar or a lock screen shows must not tell.
pub(super) fn telling(language: &str, pack: &LanguagePack, clinic: &ClinicFacts) -> Vec<LetterFault> {
    let file = format!("letters/{language}/strings.toml");
    let mut faults = Vec::new();
    let words = Forbidden::of(&pack.strings);
    if words.is_empty() {
        let hint = "list the words that no subject may hold";
        faults.push(LetterFault::new(&file, "`forbidden.words` is missing", hint));
    }
    let told = |text: &str| words.told_by(text);
    for (key, text) in &pack.strings {
        let shown = key.starts_with("subjects.") || key == "lines.preview" || key == "lines.calendar";
        if let Some(word) = told(text).filter(|_| shown) {
            let problem = format!("`{key}` says \"{word}\", which others could see");
            faults.push(LetterFault::new(&file, problem, "say it neutrally: who writes, not why"));
        }
    }
    if let Some(word) = told(&clinic.short_name) {
        let problem = format!("`clinic.short_name` says \"{word}\" and stands in every subject");
        faults.push(LetterFault::new("aftercare.toml", problem, "choose a neutral short name"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn senders_and_addresses_that_tell_are_found() {
        let words = Forbidden::everywhere(&samples::wording());
        assert_eq!(words.told_by("Gynae-Oncology Clinic"), Some("oncolog"));
        assert_eq!(words.told_by("Consulta de Ginecología"), Some("ginec"));
        for address in [
            "https://cervical-cancer.riverside.example/oncology",
            "cancer@riverside.example",
            "care@riversidecancer.example",
        ] {
            assert!(words.told_by_address(address).is_some(), "{address}");
        }
        for address in ["care@riverside.example", "https://letters.spain.example", "desk@trombone.example"] {
            assert_eq!(words.told_by_address(address), None, "{address}");
        }
    }
}
