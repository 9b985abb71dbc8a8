//! What somebody typed to find a patient: one box, read as a mailbox, a birth date, a telephone number, or words of a name or
//! case code.

use jiff::civil::Date;

use crate::care::phone;

/// What is looked for.
#[derive(Clone, PartialEq, Eq)]
pub enum SearchTerm {
    /// The beginning of an e-mail address.
    Mailbox(String),
    /// A birth date: one day, or two where day and month could be either way round.
    Born(Vec<Date>),
    /// A telephone number, its beginning or its end; a case code may be written in figures too.
    Number {
        /// How a number on record begins that may be meant, as it is dialled: each with its country code.
        dials: Vec<String>,
        /// The figures that a number on record may end with.
        ending: String,
        /// The same figures as words of a case code.
        words: Vec<String>,
    },
    /// Beginnings of words of her name or case code; all must fit.
    Words(Vec<String>),
}

impl std::fmt::Debug for SearchTerm {
    /// Shows nothing of what was typed: it may be a name or an address (P10).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SearchTerm(…)")
    }
}

/// No more words are looked for.
const MOST_WORDS: usize = 8;

impl SearchTerm {
    /// Reads what was typed; `None` when it says nothing to look for. `country` is where numbers without a country code are rung
    /// from.
    #[must_use]
    pub fn parse(text: &str, country: Option<&str>) -> Option<Self> {
        let text: String = text.trim().chars().take(200).collect();
        if text.contains('@') {
            return Some(Self::Mailbox(text));
        }
        let days = worded_day(&text).map_or_else(|| days(&text), |day| vec![day]);
        if !days.is_empty() {
            return Some(Self::Born(days));
        }
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let words: Vec<String> = words.take(MOST_WORDS).map(str::to_owned).collect();
        match dials(&text, country) {
            _ if words.is_empty() => None,
            Some(dials) => Some(Self::Number { dials, ending: digits(&text), words }),
            None if is_ending(&text) => Some(Self::Number { dials: Vec::new(), ending: text, words }),
            None => Some(Self::Words(words)),
        }
    }
}

/// Fewer figures are no number that anybody would look for: they begin too many.
const FEWEST_DIGITS: usize = 6;

/// So many figures of a number's end are enough to tell it by, as people do.
const ENDING_DIGITS: usize = 4;

/// Whether it is nothing but the last figures of a number.
fn is_ending(text: &str) -> bool {
    text.len() >= ENDING_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// How the numbers begin that may be meant; `None` where it does not look like one. Written for callers from everywhere, with a
/// dialling prefix, as it is dialled at home, or only its beginning.
fn dials(text: &str, country: Option<&str>) -> Option<Vec<String>> {
    let digits = digits(text);
    let fits = |c: char| c.is_ascii_digit() || "+()-./ \u{a0}\u{2011}\u{2013}\u{202f}[]".contains(c);
    if digits.len() < FEWEST_DIGITS || !text.chars().all(fits) {
        return None;
    }
    let whole = phone::parse(text, country).ok().map(|number| number.dial);
    let whole = whole.filter(|dial| dial.starts_with('+'));
    let at_home = country.and_then(phone::country_code).filter(|_| !text.starts_with('+'));
    let at_home = at_home.map(|code| format!("+{code}{}", digits.trim_start_matches('0')));
    let mut dials: Vec<String> = whole.into_iter().chain([format!("+{digits}")]).chain(at_home).collect();
    dials.dedup();
    Some(dials)
}

/// The names of the months in the console's languages, as whole words; a list writes their beginnings.
const MONTHS: [[&str; 2]; 12] = [
    ["january", "enero"],
    ["february", "febrero"],
    ["march", "marzo"],
    ["april", "abril"],
    ["may", "mayo"],
    ["june", "junio"],
    ["july", "julio"],
    ["august", "agosto"],
    ["september", "septiembre"],
    ["october", "octubre"],
    ["november", "noviembre"],
    ["december", "diciembre"],
];

/// The month of that name, or of one that begins so.
fn month(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    let begins = |names: &[&str; 2]| word.len() >= 3 && names.iter().any(|name| name.starts_with(&word));
    MONTHS.iter().position(begins).and_then(|at| i8::try_from(at + 1).ok())
}

/// The day that a date with the name of its month means, e.g. `10 Mar 1961`, `10 de marzo de 1961` or `March 10, 1961`.
fn worded_day(text: &str) -> Option<Date> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !matches!(*word, "" | "de" | "del"));
    let words: Vec<&str> = words.collect();
    let [first, second, year] = words[..] else { return None };
    let year = (year.len() == 4).then(|| year.parse().ok()).flatten()?;
    let (day, month) = match (month(second), month(first)) {
        (Some(month), _) => (first, month),
        (None, Some(month)) => (second, month),
        (None, None) => return None,
    };
    Date::new(year, month, day.parse().ok()?).ok()
}

