//! Rows that a workbook holds and does not show, filtered away, folded, hidden by hand, or that somebody struck through. They are
//! read like all others, so somebody must hear of them.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Cursor, Read};

use zip::ZipArchive;

/// So much of one part is looked through; a roster of a hundred thousand is a twentieth of this.
const MOST: u64 = 1024 * 1024 * 1024;
/// So much may stand before the end of a tag; a cell's text is shorter.
const LONGEST_TAG: u64 = 512 * 1024;
/// So many rows are noted; more are only said to be more.
const MOST_ROWS: usize = 10_000;

type Archive<'c> = ZipArchive<Cursor<&'c [u8]>>;

/// The hidden rows of one sheet, and those struck through.
pub(in crate::exchange::roster) struct HiddenRows {
    /// The name the sheet has in the workbook.
    pub(in crate::exchange::roster) sheet: String,
    /// Their lines, from 1.
    pub(in crate::exchange::roster) lines: Vec<u64>,
    /// The lines of rows of which a cell is struck through.
    pub(in crate::exchange::roster) struck: Vec<u64>,
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
    let styles = struck_styles(&mut archive);
    let rows = |(sheet, path): (String, String)| {
        let (lines, struck) = lines(&mut archive, &path, &styles);
        HiddenRows { sheet, lines, struck }
    };
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

/// The lines of hidden rows, and of those with a cell of such a style.
fn lines(archive: &mut Archive<'_>, path: &str, styles: &HashSet<String>) -> (Vec<u64>, Vec<u64>) {
    let (mut lines, mut struck, mut line) = (Vec::new(), Vec::new(), 0);
    tags(archive, path, |tag| {
        let is_struck = || attribute(tag, "s").is_some_and(|style| styles.contains(&style));
        if !styles.is_empty()
            && is(tag, "c")
            && struck.last() != Some(&line)
            && struck.len() < MOST_ROWS
            && is_struck()
        {
            struck.push(line);
        }
        if is(tag, "row") {
            // A row without its number is the next one.
            line = attribute(tag, "r").and_then(|number| number.parse().ok()).unwrap_or(line + 1);
            let is_hidden = matches!(attribute(tag, "hidden").as_deref(), Some("1" | "true"));
            if is_hidden && lines.len() < MOST_ROWS {
                lines.push(line);
            }
        }
    });
    (lines, struck)
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

fn is(tag: &str, name: &str) -> bool {
    tag.strip_prefix(name).is_some_and(|rest| rest.starts_with(char::is_whitespace))
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
