//! One letter in one language as it is worded now: what staff wrote last, above what ships and beneath the operator's files.

use std::collections::BTreeMap;

use super::super::letter_names;
use super::super::sample_query::sample_item;
use crate::care::settings::own_wording::OwnWording;
use crate::journey::errors::step::StepError;
use crate::letter::compose::Composer;
use crate::letter::content::{Inputs, Letter};
use crate::letter::own::layers::WordingLayers;
use crate::letter::own::letter_texts::{self, EVERY_LETTER, NO_COVER, OTHER_LETTERS};
use crate::letter::proof::samples;
use crate::store::own_wordings::OwnWordingVersion;
use crate::web::console::auth::session::SignedIn;

/// What several letters share, and what staff call it.
pub(in crate::web::console::letters::kinds) const SHARED: [(&str, &str, &str); 3] = [
    (
        EVERY_LETTER,
        "What stands in every letter",
        "greeting, numbers to ring, the list of signs, what stands at the end",
    ),
    (NO_COVER, "In the place of a form", "while nobody on the ladder can be reached"),
    (OTHER_LETTERS, "Subjects and letters of other steps", "where a step has no words of its own"),
];

/// A letter in a language, and the words there are.
pub(super) struct WordedLetter {
    /// The letter, as files and commands call it.
    pub(super) letter: &'static str,
    /// The language's short code.
    pub(super) language: String,
    /// The version that was written last.
    pub(super) newest: Option<OwnWordingVersion>,
    /// All layers, with what was written last.
    pub(super) layers: WordingLayers,
}

/// Of which made-up letter a look is asked.
pub(super) struct LookChoice<'a> {
    pub(super) kind: &'a str,
    pub(super) detail: &'a str,
    /// The clinic's zone: a date is told by its clock.
    pub(super) zone: &'a str,
}

/// A letter with words that are proposed for it.
pub(super) struct ProposedLetter<'a> {
    pub(super) worded: &'a WordedLetter,
    pub(super) own: &'a OwnWording,
    /// What writes it so; `None` where its words make no templates.
    pub(super) composer: Option<&'a Composer>,
}

impl WordedLetter {
    /// Reads it; `None` where there is no such letter. A language that the clinic does not write in gives its first.
    pub(super) fn read(signed_in: &SignedIn, name: &str, language: &str) -> Result<Option<Self>, StepError> {
        let deps = &signed_in.app.deps;
        let letter = letter_texts::letters().find(|letter| *letter == name);
        let known = deps.languages.iter().find(|one| *one == language).or(deps.languages.first());
        let (Some(letter), Some(language)) = (letter, known) else { return Ok(None) };
        let newest = signed_in.clinic().store.read(|view| view.own_wording_newest(letter, language))?;
        let texts = newest.as_ref().map(|one| one.own.texts.clone()).unwrap_or_default();
        let version = newest.as_ref().map_or(0, |one| one.own.version);
        let own = OwnWording { letter: letter.to_owned(), language: language.clone(), version, texts };
        let layers = deps.wordings.proposing(&own);
        Ok(Some(Self { letter, language: language.clone(), newest, layers }))
    }

    /// The names of its texts.
    pub(super) fn texts(&self) -> Vec<String> {
        let pack = self.layers.files.languages.get(&self.language);
        pack.map(|pack| letter_texts::texts(self.letter, pack)).unwrap_or_default()
    }

    /// What a text says as shipped; empty where none ships.
    pub(super) fn shipped(&self, text: &str) -> &str {
        let pack = self.layers.shipped.languages.get(&self.language);
        pack.and_then(|pack| letter_texts::said(pack, text)).unwrap_or_default()
    }

    /// What the operator's file says, or what ships.
    pub(super) fn of_files(&self, text: &str) -> &str {
        let pack = self.layers.files.languages.get(&self.language);
        pack.and_then(|pack| letter_texts::said(pack, text)).unwrap_or_default()
    }

    /// What staff wrote last.
    pub(super) fn own_texts(&self) -> BTreeMap<String, String> {
        self.newest.as_ref().map(|one| one.own.texts.clone()).unwrap_or_default()
    }

    /// Number of the version that whoever edits has read.
    pub(super) fn seen(&self) -> Option<i64> {
        self.newest.as_ref().map(|one| one.own.version)
    }

    /// The same letter with other texts, not saved.
    pub(super) fn saying(&self, texts: BTreeMap<String, String>) -> OwnWording {
        OwnWording { letter: self.letter.to_owned(), language: self.language.clone(), version: 0, texts }
    }

    /// What writes with these texts.
    pub(super) fn composer(&self, own: &OwnWording) -> Option<Composer> {
        let layers = self.layers.proposing(own);
        let others = layers.own.iter().filter(|one| one.language == own.language);
        Composer::new(&layers.laid(&others.collect::<Vec<_>>())).ok()
    }

    /// What the letter is called on pages, and when it leaves.
    pub(super) fn title(&self) -> (String, &'static str) {
        let shared = SHARED.iter().find(|(letter, ..)| *letter == self.letter);
        match (shared, letter_names::named(self.letter)) {
            (Some((_, title, when)), _) => ((*title).to_owned(), when),
            (None, Some(named)) => (named.title(), named.when),
            (None, None) => (self.letter.to_owned(), ""),
        }
    }

    /// For what it can be written.
    pub(super) fn kinds(&self) -> &'static [&'static str] {
        let step = match self.letter {
            NO_COVER => "invite",
            OTHER_LETTERS => return &samples::KINDS,
            EVERY_LETTER => "invite",
            letter => letter,
        };
        samples::STEPS.iter().find(|(name, _)| *name == step).map_or(&[], |(_, kinds)| kinds)
    }

    /// The letter to somebody who does not exist.
    pub(super) fn written(&self, composer: &Composer, choice: &LookChoice<'_>) -> Option<Letter> {
        let kinds = self.kinds();
        let kind = kinds.iter().find(|kind| **kind == choice.kind).or(kinds.first())?;
        let detail = samples::DETAILS.into_iter().find(|detail| *detail == choice.detail);
        let step = match self.letter {
            NO_COVER | EVERY_LETTER => "invite",
            OTHER_LETTERS => "default",
            letter => letter,
        };
        let item = sample_item(choice.zone, &self.language, step, kind);
        let inputs = samples::inputs(&self.language, detail.unwrap_or("standard"), item);
        let inputs = Inputs { no_cover: self.letter == NO_COVER, ..inputs };
        composer.compose(&inputs, &samples::links()).ok()
    }
}
