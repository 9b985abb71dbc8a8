//! Reads a state machine from its three homes: the `match` in care, the CHECK in SQL, the drawing in docs/flow.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::OnceLock;

use crate::source::{Source, closing, identifier, relative, root, walk, word_offsets};

/// A move: from, event, to.
pub(crate) type Moves = BTreeSet<(String, String, String)>;

/// The words that `fn word` (or the constant `WORDS`) of `impl NAME` gives; `None` without such an impl.
pub(crate) fn code_words(source: &Source, name: &str) -> Option<BTreeSet<String>> {
    let (start, end) = inherent_impl(source, name)?;
    let from = named(source, (start, end), "word").filter(|&at| !literals(function(source, at)).is_empty());
    let text = match from {
        Some(at) => function(source, at),
        None => constant(source, start + source.code[start..end].find("WORDS")?),
    };
    Some(literals(text).into_iter().collect())
}

/// The moves of `fn after` of `impl NAME`, in words.
pub(crate) fn code_moves(source: &Source, name: &str) -> Option<Moves> {
    let extent = inherent_impl(source, name)?;
    let at = named(source, extent, "after")?;
    let words = variant_words(source, extent)?;
    let mut moves = Moves::new();
    let body = function(source, at);
    let arms = &body[body.find("match")?..];
    let arms = &arms[arms.find('{')? + 1..];
    let mut rest = arms;
    while let Some(arrow) = rest.find("=>") {
        let (pattern, after) = (&rest[..arrow], &rest[arrow + 2..]);
        let stop = after.find([',', '\n']).unwrap_or(after.len());
        if let Some(to) = variant(&after[..stop], "Self::").and_then(|v| words.get(&v).cloned()) {
            for pair in pattern.split(')') {
                add_moves(&mut moves, pair, (&words, &to));
            }
        }
        rest = &after[stop..];
    }
    Some(moves)
}

/// The values that SQL's CHECK allows for `table.column`, after every migration in order.
pub(crate) fn sql_words(table: &str, column: &str) -> Option<BTreeSet<String>> {
    sql_lists().get(&(table.to_owned(), column.to_owned())).cloned()
}

/// The words that SQL allows, by table and column.
type Lists = BTreeMap<(String, String), BTreeSet<String>>;

/// Every `table.column` for which SQL allows a closed list of words; read once.
pub(crate) fn sql_lists() -> &'static Lists {
    static READ: OnceLock<Lists> = OnceLock::new();
    READ.get_or_init(read_lists)
}

fn read_lists() -> Lists {
    let mut checks = BTreeMap::new();
    for (_, sql) in migrations() {
        for statement in statements(&sql) {
            read_statement(&statement, &mut checks);
        }
    }
    checks
}

/// Every migration: its path from the root, and its text.
pub(crate) fn migrations() -> Vec<(String, String)> {
    let mut all: Vec<_> = walk(&root().join("migrations"))
        .iter()
        .map(|p| (relative(p), fs::read_to_string(p).unwrap_or_default()))
        .collect();
    // V10 comes after V9, whatever the alphabet says.
    all.sort_by_key(|(path, _)| {
        path.bytes().filter(u8::is_ascii_digit).fold(0_u32, |n, d| n * 10 + u32::from(d - b'0'))
    });
    all
}

/// The moves of the first `stateDiagram` below the heading `## HEADING` of docs/flow.md; `[*]` is left out.
pub(crate) fn drawn_moves(heading: &str) -> Option<Moves> {
    let flow = fs::read_to_string(root().join("docs/flow.md")).ok()?;
    let section = flow.split("\n## ").find(|s| s.lines().next() == Some(heading))?;
    let drawing = section.split("```mermaid").find(|s| s.trim_start().starts_with("stateDiagram"))?;
    let drawing = drawing.split("```").next()?;
    let mut moves = Moves::new();
    for line in drawing.lines() {
        let Some((from, rest)) = line.split_once("-->") else { continue };
        let (to, event) = rest.split_once(':').unwrap_or((rest, ""));
        if !from.contains("[*]") && !to.contains("[*]") {
            moves.insert((from.trim().to_owned(), event.trim().to_owned(), to.trim().to_owned()));
        }
    }
    Some(moves)
}

/// The states that a set of moves touches.
pub(crate) fn touched(moves: &Moves) -> BTreeSet<String> {
    moves.iter().flat_map(|(from, _, to)| [from.clone(), to.clone()]).collect()
}

fn inherent_impl(source: &Source, name: &str) -> Option<(usize, usize)> {
    let at = source.code.find(&format!("impl {name} {{"))?;
    let open = at + source.code[at..].find('{')?;
    Some((at, closing(&source.code, open)))
}

