//! A workbook of any kind, whose sheets are read one by one and never larger than they are.

use std::collections::HashSet;
use std::io::Cursor;

use calamine::{
    CellErrorType, CellType, Data, Ods, Range, Reader, Sheet, SheetType, SheetVisible, Xls, Xlsb, Xlsx,
};

use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::workbook::hidden_rows::HiddenRows;
use crate::exchange::roster::workbook::kind::WorkbookKind;
use crate::exchange::roster::workbook::merged_cells::MergedCells;
use crate::exchange::roster::workbook::page_table::{self, PageTable};
use crate::exchange::roster::workbook::sheet_cells::{SheetCells, WAITING, kept, worked_out};
use crate::exchange::roster::workbook::{compound_bounds, hidden_rows, part_bounds};

/// Where a workbook's day numbers count from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Epoch {
    /// The end of 1899.
    Common,
    /// 1904, as old Macs did.
    Of1904,
}

/// A workbook whose sheets are read one by one.
pub(super) struct Workbook {
    form: WorkbookForm,
    pub(super) epoch: Epoch,
    pub(super) hidden: Vec<HiddenRows>,
}

enum WorkbookForm {
    Binary(Xls<Cursor<Vec<u8>>>),
    Open(Xlsx<Cursor<Vec<u8>>>),
    OpenBinary(Xlsb<Cursor<Vec<u8>>>),
    OpenDocument(Ods<Cursor<Vec<u8>>>),
    Page(Vec<Sheet>, Vec<PageTable>),
}

impl Workbook {
    fn all(&self) -> &[Sheet] {
        match &self.form {
            WorkbookForm::Binary(book) => book.sheets_metadata(),
            WorkbookForm::Open(book) => book.sheets_metadata(),
            WorkbookForm::OpenBinary(book) => book.sheets_metadata(),
            WorkbookForm::OpenDocument(book) => book.sheets_metadata(),
            WorkbookForm::Page(sheets, _) => sheets,
        }
    }

    /// The names of the sheets that are shown, in their order; of a sheet that is named, even when it is hidden.
    pub(super) fn wanted(&self, named: Option<&str>) -> Vec<String> {
        let is_wanted = |sheet: &&Sheet| match named {
            Some(wanted) => sheet.name.eq_ignore_ascii_case(wanted.trim()),
            None => sheet.visible == SheetVisible::Visible,
        };
        self.all().iter().filter(is_wanted).map(|sheet| sheet.name.clone()).collect()
    }

    /// The names of the sheets that are not shown.
    pub(super) fn unseen(&self) -> Vec<String> {
        let is_hidden = |sheet: &&Sheet| sheet.visible != SheetVisible::Visible;
        self.all().iter().filter(is_hidden).map(|sheet| sheet.name.clone()).collect()
    }

    /// The cells of a sheet that were merged over several rows, as far as the kind of workbook lets us know.
    pub(super) fn merged(&self, sheet: &str) -> Vec<MergedCells> {
        match &self.form {
            WorkbookForm::Binary(book) => {
                let all = book.merge_cells_by_sheet_name(sheet).unwrap_or_default();
                let tall = all.into_iter().filter(|one| one.end.0 > one.start.0);
                let merged = |one: calamine::Dimensions| {
                    let ((top, left), (bottom, right)) = (one.start, one.end);
                    MergedCells { top, left, bottom, right }
                };
                tall.map(merged).collect()
            }
            WorkbookForm::Page(sheets, tables) => {
                let at = sheets.iter().position(|one| one.name == sheet);
                at.and_then(|at| tables.get(at)).map(|table| table.merged.clone()).unwrap_or_default()
            }
            WorkbookForm::Open(_) | WorkbookForm::OpenBinary(_) | WorkbookForm::OpenDocument(_) => {
                let of_sheet = self.hidden.iter().find(|rows| rows.sheet == sheet);
                of_sheet.map(|rows| rows.merged.clone()).unwrap_or_default()
            }
        }
    }

    /// What stands in a sheet. Of those that name a size of their own no more is built than there is.
    pub(super) fn cells(&mut self, sheet: &str) -> Option<SheetCells> {
        match &mut self.form {
            WorkbookForm::Open(book) => {
                let mut cells = book.worksheet_cells_reader(sheet).ok()?;
                SheetCells::read(|| {
                    let next = cells.next_cell_with_formula_metadata()?;
                    let keep = |formula: bool| if formula { worked_out } else { kept };
                    Ok::<_, calamine::XlsxError>(
                        next.map(|cell| (cell.pos, keep(cell.formula.is_some())(&cell.value))),
                    )
                })
            }
            WorkbookForm::OpenBinary(book) => open_binary(book, sheet),
            WorkbookForm::Binary(book) => filled_out(&book.worksheet_range(sheet).ok()?, &Range::empty()),
            WorkbookForm::OpenDocument(book) => {
                let formulas = book.worksheet_formula(sheet).ok()?;
                filled_out(&book.worksheet_range(sheet).ok()?, &formulas)
            }
            WorkbookForm::Page(sheets, tables) => {
                let at = sheets.iter().position(|one| one.name == sheet)?;
                let mut cells = std::mem::take(&mut tables.get_mut(at)?.cells).into_iter();
                SheetCells::read(|| {
                    let next = cells.next().map(|(place, text)| (place, Data::String(text)));
                    Ok::<_, std::convert::Infallible>(next)
                })
            }
        }
    }
}

