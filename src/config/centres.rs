//! Reads the clinic's own list of spine centres (`centres.toml`): for whoever asks where else to turn, never a
//! recommendation. Nothing here touches a disk.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Spanned, Table, Value};

use super::sources::Sources;
use crate::care::settings::setting::Setting;
use crate::config::Config;
use crate::config::checklists::source_file::{SourceFile, fault, line_of, misread};
use crate::config::file::fault::Fault;
use crate::config::origin::{ConfigOrigin, setting_file};

/// The file's path among the sources.
const PATH: &str = "centres.toml";

/// A text, or several, by language code.
type ByLanguage<T> = BTreeMap<String, T>;

/// The list and the words around it; no list where no centre is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Centres {
    #[serde(default)]
    intro: ByLanguage<String>,
    #[serde(default)]
    weigh: ByLanguage<Vec<String>>,
    #[serde(default, rename = "centre")]
    list: Vec<Centre>,
}

/// One centre, as the clinic describes it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Centre {
    name: Spanned<String>,
    place: String,
    offers: ByLanguage<String>,
}

/// What a reader of one language is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownCentre<'a> {
    /// What the list is, and is not.
    pub intro: &'a str,
    /// What to weigh before a choice.
    pub weigh: &'a [String],
    /// Name, place and what it offers, in the clinic's order.
    pub centres: Vec<[&'a str; 3]>,
}

impl Centres {
    /// The list in that language; `None` where it is empty or not written in it.
    #[must_use]
    pub fn shown(&self, language: &str) -> Option<ShownCentre<'_>> {
        let centres = self.list.iter().map(|centre| centre.line(language)).collect::<Option<Vec<_>>>()?;
        let (intro, weigh) = (self.intro.get(language)?, self.weigh.get(language)?);
        (!centres.is_empty()).then_some(ShownCentre { intro, weigh, centres })
    }
}

impl Centres {
    /// Every centre, in the clinic's order.
    #[must_use]
    pub fn rows(&self) -> &[Centre] {
        &self.list
    }

    /// What stands above the list in that language.
    #[must_use]
    pub fn intro(&self, language: &str) -> Option<&str> {
        self.intro.get(language).map(String::as_str)
    }

    /// What to weigh, in that language.
    #[must_use]
    pub fn weigh(&self, language: &str) -> &[String] {
        self.weigh.get(language).map(Vec::as_slice).unwrap_or_default()
    }

    /// The list as its file would have it, without comments.
    #[must_use]
    pub fn to_toml(&self) -> String {
        fn by_language<T: Clone + Into<Value>>(of: &ByLanguage<T>) -> Value {
            Value::Table(of.iter().map(|(code, words)| (code.clone(), words.clone().into())).collect())
        }
        let row = |centre: &Centre| {
            let [name, place] = [centre.name(), centre.place()].map(Value::from);
            let keys = [("name", name), ("place", place), ("offers", by_language(&centre.offers))];
            Value::Table(keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
        };
        let list = Value::Array(self.list.iter().map(row).collect());
        let keys =
            [("intro", by_language(&self.intro)), ("weigh", by_language(&self.weigh)), ("centre", list)];
        keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect::<Table>().to_string()
    }

    /// Whether both have the same words around the list.
    #[must_use]
    pub fn says_the_same_around(&self, other: &Self) -> bool {
        (&self.intro, &self.weigh) == (&other.intro, &other.weigh)
    }
}

impl Centre {
    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.get_ref()
    }

    /// Where it stands, as a patient would look for it.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// What it offers, in the words of that language.
    #[must_use]
    pub fn offers(&self, language: &str) -> Option<&str> {
        self.offers.get(language).map(String::as_str)
    }

    /// Whether both are described alike, wherever they stand in their files.
    #[must_use]
    pub fn says_the_same(&self, other: &Self) -> bool {
        (self.name(), &self.place, &self.offers) == (other.name(), &other.place, &other.offers)
    }

    fn line(&self, language: &str) -> Option<[&str; 3]> {
        Some([self.name.get_ref(), &self.place, self.offers.get(language)?])
    }
}

