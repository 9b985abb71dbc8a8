//! The entry points of `fuzz/entries.rs`, called with the committed seeds and with damaged ones, so that a find stays found.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "../fuzz/entries.rs"]
mod entries;

use std::path::Path;

use proptest::prelude::{Strategy, any};
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let files = std::fs::read_dir(room).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    files.collect()
}

#[test]
fn every_seed_is_taken_or_told() {
    for (name, entry) in entries::ENTRIES {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seed");
        seeds.iter().for_each(|seed| entry(seed));
    }
}

/// A piece of a seed gives way to bytes of any kind.
fn damaged(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let bytes = proptest::collection::vec(any::<u8>(), 0..12);
    let words = proptest::string::string_regex("[-\"\\[\\]=#.,;\n%&+a-z0-9é]{0,12}").unwrap();
    let new = proptest::prop_oneof![bytes, words.prop_map(String::into_bytes)];
    (any::<Index>(), any::<Index>(), 0_usize..40, new).prop_map(move |(which, at, gone, new)| {
        let mut bytes = which.get(&seeds).clone();
        let from = at.index(bytes.len() + 1);
        let until = (from + gone).min(bytes.len());
        bytes.splice(from..until, new);
        bytes
    })
}

#[test]
fn no_damage_brings_the_program_down() {
    for (name, entry) in entries::ENTRIES {
        let settings = Config { cases: 64, failure_persistence: None, ..Config::default() };
        let run = TestRunner::new(settings).run(&damaged(seeds(name)), |bytes| {
            entry(&bytes);
            Ok(())
        });
        run.unwrap_or_else(|found| panic!("{name}: {found}"));
    }
}
