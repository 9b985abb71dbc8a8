//! Which kind of workbook a file is, by how it begins.

/// Which kind of workbook a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::exchange::roster) enum WorkbookKind {
    /// Office Open XML or OpenDocument, in a ZIP.
    Zip,
    /// The older binary form, or one with a password.
    Compound,
    /// Tables of a page: so hospital systems write what they call `.xls`.
    Page,
}

/// Tells a workbook by how it begins.
pub(in crate::exchange::roster) fn told_by(start: &[u8]) -> Option<WorkbookKind> {
    match start {
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Some(WorkbookKind::Zip),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => Some(WorkbookKind::Compound),
        _ if is_page(start) => Some(WorkbookKind::Page),
        _ => None,
    }
}

/// Whether a page begins so. A spreadsheet in XML has a `<Table>` too, and is none.
fn is_page(start: &[u8]) -> bool {
    let bare = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    if !bare.starts_with(b"<") {
        return false;
    }
    let lower = bare.to_ascii_lowercase();
    let holds = |tag: &[u8]| memchr::memmem::find(&lower, tag).is_some();
    (holds(b"<html") || holds(b"<table")) && !holds(b"<workbook")
}
