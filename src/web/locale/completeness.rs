//! Whether each catalog has words for all that staff may read: the texts of every template, and every sentence in the source
//! files whose words a page shows.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::shipped::{self, ShippedLanguage};

/// Where sentences stand that a page of the console may show.
const SHOWN: [&str; 9] = [
    "src/web/console",
    "src/journey/errors",
    "src/journey/settings",
    "src/care",
    "src/config/protocols",
    "src/config/holiday_calendar.rs",
    "src/exchange/admission",
    "src/exchange/roster",
    "src/letter/fault.rs",
];

/// Below those: what machines say to each other.
const OF_MACHINES: [&str; 11] = [
    "src/care/record/death_words.rs",
    "src/care/refusal/classify.rs",
    "src/exchange/roster/cells.rs",
    "src/care/refusal/phrases",
    "src/care/refusal/envelope.rs",
    "src/care/refusal/reply_code.rs",
    "src/care/refusal/sentence.rs",
    "src/care/refusal/status_codes.rs",
    "src/config/protocols/layout.rs",
    "src/web/console/layout/headers.rs",
    "src/web/console/letters/kinds/look.rs",
];

/// Sentences that only whoever types commands or reads the log can see, or that are no words: classes, patterns, samples.
const NOT_SHOWN: [&str; 14] = [
    "Answers({} fields)",
    "+()-./ \\u{a0}\\u{2011}\\u{2013}\\u{202f}[]",
    "try again later",
    "` command",
    "command line",
    ":root {}",
    "prefers-color-scheme: dark",
    "%-d %b %Y, %H:%M",
    "Mac OS X",
    // Each browser on each system has words of its own: a sentence of two places would take in every other.
    "{browser} on {system}",
    "step = \"{step}\"",
    ", e.g. `[",
    ", without quotes",
    "id = \"\" title = \"\" source = \"\" anchor = \"end-of-treatment\" [[series]] id = \"visit\" kind = \"visit\" \
     phases = [ { after = \"0m\", every = \"3m\" } ] remind = [ { step = \"book\", at = \"-28d\" } ]",
];

/// Macros whose text goes into the log, and attributes whose text goes nowhere.
const UNSEEN: [&str; 4] = ["tracing::", "reason = ", "#[doc", "include_str!"];

#[test]
fn every_text_of_a_template_has_words_in_every_language() {
    for catalog in shipped::others().iter().filter_map(ShippedLanguage::catalog) {
        let templates = crate::web::console::templates::TEMPLATES;
        let lacking: Vec<String> = templates
            .iter()
            .flat_map(|source| catalog.template(source.name, source.text).1)
            .map(|fault| fault.to_string())
            .collect();
        assert!(lacking.is_empty(), "{}:\n{}", lacking.len(), lacking.join("\n"));
    }
}

#[test]
fn every_sentence_of_the_program_has_words_in_every_language() {
    for catalog in shipped::others().iter().filter_map(ShippedLanguage::catalog) {
        let mut lacking = BTreeSet::new();
        let is_shown = |path: &PathBuf| !OF_MACHINES.iter().any(|place| path.starts_with(root().join(place)));
        for file in SHOWN.iter().flat_map(|place| files(&root().join(place))).filter(is_shown) {
            let source = std::fs::read_to_string(&file).unwrap();
            let name = file.strip_prefix(root()).unwrap().display().to_string();
            let sentences = sentences(&source).into_iter().filter(|text| !NOT_SHOWN.contains(&text.as_str()));
            lacking.extend(sentences.filter(|text| !catalog.has(text)).map(|text| format!("{name}: {text}")));
        }
        assert!(lacking.is_empty(), "{}:\n{}", lacking.len(), Vec::from_iter(lacking).join("\n"));
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_owned()];
    }
    let inside = std::fs::read_dir(place).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> = inside.flat_map(|path| files(&path)).collect();
    all.retain(|path| path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs"));
    all.sort();
    all
}

/// The string literals of a source file that read as words: more than one of them, outside tests and log lines.
fn sentences(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        let (before, after) = (&rest[..at], &rest[at..]);
        if after.starts_with("//") {
            rest = after.split_once('\n').map_or("", |(_, next)| next);
        } else if let Some(inside) = after.strip_prefix('"') {
            let end = end_of_literal(inside);
            let statement = before.rsplit([';', '{', '}']).next().unwrap_or_default();
            let text = unescaped(&inside[..end]);
            if reads_as_words(&text) && !UNSEEN.iter().any(|mark| statement.contains(mark)) {
                found.push(text);
            }
            rest = inside.get(end + 1..).unwrap_or_default();
        } else {
            rest = after.strip_prefix("'\"'").unwrap_or(&after[1..]);
        }
    }
    found
}

fn end_of_literal(inside: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in inside.char_indices() {
        match c {
            '"' if !is_escaped => return at,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    inside.len()
}

/// The text of a literal: its lines joined, its marks without their escapes, its places without their formats.
fn unescaped(inside: &str) -> String {
    let joined: Vec<&str> = inside
        .split("\\\n")
        .enumerate()
        .map(|(at, line)| if at == 0 { line } else { line.trim_start() })
        .collect();
    let text = joined.concat().replace("\\\"", "\"").replace("\\n", "\n");
    let mut bare = String::new();
    let mut parts = text.split('{');
    bare.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (place, after) = part.split_once('}').unwrap_or((part, ""));
        bare.push_str(&format!("{{{}}}{after}", place.split(':').next().unwrap_or_default()));
    }
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Markup, the patterns of days and hours, and what a browser is told of a file.
fn is_of_machines(text: &str) -> bool {
    text.starts_with(['<', '%']) || text.starts_with("attachment; ") || text.contains("; charset=")
}

/// Whether a reader would call it words: two or more, with letters outside its places.
fn reads_as_words(text: &str) -> bool {
    let outside: String = text
        .split('{')
        .enumerate()
        .map(|(at, part)| if at == 0 { part } else { part.split_once('}').map_or("", |(_, after)| after) })
        .collect();
    let is_word = |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() > 1;
    let words = outside.split(' ').filter(is_word).count();
    text.contains(' ')
        && words > 0
        && !is_of_machines(text)
        && !text.starts_with('/')
        && !text.contains("SELECT ")
}

#[test]
fn sentences_are_found_and_keys_are_not() {
    let source = "fn a() { say(\"nobody \\\n    yet\"); tracing::info!(x, \"looked at it\"); key(\"book-again\"); } // \"no one\"\n\
                  #[error(\"{0:?} is \\\"odd\\\"\")]\n#[cfg(test)]\nmod tests { say(\"not this one\") }";
    assert_eq!(sentences(source), ["nobody yet", "{0} is \"odd\""]);
}
