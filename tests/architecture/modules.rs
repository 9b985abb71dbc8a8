//! Arrows only downward (ARCHITECTURE.md): which module may name which module, and which crate lives where.

use std::collections::BTreeSet;
use std::fs;

use crate::demand;
use crate::source::{Source, closing, identifier, relative, root, sources, walk, word_offsets};

/// A module, and the modules it may name besides itself. A module that is missing here may name nothing.
const ARROWS: &[(&str, &[&str])] = &[
    ("care", &[]),
    ("letter", &["care"]),
    ("ports", &["care", "letter"]),
    // A delivery keeps the letter's inputs, so the memory may name them.
    ("store", &["care", "letter"]),
    ("journey", &["care", "letter", "ports", "store"]),
    ("clock", &["ports"]),
    ("config", &["care", "letter"]),
    ("mail", &["care", "letter", "ports", "config"]),
    ("telemetry", &["config"]),
    ("exchange", &["care", "letter", "ports", "store", "journey", "config"]),
    ("web", &["care", "letter", "ports", "store", "journey", "config", "exchange"]),
    (
        "daemon",
        &[
            "care",
            "letter",
            "ports",
            "store",
            "journey",
            "mail",
            "clock",
            "config",
            "telemetry",
            "exchange",
            "web",
        ],
    ),
    (
        "cli",
        &[
            "care",
            "letter",
            "ports",
            "store",
            "journey",
            "mail",
            "clock",
            "config",
            "telemetry",
            "exchange",
            "web",
            "daemon",
        ],
    ),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// A crate, and the only places that may name it (a path prefix).
const HOMES: &[(&str, &[&str])] = &[
    ("rusqlite", &["src/store/"]),
    ("refinery", &["src/store/"]),
    ("lettre", &["src/mail/"]),
    ("icu_normalizer", &["src/mail/"]),
    ("zip", &["src/exchange/roster/workbook/"]),
    ("quick_xml", &["src/exchange/roster/workbook/"]),
    ("async_imap", &["src/mail/imap/"]),
    ("axum", &["src/web/"]),
    ("axum_extra", &["src/web/"]),
    ("tower_http", &["src/web/"]),
    ("openidconnect", &["src/exchange/openid/"]),
    ("oauth2", &["src/exchange/oauth/", "src/exchange/provider_transport.rs"]),
    ("tokio_cron_scheduler", &["src/daemon/bells.rs"]),
    ("clap", &["src/cli/"]),
    ("rtime_clock", &["src/clock.rs"]),
    ("prometheus", &["src/telemetry/metrics/"]),
    ("anyhow", &["src/cli/", "src/daemon/", "src/main.rs"]),
];

/// What the pure module may not name: the world in any form.
const IMPURE: &[&str] = &[
    "serde",
    "serde_json",
    "toml",
    "csv",
    "tokio",
    "tracing",
    "prometheus",
    "rusqlite",
    "lettre",
    "axum",
    "hyper",
    "ureq",
    "getrandom",
    "nix",
    "minijinja",
    "rust_embed",
    "indicatif",
    "clap",
];

/// Parts of std that touch the world.
const WORLD: &[&str] = &["fs", "net", "io", "env", "process", "thread", "os", "sync", "path"];

#[test]
fn a_module_names_only_modules_below_it() {
    let mut faults = Vec::new();
    for source in sources() {
        let allowed = ARROWS
            .iter()
            .find(|(module, _)| *module == source.top_module())
            .map_or(&[][..], |(_, below)| *below);
        for (offset, named) in modules_named(source) {
            let known = ARROWS.iter().any(|(module, _)| *module == named);
            if known && named != source.top_module() && !allowed.contains(&named.as_str()) {
                faults.push(format!(
                    "{}: `{}` may not name `{named}`",
                    source.at(offset),
                    source.top_module()
                ));
            }
        }
    }
    demand(
        "arrows only downward: main, cli, daemon, {web, mail, telemetry, clock}, exchange, {config, journey}, {store, ports}, letter, care",
        &faults,
    );
}

#[test]
fn every_module_has_a_row_in_the_table() {
    let app = sources();
    let lost = app.iter().filter(|s| !ARROWS.iter().any(|(module, _)| *module == s.top_module()));
    let faults: Vec<_> =
        lost.map(|s| format!("{}: module `{}` has no arrows", s.path, s.top_module())).collect();
    demand("a new module gets a row in ARROWS and a place in ARCHITECTURE.md", &faults);
}

#[test]
fn the_map_names_every_sub_module() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap_or_default();
    let rows = map.lines().filter_map(|line| line.strip_prefix("| `src/")?.split_once("` |"));
    let mut faults = Vec::new();
    for (module, rest) in rows.filter(|(module, _)| !module.contains(['.', '`'])) {
        let column = rest.split('|').nth(1).unwrap_or_default();
        let named: BTreeSet<_> = column.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let there = folders(module);
        faults.extend(
            there.difference(&named).map(|folder| format!("`src/{module}/{folder}` is not on the map")),
        );
        faults.extend(
            named.difference(&there).map(|folder| format!("the map names `{folder}` of `src/{module}`")),
        );
    }
    demand("the map of ARCHITECTURE.md names the sub-modules that there are", &faults);
}

/// The folders of a module that ship.
fn folders(module: &str) -> BTreeSet<String> {
    let within = format!("src/{module}/");
    let files = walk(&root().join("src").join(module));
    let inner = files.iter().filter_map(|p| relative(p).strip_prefix(&within).map(str::to_owned));
    let folders = inner.filter_map(|path| Some(path.split_once('/')?.0.to_owned()));
    folders.filter(|folder| !matches!(folder.as_str(), "tests" | "fixture")).collect()
}

