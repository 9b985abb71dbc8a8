//! One fault of the wording, told so that a clinic can mend it.

use crate::letter::limits::CAP;
/// What is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {problem}\n  hint: {hint}", line.map(|n| format!(":{n}")).unwrap_or_default())]
pub struct LetterFault {
    /// The file, relative to the configuration, e.g. `letters/es/book.txt.j2`.
    pub file: String,
    /// The line, from 1, where one is known.
    pub line: Option<usize>,
    /// What is wrong with the file.
    pub problem: String,
    /// What to do next.
    pub hint: String,
}

impl LetterFault {
    /// A fault without a line.
    #[must_use]
    pub fn new(file: &str, problem: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, problem: problem.into(), hint: hint.into() }
    }

    /// The same fault, at a line.
    #[must_use]
    pub fn at(mut self, line: Option<usize>) -> Self {
        self.line = line;
        self
    }
}

/// Where the template of a text fragment lies, as faults name it.
pub(super) fn fragment_file(language: &str, name: &str) -> String {
    format!("letters/{language}/{name}.txt.j2")
}

/// A template's error as a fault: place from the engine, words without the values it was rendered with (P10).
pub(super) fn from_template(file: &str, error: &minijinja::Error) -> LetterFault {
    use minijinja::ErrorKind;
    let (file, error) = innermost(file, error);
    let detail = error.detail().unwrap_or_default();
    let (problem, hint) = match error.kind() {
        ErrorKind::OutOfFuel => {
            ("the template does not come to an end".to_owned(), "take out the loop, or loop over less")
        }
        ErrorKind::WriteFailure => {
            (format!("the letter is larger than {} bytes", CAP), "take out what repeats text")
        }
        ErrorKind::UndefinedError => {
            (unknown_name(detail), "see letters/README.md for the names a letter may use")
        }
        ErrorKind::TemplateNotFound => (
            format!("an included file is missing: {detail}"),
            "include only files of the same language, without ending",
        ),
        other => (format!("{other} {detail}").trim_end().to_owned(), "mend the template at this line"),
    };
    LetterFault::new(&file, problem, hint).at(error.line())
}

/// A name that letters do not have, as it is written in the text; minijinja quotes it.
fn unknown_name(detail: &str) -> String {
    match detail.split('`').nth(1) {
        Some(name) => {
            let name = ["{{ ", name, " }}"].concat();
            format!("{name} is not a name that letters know")
        }
        None => format!("a name is not known here {detail}").trim_end().to_owned(),
    }
}

/// An include only passes on what broke: the fault lies in the included file beside.
fn innermost<'e>(file: &str, error: &'e minijinja::Error) -> (String, &'e minijinja::Error) {
    let mut inner = error;
    while let Some(next) = std::error::Error::source(inner).and_then(|s| s.downcast_ref::<minijinja::Error>())
    {
        inner = next;
    }
    let directory = file.rsplit_once('/').map_or("", |(directory, _)| directory);
    match inner.name() {
        Some(name) if !std::ptr::eq(inner, error) && !name.starts_with('<') => {
            (format!("{directory}/{name}.txt.j2"), inner)
        }
        _ => (file.to_owned(), inner),
    }
}
