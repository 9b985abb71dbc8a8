//! Three layers of words: what ships, what staff word themselves, and above both the operator's files. What staff word stands
//! only as a whole and only while it proves: else the letter is the shipped one, whole, and somebody is told.

use std::collections::{BTreeMap, BTreeSet};

use super::{letter_texts, lost_facts, plain_text};
use crate::care::settings::own_wording::OwnWording;
use crate::letter::compose::Composer;
use crate::letter::fault::LetterFault;
use crate::letter::proof::prove::prove_in;
use crate::letter::wording::Wording;

/// The words there are, layer by layer.
#[derive(Debug, Clone)]
pub struct WordingLayers {
    /// As shipped, with what the clinic says of itself.
    pub shipped: Wording,
    /// The same shadowed by the operator's files.
    pub files: Wording,
    /// What staff word themselves: the version that counts of each letter and language.
    pub own: Vec<OwnWording>,
    /// The operator's files by their path, under the names they have at the clinic.
    pub names: BTreeMap<String, String>,
}

/// A version that counts and does not prove, e.g. after an upgrade: the letter is as shipped until somebody words it anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAsideWording {
    /// The version that does not count.
    pub own: OwnWording,
    /// What is wrong with it.
    pub faults: Vec<LetterFault>,
}

/// The words that letters are written in.
#[derive(Debug, Clone)]
pub struct StandingWording {
    /// The words in force: shipped, the operator's, then the clinic's own.
    pub wording: Wording,
    /// What had to be left out.
    pub set_aside: Vec<SetAsideWording>,
}

impl WordingLayers {
    /// The operator's file that decides a text; `None` where it is left to staff.
    #[must_use]
    pub fn fixed(&self, language: &str, text: &str) -> Option<String> {
        if !self.is_fixed(language, text) {
            return None;
        }
        let file = letter_texts::file(language, text);
        Some(self.names.get(&file).cloned().unwrap_or(file))
    }

    fn is_fixed(&self, language: &str, text: &str) -> bool {
        let said = |wording: &Wording| {
            let pack = wording.languages.get(language)?;
            letter_texts::said(pack, text).map(str::to_owned)
        };
        said(&self.shipped) != said(&self.files)
    }

    /// What staff word of a letter in a language.
    #[must_use]
    pub fn own(&self, letter: &str, language: &str) -> Option<&OwnWording> {
        self.own.iter().find(|own| own.letter == letter && own.language == language)
    }

    /// The same with another wording of one letter, to see what would become of it.
    #[must_use]
    pub fn proposing(&self, proposed: &OwnWording) -> Self {
        let mut own = self.own.clone();
        own.retain(|one| one.letter != proposed.letter || one.language != proposed.language);
        own.push(proposed.clone());
        Self { own, ..self.clone() }
    }

    /// What is wrong with these texts of a letter, alone and beside what else staff word; nothing if they may be saved.
    #[must_use]
    pub fn faults_of(&self, proposed: &OwnWording) -> Vec<LetterFault> {
        let layers = self.proposing(proposed);
        let alone = layers.faults(&[proposed]);
        if !alone.is_empty() {
            return alone;
        }
        let others: Vec<&OwnWording> = self
            .own
            .iter()
            .filter(|one| one.language == proposed.language && one.letter != proposed.letter)
            .collect();
        if others.is_empty() || !layers.faults(&others).is_empty() {
            return Vec::new();
        }
        layers.faults(&[&others[..], &[proposed]].concat())
    }

