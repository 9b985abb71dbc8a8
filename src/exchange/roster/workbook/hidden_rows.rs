//! Rows that a workbook holds and does not show: filtered away, folded, hidden by hand. They are read like all others, so somebody
//! must hear of them.

use std::io::{BufRead, BufReader, Cursor, Read};

use zip::ZipArchive;

/// So much of one part is looked through; a roster of a hundred thousand is a twentieth of this.
const MOST: u64 = 1024 * 1024 * 1024;
/// So much may stand before the end of a tag; a cell's text is shorter.
const LONGEST_TAG: u64 = 512 * 1024;
/// So many rows are noted; more are only said to be more.
const MOST_ROWS: usize = 10_000;

type Archive<'c> = ZipArchive<Cursor<&'c [u8]>>;

/// The hidden rows of one sheet.
pub(in crate::exchange::roster) struct HiddenRows {
    /// The name the sheet has in the workbook.
    pub(in crate::exchange::roster) sheet: String,
    /// Their lines, from 1.
    pub(in crate::exchange::roster) lines: Vec<u64>,
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
    found.map(|(sheet, path)| HiddenRows { sheet, lines: lines(&mut archive, &path) }).collect()
}

fn lines(archive: &mut Archive<'_>, path: &str) -> Vec<u64> {
    let (mut lines, mut line) = (Vec::new(), 0);
    tags(archive, path, |tag| {
        if is(tag, "row") {
            // A row without its number is the next one.
            line = attribute(tag, "r").and_then(|number| number.parse().ok()).unwrap_or(line + 1);
            let is_hidden = matches!(attribute(tag, "hidden").as_deref(), Some("1" | "true"));
            if is_hidden && lines.len() < MOST_ROWS {
                lines.push(line);
            }
        }
    });
    lines
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
