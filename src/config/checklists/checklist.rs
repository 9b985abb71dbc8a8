//! Reads a checklist: its structure (`spine.toml`) and its words, one file for each language (`spine.en.toml`).
//!
//! The version is the hash over all of it, so that whoever signs has signed the words too. Nothing here touches a disk.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use crate::care::checklist::definition::Checklist;
use crate::config::checklists::source_file::{Listing, SourceFile, fault};
use crate::config::checklists::structure;
use crate::config::checklists::wording::{self, ChecklistWording};
use crate::config::file::fault::Fault;
use crate::config::sources::Sources;

/// A checklist with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordedChecklist {
    /// What is asked, and the numbers of the rules.
    pub checklist: Checklist,
    /// The words by language; never empty.
    pub wording: BTreeMap<String, ChecklistWording>,
}

impl WordedChecklist {
    /// The words in that language. No fallback: a page never mixes languages.
    #[must_use]
    pub fn words(&self, language: &str) -> Option<&ChecklistWording> {
        self.wording.get(language)
    }
}

/// Reads a checklist. Never panics, whatever the text.
///
/// # Errors
/// Every fault of every file, in the order of the files and lines.
pub fn read(structure: SourceFile<'_>, words: &[SourceFile<'_>]) -> Result<WordedChecklist, Vec<Fault>> {
    read_listed(structure, words, Listing::Whole)
}

fn read_listed(
    structure: SourceFile<'_>,
    words: &[SourceFile<'_>],
    listing: Listing,
) -> Result<WordedChecklist, Vec<Fault>> {
    let mut faults = Vec::new();
    let mut checklist = structure::read(structure, listing, &mut faults);
    let mut wording = BTreeMap::new();
    if words.is_empty() {
        faults.push(fault(
            structure,
            0,
            "no words for this checklist",
            "add a file such as `spine.en.toml` beside it",
        ));
    }
    for source in words {
        let Some(words) = wording::read(*source, checklist.as_ref(), &mut faults) else {
            continue;
        };
        if let Some(twice) = wording.insert(words.language.clone(), words) {
            let problem = format!("a second file for language `{}`", twice.language);
            faults.push(fault(*source, 1, &problem, "keep one file for each language"));
        }
    }
    if let Some(checklist) = &mut checklist {
        checklist.version = version(structure, words);
        checklist.title = wording.iter().map(|(code, words)| (code.clone(), words.title.clone())).collect();
    }
    match checklist {
        Some(checklist) if faults.is_empty() => Ok(WordedChecklist { checklist, wording }),
        _ => Err(faults),
    }
}

/// The checklist that ships with the program.
///
/// # Errors
/// The faults of the shipped files; a test keeps them at none.
pub fn shipped() -> Result<WordedChecklist, Vec<Fault>> {
    load("spine", &Sources::shipped())
}

/// The version of a checklist as it ships; read once, for it cannot change while the program runs.
#[must_use]
pub fn shipped_version(name: &str) -> Option<&'static str> {
    static VERSIONS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
        let sources = Sources::shipped();
        let read = names(&sources).into_iter().filter_map(|name| load(&name, &sources).ok());
        read.map(|form| (form.checklist.id, form.checklist.version)).collect()
    });
    VERSIONS.get(name).map(String::as_str)
}

/// The names of the checklists in force.
#[must_use]
pub fn names(sources: &Sources) -> Vec<String> {
    let paths = sources.list("checklists/");
    let stems = paths.iter().filter_map(|path| path.strip_prefix("checklists/")?.strip_suffix(".toml"));
    stems.filter(|stem| !stem.contains('.')).map(str::to_owned).collect()
}

/// The checklist of that name: the clinic's files shadow the shipped ones, file by file.
///
/// # Errors
/// As [`read`]; also when there is none of that name.
pub fn load(name: &str, sources: &Sources) -> Result<WordedChecklist, Vec<Fault>> {
    let (structure, words) = texts(name, sources)?;
    let words: Vec<SourceFile<'_>> = words.iter().map(|(file, text)| SourceFile { file, text }).collect();
    let structure = SourceFile { file: &structure.0, text: &structure.1 };
    let form = read(structure, &words)?;
    if form.checklist.id == name {
        return Ok(form);
    }
    // Protocols name it by its file, alerts and links by its id.
    let line = structure.text.lines().position(|line| line.starts_with("id")).map_or(0, |n| n + 1);
    let problem = format!("`id` is `{}` but the file is named `{name}.toml`", form.checklist.id);
    Err(vec![fault(structure, line, &problem, "give both the same name")])
}

