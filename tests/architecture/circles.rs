//! No file imports itself in a circle: whoever reads one file reads downward and arrives.

use crate::demand;
use crate::imports::{Names, Ties, circles, shipped_ties};
use crate::syntax::Crate;

#[test]
fn no_file_imports_itself_in_a_circle() {
    let faults = faults(shipped_ties());
    demand("no file imports itself in a circle: give what both share a file below them", &faults);
}

fn faults(ties: &Ties) -> Vec<String> {
    circles(ties).iter().flat_map(|ring| ring.iter().map(|from| inner(ties, from, ring))).flatten().collect()
}

fn planted(code: &Crate) -> Vec<String> {
    faults(&Names::of(code).ties(code))
}

/// The ties of one file into its ring.
fn inner<'a>(ties: &'a Ties, from: &'a str, ring: &std::collections::BTreeSet<String>) -> Vec<String> {
    let to = ties[from].iter().filter(|(to, _)| ring.contains(*to));
    to.map(|(to, tie)| format!("{from}:{}: takes `{}` from {to}", tie.line, tie.name)).collect()
}

#[test]
fn the_imports_are_really_followed() {
    let ties = shipped_ties();
    assert!(ties.len() > 300, "{}", ties.len());
    assert!(ties["src/journey/plan/fall_due.rs"].keys().any(|to| to.starts_with("src/store/")));
}

#[test]
fn a_planted_circle_is_seen() {
    // The ways to name another file: a group, `super`, an import of a module, a macro, a re-export.
    let found = planted(&Crate::of(&[
        ("src/lib.rs", "pub mod a; pub mod d;"),
        ("src/a/mod.rs", "pub mod b; pub mod c;"),
        ("src/a/b.rs", "use crate::{a::c::{self, Kept}};\npub struct B(Kept);"),
        ("src/a/c.rs", "pub struct Kept;\nfn f() { println!(\"{}\", crate::d::three()); }"),
        ("src/d.rs", "use super::a;\npub fn three(b: a::b::B) -> a::b::B { b }"),
    ]));
    assert_eq!(
        found,
        [
            "src/a/b.rs:1: takes `Kept` from src/a/c.rs",
            "src/a/c.rs:2: takes `three` from src/d.rs",
            "src/d.rs:2: takes `B` from src/a/b.rs"
        ]
    );
}

#[test]
fn tests_modules_and_outside_crates_are_no_circle() {
    let found = planted(&Crate::of(&[
        ("src/lib.rs", "pub mod a; pub mod b;"),
        ("src/a.rs", "use crate::b::B;\npub struct A(B);"),
        (
            "src/b.rs",
            "pub struct B;\nuse ::a::Other;\n#[cfg(test)]\nmod tests { use crate::a::A; }\n#[cfg(test)]\nuse crate::a::A;",
        ),
    ]));
    assert!(found.is_empty(), "{found:?}");
}