/// The days that a date can mean: year first, or year last with day and month either way round.
fn days(text: &str) -> Vec<Date> {
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ']).filter(|part| !part.is_empty()).collect();
    let [first, second, third] = parts[..] else { return Vec::new() };
    let day = |year: &str, month: &str, day: &str| {
        let year = (year.len() == 4).then(|| year.parse().ok()).flatten()?;
        Date::new(year, month.parse().ok()?, day.parse().ok()?).ok()
    };
    let read = [day(first, second, third), day(third, second, first), day(third, first, second)];
    let mut days: Vec<Date> = read.into_iter().flatten().collect();
    days.dedup();
    days
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn words(words: &[&str]) -> Option<SearchTerm> {
        Some(SearchTerm::Words(words.iter().map(|word| (*word).to_owned()).collect()))
    }

    #[test]
    fn one_box_is_read_as_what_it_looks_like() {
        assert_eq!(
            SearchTerm::parse(" ana@mail.example ", Some("US")),
            Some(SearchTerm::Mailbox("ana@mail.example".to_owned()))
        );
        assert_eq!(SearchTerm::parse("María José", Some("US")), words(&["María", "José"]));
        assert_eq!(SearchTerm::parse("R-1042", Some("US")), words(&["R", "1042"]));
        assert_eq!(SearchTerm::parse("\"* -", Some("US")), None);
        assert_eq!(SearchTerm::parse("  ", Some("US")), None);
    }

    #[test]
    fn a_birth_date_is_found_however_a_country_writes_it() {
        let born = |days: &[Date]| Some(SearchTerm::Born(days.to_vec()));
        assert_eq!(SearchTerm::parse("1970-03-27", Some("US")), born(&[date(1970, 3, 27)]));
        assert_eq!(SearchTerm::parse("27.3.1970", Some("US")), born(&[date(1970, 3, 27)]));
        assert_eq!(SearchTerm::parse("3/27/1970", Some("US")), born(&[date(1970, 3, 27)]));
        assert_eq!(SearchTerm::parse("03/04/1970", Some("US")), born(&[date(1970, 4, 3), date(1970, 3, 4)]));
        assert_eq!(SearchTerm::parse("5/5/1970", Some("US")), born(&[date(1970, 5, 5)]));
        assert_eq!(SearchTerm::parse("12-34-5", Some("US")), words(&["12", "34", "5"]));
    }

    #[test]
    fn a_birth_date_is_found_as_the_console_writes_it_in_either_language() {
        let born = Some(SearchTerm::Born(vec![date(1961, 3, 10)]));
        for text in [
            "10 Mar 1961",
            "10 mar 1961",
            "10 de marzo de 1961",
            "March 10, 1961",
            "10 MARCH 1961",
            "10-mar-1961",
        ] {
            assert_eq!(SearchTerm::parse(text, None), born, "{text}");
        }
        let september = Some(SearchTerm::Born(vec![date(1961, 9, 10)]));
        assert_eq!(SearchTerm::parse("10 sept 1961", None), september);
        assert_eq!(SearchTerm::parse("María Mar 1961", None), words(&["María", "Mar", "1961"]));
    }

    #[test]
    fn a_telephone_number_is_found_however_it_is_written() {
        let dials = |text: &str, country| match SearchTerm::parse(text, Some(country)) {
            Some(SearchTerm::Number { dials, .. }) => dials,
            _ => Vec::new(),
        };
        for (text, country, dial) in [
            ("+1 212-736-5000", "US", "+12127365000"),
            ("(212) 736-5000", "US", "+12127365000"),
            ("2127365000", "US", "+12127365000"),
            ("212.736.5", "US", "+12127365"),
            ("1 212 736 5000", "US", "+12127365000"),
            ("34910555100", "US", "+34910555100"),
            ("011 34 910 555 100", "US", "+34910555100"),
            ("910 55 51 00", "ES", "+34910555100"),
            ("020 7946 0000", "GB", "+442079460000"),
        ] {
            assert!(dials(text, country).contains(&dial.to_owned()), "{text}: {:?}", dials(text, country));
        }
        assert!(dials("1042", "US").is_empty() && dials("R-104210", "US").is_empty());
        assert!(dials("1970-03-27", "US").is_empty(), "a day is a day");
    }

    #[test]
    fn four_figures_may_end_a_number_and_three_may_not() {
        let ending = |text: &str| match SearchTerm::parse(text, Some("US")) {
            Some(SearchTerm::Number { ending, .. }) => ending,
            _ => String::new(),
        };
        assert_eq!((ending("5000"), ending("65000")), ("5000".to_owned(), "65000".to_owned()));
        assert_eq!((ending("500"), ending("R-5000")), (String::new(), String::new()));
        assert_eq!(ending("736-5000"), "7365000");
    }

    #[test]
    fn what_was_typed_is_not_in_its_debug() {
        assert!(!format!("{:?}", SearchTerm::parse("Zoraida", Some("US"))).contains("Zoraida"));
    }
}
