//! Who is told of an alert: a row for each rung, and two empty ones. A row without name and address is left out.

use std::collections::BTreeSet;

use minijinja::{Value, context};
use toml::{Table, Value as TomlValue};

use crate::care::address::EmailAddress;
use crate::config::Config;
use crate::config::sections::alerts::LadderEntry;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::refused_form::FieldFault;
use crate::web::console::settings::forms::sending::DAYS;

/// The element that faults stand at.
pub(in crate::web::console::settings) const FIELD: &str = "ladder";
/// Rows that wait to be filled.
const EMPTY: usize = 2;
/// More rows than a form of ours has are not read.
const MOST: usize = 30;
/// So many minutes after an alert its last rung is told.
const LATEST: u32 = 60;

/// One row as it was typed.
struct TypedRung {
    minutes: u32,
    place: u32,
    table: Table,
}

/// The rows in the order in which they are told, or what is wrong with which field.
pub(in crate::web::console::settings) fn read(fields: &FormFields) -> Result<String, Vec<FieldFault>> {
    let faults = faults(fields);
    if faults.is_empty() { Ok(written(fields)) } else { Err(faults) }
}

fn faults(fields: &FormFields) -> Vec<FieldFault> {
    let rows: Vec<usize> = (0..MOST).filter(|row| is_filled(fields, *row)).collect();
    let Some(first) = rows.first() else {
        return vec![FieldFault::new(FIELD, "Name at least one person who is told of an alert.")];
    };
    let found: Vec<FieldFault> = rows.iter().flat_map(|row| row_faults(fields, *row)).collect();
    let is_at_once = |row: &usize| minutes(fields, *row) == Some(0);
    if found.is_empty() && !rows.iter().any(is_at_once) {
        let text = "Nobody is told at once: write 0 minutes in one row.";
        return vec![FieldFault::new(format!("rung{first}-after"), text)];
    }
    found
}

fn row_faults(fields: &FormFields, row: usize) -> Vec<FieldFault> {
    let (get, number) = (|name: &str| field(fields, row, name), row + 1);
    let mut found = Vec::new();
    let mut at = |name: &str, text: String| found.push(FieldFault::new(format!("rung{row}-{name}"), text));
    if get("name").is_empty() {
        at("name", format!("Row {number}: say who it is."));
    }
    if EmailAddress::parse(get("email")).is_err() {
        at("email", format!("Row {number}: give one e-mail address, like ward@clinic.example."));
    }
    if minutes(fields, row).is_none() {
        at("after", format!("Row {number}: write whole minutes, from 0 to 60."));
    }
    match (get("from"), get("until")) {
        ("", "") => (),
        ("", _) => at("from", format!("Row {number}: give both hours, or leave both empty.")),
        (_, "") => at("until", format!("Row {number}: give both hours, or leave both empty.")),
        _ => (),
    }
    found
}

/// After how many minutes a row is told, if that can be.
fn minutes(fields: &FormFields, row: usize) -> Option<u32> {
    field(fields, row, "after").parse().ok().filter(|minutes| *minutes <= LATEST)
}

fn is_filled(fields: &FormFields, row: usize) -> bool {
    !(field(fields, row, "name").is_empty() && field(fields, row, "email").is_empty())
}

fn written(fields: &FormFields) -> String {
    let mut taken: BTreeSet<String> = (0..MOST).map(|row| field(fields, row, "id").to_owned()).collect();
    let mut rungs: Vec<TypedRung> = (0..MOST).filter_map(|row| rung(fields, row, &mut taken)).collect();
    rungs.sort_by_key(|rung| (rung.minutes, rung.place));
    let tables = rungs.into_iter().map(|rung| TomlValue::Table(rung.table)).collect();
    let ladder = Table::from_iter([("ladder".to_owned(), TomlValue::Array(tables))]);
    Table::from_iter([("alerts".to_owned(), TomlValue::Table(ladder))]).to_string()
}

fn field<'f>(fields: &'f FormFields, row: usize, name: &str) -> &'f str {
    fields.get(&format!("rung{row}-{name}"))
}

