//! Whoever reads a page, where the program puts words together itself: in pictures, in lists that it sorts, in lines that hold
//! names beside words.

use std::sync::Arc;

use super::catalog::Catalog;
use super::shipped;

/// A reader's language; none where it is the program's own.
#[derive(Clone)]
pub(in crate::web) struct ReaderWords(Option<Arc<Catalog>>);

impl ReaderWords {
    /// Those of a language by its code; English where there is no such catalog.
    pub(in crate::web) fn of(language: &str) -> Self {
        Self(
            shipped::others()
                .iter()
                .find(|known| known.code == language)
                .and_then(|known| known.catalog().cloned()),
        )
    }

    /// Words of the program, or a day, in that language; anything else stays as it is.
    pub(in crate::web) fn said(&self, text: &str) -> String {
        let said = self.0.as_ref().and_then(|catalog| catalog.said(text));
        said.unwrap_or_else(|| text.to_owned())
    }

    /// A number as that language writes it: beside English the console has only languages with a decimal comma.
    pub(in crate::web) fn number(&self, written: &str) -> String {
        if self.0.is_some() { written.replace('.', ",") } else { written.to_owned() }
    }
}
