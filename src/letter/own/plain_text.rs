//! What no text that staff write may hold, whatever it says: signs nobody sees, tags that letters would show as they stand, and
//! more than anybody reads.

use super::letter_texts;
use crate::care::settings::own_wording::OwnWording;
use crate::letter::fault::LetterFault;
use crate::letter::wording::LanguagePack;

/// More than twice the longest text that ships.
const LONGEST: usize = 8_000;
/// A short text stands in one line.
const LONGEST_LINE: usize = 400;

/// Faults of the texts by themselves, and of texts that this letter does not have.
pub(super) fn faults(own: &OwnWording, pack: Option<&LanguagePack>) -> Vec<LetterFault> {
    let known = pack.map(|pack| letter_texts::texts(&own.letter, pack)).unwrap_or_default();
    let mut faults = Vec::new();
    for (name, text) in &own.texts {
        let file = letter_texts::file(&own.language, name);
        if !known.contains(name) {
            let problem = format!("`{name}` is no text of the letter `{}` in this language", own.letter);
            faults.push(LetterFault::new(&file, problem, "look for a slip in its name, or take it out"));
        }
        faults.extend(wrong(name, text).map(|(problem, hint)| {
            LetterFault::new(&file, format!("`{name}`: {problem}"), hint).at(line(name, text, &problem))
        }));
    }
    faults
}

fn wrong(name: &str, text: &str) -> Option<(String, &'static str)> {
    let most = if letter_texts::is_short(name) { LONGEST_LINE } else { LONGEST };
    let length = text.chars().count();
    if text.trim().is_empty() {
        return Some(("the text is empty".to_owned(), "write it, or take the shipped text again"));
    }
    if length > most {
        let problem = format!("{length} characters are too many: {most} at most");
        return Some((problem, "say it in fewer words: the longer a letter, the fewer read it"));
    }
    if text.chars().any(is_unseen) {
        let problem = "it holds a sign that nobody sees".to_owned();
        return Some((problem, "type the text anew instead of copying it from another program"));
    }
    let tag = tag(text)?;
    let hint =
        "write plain text: a letter shows tags as they stand; `# ` begins a heading, `- ` an item of a list";
    Some((format!("`{tag}` looks like HTML"), hint))
}

/// Signs that steer or hide others: controls, changes of direction, and marks of no width except those that join emoji.
fn is_unseen(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let empty = matches!(c, '\u{feff}' | '\u{200b}' | '\u{2060}' | '\u{ad}' | '\u{e0000}'..='\u{e007f}');
    turns || empty || (c.is_control() && !matches!(c, '\n' | '\t'))
}

/// The first tag or entity in a text.
fn tag(text: &str) -> Option<&str> {
    text.match_indices('<').find_map(|(at, _)| {
        let rest = &text[at + 1..];
        let opens = rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'));
        let end = rest.find('>').filter(|end| opens && *end < 200)?;
        text.get(at..at + end + 2)
    })
}

fn line(name: &str, text: &str, problem: &str) -> Option<usize> {
    let tag = tag(text).filter(|tag| problem.contains(tag) && !letter_texts::is_short(name))?;
    text.lines().position(|line| line.contains(tag)).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_hide_tags_and_floods_are_found_and_words_are_not() {
        for (text, what) in [
            (" \n", "empty"),
            ("Hi <b>there</b>", "`<b>` looks like HTML"),
            ("</p>", "looks like HTML"),
            ("a\u{202e}b", "nobody sees"),
            ("a\u{0}b", "nobody sees"),
            ("a\u{200b}b", "nobody sees"),
            (&"word ".repeat(2_000), "too many"),
        ] {
            let found = wrong("book", text).map(|(problem, _)| problem).unwrap_or_default();
            assert!(found.contains(what), "{text:?}: {found}");
        }
        for text in ["1 < 2 and 3 > 2", "{% if x < 3 %}y{% endif %}", "👩‍⚕️ ¡Hola! ñ\tok\n- a", "<3"]
        {
            assert_eq!(wrong("book", text), None, "{text}");
        }
        assert!(wrong("subjects.booked", &"x".repeat(401)).is_some());
    }
}
