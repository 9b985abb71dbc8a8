//! Which texts a letter consists of, each by its name: a fragment such as `book`, or a short text such as `subjects.booked`.

use crate::letter::fault;
use crate::letter::proof::samples;
use crate::letter::wording::LanguagePack;

/// What stands in every letter: greeting, numbers, signs, footer, words of links.
pub const EVERY_LETTER: &str = "every-letter";
/// What stands in the place of a form while nobody can read one.
pub const NO_COVER: &str = "no-cover";
/// Letters of steps without words of their own, and subjects that several letters share.
pub const OTHER_LETTERS: &str = "other-letters";

/// Fragments that other texts include, or that end every letter.
const SHARED: [&str; 5] = ["details", "form", "warning", "numbers", "footer"];
/// Subjects of letters that have none of their own.
const SHARED_SUBJECTS: [&str; 3] = ["subjects.appointment", "subjects.message", "subjects.default-staff"];

/// Everything that can be worded as one: each letter that has words of its own, then what letters share.
pub fn letters() -> impl Iterator<Item = &'static str> {
    samples::STEPS.iter().map(|(step, _)| *step).chain([NO_COVER, EVERY_LETTER, OTHER_LETTERS])
}

/// The step whose letter it is; `None` for what letters share.
#[must_use]
pub fn step(letter: &str) -> Option<&str> {
    Some(letter).filter(|letter| ![EVERY_LETTER, NO_COVER, OTHER_LETTERS].contains(letter))
}

/// The texts of a letter that this language has, in the order in which they are read.
#[must_use]
pub fn texts(letter: &str, pack: &LanguagePack) -> Vec<String> {
    let short = |wanted: &dyn Fn(&str) -> bool| {
        pack.strings.keys().filter(|key| wanted(key)).cloned().collect::<Vec<_>>()
    };
    let fragments = |wanted: &dyn Fn(&str) -> bool| {
        pack.fragments.keys().filter(|name| wanted(name)).cloned().collect::<Vec<_>>()
    };
    match letter {
        EVERY_LETTER => {
            let first = short(&|key| key.starts_with("greeting."));
            let parts = SHARED.iter().filter(|name| pack.fragments.contains_key(**name));
            let rest = short(&|key| ["lines.", "links.", "nouns."].iter().any(|list| key.starts_with(list)));
            first.into_iter().chain(parts.map(|name| (*name).to_owned())).chain(rest).collect()
        }
        OTHER_LETTERS => {
            let subjects = short(&|key| SHARED_SUBJECTS.contains(&key));
            subjects.into_iter().chain(fragments(&|name| is_of("default", name))).collect()
        }
        letter => {
            let subject = format!("subjects.{letter}");
            let subjects = short(&|key| key == subject);
            subjects.into_iter().chain(fragments(&|name| is_of(letter, name))).collect()
        }
    }
}

/// Whether a fragment is that letter's, or a variant of it.
fn is_of(letter: &str, fragment: &str) -> bool {
    fragment.strip_prefix(letter).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a text is one line of `strings.toml`.
#[must_use]
pub fn is_short(name: &str) -> bool {
    ["subjects.", "greeting.", "lines.", "links.", "nouns."].iter().any(|list| name.starts_with(list))
}

/// What a text says in that language.
#[must_use]
pub fn said<'p>(pack: &'p LanguagePack, name: &str) -> Option<&'p str> {
    let all = if is_short(name) { &pack.strings } else { &pack.fragments };
    all.get(name).map(String::as_str)
}

/// Lets a text say something else.
pub(super) fn say(pack: &mut LanguagePack, name: &str, text: &str) {
    let all = if is_short(name) { &mut pack.strings } else { &mut pack.fragments };
    all.insert(name.to_owned(), text.to_owned());
}

/// The file that an operator would write for a text.
#[must_use]
pub fn file(language: &str, name: &str) -> String {
    if is_short(name) {
        format!("letters/{language}/strings.toml")
    } else {
        fault::fragment_file(language, name)
    }
}

/// A text as it is kept, however a browser or a file ends its lines.
#[must_use]
pub fn kept(name: &str, typed: &str) -> String {
    let text = typed.strip_prefix('\u{feff}').unwrap_or(typed).replace("\r\n", "\n").replace('\r', "\n");
    match is_short(name) {
        true => text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "),
        false => format!("{}\n", text.trim_end().trim_start_matches('\n')),
    }
}

/// Whether two texts say the same, whatever stands behind their last word.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one.trim_end() == other.trim_end()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_text_of_a_letter_is_of_one_letter_only_and_in_every_language() {
        let wording = samples::wording();
        for pack in wording.languages.values() {
            let mut seen = BTreeMap::new();
            for letter in letters() {
                let texts = texts(letter, pack);
                assert!(!texts.is_empty(), "{letter}");
                for name in texts {
                    assert!(said(pack, &name).is_some(), "{name}");
                    assert_eq!(seen.insert(name.clone(), letter), None, "{name}");
                }
            }
            for name in pack.fragments.keys() {
                assert!(seen.contains_key(name), "{name} is worded nowhere");
            }
        }
    }

    #[test]
    fn a_text_is_kept_however_its_lines_end() {
        assert_eq!(kept("book", "\r\nOne.\r\n\r\n- two\r\n  \r\n"), "One.\n\n- two\n");
        assert_eq!(kept("book", "One.\rTwo. 🌷"), "One.\nTwo. 🌷\n");
        assert_eq!(kept("subjects.booked", "  Your date\r\n at {clinic} \r\n"), "Your date at {clinic}");
        assert_eq!(file("es", "subjects.booked"), "letters/es/strings.toml");
        assert!(same("One.\n", "One."));
    }
}