fn named(source: &Source, (start, end): (usize, usize), name: &str) -> Option<usize> {
    let found = word_offsets(&source.code[start..end], name).into_iter().map(|o| start + o);
    found.into_iter().find(|&o| source.code[..o].trim_end().ends_with("fn"))
}

/// The text of the function whose name stands at `at`, strings included.
fn function(source: &Source, at: usize) -> &str {
    let open = at + source.code[at..].find('{').unwrap_or(0);
    &source.bare[open..closing(&source.code, open)]
}

/// The value of `const WORDS: [&str; 9] = […];`: from the equals sign, since its type holds a semicolon too.
fn constant(source: &Source, at: usize) -> &str {
    let equals = at + source.code[at..].find('=').unwrap_or(0);
    &source.bare[equals..equals + source.code[equals..].find(';').unwrap_or(0)]
}

fn literals(text: &str) -> Vec<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

fn variant(text: &str, prefix: &str) -> Option<String> {
    text.find(prefix).map(|i| identifier(text, i + prefix.len()).to_owned())
}

/// `Self::Pending => "pending"`: from the variant to its word.
fn variant_words(source: &Source, extent: (usize, usize)) -> Option<BTreeMap<String, String>> {
    let body = function(source, named(source, extent, "word")?);
    let arms = body.split("Self::").skip(1);
    Some(
        arms.filter_map(|arm| Some((identifier(arm, 0).to_owned(), literals(arm).into_iter().next()?)))
            .collect(),
    )
}

/// `(Self::A | Self::B, Event::C | Event::D`: each state with each event.
fn add_moves(moves: &mut Moves, pair: &str, (words, to): (&BTreeMap<String, String>, &str)) {
    let states = pair.split("Self::").skip(1).filter_map(|s| words.get(identifier(s, 0)));
    let events: Vec<_> = pair.split("Event::").skip(1).map(|e| spaced(identifier(e, 0))).collect();
    for from in states {
        moves.extend(events.iter().map(|event| (from.clone(), event.clone(), to.to_owned())));
    }
}

/// `FallDue` as `fall due`.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

/// SQL statements without comments; a trigger's inner semicolons do no harm here.
fn statements(sql: &str) -> Vec<String> {
    let bare: Vec<_> = sql.lines().map(|line| line.split("--").next().unwrap_or("")).collect();
    bare.join(" ").split(';').map(|s| s.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn read_statement(statement: &str, checks: &mut BTreeMap<(String, String), BTreeSet<String>>) {
    let words: Vec<_> = statement.split([' ', '(']).collect();
    match words.as_slice() {
        ["ALTER", "TABLE", old, "RENAME", "TO", new, ..] => {
            let moved: Vec<_> = checks.keys().filter(|(t, _)| t == old).cloned().collect();
            for key in moved {
                if let Some(list) = checks.remove(&key) {
                    checks.insert(((*new).to_owned(), key.1), list);
                }
            }
        }
        ["ALTER", "TABLE", table, "RENAME", "COLUMN", old, "TO", new, ..] => {
            if let Some(list) = checks.remove(&((*table).to_owned(), (*old).to_owned())) {
                checks.insert(((*table).to_owned(), (*new).to_owned()), list);
            }
        }
        ["ALTER", "TABLE", table, "DROP", "COLUMN", column, ..] => {
            checks.remove(&((*table).to_owned(), (*column).to_owned()));
        }
        ["CREATE", "TABLE", table, ..] | ["ALTER", "TABLE", table, "ADD", ..] => {
            for (column, list) in check_lists(statement) {
                checks.entry(((*table).to_owned(), column)).or_insert(list);
            }
        }
        ["DROP", "TABLE", table, ..] => checks.retain(|(t, _), _| t != table),
        _ => {}
    }
}

/// `CHECK (column IN ('a', 'b'))` or `CHECK (column = 'a' OR column = 'b')`; a rule that says more is no word list.
fn check_lists(statement: &str) -> Vec<(String, BTreeSet<String>)> {
    statement
        .split("CHECK (")
        .skip(1)
        .filter_map(|part| word_list(part).or_else(|| alternatives(part)))
        .collect()
}

fn word_list(part: &str) -> Option<(String, BTreeSet<String>)> {
    let (column, list) = part.split_once(" IN ('")?;
    let list = list.split("'))").next().filter(|_| !column.contains([' ', '(']))?;
    Some((column.to_owned(), list.split("', '").map(str::to_owned).collect()))
}

fn alternatives(part: &str) -> Option<(String, BTreeSet<String>)> {
    let rule = part.split_once("')")?.0.to_owned() + "'";
    let column = rule.split(' ').next()?.to_owned();
    let words = rule
        .split(" OR ")
        .map(|one| one.strip_prefix(&format!("{column} = '"))?.strip_suffix('\'').map(str::to_owned));
    Some((column.clone(), words.collect::<Option<BTreeSet<String>>>()?)).filter(|(_, words)| words.len() > 2)
}
