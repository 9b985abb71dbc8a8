//! The words of a checklist in one language. A missing text is a fault: a page never mixes languages.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::care::checklist::definition::Checklist;
use crate::care::checklist::item::{AnswerKind, Item, Part};
use crate::config::checklists::source_file::{SourceFile, fault, line_of, misread};
use crate::config::file::fault::Fault;

/// The words in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChecklistWording {
    /// BCP 47 primary language.
    pub language: String,
    /// What stands above the form.
    pub title: String,
    /// What to keep in mind while answering.
    pub intro: String,
    /// A heading for each page, in order.
    pub pages: Vec<String>,
    /// The words of every item, by id.
    pub items: BTreeMap<String, ItemWords>,
}

/// What an item asks, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemWords {
    /// The question, or what leads to the questions of the parts.
    pub ask: String,
    /// Examples of what is meant, if any.
    pub help: Option<String>,
    /// The words of every part, by field.
    pub parts: BTreeMap<String, PartWords>,
}

/// What a part of an item asks, in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartWords {
    /// The part's own question; `None` if the item's question is the part's.
    pub ask: Option<String>,
    /// How to choose, if it needs saying.
    pub help: Option<String>,
    /// Answer words and what is shown for them, in the order shown.
    pub choices: Vec<(String, String)>,
}

impl ChecklistWording {
    /// What is shown for an answer, e.g. for the review page and the console.
    #[must_use]
    pub fn choice(&self, item: &str, field: &str, word: &str) -> Option<&str> {
        let part = self.items.get(item)?.parts.get(field)?;
        part.choices.iter().find(|(w, _)| w == word).map(|(_, text)| text.as_str())
    }

