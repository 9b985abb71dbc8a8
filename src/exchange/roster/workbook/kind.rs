//! Which kind of workbook a file is, by how it begins.

/// Which kind of workbook a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exchange::roster) enum WorkbookKind {
    /// Office Open XML or OpenDocument, in a ZIP.
    Zip,
    /// The older binary form, or one with a password.
    Compound,
}

/// Tells a workbook by how it begins.
pub(in crate::exchange::roster) fn told_by(start: &[u8]) -> Option<WorkbookKind> {
    match start {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Some(WorkbookKind::Zip),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(WorkbookKind::Compound),
        _ => None,
    }
}
