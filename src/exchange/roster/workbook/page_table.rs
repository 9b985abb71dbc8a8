//! The tables of a page, cell by cell: what hospital systems write as `.xls` is often HTML, which a spreadsheet opens without a
//! word. The tokens are those of html5ever, so that cells are cut here where browsers cut them.

use std::cell::RefCell;

use encoding_rs::{Encoding, WINDOWS_1252};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use crate::exchange::roster::workbook::merged_cells::MergedCells;

/// A page is read as a whole, and so is what is made of it.
const LARGEST: usize = 64 * 1024 * 1024;
/// So far into a page its encoding is stated (WHATWG HTML §4.2.5.4).
const STATED_WITHIN: usize = 1024;
/// Columns and rows that one cell may span.
const WIDEST: u32 = 1_000;
/// Columns that are kept: one more than a roster may have, so that a wider one is told.
const MOST_COLUMNS: u32 = 1_001;
/// Cells of one table that are kept: one more than are read, so that a larger one is told.
const MOST_CELLS: usize = 3_000_001;
/// Tables of a page that are looked at.
const MOST_TABLES: usize = 1_000;

/// A cell that holds something: row, column, text.
type PageCell = ((u32, u32), String);

/// One table of a page, as far as it is read.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PageTable {
    pub(super) cells: Vec<PageCell>,
    /// Those of them that reach over several rows.
    pub(super) merged: Vec<MergedCells>,
    /// The rows so far.
    rows: u32,
    /// Where the next cell of the row stands.
    column: u32,
    /// The row up to which a column is taken by a cell that spans several.
    spanned: Vec<u32>,
    /// The cell that is open: what it spans, and its text.
    open: Option<(CellSpan, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CellSpan {
    columns: u32,
    rows: u32,
}

/// The tables of a page, in the order in which they begin; one within another stands by itself.
pub(super) fn tables(content: &[u8]) -> Result<Vec<PageTable>, &'static str> {
    if content.len() > LARGEST {
        return Err("a page of more than 64 MB");
    }
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(&decoded(content)));
    let tokenizer = Tokenizer::new(PageTableSink::default(), TokenizerOpts::default());
    // The sink asks for no pause, so one call reads all.
    drop(tokenizer.feed(&input));
    tokenizer.end();
    let mut page = tokenizer.sink.0.into_inner();
    page.all.iter_mut().for_each(PageTable::end_row);
    Ok(page.all)
}

/// The text of a page: by its mark, as UTF-8, in the encoding that it states, or as Windows writes it.
fn decoded(content: &[u8]) -> String {
    if let (None, Ok(text)) = (Encoding::for_bom(content), std::str::from_utf8(content)) {
        return text.to_owned();
    }
    let head = content.get(..content.len().min(STATED_WITHIN)).unwrap_or_default().to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let stated = head.split_once("charset=").map(|(_, rest)| rest.trim_start_matches(['"', '\'']));
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let label = stated.map(|rest| rest.split(|c| !is_part(c)).next().unwrap_or_default());
    let encoding = label.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(WINDOWS_1252);
    encoding.decode(content).0.into_owned()
}

#[derive(Default)]
struct PageTableSink(RefCell<PageTableReader>);

impl TokenSink for PageTableSink {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        self.0.borrow_mut().take(token)
    }
}

#[derive(Default)]
struct PageTableReader {
    all: Vec<PageTable>,
    /// Which of them are open, the innermost last.
    open: Vec<usize>,
}

