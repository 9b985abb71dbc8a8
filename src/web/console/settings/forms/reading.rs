//! What patients may read beyond their letters: leaflets, and the list of centres.

use minijinja::{Value, context};
use toml::{Table, Value as TomlValue};

use crate::config::Config;
use crate::config::origin::ConfigOrigin;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::auth::session::SignedIn;

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
    signed_in: &SignedIn,
    config: &Config,
    origin: &ConfigOrigin,
) -> Value {
    let learn = &config.learn;
    let leaflet = |(name, title): (&str, &str)| {
        context! { name, title, on => learn.leaflets.contains(name) }
    };
    context! {
        kind => "reading",
        leaflets => written(signed_in, config).into_iter().map(leaflet).collect::<Vec<_>>(),
        centres => learn.centres,
        leaflets_fixed => is_fixed(origin, "leaflets"),
        centres_fixed => is_fixed(origin, "centres"),
    }
}

/// Every leaflet there is, by its title in the language of whoever reads it, or in the clinic's first one.
fn written<'a>(signed_in: &'a SignedIn, config: &Config) -> Vec<(&'a str, &'a str)> {
    let languages = &config.sending.languages;
    let own = languages.iter().find(|one| **one == signed_in.language);
    let language = own.or(languages.first()).map(String::as_str).unwrap_or_default();
    signed_in.app.deps.composer.leaflets(language).collect()
}

pub(in crate::web::console::settings) fn says(signed_in: &SignedIn, config: &Config) -> String {
    let on = written(signed_in, config).into_iter().filter(|(name, _)| config.learn.leaflets.contains(*name));
    let titles = on.map(|(_, title)| title).collect::<Vec<_>>().join(", ");
    match (titles.as_str(), config.learn.centres) {
        ("", true) => "no leaflet; the list of centres is shown".to_owned(),
        ("", false) => "no leaflet; no list of centres".to_owned(),
        (titles, true) => format!("{titles}; the list of centres is shown"),
        (titles, false) => format!("{titles}; no list of centres"),
    }
}
