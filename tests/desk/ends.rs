//! How commands end when the ground under them is not as it should be: what is recorded all the same, with which code
//! they end, and what they say to do next.

use super::{Desk, Value, day, has};

/// A template that cannot be read, as while somebody edits it; and its name at the clinic.
fn break_a_wording(desk: &Desk) -> String {
    let file = desk.path("letters/en/book.txt.j2");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n{{% if %}}\n")).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_broken_wording_keeps_nobody_from_recording_what_happened() {
    let desk = Desk::new();
    desk.ana();
    desk.does(&["staff", "add", "maria", "--role", "nurse", "--email", "maria@clinic.example"]);
    let file = break_a_wording(&desk);
    desk.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:30"]);
    desk.does(&["visit", "done", "R-1"]);
    desk.does(&["alerts", "test"]);
    desk.does(&["staff", "disable", "maria"]);
    desk.does(&["bounce", &desk.roster("note.eml", "Subject: I am away\n\nBack on Monday.\n")]);
    desk.does(&["patient", "set", "R-1", "--status", "deceased", "--reason", "the family called"]);
    let told = desk.refuses(78, &["patient", "set", "R-1", "--protocol", "nccn"]);
    has(&told, &[&format!("{file}:"), "hint:"]);
}

#[test]
fn a_notice_that_cannot_be_taken_in_now_is_given_again() {
    let desk = Desk::new();
    let notice = desk.roster("note.eml", "Subject: I am away\n\nBack on Monday.\n");
    has(&desk.refuses(75, &["bounce", &notice]), &["there is no database at", "hint:"]);
    desk.ana();
    let config = desk.path("aftercare.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("keep = 14", "keep = 0")).unwrap();
    has(&desk.refuses(75, &["bounce", &notice]), &["`backup.keep` must be 1 or more"]);
    std::fs::write(&config, text).unwrap();
    has(&desk.refuses(65, &["bounce", "/nonexistent.eml"]), &["cannot be read"]);
    assert_eq!(desk.json(&["bounce", &notice])["letters"], Value::Array(Vec::new()));
}
