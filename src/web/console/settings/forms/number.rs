//! A number to ring.

use minijinja::{Value, context};

use crate::care::settings::setting::Setting;
use crate::config::{Config, setting_text};
use crate::web::console::auth::form_fields::FormFields;

/// The name of the field.
pub(in crate::web::console::settings) const FIELD: &str = "value";

/// The number as it would stand in `aftercare.toml`.
pub(in crate::web::console::settings) fn read(setting: Setting, fields: &FormFields) -> String {
    setting_text::of_words(setting, fields.get(FIELD))
}

pub(in crate::web::console::settings) fn fields(setting: Setting, config: &Config) -> Value {
    context! { kind => "number", value => says(setting, config) }
}

pub(in crate::web::console::settings) fn says(setting: Setting, config: &Config) -> String {
    let clinic = &config.clinic;
    match setting {
        Setting::OfficePhone => clinic.phone_office.clone(),
        Setting::DayAndNightPhone => clinic.phone_24h.clone(),
        _ => clinic.emergency_number.clone(),
    }
}
