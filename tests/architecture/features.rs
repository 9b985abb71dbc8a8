//! What only tests need leaves the features of every other crate alone: cargo builds a crate, and all that rests on it, once more
//! for each other set of features, and whoever looks at the demo and then runs the tests waits for both.

use std::collections::BTreeSet;
use std::process::Command;

use crate::demand;
use crate::source::root;

/// Crates that are built twice all the same, each with its reason.
const TWICE: &[(&str, &str)] = &[(
    "tokio",
    "`test-util` lets a test move the runtime's own clock; a program for patients must not have it",
)];

#[test]
fn what_tests_need_changes_the_features_of_no_other_crate() {
    let tested = built("normal,build,dev");
    let lost = built("normal,build").into_iter().filter(|made| !tested.contains(made));
    let lost = lost.filter(|made| !TWICE.iter().any(|(name, _)| made.starts_with(&format!("{name} "))));
    demand(
        "give the dependency the features that the tests ask of it, or take another dev-dependency; \
         `cargo tree -e features,normal,build,dev -i NAME` says who asks",
        &lost.map(|made| format!("built once more for the tests: {made}")).collect::<Vec<_>>(),
    );
}

/// Every crate with its features, as cargo would build it along these edges.
fn built(edges: &str) -> BTreeSet<String> {
    let args =
        ["tree", "--locked", "--offline", "--features", "encryption", "--prefix", "none", "-f", "{p} {f}"];
    let tree = Command::new(env!("CARGO")).args(args).args(["-e", edges]).current_dir(root()).output();
    let tree = tree.expect("cargo did not run");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let text = String::from_utf8_lossy(&tree.stdout);
    text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}
