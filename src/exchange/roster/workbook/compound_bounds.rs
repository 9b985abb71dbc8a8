//! What a workbook of the older binary form (MS-CFB with MS-XLS in it) would come to in memory, asked before anybody builds it. It is read
//! as leniently as `calamine` reads it after: what a stricter reader, such as the crate `cfb`, refused would pass here unmeasured.

use crate::exchange::roster::workbook::part_bounds::{MOST_CELLS, too_wide};

/// Ends a chain of sectors; from here on a number names none.
const NO_SECTOR: u32 = 0xffff_fffa;
const HEADER: usize = 512;
const MINI_SECTOR: usize = 64;
/// A stream shorter than this lies in the mini stream.
const MINI_STREAM: usize = 4096;
/// Records of a sheet that end it, begin one, name one, say its size.
const END: u16 = 0x000a;
const SHEET: u16 = 0x0085;
const SIZE: u16 = 0x0200;
const MANY_NUMBERS: u16 = 0x00bd;
/// Records that hold one cell.
const CELLS: [u16; 7] = [0x0006, 0x00d6, 0x00fd, 0x0203, 0x0204, 0x0205, 0x027e];
/// Room for all the cells that such a sheet can have is only asked for, not filled.
const WHOLE_SHEET: u64 = 65_536 * 256;

/// Whether a binary workbook can be read within bounds.
///
/// # Errors
/// What is too large or goes round in a circle, in words; nothing of what only makes it unreadable.
pub(super) fn within(content: &[u8]) -> Result<(), String> {
    let Some(file) = CompoundFile::open(content)? else { return Ok(()) };
    let Some(book) = file.book()? else { return Ok(()) };
    let starts = records(&book).filter(|(kind, _)| *kind == SHEET).filter_map(|(_, body)| long(body, 0));
    let mut area = 0;
    for (number, start) in (1..).zip(starts) {
        let sheet = book.get(start as usize..).unwrap_or_default();
        let (height, width) = extent(sheet)?;
        area += height * width;
        if area > MOST_CELLS {
            return Err(too_wide(&format!("no. {number}"), height, width));
        }
    }
    Ok(())
}

/// How far down and right the cells of a sheet reach.
fn extent(sheet: &[u8]) -> Result<(u64, u64), String> {
    let (mut height, mut width, mut depth) = (0, 0, 0_u32);
    for (kind, body) in all_records(sheet) {
        match kind {
            0x0809 => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            SIZE if said(body) > WHOLE_SHEET => {
                return Err(format!("a sheet says that it has {} cells", said(body)));
            }
            kind if kind == MANY_NUMBERS || CELLS.contains(&kind) => {
                let last = if kind == MANY_NUMBERS { body.len().saturating_sub(2) } else { 2 };
                let at = |place| short(body, place).map_or(0, |at| u64::from(at) + 1);
                (height, width) = (height.max(at(0)), width.max(at(last)).max(at(2)));
            }
            _ => {}
        }
    }
    Ok((height, width))
}

/// The size that a sheet says it has, in either form of the record.
fn said(body: &[u8]) -> u64 {
    let (rows, columns) = match body.len() {
        10 => ((short(body, 0).map(u32::from), short(body, 2).map(u32::from)), (4, 6)),
        _ => ((long(body, 0), long(body, 4)), (8, 10)),
    };
    let between = |from: Option<u32>, to: Option<u32>| {
        let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
        // What ends before it begins is endless for who subtracts.
        u64::from(if to == 0 { 1 } else { to.wrapping_sub(from) })
    };
    let column = |at| short(body, at).map(u32::from);
    let (from, to) = (column(columns.0), column(columns.1));
    let from = from.filter(|from| *from <= 0xff && Some(*from) <= to);
    between(rows.0, rows.1).saturating_mul(between(from, to))
}

/// The records up to the end of the first part.
fn records(stream: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    all_records(stream).take_while(|(kind, _)| *kind != END)
}

