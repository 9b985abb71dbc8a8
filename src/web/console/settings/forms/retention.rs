//! For how many years records are kept. A field left empty decides nothing; a key that the operator decides is shown and left
//! alone.

use minijinja::{Value, context};
use toml::{Table, Value as TomlValue};

use crate::care::record::retention::RetentionPeriods;
use crate::config::Config;
use crate::config::origin::ConfigOrigin;
use crate::web::console::auth::form_fields::FormFields;

const KEYS: [&str; 2] = ["after_last_contact", "after_death"];

/// What was typed, but for the keys that the operator decides.
pub(in crate::web::console::settings) fn read(fields: &FormFields, origin: &ConfigOrigin) -> String {
    let value = |key: &str| {
        let typed = fields.get(key).trim();
        typed.parse::<i64>().map_or_else(|_| TomlValue::String(typed.to_owned()), TomlValue::Integer)
    };
    let free = KEYS.into_iter().filter(|key| !is_fixed(origin, key) && !fields.get(key).trim().is_empty());
    let keys: Table = free.map(|key| (key.to_owned(), value(key))).collect();
    Table::from_iter([("retention".to_owned(), TomlValue::Table(keys))]).to_string()
}

fn is_fixed(origin: &ConfigOrigin, key: &str) -> bool {
    origin.fixed(&format!("retention.{key}")).is_some()
}

pub(in crate::web::console::settings) fn fields(config: &Config, origin: &ConfigOrigin) -> Value {
    let written = |years: Option<u16>| years.map(|years| years.to_string()).unwrap_or_default();
    context! {
        kind => "retention",
        after_last_contact => written(config.retention.after_last_contact),
        after_death => written(config.retention.after_death),
        fixed => KEYS.into_iter().filter(|key| is_fixed(origin, key)).collect::<Vec<_>>(),
    }
}

pub(in crate::web::console::settings) fn says(config: &Config) -> String {
    told(&config.retention)
}

/// How long records are kept, in one line.
pub(in crate::web::console) fn told(periods: &RetentionPeriods) -> String {
    match (periods.after_last_contact, periods.after_death) {
        (None, None) => "Nothing is decided: no record is ever due".to_owned(),
        (Some(left), None) => {
            format!(
                "Years after the last contact with a woman who left: {left}; after a death nothing is decided"
            )
        }
        (None, Some(died)) => {
            format!("Years after a death was recorded: {died}; for a woman who left nothing is decided")
        }
        (Some(left), Some(died)) => {
            format!(
                "Years after the last contact with a woman who left: {left}; after a death was recorded: {died}"
            )
        }
    }
}
