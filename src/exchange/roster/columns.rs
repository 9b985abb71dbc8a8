//! The header: which column stands where. A missing or unknown one is a fault, never a guess.

mod column_names;
mod death_columns;

use std::collections::BTreeMap;

use crate::care::record::proxy;
use crate::exchange::roster::columns::death_columns::StateColumn;
use crate::exchange::roster::row_fault::RowFault;

/// Columns that every roster has.
pub const REQUIRED: [&str; 8] =
    ["reference", "preferred_name", "birth_date", "email", "language", "time_zone", "protocol", "anchor_on"];
/// Columns it may have.
pub(in crate::exchange::roster) const OPTIONAL: [&str; 21] = [
    "status",
    "detail",
    "shared_inbox",
    "next_visit_at",
    "place",
    "phone",
    "phone_2",
    "best_time",
    "other_contact",
    "other_phone",
    "mail_consent_on",
    proxy::FIELDS[0],
    proxy::FIELDS[1],
    proxy::FIELDS[2],
    proxy::FIELDS[3],
    proxy::FIELDS[4],
    proxy::FIELDS[5],
    proxy::FIELDS[6],
    "paused_until",
    "declined",
    "extra_visits",
];

/// Whether a header names our columns and no others, each once: then nothing has to be matched by hand.
#[must_use]
pub fn are_ours(names: &[String]) -> bool {
    let meant = |name: &String| ColumnNames::default().meant(name);
    let named: Vec<String> = names.iter().filter_map(meant).filter(|name| !name.is_empty()).collect();
    let is_once = |name: &String| named.iter().filter(|other| *other == name).count() == 1;
    REQUIRED.iter().all(|name| named.iter().any(|own| own == name))
        && named.iter().all(|name| known().any(|k| k == name) && is_once(name))
}

/// What a column of another name probably stands for.
#[must_use]
pub fn guess(name: &str) -> Option<&'static str> {
    if let Some(column) = certain(name) {
        return Some(column);
    }
    let name = plain(name).replace([' ', '-', '.'], "_");
    let near = known().map(|k| (strsim::osa_distance(&name, k), k)).min();
    let near = near.filter(|(far, _)| *far <= 2).map(|(_, k)| k);
    let said = PROBABLE.iter().find(|(other, _)| name == *other).map(|(_, k)| *k);
    // Who has died stands under `status`.
    let asked = death_columns::asked_by(&name).filter(|asked| *asked != StateColumn::Contact);
    asked.map(|_| "status").or(said).or(near)
}

/// What clinics probably mean by these names; a person looks.
const PROBABLE: [(&str, &str); 14] = [
    ("case_code", "reference"),
    ("code", "reference"),
    ("id", "reference"),
    ("mrn", "reference"),
    ("patient_id", "reference"),
    ("first_name", "preferred_name"),
    ("given_name", "preferred_name"),
    ("name", "preferred_name"),
    ("born", "birth_date"),
    ("zone", "time_zone"),
    ("schedule", "protocol"),
    ("anchor", "anchor_on"),
    ("mobile", "phone"),
    ("telephone", "phone"),
];

/// Where each known column stands.
#[derive(Debug, Clone, Default)]
pub(in crate::exchange::roster) struct Columns {
    places: [Option<usize>; REQUIRED.len() + OPTIONAL.len()],
    pub(in crate::exchange::roster) count: usize,
    /// Columns of another name, with what they are read as.
    translated: Vec<String>,
    /// What the column asks in the file that stands for `status`, where its name is one of deaths.
    status_asks: Option<StateColumn>,
}

/// What columns of a file stand for, by their names in it; a column that stands for nothing is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnNames(BTreeMap<String, String>);

impl ColumnNames {
    /// The column of that name in the file stands for `column`, or for nothing when that is empty.
    pub fn set(&mut self, name: &str, column: &str) {
        self.0.insert(plain(name), plain(column));
    }

    /// What a column stands for: what it plainly means where nothing else is said, and nothing where it is left out.
    pub(in crate::exchange::roster) fn meant(&self, name: &str) -> Option<String> {
        let small = plain(name);
        match self.0.get(&small) {
            Some(column) if column.is_empty() => None,
            Some(column) => Some(column.clone()),
            // Capitals may part its words.
            None => Some(certain(name).map_or(small, str::to_owned)),
        }
    }
}

fn plain(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The column that a name means beyond doubt: ours, whatever stands between its words, or a plain translation of it.
fn certain(name: &str) -> Option<&'static str> {
    let name = column_names::plain(name);
    known().find(|column| *column == name).or_else(|| column_names::synonym(&name))
}

/// Every column there is: those that must be there first.
pub fn known() -> impl Iterator<Item = &'static str> {
    REQUIRED.into_iter().chain(OPTIONAL)
}

/// Whether a row names columns of ours rather than patients: half of those that must be there.
pub(in crate::exchange::roster) fn looks_like_header(texts: &[String], names: &ColumnNames) -> bool {
    let meant: Vec<String> = texts.iter().filter_map(|text| names.meant(text)).collect();
    let named = REQUIRED.iter().filter(|name| meant.iter().any(|text| text == *name));
    named.count() * 2 >= REQUIRED.len()
}

