//! What a workbook would come to in memory, asked before anybody builds it: a file of two kilobytes can name a billion cells.

use std::io::{BufRead, BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

/// All parts of a workbook, unpacked; those of a hundred thousand patients are a third of it.
const MOST: u64 = 512 * 1024 * 1024;
/// A tag or a text, which any reader holds as a whole; a cell's is shorter than 33 KB.
const LONGEST: u64 = 16 * 1024 * 1024;
/// A part that is held as a whole: the texts of all sheets, formats, names.
const MOST_HELD: u64 = 64 * 1024 * 1024;
/// Such parts, by how their names end.
const HELD: [&str; 8] = [
    "sharedstrings.xml",
    "sharedstrings.bin",
    "styles.xml",
    "styles.bin",
    "workbook.xml",
    "workbook.bin",
    "meta.xml",
    ".rels",
];
/// Where the rows of an OpenDocument sheet stand.
const CONTENT: &str = "content.xml";
/// Cells of the rectangles that enclose what the sheets hold, where a reader fills them out: a hundred thousand patients with
/// fifteen columns.
pub(super) const MOST_CELLS: u64 = 1_500_000;
/// Different texts of all sheets.
const MOST_TEXTS: u64 = 4_000_000;
/// Rows and columns that a reader takes at most, whatever a file says.
const MOST_ROWS: u64 = 1_048_576;
const MOST_COLUMNS: u64 = 16_384;

/// Whether a workbook in a ZIP can be read within bounds.
///
/// # Errors
/// What is too large, in words; nothing of what only makes it unreadable.
pub(super) fn zipped(content: &[u8]) -> Result<(), String> {
    let Ok(mut archive) = ZipArchive::new(Cursor::new(content)) else { return Ok(()) };
    let mut room = MOST;
    for at in 0..archive.len() {
        // What is packed in a way of its own nobody else can open either.
        let Ok(part) = archive.by_index(at) else { continue };
        let Ok(name) = part.name().map(std::borrow::Cow::into_owned) else { continue };
        let is_held = HELD.iter().any(|end| name.to_ascii_lowercase().ends_with(end));
        let most = if is_held { MOST_HELD.min(room) } else { room };
        let mut part = part.take(most + 1);
        let looked = look(&name, BufReader::new(&mut part));
        drop(std::io::copy(&mut part, &mut std::io::sink()));
        let left = part.limit();
        looked?;
        if left == 0 {
            let megabytes = most / (1024 * 1024);
            return Err(format!("its part `{name}` is larger than {megabytes} MB when it is unpacked"));
        }
        room -= most + 1 - left;
    }
    Ok(())
}

fn look(name: &str, part: impl BufRead) -> Result<(), String> {
    let lower = name.to_ascii_lowercase();
    if ![".xml", ".rels"].iter().any(|end| lower.ends_with(end)) {
        return Ok(());
    }
    let mut reader = reader(PieceReader { part, left: LONGEST });
    let looked = match (name == CONTENT, lower.ends_with("sharedstrings.xml")) {
        (true, _) => open_document(&mut reader),
        (_, true) => shared_texts(&mut reader),
        _ => pieces(&mut reader, |_| Ok(())),
    };
    match reader.get_ref().left {
        0 => Err(format!("its part `{name}` holds a piece larger than {} MB", LONGEST / (1024 * 1024))),
        _ => looked,
    }
}

/// Gives so many bytes and no more, until it is told that a piece is over.
struct PieceReader<R> {
    part: R,
    left: u64,
}

impl<R: BufRead> Read for PieceReader<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for PieceReader<R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.left == 0 {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let bytes = self.part.fill_buf()?;
        Ok(&bytes[..bytes.len().min(most)])
    }

    fn consume(&mut self, count: usize) {
        self.left = self.left.saturating_sub(count as u64);
        self.part.consume(count);
    }
}

type PartReader<R> = Reader<PieceReader<R>>;

/// As the reader of workbooks sets its own up, so that both see the same tags.
fn reader<R: BufRead>(part: PieceReader<R>) -> PartReader<R> {
    let mut reader = Reader::from_reader(part);
    let config = reader.config_mut();
    (config.check_end_names, config.check_comments, config.expand_empty_elements) = (false, false, true);
    reader
}