    /// The words that letters are written in: each wording of staff that proves, and the shipped letter in place of each other.
    #[must_use]
    pub fn standing(&self) -> StandingWording {
        let all: Vec<&OwnWording> = self.own.iter().collect();
        if self.faults(&all).is_empty() {
            return StandingWording { wording: self.laid(&all), set_aside: Vec::new() };
        }
        let (mut stands, mut set_aside) = (Vec::new(), Vec::new());
        for own in all {
            let faults = self.faults(&[own]);
            if faults.is_empty() {
                stands.push(own);
            } else {
                set_aside.push(SetAsideWording { own: own.clone(), faults });
            }
        }
        // Each proves alone; together they may not, e.g. where one text includes another.
        let faults = self.faults(&stands);
        if !faults.is_empty() {
            let left = std::mem::take(&mut stands).into_iter();
            set_aside.extend(left.map(|own| SetAsideWording { own: own.clone(), faults: faults.clone() }));
        }
        StandingWording { wording: self.laid(&stands), set_aside }
    }

    /// The words with these texts of staff, proved or not: for looking at them.
    #[must_use]
    pub fn laid(&self, own: &[&OwnWording]) -> Wording {
        let mut wording = self.files.clone();
        for one in own {
            let Some(pack) = wording.languages.get_mut(&one.language) else { continue };
            for (text, says) in &one.texts {
                if !self.is_fixed(&one.language, text) {
                    letter_texts::say(pack, text, says);
                }
            }
        }
        wording
    }

    /// What is wrong with texts of staff; what is wrong without them is not theirs.
    fn faults(&self, own: &[&OwnWording]) -> Vec<LetterFault> {
        let own: Vec<&OwnWording> = own.iter().copied().filter(|one| self.is_used(one)).collect();
        let packs = &self.files.languages;
        let plain = own.iter().flat_map(|one| plain_text::faults(one, packs.get(&one.language)));
        let mut faults: Vec<LetterFault> = plain.collect();
        if own.is_empty() {
            return faults;
        }
        let languages: BTreeSet<String> = own.iter().map(|one| one.language.clone()).collect();
        let laid = self.laid(&own);
        faults.extend(prove_in(&laid, &languages));
        if let (Ok(before), Ok(after)) = (Composer::new(&self.files), Composer::new(&laid)) {
            faults.extend(own.iter().flat_map(|one| lost_facts::faults(&before, &after, one)));
        }
        if faults.is_empty() {
            return faults;
        }
        let before = prove_in(&self.files, &languages);
        faults.retain(|fault| !before.contains(fault));
        faults
    }

