//! What patients may read beyond their letters: leaflets, and the list of centres.

use minijinja::{Value, context};
use toml::{Table, Value as TomlValue};

use crate::config::Config;
use crate::config::origin::ConfigOrigin;
use crate::web::app_state::AppState;
use crate::web::console::auth::form_fields::FormFields;

/// What was ticked, but for the keys that the operator decides.
pub(in crate::web::console::settings) fn read(fields: &FormFields, origin: &ConfigOrigin) -> String {
    let leaflets = fields.all("leaflets").map(|name| TomlValue::String(name.to_owned())).collect();
    let all = [
        ("leaflets", TomlValue::Array(leaflets)),
        ("centres", TomlValue::Boolean(fields.get("centres") == "yes")),
    ];
    let free = all.into_iter().filter(|(key, _)| !is_fixed(origin, key));
    let keys: Table = free.map(|(key, value)| (key.to_owned(), value)).collect();
    Table::from_iter([("learn".to_owned(), TomlValue::Table(keys))]).to_string()
}

fn is_fixed(origin: &ConfigOrigin, key: &str) -> bool {
    origin.fixed(&format!("learn.{key}")).is_some()
}

pub(in crate::web::console::settings) fn fields(
    app: &AppState,
    config: &Config,
    origin: &ConfigOrigin,
) -> Value {
    let learn = &config.learn;
    let leaflet = |(name, title): (&str, &str)| {
        context! { name, title, on => learn.leaflets.contains(name) }
    };
    context! {
        kind => "reading",
        leaflets => written(app, config).into_iter().map(leaflet).collect::<Vec<_>>(),
        centres => learn.centres,
        leaflets_fixed => is_fixed(origin, "leaflets"),
        centres_fixed => is_fixed(origin, "centres"),
    }
}

/// Every leaflet there is, in the clinic's first language.
fn written<'a>(app: &'a AppState, config: &Config) -> Vec<(&'a str, &'a str)> {
    let language = config.sending.languages.first().map(String::as_str).unwrap_or_default();
    app.deps.composer.leaflets(language).collect()
}

pub(in crate::web::console::settings) fn says(app: &AppState, config: &Config) -> String {
    let on = written(app, config).into_iter().filter(|(name, _)| config.learn.leaflets.contains(*name));
    let titles: Vec<&str> = on.map(|(_, title)| title).collect();
    let centres = if config.learn.centres { "the list of centres is shown" } else { "no list of centres" };
    match titles.as_slice() {
        [] => format!("no leaflet; {centres}"),
        titles => format!("{}; {centres}", titles.join(", ")),
    }
}
