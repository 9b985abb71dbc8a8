//! Proves that whoever signed the triage rules signed the very version in force.

use std::collections::BTreeMap;

use super::{Finding, Ground};
use crate::config::checklists::{self, Form, Source};
use crate::config::{Fault, Mode};

/// Who signed one version has not signed another. A checklist with faults of its own has no version to compare.
pub(super) fn signature(ground: &Ground) -> Vec<Finding> {
    let texts: BTreeMap<String, String> = ground
        .sources
        .list("checklists/")
        .into_iter()
        .filter(|path| path.ends_with(".toml"))
        .filter_map(|path| Some((path.clone(), ground.sources.text(&path)?)))
        .collect();
    let forms = texts.iter().filter(|(path, _)| !stem(path).contains('.'));
    forms.filter_map(|(path, text)| unsigned(ground, &read(ground, path, text, &texts).ok()?)).collect()
}

fn read(
    ground: &Ground,
    path: &str,
    text: &str,
    texts: &BTreeMap<String, String>,
) -> Result<Form, Vec<Fault>> {
    let own = format!("{}.", path.trim_end_matches("toml").trim_end_matches('.'));
    let words: Vec<(String, &str)> = texts
        .iter()
        .filter(|(other, _)| *other != path && other.starts_with(&own))
        .map(|(other, text)| (ground.sources.name(other), text.as_str()))
        .collect();
    let words: Vec<Source<'_>> = words.iter().map(|(file, text)| Source { file, text }).collect();
    checklists::read(Source { file: &ground.sources.name(path), text }, &words)
}

/// `spine` of `checklists/spine.toml`, `spine.en` of `checklists/spine.en.toml`.
fn stem(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path).trim_end_matches(".toml")
}

fn unsigned(ground: &Ground, form: &Form) -> Option<Finding> {
    let lists = &ground.config.as_ref()?.checklists;
    let signed = lists.sign_off.as_ref().filter(|_| lists.mode == Mode::Triage)?;
    let version = &form.checklist.version;
    let problem = format!("`{}` was signed, but version `{version}` is in force", signed.version);
    let hint = "let a clinician read this version, sign it, and write it here; until then use `education`";
    (signed.version != *version).then(|| ground.fault_at("checklists.sign_off.version", &problem, hint))
}
