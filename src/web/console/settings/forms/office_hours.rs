//! When the clinic is open: in words for patients, language by language, and as hours and days for what staff are asked to do.

use minijinja::{Value, context};
use toml::{Table, Value as TomlValue};

use crate::config::Config;
use crate::config::file::fault::Fault;
use crate::config::origin::ConfigOrigin;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::machine_words;
use crate::web::console::settings::forms::sending::DAYS;

/// The field of the words in the clinic's first language.
pub(in crate::web::console::settings) const WORDS: &str = "opening_hours";
const WINDOW: &str = "staffed";
const WEEKDAYS: &str = "staffed_weekdays";
const OTHERS: &str = "clinic.in.*.opening_hours";

/// What was typed, but for the keys that the operator decides.
pub(in crate::web::console::settings) fn read(fields: &FormFields, origin: &ConfigOrigin) -> String {
    let text = |name: &str| TomlValue::String(fields.get(name).to_owned());
    let mut clinic = Table::new();
    let mut put = |key: &str, value: TomlValue| {
        if origin.fixed(&format!("clinic.{key}")).is_none() {
            clinic.insert(key.to_owned(), value);
        }
    };
    put(WORDS, text(WORDS));
    if !(fields.get("from").is_empty() && fields.get("until").is_empty()) {
        put(WINDOW, TomlValue::Array(vec![text("from"), text("until")]));
    }
    let days: Vec<TomlValue> = fields.all(WEEKDAYS).map(TomlValue::from).collect();
    if !days.is_empty() {
        put(WEEKDAYS, TomlValue::Array(days));
    }
    if origin.fixed(OTHERS).is_none() {
        let others = fields.starting("in.").filter(|(_, words)| !words.is_empty());
        let local: Table = others.map(|(language, words)| (language.to_owned(), said(words))).collect();
        if !local.is_empty() {
            clinic.insert("in".to_owned(), TomlValue::Table(local));
        }
    }
    Table::from_iter([("clinic".to_owned(), TomlValue::Table(clinic))]).to_string()
}

fn said(words: &str) -> TomlValue {
    TomlValue::Table(Table::from_iter([(WORDS.to_owned(), words.into())]))
}

pub(in crate::web::console::settings) fn fields(config: &Config) -> Value {
    let (clinic, origin) = (&config.clinic, &config.origin);
    let own = |language: &String| clinic.local.get(language).and_then(|local| local.opening_hours.clone());
    let other = |language: &String| {
        let name = machine_words::language(language);
        context! { field => format!("in.{language}"), name, words => own(language) }
    };
    let first = config.sending.languages.first().map(|code| machine_words::language(code));
    let is_on = |day| clinic.staffed_weekdays.as_ref().is_some_and(|days| days.contains(&day));
    let day = |(word, name, day)| context! { word, name, on => is_on(day) };
    let hour = |at: jiff::civil::Time| at.strftime("%H:%M").to_string();
    context! {
        kind => "opening",
        first,
        words => clinic.opening_hours.clone(),
        others => config.sending.languages.iter().skip(1).map(other).collect::<Vec<_>>(),
        from => clinic.staffed.map(|window| hour(window.opens)),
        until => clinic.staffed.map(|window| hour(window.closes)),
        weekdays => DAYS.map(day).to_vec(),
        words_fixed => origin.fixed("clinic.opening_hours").is_some(),
        others_fixed => origin.fixed(OTHERS).is_some(),
        staffed_fixed => origin.fixed("clinic.staffed").is_some(),
        weekdays_fixed => origin.fixed("clinic.staffed_weekdays").is_some(),
    }
}

pub(in crate::web::console::settings) fn says(config: &Config) -> String {
    let hours = config.office_hours();
    let open = DAYS.iter().filter(|(.., day)| hours.days.weekdays.contains(day));
    let days = open.map(|(_, name, _)| *name).collect::<Vec<_>>().join(", ");
    let (opens, closes) = (hours.opens.strftime("%H:%M"), hours.closes.strftime("%H:%M"));
    format!("{}; tasks are due between {opens} and {closes} on {days}", config.clinic.opening_hours)
}

/// The field that a fault is about.
pub(in crate::web::console::settings) fn field(fault: &Fault) -> String {
    let key = fault.problem.strip_prefix('`').and_then(|rest| rest.split_once('`')).map(|(key, _)| key);
    let language = key.and_then(|key| key.strip_prefix("clinic.in.")?.strip_suffix(".opening_hours"));
    match (language, key.and_then(|key| key.strip_prefix("clinic."))) {
        (Some(language), _) => format!("in.{language}"),
        (None, Some(name @ (WINDOW | WEEKDAYS))) => name.to_owned(),
        (None, _) => WORDS.to_owned(),
    }
}
