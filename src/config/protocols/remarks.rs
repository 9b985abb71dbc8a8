//! What a protocol says without meaning it: well-formed, and yet nobody would hear of it. Remarks, not faults: versions that
//! are published already go on as they are.

use crate::care::plan::extra_visit::EXTRA_VISIT;
use crate::care::plan::protocol::{At, Protocol, Series, Trigger};
use crate::care::time::calendar::Span;
use crate::config::file::fault::Fault;
use crate::config::file::values::days;

/// A follow-up so far from the anchor is not meant.
const LIFE: i64 = 100 * 365;
/// A step so far from the day it belongs to is not meant.
const NEAR: i64 = 2 * 366;

/// Everything odd about a protocol, each at its line of the file.
#[must_use]
pub fn remarks(protocol: &Protocol, file: &str, text: &str) -> Vec<Fault> {
    let mut found = Vec::new();
    for series in &protocol.series {
        let odd = gaps(series).into_iter().chain(idle(series)).chain(far(series));
        found.extend(odd.map(|ProtocolRemark { key, problem, hint }| Fault {
            file: file.to_owned(),
            line: line(text, &series.id, key),
            problem: format!("`{key}` of series `{}`: {problem}", series.id),
            hint: hint.to_owned(),
        }));
    }
    found
}

struct ProtocolRemark {
    key: &'static str,
    problem: String,
    hint: &'static str,
}

/// Spans that nobody lives to see the end of, and a name that is not the clinic's to give: faults of a file that is read, while
/// versions that are published already go on as they are.
pub(in crate::config) fn beyond(protocol: &Protocol, file: &str, text: &str) -> Vec<Fault> {
    let mut found = Vec::new();
    for series in &protocol.series {
        if series.id == EXTRA_VISIT {
            found.push(Fault {
                file: file.to_owned(),
                line: line(text, &series.id, "id"),
                problem: format!(
                    "`series.id` `{EXTRA_VISIT}` is the name of visits that staff add beside the plan"
                ),
                hint: "give the series another id, e.g. `visit`".to_owned(),
            });
        }
        for (key, span) in spans(series).into_iter().filter(|(_, span)| days(*span).abs() > LIFE) {
            found.push(Fault {
                file: file.to_owned(),
                line: line(text, &series.id, key),
                problem: format!("`{key}` of series `{}`: `{span}` lies beyond a life", series.id),
                hint: "write a span from `-100y` to `100y`; a last phase without `until` goes on for ever"
                    .to_owned(),
            });
        }
    }
    found
}

