//! Which made-up letter is asked for: language, how much it says, for what, and whether somebody can read a form.

use serde::Deserialize;

use super::colour_scheme::ColourScheme;
use super::letter_names::{LetterTitle, named};
use crate::letter::content::{Inputs, Letter, LetterItem};
use crate::letter::fault::LetterFault;
use crate::letter::proof::samples;
use crate::web::console::auth::session::SignedIn;

/// The address's own words; whatever it does not know falls back to the first choice.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web::console) struct SampleQuery {
    language: Option<String>,
    detail: Option<String>,
    kind: Option<String>,
    cover: Option<String>,
    /// `dark` for the HTML part as mail programs show it at night.
    look: Option<String>,
}

/// What a made-up letter is about: a date in it is told by that zone's clock, the clinic's.
pub(in crate::web::console::letters::kinds) fn sample_item(
    zone: &str,
    language: &str,
    step: &str,
    kind: &str,
) -> LetterItem {
    let mut item = samples::item(language, step, kind);
    if let Some(date) = &mut item.appointment {
        zone.clone_into(&mut date.zone);
    }
    item
}

/// A made-up letter that can be written.
pub(in crate::web::console::letters::kinds) struct Sample {
    pub(in crate::web::console::letters::kinds) title: &'static LetterTitle,
    pub(in crate::web::console::letters::kinds) kinds: &'static [&'static str],
    pub(in crate::web::console::letters::kinds) kind: &'static str,
    pub(in crate::web::console::letters::kinds) language: String,
    pub(in crate::web::console::letters::kinds) detail: &'static str,
    pub(in crate::web::console::letters::kinds) no_cover: bool,
    pub(in crate::web::console::letters::kinds) scheme: ColourScheme,
}

impl Sample {
    /// What is asked for; `None` where there is no letter of that name.
    pub(in crate::web::console::letters::kinds) fn of(
        name: &str,
        query: &SampleQuery,
        signed_in: &SignedIn,
    ) -> Option<Self> {
        let title = named(name)?;
        let (_, kinds) = samples::STEPS.iter().find(|(step, _)| *step == name)?;
        let asked = query.kind.as_deref();
        let kind = kinds.iter().find(|kind| Some(**kind) == asked).or(kinds.first())?;
        let detail = samples::DETAILS.into_iter().find(|detail| Some(*detail) == query.detail.as_deref());
        let languages = &signed_in.app.deps.languages;
        let language =
            languages.iter().find(|one| Some(*one) == query.language.as_ref()).or(languages.first())?;
        Some(Self {
            title,
            kinds,
            kind,
            language: language.clone(),
            detail: detail.unwrap_or("standard"),
            no_cover: *kind == "checklist" && query.cover.as_deref() == Some("none"),
            scheme: ColourScheme::of(query.look.as_deref()),
        })
    }

    /// The letter, as the composer of real letters writes it.
    pub(in crate::web::console::letters::kinds) fn written(
        &self,
        signed_in: &SignedIn,
    ) -> Result<Letter, LetterFault> {
        let item = sample_item(&signed_in.clinic().policy.zone, &self.language, self.title.name, self.kind);
        let inputs = samples::inputs(&self.language, self.detail, item);
        let inputs = Inputs { no_cover: self.no_cover, ..inputs };
        signed_in.app.deps.composer.compose(&inputs, &samples::links())
    }

    /// The address's query for the same letter in that look.
    pub(in crate::web::console::letters::kinds) fn query(&self, look: &str) -> String {
        let cover = if self.no_cover { "&cover=none" } else { "" };
        let Self { language, detail, kind, .. } = self;
        format!("language={language}&detail={detail}&kind={kind}{cover}&look={look}")
    }
}
