//! Provers of what the clinic may write itself: protocols, checklists, letters.

use std::collections::BTreeMap;

use super::{Finding, Ground};
use crate::config::checklists::{self, Form, Source};
use crate::config::{Fault, Mode};
use crate::daemon::engine;
use crate::letter::prove::prove;

/// Every protocol in force.
pub(super) fn protocols(ground: &Ground) -> Vec<Finding> {
    let languages = ground.config.as_ref().map(|c| c.sending.languages.clone()).unwrap_or_default();
    faults(engine::read_protocols(&ground.sources, &languages).err().unwrap_or_default())
}

/// Every checklist in force with its words, and whether the signature is under this very version.
pub(super) fn checklists(ground: &Ground) -> Vec<Finding> {
    let texts: BTreeMap<String, String> = ground
        .sources
        .list("checklists/")
        .into_iter()
        .filter(|path| path.ends_with(".toml"))
        .filter_map(|path| Some((path.clone(), ground.sources.text(&path)?)))
        .collect();
    let mut findings = Vec::new();
    for (path, text) in texts.iter().filter(|(path, _)| !stem(path).contains('.')) {
        match read(ground, path, text, &texts) {
            Ok(form) => findings.extend(signature(ground, &form)),
            Err(found) => findings.extend(faults(found)),
        }
    }
    findings
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

/// Who signed one version has not signed another.
fn signature(ground: &Ground, form: &Form) -> Option<Finding> {
    let lists = &ground.config.as_ref()?.checklists;
    let signed = lists.sign_off.as_ref().filter(|_| lists.mode == Mode::Triage)?;
    let version = &form.checklist.version;
    let problem = format!("`{}` was signed, but version `{version}` is in force", signed.version);
    let hint = "let a clinician read this version, sign it, and write it here; until then use `education`";
    (signed.version != *version).then(|| ground.fault("checklists.sign_off.version", &problem, hint))
}

/// Every letter and leaflet in force, in every language, rendered with sample facts.
pub(super) fn letters(ground: &Ground) -> Vec<Finding> {
    let Some(config) = &ground.config else { return Vec::new() };
    let found =
        engine::words(config, &ground.sources).map_or_else(|faults| faults, |wording| prove(&wording));
    let mut found = engine::letter_faults(found);
    for fault in &mut found {
        fault.file = match fault.file.as_str() {
            "aftercare.toml" => ground.file.clone(),
            path => ground.sources.name(path),
        };
    }
    faults(found)
}

fn faults(found: Vec<Fault>) -> Vec<Finding> {
    found.into_iter().map(Finding::Fault).collect()
}
