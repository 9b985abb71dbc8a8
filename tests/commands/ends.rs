//! How commands end when the ground under them is not as it should be: what is recorded all the same, with which code
//! they end, and what they say to do next.

use std::os::unix::fs::PermissionsExt as _;

use super::{Clinic, Value, day, has};

/// A template that cannot be read, as while somebody edits it; and its name at the clinic.
fn break_a_wording(clinic: &Clinic) -> String {
    let file = clinic.path("letters/en/book.txt.j2");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n{{% if %}}\n")).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_broken_wording_keeps_nobody_from_recording_what_happened() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["staff", "add", "maria", "--role", "nurse", "--email", "maria@clinic.example"]);
    let file = break_a_wording(&clinic);
    clinic.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:30"]);
    clinic.does(&["visit", "done", "R-1"]);
    clinic.does(&["alerts", "test"]);
    clinic.does(&["staff", "disable", "maria"]);
    clinic.does(&["bounce", &clinic.roster("note.eml", "Subject: I am away\n\nBack on Monday.\n")]);
    clinic.does(&["patient", "set", "R-1", "--status", "deceased", "--reason", "the family called"]);
    let told = clinic.refuses(78, &["patient", "set", "R-1", "--protocol", "nccn"]);
    has(&told, &[&format!("{file}:"), "hint:"]);
}

#[test]
fn a_notice_that_cannot_be_taken_in_now_is_given_again() {
    let clinic = Clinic::new();
    let notice = clinic.roster("note.eml", "Subject: I am away\n\nBack on Monday.\n");
    has(&clinic.refuses(75, &["bounce", &notice]), &["there is no database at", "hint:"]);
    clinic.ana();
    let config = clinic.path("aftercare.toml");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("keep = 14", "keep = 0")).unwrap();
    has(&clinic.refuses(75, &["bounce", &notice]), &["`backup.keep` must be 1 or more"]);
    std::fs::write(&config, text).unwrap();
    has(&clinic.refuses(65, &["bounce", "/nonexistent.eml"]), &["cannot be read"]);
    assert_eq!(clinic.json(&["bounce", &notice])["letters"], Value::Array(Vec::new()));
}

#[test]
fn a_checklist_that_is_not_there_is_a_slip_of_whoever_types() {
    let clinic = Clinic::new();
    has(&clinic.refuses(65, &["checklist", "show", "nope"]), &["no checklist called `nope`", "there is: "]);
}