impl Columns {
    pub(in crate::exchange::roster) fn read(
        header: &csv::ByteRecord,
        line: u64,
        names: &ColumnNames,
    ) -> Result<Self, Vec<RowFault>> {
        // Empty columns at the end are what a spreadsheet once held there.
        let is_named = |field: &&[u8]| !field.trim_ascii().is_empty();
        let count = header.iter().rposition(|field| is_named(&field)).map_or(0, |last| last + 1);
        let mut columns = Self { count, ..Self::default() };
        let mut faults = Vec::new();
        for (at, field) in header.iter().enumerate().take(count) {
            let written = String::from_utf8_lossy(field);
            let Some(name) = names.meant(&written) else { continue };
            if column_names::plain(&written) != name && !names.0.contains_key(&plain(&written)) {
                columns.translated.push(format!("`{}` as `{name}`", shown(&written)));
            }
            if name == "status" {
                columns.status_asks = death_columns::asked_by(&written);
            }
            match known().position(|k| k == name) {
                Some(place) if columns.places[place].is_none() => columns.places[place] = Some(at),
                Some(_) => faults.push(fault(
                    line,
                    format!("column `{name}` stands there twice"),
                    "keep one of them",
                )),
                None => faults.push(unknown(line, &name)),
            }
        }
        let missing: Vec<&str> = known()
            .zip(columns.places)
            .take(REQUIRED.len())
            .filter(|(_, at)| at.is_none())
            .map(|(name, _)| name)
            .collect();
        if !missing.is_empty() {
            let problem = format!("the header lacks `{}`", missing.join("`, `"));
            let hint = format!("the first line must name these columns: {}", REQUIRED.join(","));
            faults.push(RowFault::whole(line, problem, hint));
        }
        if faults.is_empty() { Ok(columns) } else { Err(faults) }
    }

    /// What somebody should know of columns that are not called as ours.
    pub(in crate::exchange::roster) fn remark(&self) -> Option<RowFault> {
        let problem = format!("columns are read by what they are called: {}", self.translated.join(", "));
        let hint = "where that is not meant, say it with `--map NAME=COLUMN`";
        (!self.translated.is_empty()).then(|| RowFault::whole(1, problem, hint))
    }

    /// Whether the column that stands for `status` asks who has died, or when.
    pub(in crate::exchange::roster) fn asks_for_death(&self) -> bool {
        self.status_asks == Some(StateColumn::Death)
    }

    /// Puts the status in place of a "yes" or a date in a column that asks who has died.
    pub(in crate::exchange::roster) fn say_status(&self, record: &mut csv::ByteRecord) {
        let (Some(asks), Some(at)) = (self.status_asks, self.place("status")) else { return };
        let text = record.get(at).and_then(|field| std::str::from_utf8(field).ok());
        if let Some(status) = text.and_then(|text| asks.said(text.trim())) {
            let said = record.iter().enumerate();
            *record =
                said.map(|(place, field)| if place == at { status.as_bytes() } else { field }).collect();
        }
    }

    /// Every column there is, in its order.
    pub(in crate::exchange::roster) fn all() -> Self {
        let mut columns = Self { count: known().count(), ..Self::default() };
        columns.places = std::array::from_fn(Some);
        columns
    }

    /// The place of a column that is known.
    pub(in crate::exchange::roster) fn place(&self, name: &str) -> Option<usize> {
        known().position(|k| k == name).and_then(|at| self.places[at])
    }

    /// Whether a row may end before this place: only columns that may be left out stand there.
    pub(in crate::exchange::roster) fn may_end_at(&self, length: usize) -> bool {
        (length..self.count).all(|place| self.name(place).is_none_or(|name| OPTIONAL.contains(&name)))
    }

    /// The name of the column at a place.
    pub(in crate::exchange::roster) fn name(&self, place: usize) -> Option<&'static str> {
        known().zip(self.places).find(|(_, at)| *at == Some(place)).map(|(name, _)| name)
    }
}

fn fault(line: u64, problem: String, hint: &str) -> RowFault {
    RowFault::whole(line, problem, hint)
}

fn unknown(line: u64, name: &str) -> RowFault {
    let near = known().map(|k| (strsim::osa_distance(name, k), k)).min();
    // Less than half of it is another word.
    let near = near.filter(|(far, _)| *far <= 4 && far * 2 <= name.chars().count());
    let hint = match (death_columns::asked_by(name), near) {
        (Some(asked), _) => asked.hint(&shown(name)),
        (None, Some((_, near))) => format!("did you mean `{near}`?"),
        (None, None) => format!(
            "one of no use is left out with `--map '{}='`; known are {},{}",
            shown(name),
            REQUIRED.join(","),
            OPTIONAL.join(",")
        ),
    };
    let shown = shown(name);
    RowFault::whole(line, format!("unknown column `{shown}`"), hint)
}

/// As much of a name as a message can hold.
fn shown(name: &str) -> String {
    name.trim().chars().filter(|c| !c.is_control()).take(40).collect()
}
