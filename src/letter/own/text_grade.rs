//! How hard one text of a letter is to read, as it stands in a letter to somebody who does not exist.

use super::letter_texts;
use crate::care::patient::Detail;
use crate::letter::compose::{Composer, Draft};
use crate::letter::markup;
use crate::letter::proof::reading_grade::{self, ReadingGrade};
use crate::letter::proof::samples;

/// The grade of a text; `None` where it is too short to be judged, or cannot be written.
#[must_use]
pub fn grade(composer: &Composer, language: &str, text: &str) -> Option<ReadingGrade> {
    let locale = composer.locale(language).ok()?;
    let ending = locale.ending(Detail::Full).parts();
    let blocks = if letter_texts::is_short(text) {
        markup::parse(locale.string(text))
    } else if let Some((_, blocks)) = ending.into_iter().find(|(part, _)| *part == text) {
        blocks.to_vec()
    } else {
        let (step, variant) = text.split_once('.').unwrap_or((text, ""));
        let kinds = samples::STEPS.iter().find(|(name, _)| *name == step).map_or(&[][..], |(_, kinds)| kinds);
        let kind = samples::KINDS.into_iter().find(|kind| *kind == variant).or(kinds.first().copied())?;
        let item = samples::item(language, step, kind);
        let inputs = samples::inputs(language, "standard", item);
        let links = samples::links();
        let draft = Draft::open(composer, locale, &inputs, &links).ok()?;
        draft.section(inputs.items.first()?).ok()?
    };
    reading_grade::judge(language, &blocks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_parts_and_lines_have_a_grade_of_their_own() {
        let composer = Composer::new(&samples::wording()).unwrap();
        for (language, text, says) in [
            ("en", "book", "reading grade"),
            ("es", "warning", "INFLESZ"),
            ("en", "lines.opt_out", "reading grade"),
        ] {
            let grade = grade(&composer, language, text).unwrap();
            assert!(grade.says.contains(says) && !grade.is_too_hard, "{text}: {}", grade.says);
        }
        assert_eq!(grade(&composer, "en", "nouns.visit").map(|grade| grade.says), None);
    }
}