#[test]
fn doctor_does_not_wait_for_whoever_holds_the_database() {
    let clinic = Clinic::new();
    clinic.ana();
    let other = rusqlite::Connection::open(clinic.path("aftercare.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let said = clinic.run(&["doctor"]);
    assert_eq!(said.code, 1, "{}{}", said.out, said.err);
    has(&said.out, &["P18: another process has held the database for 2 seconds"]);
    // What the journal has stands in its files, whoever holds the database.
    let seen = clinic.run(&["doctor", "--json"]).json();
    assert!(seen["backup"]["journal"].as_i64().is_some_and(|last| last > 0), "{seen}");
    other.execute_batch("ROLLBACK").unwrap();
    assert!(!clinic.run(&["doctor"]).out.contains("P18: "));
}

#[test]
fn what_is_no_json_document_goes_into_a_file() {
    let clinic = Clinic::new();
    clinic.ana();
    for (what, name) in [(["export", "csv"], "a.csv"), (["audit", "export"], "a.jsonl")] {
        let said = clinic.run(&[&what[..], &["--json"]].concat());
        assert_eq!((said.code, said.json()["hint"].as_str().unwrap().contains("--out FILE")), (64, true));
        let file = clinic.path(name);
        clinic.json(&[&what[..], &["--out", file.to_str().unwrap()]].concat());
    }
}

#[test]
fn a_replayed_letter_never_takes_another_files_place() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:30"]);
    let id = super::post(&clinic).to_string();
    let file = clinic.roster("mine.eml", "mine");
    has(&clinic.refuses(65, &["replay", &id, "--out", &file]), &["mine.eml` cannot be written", "hint:"]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
    let new = clinic.path("new.eml");
    clinic.does(&["replay", &id, "--out", new.to_str().unwrap()]);
    assert_eq!(std::fs::metadata(new).unwrap().permissions().mode() & 0o777, 0o600);
}

/// How a command ends whose stdout is `to`.
fn into(clinic: &Clinic, args: &[&str], to: std::process::Stdio) -> (i32, String) {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("aftercare"));
    command.env("AFTERCARE_CONFIG", clinic.path("aftercare.toml")).args(args).stdout(to);
    let ended = command.stderr(std::process::Stdio::piped()).spawn().unwrap().wait_with_output().unwrap();
    (ended.status.code().unwrap(), String::from_utf8(ended.stderr).unwrap())
}

#[test]
fn a_table_on_a_closed_pipe_is_no_failure_and_on_a_full_disk_one_with_a_hint() {
    let clinic = Clinic::new();
    clinic.ana();
    for args in [&["ledger", "--csv"][..], &["export", "csv"], &["report", "--format", "csv"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        assert_eq!(into(&clinic, args, writer.into()), (0, String::new()), "{args:?}");
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let (code, said) = into(&clinic, args, full.into());
        assert_eq!(code, 69, "{args:?}: {said}");
        has(&said, &["No space left", "hint: free some space"]);
    }
}

#[test]
fn a_place_that_cannot_be_used_is_named_with_what_to_do() {
    let clinic = Clinic::new();
    clinic.ana();
    let file = clinic.roster("file", "");
    let told = clinic.refuses(65, &["rehearse", "--until", &day(2), "--out", &file]);
    has(&told, &["file` cannot be written", "hint: give --out a directory"]);
    has(&clinic.refuses(65, &["demo", "--once", "--out", &file]), &["file` cannot be written", "hint:"]);
    has(&clinic.refuses(65, &["demo", "--once", "--out", "/proc/demo"]), &["`/proc/demo` cannot be written"]);
    let directory = clinic.dir.path().to_str().unwrap();
    has(&clinic.refuses(65, &["restore", directory]), &["is not a file", "aftercare backup"]);
    let told = clinic.refuses(65, &["backup", "/nonexistent/copy.db"]);
    has(&told, &["there is no directory `/nonexistent`", "hint: make it first"]);
    has(&clinic.refuses(65, &["audit", "verify", "/nonexistent.jsonl"]), &["cannot be read", "audit export"]);
    let told = clinic.refuses(65, &["staff", "add", "x", "--role", "nurse", "--email", "x@y"]);
    has(&told, &["`--email`", "hint: give one plain address"]);
}

#[test]
fn whoever_types_nothing_is_not_counted_among_wrong_tries() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["staff", "add", "maria", "--role", "nurse", "--email", "maria@clinic.example"]);
    for _ in 0..6 {
        has(
            &clinic.refuses(65, &["alerts", "confirm", "--as", "maria"]),
            &["no password or no code", "hint:"],
        );
    }
    assert_eq!(clinic.json(&["staff", "list"])[0]["locked_until"], Value::Null);
}

/// Changes the database as somebody would who has no business there.
fn tamper(clinic: &Clinic, sql: &str) {
    rusqlite::Connection::open(clinic.path("aftercare.db")).unwrap().execute_batch(sql).unwrap();
}

#[test]
fn an_audit_whose_end_was_cut_off_is_no_sound_one() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["staff", "add", "maria", "--role", "nurse", "--email", "maria@clinic.example"]);
    let head = clinic.json(&["audit", "verify"])["hash"].as_str().unwrap().to_owned();
    clinic.does(&["tasks", "list"]);
    clinic.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:30"]);
    clinic.does(&["patient", "set", "R-1", "--status", "deceased", "--reason", "the family called"]);
    clinic.does(&["audit", "verify", "--head", &head]);
    let file = clinic.path("a.jsonl");
    clinic.does(&["audit", "export", "--out", file.to_str().unwrap()]);
    clinic.does(&["audit", "verify", file.to_str().unwrap(), "--head", &head]);
    has(&clinic.refuses(64, &["audit", "verify", "--head", "abc"]), &["64 digits"]);
    // Her death and what followed from it.
    tamper(
        &clinic,
        "DROP TRIGGER audit_event_kept; \
        DELETE FROM audit_event WHERE id >= (SELECT min(id) FROM audit_event WHERE action = 'patient.status')",
    );
    has(&clinic.refuses(1, &["audit", "verify"]), &["its end was cut off", "last backup"]);
    let findings = clinic.run(&["doctor", "--json"]).json()["findings"].clone();
    let broken: Vec<_> =
        findings.as_array().unwrap().iter().map(|one| one["promise"].as_str().unwrap()).collect();
    assert_eq!(broken, ["database", "P12"], "the trigger that is gone, and the end: {findings}");
    // What leaves no instant anywhere else only the head shows.
    tamper(
        &clinic,
        "DELETE FROM audit_event WHERE id >= (SELECT min(id) FROM audit_event WHERE action LIKE 'staff.%'); \
        UPDATE patient SET status_at = 0; UPDATE task SET opened_at = 0, closed_at = NULL, state = 'open'; \
        DROP TRIGGER delivery_kept; DELETE FROM sealed; UPDATE reminder SET delivery_id = NULL WHERE state <> 'due'; \
        DELETE FROM delivery",
    );
    clinic.does(&["audit", "verify"]);
    has(&clinic.refuses(1, &["audit", "verify", "--head", &head]), &[&head, "cut off"]);
    tamper(&clinic, "DELETE FROM audit_event");
    has(&clinic.refuses(1, &["audit", "verify"]), &["ends with event 0", "a patient changed after it"]);
}

