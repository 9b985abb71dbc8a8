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