    /// What a choice of that field is called; its word where it has no name.
    #[must_use]
    pub fn choice_name(&self, field: &str, word: &str) -> String {
        let item = field.split('.').next().unwrap_or_default();
        self.choice(item, field, word).unwrap_or(word).to_owned()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordingFile {
    language: Spanned<String>,
    title: Spanned<String>,
    intro: Spanned<String>,
    pages: Spanned<Vec<String>>,
    scale: Scale,
    item: BTreeMap<String, Spanned<ItemWording>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Scale {
    change: BTreeMap<String, String>,
    pain: BTreeMap<String, String>,
    yes_no: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ItemWording {
    ask: String,
    help: Option<String>,
    #[serde(default)]
    choices: BTreeMap<String, String>,
    #[serde(default)]
    part: BTreeMap<String, PartWording>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartWording {
    ask: String,
    help: Option<String>,
    #[serde(default)]
    choices: BTreeMap<String, String>,
}

struct WordingReader<'a> {
    source: SourceFile<'a>,
    faults: &'a mut Vec<Fault>,
}

impl WordingReader<'_> {
    fn note(&mut self, at: usize, problem: &str) {
        let hint = "give every text of the English file in this language, and no others";
        self.faults.push(fault(self.source, line_of(self.source, at), problem, hint));
    }

    fn text(&mut self, at: usize, what: &str, text: &str) {
        if text.trim().is_empty() || text.chars().any(char::is_control) {
            self.note(at, &format!("{what} is empty or has a line break"));
        }
    }
}

/// Reads one language; without a readable structure only the shape is checked.
pub(in crate::config::checklists) fn read(
    source: SourceFile<'_>,
    checklist: Option<&Checklist>,
    faults: &mut Vec<Fault>,
) -> Option<ChecklistWording> {
    let file: WordingFile = match toml::from_str(source.text) {
        Ok(file) => file,
        Err(error) => {
            faults.push(misread(source, &error));
            return None;
        }
    };
    let mut proof = WordingReader { source, faults };
    head(&file, &mut proof);
    let checklist = checklist?;
    if file.pages.get_ref().len() != checklist.pages.len() {
        let problem =
            format!("{} page headings for {} pages", file.pages.get_ref().len(), checklist.pages.len());
        proof.note(file.pages.span().start, &problem);
    }
    for (id, item) in &file.item {
        if checklist.item(id).is_none() {
            proof.note(item.span().start, &format!("words for `{id}`, which is no item"));
        }
    }
    let items =
        checklist.items.iter().filter_map(|item| Some((item.id.clone(), words(item, &file, &mut proof)?)));
    let items = items.collect();
    Some(ChecklistWording {
        language: file.language.into_inner(),
        title: file.title.into_inner(),
        intro: file.intro.into_inner(),
        pages: file.pages.into_inner(),
        items,
    })
}

fn head(file: &WordingFile, proof: &mut WordingReader<'_>) {
    let code = file.language.get_ref();
    if !((2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase())) {
        proof.note(file.language.span().start, &format!("`{code}` is not a language code such as `en`"));
    }
    proof.text(file.title.span().start, "the title", file.title.get_ref());
    proof.text(file.intro.span().start, "the intro", file.intro.get_ref());
    for heading in file.pages.get_ref() {
        proof.text(file.pages.span().start, "a page heading", heading);
    }
}

fn words(item: &Item, file: &WordingFile, proof: &mut WordingReader<'_>) -> Option<ItemWords> {
    let Some(found) = file.item.get(&item.id) else {
        proof.note(0, &format!("no words for item `{}`", item.id));
        return None;
    };
    let at = found.span().start;
    let found = found.get_ref();
    proof.text(at, &format!("the question of `{}`", item.id), &found.ask);
    if let Some(help) = &found.help {
        proof.text(at, &format!("the help of `{}`", item.id), help);
    }
    let name = |part: &Part| part.field.split_once('.').map(|(_, name)| name.to_owned());
    let known = |key: &String| item.parts.iter().any(|part| name(part).as_ref() == Some(key));
    for key in found.part.keys().filter(|key| !known(key)) {
        proof.note(at, &format!("`{}` has no part `{key}`", item.id));
    }
    if !found.choices.is_empty() && item.parts.iter().all(|part| name(part).is_some()) {
        proof.note(at, &format!("`{}` takes choices in its parts, not itself", item.id));
    }
    let mut parts = BTreeMap::new();
    for part in &item.parts {
        let (ask, help, choices) = match name(part) {
            None => (None, None, &found.choices),
            Some(name) => match found.part.get(&name) {
                Some(words) => (Some(words.ask.clone()), words.help.clone(), &words.choices),
                None => {
                    proof.note(at, &format!("no words for `{}`", part.field));
                    continue;
                }
            },
        };
        for text in ask.iter().chain(&help) {
            proof.text(at, &format!("a text of `{}`", part.field), text);
        }
        let scale = scale(part, choices, &file.scale);
        let choices = self::choices(part, scale, &mut |problem| proof.note(at, problem));
        parts.insert(part.field.clone(), PartWords { ask, help, choices });
    }
    Some(ItemWords { ask: found.ask.clone(), help: found.help.clone(), parts })
}

/// Where the answer words of a part stand: with the part, or on the common scale of its kind.
fn scale<'f>(
    part: &Part,
    own: &'f BTreeMap<String, String>,
    scale: &'f Scale,
) -> Option<&'f BTreeMap<String, String>> {
    match part.kind {
        _ if !own.is_empty() => Some(own),
        AnswerKind::Change => Some(&scale.change),
        AnswerKind::Pain => Some(&scale.pain),
        AnswerKind::YesNo => Some(&scale.yes_no),
        AnswerKind::Choice { .. } => Some(own),
        // Bare numbers speak for themselves.
        AnswerKind::Score { .. } => None,
    }
}

fn choices(
    part: &Part,
    scale: Option<&BTreeMap<String, String>>,
    note: &mut dyn FnMut(&str),
) -> Vec<(String, String)> {
    let words = part.kind.words();
    let Some(scale) = scale else {
        return words.into_iter().map(|word| (word.clone(), word)).collect();
    };
    for key in scale.keys().filter(|key| !words.contains(key)) {
        note(&format!("`{}` has no answer `{key}`", part.field));
    }
    let mut shown = Vec::new();
    for word in words {
        match scale.get(&word).filter(|text| !text.trim().is_empty() && !text.chars().any(char::is_control)) {
            Some(text) => shown.push((word, text.clone())),
            None => note(&format!("no words for the answer `{word}` of `{}`", part.field)),
        }
    }
    shown
}
