//! Names of files and public types: words that the field knows (`field_words.txt`), or that docs/glossary.md defines.

use std::collections::BTreeSet;
use std::fs;

use crate::demand;
use crate::source::root;
use crate::syntax::{Crate, Kind};
use crate::words::parts;

/// Words of a house, of a shop, and second names for what has one: the word, and what to say instead.
const BANNED: &[(&str, &str)] = &[
    ("bag", "batch"),
    ("basket", "batch"),
    ("clerk", "worker"),
    ("counter", "batcher"),
    ("desk", "commands"),
    ("door", "link access, sign-in"),
    ("drawer", "store"),
    ("errand", "delivery"),
    ("fence", "limit"),
    ("furniture", "deps"),
    ("gate", "send window"),
    ("hut", "a word of the field"),
    ("mailer", "courier"),
    ("medication", "a word of docs/glossary.md"),
    ("newsletter", "letter"),
    ("parcel", "letter"),
    ("postman", "courier"),
    ("recall", "reminder"),
    ("regime", "protocol"),
    ("regimen", "protocol"),
    ("room", "module"),
    ("shelf", "cache"),
    ("shop", "a word of the field"),
    ("snag", "error"),
    ("survivor", "patient"),
    ("tongue", "locale"),
    ("wall", "limit"),
];

#[test]
fn every_name_is_made_of_words_of_the_field_or_the_glossary() {
    demand(
        "a word of a file's or a public type's name stands in tests/architecture/field_words.txt (any mail, web, SQLite or clinic engineer knows it) or in docs/glossary.md",
        &strange(Crate::shipped(), &known()),
    );
}

#[test]
fn no_name_is_of_house_or_shop() {
    demand("one word for one thing, and a word of the field", &banned(Crate::shipped(), &glossary()));
}

#[test]
fn the_vocabulary_is_in_order() {
    let words: Vec<_> = field_words().split_whitespace().map(str::to_owned).collect();
    let mut sorted = words.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(words, sorted, "tests/architecture/field_words.txt is alphabetical, each word once");
    let doubled = words.iter().filter(|w| is_banned(w).is_some()).cloned().collect::<Vec<_>>();
    demand("what is banned is no word of the field", &doubled);
}

/// The names to look at: each with its place.
fn names(code: &Crate) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in &code.files {
        let path = file.path.trim_start_matches("src/").trim_end_matches(".rs");
        found.extend(path.split('/').map(|part| (file.path.clone(), part.to_owned())));
        let types = file.items.iter().filter(|i| i.kind == Kind::Type && i.is_public);
        found.extend(types.map(|i| (format!("{}:{}", file.path, i.line), i.name.clone())));
    }
    found
}

fn strange(code: &Crate, known: &BTreeSet<String>) -> Vec<String> {
    let words = names(code).into_iter().flat_map(|(at, name)| {
        parts(&name).into_iter().map(move |word| (word, format!("{at}: `{name}`"))).collect::<Vec<_>>()
    });
    words.filter(|(word, _)| !known.contains(word)).map(|(word, at)| format!("{at} says `{word}`")).collect()
}

fn banned(code: &Crate, glossary: &BTreeSet<String>) -> Vec<String> {
    let mut faults = Vec::new();
    for (at, name) in names(code) {
        let words = parts(&name).into_iter().filter(|word| !glossary.contains(word));
        let found = words.filter_map(|word| is_banned(&word));
        faults.extend(found.map(|(word, instead)| format!("{at}: `{name}` says `{word}`: {instead}")));
    }
    faults
}

fn is_banned(word: &str) -> Option<&'static (&'static str, &'static str)> {
    BANNED.iter().find(|(banned, _)| word == *banned || word.strip_suffix('s') == Some(banned))
}

fn field_words() -> String {
    fs::read_to_string(root().join("tests/architecture/field_words.txt")).unwrap_or_default()
}

fn known() -> BTreeSet<String> {
    field_words().split_whitespace().map(str::to_owned).chain(glossary()).collect()
}

/// The terms that docs/glossary.md explains, in its order.
fn terms() -> Vec<String> {
    let text = fs::read_to_string(root().join("docs/glossary.md")).unwrap_or_default();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').next());
    rows.flat_map(|row| row.split(',')).map(|term| term.trim().to_lowercase()).collect()
}

/// Every word of them.
fn glossary() -> BTreeSet<String> {
    let terms = terms();
    let words = terms.iter().flat_map(|term| term.split(|c: char| !c.is_alphanumeric()));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Terms that are there before.
fn twice(terms: &[String]) -> Vec<&str> {
    let again = terms.iter().enumerate().filter(|(at, term)| terms[..*at].contains(term));
    again.map(|(_, term)| term.as_str()).collect()
}

#[test]
fn the_glossary_explains_each_term_once() {
    assert_eq!(twice(&terms()), [""; 0]);
    assert_eq!(twice(&["bell", "line", "bell"].map(str::to_owned)), ["bell"]);
}

#[test]
fn a_planted_synonym_and_a_planted_strange_word_are_seen() {
    let code = Crate::of(&[
        (
            "src/care/regimen.rs",
            "pub struct MailShelf;\nstruct Bagged;\n#[cfg(test)]\nmod tests { pub struct Desk; }",
        ),
        ("src/care/mail.rs", "\npub enum Kumquat {}\npub(crate) trait MailGates {}"),
    ]);
    let known: BTreeSet<_> = ["care", "mail", "regimen", "shelf", "gates"].map(str::to_owned).into();
    assert_eq!(strange(&code, &known), ["src/care/mail.rs:2: `Kumquat` says `kumquat`"]);
    assert_eq!(
        banned(&code, &BTreeSet::new()),
        [
            "src/care/regimen.rs: `regimen` says `regimen`: protocol",
            "src/care/regimen.rs:1: `MailShelf` says `shelf`: cache",
            "src/care/mail.rs:3: `MailGates` says `gate`: send window"
        ]
    );
    assert!(glossary().contains("bell") && glossary().contains("rung") && !glossary().contains("who"));
}