impl PageTableReader {
    fn take(&mut self, token: Token) -> TokenSinkResult<()> {
        match token {
            Token::CharacterTokens(text) => self.text(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return self.start(&tag),
            Token::TagToken(tag) => self.end(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }

    fn table(&mut self) -> Option<&mut PageTable> {
        let at = *self.open.last()?;
        self.all.get_mut(at)
    }

    fn text(&mut self, text: &str) {
        if let Some((_, cell)) = self.table().and_then(|table| table.open.as_mut()) {
            cell.push_str(text);
        }
    }

    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        match &*tag.name {
            "style" => return TokenSinkResult::RawData(RawKind::Rawtext),
            "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
            "table" => {
                self.open.push(self.all.len());
                if self.all.len() < MOST_TABLES {
                    self.all.push(PageTable::default());
                }
            }
            "tr" => {
                if let Some(table) = self.table() {
                    table.end_row();
                }
            }
            "td" | "th" => {
                let span = CellSpan { columns: number(tag, "colspan"), rows: number(tag, "rowspan") };
                if let Some(table) = self.table() {
                    table.end_cell();
                    table.open = Some((span, String::new()));
                }
            }
            // What stands on two lines of a cell is two words.
            "br" | "p" | "div" => self.text(" "),
            _ => {}
        }
        TokenSinkResult::Continue
    }

    fn end(&mut self, name: &str) {
        match name {
            "td" | "th" => {
                if let Some(table) = self.table() {
                    table.end_cell();
                }
            }
            "tr" => {
                if let Some(table) = self.table() {
                    table.end_row();
                }
            }
            "table" => {
                if let Some(table) = self.table() {
                    table.end_row();
                }
                self.open.pop();
            }
            _ => {}
        }
    }
}

impl PageTable {
    fn end_cell(&mut self) {
        let Some((span, text)) = self.open.take() else { return };
        while self.spanned.get(self.column as usize).is_some_and(|until| *until > self.rows) {
            self.column += 1;
        }
        if self.column >= MOST_COLUMNS || self.cells.len() >= MOST_CELLS {
            return;
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            self.cells.push(((self.rows, self.column), text));
        }
        let end = self.column.saturating_add(span.columns).min(MOST_COLUMNS);
        if span.rows > 1 {
            let bottom = self.rows.saturating_add(span.rows - 1);
            self.merged.push(MergedCells {
                top: self.rows,
                left: self.column,
                bottom,
                right: end.saturating_sub(1),
            });
            let (first, last) = (self.column as usize, end as usize);
            self.spanned.resize(self.spanned.len().max(last), 0);
            self.spanned[first..last].fill(self.rows.saturating_add(span.rows));
        }
        self.column = end;
    }

    /// A row that holds nothing at all, not even an empty cell, is none.
    fn end_row(&mut self) {
        self.end_cell();
        if self.column == 0 {
            return;
        }
        self.rows = self.rows.saturating_add(1);
        self.column = 0;
    }
}

/// How many columns or rows a cell spans.
fn number(tag: &Tag, name: &str) -> u32 {
    let attribute = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
    let told = attribute.and_then(|attribute| attribute.value.trim().parse::<u32>().ok());
    told.unwrap_or(1).clamp(1, WIDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row of the first table as `column=text`.
    fn rows(page: &str) -> Vec<String> {
        shown(&tables(page.as_bytes()).unwrap()[0])
    }

    fn shown(table: &PageTable) -> Vec<String> {
        let row = |cells: &[PageCell]| {
            let cells: Vec<String> = cells.iter().map(|((_, at), text)| format!("{at}={text}")).collect();
            cells.join(" ")
        };
        table.cells.chunk_by(|one, other| one.0.0 == other.0.0).map(row).collect()
    }

    #[test]
    fn cells_are_cut_as_browsers_cut_them_whether_closed_or_not() {
        for page in [
            "<html><body><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table></body></html>",
            "<table><tr><td>a<td>b<tr><td>1<td> 2\n</table>",
            "<TABLE><TBODY><TR><TD>a</TD><TD><b>b</b></TD></TR><TR><TD>&#49;</TD><TD>2&nbsp;</TD></TR></TBODY></TABLE>",
            "<style>td { mso-number-format:\"<td>\" }</style><script>'<td>x'</script>\
             <table><tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr>",
        ] {
            assert_eq!(rows(page), ["0=a 1=b", "0=1 1=2"], "{page}");
        }
    }

    #[test]
    fn cells_that_span_others_keep_columns_where_they_stand() {
        let page = "<table><tr><td colspan=3>List</td></tr><tr><td>a</td><td></td><td>c</td></tr>\
                    <tr><td rowspan=\"2\">1</td><td>2</td><td>3</td></tr><tr><td>4</td><td>5</td></tr><tr><td>6</td></tr></table>";
        assert_eq!(rows(page), ["0=List", "0=a 2=c", "0=1 1=2 2=3", "1=4 2=5", "0=6"]);
    }

    #[test]
    fn a_table_within_a_table_stands_by_itself() {
        let found = tables(b"<table><tr><td>x<table><tr><td>a</td></tr></table></td><td>y</td></tr></table>")
            .unwrap();
        assert_eq!(found.iter().map(shown).collect::<Vec<_>>(), [vec!["0=x 1=y"], vec!["0=a"]]);
    }

    #[test]
    fn letters_are_read_in_the_encoding_that_is_stated_or_that_of_windows() {
        let table = |head: &str| format!("{head}<table><tr><td>In\u{1}s</td></tr></table>");
        let bytes = |head: &str, letter: &[u8]| {
            table(head)
                .bytes()
                .flat_map(|b| if b == 1 { letter.to_vec() } else { vec![b] })
                .collect::<Vec<u8>>()
        };
        for page in [
            bytes("", "é".as_bytes()),
            bytes("<meta charset=utf-8>", "é".as_bytes()),
            bytes("", b"\xe9"),
            bytes("<meta http-equiv=Content-Type content=\"text/html; charset=windows-1252\">", b"\xe9"),
            bytes("<meta charset=\"macintosh\">", b"\x8e"),
        ] {
            assert_eq!(shown(&tables(&page).unwrap()[0]), ["0=Inés"], "{page:?}");
        }
        assert_eq!(shown(&tables(&bytes("<meta charset=utf-8>", b"\xe9")).unwrap()[0]), ["0=In\u{fffd}s"]);
    }
}
