//! `[sending]`: when and how much is sent, how it is tried again, and in which languages.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::civil::{Date, Time, Weekday, time};

use crate::care::guards::volume::UnusualVolume;
use crate::care::patient::Detail;
use crate::care::time::calendar::{OpenDays, SendingHours};
use crate::config::file::ranges::{count, span};
use crate::config::file::reader::Section;
use crate::config::file::time_window::TimeWindow;
use crate::config::file::values::{self, language, list, one_of, weekdays, window};

/// When and how much is sent.
#[derive(Debug, Clone)]
pub struct Sending {
    /// `at`, `window`, `weekdays` and the clinic's holidays.
    pub hours: SendingHours,
    /// How much a letter says where a patient's record does not say it.
    pub detail: Detail,
    /// Most letters to one patient on one local day, from 1 to 20.
    pub daily_cap: u32,
    /// Most letters to one patient in seven days, from 1 to 140.
    pub weekly_cap: u32,
    /// Most letters a minute over all connections.
    pub max_per_minute: u32,
    /// What becomes of a day with far more letters than usual.
    pub unusual_volume: UnusualVolume,
    /// Waits before each new attempt, 1 to 20 of them; the last one repeats.
    pub retry: Vec<Duration>,
    /// After this long an unsent letter is given up, at the latest; from 1 minute to 30 days.
    pub give_up_after: Duration,
    /// How long a letter of unknown fate rests before it goes again, at most 1 day.
    pub unknown_rests: Duration,
    /// Languages in which the clinic writes; the first is the fallback.
    pub languages: Vec<String>,
}

const UNUSUAL: [(&str, UnusualVolume); 2] = [("hold", UnusualVolume::Waits), ("send", UnusualVolume::Leaves)];

const DETAILS: [(&str, Detail); 3] =
    [("minimal", Detail::Minimal), ("standard", Detail::Standard), ("full", Detail::Full)];

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

impl Sending {
    /// Reads the section; `holidays` are the clinic's.
    pub(in crate::config) fn read(s: &Section<'_, '_>, holidays: BTreeSet<Date>) -> Self {
        let at = s.or("at", time(9, 0, 0, 0), values::time);
        let day = TimeWindow { opens: time(8, 0, 0, 0), closes: time(20, 0, 0, 0) };
        let open = s.or("window", day, window);
        let weekdays = s.or("weekdays", workdays(), weekdays);
        let detail = s.or("detail", Detail::Standard, |v| one_of(v, &DETAILS));
        let daily_cap = s.or("daily_cap", 2, count(1, 20));
        let weekly_cap = s.or("weekly_cap", 5, count(1, 140));
        let max_per_minute = s.or("max_per_minute", 600, count(1, 100_000_000));
        let unusual_volume = s.or("unusual_volume", UnusualVolume::Waits, |v| one_of(v, &UNUSUAL));
        let steps = [5 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR].map(Duration::from_secs);
        let retry = s.or("retry", steps.to_vec(), |v| list(v, span("1s", "7d")));
        let give_up_after = s.or("give_up_after", Duration::from_secs(3 * DAY), span("1h", "30d"));
        let unknown_rests = s.or("unknown_rests", Duration::from_secs(10 * MINUTE), span("1s", "1d"));
        let languages = s.or("languages", vec!["en".to_owned(), "es".to_owned()], |v| list(v, language));
        at_in_window(s, at, open);
        check_retry(s, &retry, give_up_after);
        if weekly_cap < daily_cap {
            s.fault(
                "weekly_cap",
                "is smaller than `daily_cap`",
                "a week must allow at least what one day allows",
            );
        }
        check_languages(s, &languages);
        s.close();
        let days = OpenDays { weekdays, holidays };
        let hours = SendingHours { days, at, opens: open.opens, closes: open.closes };
        Self {
            hours,
            detail,
            daily_cap,
            weekly_cap,
            max_per_minute,
            unusual_volume,
            retry,
            give_up_after,
            unknown_rests,
            languages,
        }
    }
}

fn workdays() -> Vec<Weekday> {
    vec![Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday]
}

fn check_languages(s: &Section<'_, '_>, languages: &[String]) {
    if languages.is_empty() {
        s.fault("languages", "names no language", "name at least one, e.g. `[\"en\"]`");
    }
    let twice = languages.iter().enumerate().find(|(n, language)| languages[..*n].contains(language));
    if let Some((_, language)) = twice {
        s.fault(
            "languages",
            &format!("names `{language}` twice"),
            "name each language once, the clinic's own first",
        );
    }
}

fn at_in_window(s: &Section<'_, '_>, at: Time, window: TimeWindow) {
    if !window.holds(at) {
        let TimeWindow { opens, closes } = window;
        let key = if s.has("at") { "at" } else { "window" };
        let hint = "reminders leave at `at`, so the window must hold it; its end is exclusive";
        s.fault(key, &format!("puts reminders at {at}, outside the window {opens} to {closes}"), hint);
    }
}

const MOST_RETRIES: usize = 20;

fn check_retry(s: &Section<'_, '_>, steps: &[Duration], give_up_after: Duration) {
    if steps.is_empty() {
        s.fault("retry", "names no step", "name at least one wait, e.g. `[\"5m\", \"1h\"]`");
    }
    if steps.len() > MOST_RETRIES {
        s.fault("retry", "names more than 20 waits", "name 1 to 20: the last one repeats");
    }
    if steps.is_sorted() {
        if steps.first().is_some_and(|first| *first > give_up_after) {
            s.fault(
                "give_up_after",
                "is shorter than the first retry",
                "no letter would ever be tried twice",
            );
        }
        return;
    }
    s.fault("retry", "goes down", "write the waits from short to long: `[\"5m\", \"1h\"]`");
}
