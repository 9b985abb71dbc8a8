//! Words: what every file says first, names nobody may use, and what must never reach a log.

use std::fs;

use crate::demand;
use crate::sizes::trait_impls;
use crate::source::{Source, closing, identifier, relative, root, sources, walk, word_offsets};

/// Names that say nothing, also in the plural.
const EMPTY_NAMES: &[&str] =
    &["manager", "helper", "util", "utils", "common", "service", "handler", "data", "info", "process"];

/// Words that carry a person into a log (P10).
const PERSONAL: &[&str] = &[
    "expose",
    "email",
    "address",
    "preferred_name",
    "birth_on",
    "birth_date",
    "recipient",
    "symptom",
    "symptoms",
    "diagnosis",
    "answers",
    "phone",
];

/// The macros of `tracing`.
const LOG_MACROS: &[&str] = &[
    "trace",
    "debug",
    "info",
    "warn",
    "error",
    "event",
    "span",
    "trace_span",
    "debug_span",
    "info_span",
    "warn_span",
    "error_span",
];

/// Where Rust stands, tests among it.
const TESTED: &[&str] = &["src", "tests", "benches", "fuzz"];

/// The attribute that keeps a test from running.
const IGNORE: &str = "ignore";

/// What may not be left behind.
const UNFINISHED: &[&str] = &["todo", "unimplemented"];

#[test]
fn every_file_opens_with_its_purpose() {
    let is_silent = |source: &Source| {
        let first = source.raw.lines().next().and_then(|line| line.strip_prefix("//! "));
        first.is_none_or(|purpose| purpose.trim().is_empty())
    };
    let faults: Vec<_> = rust_files().filter(is_silent).map(|source| format!("{}:1", source.path)).collect();
    demand("the first line of every file is `//!` and says what it is for", &faults);
}

#[test]
fn no_name_is_empty() {
    let mut faults = Vec::new();
    for source in sources() {
        let places = source.module().iter().map(|part| (0, (*part).to_owned())).collect::<Vec<_>>();
        for (offset, name) in places.into_iter().chain(defined(source)) {
            if let Some(word) = parts(&name).into_iter().find(|w| is_empty_name(w)) {
                faults.push(format!("{}: `{name}` holds `{word}`", source.at(offset)));
            }
        }
    }
    demand(
        "names come from docs/glossary.md; these say nothing: manager, helper, util, common, service, handler, data, info, process",
        &faults,
    );
}

#[test]
fn no_person_reaches_a_log() {
    let mut faults = Vec::new();
    for source in sources() {
        for (start, end) in log_calls(&source.code) {
            let found = PERSONAL.iter().flat_map(|w| word_offsets(&source.code[start..end], w));
            faults.extend(
                found.map(|o| format!("{}: `{}`", source.at(start + o), identifier(&source.code, start + o))),
            );
        }
        for word in PERSONAL {
            let inline = format!("{{{word}");
            let calls =
                log_calls(&source.code).into_iter().filter(|&(a, b)| source.bare[a..b].contains(&inline));
            faults.extend(calls.map(|(a, _)| format!("{}: `{inline}`", source.at(a))));
        }
        let spans = word_offsets(&source.code, "instrument")
            .into_iter()
            .filter(|&o| source.code[..o].trim_end().ends_with(['[', ':', ',']));
        let careless = spans.filter(|&o| !source.code[o..].lines().next().unwrap_or("").contains("skip_all"));
        faults.extend(
            careless
                .map(|o| format!("{}: `instrument` without `skip_all` logs every argument", source.at(o))),
        );
    }
    demand("P10: no name, address, diagnosis or symptom in a log", &faults);
}

#[test]
fn nothing_is_left_unfinished() {
    let mut faults = Vec::new();
    for source in sources() {
        for name in UNFINISHED {
            let calls = word_offsets(&source.code, name)
                .into_iter()
                .filter(|&o| source.code[o + name.len()..].starts_with('!'));
            faults.extend(calls.map(|o| format!("{}: `{name}!`", source.at(o))));
        }
    }
    faults.extend(rust_files().flat_map(|source| ignores(&source)));
    demand("nothing unfinished is merged, no test is switched off", &faults);
}

