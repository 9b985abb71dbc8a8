//! `demo` as a visitor meets it: one command to go on with, and nothing left behind that nobody asked for.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::sandbox::{binary, until};

/// A story takes seconds where nothing else runs.
const STORY: Duration = Duration::from_secs(300);

fn demo(home: &Path, args: &[&str]) -> Child {
    let mut command = binary();
    command.arg("demo").args(args).env("TMPDIR", home).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Reads what it prints up to the command to go on with.
fn command_to_go_on_with(printed: &mut impl BufRead) -> String {
    let line = printed.lines().map_while(Result::ok).find(|line| line.ends_with("patient show D-002"));
    line.unwrap().trim_start().strip_prefix("a patient ").unwrap().to_owned()
}

fn shown(command: &str) -> String {
    let said = Command::new("sh").args(["-c", command]).output().unwrap();
    assert!(said.status.success(), "{command}: {said:?}");
    String::from_utf8(said.stdout).unwrap()
}

fn is_empty(home: &Path) -> bool {
    std::fs::read_dir(home).unwrap().next().is_none()
}

#[test]
fn the_printed_command_shows_a_patient_while_the_pages_stand_and_the_folder_goes_with_them() {
    let home = tempfile::tempdir().unwrap();
    let mut child = demo(home.path(), &[]);
    let mut printed = BufReader::new(child.stdout.take().unwrap());
    let command = command_to_go_on_with(&mut printed);
    assert!(shown(&command).contains("Beth"));
    assert!(!is_empty(home.path()));
    // The pages hear it once they stand.
    until("the demo ends", STORY, || {
        drop(Command::new("kill").args(["-INT", &child.id().to_string()]).status());
        std::thread::sleep(Duration::from_millis(200));
        child.try_wait().unwrap().is_some()
    });
    assert!(child.wait().unwrap().success());
    assert!(is_empty(home.path()), "a folder was left behind");
}

#[test]
fn a_kept_folder_can_be_looked_at_when_the_demo_is_over() {
    let home = tempfile::tempdir().unwrap();
    let mut child = demo(home.path(), &["--once", "--keep"]);
    let mut printed = BufReader::new(child.stdout.take().unwrap());
    let command = command_to_go_on_with(&mut printed);
    assert_eq!(printed.lines().count(), 0, "it is the last line of the summary");
    assert!(child.wait().unwrap().success());
    assert!(shown(&command).contains("Beth"));
}

#[test]
fn a_story_that_is_stopped_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut child = demo(home.path(), &["--once"]);
    until("the database is there", STORY, || {
        std::fs::read_dir(home.path()).unwrap().flatten().any(|d| d.path().join("demo.db").exists())
    });
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(is_empty(home.path()), "a folder was left behind");
}
