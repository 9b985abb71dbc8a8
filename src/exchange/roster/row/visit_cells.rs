//! The cells about visits that are booked already: the next one of her plan, and those beside it.

use jiff::civil::DateTime;

use crate::care::one_line::is_place;
use crate::exchange::roster::row::row_reader::RowReader;
use crate::exchange::roster::row_fault::{CellFault, RowFault};
use crate::exchange::roster::rules::RosterRules;
use crate::journey::plan::booking_request::AppointmentSlot;

/// How long a date and a time are that begin a visit in the cell of several.
const MOMENT: usize = "2027-01-31 10:30".len();

/// The visits that a row tells of.
pub(super) struct RowVisits {
    /// The next one of her plan.
    pub(super) next: Option<AppointmentSlot>,
    /// Those that staff agreed with her beside it.
    pub(super) extra: Vec<AppointmentSlot>,
}

impl RowVisits {
    pub(super) fn read(reader: &mut RowReader<'_>, rules: &mut RosterRules) -> Self {
        let next = next(reader, rules);
        Self { next, extra: reader.may("extra_visits", several).unwrap_or_default() }
    }

    /// Notes that there is no plan which they could belong to.
    pub(super) fn refuse_without_plan(&self, reader: &mut RowReader<'_>) {
        let given = [("next_visit_at", self.next.is_some()), ("extra_visits", !self.extra.is_empty())];
        for (column, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
            let wrong = CellFault::new(
                "stands there without a plan",
                "fill in `protocol` and `anchor_on`, or leave it empty",
            );
            reader.faults.push(RowFault::at(reader.line, column, wrong));
        }
    }
}

fn next(reader: &mut RowReader<'_>, rules: &mut RosterRules) -> Option<AppointmentSlot> {
    let place = reader.may("place", |t| place(t).map(str::to_owned));
    let at = reader.may("next_visit_at", |t| rules.days.moment(t));
    if place.is_some() && reader.text("next_visit_at").is_empty() {
        let wrong =
            CellFault::new("a place without a date", "fill in `next_visit_at`, or leave `place` empty");
        reader.faults.push(RowFault::at(reader.line, "place", wrong));
    }
    at.map(|at| AppointmentSlot { on: at.date(), at: at.time(), place: place.unwrap_or_default() })
}

/// Several are joined by a semicolon, each a date, a time and the place behind it: `2027-01-31 10:30 Room 4`.
fn several(text: &str) -> Result<Vec<AppointmentSlot>, CellFault> {
    let mut found: Vec<AppointmentSlot> = Vec::new();
    let (mut rest, mut place_from) = (text, 0);
    loop {
        // A semicolon of a place is followed by no date.
        let end = rest[place_from..].find(';').map(|at| place_from + at);
        let next = end.map(|end| rest[end + 1..].trim_start());
        match (end, next) {
            (Some(end), Some(next)) if moment(next).is_none() => place_from = end + 1,
            (end, next) => {
                let visit = one(rest[..end.unwrap_or(rest.len())].trim())?;
                if found.iter().any(|other| (other.on, other.at) == (visit.on, visit.at)) {
                    return Err(CellFault::new("names one date and time twice", "keep one of them"));
                }
                found.push(visit);
                let Some(next) = next else { return Ok(found) };
                (rest, place_from) = (next, 0);
            }
        }
    }
}

fn one(text: &str) -> Result<AppointmentSlot, CellFault> {
    let at = moment(text).ok_or_else(|| {
        let hint = "write each as YYYY-MM-DD HH:MM and the place, and a semicolon between two";
        CellFault::new("is not a list of dates with times", hint)
    })?;
    let place = place(text[MOMENT..].trim())?.to_owned();
    Ok(AppointmentSlot { on: at.date(), at: at.time(), place })
}

/// The date and time that a text begins with.
fn moment(text: &str) -> Option<DateTime> {
    let (at, rest) = text.split_at_checked(MOMENT)?;
    let ends = rest.is_empty() || rest.starts_with([' ', ';']);
    DateTime::strptime("%Y-%m-%d %H:%M", at).ok().filter(|_| ends)
}

/// Words for a place that may stand in a letter and a calendar.
pub(crate) fn place(text: &str) -> Result<&str, CellFault> {
    if is_place(text) {
        return Ok(text);
    }
    Err(CellFault::new(
        "is longer than 200 characters, or has line breaks or marks of direction",
        "name the room in a few words",
    ))
}

/// The visits beside a plan as [`several`] reads them back.
pub(in crate::exchange::roster) fn written(visits: &[AppointmentSlot]) -> String {
    let one = |visit: &AppointmentSlot| {
        let at = visit.on.to_datetime(visit.at).strftime("%F %H:%M");
        format!("{at} {}", visit.place).trim_end().to_owned()
    };
    visits.iter().map(one).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn several_visits_are_read_as_they_are_written() {
        let visit = |day, place: &str| AppointmentSlot {
            on: date(2027, 1, day),
            at: time(10, 30, 0, 0),
            place: place.to_owned(),
        };
        for visits in [
            vec![visit(3, "Room 4")],
            vec![visit(3, ""), visit(4, "House B; second floor"), visit(5, "")],
            vec![visit(3, "Tel.; 2027"), visit(31, "Sala 1")],
        ] {
            assert_eq!(several(&written(&visits)).unwrap(), visits);
        }
        assert_eq!(several("2027-01-03 10:30;2027-01-04 10:30 B").unwrap().len(), 2);
        for wrong in
            ["Room 4", "2027-01-32 10:30", "2027-01-03", "2027-01-03 10:30; 2027-01-03 10:30 B", "\u{e9}"]
        {
            assert!(several(wrong).is_err(), "{wrong}");
        }
    }
}
