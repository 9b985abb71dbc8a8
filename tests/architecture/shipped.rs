//! What is shipped besides code: migrations say why, links lead somewhere, no file knows the machine it was written on.

use std::fs;

use crate::demand;
use crate::machines::migrations;
use crate::source::{relative, root, walk};

/// Traces of one machine or one registry. Split, so that this file does not break its own rule.
const TRACES: &[(&str, &str)] = &[
    ("/wo", "rk/"),
    ("static.", "crates"),
    ("index.", "crates.io"),
    ("pypi.", "org"),
    ("registry.", "npmjs"),
    ("deb.", "debian"),
    ("/home", "/"),
];

/// The documents that a clinic and a newcomer rely on.
const DOCUMENTS: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "deny.toml",
    "docs/flow.md",
    "docs/operating.md",
    "docs/safety.md",
    "docs/threat-model.md",
    "docs/design.md",
    "docs/glossary.md",
    "packaging/systemd/aftercare.service",
    "test",
    ".ci/run",
];

#[test]
fn every_migration_opens_with_why() {
    let found = migrations();
    assert!(!found.is_empty(), "migrations/ was not found");
    let silent = found.iter().filter(|(_, sql)| {
        sql.lines().next().is_none_or(|line| line.strip_prefix("-- ").is_none_or(|why| why.trim().len() < 10))
    });
    let faults: Vec<_> = silent.map(|(path, _)| format!("{path}:1")).collect();
    demand("a migration opens with a `--` line that says why", &faults);
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let mut faults = Vec::new();
    for (path, text) in texts() {
        for (n, line) in text.lines().enumerate() {
            let found = TRACES.iter().map(|(a, b)| format!("{a}{b}")).filter(|trace| begins(line, trace));
            faults.extend(found.map(|trace| format!("{path}:{}: `{trace}`", n + 1)));
        }
    }
    demand("no path of a machine and no registry host in the tree", &faults);
}

#[test]
fn every_document_is_there() {
    let missing = DOCUMENTS.iter().filter(|path| !root().join(path).exists());
    demand("what README promises is in the tree", &missing.map(|p| (*p).to_owned()).collect::<Vec<_>>());
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut faults = Vec::new();
    for (path, text) in texts().into_iter().filter(|(path, _)| path.ends_with(".md")) {
        let dir = root().join(&path);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next()) {
            let local = !target.is_empty() && !target.contains(':');
            if local && dir.parent().is_some_and(|d| !d.join(target).exists()) {
                faults.push(format!("{path}: `{target}`"));
            }
        }
    }
    demand("a link inside the tree leads to a file", &faults);
}

#[test]
fn scripts_can_be_run() {
    use std::os::unix::fs::PermissionsExt;
    let mut faults = Vec::new();
    for (path, text) in texts().into_iter().filter(|(_, text)| text.starts_with("#!/")) {
        let mode = fs::metadata(root().join(&path)).map_or(0, |m| m.permissions().mode());
        if mode & 0o111 == 0 && !text.starts_with("#![") {
            faults.push(path);
        }
    }
    demand("a file that opens with `#!` is executable", &faults);
}

/// Whether `trace` stands in the line and no longer word runs into it.
fn begins(line: &str, trace: &str) -> bool {
    line.match_indices(trace)
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || ".-_".contains(c)))
}

/// Every text file of the tree. Lock files hold what their tools write.
fn texts() -> Vec<(String, String)> {
    let files = walk(root()).into_iter().map(|p| (relative(&p), p));
    let ours =
        files.filter(|(path, _)| !path.ends_with("Cargo.lock") && !path.ends_with(".proptest-regressions"));
    ours.filter_map(|(path, full)| Some((path, fs::read_to_string(full).ok()?))).collect()
}