#[test]
fn a_restore_goes_behind_a_link_and_leaves_the_link() {
    let clinic = Clinic::new();
    clinic.ana();
    let (copy, disk) = (clinic.path("copy.db"), tempfile::tempdir().unwrap());
    clinic.does(&["backup", copy.to_str().unwrap()]);
    let (link, real) = (clinic.path("aftercare.db"), disk.path().join("real.db"));
    std::fs::rename(&link, &real).unwrap();
    std::os::unix::fs::symlink(&real, &link).unwrap();
    let restored = clinic.json(&["restore", copy.to_str().unwrap()]);
    assert!(link.symlink_metadata().unwrap().is_symlink());
    let before = std::path::PathBuf::from(restored["before"].as_str().unwrap());
    assert_eq!(before.parent().unwrap(), disk.path().canonicalize().unwrap());
    assert!(before.exists() && real.exists());
    assert!(before.with_file_name(format!("{}.key", before.file_name().unwrap().display())).exists());
    clinic.does(&["doctor"]);
    rusqlite::Connection::open(&copy)
        .unwrap()
        .execute_batch("UPDATE refinery_schema_history SET version = 999 WHERE version = 6")
        .unwrap();
    let told = clinic.refuses(65, &["restore", copy.to_str().unwrap()]);
    has(&told, &["cannot be used: the database has schema 999", "hint: install the aftercare version"]);
}

#[test]
fn a_hold_is_told_wherever_letters_are_expected() {
    let clinic = Clinic::new();
    clinic.ana();
    let copy = clinic.path("copy.db");
    clinic.does(&["backup", copy.to_str().unwrap()]);
    clinic.does(&["restore", copy.to_str().unwrap()]);
    has(&clinic.does(&["drain"]), &["HELD:", "task `hold`"]);
    let rehearse = |name: &str| {
        let out = clinic.path(name);
        let args = ["rehearse", "--until", &day(40), "--out"];
        clinic.json(&[&args[..], &[out.to_str().unwrap()]].concat())
    };
    let report = rehearse("held");
    assert_eq!(report["held"], true);
    assert!(report["not_sent"]["pending: held"].as_u64().unwrap() > 0, "{report}");
    let task = clinic
        .json(&["tasks", "list"])
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["kind"] == "hold")
        .unwrap()["id"]
        .to_string();
    clinic.does(&["tasks", "done", &task, "--note", "compared"]);
    let report = rehearse("free");
    assert_eq!((&report["held"], &report["not_sent"]["pending: held"]), (&false.into(), &Value::Null));
}

#[test]
fn a_roster_from_a_pipe_is_refused_at_once() {
    let clinic = Clinic::new();
    let pipe = clinic.path("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    for more in [&[][..], &["--dry-run"]] {
        let told = clinic.refuses(65, &[&["import", pipe.to_str().unwrap()], more].concat());
        has(&told, &["no regular file", "save it as a file first"]);
    }
}

