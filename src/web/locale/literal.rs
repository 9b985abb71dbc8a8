//! Words inside a template's code: the string literals that a reader sees, e.g. `{{ owner or "nobody yet" }}`.

use std::ops::Range;

/// Statements whose strings are names of templates and blocks.
const OF_NAMES: [&str; 6] = ["extends", "include", "import", "from", "block", "endblock"];

/// What comes before a string that is compared or looked up, and read by nobody.
const COMPARED: [&str; 4] = ["==", "!=", "[", " in"];

/// Where the literals that a reader sees stand in the code, without their quotation marks: those with a capital or a space
/// between words, which no machine word of ours has.
pub(super) fn seen(code: &str) -> Vec<Range<usize>> {
    let statement = code.trim_start_matches(['{', '%', '-']).trim_start();
    if OF_NAMES.iter().any(|name| statement.starts_with(name)) {
        return Vec::new();
    }
    all(code).into_iter().filter(|at| is_seen(code, at)).collect()
}

/// The code with every literal empty, by which two versions of it are compared.
pub(super) fn without(code: &str) -> String {
    let mut bare = String::new();
    let mut from = 0;
    for at in all(code) {
        bare.push_str(&code[from..at.start]);
        from = at.end;
    }
    bare + &code[from..]
}

fn is_seen(code: &str, at: &Range<usize>) -> bool {
    let before = code[..at.start - 1].trim_end();
    let text = &code[at.clone()];
    let has_words = text.trim().contains(' ') || text.contains(char::is_uppercase);
    has_words && text.contains(char::is_alphabetic) && !COMPARED.iter().any(|mark| before.ends_with(mark))
}

fn all(code: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = code[at..].find('"').map(|open| at + open + 1) {
        let Some(close) = code[open..].find('"').map(|close| open + close) else { break };
        found.push(open..close);
        at = close + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_reader_sees_is_found() {
        for (code, found) in [
            (r#"{{ owner or "nobody yet" }}"#, vec!["nobody yet"]),
            (r#"{% if a == "Closed now" %}"#, vec![]),
            (r#"{% extends "console/layout.html" %}"#, vec![]),
            (r#"{{ pages(back, on, "Newer", "older") }}"#, vec!["Newer"]),
            (r#"{{ names|join(", ") }}"#, vec![]),
        ] {
            let texts: Vec<&str> = seen(code).into_iter().map(|at| &code[at]).collect();
            assert_eq!(texts, found, "{code}");
        }
        assert_eq!(without(r#"{{ a or "x y" }}"#), r#"{{ a or "" }}"#);
    }
}
