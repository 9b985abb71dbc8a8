//! Reads a TOML file section by section and collects every fault on the way, where serde would stop at the first.

use std::cell::RefCell;
use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Fault;
use crate::care::settings::setting::Setting;
use crate::config::file::suggest::{did_you_mean, line_of};

/// A value and its place in the file.
pub(in crate::config) type SpannedValue<'t> = Spanned<DeValue<'t>>;

/// Why a value was refused.
pub(in crate::config) struct ValueFault {
    at: usize,
    problem: String,
    hint: String,
}

impl ValueFault {
    pub(in crate::config) fn new(
        value: &SpannedValue<'_>,
        problem: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { at: value.span().start, problem: problem.into(), hint: hint.into() }
    }
}

/// What a value's parser gives.
pub(in crate::config) type ValueResult<T> = Result<T, ValueFault>;

/// One file under examination.
pub(in crate::config) struct TomlFile<'t> {
    file: &'t str,
    text: &'t str,
    faults: RefCell<Vec<Fault>>,
}

impl<'t> TomlFile<'t> {
    /// Parses the text; broken TOML is a list of faults.
    pub(in crate::config) fn parse(
        file: &'t str,
        text: &'t str,
    ) -> Result<(Self, Spanned<DeTable<'t>>), Vec<Fault>> {
        let (table, errors) = DeTable::parse_recoverable(text);
        let toml = Self { file, text, faults: RefCell::new(Vec::new()) };
        for error in &errors {
            let at = error.span().map_or(0, |s| s.start);
            toml.fault(
                at,
                &format!("not TOML: {}", error.message().trim()),
                "texts stand in quotes, lists in `[ ]`; https://toml.io shows how",
            );
        }
        if errors.is_empty() { Ok((toml, table)) } else { Err(toml.faults()) }
    }

    /// All faults, in the order of the file.
    pub(in crate::config) fn faults(self) -> Vec<Fault> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|f| f.line);
        faults.dedup();
        faults
    }

    fn fault(&self, at: usize, problem: &str, hint: &str) {
        self.faults.borrow_mut().push(Fault {
            file: self.file.to_owned(),
            line: line_of(self.text, at),
            problem: problem.to_owned(),
            hint: hint.to_owned(),
        });
    }
}

/// A file beneath another: what it says counts where the one above is silent.
pub(in crate::config) struct LayerFile<'t> {
    /// The file under examination.
    pub(in crate::config) toml: TomlFile<'t>,
    /// The outermost table of that file.
    pub(in crate::config) table: Spanned<DeTable<'t>>,
}

/// A table as it stands in one file.
#[derive(Clone, Copy)]
struct Layer<'p, 't> {
    toml: &'p TomlFile<'t>,
    at: usize,
    table: &'p DeTable<'t>,
}

/// A value as it stands in one file.
#[derive(Clone, Copy)]
struct FoundValue<'p, 't> {
    toml: &'p TomlFile<'t>,
    value: &'p SpannedValue<'t>,
}

impl<'p, 't> Layer<'p, 't> {
    fn entry(&self, key: &str) -> Option<(usize, FoundValue<'p, 't>)> {
        let (name, value) = self.table.iter().find(|(k, _)| k.get_ref() == key)?;
        Some((name.span().start, FoundValue { toml: self.toml, value }))
    }
}

/// One table of the file, and of those beneath it; it remembers which keys were asked for, so that it can tell the unknown
/// ones.
pub(in crate::config) struct Section<'p, 't> {
    toml: &'p TomlFile<'t>,
    name: String,
    layers: Vec<Layer<'p, 't>>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'p, 't> Section<'p, 't> {
    /// The whole file as the outermost section.
    pub(in crate::config) fn root(toml: &'p TomlFile<'t>, table: &'p DeTable<'t>) -> Self {
        Self::of(toml, String::new(), vec![Layer { toml, at: 0, table }])
    }

    /// The same with files beneath: a key that stands higher up wins.
    pub(in crate::config) fn above(mut self, lower: &'p [LayerFile<'t>]) -> Self {
        let layers = lower.iter().map(|file| Layer { toml: &file.toml, at: 0, table: file.table.get_ref() });
        self.layers.extend(layers);
        self
    }

