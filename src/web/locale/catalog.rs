//! The words of the console in one language: what each English text is in it. A text that is missing, or words that lost a
//! value, are a fault of the catalog, which tests hold at none.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::date::MonthNames;
use super::literal;
use super::message::{self, Message, MessageValues};
use super::template::{self, Words};
use super::token::{TokenKind, tokens};

/// What is wrong with a catalog.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub(in crate::web) enum CatalogFault {
    /// The file is not TOML of texts by texts.
    #[error("{file}: {why}")]
    Unreadable {
        /// The file of the catalog.
        file: String,
        /// What the parser says, with the line.
        why: String,
    },
    /// Two files give one text different words.
    #[error("{file}: `{text}` has other words in another file of this language: keep one of them")]
    Twice {
        /// The file that was read second.
        file: String,
        /// The text in English, which is its key.
        text: String,
    },
    /// The words leave out a value or bring one of their own.
    #[error("{file}: the words for `{text}` do not have its values: {why}")]
    OtherValues {
        /// The file of the catalog.
        file: String,
        /// The text in English, which is its key.
        text: String,
        /// Which values stand in only one of the two.
        why: String,
    },
    /// A text of a template has no words.
    #[error("`{text}` of {page} has no words in `{language}`: add them to config/console/{language}")]
    Missing {
        /// The template it stands in.
        page: String,
        /// The text in English, which is its key.
        text: String,
        /// The language that lacks it.
        language: String,
    },
}

/// The words of one language.
pub(in crate::web) struct Catalog {
    /// BCP 47 primary language.
    pub(in crate::web) language: String,
    texts: BTreeMap<String, String>,
    /// Texts without their capital and their end, as a sentence may carry them inside.
    bare: HashMap<String, String>,
    /// Sentences with places, the surest first.
    messages: Vec<Message>,
    dates: MonthNames,
}

/// What joins words that the program lists; each of them is said by itself.
const JOINTS: [&str; 3] = [". ", "; ", ", "];

/// What stands between a name and its words; the words may be a list.
const COLON: &str = ": ";

impl Catalog {
    /// Reads the files of a language: each the name it is told by, and its text.
    ///
    /// # Errors
    /// Every [`CatalogFault`] at once.
    pub(in crate::web) fn new(language: &str, files: &[(String, String)]) -> Result<Self, Vec<CatalogFault>> {
        let mut faults = Vec::new();
        let mut texts = BTreeMap::new();
        let mut messages = Vec::new();
        for (file, text) in files {
            for (key, said) in entries(file, text).unwrap_or_else(|fault| {
                faults.push(fault);
                BTreeMap::new()
            }) {
                faults.extend(proof(file, &key, &said));
                if !is_of_template(&key) && message::has_places(&key) {
                    messages.extend(ways(&key).filter_map(|way| Message::new(&way, &said).ok()));
                }
                if texts.get(&key).is_some_and(|known| *known != said) {
                    faults.push(CatalogFault::Twice { file: file.clone(), text: key.clone() });
                }
                texts.insert(key, said);
            }
        }
        messages.sort_by_key(|message| std::cmp::Reverse(message.weight));
        let dates = MonthNames::new(&texts).map_err(|text| missing("dates", &text, language));
        // What is written so comes after what only reads so where marks are left out, and wins; in the order of the texts.
        let left_out = texts.iter().filter_map(|(key, said)| Some((without_marks(key)?, said.clone())));
        let bare_texts = left_out.chain(texts.iter().map(|(key, said)| (bare(key), said.clone()))).collect();
        match dates {
            Ok(dates) if faults.is_empty() => {
                Ok(Self { language: language.to_owned(), texts, bare: bare_texts, messages, dates })
            }
            dates => Err(faults.into_iter().chain(dates.err()).collect()),
        }
    }

    /// A template in this language, and which of its texts have no words.
    pub(in crate::web) fn template(&self, page: &str, source: &str) -> (String, Vec<CatalogFault>) {
        let mut found = Found { catalog: self, lacking: BTreeSet::new() };
        let source = template::translated(source, &mut found);
        let lacking = found.lacking.iter().map(|text| missing(page, text, &self.language));
        (source, lacking.collect())
    }

    /// Whether there are words for a sentence as it stands in the program's source.
    #[cfg(test)]
    pub(super) fn has(&self, sentence: &str) -> bool {
        self.texts.contains_key(sentence) || self.bare.contains_key(&bare(sentence))
    }

    /// A day or an hour as this language writes it; `None` for any other text.
    pub(in crate::web) fn date(&self, text: &str) -> Option<String> {
        self.dates.of(text)
    }

