//! A series as fields of a form, and back: a span is a number, a unit and a side, so that nobody writes `-28d`.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use crate::config::protocols::form::{PhaseForm, SeriesForm, StepForm};
use crate::web::console::auth::form_fields::FormFields;

/// Which side of its day a span lies on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SpanSide {
    /// It only goes forward.
    Forward,
    /// It may lie before or after.
    Either,
}

/// The series that a sent form describes. What the form does not show stays as it was.
pub(in crate::web::console) fn read(fields: &FormFields, was: &SeriesForm) -> SeriesForm {
    let word = |key: &str| line(fields.get(key));
    let kind = word("kind");
    let only = |owner: &str, key: &str| if kind == owner { word(key) } else { String::new() };
    let bookable = kind == "visit" || kind == "test";
    let of_visits = |key: &str| if bookable { steps(fields, key) } else { Vec::new() };
    SeriesForm {
        id: word("id"),
        checklist: only("checklist", "checklist"),
        leaflet: only("leaflet", "leaflet"),
        title: languages(fields, "title."),
        prepare: languages(fields, "prepare."),
        phases: rows(fields, "phases", |row| PhaseForm {
            after: span(fields, &format!("{row}.after"), SpanSide::Forward),
            until: span(fields, &format!("{row}.until"), SpanSide::Forward),
            every: span(fields, &format!("{row}.every"), SpanSide::Forward),
        }),
        at: rows(fields, "at", |row| span(fields, row, SpanSide::Forward)),
        before: span(fields, "before", SpanSide::Either),
        after: span(fields, "after", SpanSide::Either),
        rebase: bookable && fields.get("rebase") == "yes",
        on_unknown: word("on_unknown"),
        remind: steps(fields, "remind"),
        booked: of_visits("booked"),
        missed: of_visits("missed"),
        notes: was.notes.clone(),
        kind,
    }
}

/// Adds or takes away the row that a button named: `add.phases`, `remove.remind.1`.
pub(in crate::web::console) fn alter(series: &mut SeriesForm, act: &str) {
    let mut parts = act.splitn(3, '.');
    let (verb, list) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let at = parts.next().and_then(|at| at.parse::<usize>().ok());
    match list {
        "phases" => row(&mut series.phases, verb, at),
        "at" => row(&mut series.at, verb, at),
        "remind" => row(&mut series.remind, verb, at),
        "booked" => row(&mut series.booked, verb, at),
        "missed" => row(&mut series.missed, verb, at),
        _ => {}
    }
}

fn row<T: Default>(list: &mut Vec<T>, verb: &str, at: Option<usize>) {
    match (verb, at) {
        ("add", _) => list.push(T::default()),
        ("remove", Some(at)) if at < list.len() => drop(list.remove(at)),
        _ => {}
    }
}

/// What staff call a series: its title in their language, in English, or in the first language it has.
pub(in crate::web::console) fn name<'s>(series: &'s SeriesForm, language: &str) -> &'s str {
    let own = series.title.get(language).filter(|title| !title.is_empty());
    own.or_else(|| series.title.get("en")).or_else(|| series.title.values().next()).unwrap_or(&series.id)
}

/// A series for the template.
pub(in crate::web::console) fn words(series: &SeriesForm, languages: &[String]) -> Value {
    let said = |words: &BTreeMap<String, String>| {
        let one = |language: &String| {
            context! { language, text => words.get(language).cloned().unwrap_or_default() }
        };
        languages.iter().map(one).collect::<Vec<_>>()
    };
    let phases = series.phases.iter().map(|phase| {
        context! { after => parted(&phase.after), until => parted(&phase.until), every => parted(&phase.every) }
    });
    context! {
        id => series.id.clone(),
        kind => series.kind.clone(),
        checklist => series.checklist.clone(),
        leaflet => series.leaflet.clone(),
        title => said(&series.title),
        prepare => said(&series.prepare),
        phases => phases.collect::<Vec<_>>(),
        at => series.at.iter().map(|at| parted(at)).collect::<Vec<_>>(),
        before => parted(&series.before),
        after => parted(&series.after),
        rebase => series.rebase,
        on_unknown => series.on_unknown.clone(),
        remind => series.remind.iter().map(step).collect::<Vec<_>>(),
        booked => series.booked.iter().map(step).collect::<Vec<_>>(),
        missed => series.missed.iter().map(step).collect::<Vec<_>>(),
    }
}

fn step(step: &StepForm) -> Value {
    context! { step => step.step.clone(), at => parted(&step.at), useful => parted(&step.useful) }
}

fn rows<T>(fields: &FormFields, list: &str, read: impl Fn(&str) -> T) -> Vec<T> {
    let names = (0..200).map(|at| format!("{list}.{at}"));
    let there = names.take_while(|row| fields.starting(&format!("{row}.")).next().is_some());
    there.map(|row| read(&row)).collect()
}

