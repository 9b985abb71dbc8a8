//! Writes a letter. What a detail level hides is hidden here, before any template sees it, so that no wording can leak it.

mod abroad;
mod locale_cache;
mod sections;
mod text_lines;

use std::collections::BTreeMap;

use minijinja::{Value, context};

use super::fault::LetterFault;
use super::leaflet::Leaflet;
use super::wording::Wording;
use super::{calendar, dates, locale, markup};
use crate::care::patient::Detail;
use crate::letter::compose::locale_cache::LocaleCache;
use crate::letter::content::{CalendarPart, Inputs, Letter, LetterItem, Links};
use crate::letter::dates::DateWords;
use crate::letter::locale::Locale;
use crate::letter::markup::{Block, Tags};
use crate::letter::proof::forbidden::Forbidden;
use crate::letter::wording::ClinicFacts;

/// A wording with its templates compiled, ready to write letters.
pub struct Composer {
    pub(super) clinic: ClinicFacts,
    locales: BTreeMap<String, Locale>,
    abroad: LocaleCache,
    tags: Tags,
    forbidden: Forbidden,
}

impl std::fmt::Debug for Composer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Composer").field("languages", &self.locales.keys()).finish_non_exhaustive()
    }
}

impl Composer {
    /// Compiles every language of a wording.
    ///
    /// # Errors
    /// Every template that cannot be read, with its line; every leaflet without a title; a layout without its slots.
    pub fn new(wording: &Wording) -> Result<Self, Vec<LetterFault>> {
        let tags = Tags::styled(&wording.css).map_err(|fault| vec![fault])?;
        let (mut locales, mut faults) = (BTreeMap::new(), Vec::new());
        for (language, pack) in &wording.languages {
            match Locale::load(language, pack, wording) {
                Ok(locale) => drop(locales.insert(language.clone(), locale)),
                Err(found) => faults.extend(found),
            }
        }
        if faults.is_empty() {
            Ok(Self {
                clinic: wording.clinic.clone(),
                abroad: LocaleCache::of(wording),
                locales,
                tags,
                forbidden: Forbidden::everywhere(wording),
            })
        } else {
            Err(faults)
        }
    }

    /// Writes the letter. The same inputs and links always give the same bytes.
    ///
    /// # Errors
    /// The fault of the template that could not be rendered, or of inputs that name no item, language or detail level.
    pub fn compose(&self, inputs: &Inputs, links: &Links) -> Result<Letter, LetterFault> {
        let locale = self.locale_in(&inputs.language, inputs.country.as_deref())?;
        let draft = Draft::open(self, locale, inputs, links)?;
        let subject = draft.subject();
        let body = draft.body()?;
        let foot = draft.foot();
        let mut text = locale::text(&body);
        if !draft.staff {
            text.push('\n');
            text.push_str(&locale.ending(draft.detail).tail);
            text.push('\n');
        }
        markup::to_text(&foot, &mut text);
        let (mut html_body, mut html_foot) = (String::with_capacity(4096), String::new());
        markup::to_html(&body, &self.tags, &mut html_body);
        markup::to_html(&foot, &self.tags, &mut html_foot);
        let frame = if draft.staff { &locale.staff } else { &locale.ending(draft.detail).frame };
        let html = frame.fill(&subject, &html_body, &html_foot);
        let calendar = draft.calendar(&text)?;
        let text = match self.clinic.text_width {
            Some(width) => text_lines::broken(&text, usize::from(width)),
            // Of a wording kept before lines were broken: as it left.
            None => text,
        };
        Ok(Letter { html, text, calendar, language: locale.language.clone(), subject })
    }

    /// The languages a letter can be written in.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.locales.keys().map(String::as_str)
    }

    /// Whether a step of that name and kind has words of its own in that language, rather than the neutral default.
    #[must_use]
    pub fn knows(&self, language: &str, template: &str, kind: &str) -> bool {
        self.locales
            .get(language)
            .is_some_and(|locale| locale.has(template) || locale.has(&format!("{template}.{kind}")))
    }

    /// A leaflet, for its page.
    #[must_use]
    pub fn leaflet(&self, language: &str, name: &str) -> Option<&Leaflet> {
        self.leaflet_in(language, None, name)
    }

    /// The leaflets of a language: name and title.
    pub fn leaflets(&self, language: &str) -> impl Iterator<Item = (&str, &str)> {
        let leaflets = self.locales.get(language).into_iter().flat_map(|locale| &locale.leaflets);
        leaflets.map(|(name, leaflet)| (name.as_str(), leaflet.title.as_str()))
    }

    /// The static warning list and numbers of a language, for pages: the same words as in every letter. A page that anyone
    /// may open tells nothing of one person, so it may name what helpers must hear.
    #[must_use]
    pub fn warning_html(&self, language: &str) -> Option<String> {
        self.warning_html_in(language, None)
    }

    /// How that language writes days and hours where the clinic is; `None` where there are no words at all.
    #[must_use]
    pub fn dates(&self, language: &str) -> Option<&DateWords> {
        self.locale(language).ok().map(|locale| &locale.dates)
    }

    /// The language itself, or English whole, or whatever there is: never two languages in one letter.
    pub(super) fn locale(&self, language: &str) -> Result<&Locale, LetterFault> {
        let primary = language.split(['-', '_']).next().unwrap_or_default();
        let found = self.locales.get(primary).or_else(|| self.locales.get("en"));
        found.or_else(|| self.locales.values().next()).ok_or_else(|| {
            LetterFault::new("letters", "there are no words in any language", "restore letters/en")
        })
    }
}

