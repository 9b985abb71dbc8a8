//! One name, one place: no two files define a type of the same name, and no folder holds more than one looks through.

use std::collections::BTreeMap;

use crate::demand;
use crate::source::{relative, root, walk};
use crate::syntax::{Crate, Kind};

/// Files of one folder, whatever they are.
const FOLDER_LIMIT: usize = 15;

/// Folders that are still too full, and how full. A number only goes down, and the row with it.
const FULL: &[(&str, usize)] = &[];

#[test]
fn no_two_files_define_a_type_of_the_same_name() {
    demand("one type name, one file: say which one it is", &twice(Crate::shipped()));
}

#[test]
fn no_folder_is_too_full() {
    let files: Vec<_> = walk(&root().join("src")).iter().map(|p| relative(p)).collect();
    demand(
        &format!("a folder holds at most {FOLDER_LIMIT} files: make sub-modules"),
        &overfull(&files, FULL),
    );
}

fn twice(code: &Crate) -> Vec<String> {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in &code.files {
        for item in file.items.iter().filter(|i| i.kind == Kind::Type && !i.is_local) {
            places.entry(&item.name).or_default().push(format!("{}:{}", file.path, item.line));
        }
    }
    let twice = places.into_iter().filter(|(_, places)| places.len() > 1);
    twice.map(|(name, places)| format!("{}: `{name}`", places.join(", "))).collect()
}

/// Folders over the limit that no row allows, and rows that are no longer true.
fn overfull(files: &[String], rows: &[(&str, usize)]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (folder, _) in files.iter().filter_map(|f| f.rsplit_once('/')) {
        *counts.entry(folder).or_default() += 1;
    }
    let allowed = |folder: &str| rows.iter().find(|(f, _)| *f == folder).map_or(FOLDER_LIMIT, |(_, n)| *n);
    let full = counts.iter().filter(|(folder, n)| **n > allowed(folder));
    let full = full.map(|(folder, n)| format!("{folder}: {n} files"));
    let stale = rows.iter().filter(|(folder, n)| counts.get(folder).is_none_or(|found| found < n));
    full.chain(stale.map(|(folder, _)| format!("{folder}: has fewer now, lower its row"))).collect()
}

#[test]
fn a_planted_second_type_is_seen() {
    let code = Crate::of(&[
        ("src/a.rs", "pub struct Clinic;\nstruct Own;"),
        ("src/c.rs", "macro_rules! made { ($($row:ident)*) => { pub enum Clinic { $($row,)* } }; }"),
        ("src/b.rs", "\nenum Clinic {}\nfn f() { struct Own; }\n#[cfg(test)]\nmod tests { struct Own; }"),
    ]);
    assert_eq!(twice(&code), ["src/a.rs:1, src/c.rs:1, src/b.rs:2: `Clinic`"]);
}

#[test]
fn a_planted_full_folder_is_seen() {
    let files: Vec<_> = (0..16).map(|n| format!("src/a/{n}.rs")).collect();
    assert_eq!(overfull(&files, &[]), ["src/a: 16 files"]);
    assert_eq!(overfull(&files[..15], &[]), [""; 0]);
    assert_eq!(overfull(&files, &[("src/a", 17)]), ["src/a: has fewer now, lower its row"]);
}
