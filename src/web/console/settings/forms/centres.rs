//! The list of spine centres: words around it in each language, and a row for each centre. A row without name and place is
//! left out; a file in the form of `centres.toml` takes the place of all of it.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::{Value, context};
use toml::{Table, Value as TomlValue};

use crate::config::centres::Centres;
use crate::config::file::fault::Fault;
use crate::web::console::auth::form_fields::FormFields;
use crate::web::console::layout::machine_words;

/// The element that faults of the whole stand at.
pub(in crate::web::console::settings) const FIELD: &str = "centres";
/// The field of a file.
pub(in crate::web::console::settings) const FILE: &str = "file";
/// Rows that wait to be filled.
const EMPTY: usize = 2;
/// More rows than a form of ours has are not read.
const MOST: usize = 60;

/// The list as its file would have it.
pub(in crate::web::console::settings) fn read(fields: &FormFields) -> String {
    let file = fields.get(FILE);
    if !file.trim().is_empty() {
        // Without its comments it is what the form makes of the same list.
        return file.parse::<Table>().map_or_else(|_| file.to_owned(), |table| table.to_string());
    }
    let each = |prefix: &str| -> Vec<(String, String)> {
        let given = fields.starting(prefix).filter(|(_, words)| !words.trim().is_empty());
        given.map(|(name, words)| (name.to_owned(), words.trim().to_owned())).collect()
    };
    let lines = |words: String| {
        let lines = words.lines().map(str::trim).filter(|line| !line.is_empty());
        TomlValue::Array(lines.map(TomlValue::from).collect())
    };
    let intro: Table = each("intro.").into_iter().map(|(code, words)| (code, words.into())).collect();
    let weigh: Table = each("weigh.").into_iter().map(|(code, words)| (code, lines(words))).collect();
    let rows = named(fields).into_iter().map(|row| {
        let get = |name: &str| TomlValue::from(fields.get(&format!("centre{row}-{name}")).trim());
        let offers: Table = each(&format!("centre{row}-offers."))
            .into_iter()
            .map(|(code, words)| (code, words.into()))
            .collect();
        TomlValue::Table(Table::from_iter([
            ("name".to_owned(), get("name")),
            ("place".to_owned(), get("place")),
            ("offers".to_owned(), TomlValue::Table(offers)),
        ]))
    });
    let mut list = Table::from_iter([
        ("intro".to_owned(), TomlValue::Table(intro)),
        ("weigh".to_owned(), TomlValue::Table(weigh)),
    ]);
    list.insert("centre".to_owned(), TomlValue::Array(rows.collect()));
    list.to_string()
}

/// The rows that name a centre, by their place in the form.
fn named(fields: &FormFields) -> Vec<usize> {
    let is_given = |row: &usize| {
        ["name", "place"].iter().any(|name| !fields.get(&format!("centre{row}-{name}")).trim().is_empty())
    };
    let mut rows: Vec<usize> = (0..MOST).filter(is_given).collect();
    let place = |row: &usize| fields.get(&format!("centre{row}-rank")).parse::<usize>().unwrap_or(*row + 1);
    rows.sort_by_key(|row| (place(row), *row));
    rows
}

pub(in crate::web::console::settings) fn fields(centres: &Centres, languages: &[String]) -> Value {
    let named = |code: &String| (code.clone(), machine_words::language(code));
    let around = languages.iter().map(|code| {
        let (code, name) = named(code);
        context! { intro => centres.intro(&code), weigh => centres.weigh(&code).join("\n"), code, name }
    });
    let rows = centres.rows().len();
    let row = |row: usize| {
        let centre = centres.rows().get(row);
        let offers = languages.iter().map(|code| {
            let (code, name) = named(code);
            context! { words => centre.and_then(|centre| centre.offers(&code)), code, name }
        });
        context! {
            row,
            rank => row + 1,
            name => centre.map(|centre| centre.name()),
            place => centre.map(|centre| centre.place()),
            offers => offers.collect::<Vec<_>>(),
        }
    };
    context! {
        kind => "centres",
        around => around.collect::<Vec<_>>(),
        centres => (0..rows + EMPTY).map(row).collect::<Vec<_>>(),
    }
}

/// What a list without an entry says of itself.
pub(in crate::web::console::settings) const NONE: &str = "no centre";

pub(in crate::web::console::settings) fn says(centres: &Centres) -> String {
    let names: Vec<&str> = centres.rows().iter().map(|centre| centre.name()).collect();
    if names.is_empty() { NONE.to_owned() } else { names.join(", ") }
}

/// What comes, goes and is worded anew.
pub(in crate::web::console::settings) fn effect(was: &Centres, will: &Centres) -> Value {
    fn by_name(of: &Centres) -> BTreeMap<&str, &crate::config::centres::Centre> {
        of.rows().iter().map(|centre| (centre.name(), centre)).collect()
    }
    let (before, after) = (by_name(was), by_name(will));
    let names = |of: &BTreeMap<&str, _>| of.keys().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let (old, new) = (names(&before), names(&after));
    let is_worded_anew = |name: &&String| {
        let (one, other) = (before.get(name.as_str()), after.get(name.as_str()));
        one.zip(other).is_some_and(|(one, other)| !one.says_the_same(other))
    };
    context! {
        come => new.difference(&old).cloned().collect::<Vec<_>>(),
        go => old.difference(&new).cloned().collect::<Vec<_>>(),
        anew => old.intersection(&new).filter(is_worded_anew).cloned().collect::<Vec<_>>(),
        around => !was.says_the_same_around(will),
    }
}

/// The field that a fault of the list is about: the row by the line of the text it was read from.
pub(in crate::web::console::settings) fn field(fault: &Fault, fields: &FormFields) -> String {
    if !fields.get(FILE).trim().is_empty() {
        return FILE.to_owned();
    }
    let language = fault.problem.rsplit_once(" in `").and_then(|(_, rest)| rest.strip_suffix('`'));
    let text = read(fields);
    let above = text.lines().take(fault.line).filter(|line| line.trim() == "[[centre]]").count();
    let row = above.checked_sub(1).and_then(|nth| named(fields).get(nth).copied());
    match (language, row) {
        (Some(code), _) if fault.problem.starts_with("no `intro`") => format!("intro.{code}"),
        (Some(code), _) if fault.problem.starts_with("no `weigh`") => format!("weigh.{code}"),
        (Some(code), Some(row)) => format!("centre{row}-offers.{code}"),
        (None, Some(row)) if fields.get(&format!("centre{row}-name")).trim().is_empty() => {
            format!("centre{row}-name")
        }
        (None, Some(row)) => format!("centre{row}-place"),
        (_, None) => FIELD.to_owned(),
    }
}
