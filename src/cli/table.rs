//! Lists as tables to read.

use std::io::Write;

use comfy_table::{Table, presets};

/// Writes a table; nothing but `nothing` when it has no rows.
///
/// # Errors
/// The writer's.
pub fn write<const N: usize>(
    out: &mut dyn Write,
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    nothing: &str,
) -> std::io::Result<()> {
    let mut rows = rows.into_iter().peekable();
    if rows.peek().is_none() {
        return writeln!(out, "{nothing}");
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    writeln!(out, "{table}")
}
