//! What readers who live in another country get: letters, pages and leaflets with the emergency number of theirs.

use crate::letter::compose::Composer;
use crate::letter::compose::locale_cache::UNKNOWN;
use crate::letter::fault::LetterFault;
use crate::letter::leaflet::Leaflet;
use crate::letter::locale::Locale;
use crate::letter::markup::{self, Tags};
use crate::letter::wording::ClinicFacts;

impl Composer {
    /// The words of that language for readers in that country.
    pub(in crate::letter) fn locale_in(
        &self,
        language: &str,
        country: Option<&str>,
    ) -> Result<&Locale, LetterFault> {
        let home = self.locale(language)?;
        let abroad = self.clinic.rings_instead(country);
        let abroad = abroad.and_then(|number| self.abroad.locale(&home.language, number));
        abroad.map_or(Ok(home), |locale| locale.as_ref().map_err(Clone::clone))
    }

    /// The same for pages, which are in a language that there is; the clinic's own number is better than no page.
    fn on_pages(&self, language: &str, country: Option<&str>) -> Option<&Locale> {
        let home = self.locales.get(language)?;
        Some(self.locale_in(language, country).unwrap_or(home))
    }

    /// A leaflet, for its page, as readers in that country get it.
    #[must_use]
    pub fn leaflet_in(&self, language: &str, country: Option<&str>, name: &str) -> Option<&Leaflet> {
        self.on_pages(language, country)?.leaflets.get(name)
    }

    /// The static warning list with the numbers, as readers in that country get it.
    #[must_use]
    pub fn warning_html_in(&self, language: &str, country: Option<&str>) -> Option<String> {
        let mut out = String::new();
        markup::to_html(&self.on_pages(language, country)?.on_page, &Tags::plain(), &mut out);
        Some(out)
    }

    /// When the office is there, in that language and with the clock it goes by, as every letter says it.
    #[must_use]
    pub fn opening_hours(&self, language: &str) -> &str {
        self.locale(language).map_or("", |locale| locale.opening_hours.as_str())
    }

    /// What the clinic says of itself in that language to readers who ring another number than its own.
    #[must_use]
    pub fn facts_ringing(&self, language: &str, number: &str) -> ClinicFacts {
        let unknown = self.locale(language).map_or("", |locale| locale.string(UNKNOWN));
        self.clinic.ringing(number, unknown)
    }
}
