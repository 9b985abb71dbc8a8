//! One `[[series]]` of a protocol file.

use std::collections::BTreeMap;

use super::steps;
use crate::care::plan::protocol::{FollowUpKind, OnUnknown, Phase, Series, Trigger};
use crate::care::time::calendar::Span;
use crate::config::file::reader::{Section, SpannedValue, ValueFault, ValueResult};
use crate::config::file::values::{days, list, one_of, slug, span, switch, text};
use crate::letter::markup::Block;
use crate::letter::proof::reading_grade;

const KINDS: [(&str, FollowUpKind); 4] = [
    ("visit", FollowUpKind::Visit),
    ("test", FollowUpKind::Test),
    ("checklist", FollowUpKind::Checklist),
    ("leaflet", FollowUpKind::Leaflet),
];
const FATES: [(&str, OnUnknown); 2] = [("resend", OnUnknown::Resend), ("hold", OnUnknown::Hold)];

/// Reads a series; `None` when something it needs is missing or wrong, which has then been reported.
pub(in crate::config) fn read(s: &Section<'_, '_>, languages: &[&str]) -> Option<Series> {
    let (id, kind) = (s.need("id", slug), s.need("kind", |v| one_of(v, &KINDS)));
    let (title, prepare) = (words(s, "title"), words(s, "prepare"));
    // A checklist has a title of its own in each language, and a series of it need not say it again.
    if kind != Some(FollowUpKind::Checklist) || s.has("title") {
        speaks(s, "title", &title, languages);
    }
    if !prepare.is_empty() {
        speaks(s, "prepare", &prepare, languages);
        plain(s, &prepare, languages);
    }
    let (checklist, leaflet) = (s.may("checklist", slug), s.may("leaflet", slug));
    let window = s.may("window", window);
    let (at, phases) = (s.or("at", Vec::new(), |v| list(v, since)), phases(s));
    if phases.is_empty() && !s.has("phases") && !s.has("at") {
        s.fault("phases", "is missing, and so is `at`: the series owes nothing", "add a phase or a date");
    }
    let (rebase, on_unknown) = (s.or("rebase", false, switch), s.or("on_unknown", OnUnknown::Resend, fate));
    let [remind, booked, missed] = Trigger::ALL.map(|trigger| steps::read(s, trigger, kind));
    let (id, kind) = (id?, kind?);
    belongs(s, kind);
    let window_before = window.map(|w| w.0);
    let window_after = window.map(|w| w.1);
    Some(Series {
        id,
        kind,
        checklist,
        leaflet,
        title,
        prepare,
        phases,
        at,
        window_before,
        window_after,
        rebase,
        on_unknown,
        remind,
        booked,
        missed,
    })
}

/// Keys that only make sense for one kind.
fn belongs(s: &Section<'_, '_>, kind: FollowUpKind) {
    for (key, owner) in [("checklist", FollowUpKind::Checklist), ("leaflet", FollowUpKind::Leaflet)] {
        if kind == owner && !s.has(key) {
            s.fault(key, "is missing", &format!("a series of kind `{key}` names the {key} it sends"));
        } else if kind != owner && s.has(key) {
            s.fault(key, &format!("has no meaning for a {}", kind.word()), "take it out, or change `kind`");
        }
    }
    if s.has("rebase") && !kind.is_bookable() {
        s.fault(
            "rebase",
            &format!("has no meaning for a {}", kind.word()),
            "take it out: nobody comes to it",
        );
    }
}

/// A span from the anchor on.
fn since(value: &SpannedValue<'_>) -> ValueResult<Span> {
    let found = span(value)?;
    let problem = format!("`{found}` lies before the anchor");
    if found.count < 0 { Err(ValueFault::new(value, problem, "count from the anchor on")) } else { Ok(found) }
}

fn fate(value: &SpannedValue<'_>) -> ValueResult<OnUnknown> {
    one_of(value, &FATES)
}

fn window(value: &SpannedValue<'_>) -> ValueResult<(Span, Span)> {
    match list(value, span)?[..] {
        [before, after] if before.count <= 0 && after.count >= 0 => Ok((before, after)),
        _ => Err(ValueFault::new(
            value,
            "is not a window around the due date",
            "write e.g. `[\"-45d\", \"+60d\"]`",
        )),
    }
}

/// A table of texts by language.
fn words(s: &Section<'_, '_>, key: &'static str) -> BTreeMap<String, String> {
    s.may(key, by_language).unwrap_or_default()
}

fn by_language(value: &SpannedValue<'_>) -> ValueResult<BTreeMap<String, String>> {
    let hint = "write `{ en = \"…\", es = \"…\" }`";
    let table = value
        .get_ref()
        .as_table()
        .ok_or_else(|| ValueFault::new(value, "is not a text by language", hint))?;
    table.iter().map(|(language, words)| Ok((language.get_ref().to_string(), text(words)?))).collect()
}

fn speaks(s: &Section<'_, '_>, key: &str, words: &BTreeMap<String, String>, languages: &[&str]) {
    if words.is_empty() && s.has(key) {
        return;
    }
    for language in languages.iter().filter(|language| !words.contains_key(**language)) {
        let hint = format!("add `{language} = \"…\"`: a letter never mixes languages");
        s.fault(key, &format!("has no words in `{language}`"), &hint);
    }
}

/// A note to patients reads at grade 6 or below.
fn plain(s: &Section<'_, '_>, notes: &BTreeMap<String, String>, languages: &[&str]) {
    for language in languages {
        let note = notes.get(*language).map(|note| vec![Block::Paragraph(note.clone())]);
        if let Some(why) = note.and_then(|note| reading_grade::too_hard(language, &note)) {
            let hint = "use short words and one idea a sentence";
            s.fault("prepare", &format!("is hard to read in `{language}`: {why}"), hint);
        }
    }
}

fn phases(s: &Section<'_, '_>) -> Vec<Phase> {
    let mut phases: Vec<Phase> = Vec::new();
    for section in s.sections("phases") {
        let (after, until) = (section.need("after", since), section.may("until", span));
        let every = section.need("every", interval);
        section.close();
        let (Some(after), Some(every)) = (after, every) else { continue };
        let phase = Phase { after, until, every };
        if until.is_some_and(|until| days(until) <= days(after)) {
            section.fault("until", "does not lie after `after`", "write the earlier end first");
        }
        if phases.last().is_some_and(|last| last.until.is_none_or(|until| days(after) < days(until))) {
            let hint = "let each phase begin where the one before it ends; only the last may have no `until`";
            section.fault("after", "lies inside the phase before it", hint);
        }
        phases.push(phase);
    }
    phases
}

fn interval(value: &SpannedValue<'_>) -> ValueResult<Span> {
    let every = span(value)?;
    let problem = format!("cannot be `{every}`: time must go on");
    if every.count > 0 {
        Ok(every)
    } else {
        Err(ValueFault::new(value, problem, "write an interval such as `3m`"))
    }
}