fn steps(fields: &FormFields, list: &str) -> Vec<StepForm> {
    rows(fields, list, |row| StepForm {
        step: line(fields.get(&format!("{row}.step"))),
        at: span(fields, &format!("{row}.at"), SpanSide::Either),
        useful: span(fields, &format!("{row}.useful"), SpanSide::Forward),
    })
}

fn languages(fields: &FormFields, prefix: &str) -> BTreeMap<String, String> {
    let said = fields.starting(prefix).map(|(language, words)| (language.to_owned(), line(words)));
    said.filter(|(_, words)| !words.is_empty()).collect()
}

/// What was typed, on one line.
fn line(typed: &str) -> String {
    typed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A span from its parts. What is no number stays as it was typed, for `check` to say so.
fn span(fields: &FormFields, name: &str, side: SpanSide) -> String {
    let count = fields.get(&format!("{name}.n"));
    if count.is_empty() || !count.bytes().all(|b| b.is_ascii_digit()) {
        return count.to_owned();
    }
    let unit = fields.get(&format!("{name}.u"));
    let is_before = side == SpanSide::Either && fields.get(&format!("{name}.side")) == "before";
    let sign = if is_before && count.bytes().any(|b| b != b'0') { "-" } else { "" };
    format!("{sign}{count}{unit}")
}

/// A span in its parts, for the fields.
fn parted(span: &str) -> Value {
    let unit = span.chars().next_back().filter(|unit| "dwmy".contains(*unit));
    let bare = span.trim_start_matches(['+', '-']);
    let count = unit.map_or(bare, |_| bare.get(..bare.len().saturating_sub(1)).unwrap_or_default());
    if count.is_empty() || !count.bytes().all(|b| b.is_ascii_digit()) {
        return context! { n => span, u => "d", before => false };
    }
    context! { n => count, u => unit.unwrap_or('d').to_string(), before => span.starts_with('-') }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::protocols::form::ProtocolForm;

    /// The fields that the page shows for a series, as a browser would send them.
    fn sent(series: &SeriesForm) -> FormFields {
        let mut fields = Vec::new();
        let mut put = |name: String, word: &str| fields.push((name, word.to_owned()));
        let spans = |name: String, span: &str| {
            let parts = parted(span);
            let part = |key| parts.get_attr(key).unwrap();
            let side = if part("before").is_true() { "before" } else { "after" };
            vec![
                (format!("{name}.n"), part("n").to_string()),
                (format!("{name}.u"), part("u").to_string()),
                (format!("{name}.side"), side.to_owned()),
            ]
        };
        let mut more = Vec::new();
        for (at, phase) in series.phases.iter().enumerate() {
            more.extend(spans(format!("phases.{at}.after"), &phase.after));
            more.extend(spans(format!("phases.{at}.until"), &phase.until));
            more.extend(spans(format!("phases.{at}.every"), &phase.every));
        }
        for (list, steps) in
            [("remind", &series.remind), ("booked", &series.booked), ("missed", &series.missed)]
        {
            for (at, step) in steps.iter().enumerate() {
                more.push((format!("{list}.{at}.step"), step.step.clone()));
                more.extend(spans(format!("{list}.{at}.at"), &step.at));
                more.extend(spans(format!("{list}.{at}.useful"), &step.useful));
            }
        }
        series.at.iter().enumerate().for_each(|(at, one)| more.extend(spans(format!("at.{at}"), one)));
        more.extend(spans("before".to_owned(), &series.before));
        more.extend(spans("after".to_owned(), &series.after));
        put("id".to_owned(), &series.id);
        put("kind".to_owned(), &series.kind);
        put("checklist".to_owned(), &series.checklist);
        put("leaflet".to_owned(), &series.leaflet);
        put("on_unknown".to_owned(), &series.on_unknown);
        put("rebase".to_owned(), if series.rebase { "yes" } else { "" });
        series.title.iter().for_each(|(language, words)| put(format!("title.{language}"), words));
        series.prepare.iter().for_each(|(language, words)| put(format!("prepare.{language}"), words));
        fields.extend(more);
        FormFields::new(fields)
    }

    #[test]
    fn every_shipped_series_comes_back_from_its_fields() {
        let plus = |span: &String| span.trim_start_matches('+').to_owned();
        for path in crate::config::embedded::list("protocols/") {
            let form = ProtocolForm::read(&crate::config::embedded::text(&path).unwrap()).unwrap();
            for series in form.series {
                let mut want = series.clone();
                for step in want.remind.iter_mut().chain(&mut want.booked).chain(&mut want.missed) {
                    step.at = plus(&step.at);
                }
                want.after = plus(&want.after);
                assert_eq!(read(&sent(&series), &series), want, "{path}");
            }
        }
    }

    #[test]
    fn rows_come_and_go() {
        let mut series = SeriesForm::default();
        alter(&mut series, "add.phases");
        alter(&mut series, "add.phases");
        series.phases[1].every = "3m".to_owned();
        alter(&mut series, "remove.phases.0");
        alter(&mut series, "remove.phases.7");
        assert_eq!(series.phases.iter().map(|phase| phase.every.as_str()).collect::<Vec<_>>(), ["3m"]);
    }
}
