//! The fields of a form that staff sent.

use std::collections::BTreeMap;

/// The fields of a sent form.
pub(in crate::web::console) struct FormFields(Vec<(String, String)>);

impl FormFields {
    pub(in crate::web::console) fn new(fields: Vec<(String, String)>) -> Self {
        Self(fields)
    }

    /// The first field of that name, trimmed; empty when it is not there.
    pub(in crate::web::console) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(field, _)| field == name).map_or("", |(_, word)| word.trim())
    }

    /// Every field of that name.
    pub(in crate::web::console) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, word)| word.as_str())
    }

    /// Everything that was typed, by field; the form's own token is not.
    pub(in crate::web::console) fn typed(&self) -> BTreeMap<String, Vec<String>> {
        let mut typed: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (field, word) in self.0.iter().filter(|(field, _)| field != "mark") {
            typed.entry(field.clone()).or_default().push(word.clone());
        }
        typed
    }

    /// Every field whose name begins so, with the rest of its name.
    pub(in crate::web::console) fn starting<'a>(
        &'a self,
        prefix: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(field, word)| Some((field.strip_prefix(prefix)?, word.as_str())))
    }

    /// A text a person wrote, cut to a length that a record can bear.
    pub(in crate::web::console) fn note(&self, name: &str) -> String {
        self.get(name).chars().take(2000).collect()
    }
}