/// One letter while it is being written.
pub(super) struct Draft<'a> {
    pub(super) composer: &'a Composer,
    pub(super) locale: &'a Locale,
    pub(super) inputs: &'a Inputs,
    pub(super) links: &'a Links,
    pub(super) detail: Detail,
    pub(super) staff: bool,
}

impl<'a> Draft<'a> {
    pub(super) fn open(
        composer: &'a Composer,
        locale: &'a Locale,
        inputs: &'a Inputs,
        links: &'a Links,
    ) -> Result<Self, LetterFault> {
        let fault = |problem: String| {
            LetterFault::new("inputs", problem, "this is a fault of the program: please report it")
        };
        let detail = Detail::parse(&inputs.detail).map_err(|error| fault(error.to_string()))?;
        if inputs.items.is_empty() {
            return Err(fault("a letter must say something".to_owned()));
        }
        let staff = inputs.items.iter().any(|item| item.kind == "staff");
        Ok(Self { composer, locale, inputs, links, detail, staff })
    }

    /// Neutral: of templates, only those to staff may name a fact, and those only know a case code and a tier (P10).
    fn subject(&self) -> String {
        let key = |item: &LetterItem| {
            let own = format!("subjects.{}", item.template);
            if self.locale.strings.contains_key(&own) {
                own
            } else if matches!(item.kind.as_str(), "visit" | "test") {
                "subjects.appointment".to_owned()
            } else if item.kind == "staff" {
                "subjects.default-staff".to_owned()
            } else {
                "subjects.message".to_owned()
            }
        };
        let mut keys = self.inputs.items.iter().map(key);
        let first = keys.next().unwrap_or_default();
        let alike = first == "subjects.go-now" || keys.all(|other| other == first);
        let pattern = self.locale.string(if alike { &first } else { "subjects.message" });
        let facts = self.inputs.items.first().filter(|_| self.staff).map(|item| self.locale.facts(item));
        let facts = facts.unwrap_or_default();
        let values: Vec<(&str, &str)> =
            facts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        markup::one_line(&dates::fill(pattern, &values)).chars().take(200).collect()
    }

    pub(super) fn body(&self) -> Result<Vec<Block>, LetterFault> {
        let mut blocks = Vec::new();
        if !self.staff {
            blocks.push(Block::Paragraph(self.greeting()));
            blocks.extend(self.acts_for().map(Block::Paragraph));
        }
        blocks.extend(self.opening());
        let mut said: Vec<Vec<Block>> = Vec::new();
        for (place, item) in self.inputs.items.iter().enumerate() {
            let section = self.section(item)?;
            // Below `full` one section speaks for all short texts of the letter. Of a wording from before: as it left.
            if item.kind == "leaflet" && said.contains(&section) && self.composer.clinic.clock_zone.is_some()
            {
                continue;
            }
            blocks.extend(self.heading(place));
            blocks.extend(section.iter().cloned());
            said.push(section);
        }
        if !self.staff {
            blocks.push(Block::Paragraph(self.locale.string("lines.sign_off").to_owned()));
            let clinic = &self.composer.clinic;
            let name = if self.detail == Detail::Minimal { &clinic.short_name } else { &clinic.name };
            blocks.push(Block::Paragraph(markup::one_line(name)));
        }
        Ok(blocks)
    }

    /// To whoever acts for her: whose letter it is, and who is meant by "you".
    fn acts_for(&self) -> Option<String> {
        let name = markup::one_line(self.inputs.acts_for.as_deref()?);
        Some(match self.detail {
            Detail::Minimal => self.locale.string("proxy.plain").to_owned(),
            _ => dates::fill(self.locale.string("proxy.named"), &[("name", &name)]),
        })
    }

    fn greeting(&self) -> String {
        let name =
            self.inputs.name.as_deref().filter(|_| self.detail != Detail::Minimal).map(markup::one_line);
        match name {
            Some(name) => dates::fill(self.locale.string("greeting.named"), &[("name", &name)]),
            None => self.locale.string("greeting.plain").to_owned(),
        }
    }

