//! The choices of a made-up letter, in words: language, how much it says, what it is about.

use minijinja::{Value, context};

use crate::letter::proof::samples;

fn choice(word: &str, text: &str, chosen: &str) -> Value {
    context! { word, text, chosen => word == chosen }
}

/// The languages of the clinic.
pub(super) fn languages(all: &[String], chosen: &str) -> Vec<Value> {
    all.iter().map(|code| choice(code, language(code), chosen)).collect()
}

/// Every detail level as a choice, the chosen one marked.
pub(super) fn details(chosen: &str) -> Vec<Value> {
    samples::DETAILS.into_iter().map(|level| choice(level, detail(level), chosen)).collect()
}

/// What a letter may be about.
pub(super) fn kinds(all: &[&str], chosen: &str) -> Vec<Value> {
    all.iter().map(|one| choice(one, kind(one), chosen)).collect()
}

/// A language by its name.
pub(super) fn language(code: &str) -> &str {
    match code {
        "en" => "English",
        "es" => "Spanish",
        other => other,
    }
}

fn detail(level: &str) -> &str {
    match level {
        "minimal" => "as little as possible",
        "standard" => "the usual",
        "full" => "everything",
        other => other,
    }
}

fn kind(kind: &str) -> &str {
    match kind {
        "visit" => "a visit",
        "test" => "a test",
        "checklist" => "a form",
        "leaflet" => "a text to read",
        "notice" => "news",
        "staff" => "staff",
        other => other,
    }
}
