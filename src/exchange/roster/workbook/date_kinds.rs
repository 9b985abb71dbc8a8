//! Dates of two kinds in one column. A spreadsheet that opens a list of another country makes dates of those it can read, with day and
//! month turned, and leaves the others (`13/02/1971`) as text: beside such a text no date up to the twelfth is to be trusted.

use calamine::Data;

use crate::exchange::roster::dates;
use crate::exchange::roster::workbook::cell_text::CellKind;
use crate::exchange::roster::workbook::sheet_cells::SheetCells;

/// For each place whether its column holds dates as text in the order of a country, from this cell on.
pub(super) fn of(cells: &SheetCells, from: usize, places: &[CellKind]) -> Vec<bool> {
    let mut mixed = vec![false; places.len()];
    for (at, content) in cells.from(from) {
        let holds = places.get(at).copied().unwrap_or(CellKind::Text);
        if let (CellKind::Day | CellKind::Moment, Data::String(text)) = (holds, content)
            && dates::is_of_country(text)
        {
            mixed[at] = true;
        }
    }
    mixed
}

/// Whether a date that begins `YYYY-MM-DD` is another one with day and month turned.
pub(super) fn may_be_turned(text: &str) -> bool {
    let number = |from: usize| text.get(from..from + 2).and_then(|part| part.parse::<u8>().ok());
    match (number(5), number(8)) {
        (Some(month), Some(day)) => day <= 12 && day != month,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::may_be_turned;

    #[test]
    fn a_date_after_the_twelfth_or_the_same_both_ways_cannot_be_turned() {
        for (text, may) in [
            ("1971-03-02", true),
            ("1971-12-11 10:30", true),
            ("1971-03-13", false),
            ("1971-03-03", false),
            ("19", false),
        ] {
            assert_eq!(may_be_turned(text), may, "{text}");
        }
    }
}
