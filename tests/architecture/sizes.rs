//! Limits: a file, a function and a parameter list that one person can hold in the head.

use crate::demand;
use crate::source::{Source, closing, identifier, sources, word_offsets};

/// Lines of a file without its tests.
const FILE_LIMIT: usize = 350;
/// Lines of code in a function's body, as clippy counts them.
const FUNCTION_LIMIT: usize = 60;
/// Parameters, `self` among them.
const PARAMETER_LIMIT: usize = 4;

#[test]
fn no_file_passes_its_limit() {
    let long = sources().iter().map(|s| (s.raw.lines().count() - s.test_lines, &s.path));
    let faults: Vec<_> =
        long.filter(|(n, _)| *n > FILE_LIMIT).map(|(n, path)| format!("{path}:1: {n} lines")).collect();
    demand(&format!("a file has at most {FILE_LIMIT} lines without its tests: split it by noun"), &faults);
}

#[test]
fn no_function_passes_its_limit() {
    let mut faults = Vec::new();
    for source in sources() {
        for function in functions(source).iter().filter(|f| f.lines(source) > FUNCTION_LIMIT) {
            faults.push(format!(
                "{}: `{}` has {} lines",
                source.at(function.at),
                function.name,
                function.lines(source)
            ));
        }
    }
    demand(&format!("a function has at most {FUNCTION_LIMIT} lines"), &faults);
}

#[test]
fn no_function_takes_too_many_parameters() {
    let mut faults = Vec::new();
    for source in sources() {
        for function in functions(source).iter().filter(|f| !f.promised_by_trait) {
            let count = function.parameters.len();
            if count > PARAMETER_LIMIT {
                faults.push(format!("{}: `{}` takes {count}", source.at(function.at), function.name));
            }
        }
    }
    demand(
        &format!("a function takes at most {PARAMETER_LIMIT} parameters: name what belongs together"),
        &faults,
    );
}

#[test]
fn no_function_takes_a_bool() {
    let mut faults = Vec::new();
    for source in sources() {
        for function in functions(source).iter().filter(|f| !f.promised_by_trait) {
            for parameter in &function.parameters {
                let kind = parameter.split_once(':').map_or("", |(_, kind)| kind.trim());
                if matches!(kind, "bool" | "&bool" | "&mut bool" | "Option<bool>") {
                    faults.push(format!("{}: `{}({parameter})`", source.at(function.at), function.name));
                }
            }
        }
    }
    demand("no bool parameters: an enum says at the call what is meant", &faults);
}

/// One function as found in the text.
struct Function {
    at: usize,
    name: String,
    parameters: Vec<String>,
    body: Option<(usize, usize)>,
    /// Inside `impl Trait for Type`: its shape is the trait's choice.
    promised_by_trait: bool,
}

impl Function {
    fn lines(&self, source: &Source) -> usize {
        let Some((start, end)) = self.body else { return 0 };
        let inner = &source.bare[(start + 1).min(end)..end.saturating_sub(1).max(start + 1)];
        inner.lines().filter(|line| !line.trim().is_empty()).count()
    }
}

fn functions(source: &Source) -> Vec<Function> {
    let code = &source.code;
    let promised = trait_impls(code);
    let mut found = Vec::new();
    for at in word_offsets(code, "fn") {
        let name_at = at + 2 + code[at + 2..].len() - code[at + 2..].trim_start().len();
        let name = identifier(code, name_at).to_owned();
        let Some(open) = (!name.is_empty()).then(|| after_generics(code, name_at + name.len())).flatten()
        else {
            continue;
        };
        let close = closing(code, open);
        let stop = code[close..].find(['{', ';']).map_or(code.len(), |i| close + i);
        let body = (code.as_bytes().get(stop) == Some(&b'{')).then(|| (stop, closing(code, stop)));
        let parameters = split(&code[open + 1..close - 1]);
        let promised_by_trait = promised.iter().any(|&(start, end)| start < at && at < end);
        found.push(Function { at, name, parameters, body, promised_by_trait });
    }
    found
}

/// The offset of the parameter list's bracket, past `<…>`.
fn after_generics(code: &str, from: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (i, c) in code[from..].char_indices() {
        let arrow = code[..from + i].ends_with(['-', '=']);
        match c {
            '<' => depth += 1,
            '>' if !arrow => depth = depth.saturating_sub(1),
            '(' if depth == 0 => return Some(from + i),
            '{' | ';' => return None,
            _ => {}
        }
    }
    None
}

/// Splits a parameter list at its outer commas.
fn split(list: &str) -> Vec<String> {
    let (mut parts, mut depth, mut part, mut last) = (Vec::new(), 0_i32, String::new(), ' ');
    for c in list.chars() {
        match c {
            '(' | '[' | '{' | '<' => depth += 1,
            '>' if last == '-' || last == '=' => {}
            ')' | ']' | '}' | '>' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
        last = c;
    }
    parts.push(part);
    parts
        .into_iter()
        .map(|p| p.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|p| !p.is_empty())
        .collect()
}

/// The extents of every `impl Trait for Type { … }`.
pub(crate) fn trait_impls(code: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    for at in word_offsets(code, "impl") {
        let before = code[..at].trim_end();
        let begins_item =
            before.is_empty() || before.ends_with(['}', ';', '{', ']']) || before.ends_with("unsafe");
        let Some(open) = code[at..].find('{').map(|i| at + i).filter(|_| begins_item) else { continue };
        let head = &code[at..open];
        if word_offsets(head, "for").iter().any(|&i| !head[i + 3..].starts_with('<')) {
            found.push((at, closing(code, open)));
        }
    }
    found
}

#[test]
fn functions_are_measured_as_written() {
    let text = "impl<T: Fn(u8) -> u8> A for B<T> { fn a(&self, loud: bool) {} }\npub fn b<F>(x: (u8, u8), f: F) -> u8\nwhere F: Fn(u8, u8) -> u8 {\n    // why\n\n    let y = 1;\n    y\n}\n";
    let source = Source::new("src/x.rs", text.to_owned());
    let found = functions(&source);
    assert_eq!(
        found.iter().map(|f| (f.name.as_str(), f.parameters.len())).collect::<Vec<_>>(),
        [("a", 2), ("b", 2)]
    );
    assert!(found[0].promised_by_trait && !found[1].promised_by_trait);
    assert_eq!(found[1].lines(&source), 2);
}
