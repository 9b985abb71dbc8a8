//! Reads a TOML file section by section and collects every fault on the way, where serde would stop at the first.

use std::cell::RefCell;
use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Fault;
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

/// One table of the file; it remembers which keys were asked for, so that it can tell the unknown ones.
pub(in crate::config) struct Section<'p, 't> {
    toml: &'p TomlFile<'t>,
    name: String,
    at: usize,
    table: Option<&'p DeTable<'t>>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'p, 't> Section<'p, 't> {
    /// The whole file as the outermost section.
    pub(in crate::config) fn root(toml: &'p TomlFile<'t>, table: &'p DeTable<'t>) -> Self {
        Self::of(toml, String::new(), Some((0, table)))
    }

    fn of(toml: &'p TomlFile<'t>, name: String, table: Option<(usize, &'p DeTable<'t>)>) -> Self {
        let at = table.map_or(0, |(at, _)| at);
        Self { toml, name, at, table: table.map(|(_, t)| t), asked: RefCell::new(Vec::new()) }
    }

    fn full(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }

    fn find(&self, key: &'static str) -> Option<&'p SpannedValue<'t>> {
        self.asked.borrow_mut().push(key);
        self.table.and_then(|t| t.iter().find(|(k, _)| k.get_ref() == key)).map(|(_, v)| v)
    }

    fn parsed<T>(
        &self,
        key: &str,
        value: &SpannedValue<'t>,
        parse: impl Fn(&SpannedValue<'t>) -> ValueResult<T>,
    ) -> Option<T> {
        parse(value)
            .map_err(|w| self.toml.fault(w.at, &format!("`{}` {}", self.full(key), w.problem), &w.hint))
            .ok()
    }

    /// Whether the section stands in the file.
    pub(in crate::config) fn is_there(&self) -> bool {
        self.table.is_some()
    }

    /// A key that must be there.
    pub(in crate::config) fn need<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&SpannedValue<'t>) -> ValueResult<T>,
    ) -> Option<T> {
        let value = self.find(key);
        if value.is_none() && self.is_there() {
            let problem = format!("`{}` is missing", self.full(key));
            self.toml.fault(self.at, &problem, "add it; `aftercare init DIR` writes a complete example");
        }
        self.parsed(key, value?, parse)
    }

    /// A key that may be left out.
    pub(in crate::config) fn may<T>(
        &self,
        key: &'static str,
        parse: impl Fn(&SpannedValue<'t>) -> ValueResult<T>,
    ) -> Option<T> {
        self.find(key).and_then(|value| self.parsed(key, value, parse))
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
        let table = self.find(key).and_then(|value| self.table_in(key, value));
        Self::of(self.toml, self.full(key), table)
    }

    /// A table inside this one that must be there.
    pub(in crate::config) fn must(&self, key: &'static str) -> Section<'p, 't> {
        let section = self.section(key);
        let absent = self.table.is_none_or(|t| !t.iter().any(|(k, _)| k.get_ref() == key));
        if absent {
            let problem = format!("the section `[{}]` is missing", self.full(key));
            self.toml.fault(self.at, &problem, "add it; `aftercare init DIR` writes a complete example");
        }
        section
    }

    /// An array of tables.
    pub(in crate::config) fn sections(&self, key: &'static str) -> Vec<Section<'p, 't>> {
        let Some(value) = self.find(key) else { return Vec::new() };
        let Some(items) = value.get_ref().as_array() else {
            let hint = format!("write one `[[{}]]` for each", self.full(key));
            self.toml.fault(
                value.span().start,
                &format!("`{}` is not a list of tables", self.full(key)),
                &hint,
            );
            return Vec::new();
        };
        let table = |item| Some(Self::of(self.toml, self.full(key), Some(self.table_in(key, item)?)));
        items.iter().filter_map(table).collect()
    }

    /// Every table inside this one, by its name: for names the file chooses.
    pub(in crate::config) fn each<T>(&self, read: impl Fn(&Section<'p, 't>) -> T) -> BTreeMap<String, T> {
        let mut all = BTreeMap::new();
        for (key, value) in self.table.into_iter().flat_map(DeTable::iter) {
            let name: &str = key.get_ref();
            let at = key.span().start;
            if let Some((_, table)) = self.table_in(name, value) {
                all.insert(name.to_owned(), read(&Self::of(self.toml, self.full(name), Some((at, table)))));
            }
        }
        all
    }

    fn table_in(&self, key: &str, value: &'p SpannedValue<'t>) -> Option<(usize, &'p DeTable<'t>)> {
        let at = value.span().start;
        let table = value.get_ref().as_table();
        if table.is_none() {
            let hint = format!("write `[{}]` and its keys below", self.full(key));
            self.toml.fault(at, &format!("`{}` is not a section", self.full(key)), &hint);
        }
        table.map(|t| (at, t))
    }

    /// Whether the key stands in the file.
    pub(in crate::config) fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|t| t.iter().any(|(k, _)| k.get_ref() == key))
    }

    /// A fault of this key (or of the section, where the key is not written).
    pub(in crate::config) fn fault(&self, key: &str, problem: &str, hint: &str) {
        let value = self.table.and_then(|t| t.iter().find(|(k, _)| k.get_ref() == key));
        let at = value.map_or(self.at, |(k, _)| k.span().start);
        self.toml.fault(at, &format!("`{}` {problem}", self.full(key)), hint);
    }

    /// Reports every key that nobody asked for.
    pub(in crate::config) fn close(&self) {
        let asked = self.asked.borrow();
        for (key, _) in self.table.into_iter().flat_map(DeTable::iter) {
            let word: &str = key.get_ref();
            if asked.contains(&word) {
                continue;
            }
            let (problem, hint) = if is_secret(word) {
                (format!("`{}` would put a secret into this file", self.full(word)), SECRET_HINT.to_owned())
            } else {
                (format!("unknown key `{}`", self.full(word)), did_you_mean(word, &asked))
            };
            self.toml.fault(key.span().start, &problem, &hint);
        }
    }
}

const SECRET_HINT: &str =
    "put it into a file only the service can read and name that file in the matching `…_credential` key";

fn is_secret(key: &str) -> bool {
    ["password", "passwd", "secret", "token", "api_key", "key"].contains(&key.to_ascii_lowercase().as_str())
}