/// The same with other rules in place of its own file: questions and numbers of this text, the words as they are.
///
/// # Errors
/// As [`load`].
pub fn load_with(
    structure: SourceFile<'_>,
    name: &str,
    sources: &Sources,
) -> Result<WordedChecklist, Vec<Fault>> {
    let (_, words) = texts(name, sources)?;
    let words: Vec<SourceFile<'_>> = words.iter().map(|(file, text)| SourceFile { file, text }).collect();
    read(structure, &words)
}

/// A file's name as shown, and its text.
type NamedText = (String, String);

fn texts(name: &str, sources: &Sources) -> Result<(NamedText, Vec<NamedText>), Vec<Fault>> {
    let text = |path: &str| Some((sources.name(path), sources.text(path)?));
    let known = names(sources);
    let structure = known.iter().any(|known| known == name).then(|| text(&format!("checklists/{name}.toml")));
    let Some(structure) = structure.flatten() else {
        let hint = format!("there is: {}", known.join(", "));
        let problem = format!("no checklist called `{name}`");
        return Err(vec![Fault { file: format!("checklists/{name}.toml"), line: 0, problem, hint }]);
    };
    let paths = sources.list(&format!("checklists/{name}."));
    let words = paths.iter().filter(|path| path.ends_with(".toml") && path.matches('.').count() == 2);
    Ok((structure, words.filter_map(|path| text(path)).collect()))
}

/// Everything of a checklist in one text, as it is published: structure first, then the words of each language.
///
/// # Errors
/// As [`load`].
pub fn bundle(name: &str, sources: &Sources) -> Result<String, Vec<Fault>> {
    let (structure, words) = texts(name, sources)?;
    let texts: Vec<String> = std::iter::once(structure).chain(words).map(|(_, text)| text).collect();
    Ok(serde_json::json!(texts).to_string())
}

/// Reads what [`bundle`] wrote, in whatever year.
#[must_use]
pub fn unbundle(name: &str, bundle: &str) -> Option<WordedChecklist> {
    let texts: Vec<String> = serde_json::from_str(bundle).ok()?;
    let mut sources = texts.iter().map(|text| SourceFile { file: name, text });
    let structure = sources.next()?;
    read_listed(structure, &sources.collect::<Vec<_>>(), Listing::AsPublished).ok()
}