#[test]
fn only_commands_speak_to_the_terminal() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| !matches!(s.top_module(), "cli" | "main" | "telemetry")) {
        let streams = ["std::io::stdout", "std::io::stderr", "io::stdout()", "io::stderr()"];
        let named = streams.iter().flat_map(|s| source.code.match_indices(s));
        faults.extend(named.map(|(o, text)| format!("{}: `{text}`", source.at(o))));
    }
    faults.dedup();
    demand("below the commands nobody prints: take a `&mut dyn Write`", &faults);
}

/// Every Rust file there is, tests among them.
fn rust_files() -> impl Iterator<Item = Source> {
    let files = TESTED.iter().flat_map(|folder| walk(&root().join(folder)));
    let rust = files.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    rust.map(|path| Source::new(&relative(&path), fs::read_to_string(&path).unwrap_or_default()))
}

/// Tests of a file that do not run unless they are asked for.
fn ignores(source: &Source) -> Vec<String> {
    // Test modules are blanked in `code`, not in what is read here; a string or a comment may speak of it.
    let lines = source.raw.lines().enumerate().filter(|(_, line)| {
        let attribute = line.trim_start().strip_prefix("#[");
        attribute.is_some_and(|rest| {
            rest.starts_with(IGNORE) || (rest.starts_with("cfg_attr(") && rest.contains(IGNORE))
        })
    });
    lines.map(|(at, _)| format!("{}:{}: an ignored test", source.path, at + 1)).collect()
}

fn is_empty_name(word: &str) -> bool {
    EMPTY_NAMES.contains(&word)
        || word.strip_suffix('s').is_some_and(|w| EMPTY_NAMES.contains(&w))
        || word == "processes"
}

/// Modules, types, traits and functions that a file defines.
fn defined(source: &Source) -> Vec<(usize, String)> {
    let code = &source.code;
    let promised = trait_impls(code);
    let mut found = Vec::new();
    for keyword in ["mod", "struct", "enum", "trait", "type", "fn"] {
        for at in word_offsets(code, keyword) {
            let promised_by_trait = promised.iter().any(|&(start, end)| start < at && at < end);
            let rest = &code[at + keyword.len()..];
            let name = identifier(rest, rest.len() - rest.trim_start().len());
            if !promised_by_trait && rest.starts_with(' ') && !name.is_empty() {
                found.push((at, name.to_owned()));
            }
        }
    }
    found
}

/// The words of `snake_case` and `CamelCase`, in lower case.
pub(crate) fn parts(name: &str) -> Vec<String> {
    let mut spaced = String::new();
    for c in name.chars() {
        if c.is_uppercase() || c == '_' {
            spaced.push(' ');
        }
        if c != '_' {
            spaced.extend(c.to_lowercase());
        }
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

/// The extents of every call of a log macro.
fn log_calls(code: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for name in LOG_MACROS {
        for at in word_offsets(code, name) {
            let open = at + name.len() + 1;
            if code[at + name.len()..].starts_with("!(") {
                found.push((at, closing(code, open)));
            }
        }
    }
    found
}

#[test]
fn names_are_split_into_words() {
    assert_eq!(parts("MailManager"), ["mail", "manager"]);
    assert_eq!(parts("form_data"), ["form", "data"]);
    assert!(is_empty_name("handlers") && is_empty_name("data") && !is_empty_name("database"));
}

#[test]
fn a_leaking_log_call_is_seen() {
    let source =
        Source::new("src/x.rs", "fn a() { tracing::warn!(to = %p.email.expose(), \"email\"); }".to_owned());
    let (start, end) = log_calls(&source.code)[0];
    let seen: Vec<_> =
        PERSONAL.iter().filter(|w| !word_offsets(&source.code[start..end], w).is_empty()).collect();
    assert_eq!(seen, [&"expose", &"email"]);
}

#[test]
fn an_ignored_test_is_seen_wherever_it_stands() {
    let text = "// #[SKIP] is for nobody\n#[test]\n#[SKIP = \"slow\"]\nfn a() {}\n\
                #[cfg(test)]\nmod tests {\n    #[test]\n    #[SKIP]\n    fn b() {}\n    #[cfg_attr(miri, SKIP)]\n    fn c() {}\n}\n";
    let found = ignores(&Source::new("tests/x.rs", text.replace("SKIP", IGNORE)));
    let lines = [3, 8, 10].map(|line| format!("tests/x.rs:{line}: an ignored test"));
    assert_eq!(found, lines);
}
