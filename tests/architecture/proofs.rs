//! What the documents name as proof exists: `path::test` is a test in that file, and every hazard names at least one.

use std::collections::BTreeSet;
use std::fs;

use crate::demand;
use crate::source::{relative, root, walk};

const DOCUMENTS: &[&str] = &["docs/safety.md", "docs/threat-model.md", "ARCHITECTURE.md", "docs/design.md"];

/// Everything in backticks that looks like a file of code, with its line.
fn cited(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate();
    let quoted =
        lines.flat_map(|(n, line)| line.split('`').skip(1).step_by(2).map(move |word| (n + 1, word)));
    quoted.filter(|(_, word)| is_code(word))
}

fn is_code(word: &str) -> bool {
    let file = word.split("::").next().unwrap_or(word);
    (file.starts_with("src/") || file.starts_with("tests/") || file.starts_with("benches/"))
        && !file.contains(['*', ' ', '{'])
}

/// What is wrong with a proof, if anything.
fn fault(word: &str) -> Option<String> {
    let (file, test) = word.split_once("::").map_or((word, None), |(file, test)| (file, Some(test)));
    let path = root().join(file.trim_end_matches('/'));
    if path.is_dir() && test.is_none() {
        return None;
    }
    let Ok(code) = fs::read_to_string(&path) else { return Some(format!("`{file}` does not exist")) };
    let test = test?;
    (!is_tested(&code, test)).then(|| format!("`{file}` has no test `{test}`"))
}

/// Whether the file has a test of that name: an attribute that says `test` stands close above.
fn is_tested(code: &str, name: &str) -> bool {
    let lines: Vec<&str> = code.lines().map(str::trim).collect();
    let heads = [format!("fn {name}("), format!("async fn {name}(")];
    let places = lines.iter().enumerate().filter(|(_, line)| heads.iter().any(|head| line.starts_with(head)));
    let above = |n: usize| lines[..n].iter().rev().take_while(|line| line.starts_with("#[")).any(is_mark);
    places.into_iter().any(|(n, _)| above(n))
}

fn is_mark(line: &&str) -> bool {
    line.starts_with("#[test]") || line.starts_with("#[tokio::test")
}

#[test]
fn every_proof_that_a_document_names_exists() {
    let mut faults = Vec::new();
    for document in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        faults.extend(
            cited(&text).filter_map(|(n, word)| fault(word).map(|what| format!("{document}:{n}: {what}"))),
        );
    }
    demand("a file or a test that a document names is there", &faults);
}

#[test]
fn every_hazard_names_a_proof() {
    let text = fs::read_to_string(root().join("docs/safety.md")).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| H")).collect();
    assert!(rows.len() > 30, "the hazards of docs/safety.md were not found");
    let bare = rows.iter().filter(|row| !cited(row).any(|(_, word)| word.contains("::")));
    let faults: Vec<String> = bare.map(|row| row.chars().take(60).collect()).collect();
    demand("a hazard names the test that proves its control", &faults);
    let mut seen = BTreeSet::new();
    let number = |row: &&str| row.split('|').nth(1).unwrap_or_default().trim().to_owned();
    let twice: Vec<String> = rows.iter().map(number).filter(|number| !seen.insert(number.clone())).collect();
    demand("a hazard has a number of its own", &twice);
}

#[test]
fn a_proof_that_is_not_there_is_seen() {
    assert!(fault("tests/architecture/proofs.rs::every_hazard_names_a_proof").is_none());
    assert!(fault("tests/architecture/proofs.rs::is_tested").is_some());
    assert!(fault("tests/nowhere.rs::anything").is_some());
}

/// The promises that the code and its documents are written against.
const PROMISES: std::ops::RangeInclusive<u32> = 1..=18;

#[test]
fn every_promise_is_named_where_it_is_tested() {
    let tests = walk(&root().join("tests"))
        .into_iter()
        .filter(|path| !relative(path).starts_with("tests/architecture"));
    let words: BTreeSet<String> = tests
        .filter_map(|path| fs::read_to_string(path).ok())
        .flat_map(|text| {
            let words = text.split(|c: char| !c.is_ascii_alphanumeric());
            words.filter(|word| word.starts_with('P')).map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    let bare: Vec<String> =
        PROMISES.map(|n| format!("P{n}")).filter(|promise| !words.contains(promise)).collect();
    demand("a test says which promise it proves: each of them stands in tests/", &bare);
}
