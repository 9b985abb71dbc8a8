//! One language, compiled: its templates, strings and date words, and the parts that stand in every letter.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, Write};

use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::dates::{self, DateWords};
use super::fault::{self, LetterFault};
use super::leaflet::Leaflet;
use super::markup;
use super::wording::Wording;
use crate::care::patient::Detail;
use crate::letter::content::LetterItem;
use crate::letter::layout::{Layout, LayoutParts};
use crate::letter::limits::{CAP, FUEL};
use crate::letter::markup::{Block, Tags};
use crate::letter::wording::{ClinicFacts, LanguagePack};

pub(super) struct Locale {
    pub(super) language: String,
    pub(super) strings: BTreeMap<String, String>,
    pub(super) dates: DateWords,
    pub(super) leaflets: BTreeMap<String, Leaflet>,
    leaflet_sources: BTreeMap<String, String>,
    pub(super) staff: Layout,
    endings: [ClosingParts; 3],
    /// The signs, the numbers and what to say, for a page instead of a letter.
    pub(super) on_page: Vec<Block>,
    pub(super) clinic: Value,
    /// When the office is there, and by which clock.
    pub(super) opening_hours: String,
    names: HashSet<String>,
    env: Environment<'static>,
}

/// What stands at the end of every letter to a patient: the warning list with the numbers, and what the mailbox is not.
/// What she may say to the people who help her depends on how much her letters may tell.
pub(super) struct ClosingParts {
    /// The page around her letters, with both in it.
    pub(super) frame: Layout,
    /// Warning and footer as plain text.
    pub(super) tail: String,
    /// The signs, the numbers and what to say.
    pub(super) warning: Vec<Block>,
    /// What the mailbox is not.
    pub(super) footer: Vec<Block>,
}

impl ClosingParts {
    /// Its parts by the name of their file.
    pub(super) fn parts(&self) -> [(&'static str, &[Block]); 2] {
        [("warning", &self.warning), ("footer", &self.footer)]
    }
}

impl Locale {
    pub(super) fn load(
        language: &str,
        pack: &LanguagePack,
        wording: &Wording,
    ) -> Result<Self, Vec<LetterFault>> {
        let env = compile(language, pack)?;
        let said = wording.clinic.in_language(language);
        let dates = DateWords::read(&pack.strings, said.region.as_deref());
        let opening_hours = dates.opening_hours(&said.opening_hours, said.clock_zone.as_deref());
        let said = ClinicFacts { opening_hours, ..said };
        let clinic = facts_of(&said);
        let strings = settle(&pack.strings, &said);
        let words = Loading { language, env: &env, clinic: &clinic, strings: &strings };
        let one = |fault| vec![fault];
        let ending = |detail| words.ending(wording, detail).map_err(one);
        let endings = [ending(Detail::Minimal)?, ending(Detail::Standard)?, ending(Detail::Full)?];
        let on_page = words.blocks("warning", TextPlace::OnPage(Detail::Full)).map_err(one)?;
        let on_pages = words.leaflets(pack, TextPlace::OnPage(Detail::Full))?;
        // Only letters that may tell everything bring the text of a leaflet.
        let leaflet_sources = words.leaflets(pack, TextPlace::InLetter(Detail::Full))?;
        let staff = words.frame(wording, &[], &[]).map_err(one)?;
        Ok(Self {
            language: language.to_owned(),
            dates,
            leaflets: on_pages
                .into_iter()
                .filter_map(|(name, text)| Some((name, Leaflet::read(&text)?)))
                .collect(),
            leaflet_sources,
            staff,
            endings,
            on_page,
            names: pack.fragments.keys().cloned().collect(),
            strings,
            clinic,
            opening_hours: said.opening_hours,
            env,
        })
    }

    /// A string, or nothing: `prove` tells of missing ones before a letter could need them.
    pub(super) fn string(&self, key: &str) -> &str {
        self.strings.get(key).map_or("", String::as_str)
    }