fn all_records(mut stream: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (kind, length) = (short(stream, 0)?, usize::from(short(stream, 2)?));
        let body = stream.get(4..4 + length)?;
        stream = &stream[4 + length..];
        Some((kind, body))
    })
}

struct CompoundFile<'c> {
    content: &'c [u8],
    sector: usize,
    /// The next sector of each.
    next: Vec<u32>,
}

impl<'c> CompoundFile<'c> {
    fn open(content: &'c [u8]) -> Result<Option<Self>, String> {
        let sector = match short(content, 30) {
            Some(9) => 512,
            Some(12) => 4096,
            _ => return Ok(None),
        };
        let mut file = Self { content, sector, next: Vec::new() };
        let mut tables = longs(content.get(76..HEADER).unwrap_or_default());
        let (mut more, mut seen) = (long(content, 68).unwrap_or(NO_SECTOR), 0);
        while more < NO_SECTOR {
            tables.extend(longs(file.sector(more)));
            let Some(next) = tables.pop() else { break };
            more = next;
            seen += 1;
            file.ends(seen)?;
        }
        tables.retain(|table| *table < NO_SECTOR);
        file.ends(tables.len())?;
        file.next = tables.iter().flat_map(|table| longs(file.sector(*table))).collect();
        Ok(Some(file))
    }

    /// No chain is longer than the file.
    fn ends(&self, sectors: usize) -> Result<(), String> {
        let all = self.content.len() / self.sector + 1;
        if sectors <= all { Ok(()) } else { Err("its parts go round in a circle".to_owned()) }
    }

    fn sector(&self, number: u32) -> &'c [u8] {
        let first = (number as usize).saturating_add(1).saturating_mul(self.sector);
        let end = first.saturating_add(self.sector).min(self.content.len());
        self.content.get(first..end).unwrap_or_default()
    }

    /// The bytes of a chain, no more than so many.
    fn chain(&self, first: u32, most: usize) -> Result<Vec<u8>, String> {
        let (mut bytes, mut number, mut seen) = (Vec::new(), first, 0);
        while number < NO_SECTOR && bytes.len() < most {
            bytes.extend_from_slice(self.sector(number));
            number = self.next.get(number as usize).copied().unwrap_or(NO_SECTOR);
            seen += 1;
            self.ends(seen)?;
        }
        bytes.truncate(most);
        Ok(bytes)
    }

    /// The stream with the workbook.
    fn book(&self) -> Result<Option<Vec<u8>>, String> {
        let directory = self.chain(long(self.content, 48).unwrap_or(NO_SECTOR), usize::MAX)?;
        let entries: Vec<&[u8]> = directory.chunks_exact(128).collect();
        let tables = self.sector.saturating_mul(long(self.content, 64).unwrap_or_default() as usize);
        let mini = longs(&self.chain(long(self.content, 60).unwrap_or(NO_SECTOR), tables)?);
        let stream = |entry: &[u8]| self.chain(long(entry, 116).unwrap_or(NO_SECTOR), length(entry));
        let within = entries.first().map_or(Ok(Vec::new()), |root| stream(root))?;
        let find = |name: &str| entries.iter().find(|entry| is_named(entry, name));
        match find("workbook").or_else(|| find("book")) {
            Some(entry) if length(entry) >= MINI_STREAM => stream(entry).map(Some),
            Some(entry) => Ok(Some(mini_stream(&within, &mini, entry))),
            None => Ok(None),
        }
    }
}

/// A short stream, put together from what lies within another.
fn mini_stream(within: &[u8], next: &[u32], entry: &[u8]) -> Vec<u8> {
    let (mut bytes, mut number) = (Vec::new(), long(entry, 116).unwrap_or(NO_SECTOR));
    while number < NO_SECTOR && bytes.len() < length(entry) {
        let first = (number as usize).saturating_mul(MINI_SECTOR);
        let sector = within.get(first..(first + MINI_SECTOR).min(within.len())).unwrap_or_default();
        if sector.is_empty() {
            break;
        }
        bytes.extend_from_slice(sector);
        number = next.get(number as usize).copied().unwrap_or(NO_SECTOR);
    }
    bytes.truncate(length(entry));
    bytes
}