/// A letter of hers in the ledger, as that state and as many doubts have it.
fn in_ledger(clinic: &Clinic, state: &str, doubts: u32) -> i64 {
    let other = rusqlite::Connection::open(clinic.path("aftercare.db")).unwrap();
    let frees = u32::from(state != "unknown");
    let insert = format!(
        "INSERT INTO delivery (audience, purpose, patient_id, local_on, priority, state, frees_day, reason, expires_at, attempt, \
         message_id, created_at, ended_at, doubts, in_doubt_at) \
         VALUES ('patient', 'notice', 1, '2026-01-07', 2, '{state}', {frees}, 'said so', 4000000000000, 1, 'x@y', 0, 0, {doubts}, \
         CASE WHEN {doubts} > 0 THEN 0 END)"
    );
    other.execute(&insert, []).unwrap();
    let id = other.last_insert_rowid();
    other
        .execute(
            "INSERT INTO sealed (delivery_id, recipient, inputs) VALUES (?1, 'a@b.example', \
             '{\"language\":\"en\",\"detail\":\"standard\",\"name\":\"Ana\",\"written_on\":\"2026-01-07\",\"items\":[]}')",
            [id],
        )
        .unwrap();
    id
}

#[test]
fn what_failed_is_sent_again_by_a_command_that_says_of_each_letter_what_happens() {
    let clinic = Clinic::new();
    clinic.ana();
    has(&clinic.does(&["letters", "retry", "--all-failed"]), &["No letter has failed."]);
    let (id, over) =
        (in_ledger(&clinic, "failed", 0).to_string(), in_ledger(&clinic, "lapsed", 0).to_string());
    let shown = clinic.json(&["letters", "retry", &id, &over, "--dry-run"]);
    assert_eq!((&shown[0]["again"], &shown[1]["again"]), (&Value::Bool(true), &Value::Bool(false)));
    assert_eq!(shown[1]["why_not"], "it has not failed: it is lapsed");
    assert_eq!(clinic.json(&["ledger", "--state", "failed"]).as_array().unwrap().len(), 1, "only looked at");
    let done = clinic.does(&["letters", "retry", "--patient", "R-1"]);
    has(&done, &[id.as_str(), "R-1", "goes again, not before"]);
    assert_eq!(clinic.json(&["ledger", "--state", "pending"])[0]["id"].to_string(), id);
    has(&clinic.does(&["audit", "verify"]), &["unbroken"]);
    has(&clinic.refuses(65, &["letters", "retry", "999"]), &["`999`"]);
    has(&clinic.refuses(65, &["letters", "retry", "--patient", "R-9"]), &["R-9"]);
    clinic.refuses(64, &["letters", "retry"]);
    clinic.refuses(64, &["letters", "retry", &id, "--all-failed"]);
}

#[test]
fn every_view_says_that_a_letter_in_doubt_may_have_arrived() {
    let clinic = Clinic::new();
    clinic.ana();
    for state in ["unknown", "lapsed", "failed", "skipped"] {
        in_ledger(&clinic, state, 1);
    }
    let count = |text: &str| text.matches("may have arrived").count();
    for args in [&["ledger"][..], &["ledger", "--csv"], &["patient", "show", "R-1"], &["export", "fhir"]] {
        let said = clinic.does(args);
        assert_eq!(count(&said), 4, "{args:?}\n{said}");
    }
    has(&clinic.does(&["doctor"]), &["4 of them may have arrived"]);
    assert_eq!(clinic.json(&["doctor"])["may_have_arrived"], 4);
    for line in clinic.json(&["ledger"]).as_array().unwrap() {
        assert_eq!((&line["arrival"], &line["doubts"]), (&"may have arrived".into(), &1.into()));
        assert_eq!(line["in_doubt_at"], "1970-01-01T00:00:00Z");
    }
    let other = rusqlite::Connection::open(clinic.path("aftercare.db")).unwrap();
    let promise = "INSERT INTO reminder (follow_up_id, patient_id, trigger, step, basis_on, send_on, send_at, expires_at, state, \
                   reason, delivery_id) SELECT id, patient_id, 'remind', 'book', due_on, due_on, 0, 0, 'lapsed', 'over', \
                   (SELECT id FROM delivery WHERE state = 'lapsed') FROM follow_up LIMIT 1";
    other.execute(promise, []).unwrap();
    has(&clinic.does(&["patient", "plan", "R-1"]), &["lapsed, may have arrived (over)"]);
    let out = clinic.path("rehearsal");
    let said = clinic.does(&["rehearse", "--until", &day(1), "--out", out.to_str().unwrap()]);
    drop(said);
    let ledger = std::fs::read_to_string(out.join("ledger.csv")).unwrap();
    assert!(ledger.lines().next().unwrap().ends_with(",arrival"), "{ledger}");
}