/// The cells of a sheet of the binary form. Its reader passes over a formula that came to an error: such a cell is told by its formula.
fn open_binary(book: &mut Xlsb<Cursor<Vec<u8>>>, sheet: &str) -> Option<SheetCells> {
    let mut formulas = HashSet::new();
    {
        let mut reader = book.worksheet_cells_reader(sheet).ok()?;
        while let Ok(Some(formula)) = reader.next_formula() {
            formulas.insert(formula.get_position());
        }
    }
    let mut cells = book.worksheet_cells_reader(sheet).ok()?;
    let mut left = None;
    SheetCells::read(|| {
        if left.is_none() {
            if let Some(cell) = cells.next_cell()? {
                formulas.remove(&cell.get_position());
                return Ok::<_, calamine::XlsbError>(Some((cell.get_position(), kept(cell.get_value()))));
            }
            left = Some(std::mem::take(&mut formulas).into_iter());
        }
        Ok(left.as_mut().and_then(Iterator::next).map(|place| (place, Data::Error(CellErrorType::Value))))
    })
}

/// The cells of a sheet whose rectangle was found small enough before it was built; those with a formula and no result as well.
fn filled_out(range: &Range<Data>, formulas: &Range<String>) -> Option<SheetCells> {
    let mut cells = used(range).map(|(place, content)| (place, content.clone()));
    let is_open = |place: &(u32, u32)| range.get_value(*place).is_none_or(|content| *content == Data::Empty);
    let mut waiting = used(formulas).map(|(place, _)| place).filter(is_open).map(|place| (place, WAITING));
    SheetCells::read(|| Ok::<_, std::convert::Infallible>(cells.next().or_else(|| waiting.next())))
}

/// What a rectangle holds, each with its place in the sheet.
fn used<T: CellType>(range: &Range<T>) -> impl Iterator<Item = ((u32, u32), &T)> {
    let (top, left) = range.start().unwrap_or_default();
    let place = |at: usize, from: u32| u32::try_from(at).unwrap_or(u32::MAX).saturating_add(from);
    range.used_cells().map(move |(row, column, content)| ((place(row, top), place(column, left)), content))
}

/// Opens a workbook that is no larger than can be read.
pub(super) fn workbook(kind: WorkbookKind, content: Vec<u8>) -> Result<Workbook, Vec<RowFault>> {
    match kind {
        WorkbookKind::Compound => {
            compound_bounds::within(&content).map_err(|problem| too_large(&problem))?;
            let hint = "save it as .xlsx without a password, or as `CSV UTF-8`";
            let problem = "the workbook has a password, or is of an old kind that cannot be read";
            let spoilt = |_| vec![RowFault::whole(0, problem, hint)];
            let form = WorkbookForm::Binary(Xls::new(Cursor::new(content)).map_err(spoilt)?);
            Ok(Workbook { form, epoch: Epoch::Common, hidden: Vec::new() })
        }
        WorkbookKind::Zip => {
            part_bounds::zipped(&content).map_err(|problem| too_large(&problem))?;
            zipped(content)
        }
        WorkbookKind::Page => page(&content),
    }
}

/// The tables of a page, as sheets that are called by their numbers.
fn page(content: &[u8]) -> Result<Workbook, Vec<RowFault>> {
    let tables = page_table::tables(content).map_err(too_large)?;
    let sheet = |number: usize| Sheet {
        name: format!("table {number}"),
        typ: SheetType::WorkSheet,
        visible: SheetVisible::Visible,
    };
    let sheets = (1..=tables.len()).map(sheet).collect();
    Ok(Workbook { form: WorkbookForm::Page(sheets, tables), epoch: Epoch::Common, hidden: Vec::new() })
}

fn too_large(problem: &str) -> Vec<RowFault> {
    let hint = "delete what stands far below or beside the list, or save the list alone as `CSV UTF-8`, which may be as long \
                as you like";
    vec![RowFault::whole(0, format!("the workbook is too large to be read: {problem}"), hint)]
}

pub(super) fn broken(error: &str) -> Vec<RowFault> {
    let hint = "open it in your spreadsheet and save it again, or save it as `CSV UTF-8`";
    vec![RowFault::whole(0, format!("the file is a workbook, and it is broken: {error}"), hint)]
}

fn zipped(content: Vec<u8>) -> Result<Workbook, Vec<RowFault>> {
    let holds = |name: &[u8]| memchr::memmem::find(&content, name).is_some();
    let (is_ods, is_binary) = (holds(b"opendocument.spreadsheet"), holds(b"xl/workbook.bin"));
    let hidden = match (is_ods, is_binary) {
        (true, _) => hidden_rows::of_open_document(&content),
        (false, true) => Vec::new(),
        (false, false) => hidden_rows::of(&content),
    };
    let content = Cursor::new(content);
    if is_ods {
        let book = Ods::new(content).map_err(|error| broken(&error.to_string()))?;
        return Ok(Workbook { form: WorkbookForm::OpenDocument(book), epoch: Epoch::Common, hidden });
    }
    if is_binary {
        let book = Xlsb::new(content).map_err(|error| broken(&error.to_string()))?;
        return Ok(Workbook { form: WorkbookForm::OpenBinary(book), epoch: Epoch::Common, hidden });
    }
    let book = Xlsx::new(content).map_err(|error| broken(&error.to_string()))?;
    let epoch = if book.has_1904_epoch() { Epoch::Of1904 } else { Epoch::Common };
    Ok(Workbook { form: WorkbookForm::Open(book), epoch, hidden })
}
