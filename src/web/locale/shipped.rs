//! The catalogs that ship with the program: the files under `config/console`, a folder a language.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use super::catalog::{Catalog, CatalogFault};
use crate::config::embedded;
use crate::config::pages::wording::FALLBACK;

/// Where the files stand.
const FOLDER: &str = "console/";

/// Read once: they are part of the program. A catalog with a fault is none: tests keep them without.
static CATALOGS: LazyLock<Vec<Arc<Catalog>>> = LazyLock::new(|| read().filter_map(Result::ok).collect());

/// The languages that staff may choose beside English.
pub(in crate::web) fn catalogs() -> &'static [Arc<Catalog>] {
    &CATALOGS
}

/// Every language of the console.
pub fn languages() -> impl Iterator<Item = &'static str> {
    std::iter::once(FALLBACK).chain(CATALOGS.iter().map(|catalog| catalog.language.as_str()))
}

fn read() -> impl Iterator<Item = Result<Arc<Catalog>, Vec<CatalogFault>>> {
    let files = embedded::list(FOLDER);
    let language = |path: &String| path.trim_start_matches(FOLDER).split('/').next().map(str::to_owned);
    let languages: BTreeSet<String> = files.iter().filter_map(language).collect();
    languages.into_iter().map(move |language| {
        let of_it = files.iter().filter(|path| path.starts_with(&format!("{FOLDER}{language}/")));
        let texts: Vec<(String, String)> =
            of_it.filter_map(|path| Some((format!("config/{path}"), embedded::text(path)?))).collect();
        Catalog::new(&language, &texts).map(Arc::new)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_catalog_can_be_read() {
        let faults: Vec<String> =
            read().filter_map(Result::err).flatten().map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
        assert!(catalogs().iter().any(|catalog| catalog.language == "es"));
    }
}
