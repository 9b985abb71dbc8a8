//! Hour, window and weekdays of letters, and how many of them one patient gets. A key that the operator decides is shown and
//! left alone.

use jiff::civil::{Time, Weekday};
use minijinja::{Value, context};
use toml::{Table, Value as TomlValue};

use crate::config::Config;
use crate::config::origin::ConfigOrigin;
use crate::web::console::auth::form_fields::FormFields;

/// The weekdays: word in the file, name, value.
pub(in crate::web::console::settings) const DAYS: [(&str, &str, Weekday); 7] = [
    ("mon", "Monday", Weekday::Monday),
    ("tue", "Tuesday", Weekday::Tuesday),
    ("wed", "Wednesday", Weekday::Wednesday),
    ("thu", "Thursday", Weekday::Thursday),
    ("fri", "Friday", Weekday::Friday),
    ("sat", "Saturday", Weekday::Saturday),
    ("sun", "Sunday", Weekday::Sunday),
];
const KEYS: [&str; 5] = ["at", "window", "weekdays", "daily_cap", "weekly_cap"];

/// What was typed, but for the keys that the operator decides.
pub(in crate::web::console::settings) fn read(fields: &FormFields, origin: &ConfigOrigin) -> String {
    let text = |name: &str| TomlValue::String(fields.get(name).to_owned());
    let number = |name: &str| fields.get(name).parse::<i64>().map_or_else(|_| text(name), TomlValue::Integer);
    let value = |key: &str| match key {
        "window" => TomlValue::Array(vec![text("opens"), text("closes")]),
        "weekdays" => {
            let days = fields.all("weekdays").map(|day| TomlValue::String(day.to_owned()));
            TomlValue::Array(days.collect())
        }
        "at" => text("at"),
        cap => number(cap),
    };
    let free = KEYS.into_iter().filter(|key| !is_fixed(origin, key));
    let keys: Table = free.map(|key| (key.to_owned(), value(key))).collect();
    Table::from_iter([("sending".to_owned(), TomlValue::Table(keys))]).to_string()
}

fn is_fixed(origin: &ConfigOrigin, key: &str) -> bool {
    origin.fixed(&format!("sending.{key}")).is_some()
}

pub(in crate::web::console::settings) fn fields(config: &Config, origin: &ConfigOrigin) -> Value {
    let sending = &config.sending;
    let hours = &sending.hours;
    let day = |(word, name, day): (&'static str, &'static str, Weekday)| {
        context! { word, name, on => hours.days.weekdays.contains(&day) }
    };
    context! {
        kind => "sending",
        at => clock(hours.at),
        opens => clock(hours.opens),
        closes => clock(hours.closes),
        weekdays => DAYS.map(day).to_vec(),
        daily_cap => sending.daily_cap,
        weekly_cap => sending.weekly_cap,
        fixed => KEYS.into_iter().filter(|key| is_fixed(origin, key)).collect::<Vec<_>>(),
    }
}

pub(in crate::web::console::settings) fn says(config: &Config) -> String {
    let sending = &config.sending;
    let hours = &sending.hours;
    let open = DAYS.iter().filter(|(.., day)| hours.days.weekdays.contains(day));
    let days = open.map(|(_, name, _)| *name).collect::<Vec<_>>().join(", ");
    format!(
        "reminders at {}, letters between {} and {} on {days}; at most {} a day and {} in seven days to one patient",
        clock(hours.at),
        clock(hours.opens),
        clock(hours.closes),
        sending.daily_cap,
        sending.weekly_cap
    )
}

fn clock(at: Time) -> String {
    at.strftime("%H:%M").to_string()
}
