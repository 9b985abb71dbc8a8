//! What a sheet shows otherwise than it is read: rows filtered away, folded, hidden by hand or struck through, and cells made one. They
//! are read like all others, so somebody must hear of them.

use std::collections::{BTreeMap, HashSet};
use std::io::{BufRead, BufReader, Cursor, Read};

use zip::ZipArchive;

use crate::exchange::roster::workbook::merged_cells::{self, MergedCells};

/// So much of one part is looked through; a roster of a hundred thousand is a twentieth of this.
const MOST: u64 = 1024 * 1024 * 1024;
/// So much may stand before the end of a tag; a cell's text is shorter.
const LONGEST_TAG: u64 = 512 * 1024;
/// So many rows are noted; more are only said to be more.
const MOST_ROWS: usize = 10_000;
/// So many merged cells are noted.
const MOST_MERGED: usize = 100_000;

type Archive<'c> = ZipArchive<Cursor<&'c [u8]>>;

/// The hidden rows of one sheet, those struck through, and its cells that reach over several.
#[derive(Default)]
pub(in crate::exchange::roster) struct HiddenRows {
    /// The name the sheet has in the workbook.
    pub(in crate::exchange::roster) sheet: String,
    /// Their lines, from 1.
    pub(in crate::exchange::roster) lines: Vec<u64>,
    /// The lines of rows of which a cell is struck through.
    pub(in crate::exchange::roster) struck: Vec<u64>,
    /// Cells that were merged over several rows.
    pub(in crate::exchange::roster) merged: Vec<MergedCells>,
    /// For each column, from 0, the line of its first number that the sheet shows with zeros before it.
    pub(in crate::exchange::roster) padded: BTreeMap<u32, u64>,
}

/// The numbers of cell styles that somebody should hear of.
struct TellingStyles {
    struck: HashSet<String>,
    padded: HashSet<String>,
}

/// The sheets of an Office Open XML workbook with the rows each hides. Nothing where it cannot be told: a remark is missing
/// then, and no row.
pub(in crate::exchange::roster) fn of(content: &[u8]) -> Vec<HiddenRows> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(content)) else { return Vec::new() };
    let mut sheets = Vec::new();
    let mut related = Vec::new();
    tags(&mut archive, "xl/workbook.xml", |tag| {
        if is(tag, "sheet")
            && let (Some(name), Some(id)) = (attribute(tag, "name"), attribute(tag, "r:id"))
        {
            sheets.push((name, id));
        }
    });
    tags(&mut archive, "xl/_rels/workbook.xml.rels", |tag| {
        if is(tag, "Relationship")
            && let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target"))
        {
            related.push((id, target));
        }
    });
    let path = |id: &str| {
        let (_, target) = related.iter().find(|(known, _)| known == id)?;
        Some(target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned))
    };
    let found = sheets.into_iter().filter_map(|(sheet, id)| Some((sheet, path(&id)?)));
    let found: Vec<_> = found.collect();
    let styles = TellingStyles { struck: struck_styles(&mut archive), padded: padded_styles(&mut archive) };
    let rows =
        |(sheet, path): (String, String)| HiddenRows { sheet, ..rows_of(&mut archive, &path, &styles) };
    found.into_iter().map(rows).collect()
}

/// The numbers of the cell styles whose letters are struck through.
fn struck_styles(archive: &mut Archive<'_>) -> HashSet<String> {
    let (mut struck_fonts, mut styles) = (HashSet::new(), HashSet::new());
    // Fonts and styles are counted in their lists, and elsewhere in the part are others.
    let (mut list, mut font, mut style) = (String::new(), 0_u64, 0_u64);
    tags(archive, "xl/styles.xml", |tag| {
        let name = tag.split(char::is_whitespace).next().unwrap_or_default();
        match (list.as_str(), name) {
            (_, "fonts" | "cellXfs") => list = name.to_owned(),
            (_, "/fonts" | "/cellXfs") => list.clear(),
            ("fonts", "font") => font += 1,
            ("fonts", "strike") if !matches!(attribute(tag, "val").as_deref(), Some("0" | "false")) => {
                struck_fonts.insert(font.saturating_sub(1).to_string());
            }
            ("cellXfs", "xf") => {
                if attribute(tag, "fontId").is_some_and(|font| struck_fonts.contains(&font)) {
                    styles.insert(style.to_string());
                }
                style += 1;
            }
            _ => {}
        }
    });
    styles
}

