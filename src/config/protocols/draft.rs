//! A draft of a protocol under the same eyes as a file: what is wrong with it, in the words of `check`, and what it asks for
//! where nothing is.

use crate::care::plan::protocol::{Protocol, Series, Trigger};
use crate::config::file::fault::Fault;
use crate::config::protocols::{protocol, remarks};
use crate::letter::compose::Composer;

/// What a draft must fit.
#[derive(Clone, Copy)]
pub struct DraftRules<'r> {
    /// The languages the clinic writes in.
    pub languages: &'r [String],
    /// The letters and leaflets there are.
    pub composer: &'r Composer,
    /// The checklists there are.
    pub checklists: &'r [String],
}

/// What was found in a draft.
#[derive(Debug, Clone, Default)]
pub struct DraftFindings {
    /// What it asks for; none as long as it has faults that keep it from being read.
    pub protocol: Option<Protocol>,
    /// What keeps it from being published.
    pub faults: Vec<Fault>,
    /// What is odd about it.
    pub remarks: Vec<Fault>,
}

/// What a series names and the clinic does not have.
struct MissingReference {
    /// The key of the series under which it is named.
    pub key: &'static str,
    /// The step, where it is a letter.
    pub step: Option<String>,
    /// What is wrong, with the name of the series.
    pub problem: String,
    /// What to do next.
    pub hint: &'static str,
}

/// Looks at the text of a draft; `file` is what it is called in the faults.
#[must_use]
pub fn examine(file: &str, text: &str, rules: DraftRules<'_>) -> DraftFindings {
    let languages: Vec<&str> = rules.languages.iter().map(String::as_str).collect();
    let protocol = match protocol::read(file, text, &languages) {
        Ok(protocol) => protocol,
        Err(faults) => return DraftFindings { faults, ..DraftFindings::default() },
    };
    let mut faults = remarks::beyond(&protocol, file, text);
    if protocol.verified {
        faults.push(Fault {
            file: file.to_owned(),
            line: line(text, |line| line.starts_with("verified")),
            problem: "`verified` cannot be `true` in a draft".to_owned(),
            hint: "take it out: a doctor or lead signs when it is published".to_owned(),
        });
    }
    for series in &protocol.series {
        faults.extend(missing_faults(series, file, text, rules));
    }
    let remarks = remarks::remarks(&protocol, file, text);
    DraftFindings { protocol: Some(protocol), faults, remarks }
}

/// The same as faults of the file that the series stands in, each at its line.
#[must_use]
pub fn missing_faults(series: &Series, file: &str, text: &str, rules: DraftRules<'_>) -> Vec<Fault> {
    let fault = |missing: MissingReference| Fault {
        file: file.to_owned(),
        line: place(text, series, &missing),
        problem: missing.problem,
        hint: missing.hint.to_owned(),
    };
    missing_references(series, rules).into_iter().map(fault).collect()
}

/// Every letter, leaflet and checklist that a series names and the clinic does not have in a language it writes in.
#[must_use]
fn missing_references(series: &Series, rules: DraftRules<'_>) -> Vec<MissingReference> {
    let mut found = Vec::new();
    for language in rules.languages {
        found.extend(wordless(series, language, rules.composer));
    }
    if let Some(name) = series.checklist.as_ref().filter(|name| !rules.checklists.contains(name)) {
        found.push(MissingReference {
            key: "checklist",
            step: None,
            problem: format!("series `{}` names the checklist `{name}`, which is not there", series.id),
            hint: "write `checklists/NAME.toml`, or name one that is there",
        });
    }
    found
}

fn wordless(series: &Series, language: &str, composer: &Composer) -> Vec<MissingReference> {
    let kind = series.kind.word();
    let mut found = Vec::new();
    for trigger in Trigger::ALL {
        let letters = series.steps(trigger).iter().filter(|step| !step.is_staff_task());
        for step in letters.filter(|step| !composer.knows(language, &step.name, kind)) {
            found.push(MissingReference {
                key: trigger.word(),
                step: Some(step.name.clone()),
                problem: format!(
                    "step `{}` of series `{}` has no letter in `{language}`",
                    step.name, series.id
                ),
                hint: "write `letters/LANGUAGE/STEP.txt.j2`, or use a step that has a letter",
            });
        }
    }
    if let Some(name) = series.leaflet.as_ref().filter(|name| composer.leaflet(language, name).is_none()) {
        found.push(MissingReference {
            key: "leaflet",
            step: None,
            problem: format!(
                "series `{}` names the leaflet `{name}`, which is not there in `{language}`",
                series.id
            ),
            hint: "write `leaflets/LANGUAGE/NAME.md`, or name one that is there",
        });
    }
    found
}

/// The line of the step, or of the key, within the series.
fn place(text: &str, series: &Series, missing: &MissingReference) -> usize {
    let key = remarks::line(text, &series.id, missing.key);
    let Some(step) = &missing.step else { return key };
    let named = format!("step = \"{step}\"");
    let rest = text.lines().enumerate().skip(key.saturating_sub(1));
    let rest = rest.take_while(|(_, line)| !line.trim_start().starts_with("[[series]]"));
    rest.filter(|(_, line)| line.contains(&named)).map(|(at, _)| at + 1).next().unwrap_or(key)
}

fn line(text: &str, is_meant: impl Fn(&str) -> bool) -> usize {
    text.lines().position(|line| is_meant(line.trim_start())).map_or(0, |at| at + 1)
}

/// The text of a published protocol as a draft begins: whoever signed that has not signed what becomes of it.
#[must_use]
pub fn unsigned(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("verified"));
    lines.map(|line| format!("{line}\n")).collect()
}
