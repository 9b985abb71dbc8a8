//! The words pages are written in: the page texts with the clinic's own facts filled in, one language at a time, and the
//! words of every checklist version that was ever asked.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use minijinja::Value;

use crate::care::checklist::definition::Checklist;
use crate::config::checklists::checklist::{self, WordedChecklist};
use crate::config::pages::keys::KEYS;
use crate::config::pages::wording::{PageTexts, fill};
use crate::journey::deps::Deps;
use crate::letter::compose::Composer;
use crate::letter::{markup, wording};

/// A language, and when the office is there in its words.
#[derive(Debug, Clone, Copy)]
pub(super) struct LanguageHours<'a> {
    pub(super) language: &'a str,
    /// With the clock they count by.
    pub(super) hours: &'a str,
}

/// The page texts of one language.
#[derive(Debug, Clone, Default)]
pub(super) struct PageWords {
    /// BCP 47 primary language.
    pub(super) language: String,
    /// Shared with the tree that templates read.
    texts: BTreeMap<&'static str, Arc<str>>,
}

impl PageWords {
    /// Fills the clinic's facts in once; what only the moment knows stays open. Hours are given as letters say them.
    pub(super) fn with_facts(
        pages: &PageTexts,
        says: &wording::ClinicFacts,
        said: LanguageHours<'_>,
    ) -> Self {
        let LanguageHours { language, hours } = said;
        let line = |text: &str| markup::one_line(text);
        let says = says.in_language(language);
        let facts = [
            ("clinic_24h", line(&says.phone_24h)),
            ("clinic_office", line(&says.phone_office)),
            ("emergency_number", line(&says.emergency_number)),
            ("emergency_dept", line(&says.emergency_dept)),
            ("hours", line(hours)),
        ];
        let facts: Vec<(&str, &str)> = facts.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let texts = KEYS.iter().map(|(key, _)| (*key, pages.say(language, key, &facts).into())).collect();
        Self { language: language.to_owned(), texts }
    }

    /// A text; empty for a key that is none.
    pub(super) fn text(&self, key: &str) -> &str {
        self.texts.get(key).map_or("", |text| text)
    }

    /// A text with the names of this moment filled in.
    pub(super) fn filled(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.text(key), values)
    }

    /// The texts as templates name them: `t.form.next`.
    pub(super) fn tree(&self) -> Value {
        let mut sections = BTreeMap::<&str, BTreeMap<&str, Value>>::new();
        for (key, text) in &self.texts {
            if let Some((section, name)) = key.split_once('.') {
                sections.entry(section).or_default().insert(name, Value::from(text));
            }
        }
        let root: BTreeMap<&str, Value> =
            sections.into_iter().map(|(section, texts)| (section, Value::from(texts))).collect();
        Value::from(root)
    }
}

/// The pages of one language for those who ring one emergency number.
#[derive(Debug, Default)]
pub(super) struct PageLocale {
    pub(super) words: PageWords,
    /// The words as templates name them.
    pub(super) tree: Value,
    /// What a link to the emergency number dials.
    pub(super) tel_emergency: String,
}

/// The pages of one language, for readers in every country.
#[derive(Debug, Default)]
pub(super) struct PageLanguage {
    home: PageLocale,
    /// By the emergency number that is rung there.
    abroad: BTreeMap<String, PageLocale>,
}

impl PageLanguage {
    /// Fills the texts of that language for every number there is.
    pub(super) fn load(
        pages: &PageTexts,
        language: &str,
        says: &wording::ClinicFacts,
        composer: &Composer,
    ) -> Self {
        let locale = |says: &wording::ClinicFacts| {
            let hours = composer.opening_hours(language);
            let words = PageWords::with_facts(pages, says, LanguageHours { language, hours });
            PageLocale { tree: words.tree(), words, tel_emergency: says.tel().emergency }
        };
        let numbers = says.numbers_abroad().into_iter();
        let abroad =
            numbers.map(|number| (number.to_owned(), locale(&composer.facts_ringing(language, number))));
        Self { home: locale(says), abroad: abroad.collect() }
    }

    /// For readers who ring that number in place of the clinic's, if they do.
    pub(super) fn ringing(&self, number: Option<&str>) -> &PageLocale {
        number.and_then(|number| self.abroad.get(number)).unwrap_or(&self.home)
    }
}

/// Who reads a page.
#[derive(Debug, Clone, Copy)]
pub(super) struct PageAudience<'a> {
    /// The language asked for.
    pub(super) language: &'a str,
    /// The country the reader lives in (ISO 3166-1 alpha-2), where it is known.
    pub(super) country: Option<&'a str>,
}

/// The words of checklists by name and version. A version never changes, so nothing here goes stale.
#[derive(Default)]
pub(super) struct ChecklistWordings(RwLock<HashMap<(String, String), Arc<WordedChecklist>>>);

impl ChecklistWordings {
    /// The words that checklist was published with; `None` when this program cannot read them.
    pub(super) fn of(&self, checklist: &Checklist, clinic: &Deps) -> Option<Arc<WordedChecklist>> {
        self.published(&checklist.id, &checklist.version, clinic)
    }

    /// The same by name and version.
    pub(super) fn published(&self, name: &str, version: &str, clinic: &Deps) -> Option<Arc<WordedChecklist>> {
        let key = (name.to_owned(), version.to_owned());
        if let Some(found) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Some(Arc::clone(found));
        }
        let content = clinic.store.read(|view| match view.checklist_version_id(name, version)? {
            Some(id) => view.checklist_content(id).map(|(_, _, content)| Some(content)),
            None => Ok(None),
        });
        let form = checklist::unbundle(name, &content.ok().flatten()?)?;
        let form = Arc::new(form);
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(key, Arc::clone(&form));
        Some(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::pages::wording;
    use crate::config::sources::Sources;
    use crate::letter::proof::samples;

    #[test]
    fn only_what_the_moment_knows_stays_open() {
        let shipped = wording::load(&Sources::shipped()).unwrap();
        let later = ["page", "pages", "max", "minutes", "date", "left", "fields"];
        for language in ["en", "es"] {
            let said = LanguageHours { language, hours: "8-17" };
            let words = PageWords::with_facts(&shipped, &samples::clinic(), said);
            for (key, text) in &words.texts {
                let open = text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0));
                assert!(open.clone().all(|name| later.contains(&name)), "{language} {key}: {text}");
            }
        }
    }
}