/// The lines of hidden rows, and of those with a cell of such a style; and what is merged over several.
fn rows_of(archive: &mut Archive<'_>, path: &str, styles: &TellingStyles) -> HiddenRows {
    let (mut found, mut line) = (HiddenRows::default(), 0);
    tags(archive, path, |tag| {
        if is(tag, "c") {
            found.note_style(tag, line, styles);
        }
        if is(tag, "row") {
            // A row without its number is the next one.
            line = attribute(tag, "r").and_then(|number| number.parse().ok()).unwrap_or(line + 1);
            let is_hidden = matches!(attribute(tag, "hidden").as_deref(), Some("1" | "true"));
            if is_hidden && found.lines.len() < MOST_ROWS {
                found.lines.push(line);
            }
        }
        if is(tag, "mergeCell") && found.merged.len() < MOST_MERGED {
            found.merged.extend(attribute(tag, "ref").and_then(|range| MergedCells::named(&range)));
        }
    });
    found
}

impl HiddenRows {
    /// Notes what the style of a cell tells.
    fn note_style(&mut self, tag: &str, line: u64, styles: &TellingStyles) {
        if styles.struck.is_empty() && styles.padded.is_empty() {
            return;
        }
        let Some(style) = attribute(tag, "s") else { return };
        let is_new = self.struck.last() != Some(&line) && self.struck.len() < MOST_ROWS;
        if is_new && styles.struck.contains(&style) {
            self.struck.push(line);
        }
        let is_number = matches!(attribute(tag, "t").as_deref(), None | Some("n"));
        if !is_number || !styles.padded.contains(&style) {
            return;
        }
        if let Some((_, column)) = attribute(tag, "r").and_then(|name| merged_cells::cell(&name)) {
            self.padded.entry(column).or_insert(line);
        }
    }
}

/// The numbers of the cell styles that write zeros before a number, as `00000` does.
fn padded_styles(archive: &mut Archive<'_>) -> HashSet<String> {
    let (mut formats, mut styles) = (HashSet::new(), HashSet::new());
    let (mut is_list, mut style) = (false, 0_u64);
    tags(archive, "xl/styles.xml", |tag| {
        let name = tag.split(char::is_whitespace).next().unwrap_or_default();
        match name.rsplit(':').next().unwrap_or_default() {
            "cellXfs" => is_list = true,
            "/cellXfs" => is_list = false,
            "numFmt" => {
                let zeros = attribute(tag, "formatCode").is_some_and(|code| code.starts_with("00"));
                formats.extend(attribute(tag, "numFmtId").filter(|_| zeros));
            }
            "xf" if is_list => {
                if attribute(tag, "numFmtId").is_some_and(|format| formats.contains(&format)) {
                    styles.insert(style.to_string());
                }
                style += 1;
            }
            _ => {}
        }
    });
    styles
}

