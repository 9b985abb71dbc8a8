//! Letters as they will look whose words nobody has saved yet. A frame asks for its letter by an address of its own, so what was
//! typed is kept for a while, in memory only, and only whoever typed it may look.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// The newest ones are kept; a page that is older is looked at again by one button.
const MOST: usize = 64;

/// A letter that was looked at.
#[derive(Clone)]
pub(in crate::web::console) struct UnsavedLetter {
    /// The word that asks for it.
    pub(super) token: String,
    /// Account of whoever typed it.
    pub(super) by: String,
    pub(super) language: String,
    pub(super) html: String,
}

/// The letters that were looked at last.
#[derive(Clone, Default)]
pub(in crate::web::console) struct UnsavedLetters(Arc<Mutex<VecDeque<UnsavedLetter>>>);

impl UnsavedLetters {
    /// Keeps a letter for its preview, the oldest one gives way.
    pub(super) fn keep(&self, letter: UnsavedLetter) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_back(letter);
        while all.len() > MOST {
            all.pop_front();
        }
    }

    /// The letter of that word, for whoever typed it.
    pub(super) fn of(&self, token: &str, by: &str) -> Option<UnsavedLetter> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().find(|letter| letter.token == token && letter.by == by).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_for_whoever_typed_them() {
        let all = UnsavedLetters::default();
        let letter = |number: usize| UnsavedLetter {
            token: number.to_string(),
            by: "lena".to_owned(),
            language: "en".to_owned(),
            html: String::new(),
        };
        (0..=MOST).for_each(|number| all.keep(letter(number)));
        assert!(all.of("0", "lena").is_none() && all.of("1", "lena").is_some());
        assert!(all.of("1", "adam").is_none());
    }
}
