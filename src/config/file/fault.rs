//! One thing wrong in a file a person wrote: where, what, and what to do next.

/// A fault of configuration, protocol, checklist or letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file as the person knows it.
    pub file: String,
    /// Line, from 1; 0 when the fault is not in one line.
    pub line: usize,
    /// What is wrong; the culprit in backticks.
    pub problem: String,
    /// What to do next.
    pub hint: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}\n  hint: {}", self.file, self.problem, self.hint),
            line => write!(f, "{}:{line}: {}\n  hint: {}", self.file, self.problem, self.hint),
        }
    }
}

/// A file that is not UTF-8, with the line from which on it is not.
pub(in crate::config) fn not_utf8(file: &str, error: &std::string::FromUtf8Error) -> Fault {
    let good = error.utf8_error().valid_up_to();
    let line = 1 + error.as_bytes().iter().take(good).filter(|b| **b == b'\n').count();
    let problem = "is not UTF-8 from here on".to_owned();
    Fault { file: file.to_owned(), line, problem, hint: "save it as UTF-8 in your editor".to_owned() }
}
