//! docs/monitoring.md tells whoever is called at night every log event, every task and every exit code there is.

use std::collections::BTreeSet;
use std::fs;

use crate::demand;
use crate::source::{Source, closing, root, sources};

const MANUAL: &str = "docs/monitoring.md";
const LEVELS: [&str; 4] = ["error", "warn", "info", "debug"];

fn manual() -> String {
    fs::read_to_string(root().join(MANUAL)).unwrap_or_default()
}

#[test]
fn every_log_event_stands_in_the_manual() {
    let written: BTreeSet<String> = sources().iter().flat_map(events).collect();
    assert!(written.len() > 50, "the log events were not found");
    let listed: BTreeSet<String> = manual().lines().filter_map(row).collect();
    let lost = written.difference(&listed).map(|row| format!("{MANUAL}: add `{row}`"));
    let stale = listed.difference(&written).map(|row| format!("{MANUAL}: `{row}` is logged no more"));
    demand(
        "the manual lists every log event by level and message, and no other",
        &lost.chain(stale).collect::<Vec<_>>(),
    );
}

#[test]
fn every_task_and_exit_code_stands_in_the_manual() {
    let manual = manual();
    let mut faults = Vec::new();
    for (file, marks) in [("src/care/task.rs", ("| `", "`")), ("src/cli/exit.rs", ("| ", " |"))] {
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        let arms = text.lines().filter_map(|line| line.trim().strip_prefix("Self::")?.split_once(" => "));
        let values = arms.filter_map(|(_, value)| {
            let value = value.trim_end_matches(',').trim_matches('"');
            let is_word = value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            (is_word && !value.is_empty()).then_some(value)
        });
        let values: BTreeSet<_> = values.collect();
        assert!(values.len() > 5, "{file}");
        let lost =
            values.into_iter().filter(|value| !manual.contains(&format!("\n{}{value}{}", marks.0, marks.1)));
        faults.extend(lost.map(|value| format!("{MANUAL}: `{value}` of {file}")));
    }
    demand("the manual lists every task and every exit code", &faults);
}

/// The events that a file logs, as rows of the manual begin.
fn events(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    for level in LEVELS {
        let call = format!("tracing::{level}!(");
        for (at, _) in source.code.match_indices(&call) {
            let open = at + call.len() - 1;
            let text = &source.bare[open..closing(&source.code, open)];
            found.extend(last_text(text).map(|message| format!("| {level} | {message} |")));
        }
    }
    found
}

/// The last text within a macro: the message stands there.
fn last_text(call: &str) -> Option<String> {
    let texts = call.split('"').skip(1).step_by(2);
    let text = texts.last()?.replace("\\\n", " ");
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The level and message of a row of the manual.
fn row(line: &str) -> Option<String> {
    let mut cells = line.strip_prefix("| ")?.split(" | ");
    let (level, message) = (cells.next()?, cells.next()?);
    LEVELS.contains(&level).then(|| format!("| {level} | {message} |"))
}

#[test]
fn a_planted_event_is_seen_with_its_level_and_its_whole_message() {
    let planted = "fn a() {\n    tracing::warn!(\n        id = x.get(0),\n        why = \"so\",\n        \"a thing \\\n         broke\"\n    );\n    tracing::info!(\"ready\");\n}\n";
    let source = Source::new("src/a.rs", planted.to_owned());
    assert_eq!(events(&source), ["| warn | a thing broke |", "| info | ready |"]);
    assert_eq!(row("| warn | a thing broke | `id` | look |"), Some("| warn | a thing broke |".to_owned()));
}