    fn of(toml: &'p TomlFile<'t>, name: String, layers: Vec<Layer<'p, 't>>) -> Self {
        Self { toml, name, layers, asked: RefCell::new(Vec::new()) }
    }

    fn full(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    /// Where a fault of the section itself is told: in the file on top, as far as it stands there.
    fn at(&self) -> usize {
        let on_top = self.layers.first().filter(|layer| std::ptr::eq(layer.toml, self.toml));
        on_top.map_or(0, |layer| layer.at)
    }

    fn find(&self, key: &'static str) -> Option<FoundValue<'p, 't>> {
        self.asked.borrow_mut().push(key);
        self.layers.iter().find_map(|layer| layer.entry(key)).map(|(_, found)| found)
    }

    fn parsed<T>(
        &self,
        key: &str,
        found: FoundValue<'p, 't>,
        parse: impl Fn(&SpannedValue<'t>) -> ValueResult<T>,
    ) -> Option<T> {
        parse(found.value)
            .map_err(|w| found.toml.fault(w.at, &format!("`{}` {}", self.full(key), w.problem), &w.hint))
            .ok()
    }

    /// Whether the section stands in the file.
    pub(in crate::config) fn is_there(&self) -> bool {
        !self.layers.is_empty()
    }

    /// A key that must be there.
    pub(in crate::config) fn need<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&SpannedValue<'t>) -> ValueResult<T>,
    ) -> Option<T> {
        let found = self.find(key);
        if found.is_none() && self.is_there() {
            let full = self.full(key);
            let hint = Setting::of_key(&full).map_or_else(|| ADD_IT.to_owned(), set_it);
            self.toml.fault(self.at(), &format!("`{full}` is missing"), &hint);
        }
        self.parsed(key, found?, parse)
    }

    /// A key that may be left out.
    pub(in crate::config) fn may<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&SpannedValue<'t>) -> ValueResult<T>,
    ) -> Option<T> {
        self.find(key).and_then(|found| self.parsed(key, found, parse))
    }

