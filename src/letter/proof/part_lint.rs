//! Whether a shared part ends its paragraph: what follows an included text must not be read as its last sentence.

use std::collections::BTreeSet;

use super::samples::{self, PARTS, kinds_of};
use crate::letter::compose::{Composer, Draft};
use crate::letter::fault::{self, LetterFault};
use crate::letter::markup::Block;
use crate::letter::wording::Wording;

/// Stands before a part while it is looked at; no text of ours holds it.
const BEGINS: char = '\u{e000}';
/// Stands behind a part that is looked at.
const ENDS: char = '\u{e001}';
/// How much of the words a fault shows.
const SHOWN: usize = 60;

/// Parts that share a paragraph with words beside them. Read as one thought, "Get help first." and "Then you need to do
/// nothing." are a third that nobody wrote.
pub(super) fn run_together(wording: &Wording, language: &str) -> Vec<LetterFault> {
    let mut marked = wording.clone();
    let Some(pack) = marked.languages.get_mut(language) else { return Vec::new() };
    pack.fragments.values_mut().for_each(|source| *source = with_marks(source));
    let names: BTreeSet<String> = pack.fragments.keys().cloned().collect();
    // What cannot be compiled is told elsewhere.
    let Ok(composer) = Composer::new(&marked) else { return Vec::new() };
    let letters = names.iter().filter(|name| !PARTS.contains(&name.as_str()));
    letters.flat_map(|name| glued(&composer, language, name)).collect()
}

/// The faults of one text, in every kind of letter that it may speak for.
fn glued(composer: &Composer, language: &str, name: &str) -> Vec<LetterFault> {
    let (step, variant) = name.split_once('.').unwrap_or((name, ""));
    let Ok(locale) = composer.locale(language) else { return Vec::new() };
    let links = samples::links();
    let found = kinds_of(step, variant).into_iter().flat_map(|kind| {
        let inputs = samples::inputs(language, "full", samples::item(language, step, kind));
        let draft = Draft::open(composer, locale, &inputs, &links).ok()?;
        let item = inputs.items.first()?;
        let speaks = draft.fragment(item).ok()?;
        let words = draft.section(item).ok()?.iter().find_map(shared)?;
        let problem = format!("an included text runs into the words beside it: \"{words}\"");
        let hint = "leave a blank line after `{% include … %}`, and before it";
        Some(LetterFault::new(&fault::fragment_file(language, &speaks), problem, hint))
    });
    found.collect()
}

/// The words around a mark that stands in the middle of a paragraph.
fn shared(block: &Block) -> Option<String> {
    let texts: Vec<&str> = match block {
        Block::Heading(text) | Block::Paragraph(text) | Block::Link(_, text) | Block::Fact(_, text) => {
            vec![text]
        }
        Block::List(items) => items.iter().map(String::as_str).collect(),
    };
    let is_word = |c: char| ![BEGINS, ENDS].contains(&c) && !c.is_whitespace();
    texts.into_iter().find_map(|text| {
        let at = text.match_indices([BEGINS, ENDS]).find(|(at, mark)| {
            let (before, after) = (&text[..*at], &text[at + mark.len()..]);
            // A line that holds nothing but the mark is a blank line where nobody looks for parts.
            let is_blank_line = before.ends_with(' ') && after.starts_with(' ');
            !is_blank_line && before.contains(is_word) && after.contains(is_word)
        });
        let before: String = text[..at?.0].chars().filter(|c| ![BEGINS, ENDS].contains(c)).collect();
        let from = before.chars().count().saturating_sub(SHOWN / 2);
        let after = text[at?.0..].chars().filter(|c| ![BEGINS, ENDS].contains(c)).take(SHOWN / 2);
        Some(before.chars().skip(from).chain(after).collect())
    })
}

/// A template with each of its shared parts between marks. White space that a tag eats is eaten here too.
fn with_marks(source: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(source.len() + 16), source);
    while let Some((before, tag, after)) = next_tag(rest) {
        out.push_str(before);
        rest = after;
        if !includes_part(tag) {
            out.push_str(tag);
            continue;
        }
        if tag.starts_with("{%-") {
            out.truncate(out.trim_end().len());
        }
        out.push(BEGINS);
        out.push_str(tag);
        out.push(ENDS);
        if tag.ends_with("-%}") {
            rest = rest.trim_start();
        }
    }
    out.push_str(rest);
    out
}

/// The text before the next tag, the tag, and what follows.
fn next_tag(source: &str) -> Option<(&str, &str, &str)> {
    let at = source.find("{%")?;
    let end = at + source[at..].find("%}")? + 2;
    Some((&source[..at], &source[at..end], &source[end..]))
}

fn includes_part(tag: &str) -> bool {
    let inner = tag.trim_matches(|c: char| "{%-+} ".contains(c));
    let name = inner.strip_prefix("include").map(|rest| rest.trim().trim_matches(['"', '\'']));
    name.is_some_and(|name| PARTS.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::proof::prove::prove;

    fn said(language: &str, name: &str, source: &str) -> String {
        let mut wording = samples::wording();
        let pack = wording.languages.get_mut(language).unwrap();
        pack.fragments.insert(name.to_owned(), source.to_owned());
        prove(&wording).iter().map(|fault| format!("{fault}\n")).collect()
    }

    #[test]
    fn every_letter_of_every_language_ends_its_shared_parts_before_it_goes_on() {
        let wording = samples::wording();
        for language in wording.languages.keys() {
            assert_eq!(run_together(&wording, language), [], "{language}");
        }
    }

    #[test]
    fn a_sentence_that_runs_into_the_call_for_help_is_found() {
        for (language, source, words) in [
            (
                "en",
                "Here it is.\n\n{% include \"form\" %}\nThen do nothing.",
                "Get help first. Then do nothing.",
            ),
            ("es", "Aquí está.\n\n{% include 'form' %}\nNo haga nada.", "Pida ayuda primero. No haga nada."),
            ("en", "Here it is.\n\n{%- include \"footer\" -%}\n\nBye.", "runs into the words beside it"),
        ] {
            let said = said(language, "new-link", source);
            let file = format!("letters/{language}/new-link.txt.j2: an included text runs into");
            assert!(said.contains(&file) && said.contains(words), "{said}");
        }
        let fine = "Here it is.\n\n{% include \"form\" %}\n\nThen do nothing.";
        assert_eq!(said("en", "new-link", fine), "");
    }
}
