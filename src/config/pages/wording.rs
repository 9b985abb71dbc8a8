//! Reads the words of the patients' pages, one file for each language (`pages.en.toml`). Nothing here touches a disk.

use std::collections::BTreeMap;

use toml::Spanned;

use crate::config::checklists::source_file::{SourceFile, fault, line_of, misread};
use crate::config::file::fault::Fault;
use crate::config::pages::keys::{KEYS, RETIRED};
use crate::config::sources::Sources;

/// The language a page is shown in when nobody knows better.
pub const FALLBACK: &str = "en";

/// The words of the pages in every language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTexts {
    languages: BTreeMap<String, BTreeMap<String, String>>,
}

type PagesFile = BTreeMap<String, BTreeMap<String, Spanned<String>>>;

impl PageTexts {
    /// The languages there are, by code.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.languages.keys().map(String::as_str)
    }

    /// The language to show someone who reads `wanted`; never a mix.
    #[must_use]
    pub fn language<'a>(&'a self, wanted: &'a str) -> &'a str {
        if self.languages.contains_key(wanted) { wanted } else { FALLBACK }
    }

    /// A text with its places still open. An unknown language gives English, an unknown key itself.
    #[must_use]
    pub fn text<'a>(&'a self, language: &str, key: &'a str) -> &'a str {
        let words = self.languages.get(language).or_else(|| self.languages.get(FALLBACK));
        words.and_then(|words| words.get(key)).map_or(key, String::as_str)
    }

    /// A text with its places filled in, as plain text: escape it for HTML afterwards.
    #[must_use]
    pub fn say(&self, language: &str, key: &str, places: &[(&str, &str)]) -> String {
        fill(self.text(language, key), places)
    }
}