    /// An item's facts, each on one line. The tier is sealed as a word of the program, and said in the letter's language.
    pub(super) fn facts(&self, item: &LetterItem) -> BTreeMap<String, String> {
        let said = |(name, value): (&String, &String)| {
            let in_words = self.strings.get(&format!("tiers.{value}")).filter(|_| name == "tier");
            (name.clone(), markup::one_line(in_words.unwrap_or(value)))
        };
        item.facts.iter().map(said).collect()
    }

    /// The end of a letter at that detail level.
    pub(super) const fn ending(&self, detail: Detail) -> &ClosingParts {
        let [minimal, standard, full] = &self.endings;
        match detail {
            Detail::Minimal => minimal,
            Detail::Standard => standard,
            Detail::Full => full,
        }
    }

    /// The end at every detail level.
    pub(super) const fn endings(&self) -> &[ClosingParts; 3] {
        &self.endings
    }

    pub(super) fn has(&self, fragment: &str) -> bool {
        self.names.contains(fragment)
    }

    /// A leaflet's text below its title as letters bring it, still in markup.
    pub(super) fn leaflet_markup(&self, name: &str) -> &str {
        self.leaflet_sources.get(name).and_then(|text| text.split_once('\n')).map_or("", |(_, body)| body)
    }

    pub(super) fn render(&self, fragment: &str, words: Value) -> Result<String, LetterFault> {
        render(&self.env, fragment, words)
            .map_err(|error| fault::from_template(&file_of(&self.language, fragment, &error), &error))
    }

    /// A shared part by itself.
    pub(super) fn alone(&self, fragment: &str) -> Result<Vec<Block>, LetterFault> {
        self.render(fragment, TextPlace::InLetter(Detail::Minimal).words(&self.clinic))
            .map(|markup| markup::parse(&markup))
    }

    /// The names each template uses that are not its own.
    pub(super) fn unknown(&self, fragment: &str) -> HashSet<String> {
        self.env.get_template(fragment).map(|t| t.undeclared_variables(true)).unwrap_or_default()
    }
}

/// Where a standing text is read, and how much it may tell.
#[derive(Clone, Copy)]
enum TextPlace {
    InLetter(Detail),
    OnPage(Detail),
}

impl TextPlace {
    /// The names a standing text may use.
    fn words(self, clinic: &Value) -> Value {
        let (detail, on_page) = match self {
            Self::InLetter(detail) => (detail, false),
            Self::OnPage(detail) => (detail, true),
        };
        context! { clinic => clinic.clone(), detail => detail.word(), on_page }
    }
}

struct Loading<'a> {
    language: &'a str,
    env: &'a Environment<'static>,
    clinic: &'a Value,
    strings: &'a BTreeMap<String, String>,
}

impl Loading<'_> {
    fn ending(&self, wording: &Wording, detail: Detail) -> Result<ClosingParts, LetterFault> {
        let shown = TextPlace::InLetter(detail);
        let (warning, footer) = (self.blocks("warning", shown)?, self.blocks("footer", shown)?);
        let frame = self.frame(wording, &warning, &footer)?;
        let tail = text(&[warning.as_slice(), footer.as_slice()].concat());
        Ok(ClosingParts { frame, tail, warning, footer })
    }

    fn blocks(&self, fragment: &str, shown: TextPlace) -> Result<Vec<Block>, LetterFault> {
        render(self.env, fragment, shown.words(self.clinic))
            .map(|markup| markup::parse(&markup))
            .map_err(|error| fault::from_template(&file_of(self.language, fragment, &error), &error))
    }

    fn frame(&self, wording: &Wording, warning: &[Block], footer: &[Block]) -> Result<Layout, LetterFault> {
        let string = |key: &str| self.strings.get(key).map_or("", String::as_str);
        let standing = LayoutParts {
            language: self.language,
            dir: if string("dir") == "rtl" { "rtl" } else { "ltr" },
            preview: string("lines.preview"),
            warning: html(warning),
            footer: html(footer),
        };
        Layout::compile(&wording.layout, &wording.css, standing)
    }

    /// The texts of the leaflets: the list of signs, which ends every letter anyhow, may stand in them on a page alone.
    fn leaflets(
        &self,
        pack: &LanguagePack,
        place: TextPlace,
    ) -> Result<BTreeMap<String, String>, Vec<LetterFault>> {
        let (mut sources, mut faults) = (BTreeMap::new(), Vec::new());
        for (name, source) in &pack.leaflets {
            let file = format!("leaflets/{}/{name}.md", self.language);
            match self.env.render_str(source, place.words(self.clinic)) {
                Err(error) => faults.push(fault::from_template(&file, &error)),
                Ok(text) if Leaflet::read(&text).is_none() => {
                    faults.push(LetterFault::new(
                        &file,
                        "no title or no text",
                        "begin with `# Title`, then the text",
                    ));
                }
                Ok(text) => drop(sources.insert(name.clone(), text)),
            }
        }
        if faults.is_empty() { Ok(sources) } else { Err(faults) }
    }
}

