//! Dates as spreadsheets write them. The year first is read as it stands. Where day and month could be either, the file
//! must tell by itself, in every row, or somebody says it: a birth date guessed wrong locks her out of her pages.

mod month_words;
mod time_of_day;

use std::borrow::Cow;

use jiff::civil::{Date, DateTime};

use crate::exchange::roster::row_fault::CellFault;
use time_of_day::{clock, cut, is_empty_time, is_like_time};

/// The columns that hold dates.
pub(in crate::exchange::roster) const COLUMNS: [&str; 4] =
    ["birth_date", "anchor_on", "next_visit_at", "mail_consent_on"];

/// In which order day, month and year stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The day first, as in `31/01/2027`.
    DayMonthYear,
    /// The month first, as in `01/31/2027`.
    MonthDayYear,
    /// `2027-01-31` and nothing else.
    YearMonthDay,
}

impl Order {
    /// The words of `--dates`.
    pub const WORDS: [&str; 3] = ["dmy", "mdy", "iso"];

    /// The order of such a word; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "dmy" => Some(Self::DayMonthYear),
            "mdy" => Some(Self::MonthDayYear),
            "iso" => Some(Self::YearMonthDay),
            _ => None,
        }
    }
}

/// What the file says of its own order: dates with another sign between their numbers were written by another hand, or another
/// program, and tell nothing of these.
#[derive(Debug, Clone, Default)]
pub(in crate::exchange::roster) struct OrderEvidence {
    signs: [SignEvidence; SIGNS.len()],
}

/// What stands between the numbers of a date.
const SIGNS: [char; 3] = ['/', '.', '-'];

/// What the dates with one sign between their numbers tell.
#[derive(Debug, Clone, Copy, Default)]
struct SignEvidence {
    day_first: Option<u64>,
    month_first: Option<u64>,
    either: Option<u64>,
}

impl OrderEvidence {
    /// Notes what the dates of one row tell.
    pub(in crate::exchange::roster) fn note<'t>(&mut self, line: u64, texts: impl Iterator<Item = &'t str>) {
        let triples: Vec<Triple> = texts.filter_map(|text| Triple::of(cut(&tight(text)).0)).collect();
        for (sign, evidence) in SIGNS.into_iter().zip(&mut self.signs) {
            evidence.note(line, triples.iter().filter(|triple| triple.sign == sign));
        }
    }

    /// What the dates with that sign tell.
    fn of(&self, sign: char) -> SignEvidence {
        let at = SIGNS.iter().position(|known| *known == sign);
        at.and_then(|at| self.signs.get(at)).copied().unwrap_or_default()
    }
}

