//! Dates with the name of the month or of the weekday, in English and Spanish: with a month in letters no order has to be guessed.

/// Names of months by which lists write them, January first; each begins with its short forms.
const MONTHS: [&str; 12] = [
    "jan|ene|january|enero",
    "feb|february|febrero",
    "mar|march|marzo",
    "apr|abr|april|abril",
    "may|mayo",
    "jun|june|junio",
    "jul|july|julio",
    "aug|ago|august|agosto",
    "sep|sept|set|september|septiembre|setiembre",
    "oct|october|octubre",
    "nov|november|noviembre",
    "dec|dic|december|diciembre",
];
const WEEKDAYS: &str = "mon|monday|tue|tues|tuesday|wed|wednesday|thu|thur|thurs|thursday|fri|friday|sat|saturday|sun|sunday|lun|lunes|mar|martes|mié|mie|miércoles|miercoles|jue|jueves|vie|viernes|sáb|sab|sábado|sabado|dom|domingo";
/// Small words beside them, and what English hangs on a number.
const BESIDE: &str = "de|del|of|the|el|st|nd|rd|th";

/// A date with its month in letters as `YYYY-MM-DD`; nothing where it has none, or more than a day.
pub(super) fn spelled(text: &str) -> Option<String> {
    let all = parts(text)?;
    let mut parts = all.iter().map(String::as_str).filter(|part| !is_one(BESIDE, part)).peekable();
    let has_weekday = all.iter().filter(|part| month(part).is_some()).count() != 1
        || all.first().is_some_and(|part| month(part).is_none());
    parts.next_if(|part| has_weekday && is_one(WEEKDAYS, part));
    let found: Vec<&str> = parts.collect();
    let [first, second, third] = <[&str; 3]>::try_from(found).ok()?;
    let (day, named, year) = match (month(first), month(second)) {
        (Some(named), None) => (second, named, third),
        (None, Some(named)) if first.len() == 4 => (third, named, first),
        (None, Some(named)) => (first, named, third),
        _ => return None,
    };
    let is_day = (1..=2).contains(&day.len()) && year.len() == 4;
    let are_numbers = [day, year].iter().all(|part| part.bytes().all(|b| b.is_ascii_digit()));
    (is_day && are_numbers).then(|| format!("{year}-{named:02}-{day:0>2}"))
}

/// The text behind the name of a weekday, where a date in numbers follows.
pub(super) fn without_weekday(text: &str) -> &str {
    let own = text.trim_start();
    let end = own.find(|c: char| !c.is_alphabetic()).unwrap_or(own.len());
    let (word, rest) = own.split_at(end);
    let rest = rest.trim_start_matches([',', '.', ' ']);
    let is_numbers = rest.starts_with(|c: char| c.is_ascii_digit());
    if is_numbers && is_one(WEEKDAYS, &word.to_lowercase()) { rest } else { text }
}

/// Runs of letters and of digits, in small letters; nothing where something else than a date's signs stands between.
fn parts(text: &str) -> Option<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    let mut last = ' ';
    for c in text.trim().chars() {
        let is_same =
            last.is_alphabetic() && c.is_alphabetic() || last.is_ascii_digit() && c.is_ascii_digit();
        match found.last_mut() {
            Some(part) if is_same => part.extend(c.to_lowercase()),
            _ if c.is_alphabetic() || c.is_ascii_digit() => found.push(c.to_lowercase().collect()),
            _ if matches!(c, ' ' | '-' | '.' | ',' | '/' | '\'') => {}
            _ => return None,
        }
        last = c;
    }
    (3..=8).contains(&found.len()).then_some(found)
}

fn month(part: &str) -> Option<usize> {
    MONTHS.iter().position(|names| is_one(names, part)).map(|at| at + 1)
}

fn is_one(list: &str, word: &str) -> bool {
    list.split('|').any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_in_letters_is_read_in_any_order_and_a_short_year_or_a_time_is_not() {
        for text in [
            "02-Feb-1971",
            "2 Feb 1971",
            "02FEB1971",
            "February 2, 1971",
            "Feb. 2nd, 1971",
            "2 de febrero de 1971",
            "Tue, 2 February 1971",
            "martes 2 de febrero de 1971",
            "mar 2 feb 1971",
            "1971-Feb-02",
            "2/feb/1971",
        ] {
            assert_eq!(spelled(text).as_deref(), Some("1971-02-02"), "{text}");
        }
        assert_eq!(spelled("2 mar 1971").as_deref(), Some("1971-03-02"));
        assert_eq!(spelled("Mar 2, 1971").as_deref(), Some("1971-03-02"));
        for text in
            ["2 Feb 71", "Feb 1971", "2 Feb 1971 10:30", "2 Febr 1971", "1971-02-02", "", "Wed 02/02/1971"]
        {
            assert_eq!(spelled(text), None, "{text}");
        }
    }

    #[test]
    fn a_weekday_before_numbers_is_taken_off() {
        assert_eq!(without_weekday("Wed 03/02/1971"), "03/02/1971");
        assert_eq!(without_weekday("mié., 03/02/1971"), "03/02/1971");
        assert_eq!(without_weekday("x 03/02/1971"), "x 03/02/1971");
    }
}
