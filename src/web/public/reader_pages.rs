//! The pages as one reader gets them: with the emergency number of the country she lives in.

use std::ops::Deref;
use std::sync::Arc;

use minijinja::Value;

use crate::letter::leaflet::Leaflet;
use crate::web::app_state::AppState;
use crate::web::html::PageFault;
use crate::web::page_words::{PageAudience, PageWords};

/// The pages in force, and where their reader lives.
#[derive(Clone)]
pub(super) struct ReaderPages {
    app: Arc<AppState>,
    /// Nothing where it is not known: then the number is the clinic's.
    country: Option<String>,
}

impl Deref for ReaderPages {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.app
    }
}

impl ReaderPages {
    pub(super) const fn new(app: Arc<AppState>, country: Option<String>) -> Self {
        Self { app, country }
    }

    /// The same pages for a reader of whom nothing is known.
    pub(super) fn of_nobody(&self) -> Self {
        Self::new(Arc::clone(&self.app), None)
    }

    fn audience<'a>(&'a self, language: &'a str) -> PageAudience<'a> {
        PageAudience { language, country: self.country.as_deref() }
    }

    pub(super) fn words(&self, language: &str) -> &PageWords {
        &self.app.locale(self.audience(language)).words
    }

    pub(super) fn warning(&self, language: &str) -> String {
        self.app.warning(self.audience(language))
    }

    pub(super) fn leaflet(&self, language: &str, name: &str) -> Option<&Leaflet> {
        self.app.leaflet(self.audience(language), name)
    }

    pub(super) fn render(&self, page: &str, language: &str, words: Value) -> Result<String, PageFault> {
        self.app.render(page, self.audience(language), words)
    }
}
