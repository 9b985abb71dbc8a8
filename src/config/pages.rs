//! The words of the patients' pages, one file for each language (`checklists/pages.en.toml`). Every language has every
//! text: a page never mixes languages. What the clinic says of itself is filled in once, at load.

use std::collections::BTreeMap;

use super::Sources;
use super::checklists::Source;
use super::fault::Fault;
use crate::letter::Clinic;
use crate::letter::prose::{self, Tags};

/// Texts by dotted key, e.g. `form.next`.
type Texts = BTreeMap<String, String>;

/// The words of the pages in one language, the clinic's own facts already in them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PageWords {
    /// BCP 47 primary language.
    pub language: String,
    texts: Texts,
}

/// Names that are filled in when a page is shown, not at load.
const LATER: [&str; 4] = ["n", "m", "title", "date"];

impl PageWords {
    /// A text; empty if there is none, which [`read`] rules out for every key of the model.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.texts.get(key).map_or("", String::as_str)
    }

    /// A text with the names of this moment filled in.
    #[must_use]
    pub fn filled(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.text(key), values)
    }

    /// A text in the letters' little markup, as HTML.
    #[must_use]
    pub fn html(&self, key: &str) -> String {
        let mut out = String::new();
        prose::to_html(&prose::parse(self.text(key)), &Tags::plain(), &mut out);
        out
    }

    /// Every key and text, for templates.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(key, text)| (key.as_str(), text.as_str()))
    }
}

/// Reads the words of these languages, the clinic's files before the shipped ones.
///
/// # Errors
/// Every fault of every file; a language without a file.
pub fn load(
    sources: &Sources,
    languages: &[String],
    clinic: &Clinic,
) -> Result<BTreeMap<String, PageWords>, Vec<Fault>> {
    let (mut pages, mut faults) = (BTreeMap::new(), Vec::new());
    for language in languages {
        let path = format!("checklists/pages.{language}.toml");
        let file = sources.name(&path);
        let Some(text) = sources.text(&path) else {
            let hint = "copy the shipped `checklists/pages.en.toml` there and translate it";
            faults.push(Fault { file, line: 0, problem: "is not there".to_owned(), hint: hint.to_owned() });
            continue;
        };
        match read(Source { file: &file, text: &text }, clinic) {
            Ok(words) if words.language == *language => drop(pages.insert(language.clone(), words)),
            Ok(words) => {
                let problem = format!("holds language `{}`", words.language);
                let hint = format!("write `language = \"{language}\"`, or rename the file");
                faults.push(Fault { file, line: 1, problem, hint });
            }
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(pages) } else { Err(faults) }
}

/// Reads the words of one language. Never panics, whatever the text.
///
/// # Errors
/// Text that is not TOML, a text that is missing, empty or of no use, a name in braces that nothing fills.
pub fn read(source: Source<'_>, clinic: &Clinic) -> Result<PageWords, Vec<Fault>> {
    let texts = flat(source)?;
    let model = flat(Source { file: "pages.en.toml", text: MODEL })?;
    let mut faults = Vec::new();
    let hint = "give every text of the English file in this language, and no others";
    let mut note = |key: &str, problem: String| {
        let line = line_of(source.text, key);
        faults.push(Fault { file: source.file.to_owned(), line, problem, hint: hint.to_owned() });
    };
    for (key, english) in &model {
        match texts.get(key).filter(|text| !text.trim().is_empty()) {
            None => note(key, format!("`{key}` is missing or empty")),
            Some(text) => {
                for name in names(text).filter(|name| !allowed(name, english)) {
                    note(key, format!("`{key}` holds `{{{name}}}`, which nothing fills here"));
                }
            }
        }
    }
    for key in texts.keys().filter(|key| !model.contains_key(*key)) {
        note(key, format!("`{key}` is no text of the pages"));
    }
    let dir = texts.get("dir").map(String::as_str);
    if !matches!(dir, Some("ltr" | "rtl")) {
        note("dir", "`dir` is neither `ltr` nor `rtl`".to_owned());
    }
    let language = texts.get("language").cloned().unwrap_or_default();
    if faults.is_empty() { Ok(PageWords { language, texts: settle(&texts, clinic) }) } else { Err(faults) }
}

const MODEL: &str = include_str!("../../config/checklists/pages.en.toml");

/// What the clinic says of itself, by name.
fn facts(clinic: &Clinic) -> Vec<(&'static str, String)> {
    let dial = |number: &str| number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect::<String>();
    let line = |text: &str| prose::one_line(text);
    vec![
        ("clinic", line(&clinic.name)),
        ("short_name", line(&clinic.short_name)),
        ("phone_office", line(&clinic.phone_office)),
        ("phone_24h", line(&clinic.phone_24h)),
        ("emergency_number", line(&clinic.emergency_number)),
        ("emergency_dept", line(&clinic.emergency_dept)),
        ("opening_hours", line(&clinic.opening_hours)),
        ("tel_office", dial(&clinic.phone_office)),
        ("tel_24h", dial(&clinic.phone_24h)),
        ("tel_emergency", dial(&clinic.emergency_number)),
    ]
}

const FACTS: [&str; 11] = [
    "clinic",
    "short_name",
    "phone_office",
    "phone_24h",
    "emergency_number",
    "emergency_dept",
    "opening_hours",
    "tel_office",
    "tel_24h",
    "tel_emergency",
    "numbers",
];

fn allowed(name: &str, english: &str) -> bool {
    FACTS.contains(&name) || (LATER.contains(&name) && names(english).any(|own| own == name))
}

fn settle(texts: &Texts, clinic: &Clinic) -> Texts {
    let facts = facts(clinic);
    let first = format!("numbers.{}", clinic.emergency_first);
    let numbers = texts.get(&first).cloned().unwrap_or_default();
    let mut values: Vec<(&str, &str)> = facts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let numbers = fill(&numbers, &values);
    values.push(("numbers", &numbers));
    texts.iter().map(|(key, text)| (key.clone(), fill(text, &values))).collect()
}

/// Fills names in braces in one pass, so that a value can bring no name of its own.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('{') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let named = rest[1..].split_once('}');
        match named.and_then(|(name, after)| Some((values.iter().find(|(n, _)| *n == name)?.1, after))) {
            Some((value, after)) => {
                out.push_str(value);
                rest = after;
            }
            None => {
                out.push('{');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0))
}