    /// One item's own words.
    pub(super) fn section(&self, item: &LetterItem) -> Result<Vec<Block>, LetterFault> {
        let fragment = self.fragment(item)?;
        self.locale.render(&fragment, self.words(item)).map(|markup| markup::parse(&markup))
    }

    /// The most particular words there are for an item; an unknown step has the neutral words of its kind.
    pub(super) fn fragment(&self, item: &LetterItem) -> Result<String, LetterFault> {
        let name = if self.inputs.no_cover && item.kind == "checklist" { "no-cover" } else { &item.template };
        let minimal = (self.detail == Detail::Minimal).then(|| format!("{name}.minimal"));
        let choices = minimal.into_iter().chain([
            format!("{name}.{}", item.kind),
            name.to_owned(),
            format!("default.{}", item.kind),
            "default".to_owned(),
        ]);
        choices.into_iter().find(|choice| self.locale.has(choice)).ok_or_else(|| {
            let file = super::fault::fragment_file(&self.locale.language, "default");
            LetterFault::new(&file, "this file is missing", "it speaks for steps without words of their own")
        })
    }

    /// The names a template may use. What the detail level hides is empty here.
    fn words(&self, item: &LetterItem) -> Value {
        let locale = self.locale;
        let full =
            |text: &str| if self.detail == Detail::Full { markup::one_line(text) } else { String::new() };
        let appointment = item.appointment.as_ref();
        let noun = match item.kind.as_str() {
            "visit" | "test" if self.detail != Detail::Minimal => {
                locale.string(&format!("nouns.{}", item.kind))
            }
            _ => locale.string("nouns.appointment"),
        };
        let leaflet = item.leaflet.as_deref().filter(|_| self.detail == Detail::Full).unwrap_or_default();
        context! {
            clinic => locale.clinic.clone(),
            detail => self.detail.word(),
            kind => &item.kind,
            noun,
            title => full(&item.title),
            prepare => self.prepare(item),
            place => self.place(item),
            when => appointment.map(|a| locale.dates.moment(a)).unwrap_or_default(),
            day => appointment.map(|a| locale.dates.day(a.on)).unwrap_or_default(),
            hour => appointment.map(|a| locale.dates.hour(a.at)).unwrap_or_default(),
            due => item.due_on.map(|on| locale.dates.day(on)).unwrap_or_default(),
            leaflet => context! {
                title => locale.leaflets.get(leaflet).map(|l| l.title.as_str()).unwrap_or_default(),
                text => locale.leaflet_markup(leaflet),
            },
            facts => locale.facts(item),
            links => self.addresses(item),
            texts => self.texts(item),
        }
    }

    /// How to get ready: at `full` always, at `standard` if the note tells nothing that a subject may not tell either.
    fn prepare(&self, item: &LetterItem) -> String {
        let note = markup::one_line(item.prepare.as_deref().unwrap_or_default());
        let shown = match self.detail {
            Detail::Full => true,
            Detail::Standard => self.composer.forbidden.told_by(&note).is_none(),
            Detail::Minimal => false,
        };
        if shown { note } else { String::new() }
    }

    fn place(&self, item: &LetterItem) -> String {
        match &item.appointment {
            Some(appointment) if self.detail != Detail::Minimal => {
                let place = markup::one_line(&appointment.place);
                if place.is_empty() { markup::one_line(&self.composer.clinic.address) } else { place }
            }
            _ => String::new(),
        }
    }

    /// The place as others may see it in a calendar: nothing that the letter keeps back, and nothing that tells (P10).
    fn location(&self, item: &LetterItem, text: &str) -> Option<String> {
        let place = Some(self.place(item)).filter(|place| text.contains(place.as_str()))?;
        self.composer.forbidden.told_by(&place).is_none().then_some(place)
    }

    /// The first appointment that lies ahead or was called off; iTIP allows one UID per message.
    fn calendar(&self, text: &str) -> Result<Option<CalendarPart>, LetterFault> {
        let written_on = self.inputs.written_on;
        let ahead = |item: &&LetterItem| item.appointment.as_ref().is_some_and(|a| a.on >= written_on);
        let Some(item) = self.inputs.items.iter().find(ahead).filter(|_| !self.staff) else {
            return Ok(None);
        };
        let Some(appointment) = &item.appointment else { return Ok(None) };
        let clinic = &self.composer.clinic;
        let location = self.location(item, text).unwrap_or_default();
        let notice = calendar::CalendarNotice {
            appointment,
            written_on,
            summary: self.locale.string("lines.calendar"),
            location: &location,
            organizer: clinic.organized_by.as_deref().or(clinic.organizer.as_deref()),
            attendee: self.links.attendee.as_deref(),
        };
        notice.write().map(Some)
    }
}