    /// A language that the clinic does not write in any more is nobody's fault.
    fn is_used(&self, own: &OwnWording) -> bool {
        self.files.languages.contains_key(&own.language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::proof::samples;
    use crate::letter::wording::Files;

    const BOOK: &str = "It is due around {{ due }}. Please call us.\n\n=> tel:{{ clinic.tel_office }} {{ clinic.phone_office }}\n";
    const BOOK_ES: &str = "Toca alrededor del {{ due }}. Por favor, llame.\n\n=> tel:{{ clinic.tel_office }} {{ clinic.phone_office }}\n";

    fn layers(files: &[(&str, &str)], own: &[OwnWording]) -> WordingLayers {
        let shipped = samples::shipped_files();
        let files: Files = files.iter().map(|(p, t)| ((*p).to_owned(), (*t).to_owned())).collect();
        WordingLayers {
            shipped: samples::wording(),
            files: Wording::from_layers(samples::clinic(), &[&shipped, &files]).unwrap(),
            own: own.to_vec(),
            names: BTreeMap::new(),
        }
    }

    fn own(letter: &str, language: &str, texts: &[(&str, &str)]) -> OwnWording {
        let texts = texts.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        OwnWording { letter: letter.to_owned(), language: language.to_owned(), version: 1, texts }
    }

    fn problems(faults: &[LetterFault]) -> String {
        faults.iter().map(|fault| format!("{fault}\n")).collect()
    }

    #[test]
    fn one_language_is_worded_and_the_other_stays_as_shipped() {
        let mine = own("book", "en", &[("book", BOOK)]);
        let standing = layers(&[], std::slice::from_ref(&mine)).standing();
        assert_eq!(standing.set_aside, []);
        assert_eq!(standing.wording.languages["en"].fragments["book"], mine.texts["book"]);
        assert_eq!(standing.wording.languages["es"], samples::wording().languages["es"]);
        let gone = own("book", "fr", &[("book", "Bonjour.")]);
        assert_eq!(layers(&[], &[gone]).standing().wording, samples::wording());
    }

    #[test]
    fn a_file_of_the_operators_wins_text_by_text_and_a_copy_of_ours_decides_nothing() {
        let strings = "[greeting]\nplain = \"Good day,\"\nnamed = \"Dear {name},\"\n";
        let texts = [("greeting.plain", "Hi,"), ("greeting.named", "Hi {name},")];
        let mine = own(letter_texts::EVERY_LETTER, "en", &texts);
        let layers = layers(&[("letters/en/strings.toml", strings)], &[mine]);
        let strings = layers.standing().wording.languages["en"].strings.clone();
        assert_eq!(
            (strings["greeting.plain"].as_str(), strings["greeting.named"].as_str()),
            ("Good day,", "Hi {name},")
        );
        assert_eq!(layers.fixed("en", "greeting.plain").as_deref(), Some("letters/en/strings.toml"));
        assert_eq!(layers.fixed("en", "greeting.named"), None);
    }

    #[test]
    fn a_letter_that_does_not_prove_is_shipped_whole_and_the_others_stand() {
        let broken =
            own("booked", "en", &[("booked", "{{ patient }}"), ("subjects.booked", "Hello from {clinic}")]);
        let sound = own("invite", "es", &[("subjects.go-now", "x")]);
        let fine = own("book", "es", &[("book", BOOK_ES)]);
        let standing = layers(&[], &[broken.clone(), sound.clone(), fine.clone()]).standing();
        let left: Vec<_> = standing.set_aside.iter().map(|one| one.own.clone()).collect();
        assert_eq!(left, [broken, sound]);
        let said = problems(&standing.set_aside[0].faults);
        assert!(said.contains("`patient` is no name that this text"), "{said}");
        let shipped = samples::wording();
        assert_eq!(standing.wording.languages["en"], shipped.languages["en"]);
        assert_eq!(standing.wording.languages["es"].fragments["book"], fine.texts["book"]);
    }

    #[test]
    fn what_a_letter_must_tell_cannot_be_lost() {
        let layers = layers(&[], &[]);
        for (letter, text, what) in [
            ("invite", "How are you? We would like to know.\n", "links.checklist"),
            ("booked", "Your date is made. See you soon.\n", "{{ day }}"),
            ("staff-test-alert", "This is a test. Say yes.\n", "links.code"),
            ("book", "You missed us again. You must call. {{ due }}\n", "{{ clinic.phone_office }}"),
            ("book", "Please call us on {{ clinic.phone_office }}.\n", "{{ due }}"),
            ("booked", "It is on {{ when }}. Call {{ clinic.phone_office }}.\n", "{{ place }}"),
            (
                "no-cover",
                "Do not wait for us. Call {{ clinic.phone_24h }}.\n",
                "{{ clinic.emergency_number }}",
            ),
            ("book", "Hello {{ name_of_patient }}\n", "`name_of_patient` is no name that this text"),
            ("book", "Hello {{ \n", "syntax error"),
            (
                "book",
                "Multidisciplinary considerations necessitate comprehensive radiological investigation.\n",
                "reading grade",
            ),
        ] {
            let said = problems(&layers.faults_of(&own(letter, "en", &[(letter, text)])));
            assert!(said.contains(what), "{letter}: {said}");
        }
        let telling = own("booked", "en", &[("subjects.booked", "Your MRI at {clinic}")]);
        assert!(problems(&layers.faults_of(&telling)).contains("\"mri\""));
        let numbers = own(letter_texts::EVERY_LETTER, "en", &[("numbers", "Call us.\n")]);
        assert!(problems(&layers.faults_of(&numbers)).contains("clinic.phone_24h"));
    }
}
