//! The words for readers who live in another country than the clinic: the same, with the emergency number of theirs.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::letter::fault::LetterFault;
use crate::letter::locale::Locale;
use crate::letter::wording::Wording;

/// What stands for the emergency number where none is known; a string of `strings.toml`.
pub(super) const UNKNOWN: &str = "emergency.local";

/// Locales by language and emergency number. Each is compiled when somebody who rings that number reads it first: there are
/// many countries, and few clinics write to more than one.
pub(super) struct LocaleCache {
    wording: Wording,
    by_number: BTreeMap<String, BTreeMap<String, OnceLock<Result<Locale, LetterFault>>>>,
}

impl LocaleCache {
    pub(super) fn of(wording: &Wording) -> Self {
        let numbers = wording.clinic.numbers_abroad();
        let open = || numbers.iter().map(|number| ((*number).to_owned(), OnceLock::new())).collect();
        let by_number = wording.languages.keys().map(|language| (language.clone(), open())).collect();
        Self { wording: wording.clone(), by_number }
    }

    pub(super) fn locale(&self, language: &str, number: &str) -> Option<&Result<Locale, LetterFault>> {
        let pack = self.wording.languages.get(language)?;
        let open = self.by_number.get(language)?.get(number)?;
        Some(open.get_or_init(|| {
            let unknown = pack.strings.get(UNKNOWN).map_or("", String::as_str);
            let clinic = self.wording.clinic.ringing(number, unknown);
            let wording = Wording { clinic, ..self.wording.clone() };
            Locale::load(language, pack, &wording).map_err(|faults| {
                let fault = faults.into_iter().next();
                fault.unwrap_or_else(|| LetterFault::new("letters", "cannot be read", "restore letters/en"))
            })
        }))
    }
}