/// Every span of a series, with the key it stands under.
fn spans(series: &Series) -> Vec<(&'static str, Span)> {
    let phases =
        series.phases.iter().flat_map(|p| [Some(p.after), p.until, Some(p.every)].into_iter().flatten());
    let window = [series.window_before, series.window_after].into_iter().flatten();
    let mut found: Vec<(&'static str, Span)> = phases.map(|span| ("phases", span)).collect();
    found.extend(window.map(|span| ("window", span)));
    found.extend(series.at.iter().map(|span| ("at", *span)));
    for trigger in Trigger::ALL {
        for step in series.steps(trigger) {
            found.extend(step.useful.map(|span| (trigger.word(), span)));
            if let At::Offset(at) = step.at {
                found.push((trigger.word(), at));
            }
        }
    }
    found
}

/// Between two phases nothing is owed.
fn gaps(series: &Series) -> Vec<ProtocolRemark> {
    let pairs = series.phases.windows(2).filter_map(|pair| Some((pair[0].until?, pair[1].after)));
    let apart = pairs.filter(|(until, after)| days(*until) < days(*after));
    let hint = "let each phase begin where the one before it ends";
    apart
        .map(|(until, after)| {
            let problem = format!("nothing is owed between `{until}` and `{after}`");
            ProtocolRemark { key: "phases", problem, hint }
        })
        .collect()
}

/// A phase that ends, or a life that does, before its first follow-up.
fn idle(series: &Series) -> Vec<ProtocolRemark> {
    let owes = |after: Span, every: Span, until: Option<Span>| {
        days(after) + days(every) <= until.map_or(LIFE, |until| days(until).min(LIFE))
    };
    let idle = series.phases.iter().filter(|phase| !owes(phase.after, phase.every, phase.until));
    let hint = "write a shorter `every`, or take the phase out";
    let mut found: Vec<_> = idle
        .map(|phase| {
            let problem =
                format!("the phase after `{}` owes nothing with `every = \"{}\"`", phase.after, phase.every);
            ProtocolRemark { key: "phases", problem, hint }
        })
        .collect();
    found.extend(series.at.iter().filter(|at| days(**at) > LIFE).map(|at| ProtocolRemark {
        key: "at",
        problem: format!("`{at}` lies beyond a life"),
        hint: "write a nearer date, or take it out",
    }));
    found
}

/// Steps years away from their day.
fn far(series: &Series) -> Vec<ProtocolRemark> {
    let mut found = Vec::new();
    for trigger in Trigger::ALL {
        for step in series.steps(trigger) {
            if let At::Offset(at) = step.at
                && days(at).abs() > NEAR
            {
                let problem = format!("step `{}` lies `{at}` from its day", step.name);
                let hint = "a step belongs within two years of its day, e.g. `-28d`";
                found.push(ProtocolRemark { key: trigger.word(), problem, hint });
            }
        }
    }
    found
}

/// The line of a key of that series, or of its id.
pub(in crate::config) fn line(text: &str, series: &str, key: &str) -> usize {
    let says = |line: &str, key: &str| {
        line.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let lines: Vec<&str> = text.lines().collect();
    let quoted = format!("\"{series}\"");
    let Some(id) = lines.iter().position(|line| says(line, "id") && line.contains(&quoted)) else { return 0 };
    let rest = lines.iter().skip(id).take_while(|line| !line.trim_start().starts_with("[[series]]"));
    1 + id + rest.into_iter().position(|line| says(line, key)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::protocols::protocol;
    use crate::config::sources::Sources;

    const SOUND: &str = r#"
id     = "own"
title  = "Ours"
source = "made up for tests"
anchor = "end-of-treatment"
[[series]]
id     = "visit"
kind   = "visit"
title  = { en = "Visit" }
phases = [ { after = "0m", until = "20m", every = "2m" }, { after = "20m", every = "6m" } ]
remind = [ { step = "book", at = "-28d" } ]
"#;

    fn told(change: &[(&str, &str)]) -> Vec<Fault> {
        let text = change.iter().fold(SOUND.to_owned(), |text, (old, new)| text.replace(old, new));
        remarks(&protocol::read("own.toml", &text, &["en"]).unwrap(), "own.toml", &text)
    }

    #[test]
    fn what_nobody_would_hear_of_is_remarked_at_its_line() {
        assert_eq!(told(&[]), []);
        for (change, line, words) in [
            (("after = \"20m\"", "after = \"24m\""), 10, "nothing is owed between `20m` and `24m`"),
            (("every = \"6m\"", "every = \"9999y\""), 10, "the phase after `20m` owes nothing"),
            (("every = \"2m\"", "every = \"21m\""), 10, "the phase after `0m` owes nothing"),
            (("-28d", "-9999y"), 11, "step `book` lies `-9999y` from its day"),
        ] {
            let found = told(&[change]);
            assert_eq!((found.len(), found[0].line), (1, line), "{found:?}");
            assert!(found[0].problem.contains(words), "{found:?}");
        }
    }

    #[test]
    fn a_span_beyond_a_life_is_a_fault_of_the_file_and_not_of_what_is_published() {
        for (old, new, line) in [
            ("every = \"6m\"", "every = \"9999y\"", 10),
            ("until = \"20m\"", "until = \"1201m\"", 10),
            ("-28d", "-101y", 11),
            ("-28d\"", "-28d\", useful = \"9999w\"", 11),
        ] {
            let text = SOUND.replace(old, new).replace("after = \"20m\"", "after = \"1201m\"");
            let read = protocol::read("own.toml", &text, &["en"]).unwrap();
            let found = beyond(&read, "own.toml", &text);
            assert!(found.iter().any(|fault| fault.line == line), "{new}: {found:?}");
            assert!(found[0].problem.contains("beyond a life") && found[0].hint.contains("`100y`"));
        }
        let sound = protocol::read("own.toml", SOUND, &["en"]).unwrap();
        assert_eq!(beyond(&sound, "own.toml", SOUND), []);
    }

    #[test]
    fn no_series_of_a_file_takes_the_name_of_visits_beside_the_plan() {
        let text = SOUND.replace("id     = \"visit\"", "id     = \"extra-visit\"");
        let read = protocol::read("own.toml", &text, &["en"]).unwrap();
        let found = beyond(&read, "own.toml", &text);
        assert_eq!((found.len(), found[0].line), (1, 7), "{found:?}");
        assert!(found[0].problem.contains("`extra-visit`") && found[0].hint.contains("another id"));
    }

    #[test]
    fn nothing_shipped_is_odd() {
        for (id, published) in protocol::library(&Sources::shipped(), &["en", "es"]).unwrap() {
            assert_eq!(remarks(&published.protocol, &id, &published.text), []);
        }
    }
}