    /// A key with a documented default.
    pub(in crate::config) fn or<T>(
        &self,
        key: &'static str,
        default: T,
        parse: impl Fn(&SpannedValue<'t>) -> ValueResult<T>,
    ) -> T {
        self.may(key, parse).unwrap_or(default)
    }

    /// A table inside this one that may be left out.
    pub(in crate::config) fn section(&self, key: &'static str) -> Section<'p, 't> {
        self.asked.borrow_mut().push(key);
        let found = self.layers.iter().filter_map(|layer| layer.entry(key));
        let tables = found.filter_map(|(_, found)| self.table_in(key, found)).collect();
        Self::of(self.toml, self.full(key), tables)
    }

    /// A table inside this one that must be there.
    pub(in crate::config) fn must(&self, key: &'static str) -> Section<'p, 't> {
        let section = self.section(key);
        if !self.has(key) {
            self.toml.fault(self.at(), &format!("the section `[{}]` is missing", self.full(key)), ADD_IT);
        }
        section
    }

    /// An array of tables, from the highest file that has it.
    pub(in crate::config) fn sections(&self, key: &'static str) -> Vec<Section<'p, 't>> {
        let Some(found) = self.find(key) else { return Vec::new() };
        let FoundValue { toml, value } = found;
        let Some(items) = value.get_ref().as_array() else {
            let hint = format!("write one `[[{}]]` for each", self.full(key));
            toml.fault(value.span().start, &format!("`{}` is not a list of tables", self.full(key)), &hint);
            return Vec::new();
        };
        let table = |value| {
            let layer = self.table_in(key, FoundValue { toml, value })?;
            Some(Self::of(toml, self.full(key), vec![layer]))
        };
        items.iter().filter_map(table).collect()
    }

    /// Every table inside this one, by its name: for names the file chooses. A key of one that stands higher up wins.
    pub(in crate::config) fn each<T>(&self, read: impl Fn(&Section<'p, 't>) -> T) -> BTreeMap<String, T> {
        let mut all: BTreeMap<String, Vec<Layer<'p, 't>>> = BTreeMap::new();
        for layer in &self.layers {
            for (key, value) in layer.table {
                let name: &str = key.get_ref();
                let table = self.table_in(name, FoundValue { toml: layer.toml, value });
                let table = table.map(|table| Layer { at: key.span().start, ..table });
                all.entry(name.to_owned()).or_default().extend(table);
            }
        }
        let section = |(name, layers): (String, Vec<Layer<'p, 't>>)| {
            let toml = layers.first()?.toml;
            let value = read(&Self::of(toml, self.full(&name), layers));
            Some((name, value))
        };
        all.into_iter().filter_map(section).collect()
    }

    /// Every value of this table, by its key: for keys the file chooses. One that stands higher up wins.
    pub(in crate::config) fn values<T>(
        &self,
        parse: impl Fn(&str, &SpannedValue<'t>) -> ValueResult<T>,
    ) -> BTreeMap<String, T> {
        let mut all = BTreeMap::new();
        for layer in self.layers.iter().rev() {
            for (key, value) in layer.table {
                let name: &str = key.get_ref();
                let found = FoundValue { toml: layer.toml, value };
                let read = self.parsed(name, found, |value| parse(name, value));
                all.extend(read.map(|value| (name.to_owned(), value)));
            }
        }
        all
    }

    fn table_in(&self, key: &str, found: FoundValue<'p, 't>) -> Option<Layer<'p, 't>> {
        let FoundValue { toml, value } = found;
        let at = value.span().start;
        let table = value.get_ref().as_table();
        if table.is_none() {
            let hint = format!("write `[{}]` and its keys below", self.full(key));
            toml.fault(at, &format!("`{}` is not a section", self.full(key)), &hint);
        }
        table.map(|table| Layer { toml, at, table })
    }

    /// Whether the key stands in the file.
    pub(in crate::config) fn has(&self, key: &str) -> bool {
        self.layers.iter().any(|layer| layer.entry(key).is_some())
    }

    /// A fault of this key (or of the section, where the key is not written).
    pub(in crate::config) fn fault(&self, key: &str, problem: &str, hint: &str) {
        let found = self.layers.iter().find_map(|layer| layer.entry(key));
        let (at, toml) = found.map_or((self.at(), self.toml), |(at, found)| (at, found.toml));
        toml.fault(at, &format!("`{}` {problem}", self.full(key)), hint);
    }

    /// Reports every key that nobody asked for.
    pub(in crate::config) fn close(&self) {
        let asked = self.asked.borrow();
        for layer in &self.layers {
            for (key, _) in layer.table {
                let word: &str = key.get_ref();
                if asked.contains(&word) {
                    continue;
                }
                let (problem, hint) = if is_secret(word) {
                    let problem = format!("`{}` would put a secret into this file", self.full(word));
                    (problem, SECRET_HINT.to_owned())
                } else {
                    (format!("unknown key `{}`", self.full(word)), did_you_mean(word, &asked))
                };
                layer.toml.fault(key.span().start, &problem, &hint);
            }
        }
    }
}

const ADD_IT: &str = "add it; `aftercare init DIR` writes a complete example";

/// What to do about a key that staff may set.
fn set_it(setting: Setting) -> String {
    let name = setting.word();
    format!(
        "set it in the console under Settings or with `aftercare settings set {name}`, or add it here; what you take out, \
         hand over before: `aftercare settings hand-over {name}`"
    )
}

const SECRET_HINT: &str =
    "put it into a file only the service can read and name that file in the matching `…_credential` key";

fn is_secret(key: &str) -> bool {
    ["password", "passwd", "secret", "token", "api_key", "private_key", "key"]
        .contains(&key.to_ascii_lowercase().as_str())
}
