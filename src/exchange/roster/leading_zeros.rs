//! Codes that a spreadsheet may have taken for numbers: of digits of which some are shorter, or all with `.0` behind.

use crate::exchange::roster::row::RosterRow;
use crate::exchange::roster::row_fault::{CellFault, RowFault};

/// So many digits of a code are counted apart.
const WIDTHS: usize = 24;

/// How many codes of digits have how many digits, and where the first stands.
#[derive(Debug, Default)]
pub(in crate::exchange::roster) struct ReferenceWidths {
    widths: [Width; WIDTHS],
    /// How many codes there are, how many of them end in `.0`, and where the first stands.
    count: u64,
    fractions: u64,
    first: u64,
}

#[derive(Debug, Default, Clone, Copy)]
struct Width {
    count: u64,
    line: u64,
    /// Some begin with a zero: they are written with all their digits.
    is_padded: bool,
}

impl ReferenceWidths {
    /// Notes the code of a row.
    pub(in crate::exchange::roster) fn note(&mut self, row: &RosterRow) {
        let code = row.newcomer.reference.as_str();
        if self.count == 0 {
            self.first = row.line;
        }
        self.count += 1;
        let is_fraction = |front: &str| !front.is_empty() && front.bytes().all(|b| b.is_ascii_digit());
        self.fractions += u64::from(code.strip_suffix(".0").is_some_and(is_fraction));
        if !code.bytes().all(|b| b.is_ascii_digit()) {
            return;
        }
        let Some(width) = self.widths.get_mut(code.len()) else { return };
        if width.count == 0 {
            width.line = row.line;
        }
        width.count += 1;
        width.is_padded |= code.starts_with('0');
    }

    /// The remark, if some codes look as if they had lost their zeros: they are shorter than others that begin with one,
    /// or a few among many of one width.
    pub(in crate::exchange::roster) fn remark(&self) -> Option<RowFault> {
        if self.fractions > 0 && self.fractions == self.count {
            let hint = "if a spreadsheet has made numbers of them, give the column the format of a text and write them again";
            return Some(RowFault::at(
                self.first,
                "reference",
                CellFault::new("all codes end in `.0`", hint),
            ));
        }
        let (full, most) =
            self.widths.iter().enumerate().max_by_key(|(at, width)| (width.is_padded, width.count, *at))?;
        let shorter: Vec<&Width> = self.widths[..full].iter().filter(|width| width.count > 0).collect();
        let count: u64 = shorter.iter().map(|width| width.count).sum();
        let are_few = full >= 4 && count * 10 <= most.count;
        let first = shorter.iter().map(|width| width.line).min()?;
        if !most.is_padded && !are_few {
            return None;
        }
        let problem =
            format!("{count} of the codes, the first in this line, have fewer digits than the others");
        let hint = "if a spreadsheet has taken the zeros from their beginning, give the column the format of a text and write them again";
        Some(RowFault::at(first, "reference", CellFault::new(problem, hint)))
    }
}
