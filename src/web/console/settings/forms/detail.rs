//! How much letters say where a patient's record does not say it.

use minijinja::{Value, context};

use crate::care::patient::Detail;
use crate::care::settings::setting::Setting;
use crate::config::{Config, setting_text};
use crate::web::console::auth::form_fields::FormFields;

/// The name of the field.
pub(in crate::web::console::settings) const FIELD: &str = "detail";

pub(in crate::web::console::settings) fn read(fields: &FormFields) -> String {
    setting_text::of_words(Setting::DetailDefault, fields.get(FIELD))
}

pub(in crate::web::console::settings) fn fields(config: &Config) -> Value {
    context! { kind => "detail", level => config.sending.detail.word() }
}

pub(in crate::web::console::settings) fn says(config: &Config) -> String {
    match config.sending.detail {
        Detail::Minimal => "minimal: a date and a number to ring",
        Detail::Standard => "standard: name, kind of appointment, place",
        Detail::Full => "full: also what it is for and how to prepare",
    }
    .to_owned()
}
