//! Days on which no routine letter leaves: one a line, or from a calendar file.

use minijinja::{Value, context};
use toml::Value as TomlValue;

use crate::care::settings::setting::Setting;
use crate::config::{Config, holiday_calendar, setting_text};
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::refused_form::FieldFault;
use crate::web::console::layout::sentence::sentence;
use crate::web::console::layout::time_format::day;

/// The name of the field with a day on each line.
pub(in crate::web::console::settings) const FIELD: &str = "days";
/// The name of the field with a file.
const FILE: &str = "calendar";
/// So many days are named where a list stands in one line.
const NAMED: usize = 4;

/// The days that were typed, and those of the file.
pub(in crate::web::console::settings) fn read(fields: &FormFields) -> Result<String, Vec<FieldFault>> {
    let typed = fields.get(FIELD).split(|c: char| c.is_whitespace() || c == ',' || c == ';');
    let mut days: Vec<String> = typed.filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let file = fields.get(FILE);
    if !file.is_empty() {
        let found = holiday_calendar::days(file)
            .map_err(|fault| vec![FieldFault::new(FILE, sentence(&fault.to_string()))])?;
        days.extend(found.iter().map(ToString::to_string));
    }
    days.sort();
    days.dedup();
    let days = days.into_iter().map(TomlValue::String).collect();
    Ok(setting_text::of_value(Setting::Holidays, TomlValue::Array(days)))
}

pub(in crate::web::console::settings) fn fields(config: &Config) -> Value {
    let days = config.clinic.holidays.iter().map(ToString::to_string).collect::<Vec<_>>();
    context! { kind => "holidays", days => days.join("\n"), rows => days.len().clamp(6, 24) }
}

pub(in crate::web::console::settings) fn says(config: &Config) -> String {
    let holidays = &config.clinic.holidays;
    let named = holidays.iter().take(NAMED).map(|on| day(*on)).collect::<Vec<_>>().join(", ");
    match holidays.len() {
        0 => "none".to_owned(),
        n if n > NAMED => format!("{n} days: {named}, and {} more", n - NAMED),
        _ => named,
    }
}