fn rung(fields: &FormFields, row: usize, taken: &mut BTreeSet<String>) -> Option<TypedRung> {
    let get = |name: &str| field(fields, row, name);
    if !is_filled(fields, row) {
        return None;
    }
    let id =
        Some(get("id")).filter(|id| !id.is_empty()).map_or_else(|| fresh(get("name"), taken), str::to_owned);
    let mut table = Table::new();
    let mut put = |key: &str, value: TomlValue| drop(table.insert(key.to_owned(), value));
    put("id", TomlValue::String(id));
    put("name", get("name").into());
    put("email", get("email").into());
    put("after", format!("{}m", get("after")).into());
    for key in ["phone", "webhook"] {
        if !get(key).is_empty() {
            put(key, get(key).into());
        }
    }
    if !(get("from").is_empty() && get("until").is_empty()) {
        put("hours", TomlValue::Array(vec![get("from").into(), get("until").into()]));
    }
    let days: Vec<TomlValue> = fields.all(&format!("rung{row}-days")).map(TomlValue::from).collect();
    if !days.is_empty() && days.len() < DAYS.len() {
        put("days", TomlValue::Array(days));
    }
    let minutes = get("after").parse().unwrap_or_default();
    let place = get("place").parse().unwrap_or_else(|_| u32::try_from(row).unwrap_or_default() + 1);
    Some(TypedRung { minutes, place, table })
}

/// A name for good, made of the first one: it stays when the name changes.
fn fresh(name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let stem: String = name.chars().map(plain).take(40).collect();
    let stem = Some(stem.trim_matches('-').to_owned()).filter(|stem| !stem.is_empty());
    let stem = stem.unwrap_or_else(|| "rung".to_owned());
    let numbered = (2..).map(|n: u32| format!("{stem}-{n}"));
    let id = std::iter::once(stem.clone()).chain(numbered).find(|id| !taken.contains(id)).unwrap_or(stem);
    taken.insert(id.clone());
    id
}

pub(in crate::web::console::settings) fn fields(config: &Config) -> Value {
    let ladder = &config.alerts.ladder;
    let rows = ladder.iter().enumerate().map(|(row, rung)| line(row, Some(rung)));
    let empty = (ladder.len()..ladder.len() + EMPTY).map(|row| line(row, None));
    context! { kind => "ladder", rungs => rows.chain(empty).collect::<Vec<_>>() }
}

fn line(row: usize, rung: Option<&LadderEntry>) -> Value {
    let days = |day: jiff::civil::Weekday| {
        rung.is_none_or(|rung| rung.days.as_ref().is_none_or(|days| days.contains(&day)))
    };
    let hour = |at: jiff::civil::Time| at.strftime("%H:%M").to_string();
    let window = rung.and_then(|rung| rung.hours);
    context! {
        row,
        id => rung.and_then(|rung| rung.id.clone()),
        name => rung.map(|rung| rung.name.clone()),
        email => rung.map(|rung| rung.email.expose().to_owned()),
        phone => rung.and_then(|rung| rung.phone.clone()),
        webhook => rung.and_then(|rung| rung.webhook.clone()),
        after => rung.map(|rung| rung.after.as_secs() / 60),
        place => row + 1,
        from => window.map(|window| hour(window.opens)),
        until => window.map(|window| hour(window.closes)),
        days => DAYS.iter().map(|&(word, name, day)| context! { word, name, on => days(day) }).collect::<Vec<_>>(),
    }
}

pub(in crate::web::console::settings) fn says(config: &Config) -> String {
    let told = |rung: &LadderEntry| match rung.after.as_secs() / 60 {
        0 => format!("{} at once", rung.name),
        minutes => format!("{} after {minutes} min", rung.name),
    };
    config.alerts.ladder.iter().map(told).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(of: &[(&str, &str)]) -> Result<String, Vec<FieldFault>> {
        read(&FormFields::new(of.iter().map(|(n, w)| ((*n).to_owned(), (*w).to_owned())).collect()))
    }

    #[test]
    fn rows_come_in_the_order_they_are_told_and_a_new_one_gets_a_name_for_good() {
        let text = typed(&[
            ("rung0-id", "head"),
            ("rung0-name", "Head"),
            ("rung0-email", "h@x.example"),
            ("rung0-after", "30"),
            ("rung1-name", "Head"),
            ("rung1-email", "n@x.example"),
            ("rung1-after", "0"),
            ("rung2-name", ""),
        ])
        .unwrap();
        let table: Table = text.parse().unwrap();
        let rungs = table["alerts"]["ladder"].as_array().unwrap();
        let ids: Vec<&str> = rungs.iter().map(|rung| rung["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["head-2", "head"]);
    }
}