    /// Words of the program, alone, filled or listed; `None` for words it has none for.
    pub(in crate::web) fn said(&self, text: &str) -> Option<String> {
        let trimmed = text.trim();
        if !trimmed.contains(char::is_alphabetic) {
            return Some(text.to_owned());
        }
        if let Some(said) = self.texts.get(trimmed) {
            return Some(said.clone());
        }
        let listed = || JOINTS.iter().find_map(|joint| self.list(trimmed, joint));
        self.date(trimmed)
            .or_else(|| self.numbered(trimmed))
            .or_else(|| self.inside(trimmed, |value| !JOINTS.iter().any(|joint| value.contains(joint))))
            .or_else(listed)
            .or_else(|| self.inside(trimmed, |_| true))
            .or_else(|| self.list(trimmed, COLON))
    }

    /// What a text says that stands in a sentence or begins one, as the program wrote it. A list is no value of a sentence as
    /// long as each of its parts may be a sentence of its own.
    fn inside(&self, text: &str, may_fill: impl Fn(&str) -> bool) -> Option<String> {
        let (key, written) = (bare(text), marked(text));
        let filled = || {
            let filled = |message: &Message| {
                let text = if message.begins_with_place() { &written } else { &key };
                message.of(text, self, &may_fill)
            };
            self.messages.iter().find_map(filled)
        };
        let said = self.alone(&key).or_else(filled)?;
        let said = if text.ends_with('.') { said } else { said.trim_end_matches('.').to_owned() };
        let said = if text.ends_with('.') && !said.ends_with(['.', '?', '!']) { said + "." } else { said };
        Some(if text.starts_with(char::is_uppercase) { capital(&said) } else { said })
    }

    fn alone(&self, key: &str) -> Option<String> {
        self.bare.get(key).filter(|said| !message::has_places(said)).cloned()
    }

    /// One of several that are counted, e.g. "follow-up visit 2".
    fn numbered(&self, text: &str) -> Option<String> {
        let (name, number) = text.rsplit_once(' ')?;
        let is_number = number.chars().all(|c| c.is_ascii_digit());
        let said = is_number.then(|| self.alone(&bare(name))).flatten()?;
        let said = if name.starts_with(char::is_uppercase) { capital(&said) } else { said };
        Some(format!("{said} {number}"))
    }

    fn list(&self, text: &str, joint: &str) -> Option<String> {
        if !text.contains(joint) {
            return None;
        }
        // What stands in a quotation is one thing, whatever marks are in it.
        let mut parts: Vec<String> = Vec::new();
        for part in text.split(joint) {
            match parts.last_mut().filter(|before| !message::is_whole(before)) {
                Some(before) => *before = [before.as_str(), part].join(joint),
                None => parts.push(part.to_owned()),
            }
        }
        let is_list = parts.len() > 1;
        let said: Option<Vec<String>> =
            parts.iter().filter(|_| is_list).map(|part| self.said(part)).collect();
        said.filter(|_| is_list).map(|said| said.join(joint))
    }
}

impl MessageValues for Catalog {
    /// What it does not know is data.
    fn words(&self, text: &str) -> String {
        self.said(text).unwrap_or_else(|| text.to_owned())
    }

    fn typed(&self, text: &str) -> String {
        self.date(text).unwrap_or_else(|| text.to_owned())
    }

    fn contracted(&self, before: &str, first: &str) -> Option<&'static str> {
        match (self.language.as_str(), before, first) {
            ("es", "de", "el") => Some("del"),
            ("es", "a", "el") => Some("al"),
            _ => None,
        }
    }
}

/// The words of a template's texts, and which it lacks.
struct Found<'c> {
    catalog: &'c Catalog,
    lacking: BTreeSet<String>,
}

impl Words for Found<'_> {
    fn of(&mut self, key: &str) -> Option<String> {
        let said = self.catalog.texts.get(key).cloned();
        if said.is_none() {
            self.lacking.insert(key.to_owned());
        }
        said
    }
}

fn missing(page: &str, text: &str, language: &str) -> CatalogFault {
    CatalogFault::Missing { page: page.to_owned(), text: text.to_owned(), language: language.to_owned() }
}

fn entries(file: &str, text: &str) -> Result<BTreeMap<String, String>, CatalogFault> {
    toml::from_str(text).map_err(|why: toml::de::Error| CatalogFault::Unreadable {
        file: file.to_owned(),
        why: why.to_string(),
    })
}

