//! A protocol as the fields of a form: what somebody wrote, right or wrong, so that a draft with faults can be shown and
//! mended.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// A protocol as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProtocolForm {
    /// Its name in commands and files.
    pub id: String,
    /// What the clinic calls it.
    pub title: String,
    /// The guideline it comes from.
    pub source: String,
    /// What the anchor date means.
    pub anchor: String,
    /// Whether it runs beside a main protocol.
    pub add_on: bool,
    /// What the protocol owes, series by series.
    pub series: Vec<SeriesForm>,
    /// Comments above the protocol, a line each.
    pub notes: Vec<String>,
}

/// One series as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeriesForm {
    /// Its name, unique in the protocol.
    pub id: String,
    /// Visit, test, checklist or leaflet.
    pub kind: String,
    /// The name of its checklist, for a checklist.
    pub checklist: String,
    /// The name of its leaflet, for a leaflet.
    pub leaflet: String,
    /// What it is called, by language.
    pub title: BTreeMap<String, String>,
    /// How to prepare, by language.
    pub prepare: BTreeMap<String, String>,
    /// The stretches of its dates.
    pub phases: Vec<PhaseForm>,
    /// Single dates after the anchor.
    pub at: Vec<String>,
    /// From when a visit counts, before the due date.
    pub before: String,
    /// Until when it counts.
    pub after: String,
    /// Whether the dates are counted anew from the day a visit took place.
    pub rebase: bool,
    /// What becomes of a letter of unknown fate.
    pub on_unknown: String,
    /// Steps while nothing is booked or answered.
    pub remind: Vec<StepForm>,
    /// Steps before a booked date.
    pub booked: Vec<StepForm>,
    /// Steps after a missed date.
    pub missed: Vec<StepForm>,
    /// Comments above the series, a line each.
    pub notes: Vec<String>,
}

/// One stretch as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhaseForm {
    /// Where it begins, counted from the anchor date.
    pub after: String,
    /// Where it ends; empty is for life.
    pub until: String,
    /// How far one date is from the next.
    pub every: String,
}

/// One letter or task as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepForm {
    /// The name of the letter or task, e.g. `book-again`.
    pub step: String,
    /// When, counted from the due or booked date.
    pub at: String,
    /// How long it is of use.
    pub useful: String,
}

impl ProtocolForm {
    /// The fields of a text; `None` when it is no TOML.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let table: Table = text.parse().ok()?;
        let word = |key: &str| table.get(key).map(said).unwrap_or_default();
        let notes = Comments::of(text);
        let series = tables(&table, "series").enumerate().map(|(at, one)| SeriesForm {
            notes: notes.series.get(at).cloned().unwrap_or_default(),
            ..SeriesForm::read(one)
        });
        Some(Self {
            id: word("id"),
            title: word("title"),
            source: word("source"),
            anchor: word("anchor"),
            add_on: table.get("add_on").and_then(Value::as_bool).unwrap_or(false),
            series: series.collect(),
            notes: notes.head,
        })
    }
}

impl SeriesForm {
    fn read(table: &Table) -> Self {
        let word = |key: &str| table.get(key).map(said).unwrap_or_default();
        let list = |key: &str| table.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let window: Vec<String> = list("window").iter().map(said).collect();
        let steps = |key: &str| tables(table, key).map(StepForm::read).collect();
        Self {
            id: word("id"),
            kind: word("kind"),
            checklist: word("checklist"),
            leaflet: word("leaflet"),
            title: by_language(table, "title"),
            prepare: by_language(table, "prepare"),
            phases: tables(table, "phases").map(PhaseForm::read).collect(),
            at: list("at").iter().map(said).collect(),
            before: window.first().cloned().unwrap_or_default(),
            after: window.get(1).cloned().unwrap_or_default(),
            rebase: table.get("rebase").and_then(Value::as_bool).unwrap_or(false),
            on_unknown: word("on_unknown"),
            remind: steps("remind"),
            booked: steps("booked"),
            missed: steps("missed"),
            notes: Vec::new(),
        }
    }
}

impl PhaseForm {
    fn read(table: &Table) -> Self {
        let word = |key: &str| table.get(key).map(said).unwrap_or_default();
        Self { after: word("after"), until: word("until"), every: word("every") }
    }
}

impl StepForm {
    fn read(table: &Table) -> Self {
        let word = |key: &str| table.get(key).map(said).unwrap_or_default();
        Self { step: word("step"), at: word("at"), useful: word("useful") }
    }
}

fn said(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn tables<'t>(table: &'t Table, key: &str) -> impl Iterator<Item = &'t Table> {
    table.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
}

fn by_language(table: &Table, key: &str) -> BTreeMap<String, String> {
    let found = table.get(key).and_then(Value::as_table).into_iter().flatten();
    found.map(|(language, words)| (language.clone(), said(words))).collect()
}

/// The comments that stand on lines of their own above the protocol and above each series.
#[derive(Default)]
struct Comments {
    head: Vec<String>,
    series: Vec<Vec<String>>,
}

impl Comments {
    fn of(text: &str) -> Self {
        let (mut found, mut above) = (Self::default(), Vec::new());
        let mut is_head = true;
        for line in text.lines().map(str::trim) {
            if let Some(note) = line.strip_prefix('#') {
                above.push(note.trim().to_owned());
            } else if line == "[[series]]" {
                found.series.push(std::mem::take(&mut above));
                is_head = false;
            } else if !line.is_empty() {
                let notes = std::mem::take(&mut above);
                if is_head {
                    found.head.extend(notes);
                }
            }
        }
        found
    }
}