fn compile(language: &str, pack: &LanguagePack) -> Result<Environment<'static>, Vec<LetterFault>> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_fuel(Some(FUEL));
    // A package, which is built without debug assertions, names what is undefined as well.
    env.set_debug(true);
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let mut faults = Vec::new();
    for (name, source) in &pack.fragments {
        if let Err(error) = env.add_template_owned(name.clone(), source.clone()) {
            faults.push(fault::from_template(&fault::fragment_file(language, name), &error));
        }
    }
    for name in ["warning", "footer"] {
        if !pack.fragments.contains_key(name) {
            let file = fault::fragment_file(language, name);
            faults.push(LetterFault::new(
                &file,
                "this file is missing",
                "every letter ends with it: write it",
            ));
        }
    }
    if faults.is_empty() { Ok(env) } else { Err(faults) }
}

/// The included file an error arose in, if it was not the fragment itself.
fn file_of(language: &str, fragment: &str, error: &minijinja::Error) -> String {
    fault::fragment_file(language, error.name().filter(|name| *name != "<string>").unwrap_or(fragment))
}

fn render(env: &Environment<'static>, name: &str, words: Value) -> Result<String, minijinja::Error> {
    let mut out = Capped(Vec::with_capacity(1024));
    env.get_template(name)?.render_captured_to(words, &mut out)?;
    Ok(String::from_utf8(out.0).unwrap_or_default())
}

struct Capped(Vec<u8>);

impl Write for Capped {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > CAP {
            return Err(io::Error::other("too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Strings with what the clinic says of itself already in them.
fn settle(strings: &BTreeMap<String, String>, clinic: &ClinicFacts) -> BTreeMap<String, String> {
    let values = [
        ("clinic", clinic.short_name.as_str()),
        ("phone_office", &clinic.phone_office),
        ("phone_24h", &clinic.phone_24h),
    ];
    strings.iter().map(|(key, text)| (key.clone(), dates::fill(text, &values))).collect()
}

/// The clinic as templates see it; `tel_…` are its numbers as a phone dials them.
fn facts_of(clinic: &ClinicFacts) -> Value {
    let tel = clinic.tel();
    let line = |text: &str| markup::one_line(text);
    context! {
        name => line(&clinic.name),
        short_name => line(&clinic.short_name),
        phone_office => line(&clinic.phone_office),
        phone_24h => line(&clinic.phone_24h),
        emergency_number => line(&clinic.emergency_number),
        emergency_first => line(&clinic.emergency_first),
        emergency_dept => line(&clinic.emergency_dept),
        address => line(&clinic.address),
        opening_hours => line(&clinic.opening_hours),
        // Where people read what she writes back; not at once.
        reads_replies => clinic.reply_to.is_some(),
        tel_office => tel.office,
        tel_24h => tel.day_and_night,
        tel_emergency => tel.emergency,
    }
}

pub(super) fn text(blocks: &[Block]) -> String {
    let mut out = String::new();
    markup::to_text(blocks, &mut out);
    out
}

fn html(blocks: &[Block]) -> String {
    let mut out = String::new();
    markup::to_html(blocks, &Tags::plain(), &mut out);
    out
}
