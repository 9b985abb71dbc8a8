//! A workbook of any kind, whose sheets are read one by one and never larger than they are.

use std::io::Cursor;

use calamine::{Data, Ods, Range, Reader, Sheet, SheetType, SheetVisible, Xls, Xlsb, Xlsx};

use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::workbook::hidden_rows::HiddenRows;
use crate::exchange::roster::workbook::kind::WorkbookKind;
use crate::exchange::roster::workbook::page_table::{self, PageTable};
use crate::exchange::roster::workbook::sheet_cells::{SheetCells, kept};
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

    /// What stands in a sheet. Of those that name a size of their own no more is built than there is.
    pub(super) fn cells(&mut self, sheet: &str) -> Option<SheetCells> {
        match &mut self.form {
            WorkbookForm::Open(book) => {
                let mut cells = book.worksheet_cells_reader(sheet).ok()?;
                SheetCells::read(|| {
                    Ok::<_, calamine::XlsxError>(
                        cells.next_cell()?.map(|cell| (cell.get_position(), kept(cell.get_value()))),
                    )
                })
            }
            WorkbookForm::OpenBinary(book) => {
                let mut cells = book.worksheet_cells_reader(sheet).ok()?;
                SheetCells::read(|| {
                    Ok::<_, calamine::XlsbError>(
                        cells.next_cell()?.map(|cell| (cell.get_position(), kept(cell.get_value()))),
                    )
                })
            }
            WorkbookForm::Binary(book) => filled_out(&book.worksheet_range(sheet).ok()?),
            WorkbookForm::OpenDocument(book) => filled_out(&book.worksheet_range(sheet).ok()?),
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

/// The cells of a sheet whose rectangle was found small enough before it was built.
fn filled_out(range: &Range<Data>) -> Option<SheetCells> {
    let (top, left) = range.start().unwrap_or_default();
    let mut cells = range.used_cells();
    let place = |at: usize, from: u32| u32::try_from(at).unwrap_or(u32::MAX).saturating_add(from);
    SheetCells::read(|| {
        let next = cells.next();
        let cell =
            next.map(|(row, column, content)| ((place(row, top), place(column, left)), content.clone()));
        Ok::<_, std::convert::Infallible>(cell)
    })
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
    let hidden = if is_ods || is_binary { Vec::new() } else { hidden_rows::of(&content) };
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