impl SignEvidence {
    fn note<'t>(&mut self, line: u64, triples: impl Iterator<Item = &'t Triple>) {
        let (mut day_first, mut month_first, mut either) = (false, false, false);
        for triple in triples {
            match (triple.day_first(), triple.month_first()) {
                (Some(one), Some(other)) if one != other => either = true,
                (Some(_), None) => day_first = true,
                (None, Some(_)) => month_first = true,
                // The same day either way, or none at all.
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
        let note = |place: &mut Option<u64>, is: bool| *place = place.or(is.then_some(line));
        note(&mut self.day_first, day_first);
        note(&mut self.month_first, month_first);
        note(&mut self.either, either && !day_first && !month_first);
    }
}

/// How dates are read.
#[derive(Debug, Clone, Default)]
pub(in crate::exchange::roster) struct Days {
    stated: Option<Order>,
    found: Option<OrderEvidence>,
    is_asked: bool,
}

/// No date is written in more characters than this.
const LONGEST: usize = 40;
const HINT: &str = "write it as YYYY-MM-DD, e.g. 2027-01-31";
/// Of three short numbers any may be the year.
const SHORT: &str = "write the year with four digits, e.g. 31/01/2027, or the whole date as YYYY-MM-DD";
/// A format laid over such a number may show a day that nobody meant.
const BARE: &str = "a bare number, perhaps a spreadsheet's day number: find the day that is meant and write it as YYYY-MM-DD";

impl Days {
    /// Read in this order; unless stated, the file must tell.
    pub(in crate::exchange::roster) fn new(stated: Option<Order>) -> Self {
        Self { stated, ..Self::default() }
    }

    /// Whether a date was met whose order only the whole file can tell.
    pub(in crate::exchange::roster) fn is_asked(&self) -> bool {
        self.is_asked && self.found.is_none()
    }

    /// Takes what the whole file tells.
    pub(in crate::exchange::roster) fn settle(&mut self, evidence: OrderEvidence) {
        self.found = Some(evidence);
    }

    /// A day without a time of day, or with an empty one.
    pub(in crate::exchange::roster) fn date(&mut self, text: &str) -> Result<Date, CellFault> {
        if text.len() == 10 && text.as_bytes()[4] == b'-' {
            return year_first(text);
        }
        if let Some(iso) = spelled(text) {
            return year_first(&iso);
        }
        let text = tight(text);
        let (day, time) = cut(&text);
        if !time.is_none_or(is_empty_time) {
            if !time.is_some_and(is_like_time) {
                return Err(CellFault::new("is not a date", HINT));
            }
            let hint = "write the day alone: with a time in another zone it may be the day before or after";
            return Err(CellFault::new("has a time of day", hint));
        }
        self.day(day)
    }

    /// A day and a time of day at the clinic.
    pub(in crate::exchange::roster) fn moment(&mut self, text: &str) -> Result<DateTime, CellFault> {
        let wrong =
            |problem: &str| CellFault::new(problem, "write it as YYYY-MM-DD HH:MM, in the clinic's zone");
        let text = tight(text);
        let (day, time) = cut(&text);
        let Some(time) = time else { return Err(wrong("is not a date and time")) };
        if time.ends_with('Z') || time.contains('+') || time.contains('-') {
            return Err(wrong("is in a zone of its own"));
        }
        let time = clock(time).ok_or_else(|| wrong("is not a date and time"))?;
        let day = self.day(day).map_err(|found| match found.problem.as_str() {
            "is not a date" => wrong("is not a date and time"),
            _ => found,
        })?;
        Ok(day.to_datetime(time))
    }

    fn day(&mut self, text: &str) -> Result<Date, CellFault> {
        if let Some(compact) = compact(text) {
            return year_first(&compact);
        }
        if let Some(iso) = year_leads(text) {
            return year_first(&iso);
        }
        let Some(triple) = Triple::of(text) else { return Err(no_date(text)) };
        match self.order(triple.sign)? {
            Order::DayMonthYear => triple.day_first().ok_or_else(|| no_such("day first")),
            Order::MonthDayYear => triple.month_first().ok_or_else(|| no_such("month first")),
            Order::YearMonthDay => Err(CellFault::new("is not a date", HINT)),
        }
    }

    fn order(&mut self, sign: char) -> Result<Order, CellFault> {
        if let Some(order) = self.stated {
            return Ok(order);
        }
        let Some(found) = &self.found else {
            self.is_asked = true;
            return Err(CellFault::new("", ""));
        };
        let found = found.of(sign);
        let say = "say which: `--dates dmy` or `--dates mdy`";
        match (found.day_first, found.month_first, found.either) {
            (Some(day), Some(month), _) => {
                let problem = format!(
                    "stands in a file that writes the day first in line {day} and the month first in line {month}"
                );
                Err(CellFault::new(problem, "write all dates as YYYY-MM-DD"))
            }
            (_, _, Some(line)) => {
                let problem = format!(
                    "could be day first or month first, and no date tells: the first such stands in line {line}"
                );
                Err(CellFault::new(problem, say))
            }
            (Some(_), None, None) => Ok(Order::DayMonthYear),
            (None, Some(_), None) => Ok(Order::MonthDayYear),
            // Every such date is the same day either way.
            (None, None, None) => Ok(Order::DayMonthYear),
        }
    }
}

fn no_such(order: &str) -> CellFault {
    CellFault::new("there is no such day", format!("it was read {order}; {HINT}"))
}

fn no_date(text: &str) -> CellFault {
    let is_bare = text.starts_with(|c: char| c.is_ascii_digit()) && text.parse::<f64>().is_ok();
    let is_short = parts(text).is_some_and(|all| all.iter().all(|part| part.len() <= 2));
    let hint = match () {
        () if is_bare => BARE,
        () if is_short => SHORT,
        () => HINT,
    };
    CellFault::new("is not a date", hint)
}

/// `YYYY-MM-DD` in ten characters.
fn year_first(text: &str) -> Result<Date, CellFault> {
    let shaped = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    let date = if shaped { text.parse().ok() } else { None };
    let problem = if shaped { "there is no such day" } else { "is not a date" };
    date.ok_or_else(|| CellFault::new(problem, HINT))
}

/// `YYYYMMDD` (ISO 8601 basic) as `YYYY-MM-DD`.
fn compact(text: &str) -> Option<String> {
    let shaped = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    shaped.then(|| format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]))
}