/// Reads the list; every language must have every text of it. Never panics, whatever the text.
///
/// # Errors
/// Every fault, with its line.
pub fn read(source: SourceFile<'_>, languages: &[String]) -> Result<Centres, Vec<Fault>> {
    let centres: Centres = toml::from_str(source.text).map_err(|error| vec![misread(source, &error)])?;
    if centres.list.is_empty() {
        return Ok(centres);
    }
    let mut faults = Vec::new();
    for language in languages {
        let known = |text: Option<&String>| text.is_some_and(|text| !text.trim().is_empty());
        let mut lacks = |line: usize, what: &str| {
            let hint = "write it, or take the centres out: a page never mixes languages";
            faults.push(fault(source, line, &format!("no {what} in `{language}`"), hint));
        };
        if !known(centres.intro.get(language)) {
            lacks(0, "`intro`");
        }
        if centres.weigh.get(language).is_none_or(Vec::is_empty) {
            lacks(0, "`weigh`");
        }
        for centre in centres.list.iter().filter(|centre| !known(centre.offers.get(language))) {
            lacks(
                line_of(source, centre.name.span().start),
                &format!("`offers` of {}", centre.name.as_ref()),
            );
        }
    }
    for centre in &centres.list {
        if centre.name.as_ref().trim().is_empty() || centre.place.trim().is_empty() {
            let line = line_of(source, centre.name.span().start);
            faults.push(fault(
                source,
                line,
                "a centre needs a name and a place",
                "write both, or take it out",
            ));
        }
    }
    if faults.is_empty() { Ok(centres) } else { Err(faults) }
}

/// The list of the files: the clinic's file shadows the shipped one.
///
/// # Errors
/// As [`read`]; also when the clinic's file cannot be read.
pub fn load(sources: &Sources, languages: &[String]) -> Result<Centres, Vec<Fault>> {
    let (file, text) = sources.named(PATH)?;
    read(SourceFile { file: &file, text: &text }, languages)
}

/// The list that staff set; `None` where they set none, or the operator names a file.
#[must_use]
pub fn of_staff(origin: &ConfigOrigin, languages: &[String]) -> Option<Result<Centres, Vec<Fault>>> {
    let own = origin.setting(Setting::Centres).filter(|_| origin.fixed("paths.centres").is_none())?;
    let file = setting_file(Setting::Centres);
    Some(read(SourceFile { file: &file, text: &own.text }, languages))
}

/// The list in force: what the operator's file names, else what staff set, else the shipped one.
///
/// # Errors
/// As [`load`].
pub fn in_force(config: &Config, sources: &Sources) -> Result<Centres, Vec<Fault>> {
    let languages = &config.sending.languages;
    of_staff(&config.origin, languages).unwrap_or_else(|| load(sources, languages))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SHIPPED: &str = include_str!("../../config/centres.toml");

    fn languages() -> Vec<String> {
        vec!["en".to_owned(), "es".to_owned()]
    }

    fn problems(text: &str) -> String {
        let faults = read(SourceFile { file: "centres.toml", text }, &languages()).unwrap_err();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_shipped_list_is_whole_in_both_languages() {
        let centres = load(&Sources::shipped(), &languages()).unwrap();
        let [en, es] = ["en", "es"].map(|language| centres.shown(language).unwrap());
        assert_eq!(en.centres.len(), 4);
        assert_eq!(en.weigh.len(), es.weigh.len());
        assert_ne!(en.centres[0][2], es.centres[0][2]);
        assert_eq!(centres.shown("tlh"), None);
    }

    #[test]
    fn a_list_that_is_written_down_is_read_back_the_same() {
        let shipped = load(&Sources::shipped(), &languages()).unwrap();
        let text = shipped.to_toml();
        let again = read(SourceFile { file: "centres.toml", text: &text }, &languages()).unwrap();
        assert!(again.says_the_same_around(&shipped));
        assert!(again.rows().iter().zip(shipped.rows()).all(|(one, other)| one.says_the_same(other)));
        assert_eq!((again.rows().len(), again.to_toml()), (4, text));
    }

    #[test]
    fn a_list_without_centres_is_shown_to_nobody() {
        let centres = read(SourceFile { file: "centres.toml", text: "# none" }, &languages()).unwrap();
        assert_eq!(centres.shown("en"), None);
    }

    #[test]
    fn what_a_language_lacks_is_found_with_its_line() {
        let of_mayo = SHIPPED.lines().position(|l| l.contains("\"Mayo Clinic\"")).unwrap() + 1;
        let cut = |from: &str, to: &str| {
            assert!(SHIPPED.contains(from), "{from}");
            problems(&SHIPPED.replacen(from, to, 1))
        };
        let found = cut("surgeons too.\", es = ", "surgeons too.\", fr = ");
        assert!(
            found.starts_with(&format!("centres.toml:{of_mayo}: no `offers` of Mayo Clinic in `es`")),
            "{found}"
        );
        assert!(cut("[intro]\nen", "[intro]\nfr").contains("no `intro` in `en`"));
        assert!(cut("place = \"Houston, USA\"", "place = \" \"").contains("a name and a place"));
        assert!(cut("place", "town").contains("unknown field `town`"));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
            drop(read(SourceFile { file: "x", text: &text }, &languages()));
        }
    }
}
