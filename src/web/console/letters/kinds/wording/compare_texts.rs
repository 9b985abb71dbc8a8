//! Two texts line by line: what stands in one of them only.

use minijinja::{Value, context};

/// The lines of a text, each with whether the other has it not.
pub(super) fn marked(text: &str, other: &str) -> Vec<Value> {
    let others: Vec<&str> = other.lines().map(str::trim).collect();
    let line =
        |text: &str| context! { text, differs => !text.trim().is_empty() && !others.contains(&text.trim()) };
    text.lines().map(line).collect()
}