/// `2027/1/31`, `2027.01.31` as `2027-01-31`.
fn year_leads(text: &str) -> Option<String> {
    let [year, month, day] = parts(text)?;
    (year.len() == 4).then(|| format!("{year}-{month:0>2}-{day:0>2}"))
}

/// Whether a text is a date of which day and month, and a year behind them, are told by the customs of a country alone.
pub(in crate::exchange::roster) fn is_of_country(text: &str) -> bool {
    Triple::of(cut(&tight(text)).0).is_some()
}

fn parts(text: &str) -> Option<[&str; 3]> {
    let sign = text.chars().find(|c| SIGNS.contains(c))?;
    let found: Vec<&str> = text.split(sign).map(str::trim).collect();
    let fits = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    <[&str; 3]>::try_from(found).ok().filter(|all| all.iter().all(fits))
}

/// Two numbers and a year of four digits.
struct Triple {
    first: i8,
    second: i8,
    year: i16,
    /// What stands between them.
    sign: char,
}

impl Triple {
    fn of(text: &str) -> Option<Self> {
        let ([first, second, year], sign) = (parts(text)?, text.chars().find(|c| SIGNS.contains(c))?);
        let fits = first.len() <= 2 && second.len() <= 2 && year.len() == 4;
        let read = || {
            let (first, second) = (first.parse().ok()?, second.parse().ok()?);
            Some(Self { first, second, year: year.parse().ok()?, sign })
        };
        if fits { read() } else { None }
    }

    fn day_first(&self) -> Option<Date> {
        Date::new(self.year, self.second, self.first).ok()
    }

    fn month_first(&self) -> Option<Date> {
        Date::new(self.year, self.first, self.second).ok()
    }
}

/// A date with its month in letters as `YYYY-MM-DD`.
fn spelled(text: &str) -> Option<String> {
    let may_be = text.len() <= LONGEST && text.contains(char::is_alphabetic);
    if may_be { month_words::spelled(text) } else { None }
}

