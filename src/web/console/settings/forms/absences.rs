//! Who on the ladder is away, from when until when, and who is told in the place. A row without a rung is left out.

use jiff::civil::Date;
use minijinja::{Value, context};
use toml::{Table, Value as TomlValue};

use crate::care::alert::absence::Absence;
use crate::config::Config;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::refused_form::FieldFault;
use crate::web::console::layout::time_format::day;

/// The element that faults stand at.
pub(in crate::web::console::settings) const FIELD: &str = "absences";
const EMPTY: usize = 2;
const MOST: usize = 40;

/// The rows that name somebody, or what is wrong with which field.
pub(in crate::web::console::settings) fn read(fields: &FormFields) -> Result<String, Vec<FieldFault>> {
    let faults: Vec<FieldFault> = (0..MOST).flat_map(|row| faults(fields, row)).collect();
    if faults.is_empty() { Ok(written(fields)) } else { Err(faults) }
}

fn faults(fields: &FormFields, row: usize) -> Vec<FieldFault> {
    let (get, number) = (|name: &str| fields.get(&format!("away{row}-{name}")), row + 1);
    let mut found = Vec::new();
    if get("rung").is_empty() {
        return found;
    }
    let mut at = |name: &str, text: String| found.push(FieldFault::new(format!("away{row}-{name}"), text));
    let (from, until) = (get("from").parse::<Date>(), get("until").parse::<Date>());
    if from.is_err() {
        at("from", format!("Row {number}: give the first day."));
    }
    if until.is_err() {
        at("until", format!("Row {number}: give the last day."));
    }
    if let (Ok(from), Ok(until)) = (from, until)
        && until < from
    {
        at("until", format!("Row {number}: the last day lies before the first."));
    }
    if get("deputy") == get("rung") {
        at("deputy", format!("Row {number}: choose somebody else to be told in the place, or nobody."));
    }
    found
}

fn written(fields: &FormFields) -> String {
    let row = |row: usize| {
        let get = |name: &str| fields.get(&format!("away{row}-{name}")).to_owned();
        let mut table = Table::new();
        for key in ["rung", "from", "until", "deputy"] {
            if key != "deputy" || !get(key).is_empty() {
                table.insert(key.to_owned(), TomlValue::String(get(key)));
            }
        }
        (!get("rung").is_empty()).then_some(TomlValue::Table(table))
    };
    let rows = (0..MOST).filter_map(row).collect();
    let absences = Table::from_iter([("absence".to_owned(), TomlValue::Array(rows))]);
    Table::from_iter([("alerts".to_owned(), TomlValue::Table(absences))]).to_string()
}

pub(in crate::web::console::settings) fn fields(config: &Config) -> Value {
    let absences = &config.alerts.absences;
    let rows = absences.iter().enumerate().map(|(row, absence)| line(row, Some(absence)));
    let empty = (absences.len()..absences.len() + EMPTY).map(|row| line(row, None));
    let rungs = config.alerts.ladder.iter().map(|rung| {
        context! { key => rung.key().to_owned(), name => rung.name.clone() }
    });
    context! {
        kind => "absences",
        rows => rows.chain(empty).collect::<Vec<_>>(),
        rungs => rungs.collect::<Vec<_>>(),
    }
}

fn line(row: usize, absence: Option<&Absence>) -> Value {
    let on = |of: fn(&Absence) -> Date| absence.map(|absence| of(absence).to_string());
    context! {
        row,
        rung => absence.map(|absence| absence.rung.clone()),
        from => on(|absence| absence.from),
        until => on(|absence| absence.until),
        deputy => absence.and_then(|absence| absence.deputy.clone()),
    }
}

pub(in crate::web::console::settings) fn says(config: &Config) -> String {
    let alerts = &config.alerts;
    let name = |key: &str| {
        let rung = alerts.ladder.iter().find(|rung| rung.key() == key);
        rung.map_or_else(|| key.to_owned(), |rung| rung.name.clone())
    };
    let told = |absence: &Absence| {
        let deputy = absence.deputy.as_deref().map_or_else(|| "nobody".to_owned(), name);
        let (from, until) = (day(absence.from), day(absence.until));
        format!("{} from {from} to {until}, in the place {deputy}", name(&absence.rung))
    };
    let all: Vec<String> = alerts.absences.iter().map(told).collect();
    if all.is_empty() { "nobody".to_owned() } else { all.join("; ") }
}
