//! Provers of what people wrote: protocols, checklists, letters and leaflets, and that they fit each other.

use std::collections::BTreeSet;

use super::{Finding, Ground};
use crate::care::protocol::{Protocol, Series, Trigger};
use crate::config::{Fault, checklists as forms, protocols as shelf};
use crate::daemon::engine;
use crate::letter::Composer;
use crate::letter::prove::prove;

pub(super) fn protocols(ground: &Ground) -> Vec<Finding> {
    let Err(faults) = library(ground) else { return Vec::new() };
    faults.into_iter().map(Finding::Fault).collect()
}

pub(super) fn checklists(ground: &Ground) -> Vec<Finding> {
    let names = names(ground);
    names.iter().filter_map(|name| form(ground, name).err()).flatten().map(Finding::Fault).collect()
}

pub(super) fn letters(ground: &Ground) -> Vec<Finding> {
    let Some(config) = &ground.config else { return Vec::new() };
    let found = match engine::words(config, &ground.sources) {
        Ok(wording) => prove(&wording),
        Err(found) => found,
    };
    let named = |mut fault: Fault| {
        if fault.file == "aftercare.toml" {
            fault.file.clone_from(&ground.file);
        } else if !fault.file.is_empty() {
            fault.file = ground.sources.name(&fault.file);
        }
        Finding::Fault(fault)
    };
    engine::letter_faults(found).into_iter().map(named).collect()
}

/// Every step has a letter in every language, every leaflet and checklist that is named exists.
pub(super) fn steps(ground: &Ground) -> Vec<Finding> {
    let (Some(config), Ok(library)) = (&ground.config, library(ground)) else { return Vec::new() };
    let Ok(wording) = engine::words(config, &ground.sources) else { return Vec::new() };
    let Ok(composer) = Composer::new(&wording) else { return Vec::new() };
    let forms = names(ground);
    let mut found = Vec::new();
    for protocol in &library {
        let file = ground.sources.name(&format!("protocols/{}.toml", protocol.id));
        let fault = |(problem, hint): (String, &str)| {
            Finding::Fault(Fault { file: file.clone(), line: 0, problem, hint: hint.to_owned() })
        };
        for series in &protocol.series {
            let mut lacking = Vec::new();
            for language in &config.sending.languages {
                lacking.extend(wordless(series, language, &composer));
            }
            if let Some(name) = series.checklist.as_ref().filter(|name| !forms.contains(*name)) {
                let hint = "write `checklists/NAME.toml`, or name one that is there";
                lacking.push((
                    format!("series `{}` names the checklist `{name}`, which is not there", series.id),
                    hint,
                ));
            }
            found.extend(lacking.into_iter().map(fault));
        }
    }
    found
}

fn wordless(series: &Series, language: &str, composer: &Composer) -> Vec<(String, &'static str)> {
    let kind = series.kind.word();
    let steps = Trigger::ALL.into_iter().flat_map(|trigger| series.steps(trigger));
    let lacking = steps.filter(|step| !step.is_staff_task() && !composer.knows(language, &step.name, kind));
    let mut found: Vec<_> = lacking
        .map(|step| {
            let hint = "write `letters/LANGUAGE/STEP.txt.j2`, or use a step that has a letter";
            (format!("step `{}` of series `{}` has no letter in `{language}`", step.name, series.id), hint)
        })
        .collect();
    if let Some(name) = series.leaflet.as_ref().filter(|name| composer.leaflet(language, name).is_none()) {
        let hint = "write `leaflets/LANGUAGE/NAME.md`, or name one that is there";
        found.push((
            format!("series `{}` names the leaflet `{name}`, which is not there in `{language}`", series.id),
            hint,
        ));
    }
    found
}

fn library(ground: &Ground) -> Result<Vec<Protocol>, Vec<Fault>> {
    let languages: Vec<&str> = match &ground.config {
        Some(config) => config.sending.languages.iter().map(String::as_str).collect(),
        None => Vec::new(),
    };
    let read = shelf::library(&ground.sources, &languages)?;
    Ok(read.into_values().map(|published| published.protocol).collect())
}

/// The checklists there are: files without a language in their name.
pub(super) fn names(ground: &Ground) -> BTreeSet<String> {
    let paths = ground.sources.list("checklists/");
    let stems = paths.iter().filter_map(|p| p.strip_prefix("checklists/")?.strip_suffix(".toml"));
    stems.filter(|stem| !stem.contains('.')).map(str::to_owned).collect()
}

/// A checklist in force with its words.
pub(super) fn form(ground: &Ground, name: &str) -> Result<forms::Form, Vec<Fault>> {
    let path = format!("checklists/{name}.toml");
    let paths = ground.sources.list(&format!("checklists/{name}."));
    let words: Vec<(String, String)> = paths
        .iter()
        .filter(|p| **p != path && p.ends_with(".toml"))
        .filter_map(|p| Some((ground.sources.name(p), ground.sources.text(p)?)))
        .collect();
    let words: Vec<_> = words.iter().map(|(file, text)| forms::Source { file, text }).collect();
    let (file, text) = (ground.sources.name(&path), ground.sources.text(&path).unwrap_or_default());
    forms::read(forms::Source { file: &file, text: &text }, &words)
}