/// Without the spaces that some write around the points of a date, as in `3. 2. 1970`.
fn tight(text: &str) -> Cow<'_, str> {
    let text = month_words::without_weekday(text);
    let is_point = |c: char| matches!(c, '.' | '/');
    // What is longer is no date, and each blank of it would be looked past again and again.
    let is_long = text.trim().chars().nth(LONGEST).is_some();
    if is_long || !text.contains(char::is_whitespace) || !text.contains(is_point) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut signs = text.trim().chars().peekable();
    while let Some(sign) = signs.next() {
        let is_after = kept.ends_with(is_point) && signs.peek().is_some();
        let is_before = signs.clone().find(|c| !c.is_whitespace()).is_some_and(is_point);
        if !(sign.is_whitespace() && (is_after || is_before)) {
            kept.push(sign);
        }
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn read(text: &str, order: Option<Order>) -> Result<Date, String> {
        Days::new(order).date(text).map_err(|wrong| wrong.problem)
    }

    #[test]
    fn a_run_of_blanks_as_long_as_a_row_may_be_is_no_date_and_costs_nothing() {
        let long = format!("3.{}2.1970", " ".repeat(250_000));
        assert!(matches!(tight(&long), Cow::Borrowed(_)), "nothing of it is looked at twice");
        let mut days = Days::new(Some(Order::DayMonthYear));
        assert_eq!(days.date(&long).unwrap_err().problem, "has a time of day");
        assert!(days.moment(&long).is_err());
        assert_eq!(
            days.date(&format!("{}3. 2. 1970", " ".repeat(60))).unwrap(),
            jiff::civil::date(1970, 2, 3)
        );
    }

    #[test]
    fn a_year_that_leads_is_read_as_it_stands() {
        for text in [
            "1970-02-03",
            "19700203",
            "1970-02-03T00:00:00",
            "1970-02-03T00:00:00Z",
            "1970-02-03 00:00:00",
            "1970-02-03T00:00",
            "1970-02-03T00:00:00.000Z",
            "1970-02-03T00:00:00+02:00",
            "1970/02/03",
            "1970.2.3",
            "1970-2-3",
            "1970-02-03 12:00:00 AM",
        ] {
            assert_eq!(read(text, None), Ok(date(1970, 2, 3)), "{text}");
            assert_eq!(read(text, Some(Order::DayMonthYear)), Ok(date(1970, 2, 3)), "{text}");
            assert_eq!(read(text, Some(Order::YearMonthDay)), Ok(date(1970, 2, 3)), "{text}");
        }
    }

    #[test]
    fn a_time_that_is_not_empty_may_mean_another_day() {
        for text in ["1970-02-03T22:00:00Z", "1970-02-03 12:00", "1970-02-03T00:00:01", "1970-02-03T00:30"] {
            assert_eq!(read(text, None), Err("has a time of day".to_owned()), "{text}");
        }
    }

    #[test]
    fn a_date_with_its_month_in_letters_needs_no_order_and_a_weekday_says_nothing() {
        for text in ["02-Feb-1971", "02FEB1971", "February 2, 1971", "2 de febrero de 1971"] {
            assert_eq!(read(text, None), Ok(date(1971, 2, 2)), "{text}");
        }
        assert_eq!(read("Tue 02/02/1971", Some(Order::DayMonthYear)), Ok(date(1971, 2, 2)));
        assert_eq!(read("2 Febbraio 1971", None), Err("is not a date".to_owned()), "and no time of day");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "1970-13-01",
            "1970-02-30",
            "03/02/70",
            "25601",
            "3rd of May",
            "3. 2. 70",
            "3. 2.",
            "3 2 1970",
            "1970",
            "30270",
            "25602.5",
            "2027-01-01x",
            "01/02/03",
            "é/02/1970",
        ] {
            assert!(read(text, Some(Order::DayMonthYear)).is_err(), "{text}");
        }
        for text in ["25601", "30270", "1970", "25602.5"] {
            assert!(
                Days::default().date(text).unwrap_err().hint.contains("find the day that is meant"),
                "{text}"
            );
        }
    }

    #[test]
    fn a_stated_order_is_taken() {
        for (text, order, on) in [
            ("03/02/1970", Order::DayMonthYear, date(1970, 2, 3)),
            ("03/02/1970", Order::MonthDayYear, date(1970, 3, 2)),
            ("3.2.1970", Order::DayMonthYear, date(1970, 2, 3)),
            ("3-2-1970 0:00", Order::DayMonthYear, date(1970, 2, 3)),
            ("3. 2. 1970", Order::DayMonthYear, date(1970, 2, 3)),
            ("3.\u{a0}2.\u{a0}1970", Order::DayMonthYear, date(1970, 2, 3)),
            ("3. 2. 1970 0:00", Order::DayMonthYear, date(1970, 2, 3)),
            ("3 / 2 / 1970", Order::DayMonthYear, date(1970, 2, 3)),
            ("1970. 2. 3", Order::MonthDayYear, date(1970, 2, 3)),
        ] {
            assert_eq!(read(text, Some(order)), Ok(on), "{text}");
        }
        assert!(read("31/01/2027", Some(Order::MonthDayYear)).is_err());
        assert!(read("31/01/2027", Some(Order::YearMonthDay)).is_err());
    }

    fn settled(rows: &[&[&str]]) -> Days {
        let (mut evidence, mut days) = (OrderEvidence::default(), Days::default());
        for (line, row) in (2..).zip(rows) {
            evidence.note(line, row.iter().copied());
        }
        days.settle(evidence);
        days
    }

    #[test]
    fn a_file_that_agrees_in_every_row_tells_its_order() {
        let mut days = settled(&[&["03/02/1970", "31/01/2026"], &["05/05/1980", ""], &["1970-01-01", "x"]]);
        assert_eq!(days.date("03/02/1970"), Ok(date(1970, 2, 3)));
        let mut days = settled(&[&["02/13/1970", "01/02/2026"]]);
        assert_eq!(days.date("01/02/2026"), Ok(date(2026, 1, 2)));
        let mut days = settled(&[&["31. 1. 1970"]]);
        assert_eq!(days.date("3. 2. 1970"), Ok(date(1970, 2, 3)));
        let mut days = settled(&[&["05/05/1980"]]);
        assert_eq!(days.date("05/05/1980"), Ok(date(1980, 5, 5)));
    }

    #[test]
    fn a_row_that_could_be_either_is_never_guessed() {
        let mut days = settled(&[&["31/12/1970", "31/01/2026"], &["03/02/1970", "05/01/2026"]]);
        let CellFault { problem, hint } = days.date("03/02/1970").unwrap_err();
        assert_eq!(
            problem,
            "could be day first or month first, and no date tells: the first such stands in line 3"
        );
        assert!(hint.contains("--dates dmy"));
        let mut days = settled(&[&["31/12/1970"], &["12/31/1970"]]);
        assert!(
            days.date("31/12/1970")
                .unwrap_err()
                .problem
                .contains("the day first in line 2 and the month first in line 3")
        );
    }

    #[test]
    fn dates_with_another_sign_between_their_numbers_settle_nothing() {
        let mut days = settled(&[&["13.02.1970", "09/10/2026"], &["28.03.1970", "05/06/2026"]]);
        assert_eq!(days.date("13.02.1970"), Ok(date(1970, 2, 13)));
        assert_eq!(days.date("01.03.1970"), Ok(date(1970, 3, 1)));
        assert!(days.date("09/10/2026").unwrap_err().problem.contains("line 2"));
        let mut days = settled(&[&["13.02.1970", "10/31/2026"]]);
        assert_eq!(
            (days.date("1.2.1970"), days.date("10/9/2026")),
            (Ok(date(1970, 2, 1)), Ok(date(2026, 10, 9)))
        );
        assert!(Days::default().date("05/06/07").unwrap_err().hint.contains("four digits"));
    }

    #[test]
    fn a_moment_has_a_time_at_the_clinic() {
        let at = date(2027, 2, 3).at(10, 30, 0, 0);
        for text in [
            "2027-02-03 10:30",
            "2027-02-03T10:30",
            "2027-02-03 10:30:00",
            "03/02/2027 10:30",
            "3. 2. 2027 10:30",
            "3.2.2027 10:30 AM",
            "20270203 10:30",
        ] {
            assert_eq!(Days::new(Some(Order::DayMonthYear)).moment(text), Ok(at), "{text}");
        }
        assert_eq!(Days::new(None).moment("2027-02-03 1:05 pm").unwrap().time().hour(), 13);
        for text in [
            "2027-02-03",
            "2027-02-03 25:00",
            "2027-02-03 10",
            "2027-02-03T10:30Z",
            "2027-02-03T10:30+01:00",
            "2027-02-03 10:30:15",
            "x 10:30",
        ] {
            assert!(Days::default().moment(text).is_err(), "{text}");
        }
    }
}
