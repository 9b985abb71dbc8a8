//! Every public item is used by something that ships. rustc cannot see it: for the library, `pub` is use enough.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::demand;
use crate::imports::{Names, Use};
use crate::reader::identifiers;
use crate::source::{relative, root, walk};
use crate::syntax::{Crate, File, Item, Kind};

/// What only tests, benches and fuzz targets use: file, item, why it is there all the same.
const FOR_TESTS: &[(&str, &str, &str)] = &[
    (
        "src/care/alert/escalation.rs",
        "longest_wait",
        "the promise about waiting, that a property holds against",
    ),
    ("src/clock.rs", "set_wall", "a manual clock can be set like a real one"),
    ("src/journey/operations/hold.rs", "hold", "holds letters without a doubt about the clock"),
];

/// Where items are used that `src/` does not use itself.
const OUTSIDE: &[&str] = &["tests", "benches", "fuzz"];

#[test]
fn every_public_item_is_used() {
    let (code, tests) = (Crate::shipped(), tested());
    let unused = unused(code);
    let faults = unused.iter().filter(|(_, item)| !is_tested(item, code, &tests));
    demand("a public item that nothing names goes", &faults.map(place).collect::<Vec<_>>());
}

#[test]
fn every_public_item_is_used_outside_tests() {
    let (code, tests) = (Crate::shipped(), tested());
    let unused = unused(code);
    let only = unused.iter().filter(|(_, item)| is_tested(item, code, &tests));
    let faults = only.filter(|(file, item)| !is_excused(file, item));
    demand(
        "what only tests name is no part of the crate, or says why",
        &faults.map(place).collect::<Vec<_>>(),
    );
}

#[test]
fn every_excuse_is_needed() {
    let unused = unused(Crate::shipped());
    let is_needed = |row: &(&str, &str, &str)| unused.iter().any(|(f, i)| f.path == row.0 && i.name == row.1);
    let faults: Vec<_> =
        FOR_TESTS.iter().filter(|row| !is_needed(row)).map(|row| format!("{}: `{}`", row.0, row.1)).collect();
    demand("an exception that nobody needs goes", &faults);
}

fn place((file, item): &(&File, &Item)) -> String {
    format!("{}:{}: `{}`", file.path, item.line, item.name)
}

fn is_excused(file: &File, item: &Item) -> bool {
    FOR_TESTS.iter().any(|(path, name, _)| *path == file.path && *name == item.name)
}

fn is_tested(item: &Item, code: &Crate, tests: &BTreeSet<String>) -> bool {
    tests.contains(&item.name) || code.test_words.contains(&item.name)
}

/// Every identifier of tests, benches and fuzz targets.
fn tested() -> BTreeSet<String> {
    let files = OUTSIDE.iter().flat_map(|dir| walk(&root().join(dir)));
    let rust = files.filter(|p| p.extension().is_some_and(|e| e == "rs"));
    // These tests speak about items, they do not use them.
    let rust = rust.filter(|p| !relative(p).starts_with("tests/architecture"));
    rust.flat_map(|p| identifiers(&fs::read_to_string(p).unwrap_or_default())).collect()
}

/// Public items that no code outside their own definition names.
fn unused(code: &Crate) -> Vec<(&File, &Item)> {
    let names = Names::of(code);
    let mut taken: BTreeMap<(&str, String), Vec<Use<'_>>> = BTreeMap::new();
    for one in names.uses(code) {
        if let Some(name) = one.rest.first() {
            taken.entry((&one.to.path, name.clone())).or_default().push(one);
        }
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (word, places) in code.files.iter().flat_map(|f| &f.words) {
        *counts.entry(word).or_default() += places.len();
    }
    let all = code.files.iter().flat_map(|file| file.items.iter().map(move |item| (file, item)));
    let public = all.filter(|(_, item)| item.is_public && item.name != "main");
    let is_used = |(file, item): &(&File, &Item)| match item.kind {
        Kind::Member => counts[item.name.as_str()] > within(file, item),
        _ => taken
            .get(&(&file.path, item.name.clone()))
            .is_some_and(|uses| uses.iter().any(|u| reaches(u, item))),
    };
    public.filter(|one| !is_used(one)).collect()
}

/// How often a definition says its own name.
fn within(file: &File, item: &Item) -> usize {
    let places = file.words.get(&item.name).into_iter().flatten();
    places.filter(|at| (item.extent.0..item.extent.1).contains(at)).count()
}

/// Whether a use stands outside the definition, and outside the `impl`s of the type itself.
fn reaches(one: &Use<'_>, item: &Item) -> bool {
    let own = one.from.impls.iter().filter(|(name, _)| *name == item.name).map(|(_, extent)| *extent);
    let own: Vec<_> = own.chain([item.extent]).collect();
    let is_own = |at: usize| own.iter().any(|&(start, end)| (start..end).contains(&at));
    one.from.path != one.to.path || one.offset.is_none_or(|at| !is_own(at))
}

#[test]
fn a_planted_unused_item_is_seen() {
    let code = Crate::of(&[
        ("src/lib.rs", "pub mod a; pub mod b;"),
        (
            "src/a.rs",
            "pub fn used() {}\npub fn again() { again() }\npub struct Lost;\nimpl Lost { pub(crate) fn idle(&self) -> Self { Lost } }\n\
             pub(in crate::a) const N: u8 = 1;\npub struct Kept(u8);\nimpl Kept { pub fn told(&self) {} }\nfn own() {}\n\
             pub fn tried() {}\npub fn spelled() {}\n#[cfg(test)]\nmod tests { fn t() { super::tried() } }",
        ),
        (
            "src/b.rs",
            "use crate::a;\nfn f(k: a::Kept) { println!(\"{}\", a::used()); k.told(); }\n\
             struct S { #[serde(default = \"a::spelled\")] again: u8 }",
        ),
    ]);
    let found: Vec<_> = unused(&code)
        .into_iter()
        .map(|(f, i)| (place(&(f, i)), is_tested(i, &code, &BTreeSet::new())))
        .collect();
    let expected =
        [(2, "again", false), (3, "Lost", false), (4, "idle", false), (5, "N", false), (9, "tried", true)];
    assert_eq!(found, expected.map(|(line, name, tested)| (format!("src/a.rs:{line}: `{name}`"), tested)));
}