/// The first 12 hex digits of SHA-256 over all texts, the words ordered by content so that file names do not matter.
fn version(structure: SourceFile<'_>, words: &[SourceFile<'_>]) -> String {
    let mut texts: Vec<&str> = words.iter().map(|source| source.text).collect();
    texts.sort_unstable();
    let mut hash = Sha256::new();
    for text in std::iter::once(structure.text).chain(texts) {
        hash.update(text.len().to_be_bytes());
        hash.update(text.as_bytes());
    }
    let mut hex = HEXLOWER.encode(&hash.finalize());
    hex.truncate(12);
    hex
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STRUCTURE: &str = include_str!("../../../config/checklists/spine.toml");
    const ENGLISH: &str = include_str!("../../../config/checklists/spine.en.toml");

    fn with(structure: &str, english: &str) -> Result<WordedChecklist, Vec<Fault>> {
        read(
            SourceFile { file: "spine.toml", text: structure },
            &[SourceFile { file: "spine.en.toml", text: english }],
        )
    }

    fn problems(result: Result<WordedChecklist, Vec<Fault>>) -> String {
        result.unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_form_published_before_a_rule_was_added_is_still_read() {
        let old = STRUCTURE.replace(", \"S7\"", "");
        assert_ne!(old, STRUCTURE);
        assert!(problems(with(&old, ENGLISH)).contains("rule `S7` is not listed"));
        let bundle = serde_json::json!([old, ENGLISH]).to_string();
        let form = unbundle("spine", &bundle).unwrap();
        assert_eq!(form.checklist.items.len(), 16);
    }

    #[test]
    fn the_shipped_checklist_has_no_fault() {
        let form = shipped().unwrap_or_else(|faults| panic!("{faults:#?}"));
        assert_eq!(form.checklist.items.len(), 16);
        assert_eq!(form.wording.keys().collect::<Vec<_>>(), ["en", "es"]);
        assert_eq!(form.checklist.version.len(), 12);
        assert_eq!(form.checklist.thresholds, crate::care::checklist::definition::Thresholds::default());
    }

    #[test]
    fn any_change_of_structure_or_words_is_a_new_version() {
        let base = with(STRUCTURE, ENGLISH).unwrap().checklist.version;
        let severe = STRUCTURE.replace("severe       = 7", "severe       = 6");
        let words = ENGLISH.replace("A foot may drag.", "A foot drags.");
        assert_ne!(with(&severe, ENGLISH).unwrap().checklist.version, base);
        assert_ne!(with(STRUCTURE, &words).unwrap().checklist.version, base);
        assert_eq!(with(STRUCTURE, ENGLISH).unwrap().checklist.version, base);
    }

    #[test]
    fn faults_of_all_files_come_at_once_with_their_lines() {
        let structure = STRUCTURE.replace(r#"  "K1", "K2", "M1","#, r#"  "K1", "K2", "X9","#);
        let words = ENGLISH.replace("[item.SP12]", "[item.SP99]");
        let text = problems(with(&structure, &words));
        for part in [
            "no rule called `X9`",
            "rule `M1` is not listed",
            "`SP99`, which is no item",
            "no words for item `SP12`",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.contains("spine.toml:"), "{text}");
        assert!(text.contains("spine.en.toml:"), "{text}");
    }

    #[test]
    fn what_would_weaken_the_rules_is_refused() {
        for (from, to, says) in [
            (r#"["SP08", "SP09", "SP10"]"#, r#"["SP14", "SP09", "SP10"]"#, "after another item"),
            ("[raise]", "[raise]\nE1 = \"soon\"", "less urgent"),
            ("[raise]", "[raise]\nU1 = \"emergency\"", "cannot be raised"),
            ("severe       = 7", "severe       = 11", "out of range"),
            ("role = \"call\", need = \"never\"", "role = \"call\", need = \"sometimes\"", "unknown variant"),
            ("role = \"weight\"", "role = \"weight\", need = \"never\"", "must be required"),
            (
                "id    = \"SP14\"",
                "id    = \"SP14\"\nskip = { field = \"SP01\", word = \"no\" }",
                "may not be skipped",
            ),
            ("word = \"no\"", "word = \"same\"", "may not be skipped"),
            ("red = [\"neck\", \"middle\"]", "red = []", "unsound choices"),
            ("max = 10", "max = 100", "another scale"),
            ("id    = \"SP13\"", "id    = \"SP12\"", "twice"),
            ("role = \"band\"", "role = \"nerve\"", "role `band` is taken by 0"),
            ("id = \"spine\"", "id = \"spine\"\nextra = 1", "unknown field"),
        ] {
            let text = STRUCTURE.replacen(from, to, 1);
            assert_ne!(text, STRUCTURE, "{from}");
            let found = problems(with(&text, ENGLISH));
            assert!(found.contains(says), "{says} in {found}");
        }
    }

    #[test]
    fn a_missing_or_empty_text_is_a_fault() {
        for (from, to, says) in [
            ("unsure = \"I am not sure.\"", "", "answer `unsure`"),
            ("ask = \"Did your back or your neck hurt in the past 7 days?\"", "ask = \" \"", "is empty"),
            (", low = \"In the low back\"", "", "answer `low`"),
            ("[item.SP06.part.move]", "[item.SP06.part.jump]", "no part `jump`"),
            ("\"Pain\", ", "", "4 page headings for 5 pages"),
            ("language = \"en\"", "language = \"English\"", "not a language code"),
        ] {
            let text = ENGLISH.replacen(from, to, 1);
            assert_ne!(text, ENGLISH, "{from}");
            let found = problems(with(STRUCTURE, &text));
            assert!(found.contains(says), "{says} in {found}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(structure in "\\PC{0,200}", words in "\\PC{0,200}") {
            prop_assert!(with(&structure, &words).is_err());
        }

        #[test]
        fn no_damage_to_a_good_file_makes_the_reader_panic(at in 0usize..20_000, cut in 0usize..40, put in "[\\[\\]{}=\"\n0-9a-z.]{0,6}") {
            for (text, is_structure) in [(STRUCTURE, true), (ENGLISH, false)] {
                let start = text.floor_char_boundary(at % text.len());
                let end = text.floor_char_boundary((start + cut).min(text.len()));
                let damaged = format!("{}{put}{}", &text[..start], &text[end..]);
                let result = if is_structure { with(&damaged, ENGLISH) } else { with(STRUCTURE, &damaged) };
                drop(result);
            }
        }
    }
}
