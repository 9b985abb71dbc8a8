//! What is wrong with a draft, in the words of `check` as they stand beside a field or a line.

use std::collections::BTreeMap;

use minijinja::{Value, context};

use crate::config::file::fault::Fault;
use crate::config::protocols::draft::{DraftFindings, DraftRules, examine};
use crate::config::protocols::layout::LaidOut;
use crate::web::console::auth::session::SignedIn;
use crate::web::console::layout::sentence::{sentence, with_hint, without_commands};

/// How a draft is called in its own faults.
const FILE: &str = "draft";

/// Looks at a text as `check` does.
pub(in crate::web::console) fn of_text(signed_in: &SignedIn, text: &str) -> DraftFindings {
    let deps = &signed_in.app.deps;
    let rules = DraftRules {
        languages: &deps.languages,
        composer: &deps.composer,
        checklists: &deps.checklist_names,
    };
    examine(FILE, text, rules)
}

/// The key that a problem begins with, and the rest of its words.
fn named(problem: &str) -> Option<(&str, &str)> {
    let (path, rest) = problem.strip_prefix('`')?.split_once("` ")?;
    (!path.contains(' ')).then_some((path, rest))
}

/// What a file is told of its spans, and what somebody is told instead who fills a form in, where a span is a number, a unit
/// and a side.
const ON_FORM: [(&str, &str); 9] = [
    (
        "write e.g. `-28d`, `2w`, `3m` or `1y`",
        "type a whole number, such as 28, and choose the unit beside it",
    ),
    ("write e.g. `3d`", "type 1 or more, and choose the unit beside it"),
    ("write e.g. `+1d`", "type 1 or more, and choose \"after\" beside it"),
    ("write an interval such as `3m`", "type 1 or more, and choose the unit beside it"),
    (
        "write it with a minus, e.g. `-7d`, or use `missed`",
        "choose \"before\" beside it, or put it among the steps after a missed date",
    ),
    (
        "write `0d` or later: nobody books a date for it",
        "choose \"after\" beside it: nobody books a date for it",
    ),
    ("a step belongs within two years of its day, e.g. `-28d`", "a step belongs within two years of its day"),
    ("write e.g. `[\"-45d\", \"+60d\"]`", "type how long before its day and how long after it may be"),
    (
        "write a span from `-100y` to `100y`; a last phase without `until` goes on for ever",
        "type at most 100 years; a last phase without an end goes on for ever",
    ),
];

/// A fault beside its field: the field says what it is about, and its parts how it is typed.
pub(in crate::web::console) fn beside(fault: &Fault) -> String {
    let problem = named(&fault.problem).map_or(fault.problem.as_str(), |(_, rest)| rest);
    let on_form = ON_FORM.iter().enumerate().find(|(_, (in_file, _))| *in_file == fault.hint);
    let hint = on_form.map_or(fault.hint.as_str(), |(_, (_, on_form))| *on_form);
    // The first is about what is no span at all; it stands in its marks.
    match problem.split('`').nth(1).filter(|_| on_form.is_some_and(|(at, _)| at == 0)) {
        Some(typed) => with_hint(&format!("`{typed}` is not a whole number of at most four digits"), hint),
        None => with_hint(problem, hint),
    }
}

/// What is wrong with each field of a form, by the field's name; what is about no field stands under an empty name.
pub(in crate::web::console) fn by_field(
    file: &LaidOut,
    findings: &DraftFindings,
) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for fault in &findings.faults {
        let words = found.entry(file.field(fault)).or_default();
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(&beside(fault));
    }
    found
}

/// The faults and remarks of a text, each with its line.
pub(in crate::web::console) fn with_lines(findings: &DraftFindings) -> Value {
    let line = |fault: &Fault| {
        let at = (fault.line > 0).then_some(fault.line);
        let text = sentence(&fault.problem);
        let (path, text) = match named(&fault.problem) {
            Some(_) => text
                .split_once("\" ")
                .map_or((None, text.as_str()), |(path, rest)| (Some(format!("{path}\"")), rest)),
            None => (None, text.as_str()),
        };
        context! { at, path, text, hint => sentence(without_commands(&fault.hint)) }
    };
    context! {
        faults => findings.faults.iter().map(line).collect::<Vec<_>>(),
        remarks => findings.remarks.iter().map(line).collect::<Vec<_>>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_beside_its_field_does_not_repeat_the_field_and_names_no_command() {
        let fault = |problem: &str, hint: &str| {
            let (problem, hint) = (problem.to_owned(), hint.to_owned());
            beside(&Fault { file: FILE.to_owned(), line: 3, problem, hint })
        };
        let every = fault("`series.phases.every` cannot be `0m`: time must go on", "write e.g. `3m`");
        assert_eq!(every, "Cannot be \"0m\": time must go on. Write e.g. \"3m\".");
        let typed = fault(
            "`series.remind.at` `four weeks` is not a span: a span ends in d, w, m or y (days, weeks, months, years)",
            "write e.g. `-28d`, `2w`, `3m` or `1y`",
        );
        assert_eq!(
            typed,
            "\"four weeks\" is not a whole number of at most four digits. Type a whole number, such as 28, and choose the unit \
             beside it."
        );
        let missing = fault("`source` is missing", "add it; `aftercare init DIR` writes a complete example");
        assert_eq!(missing, "Is missing.");
    }
}
