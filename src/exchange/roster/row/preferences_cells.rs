//! The cells about when letters go on, and which she does not want.

use jiff::civil::Date;

use crate::care::patient::PatientStatus;
use crate::exchange::roster::cells;
use crate::exchange::roster::row::row_reader::RowReader;
use crate::exchange::roster::row_fault::{CellFault, RowFault};
use crate::exchange::roster::rules::RosterRules;
use crate::journey::status_change::LetterPreferences;
use crate::store::people::preferences::LetterKind;

/// What a row says of it, beside her status; a fault is noted.
pub(super) fn read(
    reader: &mut RowReader<'_>,
    rules: &mut RosterRules,
    status: Option<PatientStatus>,
) -> LetterPreferences {
    let paused_until = reader.may("paused_until", |t| last_day(rules.days.date(t)?, rules.today));
    if paused_until.is_some() && status != Some(PatientStatus::Paused) {
        let wrong = CellFault::new(
            "stands there without a pause",
            "write `paused` under `status`, or leave it empty",
        );
        reader.faults.push(RowFault::at(reader.line, "paused_until", wrong));
    }
    LetterPreferences { paused_until, declined: reader.may("declined", kinds).unwrap_or_default() }
}

fn last_day(on: Date, today: Date) -> Result<Date, CellFault> {
    if on < today {
        return Err(CellFault::new(
            "lies in the past",
            "leave it empty, and `status` too: her pause is over",
        ));
    }
    Ok(on)
}

/// Several are joined by `+`.
fn kinds(text: &str) -> Result<Vec<LetterKind>, CellFault> {
    let mut found = Vec::new();
    for word in text.split('+').map(cells::word) {
        let words = LetterKind::ALL.map(LetterKind::word).join(", ");
        let kind = LetterKind::parse(&word).ok_or_else(|| {
            CellFault::new(
                "is no kind of letters",
                format!("join with a plus what she does not want of {words}"),
            )
        })?;
        if !found.contains(&kind) {
            found.push(kind);
        }
    }
    Ok(found)
}
