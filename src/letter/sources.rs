//! Gathers the wording from files; a later layer (the clinic's own directory) shadows single files, and single strings.

use std::collections::BTreeMap;

use super::fault::LetterFault;
use super::wording::{Files, Wording};
use crate::letter::wording::{ClinicFacts, LanguagePack};

const LAYOUT: &str = "letters/layout.html.j2";
const CSS: &str = "letters/letter.css";

impl Wording {
    /// Assembles the wording from layers of files, the first shipped, later ones the clinic's own.
    ///
    /// # Errors
    /// Every file that cannot be read as what its place says it is.
    pub fn from_layers(clinic: ClinicFacts, layers: &[&Files]) -> Result<Self, Vec<LetterFault>> {
        let mut wording =
            Self { clinic, layout: String::new(), css: String::new(), languages: BTreeMap::new() };
        let mut faults = Vec::new();
        for layer in layers {
            for (path, text) in *layer {
                if let Err(fault) = wording.take(path, text) {
                    faults.push(fault);
                }
            }
        }
        if wording.layout.is_empty() {
            faults.push(LetterFault::new(
                LAYOUT,
                "the layout is missing",
                "take your own away to get ours back",
            ));
        }
        if wording.languages.is_empty() {
            faults.push(LetterFault::new("letters", "no language found", "add letters/en/strings.toml"));
        }
        if faults.is_empty() { Ok(wording) } else { Err(faults) }
    }

    /// The wording that comes with the binary: every listed path that `read` knows.
    ///
    /// # Errors
    /// As [`Self::from_layers`].
    pub fn shipped(
        clinic: ClinicFacts,
        list: &[String],
        read: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<LetterFault>> {
        let files: Files = list
            .iter()
            .filter(|path| is_ours(path))
            .filter_map(|path| read(path).map(|text| (path.clone(), text)))
            .collect();
        Self::from_layers(clinic, &[&files])
    }

    fn take(&mut self, path: &str, text: &str) -> Result<(), LetterFault> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text).replace("\r\n", "\n");
        match path.split('/').collect::<Vec<_>>()[..] {
            ["letters", "layout.html.j2"] => self.layout = text,
            ["letters", "letter.css"] => self.css = text,
            ["letters", "README.md"] => {}
            ["letters", language, "strings.toml"] => {
                let strings = read_strings(path, &text)?;
                self.pack(path, language)?.strings.extend(strings);
            }
            ["letters", language, file] if file.ends_with(".txt.j2") => {
                let name = file.trim_end_matches(".txt.j2").to_owned();
                self.pack(path, language)?.fragments.insert(name, text);
            }
            ["leaflets", language, file] if file.ends_with(".md") => {
                let name = file.trim_end_matches(".md").to_owned();
                self.pack(path, language)?.leaflets.insert(name, text);
            }
            _ => {
                return Err(LetterFault::new(
                    path,
                    "this file is no part of the letters",
                    format!(
                        "take it out, or name it {LAYOUT}, {CSS}, letters/LANGUAGE/NAME.txt.j2 or leaflets/LANGUAGE/NAME.md"
                    ),
                ));
            }
        }
        Ok(())
    }

    fn pack(&mut self, path: &str, language: &str) -> Result<&mut LanguagePack, LetterFault> {
        if !(2..=3).contains(&language.len()) || !language.bytes().all(|b| b.is_ascii_lowercase()) {
            return Err(LetterFault::new(
                path,
                format!("`{language}` is not a language"),
                "name the directory by the short code, such as en or es",
            ));
        }
        Ok(self.languages.entry(language.to_owned()).or_default())
    }
}

/// Whether a path of the configuration belongs to the letters.
#[must_use]
pub fn is_ours(path: &str) -> bool {
    path.starts_with("letters/") || path.starts_with("leaflets/")
}

fn read_strings(path: &str, text: &str) -> Result<BTreeMap<String, String>, LetterFault> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        LetterFault::new(path, error.message(), "mend the TOML at this line").at(line)
    })?;
    let mut strings = BTreeMap::new();
    for (key, value) in table {
        flatten(&key, &value, &mut strings).map_err(|key| {
            LetterFault::new(path, format!("`{key}` is neither text nor a list of texts"), "put it in quotes")
                .at(line_of(text, &key))
        })?;
    }
    Ok(strings)
}

fn flatten(key: &str, value: &toml::Value, strings: &mut BTreeMap<String, String>) -> Result<(), String> {
    match value {
        toml::Value::String(text) => {
            strings.insert(key.to_owned(), text.clone());
        }
        toml::Value::Array(list) => {
            for (index, entry) in list.iter().enumerate() {
                flatten(&format!("{key}.{:02}", index + 1), entry, strings)?;
            }
        }
        toml::Value::Table(table) => {
            for (name, entry) in table {
                flatten(&format!("{key}.{name}"), entry, strings)?;
            }
        }
        toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => return Err(key.to_owned()),
    }
    Ok(())
}

fn line_of(text: &str, key: &str) -> Option<usize> {
    let last = key.rsplit('.').find(|part| !part.bytes().all(|b| b.is_ascii_digit()))?;
    text.lines().position(|line| line.trim_start().starts_with(last)).map(|index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::proof::samples;

    fn own(path: &str, text: &str) -> Result<Wording, Vec<LetterFault>> {
        let own = Files::from([(path.to_owned(), text.to_owned())]);
        Wording::from_layers(samples::clinic(), &[&samples::shipped_files(), &own])
    }

    #[test]
    fn a_clinic_can_shadow_one_string_and_one_file() {
        let wording = own("letters/en/strings.toml", "[greeting]\nplain = \"Good day,\"\n").unwrap();
        let strings = &wording.languages["en"].strings;
        assert_eq!(strings["greeting.plain"], "Good day,");
        assert_eq!(strings["greeting.named"], samples::wording().languages["en"].strings["greeting.named"]);
        let wording = own("letters/en/book.txt.j2", "Please ring us.\r\n").unwrap();
        assert_eq!(wording.languages["en"].fragments["book"], "Please ring us.\n");
    }

    #[test]
    fn what_cannot_be_read_names_its_place() {
        let fault = &own("letters/en/strings.toml", "[a]\nb = \"c\"\nd = \n").unwrap_err()[0];
        assert_eq!((fault.file.as_str(), fault.line), ("letters/en/strings.toml", Some(3)));
        let fault = &own("letters/en/strings.toml", "[a]\nb = 3\n").unwrap_err()[0];
        assert_eq!(fault.line, Some(2));
        for path in ["letters/en/book.html", "letters/English/book.txt.j2", "letters/book.txt.j2"] {
            assert_eq!(own(path, "x").unwrap_err()[0].file, path);
        }
    }

    #[test]
    fn the_shipped_wording_takes_only_its_own_files() {
        let files = samples::shipped_files();
        let mut list: Vec<String> = files.keys().cloned().collect();
        list.push("protocols/nccn.toml".into());
        let read = |path: &str| Some(files.get(path).cloned().unwrap_or_default());
        assert_eq!(Wording::shipped(samples::clinic(), &list, &read), Ok(samples::wording()));
    }

    #[test]
    fn nothing_at_all_is_a_fault() {
        assert_eq!(Wording::from_layers(samples::clinic(), &[]).unwrap_err().len(), 2);
    }
}