/// A text as it stands in the middle of a sentence: no capital, no end, the marks of code as quotation marks.
fn bare(text: &str) -> String {
    let text = marked(text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The same with the capital that it has.
fn marked(text: &str) -> String {
    text.trim().trim_end_matches('.').replace('`', "\"")
}

/// How a sentence of the program comes onto a page: the marks of code as quotation marks, or left out.
fn ways(key: &str) -> impl Iterator<Item = String> {
    std::iter::once(bare(key)).chain(without_marks(key))
}

fn without_marks(key: &str) -> Option<String> {
    key.contains('`').then(|| bare(&key.replace('`', "")))
}

/// The same with a capital first.
pub(in crate::web) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn is_of_template(key: &str) -> bool {
    key.contains("{{") || key.contains("{%")
}

/// Whether the words have the values and the tags of the text.
fn proof(file: &str, key: &str, said: &str) -> Option<CatalogFault> {
    let why = if is_of_template(key) || key.contains('<') {
        let (asked, filled) = (values(key), values(said));
        (asked != filled).then(|| format!("{asked:?} in English, {filled:?} in its words"))
    } else {
        Message::new(key, said).err()
    };
    why.map(|why| CatalogFault::OtherValues { file: file.to_owned(), text: key.to_owned(), why })
}

/// The values and tags of a template's text; how often a value is said is the language's own affair.
fn values(text: &str) -> BTreeSet<String> {
    let of_value =
        |kind| matches!(kind, TokenKind::Expression | TokenKind::Open | TokenKind::Close | TokenKind::Empty);
    tokens(text)
        .iter()
        .filter(|token| of_value(token.kind))
        .map(|token| literal::without(token.source))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::date::{ENGLISH, WEEKDAYS};
    use super::*;

    fn catalog(text: &str) -> Result<Catalog, Vec<CatalogFault>> {
        let dates = ENGLISH.iter().chain(&WEEKDAYS);
        let dates: String = dates.map(|name| format!("\"{name}\" = \"{}\"\n", name.to_lowercase())).collect();
        Catalog::new("es", &[("dates".to_owned(), dates), ("a".to_owned(), text.to_owned())])
    }

    #[test]
    fn words_of_the_program_are_said_alone_filled_and_listed() {
        let spanish = catalog(
            "\"spine checklist\" = \"cuestionario\"\n\"{} due on {}\" = \"{0|said}: {1}\"\n\"there is no such day\" = \"no hay tal día\"\n\"{0} ended in {1}\" = \"en {1} acabó {0}\"\n\"task `{0}` is done\" = \"hecha la {0}\"",
        )
        .unwrap();
        for (text, said) in [
            ("spine checklist", Some("cuestionario")),
            ("Spine checklist", Some("Cuestionario")),
            ("Spine checklist due on 3 May 2026", Some("Cuestionario: 3 may 2026")),
            ("There is no such day.", Some("No hay tal día.")),
            ("There is no such day. Spine checklist.", Some("No hay tal día. Cuestionario.")),
            ("spine checklist, spine checklist", Some("cuestionario, cuestionario")),
            ("3 May 2026", Some("3 may 2026")),
            ("Spine checklist 2 due on 3 May 2026", Some("Cuestionario 2: 3 may 2026")),
            ("12", Some("12")),
            ("R-1 ended in R-2", Some("En R-2 acabó R-1")),
            (
                "Spine checklist due on 3 May 2026. R-1 ended in R-2.",
                Some("Cuestionario: 3 may 2026. En R-2 acabó R-1."),
            ),
            ("Task 7 is done. There is no such day.", Some("Hecha la 7. No hay tal día.")),
            ("Rosa", None),
        ] {
            assert_eq!(spanish.said(text).as_deref(), said, "{text}");
        }
    }

    #[test]
    fn a_text_as_it_is_written_wins_over_one_with_its_marks_left_out() {
        let spanish = catalog(
            "\"write `a, b`\" = \"con marcas\"\n\"write a, b\" = \"sin marcas\"\n\"Write a, b.\" = \"Otra.\"",
        );
        let spanish = spanish.unwrap();
        for (text, said) in
            [("Write a, b", "Sin marcas"), ("write \"a, b\"", "con marcas"), ("Write a, b.", "Otra.")]
        {
            assert_eq!(spanish.said(text).as_deref(), Some(said), "{text}");
        }
    }

    #[test]
    fn a_template_without_words_and_words_without_a_value_are_faults() {
        let spanish = catalog("\"{{ n }} letters\" = \"{{ n }} cartas\"").unwrap();
        let (page, lacking) = spanish.template("x.html", "<p>{{ n }} letters</p><p>Now</p>");
        assert_eq!((page.as_str(), lacking.len()), ("<p>{{ n }} cartas</p><p>Now</p>", 1));
        assert!(catalog("\"{{ n }} letters\" = \"cartas\"").is_err());
        assert!(catalog("\"{n} letters\" = \"{m} cartas\"").is_err());
    }
}
