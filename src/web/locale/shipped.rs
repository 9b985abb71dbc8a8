//! The catalogs that ship with the program: the files under `config/console`, a folder a language.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock, OnceLock};

use super::catalog::{Catalog, CatalogFault};
use crate::config::embedded;
use crate::config::pages::wording::FALLBACK;

/// Where the files stand.
const FOLDER: &str = "console/";

/// The folders: they are part of the program.
static LANGUAGES: LazyLock<Vec<ShippedLanguage>> = LazyLock::new(|| {
    let files = embedded::list(FOLDER);
    let code = |path: &String| path.trim_start_matches(FOLDER).split('/').next().map(str::to_owned);
    let codes: BTreeSet<String> = files.iter().filter_map(code).collect();
    codes.into_iter().map(|code| ShippedLanguage { code, catalog: OnceLock::new() }).collect()
});

/// A language that staff may choose beside English.
pub(in crate::web) struct ShippedLanguage {
    /// BCP 47 primary language.
    pub(in crate::web) code: String,
    catalog: OnceLock<Option<Arc<Catalog>>>,
}

impl ShippedLanguage {
    /// Its words, read when somebody needs them first: thousands, which a clinic without readers of that language never does. A
    /// catalog with a fault is none: tests keep them without.
    pub(in crate::web) fn catalog(&self) -> Option<&Arc<Catalog>> {
        self.catalog.get_or_init(|| read(&self.code).ok()).as_ref()
    }
}

/// The languages that staff may choose beside English.
pub(in crate::web) fn others() -> &'static [ShippedLanguage] {
    &LANGUAGES
}

/// Every language of the console.
pub fn languages() -> impl Iterator<Item = &'static str> {
    std::iter::once(FALLBACK).chain(LANGUAGES.iter().map(|language| language.code.as_str()))
}

fn read(code: &str) -> Result<Arc<Catalog>, Vec<CatalogFault>> {
    let files = embedded::list(&format!("{FOLDER}{code}/"));
    let texts = files.iter().filter_map(|path| Some((format!("config/{path}"), embedded::text(path)?)));
    Catalog::new(code, &texts.collect::<Vec<_>>()).map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalog_can_be_read() {
        let faults: Vec<String> = others()
            .iter()
            .filter_map(|language| read(&language.code).err())
            .flatten()
            .map(|fault| fault.to_string())
            .collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        assert!(others().iter().any(|language| language.code == "es" && language.catalog().is_some()));
    }
}
