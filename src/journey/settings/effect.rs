//! What a change would do, told before it is saved: in which letters a number stands, and how many of them wait.

use std::collections::BTreeMap;

use crate::letter::compose::Composer;
use crate::letter::proof::samples;

/// The letters of one language in which a number stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberEffect {
    /// Code of the language, e.g. `es`.
    pub language: String,
    /// The letters, by the step that sends them.
    pub letters: Vec<&'static str>,
    /// How many letters to patients in that language wait to leave.
    pub waiting: u32,
}

/// Writes a sample of every letter to patients and looks for the number; `waiting` are letters by their readers' language.
#[must_use]
pub fn letters_with(composer: &Composer, number: &str, waiting: &BTreeMap<String, u32>) -> Vec<NumberEffect> {
    let of = |language: &str| NumberEffect {
        language: language.to_owned(),
        letters: letters(composer, number, language),
        waiting: waiting.get(language).copied().unwrap_or_default(),
    };
    composer.languages().map(of).collect()
}

fn letters(composer: &Composer, number: &str, language: &str) -> Vec<&'static str> {
    let links = samples::links();
    let stands = |step: &str, kind: &str| {
        let inputs = samples::inputs(language, "standard", samples::item(language, step, kind));
        composer.compose(&inputs, &links).is_ok_and(|letter| letter.text.contains(number))
    };
    let to_patients = samples::STEPS.iter().filter(|(_, kinds)| !kinds.contains(&"staff"));
    let with = to_patients.filter(|(step, kinds)| kinds.iter().any(|kind| stands(step, kind)));
    with.map(|(step, _)| *step).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::letter::wording::Wording;

    #[test]
    fn the_number_for_day_and_night_stands_in_every_letter_of_every_language() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("config");
        let mut files = crate::letter::wording::Files::new();
        for language in ["en", "es"] {
            for folder in ["letters", "leaflets"] {
                for entry in std::fs::read_dir(root.join(folder).join(language)).unwrap() {
                    let path = entry.unwrap().path();
                    let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                    files.insert(name, std::fs::read_to_string(&path).unwrap());
                }
            }
        }
        for name in ["letters/layout.html.j2", "letters/letter.css"] {
            files.insert(name.to_owned(), std::fs::read_to_string(root.join(name)).unwrap());
        }
        let wording = Wording::from_layers(samples::clinic(), &[&files]).unwrap();
        let composer = Composer::new(&wording).unwrap();
        let waiting = BTreeMap::from([("es".to_owned(), 3)]);
        let found = letters_with(&composer, "+34 600 100 300", &waiting);
        assert_eq!(found.iter().map(|one| one.waiting).collect::<Vec<_>>(), [0, 3]);
        assert!(
            found.iter().all(|one| one.letters.len() > 15 && one.letters.contains(&"invite")),
            "{found:?}"
        );
        assert!(
            letters_with(&composer, "+34 600 999 999", &waiting).iter().all(|one| one.letters.is_empty())
        );
    }
}
