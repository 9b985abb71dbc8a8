//! What is being read of a structure file, and what was found wrong so far.

use crate::config::checklists::source_file::{SourceFile, fault, line_of};
use crate::config::file::fault::Fault;

/// Places in the file, by byte offset.
pub(in crate::config::checklists) struct KeyOffsets {
    pub(in crate::config::checklists) items: Vec<usize>,
    pub(in crate::config::checklists) pages: usize,
    pub(in crate::config::checklists) thresholds: usize,
}

/// What is being read, and what was found wrong so far.
pub(in crate::config::checklists) struct StructureReader<'a> {
    pub(in crate::config::checklists) source: SourceFile<'a>,
    pub(in crate::config::checklists) faults: &'a mut Vec<Fault>,
}

impl StructureReader<'_> {
    /// Notes a fault at a byte offset.
    pub(in crate::config::checklists) fn note(&mut self, at: usize, problem: &str, hint: &str) {
        self.faults.push(fault(self.source, line_of(self.source, at), problem, hint));
    }
}
