//! What a cell of a workbook would be as CSV.

use calamine::{CellErrorType, Data};
use jiff::civil::{Date, DateTime, date};

use crate::exchange::roster::row::unread_cell::{SPOILT, UNSOLVED};
use crate::exchange::roster::workbook::book::Epoch;

/// Day numbers from 1900 to the year 2200; anything else in a cell of a date is no day number.
const SERIALS: std::ops::Range<f64> = 60.0..109_575.0;

/// What a column holds, by which its cells are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellKind {
    Day,
    Moment,
    Text,
}

pub(super) fn plain(cell: &Data) -> String {
    text(cell, CellKind::Text, Epoch::Common)
}

/// What the cell would be as CSV.
pub(super) fn text(cell: &Data, holds: CellKind, epoch: Epoch) -> String {
    match (cell, holds) {
        (Data::Empty, _) => String::new(),
        (Data::String(text), _) => text.trim().to_owned(),
        (Data::Bool(yes), _) => yes.to_string(),
        // Without the format of a date a number may be a year, or a date typed without its points: never a day number. Eight
        // digits are a date by themselves.
        (Data::Int(number), _) => number.to_string(),
        (Data::Float(number), _) => number_text(*number),
        (Data::DateTime(at), CellKind::Day | CellKind::Moment) if at.is_datetime() => {
            serial(at.as_f64(), holds, epoch)
        }
        (Data::DateTimeIso(text), CellKind::Day | CellKind::Moment) => text.clone(),
        (Data::Error(CellErrorType::GettingData), _) => UNSOLVED.to_owned(),
        // A code such as 1-2 of which the spreadsheet has made a date, a time, an error.
        (Data::DateTime(_) | Data::DateTimeIso(_) | Data::DurationIso(_) | Data::Error(_), _) => {
            SPOILT.to_owned()
        }
    }
}

/// A whole number as its digits: a code of digits is kept as a number unless its cell is a text.
fn number_text(number: f64) -> String {
    format!("{number}")
}

/// A day number in a cell with the format of a date: days since the end of 1899 (or since 1904), the time of day behind the
/// point.
fn serial(number: f64, holds: CellKind, epoch: Epoch) -> String {
    if !SERIALS.contains(&number) {
        return number_text(number);
    }
    let begins: Date = match epoch {
        Epoch::Common => date(1899, 12, 30),
        Epoch::Of1904 => date(1904, 1, 1),
    };
    let minutes = (number * 1440.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "held by SERIALS: at most 158 million minutes")]
    let at = begins
        .to_datetime(jiff::civil::Time::midnight())
        .checked_add(jiff::Span::new().minutes(minutes as i64));
    let show = |at: DateTime| match holds {
        CellKind::Moment => at.strftime("%Y-%m-%d %H:%M").to_string(),
        CellKind::Day | CellKind::Text if at.time() == jiff::civil::Time::midnight() => at.date().to_string(),
        CellKind::Day | CellKind::Text => at.strftime("%Y-%m-%d %H:%M").to_string(),
    };
    at.map_or_else(|_| SPOILT.to_owned(), show)
}
