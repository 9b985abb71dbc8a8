//! `aftercare stop` and `aftercare start`.

use super::{Clinic, has};

#[test]
fn letters_are_stopped_by_kind_listed_and_started_again() {
    let clinic = Clinic::new();
    clinic.ana();
    has(
        &clinic.does(&["stop"]),
        &["Nothing is stopped.", "can be stopped: visits, checklists, leaflets, again, "],
    );
    has(&clinic.does(&["stop", "visits", "--dry-run"]), &["would wait; nothing was stopped"]);
    assert_eq!(clinic.json(&["stop"])["stopped"].as_array().unwrap().len(), 0);
    let told = clinic.does(&["stop", "visits", "--reason", "the number in them is wrong"]);
    has(&told, &["letters of the kind visits are stopped", "`aftercare start visits`"]);
    let listed = clinic.json(&["stop"]);
    assert_eq!(listed["stopped"][0]["kind"], "visits");
    assert_eq!(listed["stopped"][0]["reason"], "the number in them is wrong");
    assert!(listed["stopped"][0]["by"].as_str().unwrap().starts_with("cli:"));
    has(&clinic.does(&["doctor"]), &["STOPPED:  letters of the kind visits since "]);
    assert_eq!(clinic.json(&["doctor"])["stopped"][0]["kind"], "visits");
    has(&clinic.does(&["tasks", "list"]), &["Letters of the kind visits are stopped."]);

    has(&clinic.refuses(65, &["stop", "visits"]), &["are stopped already"]);
    has(&clinic.refuses(65, &["stop", "staff-alert"]), &["letters to staff are never stopped"]);
    has(&clinic.refuses(65, &["stop", "go-now"]), &["sends a patient to help"]);
    has(
        &clinic.refuses(65, &["stop", "nugde"]),
        &["no kind of letters is called `nugde`", "`aftercare stop`"],
    );
    has(&clinic.refuses(65, &["start", "nudge"]), &["are not stopped"]);
    has(&clinic.does(&["start", "visits"]), &["letters of the kind visits go on"]);
    assert_eq!(clinic.json(&["doctor"])["stopped"].as_array().unwrap().len(), 0);
    let told = clinic.does(&["audit", "list", "--what", "letters"]);
    has(&told, &["letters.stopped", "letters.started", "letter-kind/visits"]);
    assert!(!told.contains("number in them"), "why stands in the record of stops alone: {told}");
    clinic.does(&["audit", "verify"]);
}