fn flat(source: Source<'_>) -> Result<Texts, Vec<Fault>> {
    let table: toml::Table =
        source.text.parse().map_err(|error| vec![super::checklists::misread(source, &error)])?;
    let mut texts = Texts::new();
    for (key, value) in &table {
        flatten(key, value, &mut texts).map_err(|key| {
            vec![Fault {
                file: source.file.to_owned(),
                line: line_of(source.text, &key),
                problem: format!("`{key}` is not a text"),
                hint: "write it in quotes".to_owned(),
            }]
        })?;
    }
    Ok(texts)
}

fn flatten(key: &str, value: &toml::Value, texts: &mut Texts) -> Result<(), String> {
    match value {
        toml::Value::String(text) => drop(texts.insert(key.to_owned(), text.clone())),
        toml::Value::Table(table) => {
            for (name, entry) in table {
                flatten(&format!("{key}.{name}"), entry, texts)?;
            }
        }
        toml::Value::Array(_)
        | toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => return Err(key.to_owned()),
    }
    Ok(())
}

/// The line on which a dotted key stands, as near as text tells; 0 if it stands nowhere.
fn line_of(text: &str, key: &str) -> usize {
    let (table, last) = key.rsplit_once('.').unwrap_or(("", key));
    let mut inside = table.is_empty();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with('[') {
            inside = line.trim_start_matches('[').split(']').next() == Some(table);
        } else if inside && line.strip_prefix(last).is_some_and(|rest| rest.trim_start().starts_with('=')) {
            return index + 1;
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::{grade, samples};
    use proptest::prelude::*;

    fn shipped() -> BTreeMap<String, PageWords> {
        let languages = ["en".to_owned(), "es".to_owned()];
        load(&Sources::shipped(), &languages, &samples::clinic()).unwrap_or_else(|f| panic!("{f:#?}"))
    }

    fn problems(text: &str) -> String {
        let faults = read(Source { file: "pages.xx.toml", text }, &samples::clinic()).unwrap_err();
        faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn both_shipped_languages_are_whole_and_nothing_is_left_to_fill() {
        for (language, words) in shipped() {
            for (key, text) in words.texts() {
                let open: Vec<&str> = names(text).filter(|name| !LATER.contains(name)).collect();
                assert!(open.is_empty(), "{language} {key}: {open:?}");
            }
            assert!(words.html("tier.emergency.text").contains("href=\"tel:"));
        }
    }

    #[test]
    fn every_text_reads_at_grade_six_or_below() {
        for (language, words) in shipped() {
            for (key, text) in words.texts() {
                assert_eq!(grade::too_hard(&language, &prose::parse(text)), None, "{language} {key}");
            }
        }
    }

    #[test]
    fn the_number_the_clinic_chose_comes_first() {
        for (first, digit) in
            [("hotline", "phone_24h"), ("emergency_number", "emergency"), ("both", "emergency")]
        {
            let mut clinic = samples::clinic();
            clinic.emergency_first = first.to_owned();
            let words = read(Source { file: "en", text: MODEL }, &clinic).unwrap();
            let html = words.html("tier.emergency.text");
            let number = if digit == "phone_24h" { &clinic.phone_24h } else { &clinic.emergency_number };
            let line = html.split("</a>").next().unwrap();
            assert!(line.contains(number.as_str()), "{first}: {line}");
        }
    }

    #[test]
    fn what_is_missing_unknown_or_unfillable_names_its_line() {
        let missing = problems(&MODEL.replace("next    = \"Save and go on\"", ""));
        assert!(missing.contains("`form.next` is missing"), "{missing}");
        let extra = problems(&MODEL.replace("[form]", "[form]\nnote = \"x\""));
        assert!(extra.contains("`form.note` is no text"), "{extra}");
        let open = problems(&MODEL.replace("\"Save and go on\"", "\"Save {nothing}\""));
        assert!(open.contains("{nothing}") && open.contains("pages.xx.toml:"), "{open}");
        assert!(problems(&MODEL.replace("\"ltr\"", "\"up\"")).contains("neither"));
        assert!(problems("language = 3").contains("not a text"));
    }

    #[test]
    fn a_value_brings_no_name_of_its_own() {
        assert_eq!(fill("{n} of {m} {x}", &[("n", "{m}"), ("m", "5")]), "{m} of 5 {x}");
        assert_eq!(fill("{n", &[("n", "1")]), "{n");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,300}") {
            let refused = read(Source { file: "x", text: &text }, &samples::clinic()).is_err();
            prop_assert!(refused);
        }
    }
}