/// Shows every tag and text of a part, up to its end or to where it is torn.
fn pieces<R: BufRead>(
    reader: &mut PartReader<R>,
    mut show: impl FnMut(&Event<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let mut piece = Vec::new();
    while let Ok(event) = reader.read_event_into(&mut piece) {
        if matches!(event, Event::Eof) {
            break;
        }
        show(&event)?;
        piece.clear();
        reader.get_mut().left = LONGEST;
    }
    Ok(())
}

/// Room is made for as many texts as the part says it has.
fn shared_texts<R: BufRead>(reader: &mut PartReader<R>) -> Result<(), String> {
    pieces(reader, |event| {
        let Event::Start(start) = event else { return Ok(()) };
        let is_list = start.local_name().as_ref() == "sst";
        let said = number(start, "uniqueCount").filter(|said| is_list && *said > MOST_TEXTS);
        said.map_or(Ok(()), |said| Err(format!("it says that it has {said} different texts")))
    })
}

/// A sheet of an OpenDocument workbook, as far as it was looked at.
#[derive(Default)]
struct SheetArea {
    name: String,
    /// Rows so far, and those up to the last that holds something.
    rows: u64,
    height: u64,
    width: u64,
    /// Columns of the row so far.
    columns: u64,
}

impl SheetArea {
    fn row(&mut self, start: &BytesStart<'_>) {
        let repeated = number(start, "table:number-rows-repeated").unwrap_or(1).min(MOST_ROWS);
        self.rows = (self.rows + repeated).min(MOST_ROWS);
        self.columns = 0;
    }

    fn cell(&mut self, start: &BytesStart<'_>) {
        let repeated = number(start, "table:number-columns-repeated").unwrap_or(1);
        self.columns = self.columns.saturating_add(repeated).min(MOST_COLUMNS);
        let is_content =
            |key: &str| key.starts_with("office:") || key.starts_with("calcext:") || key == "table:formula";
        let mut attributes = start.attributes();
        let is_filled = attributes.with_checks(false).flatten().any(|one| is_content(one.key.as_ref()));
        if is_filled {
            self.height = self.rows;
            self.width = self.width.max(self.columns);
        }
    }

    /// Whether it fits beside so many cells of the sheets before it.
    fn bounded(&self, before: u64) -> Result<u64, String> {
        let area = before + self.height * self.width;
        if area <= MOST_CELLS { Ok(area) } else { Err(too_wide(&self.name, self.height, self.width)) }
    }
}

/// What is said of a sheet that would fill too large a rectangle.
pub(super) fn too_wide(sheet: &str, height: u64, width: u64) -> String {
    format!("sheet `{sheet}` holds something as far down as row {height} and as far right as column {width}")
}

fn open_document<R: BufRead>(reader: &mut PartReader<R>) -> Result<(), String> {
    let (mut sheet, mut before) = (None::<SheetArea>, 0);
    pieces(reader, |event| {
        match event {
            Event::Start(start) => match (start.name().as_ref(), &mut sheet) {
                ("table:table", Some(_)) => return Err("a table stands inside a table".to_owned()),
                ("table:table", outside) => {
                    let name = text(start, "table:name").unwrap_or_default();
                    *outside = Some(SheetArea { name, ..SheetArea::default() });
                }
                ("table:table-row", Some(sheet)) => sheet.row(start),
                ("table:table-cell" | "table:covered-table-cell", Some(sheet)) => sheet.cell(start),
                _ => {}
            },
            Event::End(end) if end.name().as_ref() == "table:table" => {
                before = sheet.take().map_or(Ok(before), |sheet| sheet.bounded(before))?;
            }
            _ => {}
        }
        sheet.as_ref().map_or(Ok(before), |sheet| sheet.bounded(before))?;
        Ok(())
    })
}

fn text(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut all = start.attributes();
    let one = all.with_checks(false).flatten().find(|one| one.key.as_ref() == name)?;
    Some(one.value.into_owned())
}

fn number(start: &BytesStart<'_>, name: &str) -> Option<u64> {
    let digits = text(start, name)?;
    // What has more digits than a number can hold is too much as well.
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}
