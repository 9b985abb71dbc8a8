//! The rules of the code, read from the sources as text and as syntax. Runs first, links nothing, and names
//! file, line and rule.
//!
//! ARCHITECTURE.md explains the rules; here they are tables. To change a rule, change its table in the same commit.

#[path = "architecture/source.rs"]
mod source;
#[path = "architecture/modules.rs"]
mod modules;
#[path = "architecture/sizes.rs"]
mod sizes;
#[path = "architecture/words.rs"]
mod words;
#[path = "architecture/machines.rs"]
mod machines;
#[path = "architecture/states.rs"]
mod states;
#[path = "architecture/shipped.rs"]
mod shipped;
#[path = "architecture/proofs.rs"]
mod proofs;
#[path = "architecture/syntax.rs"]
mod syntax;
#[path = "architecture/reader.rs"]
mod reader;
#[path = "architecture/imports.rs"]
mod imports;
#[path = "architecture/circles.rs"]
mod circles;
#[path = "architecture/parameters.rs"]
mod parameters;
#[path = "architecture/places.rs"]
mod places;
#[path = "architecture/unused.rs"]
mod unused;
#[path = "architecture/layers.rs"]
mod layers;
#[path = "architecture/vocabulary.rs"]
mod vocabulary;
#[path = "architecture/docs.rs"]
mod docs;
#[path = "architecture/file_pages.rs"]
mod file_pages;
#[path = "architecture/features.rs"]
mod features;
#[path = "architecture/watched.rs"]
mod watched;

/// Fails with every broken place at once, so that one run shows the whole list.
#[track_caller]
fn demand(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "\nrule: {rule}\n  {}\n{} place(s)\n", faults.join("\n  "), faults.len());
}