/// Fills `{name}` places in one pass, so that a value with braces stays what it is.
#[must_use]
pub fn fill(text: &str, places: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('{') {
        out.push_str(before);
        let known = tail.split_once('}').and_then(|(name, after)| {
            places.iter().find(|(place, _)| *place == name).map(|(_, value)| (*value, after))
        });
        match known {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Reads the pages in all languages. Never panics, whatever the text.
///
/// # Errors
/// Every fault of every file; also when English is missing.
pub fn read(sources: &[SourceFile<'_>]) -> Result<PageTexts, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut languages = BTreeMap::new();
    for source in sources {
        let file: PagesFile = match toml::from_str(source.text) {
            Ok(file) => file,
            Err(error) => {
                faults.push(misread(*source, &error));
                continue;
            }
        };
        let words = words(*source, &file, &mut faults);
        let code = words.get("language.code").cloned().unwrap_or_default();
        if languages.insert(code, words).is_some() {
            faults.push(fault(
                *source,
                1,
                "a second file for this language",
                "keep one file for each language",
            ));
        }
    }
    if !languages.contains_key(FALLBACK) && faults.is_empty() {
        let file = "pages.en.toml".to_owned();
        let hint = "English is what a link of an unknown reader is answered in; put the shipped file back";
        faults.push(Fault { file, line: 0, problem: "is missing".to_owned(), hint: hint.to_owned() });
    }
    if faults.is_empty() { Ok(PageTexts { languages }) } else { Err(faults) }
}

/// Texts of the clinic's own files that no page shows: they change nothing, and whoever wrote them should know.
#[must_use]
pub fn remarks(sources: &Sources) -> Vec<Fault> {
    let paths = sources.list("checklists/pages.");
    let texts = paths.iter().filter_map(|path| Some((sources.name(path), sources.text(path)?)));
    texts.flat_map(|(file, text)| unused(SourceFile { file: &file, text: &text })).collect()
}

fn unused(source: SourceFile<'_>) -> Vec<Fault> {
    let Ok(file) = toml::from_str::<PagesFile>(source.text) else { return Vec::new() };
    let texts = file.iter().flat_map(|(section, texts)| {
        texts.iter().map(move |(key, text)| (format!("{section}.{key}"), text.span().start))
    });
    let hint =
        "take it away; the list of signs is written in `letters/LANGUAGE/warning.txt.j2`, for pages too";
    let remark = |(key, at): (String, usize)| {
        fault(source, line_of(source, at), &format!("no page shows `{key}` any more"), hint)
    };
    texts.filter(|(key, _)| RETIRED.contains(&key.as_str())).map(remark).collect()
}

/// The pages in force: the clinic's files shadow the shipped ones.
///
/// # Errors
/// As [`read`].
pub fn load(sources: &Sources) -> Result<PageTexts, Vec<Fault>> {
    let paths = sources.list("checklists/pages.");
    let texts: Vec<(String, String)> =
        paths.iter().filter_map(|path| Some((sources.name(path), sources.text(path)?))).collect();
    read(&texts.iter().map(|(file, text)| SourceFile { file, text }).collect::<Vec<_>>())
}

fn words(source: SourceFile<'_>, file: &PagesFile, faults: &mut Vec<Fault>) -> BTreeMap<String, String> {
    let mut words = BTreeMap::new();
    for (section, texts) in file {
        for (key, text) in texts {
            let key = format!("{section}.{key}");
            if RETIRED.contains(&key.as_str()) {
                continue;
            }
            let line = line_of(source, text.span().start);
            let text = text.get_ref();
            if let Some((problem, hint)) = unsound(&key, text) {
                faults.push(fault(source, line, &problem, &hint));
            }
            words.insert(key, text.clone());
        }
    }
    for (key, _) in KEYS.iter().filter(|(key, _)| !words.contains_key(*key)) {
        let hint = "copy it from pages.en.toml and translate it";
        faults.push(fault(source, 0, &format!("no text for `{key}`"), hint));
    }
    words
}

fn unsound(key: &str, text: &str) -> Option<(String, String)> {
    let Some((_, places)) = KEYS.iter().find(|(known, _)| *known == key) else {
        return Some((
            format!("`{key}` is no text of a page"),
            "take it away, or correct its name".to_owned(),
        ));
    };
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Some((
            format!("`{key}` is empty or has a line break"),
            "give it one line of text".to_owned(),
        ));
    }
    let mut found = places_in(text);
    let mut wanted = places.to_vec();
    found.sort_unstable();
    found.dedup();
    wanted.sort_unstable();
    if found != wanted {
        let list: Vec<String> = wanted.iter().map(|name| format!("{{{name}}}")).collect();
        let hint = if list.is_empty() { "nothing in braces".to_owned() } else { list.join(" ") };
        return Some((
            format!("`{key}` has other places than the page fills in"),
            format!("it needs: {hint}"),
        ));
    }
    let bad_code = key == "language.code" && !(text.len() == 2 || text.len() == 3);
    let bad_direction = key == "language.direction" && text != "ltr" && text != "rtl";
    let hint = "a code such as `en`; the direction is `ltr` or `rtl`".to_owned();
    (bad_code || bad_direction).then(|| (format!("`{key}` cannot be `{text}`"), hint))
}

/// The names in braces; a brace without its partner counts as a place of no name.
fn places_in(text: &str) -> Vec<&str> {
    let opened = text.split('{').skip(1).map(|tail| tail.split_once('}').map_or("", |(name, _)| name));
    let stray = text.matches('}').count() > text.matches('{').count();
    opened.chain(stray.then_some("")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ENGLISH: &str = include_str!("../../../config/checklists/pages.en.toml");

    fn problems(text: &str) -> String {
        let faults = read(&[SourceFile { file: "pages.en.toml", text }]).unwrap_err();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_shipped_pages_have_no_fault() {
        let pages = load(&Sources::shipped()).unwrap_or_else(|faults| panic!("{faults:#?}"));
        assert_eq!(pages.languages().collect::<Vec<_>>(), ["en", "es"]);
        assert_eq!(pages.language("es"), "es");
        assert_eq!(pages.language("tlh"), "en");
        for language in pages.languages() {
            assert!(KEYS.iter().all(|(key, _)| pages.text(language, key) != *key));
        }
    }

    #[test]
    fn a_text_that_lost_its_number_or_its_words_is_a_fault_with_its_line() {
        for (from, to, says) in [
            ("on {clinic_24h}, at any hour.", "at any hour.", "emergency.do_both` has other places"),
            ("skip           = \"Go to the main part\"", "", "no text for `site.skip`"),
            ("[no_cover]", "[nocover]", "`nocover.title` is no text"),
            ("title = \"Call us today\"", "title = \"\"", "urgent.title` is empty"),
            ("direction = \"ltr\"", "direction = \"down\"", "cannot be `down`"),
            ("{minutes}", "{minutes", "error.busy` has other places"),
        ] {
            let text = ENGLISH.replace(from, to);
            assert_ne!(text, ENGLISH, "{from}");
            let found = problems(&text);
            assert!(found.contains(says), "{says} in {found}");
            assert!(found.starts_with("pages.en.toml:"), "{found}");
        }
    }

    #[test]
    fn a_text_of_an_earlier_version_is_remarked_and_no_fault() {
        let text = ENGLISH.replace("[warning]", "[warning]\nnow_weak = \"Your legs are weak.\"");
        let source = SourceFile { file: "pages.en.toml", text: &text };
        assert_eq!(read(&[source]), read(&[SourceFile { file: "pages.en.toml", text: ENGLISH }]));
        let found: Vec<String> = unused(source).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].contains("`warning.now_weak`") && found[0].starts_with("pages.en.toml:"),
            "{found:?}"
        );
        assert_eq!(remarks(&Sources::shipped()), []);
    }

    #[test]
    fn places_are_filled_once_and_strangers_stay() {
        assert_eq!(fill("a {x} {y} {x", &[("x", "{y}"), ("y", "1")]), "a {y} 1 {x");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,200}", from in "[a-z{}]{0,20}") {
            let result = read(&[SourceFile { file: "x", text: &text }]);
            prop_assert!(result.is_err());
            drop(fill(&from, &[("a", &text)]));
        }
    }
}
