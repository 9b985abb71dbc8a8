//! Lists: as tables to read on a terminal, as wide as that is; for whatever else reads them a line a row, with a tab between columns.

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};
use terminal_size::{Width, terminal_size_of};

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
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return lines(out, header, rows);
    }
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    if let Some((Width(columns), _)) = terminal_size_of(&stdout) {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(columns);
    }
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    writeln!(out, "{table}")
}

/// Neither padded nor cut: a long reason in one row makes no other row longer.
fn lines<const N: usize>(
    out: &mut dyn Write,
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> std::io::Result<()> {
    writeln!(out, "{}", header.join("\t"))?;
    for row in rows {
        writeln!(out, "{}", row.map(|cell| cell.replace('\n', "; ").replace(['\t', '\r'], " ")).join("\t"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_program_reads_is_a_line_a_row_and_a_tab_a_column() {
        let reason = "a long\treason ".repeat(40);
        let rows = [["1", &reason], ["2", "two\nlines"]].map(|row| row.map(str::to_owned));
        let mut out = Vec::new();
        lines(&mut out, ["no.", "why"], rows.into_iter()).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!((lines[0], lines[2], lines.len()), ("no.\twhy", "2\ttwo; lines", 3));
        assert_eq!(lines[1].matches('\t').count(), 1);
        assert!(lines[1].ends_with("a long reason "), "nothing is cut");
    }
}