/// The sheets of an OpenDocument workbook with their cells that reach over several rows.
pub(in crate::exchange::roster) fn of_open_document(content: &[u8]) -> Vec<HiddenRows> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(content)) else { return Vec::new() };
    let mut sheets: Vec<HiddenRows> = Vec::new();
    let (mut row, mut next_row, mut column) = (0_u32, 0_u32, 0_u32);
    tags(&mut archive, "content.xml", |tag| {
        let number =
            |name: &str| attribute(tag, name).and_then(|number| number.parse::<u32>().ok()).unwrap_or(1);
        let name = tag.split(char::is_whitespace).next().unwrap_or_default();
        match name {
            "table:table" => {
                let sheet = attribute(tag, "table:name").unwrap_or_default();
                sheets.push(HiddenRows { sheet, ..HiddenRows::default() });
                (row, next_row) = (0, 0);
            }
            "table:table-row" => {
                (row, column) = (next_row, 0);
                next_row = next_row.saturating_add(number("table:number-rows-repeated"));
            }
            "table:table-cell" | "table:covered-table-cell" => {
                let (rows, columns) =
                    (number("table:number-rows-spanned"), number("table:number-columns-spanned"));
                let merged = sheets.last_mut().map(|sheet| &mut sheet.merged);
                if let Some(merged) = merged.filter(|merged| rows > 1 && merged.len() < MOST_MERGED) {
                    let (bottom, right) =
                        (row.saturating_add(rows - 1), column.saturating_add(columns.max(1) - 1));
                    merged.push(MergedCells { top: row, left: column, bottom, right });
                }
                column = column.saturating_add(number("table:number-columns-repeated"));
            }
            _ => {}
        }
    });
    sheets
}

/// Shows every tag of a part, without its brackets.
fn tags(archive: &mut Archive<'_>, path: &str, mut show: impl FnMut(&str)) {
    let Ok(part) = archive.by_name(path) else { return };
    let mut part = BufReader::new(part.take(MOST));
    let mut piece = Vec::new();
    loop {
        piece.clear();
        match part.by_ref().take(LONGEST_TAG).read_until(b'>', &mut piece) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let tag = piece.rsplit(|byte| *byte == b'<').next().unwrap_or_default();
        if let Ok(tag) = std::str::from_utf8(tag) {
            show(tag.trim_end_matches(['>', '/']));
        }
    }
}

/// Whether a tag with attributes has this name; some programs put a prefix before it, as in `x:row`.
fn is(tag: &str, name: &str) -> bool {
    let (own, rest) = tag.split_at(tag.find(char::is_whitespace).unwrap_or(tag.len()));
    !rest.is_empty() && own.rsplit(':').next() == Some(name)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    let value = rest.split('"').next()?;
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    Some(plain.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to)))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn book(styles: &str) -> Vec<u8> {
        let rows = r#"<row r="1"><c r="A1" s="0"/></row><row r="2"><c r="A2" s="0"/></row><row r="3" hidden="1"><c r="A3" s="1"/><c r="B3" s="1"/></row>"#;
        let mut book = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in [
            ("xl/workbook.xml", r#"<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>"#),
            ("xl/_rels/workbook.xml.rels", r#"<Relationship Id="r1" Target="worksheets/sheet1.xml"/>"#),
            ("xl/styles.xml", styles),
            ("xl/worksheets/sheet1.xml", rows),
        ] {
            book.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            book.write_all(text.as_bytes()).unwrap();
        }
        book.finish().unwrap().into_inner()
    }

    #[test]
    fn rows_that_are_struck_through_are_found_by_the_font_of_their_cells() {
        let fonts = |strike: &str| {
            format!(
                r#"<fonts count="2"><font><sz val="11"/></font><font>{strike}<sz val="11"/></font></fonts><cellStyleXfs><xf fontId="1"/></cellStyleXfs><cellXfs count="2"><xf fontId="0"/><xf fontId="1"/></cellXfs><dxfs><dxf><font><strike/></font></dxf></dxfs>"#
            )
        };
        for (strike, struck) in
            [("<strike/>", &[3][..]), ("<strike val=\"1\"/>", &[3]), ("<strike val=\"0\"/>", &[]), ("", &[])]
        {
            let found = of(&book(&fonts(strike))).remove(0);
            assert_eq!((found.lines.as_slice(), found.struck.as_slice()), (&[3][..], struck), "{strike}");
        }
    }
}
