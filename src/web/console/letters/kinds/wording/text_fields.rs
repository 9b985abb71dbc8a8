//! The field of each text: what it is called, what ships, what is typed, how hard it is to read and what is wrong with it.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use super::worded_letter::{ProposedLetter, WordedLetter};
use crate::care::settings::own_wording::OwnWording;
use crate::letter::fault::LetterFault;
use crate::letter::own::{blame, letter_texts, text_grade};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::refused_form::FieldFault;
use crate::web::locale::catalog::capital;

/// What the texts are called that have no letter of their own.
const LABELS: [(&str, &str); 30] = [
    ("greeting.named", "Greeting, with her name"),
    ("greeting.plain", "Greeting, without a name"),
    ("lines.preview", "What an inbox shows below the subject"),
    ("lines.also", "Heading between two things in one letter"),
    ("lines.several", "First words of a letter about more than one appointment"),
    ("lines.each", "Heading above each of them"),
    ("lines.sign_off", "Closing words"),
    ("proxy.named", "To whoever acts for her: whose letter it is"),
    ("proxy.plain", "The same where no name may stand"),
    ("lines.opt_out", "How to stop letters, where there is no page for it"),
    ("lines.calendar", "Name of the entry in her calendar"),
    ("links.changed", "Link: something changed"),
    ("links.help", "Link: when to get help"),
    ("links.opt_out", "Link: stop these letters"),
    ("nouns.visit", "Word for a visit"),
    ("nouns.test", "Word for a test"),
    ("nouns.appointment", "Word for either, where letters say little"),
    ("details", "Facts of a date: when, where, how to get ready"),
    ("form", "The way to the form"),
    ("warning", "The list of signs, with the numbers to ring"),
    ("numbers", "The numbers to ring in an emergency"),
    ("footer", "The end of every letter: what this mailbox is not"),
    ("no-cover", "The letter"),
    ("subjects.appointment", "Subject of letters about a visit or test"),
    ("subjects.message", "Subject of all other letters"),
    ("subjects.default-staff", "Subject of letters to staff"),
    ("default", "Any other letter"),
    ("default.visit", "A letter about a visit"),
    ("default.test", "A letter about a test"),
    ("default.checklist", "A letter about a form"),
];

/// What a text is called on pages.
pub(super) fn label(text: &str) -> String {
    let named = LABELS.iter().find(|(name, _)| *name == text).map(|(_, label)| (*label).to_owned());
    named.unwrap_or_else(|| match text.split_once('.') {
        Some(("subjects", _)) => "Subject".to_owned(),
        Some(("default", "leaflet")) => "A letter with a text to read".to_owned(),
        Some(("default", "staff")) => "A letter to staff".to_owned(),
        Some((_, "minimal")) => "The letter, where it says as little as possible".to_owned(),
        Some((_, variant)) => format!("The letter, for: {variant}"),
        None => "The letter".to_owned(),
    })
}

/// The name of a text's field.
pub(super) fn field(text: &str) -> String {
    format!("text-{text}")
}

/// What was typed: the texts that differ from what ships. A text that the operator's file decides is left as it is.
pub(super) fn typed(worded: &WordedLetter, fields: &FormFields) -> BTreeMap<String, String> {
    let before = worded.own_texts();
    let mut texts = BTreeMap::new();
    for name in worded.texts() {
        let field = field(&name);
        let typed = fields.all(&field).next().map(|typed| letter_texts::kept(&name, typed));
        let is_fixed = worded.layers.fixed(&worded.language, &name).is_some();
        let text =
            if is_fixed { before.get(&name).cloned() } else { typed.or_else(|| before.get(&name).cloned()) };
        let shipped = worded.shipped(&name);
        let own = text.filter(|text| !text.trim().is_empty() && !letter_texts::same(text, shipped));
        texts.extend(own.map(|text| (name, text)));
    }
    texts
}

/// The fields, filled with what would be said.
pub(super) fn words(proposed: &ProposedLetter<'_>) -> Vec<Value> {
    let ProposedLetter { worded, own, composer } = *proposed;
    let line = |name: String| {
        let shipped = worded.shipped(&name).trim_end();
        let fixed = worded.layers.fixed(&worded.language, &name);
        let says = match (&fixed, own.texts.get(&name)) {
            (None, Some(text)) => text.as_str(),
            (None, None) => shipped,
            (Some(_), _) => worded.of_files(&name),
        };
        let grade = composer.and_then(|composer| text_grade::grade(composer, &worded.language, &name));
        context! {
            field => field(&name),
            label => label(&name),
            name => name.clone(),
            short => letter_texts::is_short(&name),
            rows => (says.lines().count().max(shipped.lines().count()) + says.len() / 160 + 1).clamp(4, 24),
            shipped,
            says => says.trim_end(),
            is_own => own.texts.contains_key(&name),
            fixed,
            grade => grade.map(|grade| capital(&grade.says)),
            // What staff write to each other is theirs.
            blame => (!own.letter.starts_with("staff")).then(|| blame::found(&worded.language, says)).flatten(),
        }
    };
    worded.texts().into_iter().map(line).collect()
}

/// Faults of `check`, each beside the field that it is about; the first field bears those of the letter as a whole.
pub(super) fn beside(worded: &WordedLetter, own: &OwnWording, faults: &[LetterFault]) -> Vec<FieldFault> {
    let texts = worded.texts();
    let whole = texts.iter().find(|name| own.texts.contains_key(*name)).or(texts.first());
    let of = |fault: &LetterFault| {
        let of_file = |name: &&String| letter_texts::file(&worded.language, name) == fault.file;
        let named = |name: &&String| fault.problem.contains(&format!("`{name}`"));
        let found = texts.iter().find(|name| of_file(name) && (named(name) || !letter_texts::is_short(name)));
        let name = found.or(whole).map_or("", String::as_str);
        FieldFault::new(field(name), sentence(fault))
    };
    let mut all: Vec<FieldFault> = Vec::new();
    let mut said = std::collections::BTreeSet::new();
    for fault in faults {
        if said.insert(sentence(fault)) {
            all.push(of(fault));
        }
    }
    all
}

/// Where the names stand for whoever has no file beside.
const SHOWS_NAMES: &str = "the shipped text beside shows the names there are";

/// A fault in the words of `check`, with what to do next.
pub(super) fn sentence(fault: &LetterFault) -> String {
    let line = fault.line.map(|line| format!("Line {line}: ")).unwrap_or_default();
    // Beside its field a text needs no name.
    let named = fault.problem.strip_prefix('`').and_then(|rest| rest.split_once("`: "));
    let problem = named.map_or(fault.problem.as_str(), |(_, problem)| problem);
    let problem = problem.trim_end_matches('.').replace('`', "\"");
    let hint = fault
        .hint
        .replace("see letters/README.md for the names a letter may use", SHOWS_NAMES)
        .replace("or take your file away to get ours back", "or leave it empty to get ours back")
        .replace('`', "");
    format!("{line}{problem}. {}.", capital(&hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_a_name_that_people_read() {
        assert_eq!(label("book"), "The letter");
        assert_eq!(label("subjects.booked"), "Subject");
        assert_eq!(label("warning"), "The list of signs, with the numbers to ring");
        assert!(LABELS.iter().all(|(name, label)| !label.contains('_') && !name.is_empty()));
    }
}
