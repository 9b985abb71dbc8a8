//! A doc comment says what its reader needs: more than a word or two, and more than the name above which it stands.

use std::collections::BTreeSet;

use crate::demand;
use crate::source::{Source, sources};

/// Words of the first paragraph.
const FEWEST_WORDS: usize = 4;
/// Words that add nothing to a name.
const FILLERS: [&str; 16] = [
    "a", "an", "the", "of", "its", "her", "his", "this", "that", "it", "is", "to", "in", "one", "for", "and",
];

#[test]
fn every_doc_comment_says_what_its_reader_needs() {
    let faults: Vec<_> = sources().iter().flat_map(faults).collect();
    demand(
        &format!(
            "a doc comment has at least {FEWEST_WORDS} words, and more of them than the name of its item"
        ),
        &faults,
    );
}

/// The doc comments of a file that say too little.
fn faults(source: &Source) -> Vec<String> {
    let tests: Vec<bool> = source.code.lines().map(|line| line.trim().is_empty()).collect();
    let lines: Vec<&str> = source.raw.lines().map(str::trim).collect();
    let begins = |at: &usize| doc(lines[*at]).is_some() && (*at == 0 || doc(lines[*at - 1]).is_none());
    let mut found = Vec::new();
    for at in (0..lines.len()).filter(begins) {
        let after = (at..lines.len()).find(|&i| doc(lines[i]).is_none() && !lines[i].starts_with("#["));
        // What is blank as code stands in a test module.
        let Some(item) = after.filter(|&i| !tests[i]) else { continue };
        let paragraph: Vec<_> =
            lines[at..item].iter().map_while(|l| doc(l)).take_while(|text| !text.is_empty()).collect();
        let text = paragraph.join(" ");
        if text.split_whitespace().count() < FEWEST_WORDS || is_name(&text, &name(lines[item])) {
            found.push(format!("{}:{}: `{text}`", source.path, at + 1));
        }
    }
    found
}

fn doc(line: &str) -> Option<&str> {
    line.strip_prefix("///").filter(|rest| !rest.starts_with('/')).map(str::trim)
}

/// The identifier that an item's line introduces; for a field or variant its own.
fn name(line: &str) -> String {
    const KEYWORDS: [&str; 13] = [
        "pub",
        "const",
        "async",
        "unsafe",
        "fn",
        "struct",
        "enum",
        "trait",
        "type",
        "static",
        "mod",
        "macro_rules",
        "mut",
    ];
    let mut rest = line;
    if let Some((_, inner)) = rest.strip_prefix("pub(").and_then(|r| r.split_once(')')) {
        rest = inner;
    }
    let mut words = rest.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty());
    words.find(|word| !KEYWORDS.contains(word)).unwrap_or_default().to_owned()
}

/// Whether a text says no more than a name does.
fn is_name(text: &str, name: &str) -> bool {
    let of_name = parts(name);
    let said: Vec<_> =
        text.split(|c: char| !c.is_alphanumeric()).map(stem).filter(|w| !w.is_empty()).collect();
    said.iter().filter(|word| !FILLERS.contains(&word.as_str())).all(|word| of_name.contains(word))
}

/// The words of an identifier, `snake_case` or `CamelCase`.
fn parts(name: &str) -> BTreeSet<String> {
    let mut spaced = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            spaced.push(' ');
        }
        spaced.push(if c == '_' { ' ' } else { c });
    }
    spaced.split_whitespace().map(stem).collect()
}

/// A word without the ending of its plural.
fn stem(word: &str) -> String {
    word.to_lowercase().trim_end_matches('s').to_owned()
}

#[test]
fn a_comment_that_says_too_little_is_found() {
    let text = "/// Why.\npub reason: String,\n\
                /// The filter of the patients.\n#[derive(Debug)]\npub struct PatientFilter;\n\
                /// Parses the word.\n///\n/// # Errors\n/// When it is none of the words.\npub fn parse() {}\n\
                /// Milliseconds since 1970 UTC.\npub at: i64,\n\
                #[cfg(test)]\nmod tests {\n    /// Short.\n    fn a() {}\n}\n";
    let found = faults(&Source::new("src/x.rs", text.to_owned()));
    assert_eq!(
        found,
        ["src/x.rs:1: `Why.`", "src/x.rs:3: `The filter of the patients.`", "src/x.rs:6: `Parses the word.`"]
    );
}
