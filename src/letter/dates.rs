//! Dates and hours written out in a language's own words.

use std::collections::BTreeMap;

use jiff::Zoned;
use jiff::civil::{Date, Time};

use crate::letter::content::Appointment;

/// A language's names of days and months and its patterns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateWords {
    weekdays: Vec<String>,
    months: Vec<String>,
    pattern: String,
    moment: String,
    /// Of words kept from before opening hours named their clock: empty.
    hours: String,
    /// Of a clock that counts to twelve.
    halves: Option<HalfDays>,
}

/// How a clock that counts to twelve tells the halves of a day apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct HalfDays {
    am: String,
    pm: String,
    /// Of words kept from before it had a name: empty.
    noon: String,
    /// The hour at which a day begins; empty as the one above.
    midnight: String,
}

impl HalfDays {
    /// "12:00 pm" is read both ways: noon and midnight go by their names.
    fn hour(&self, at: Time) -> String {
        match (at.hour(), at.minute()) {
            (0, 0) if !self.midnight.is_empty() => self.midnight.clone(),
            (12, 0) if !self.noon.is_empty() => self.noon.clone(),
            (hour, minute) => {
                let half = if hour < 12 { &self.am } else { &self.pm };
                format!("{}:{minute:02} {half}", (hour + 11) % 12 + 1)
            }
        }
    }
}

impl DateWords {
    /// Reads `dates.*` of a pack, and what `dates.US.*` says otherwise for that region; what is missing stays empty and is
    /// told by `prove`.
    #[must_use]
    pub fn read(strings: &BTreeMap<String, String>, region: Option<&str>) -> Self {
        let there = |key: &str| region.and_then(|region| strings.get(&format!("dates.{region}.{key}")));
        let one = |key: &str| {
            let plain = || strings.get(&format!("dates.{key}"));
            there(key).or_else(plain).cloned().unwrap_or_default()
        };
        let list = |key: &str, count: usize| (1..=count).map(|n| one(&format!("{key}.{n:02}"))).collect();
        Self {
            weekdays: list("weekdays", 7),
            months: list("months", 12),
            pattern: one("day"),
            moment: one("moment"),
            hours: one("hours"),
            halves: (one("clock") == "12h").then(|| HalfDays {
                am: one("am"),
                pm: one("pm"),
                noon: one("noon"),
                midnight: one("midnight"),
            }),
        }
    }

    /// A day, e.g. `Tuesday 3 March 2026`.
    #[must_use]
    pub fn day(&self, on: Date) -> String {
        let name = |names: &[String], from_one: i8| {
            usize::try_from(from_one)
                .ok()
                .and_then(|n| names.get(n.wrapping_sub(1)))
                .cloned()
                .unwrap_or_default()
        };
        fill(
            &self.pattern,
            &[
                ("weekday", &name(&self.weekdays, on.weekday().to_monday_one_offset())),
                ("day", &on.day().to_string()),
                ("month", &name(&self.months, on.month())),
                ("year", &on.year().to_string()),
            ],
        )
    }

    /// Whether a day is written month first.
    #[must_use]
    pub fn is_month_first(&self) -> bool {
        self.pattern.find("{month}") < self.pattern.find("{day}")
    }

    /// An hour, e.g. `10:30`, or `10:30 am` where the language counts to twelve.
    #[must_use]
    pub fn hour(&self, at: Time) -> String {
        match &self.halves {
            None => format!("{:02}:{:02}", at.hour(), at.minute()),
            Some(halves) => halves.hour(at),
        }
    }

    /// A moment where somebody is, with the city of that clock, e.g. `Tuesday 3 March 2026, 10:30 (Madrid)`.
    #[must_use]
    pub fn local_moment(&self, local: &Zoned) -> String {
        let city = city(local.time_zone().iana_name().unwrap_or("UTC"));
        format!("{}, {} ({city})", self.day(local.date()), self.hour(local.time()))
    }

    /// An appointment with its zone, e.g. `Tuesday 3 March 2026, 10:30 (clinic time, Madrid)`.
    #[must_use]
    pub fn moment(&self, appointment: &Appointment) -> String {
        let city = city(&appointment.zone);
        let (day, hour) = (self.day(appointment.on), self.hour(appointment.at));
        fill(&self.moment, &[("day", &day), ("hour", &hour), ("city", &city)])
    }

    /// Opening hours with the clock they count by, as appointments have it: whoever reads them may live by another.
    pub(super) fn opening_hours(&self, hours: &str, zone: Option<&str>) -> String {
        match zone.filter(|_| !self.hours.is_empty()) {
            Some(zone) => fill(&self.hours, &[("hours", hours), ("city", &city(zone))]),
            None => hours.to_owned(),
        }
    }
}

