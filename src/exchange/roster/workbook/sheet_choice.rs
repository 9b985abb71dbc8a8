//! Which sheet of a workbook is the roster. Two of them are two lists: which is meant nobody can tell, and one that is left out without
//! a word is a list of women whom nobody follows.

use crate::exchange::roster::columns::{REQUIRED, looks_like_header};
use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::rules::Origin;
use crate::exchange::roster::workbook::book::Workbook;
use crate::exchange::roster::workbook::cell_text::plain;
use crate::exchange::roster::workbook::sheet_cells::{SheetCells, line};

/// So far down a header is looked for.
pub(super) const TITLE_ROWS: usize = 20;

/// The sheet that is read.
pub(super) struct SheetChoice {
    pub(super) name: String,
    pub(super) cells: SheetCells,
    /// The cell with which the header begins.
    pub(super) header: usize,
    /// What somebody should know of sheets that are not.
    pub(super) passed_over: Vec<RowFault>,
}

/// A sheet with the header, and how many rows stand below.
struct FoundSheet {
    choice: SheetChoice,
    rows: usize,
}

/// The only sheet with the header and rows below, or the one that is named.
pub(super) fn of(book: &mut Workbook, origin: &Origin) -> Result<SheetChoice, Vec<RowFault>> {
    let mut looked_at = Vec::new();
    let (mut first, mut lists) = (None::<FoundSheet>, Vec::new());
    for name in book.wanted(origin.sheet.as_deref()) {
        let Some(cells) = book.cells(&name) else { continue };
        looked_at.push(format!("`{name}`"));
        let Some(found) = found(name, cells, origin) else { continue };
        if found.rows > 0 {
            lists.push(told(&found));
        }
        // An empty form beside a list is no list.
        let is_better = first.as_ref().is_none_or(|first| first.rows == 0 && found.rows > 0);
        first = if is_better { Some(found) } else { first };
    }
    let found = first.ok_or_else(|| none(&looked_at, origin))?;
    if let Some((row, problem)) = found.choice.cells.excess(&found.choice.name) {
        let hint = "delete what stands there, or the empty columns and rows around the list, save it and import again";
        return Err(vec![RowFault::whole(line(row), problem, hint)]);
    }
    if lists.len() > 1 {
        return Err(several(&lists));
    }
    let passed_over = if origin.sheet.is_none() { hidden(book, origin) } else { Vec::new() };
    Ok(SheetChoice { passed_over, ..found.choice })
}

fn found(name: String, cells: SheetCells, origin: &Origin) -> Option<FoundSheet> {
    let header = header_at(&cells, origin)?;
    let rows = cells.rows_from(header + cells.row_at(header).len());
    Some(FoundSheet { choice: SheetChoice { name, cells, header, passed_over: Vec::new() }, rows })
}

fn told(found: &FoundSheet) -> String {
    format!("`{}` {}", found.choice.name, found.rows)
}

fn several(lists: &[String]) -> Vec<RowFault> {
    let problem =
        format!("several sheets of the workbook hold a list, each with so many rows: {}", lists.join(", "));
    let hint = "name the one that is meant with `--sheet NAME`, and import the others as well if their patients are meant; or delete the \
                sheets that are not, and save it";
    vec![RowFault::whole(0, problem, hint)]
}

fn none(looked_at: &[String], origin: &Origin) -> Vec<RowFault> {
    if let (Some(wanted), true) = (&origin.sheet, looked_at.is_empty()) {
        let hint = "look at the names at the foot of your spreadsheet, or leave `--sheet` out";
        return vec![RowFault::whole(0, format!("there is no sheet `{wanted}` in it"), hint)];
    }
    let problem = format!("no sheet of the workbook has the header; looked at {}", looked_at.join(", "));
    let hint = format!("the first row must name these columns: {}", REQUIRED.join(","));
    vec![RowFault::whole(0, problem, hint)]
}

/// The remark where sheets that are not shown hold lists too.
fn hidden(book: &mut Workbook, origin: &Origin) -> Vec<RowFault> {
    let unseen = book.unseen().into_iter();
    let found: Vec<_> =
        unseen.filter_map(|name| book.cells(&name).and_then(|cells| found(name, cells, origin))).collect();
    let lists: Vec<String> = found.iter().filter(|found| found.rows > 0).map(told).collect();
    let problem = format!(
        "a list in a sheet that the workbook hides is not read, with so many rows: {}",
        lists.join(", ")
    );
    let hint = "if its patients are meant, import it as well with `--sheet NAME`";
    if lists.is_empty() { Vec::new() } else { vec![RowFault::whole(0, problem, hint)] }
}

/// The cell with which the header begins.
fn header_at(cells: &SheetCells, origin: &Origin) -> Option<usize> {
    let mut first = 0;
    for row in cells.rows().take(TITLE_ROWS) {
        let texts = cells.texts(row, 0, |_, content| plain(content));
        if looks_like_header(&texts, &origin.names) {
            return Some(first);
        }
        first += row.len();
    }
    None
}