fn length(entry: &[u8]) -> usize {
    long(entry, 120).unwrap_or_default() as usize
}

/// Names stand in UTF-16, and end with a nought.
fn is_named(entry: &[u8], name: &str) -> bool {
    let units = entry.chunks_exact(2).take(32).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    let found = String::from_utf16_lossy(&units.take_while(|unit| *unit != 0).collect::<Vec<_>>());
    found.eq_ignore_ascii_case(name)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn longs(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).filter_map(|four| long(four, 0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).unwrap();
        [&kind.to_le_bytes()[..], &length.to_le_bytes(), body].concat()
    }

    /// A file of one stream, in the sectors from the third on.
    fn compound(stream: &[u8]) -> Vec<u8> {
        let sectors = stream.len().div_ceil(512);
        let mut header = vec![0; 512];
        header[30] = 9;
        header[44] = 1;
        header[48] = 1;
        header[60..64].fill(0xff);
        header[68..72].fill(0xff);
        header[76..512].fill(0xff);
        header[76..80].fill(0);
        let mut next = vec![0xffff_fffd, 0xffff_fffe_u32];
        next.extend(
            (0..sectors)
                .map(|at| if at + 1 == sectors { 0xffff_fffe } else { u32::try_from(at).unwrap() + 3 }),
        );
        let mut table: Vec<u8> = next.iter().flat_map(|number| number.to_le_bytes()).collect();
        table.resize(512, 0xff);
        let mut directory = vec![0; 512];
        let name: Vec<u8> = "Workbook".encode_utf16().flat_map(u16::to_le_bytes).collect();
        directory[128..128 + name.len()].copy_from_slice(&name);
        directory[128 + 116] = 2;
        directory[128 + 120..128 + 124].copy_from_slice(&u32::try_from(stream.len()).unwrap().to_le_bytes());
        let mut file = [header, table, directory, stream.to_vec()].concat();
        file.resize(512 * (3 + sectors), 0);
        file
    }

    /// A workbook with one sheet that has these records.
    fn book(of_sheet: &[Vec<u8>]) -> Vec<u8> {
        let start = 4 + 8 + 4;
        let named = record(SHEET, &[u32::to_le_bytes(start).to_vec(), vec![0; 4]].concat());
        let mut stream = [named, record(END, &[])].concat();
        stream.extend(record(0x0809, &[]));
        stream.extend(of_sheet.concat());
        stream.extend(record(END, &[]));
        stream.resize(4608, 0);
        compound(&stream)
    }

    #[test]
    fn a_sheet_is_as_large_as_the_cells_it_has_and_not_as_it_says() {
        let cell = |row: u16, column: u16| {
            record(0x0203, &[row.to_le_bytes().to_vec(), column.to_le_bytes().to_vec(), vec![0; 10]].concat())
        };
        assert_eq!(within(&book(&[cell(0, 0), cell(50_000, 20)])), Ok(()));
        let far = within(&book(&[cell(0, 0), cell(65_535, 255)])).unwrap_err();
        assert!(far.contains("row 65536 and as far right as column 256"), "{far}");
        let size = |rows: u32| {
            let body = [0_u32.to_le_bytes().to_vec(), rows.to_le_bytes().to_vec(), vec![0, 0, 0, 1, 0, 0]];
            record(SIZE, &body.concat())
        };
        assert_eq!(within(&book(&[size(65_536)])), Ok(()));
        assert!(within(&book(&[size(u32::MAX)])).unwrap_err().contains("says that it has"));
    }

    #[test]
    fn a_file_that_goes_round_in_a_circle_comes_to_an_end() {
        let mut file = book(&[]);
        // The directory follows itself.
        file[512 + 4..512 + 8].copy_from_slice(&1_u32.to_le_bytes());
        assert!(within(&file).unwrap_err().contains("circle"));
        assert_eq!(within(b"torn"), Ok(()));
    }
}