/// The city that stands for a zone.
fn city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or_default().replace('_', " ")
}

/// Puts values in the place of `{names}`; a name that is not given stays as it is.
#[must_use]
pub fn fill(pattern: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(pattern.len() + 32);
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let known = after.split_once('}').and_then(|(name, tail)| {
            values.iter().find(|(key, _)| *key == name).map(|(_, value)| (value, tail))
        });
        if let Some((value, tail)) = known {
            out.push_str(value);
            rest = tail;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::proof::samples;
    use jiff::civil::{date, time};

    #[test]
    fn days_are_written_in_the_languages_own_words() {
        let wording = samples::wording();
        let words = |language: &str, region| DateWords::read(&wording.languages[language].strings, region);
        let day = |language: &str| words(language, None).day(date(2026, 3, 3));
        assert_eq!(day("en"), "Tuesday 3 March 2026");
        assert_eq!(day("es"), "martes 3 de marzo de 2026");
        assert_eq!(words("en", Some("GB")), words("en", None));
    }

    #[test]
    fn opening_hours_name_their_clock_in_every_language() {
        let wording = samples::wording();
        let said = |language: &str| {
            let words = DateWords::read(&wording.languages[language].strings, None);
            words.opening_hours("8-17", Some("America/New_York"))
        };
        assert_eq!(said("en"), "8-17 (clinic time, New York)");
        assert_eq!(said("es"), "8-17 (hora de la clínica, New York)");
        assert_eq!(DateWords::default().opening_hours("8-17", Some("America/New_York")), "8-17");
    }

    #[test]
    fn in_the_united_states_the_month_comes_first_and_the_clock_counts_to_twelve() {
        let wording = samples::wording();
        let said = |language: &str| {
            let words = DateWords::read(&wording.languages[language].strings, Some("US"));
            (words.day(date(2026, 3, 3)), words.hour(time(14, 30, 0, 0)), words.is_month_first())
        };
        assert_eq!(said("en"), ("Tuesday, March 3, 2026".to_owned(), "2:30 pm".to_owned(), true));
        assert_eq!(said("es"), ("martes, 3 de marzo de 2026".to_owned(), "2:30 p. m.".to_owned(), false));
    }

    #[test]
    fn a_moment_names_the_city_whose_clock_it_is() {
        let at: jiff::Timestamp = "2026-11-27T07:36:00Z".parse().unwrap();
        let local = |zone: &str| at.in_tz(zone).unwrap();
        let wording = samples::wording();
        let said = |language: &str, zone: &str| {
            let words = DateWords::read(&wording.languages[language].strings, None);
            words.local_moment(&local(zone))
        };
        assert_eq!(said("en", "Australia/Sydney"), "Friday 27 November 2026, 18:36 (Sydney)");
        assert_eq!(said("es", "America/New_York"), "viernes 27 de noviembre de 2026, 02:36 (New York)");
        assert_eq!(said("en", "UTC"), "Friday 27 November 2026, 07:36 (UTC)");
    }

    #[test]
    fn twelve_hour_clocks_know_noon_and_midnight() {
        let wording = samples::wording();
        let times = [(0, 0), (0, 5), (11, 59), (12, 0), (12, 1), (23, 59)].map(|(h, m)| time(h, m, 0, 0));
        let said = |language: &str, region| {
            let words = DateWords::read(&wording.languages[language].strings, region);
            times.map(|at| words.hour(at))
        };
        let midnight = "12 midnight, as this day begins";
        assert_eq!(
            said("en", Some("US")),
            [midnight, "12:05 am", "11:59 am", "12 noon", "12:01 pm", "11:59 pm"]
        );
        let spanish = said("es", Some("US"));
        assert_eq!((spanish[3].as_str(), spanish[4].as_str()), ("12 del mediodía", "12:01 p. m."));
        assert!(spanish[0].starts_with("12 de la noche"), "{spanish:?}");
        assert_eq!(said("en", Some("GB"))[3], "12:00");
        let mut kept = wording.languages["en"].strings.clone();
        kept.retain(|key, _| !matches!(key.as_str(), "dates.noon" | "dates.midnight"));
        let words = DateWords::read(&kept, Some("US"));
        assert_eq!(words.hour(times[3]), "12:00 pm", "a letter kept from before comes out as it left");
    }

    #[test]
    fn a_value_that_looks_like_a_name_is_not_filled_again() {
        assert_eq!(fill("Dear {name}, {x} {", &[("name", "{name}"), ("x", "y")]), "Dear {name}, y {");
    }
}