#[test]
fn a_crate_is_named_only_at_home() {
    let mut faults = Vec::new();
    for source in sources() {
        for (name, homes) in HOMES {
            if homes.iter().any(|home| source.path.starts_with(home)) {
                continue;
            }
            faults.extend(
                word_offsets(&source.code, name).into_iter().filter(|&o| is_path_start(&source.code, o)).map(
                    |offset| format!("{}: `{name}` lives only in {}", source.at(offset), homes.join(", ")),
                ),
            );
        }
    }
    demand("each outside crate has one home", &faults);
}

#[test]
fn care_is_pure() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| s.top_module() == "care") {
        for name in IMPURE {
            let named =
                word_offsets(&source.code, name).into_iter().filter(|&o| is_path_start(&source.code, o));
            faults.extend(named.map(|o| format!("{}: `{name}`", source.at(o))));
        }
        let named =
            grouped(&source.code, "std::").into_iter().filter(|(_, part)| WORLD.contains(&part.as_str()));
        faults.extend(named.map(|(o, part)| format!("{}: `std::{part}`", source.at(o))));
        faults.extend(
            word_offsets(&source.code, "async").iter().map(|&o| format!("{}: `async`", source.at(o))),
        );
    }
    demand("care decides and touches nothing: no IO, SQL, async, logging, serialisation", &faults);
}

#[test]
fn only_the_clock_reads_the_clock() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| s.path != "src/clock.rs") {
        for offset in word_offsets(&source.code, "now") {
            let before = &source.code[..offset];
            if before.ends_with("::") && !before.ends_with("Self::") {
                faults.push(format!(
                    "{}: take the instant as a value, or from `ports::Clock`",
                    source.at(offset)
                ));
            }
        }
    }
    demand("only src/clock.rs reads the system clock", &faults);
}

#[test]
fn the_edge_changes_nothing_by_itself() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| matches!(s.top_module(), "web" | "cli" | "exchange")) {
        let changes = word_offsets(&source.code, "Tx");
        faults.extend(changes.iter().map(|&o| format!("{}: a change goes through `journey`", source.at(o))));
    }
    demand("web, cli and exchange change things only through journey", &faults);
}

#[test]
fn the_console_has_no_route_beside_its_table() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| s.path.starts_with("src/web/console/")) {
        let made = ["Router::new", ".route("].iter().flat_map(|made| source.code.match_indices(made));
        let lost = made.filter(|_| source.path != "src/web/console/mod.rs");
        faults.extend(lost.map(|(o, _)| format!("{}: a row in routes.rs", source.at(o))));
    }
    demand("the console's router is made from `routes::all()` alone", &faults);
}

/// Every module that a file names through `crate::`, `aftercare::` or `super::`, with its place.
fn modules_named(source: &Source) -> Vec<(usize, String)> {
    let mut named = grouped(&source.code, "crate::");
    named.extend(grouped(&source.code, "aftercare::"));
    let depth = source.module().len();
    if depth > 0 {
        named.extend(grouped(&source.code, &"super::".repeat(depth)));
    }
    named
}

/// The first names after a path prefix, also inside a brace group: `std::{fs, io::Read}` gives `fs` and `io`.
fn grouped(code: &str, prefix: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let continues = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b':';
        let inside_path = code[..at].bytes().last().is_some_and(continues);
        let rest = at + prefix.len();
        if inside_path && !code[..at].ends_with("::crate") {
            continue;
        }
        if code[rest..].starts_with('{') {
            found.extend(group_heads(code, rest));
        } else {
            found.push((rest, identifier(code, rest).to_owned()));
        }
    }
    found
}

fn group_heads(code: &str, open: usize) -> Vec<(usize, String)> {
    let end = closing(code, open);
    let (mut heads, mut depth, mut fresh) = (Vec::new(), 0_usize, false);
    for (i, c) in code[open..end].char_indices() {
        match c {
            '{' => (depth, fresh) = (depth + 1, depth == 0),
            '}' => depth -= 1,
            ',' if depth == 1 => fresh = true,
            _ if fresh && depth == 1 && !c.is_whitespace() => {
                heads.push((open + i, identifier(code, open + i).to_owned()));
                fresh = false;
            }
            _ => {}
        }
    }
    heads
}

/// Whether the identifier at `offset` begins a path or an import, not a field or variable of the same name.
fn is_path_start(code: &str, offset: usize) -> bool {
    let end = offset + identifier(code, offset).len();
    let before = code[..offset].trim_end();
    let after = code[end..].trim_start();
    let after_use = before.ends_with("use") || before.ends_with("extern crate");
    (after.starts_with("::") && !before.ends_with("::") && !before.ends_with('.')) || after_use
}

#[test]
fn grouped_and_climbing_imports_are_seen() {
    let source = Source::new(
        "src/web/public/form.rs",
        "use crate::{care::x, store::{a, b}};\nuse super::super::super::mail;\nuse std::{fs, fmt::Write};"
            .to_owned(),
    );
    let named: Vec<_> = modules_named(&source).into_iter().map(|(_, module)| module).collect();
    assert_eq!(named, ["care", "store", "mail"]);
    let parts: Vec<_> = grouped(&source.code, "std::").into_iter().map(|(_, part)| part).collect();
    assert_eq!(parts, ["fs", "fmt"]);
}
