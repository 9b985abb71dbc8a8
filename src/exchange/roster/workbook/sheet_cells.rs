//! What stands in one sheet, cell by filled cell: a stray cell far away costs one cell, and no rectangle up to it.

use calamine::{CellErrorType, Data, DataRef};

/// Columns that are read, counted from the first that holds something: ten times what a roster has.
const MOST_COLUMNS: u32 = 1_000;
/// Filled cells that are read: a hundred thousand patients with every column there is.
const MOST_CELLS: usize = 3_000_000;

/// So many rows or cells are named one by one.
pub(super) const NAMED: usize = 10;

/// A cell that holds something.
pub(super) struct FilledCell {
    pub(super) row: u32,
    column: u32,
    content: Data,
}

/// The filled cells of a sheet, row by row from the left.
#[derive(Default)]
pub(super) struct SheetCells {
    cells: Vec<FilledCell>,
    left: u32,
    /// The first cell, in the order of the file, that is too far away to belong to a roster.
    stray: Option<(u32, u32)>,
    is_full: bool,
}

impl SheetCells {
    /// Takes cells in until there are none or too many; nothing where one of them cannot be read.
    pub(super) fn read<E>(mut next: impl FnMut() -> Result<Option<((u32, u32), Data)>, E>) -> Option<Self> {
        let mut sheet = Self::default();
        while let Some(((row, column), content)) = next().ok()? {
            if is_nothing(&content) {
                continue;
            }
            if sheet.cells.len() == MOST_CELLS {
                sheet.is_full = true;
                break;
            }
            sheet.cells.push(FilledCell { row, column, content });
        }
        Some(sheet.in_order())
    }

    /// A file may hold its cells in any order.
    fn in_order(mut self) -> Self {
        self.left = self.cells.iter().map(|cell| cell.column).min().unwrap_or_default();
        let is_far = |cell: &FilledCell| cell.column - self.left >= MOST_COLUMNS;
        self.stray = self.cells.iter().find(|cell| is_far(cell)).map(|cell| (cell.row, cell.column));
        let left = self.left;
        self.cells.retain(|cell| cell.column - left < MOST_COLUMNS);
        self.cells.sort_by_key(|cell| (cell.row, cell.column));
        self
    }

    /// Why this sheet is no roster, where it is too large for one: the line, and what is wrong.
    pub(super) fn excess(&self, sheet: &str) -> Option<(u32, String)> {
        if let Some((row, column)) = self.stray {
            let place = place(row, column);
            let problem = format!("cell {place} of sheet `{sheet}` holds something, far from the list");
            return Some((row, problem));
        }
        let last = self.cells.last().filter(|_| self.is_full)?;
        let place = place(last.row, last.column);
        let problem = format!("sheet `{sheet}` has more than {MOST_CELLS} filled cells, the last at {place}");
        Some((last.row, problem))
    }

    /// The rows that hold something.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[FilledCell]> {
        self.cells.chunk_by(|one, other| one.row == other.row)
    }

    /// The row that begins at this cell; empty at the end.
    pub(super) fn row_at(&self, cell: usize) -> &[FilledCell] {
        let rest = self.cells.get(cell..).unwrap_or_default();
        let is_same = |cell: &&FilledCell| rest.first().is_some_and(|first| first.row == cell.row);
        &rest[..rest.iter().take_while(is_same).count()]
    }

    /// The column with which the sheet begins.
    pub(super) const fn left(&self) -> u32 {
        self.left
    }

    /// Whether a cell holds something.
    pub(super) fn holds(&self, row: u32, column: u32) -> bool {
        self.cells.binary_search_by_key(&(row, column), |cell| (cell.row, cell.column)).is_ok()
    }

    /// Whether one of these rows holds something.
    pub(super) fn has_row(&self, first: u32, last: u32) -> bool {
        let at = self.cells.partition_point(|cell| cell.row < first);
        self.cells.get(at).is_some_and(|cell| cell.row <= last)
    }

    /// How many rows hold something from this cell on.
    pub(super) fn rows_from(&self, cell: usize) -> usize {
        let rest = self.cells.get(cell..).unwrap_or_default();
        rest.chunk_by(|one, other| one.row == other.row).count()
    }

    /// The cells from this one on, each with its place in the row.
    pub(super) fn from(&self, cell: usize) -> impl Iterator<Item = (usize, &Data)> {
        let rest = self.cells.get(cell..).unwrap_or_default();
        rest.iter().map(|cell| ((cell.column - self.left) as usize, &cell.content))
    }

    /// How many cells there are.
    pub(super) const fn len(&self) -> usize {
        self.cells.len()
    }

    /// The texts of a row from the first column on, what is empty between them as well; at least so many.
    pub(super) fn texts(
        &self,
        row: &[FilledCell],
        least: usize,
        text: impl Fn(usize, &Data) -> String,
    ) -> Vec<String> {
        let at = |cell: &FilledCell| (cell.column - self.left) as usize;
        let width = row.last().map_or(0, |last| at(last) + 1).max(least);
        let mut texts = vec![String::new(); width];
        for cell in row {
            texts[at(cell)] = text(at(cell), &cell.content);
        }
        texts
    }
}

/// What a reader gives, as it is kept.
pub(super) fn kept(content: &DataRef<'_>) -> Data {
    content.clone().into()
}

/// A formula that nobody has worked out yet, as spreadsheets themselves call it while they wait.
pub(super) const WAITING: Data = Data::Error(CellErrorType::GettingData);

/// The same of a cell with a formula: without a result it is no empty cell.
pub(super) fn worked_out(content: &DataRef<'_>) -> Data {
    if matches!(content, DataRef::Empty) { WAITING } else { kept(content) }
}

/// The line of a row, as spreadsheets count.
pub(super) fn line(row: u32) -> u64 {
    u64::from(row) + 1
}

fn is_nothing(content: &Data) -> bool {
    match content {
        Data::Empty => true,
        Data::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// A cell as spreadsheets name it, e.g. `XFD3000`.
pub(super) fn place(row: u32, column: u32) -> String {
    let (mut letters, mut rest) = (Vec::new(), u64::from(column) + 1);
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    format!("{}{}", letters.iter().rev().collect::<String>(), u64::from(row) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(cells: &[(u32, u32, &str)]) -> SheetCells {
        let mut cells = cells.iter();
        let next = || {
            let next = cells.next();
            Ok::<_, ()>(next.map(|(row, column, text)| ((*row, *column), Data::String((*text).to_owned()))))
        };
        SheetCells::read(next).unwrap()
    }

    #[test]
    fn cells_are_named_as_spreadsheets_name_them() {
        let named = [(0, 0), (2, 25), (0, 26), (2_999, 16_383), (0, u32::MAX)];
        let names: Vec<String> = named.iter().map(|(row, column)| place(*row, *column)).collect();
        assert_eq!(names, ["A1", "Z3", "AA1", "XFD3000", "MWLQKWV1"]);
    }

    #[test]
    fn a_row_keeps_its_gaps_and_begins_where_the_sheet_does() {
        let sheet = sheet(&[(4, 3, "c"), (4, 1, "a"), (9, 2, "b"), (7, 9, "  ")]);
        let texts = |row: &[FilledCell]| sheet.texts(row, 2, |_, content| content.to_string());
        let rows: Vec<_> = sheet.rows().map(texts).collect();
        assert_eq!(rows, [vec!["a", "", "c"], vec!["", "b"]]);
        assert_eq!(sheet.row_at(2)[0].row, 9);
        assert!(sheet.row_at(3).is_empty() && sheet.excess("S").is_none());
    }
}
