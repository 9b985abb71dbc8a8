//! What somebody typed to find a patient: one box, read as a mailbox, a birth date, or words of a name or case code.

use jiff::civil::Date;

/// What is looked for.
#[derive(Clone, PartialEq, Eq)]
pub enum SearchTerm {
    /// The beginning of an e-mail address.
    Mailbox(String),
    /// A birth date: one day, or two where day and month could be either way round.
    Born(Vec<Date>),
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
    /// Reads what was typed; `None` when it says nothing to look for.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.trim().chars().take(200).collect();
        if text.contains('@') {
            return Some(Self::Mailbox(text));
        }
        let days = days(&text);
        if !days.is_empty() {
            return Some(Self::Born(days));
        }
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let words: Vec<String> = words.take(MOST_WORDS).map(str::to_owned).collect();
        if words.is_empty() { None } else { Some(Self::Words(words)) }
    }
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
            SearchTerm::parse(" ana@mail.example "),
            Some(SearchTerm::Mailbox("ana@mail.example".to_owned()))
        );
        assert_eq!(SearchTerm::parse("María José"), words(&["María", "José"]));
        assert_eq!(SearchTerm::parse("R-1042"), words(&["R", "1042"]));
        assert_eq!(SearchTerm::parse("\"* -"), None);
        assert_eq!(SearchTerm::parse("  "), None);
    }

    #[test]
    fn a_birth_date_is_found_however_a_country_writes_it() {
        let born = |days: &[Date]| Some(SearchTerm::Born(days.to_vec()));
        assert_eq!(SearchTerm::parse("1970-03-27"), born(&[date(1970, 3, 27)]));
        assert_eq!(SearchTerm::parse("27.3.1970"), born(&[date(1970, 3, 27)]));
        assert_eq!(SearchTerm::parse("3/27/1970"), born(&[date(1970, 3, 27)]));
        assert_eq!(SearchTerm::parse("03/04/1970"), born(&[date(1970, 4, 3), date(1970, 3, 4)]));
        assert_eq!(SearchTerm::parse("5/5/1970"), born(&[date(1970, 5, 5)]));
        assert_eq!(SearchTerm::parse("12-34-56"), words(&["12", "34", "56"]));
    }

    #[test]
    fn what_was_typed_is_not_in_its_debug() {
        assert!(!format!("{:?}", SearchTerm::parse("Zoraida")).contains("Zoraida"));
    }
}
