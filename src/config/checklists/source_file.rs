//! A checklist's file, and faults with their line in it.

use crate::config::file::fault::Fault;

/// Which rules a file must list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum Listing {
    /// Every rule there is: whoever signs it sees what is signed.
    Whole,
    /// Those there were when it was published. Forms that are out in the world stay readable when a rule is added.
    AsPublished,
}

/// A file by its name and text.
#[derive(Debug, Clone, Copy)]
pub struct SourceFile<'a> {
    /// The name a person knows it by.
    pub file: &'a str,
    /// What stands in it.
    pub text: &'a str,
}

pub(in crate::config) fn fault(source: SourceFile<'_>, line: usize, problem: &str, hint: &str) -> Fault {
    Fault { file: source.file.to_owned(), line, problem: problem.to_owned(), hint: hint.to_owned() }
}

/// The line of a byte offset, from 1.
pub(in crate::config) fn line_of(source: SourceFile<'_>, offset: usize) -> usize {
    1 + source.text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count()
}

/// A fault for text that is not the TOML we expect.
pub(in crate::config) fn misread(source: SourceFile<'_>, error: &toml::de::Error) -> Fault {
    let line = error.span().map_or(0, |span| line_of(source, span.start));
    let hint = "the file that ships with the program shows every key: `aftercare init DIR` writes a copy";
    fault(source, line, error.message().trim(), hint)
}
