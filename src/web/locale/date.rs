//! Days and hours of the console in another language: `23 Nov 2026, 08:32` as `23 nov 2026, 08:32`.

use std::collections::BTreeMap;

/// The months as `strftime` writes them in English.
pub(super) const ENGLISH: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The weekdays as `strftime` writes them in English.
pub(super) const WEEKDAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Short names of months and weekdays in a language.
pub(super) struct MonthNames {
    months: Vec<String>,
    weekdays: Vec<String>,
}

impl MonthNames {
    /// The names out of the texts of a catalog.
    ///
    /// # Errors
    /// The first name that has no words.
    pub(super) fn new(texts: &BTreeMap<String, String>) -> Result<Self, String> {
        let named = |names: &[&str]| -> Result<Vec<String>, String> {
            names.iter().map(|name| texts.get(*name).cloned().ok_or_else(|| (*name).to_owned())).collect()
        };
        Ok(Self { months: named(&ENGLISH)?, weekdays: named(&WEEKDAYS)? })
    }

    /// The text in this language where it is nothing but a day, an hour, a month or a span of them; `None` for any other text.
    pub(super) fn of(&self, text: &str) -> Option<String> {
        let mut has_name = false;
        let said: Option<Vec<&str>> = text
            .split(' ')
            .map(|word| {
                let bare = word.trim_end_matches(',');
                let name = self.name(bare);
                has_name |= name.is_some();
                name.or_else(|| is_number(bare).then_some(bare))
            })
            .collect();
        let said = said.filter(|_| has_name)?;
        let ends = text.split(' ').map(|word| &word[word.trim_end_matches(',').len()..]);
        Some(said.iter().zip(ends).map(|(word, end)| format!("{word}{end}")).collect::<Vec<_>>().join(" "))
    }

    fn name(&self, word: &str) -> Option<&str> {
        let month = ENGLISH.iter().position(|name| *name == word).and_then(|at| self.months.get(at));
        let weekday = || WEEKDAYS.iter().position(|name| *name == word).and_then(|at| self.weekdays.get(at));
        month.or_else(weekday).map(String::as_str)
    }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '-' | '.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_changes_and_a_name_does_not() {
        let texts =
            ENGLISH.iter().chain(&WEEKDAYS).map(|name| ((*name).to_owned(), name.to_lowercase())).collect();
        let spanish = MonthNames::new(&texts).unwrap();
        for (text, said) in [
            ("23 Nov 2026, 08:32", Some("23 nov 2026, 08:32")),
            ("Mon 4 Jan", Some("mon 4 jan")),
            ("Jan 2027", Some("jan 2027")),
            ("May Hope", None),
            ("12", None),
            ("", None),
        ] {
            assert_eq!(spanish.of(text).as_deref(), said, "{text}");
        }
    }
}
