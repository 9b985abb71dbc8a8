//! A restore without the old database, a rehearsal of one, and files that root names: as an operator types it.

use std::os::unix::fs::PermissionsExt;

use aftercare::clock::SystemClock;
use aftercare::journey::errors::step::StepError;
use aftercare::ports::Clock;
use aftercare::store::db::copy;
use aftercare::store::db::transaction::{Stamp, Tx};

use super::{Clinic, HEAD, has, row};

#[test]
fn with_the_old_database_gone_the_journal_tells_who_has_died_and_what_left() {
    let clinic = Clinic::new();
    clinic.ana();
    let args = "patient add R-2 --name Berta --birth-date 1975-05-17 --email berta@mail.example";
    clinic.does(&args.split(' ').collect::<Vec<_>>());
    let file = clinic.path("copy.db");
    clinic.does(&["backup", file.to_str().unwrap()]);
    clinic.does(&["patient", "set", "R-1", "--status", "deceased", "--reason", "the family called"]);
    copy::discard(&clinic.path("aftercare.db"));
    let restored = clinic.json(&["restore", file.to_str().unwrap(), "--opted-out", "R-2"]);
    assert_eq!(restored["told_by"], "sent journal");
    assert_eq!(restored["since"]["status_changed"][0]["carried_over"], true);
    for (code, status) in [("R-1", "deceased"), ("R-2", "opted_out_email")] {
        assert_eq!(clinic.json(&["patient", "show", code])["status"], status);
    }
    assert_eq!(clinic.json(&["letters", "held"]), serde_json::json!([]));
    let refused = clinic.refuses(65, &["letters", "decide", "drop", "4711"]);
    has(&refused, &["error: "]);
    has(&clinic.refuses(64, &["letters", "decide", "burn", "1"]), &["was-sent, send, drop"]);
}

#[test]
fn a_kind_of_letters_that_was_stopped_after_the_backup_stays_stopped() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["stop", "visits", "--reason", "moved"]);
    let file = clinic.path("copy.db");
    clinic.does(&["backup", file.to_str().unwrap()]);
    clinic.does(&["stop", "leaflets", "--reason", "a wrong number"]);
    clinic.does(&["stop", "checklists", "--reason", "pages are down"]);
    clinic.does(&["start", "checklists"]);
    clinic.does(&["start", "visits"]);
    // First the old database tells it, then the journal alone.
    for told_by in ["old database", "sent journal"] {
        let restored = clinic.json(&["restore", file.to_str().unwrap()]);
        assert_eq!(restored["told_by"], told_by);
        let lines = restored["since"]["lines"].as_array().unwrap();
        let about = |ask: &str| {
            lines
                .iter()
                .filter(|line| line["ask"] == ask)
                .map(|line| line["about"].to_string())
                .collect::<String>()
        };
        assert!(about("again").contains("letter-kind/visits"), "{lines:?}");
        assert!(about("carried-over").contains("letter-kind/leaflets"), "{lines:?}");
        let stops = clinic.json(&["stop"]).to_string();
        for (kind, is_stopped) in [("leaflets", true), ("visits", true), ("checklists", false)] {
            let open =
                clinic.json(&["tasks", "list"]).to_string().contains(&format!("kind {kind} are stopped"));
            assert_eq!(open, is_stopped, "{kind}: {stops}");
        }
        copy::discard(&clinic.path("aftercare.db"));
    }
}

fn holds(clinic: &Clinic) -> Vec<String> {
    let tasks = clinic.json(&["tasks", "list"]);
    let holds = tasks.as_array().unwrap().iter().filter(|task| task["kind"] == "hold");
    holds.map(|task| task["reason"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_backup_put_back_by_hand_is_held_as_after_a_restore() {
    let clinic = Clinic::new();
    clinic.ana();
    let (file, database) = (clinic.path("copy.db"), clinic.path("aftercare.db"));
    clinic.does(&["backup", file.to_str().unwrap()]);
    clinic.does(&["patient", "set", "R-1", "--status", "deceased", "--reason", "the family called"]);
    assert_eq!(holds(&clinic), Vec::<String>::new(), "nothing was put back yet");
    copy::discard(&database);
    std::fs::copy(&file, &database).unwrap();
    // Whoever only looks changes nothing; whoever may change something holds letters first.
    assert!(clinic.run(&["patient", "show", "R-1"]).err.contains("without `aftercare restore`"));
    let first = clinic.run(&["patient", "set", "R-1", "--phone", "+1 212 736 5000"]);
    assert_eq!(first.code, 0, "{}", first.err);
    has(&first.err, &["older than its sent journal", "are held", ".lost.txt"]);
    assert_eq!(clinic.json(&["patient", "show", "R-1"])["status"], "deceased");
    let held = holds(&clinic);
    assert_eq!(held.len(), 1, "{held:?}");
    has(&held[0], &["put in its place without", "events came after the copy"]);
    // Noticed once, and the journal goes on.
    assert_eq!(clinic.run(&["patient", "set", "R-1", "--best-time", "mornings"]).err, "");
    assert_eq!(holds(&clinic).len(), 1);
}

#[test]
fn commands_within_one_second_after_a_backup_was_put_back_do_what_they_are_asked() {
    let clinic = Clinic::new();
    clinic.ana();
    let (file, database) = (clinic.path("copy.db"), clinic.path("aftercare.db"));
    clinic.does(&["backup", file.to_str().unwrap()]);
    clinic.does(&["patient", "set", "R-1", "--status", "deceased", "--reason", "the family called"]);
    copy::discard(&database);
    std::fs::copy(&file, &database).unwrap();
    // Another command of each of the coming seconds was first.
    let now = SystemClock.now();
    for second in 0..60 {
        let at = (now + jiff::SignedDuration::from_secs(second)).strftime("%Y%m%dT%H%M%SZ").to_string();
        std::fs::write(clinic.path(&format!("aftercare.db.put-back-{at}.lost.txt")), "another's").unwrap();
    }
    let said = clinic.run(&["patient", "set", "R-1", "--phone", "+1 212 736 5000"]);
    assert_eq!(said.code, 0, "{}", said.err);
    has(&said.err, &["are held", "-2.lost.txt"]);
    assert_eq!(holds(&clinic).len(), 1);
}

#[test]
fn neither_a_fresh_journal_nor_another_clinics_nor_a_restore_is_taken_for_a_backup_put_back() {
    let (clinic, other) = (Clinic::new(), Clinic::new());
    clinic.ana();
    other.ana();
    let file = clinic.path("copy.db");
    clinic.does(&["backup", file.to_str().unwrap()]);
    clinic.does(&["patient", "set", "R-1", "--best-time", "mornings"]);
    // Restored as it should be: the journal is older and younger at once.
    clinic.does(&["restore", file.to_str().unwrap()]);
    clinic.does(&["patient", "set", "R-1", "--best-time", "evenings"]);
    let held = holds(&clinic);
    assert!(held.len() == 1 && held[0].starts_with("A backup was restored"), "{held:?}");
    // The journal was lost with its disk.
    let journal = clinic.path("aftercare.journal");
    std::fs::remove_dir_all(&journal).unwrap();
    clinic.does(&["patient", "set", "R-1", "--best-time", "noon"]);
    assert_eq!(holds(&clinic).len(), 1);
    // Somebody put another clinic's there.
    std::fs::remove_dir_all(&journal).unwrap();
    std::fs::create_dir(&journal).unwrap();
    for entry in std::fs::read_dir(other.path("aftercare.journal")).unwrap().flatten() {
        std::fs::copy(entry.path(), journal.join(entry.file_name())).unwrap();
    }
    clinic.does(&["patient", "set", "R-1", "--best-time", "nights"]);
    assert_eq!(holds(&clinic).len(), 1);
}

#[test]
fn a_rehearsal_says_whether_the_newest_backup_can_be_restored_and_doctor_knows() {
    let clinic = Clinic::new();
    clinic.ana();
    let told = clinic.refuses(1, &["restore", "--rehearse"]);
    has(&told, &["cannot take the database's place"]);
    has(&clinic.refuses(1, &["doctor"]), &["1 finding"]);
    std::fs::create_dir_all(clinic.path("backups")).unwrap();
    let newest = clinic.path("backups/aftercare-2026-01-02.db");
    clinic.does(&["backup", newest.to_str().unwrap()]);
    let found = clinic.json(&["restore", "--rehearse"]);
    assert_eq!((&found["fault"], &found["patients"]), (&serde_json::Value::Null, &1.into()));
    assert_eq!(clinic.json(&["doctor"])["backup"]["rehearsed"]["fault"], serde_json::Value::Null);
    assert_eq!(clinic.json(&["doctor"])["held"], false, "nothing was touched");
    assert!(!clinic.path("backups/.rehearsal").exists());
    has(&clinic.refuses(64, &["restore"]), &["<FILE>"]);
}

#[test]
fn a_roster_is_read_from_the_standard_input() {
    let clinic = Clinic::new();
    let roster = format!("{HEAD}\r\n{}\r\n{}\r\n", row("R-1"), row("R-2"));
    let said = clinic.hears(&["import", "-", "--json"], &roster);
    assert_eq!((said.code, said.json()["added"].clone()), (0, 2.into()), "{}", said.err);
    let faulty = clinic.hears(&["import", "-"], &format!("{HEAD}\r\nR-3,,\r\n"));
    assert_eq!(faulty.code, 65);
    has(&faulty.err, &["the standard input"]);
}

#[test]
fn a_database_and_key_that_others_could_read_are_closed_and_told() {
    let clinic = Clinic::new();
    clinic.ana();
    let job = |tx: &mut Tx<'_>| -> Result<(), StepError> { Ok(tx.set_fact("x", "1")?) };
    clinic.clinic().store.write_blocking(Stamp::daemon(SystemClock.now()), job).unwrap();
    for name in ["aftercare.db", "aftercare.db.key"] {
        std::fs::set_permissions(clinic.path(name), std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    has(&clinic.run(&["check"]).err, &["can be read by others (mode 644)", "chmod 600"]);
    let said = clinic.run(&["tasks", "list"]);
    has(&said.err, &["it is closed now", "aftercare key renew"]);
    for name in ["aftercare.db", "aftercare.db.key"] {
        let mode = std::fs::metadata(clinic.path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}");
    }
    assert_eq!(clinic.run(&["tasks", "list"]).err, "");
}

/// Needs root, as CI has it.
#[test]
fn root_imports_saves_and_restores_files_that_the_service_may_not_reach() {
    use std::os::unix::fs::chown;
    let clinic = Clinic::new();
    let private = tempfile::tempdir().unwrap();
    let file = private.path().join("p.csv");
    std::fs::write(&file, format!("{HEAD}\r\n{}\r\n", row("R-1"))).unwrap();
    if chown(clinic.dir.path(), Some(1), Some(1)).is_err() {
        return;
    }
    std::fs::set_permissions(clinic.dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(clinic.json(&["import", file.to_str().unwrap()])["added"], 1);
    // So are a backup into a directory of root's, and a restore out of it.
    let copy = private.path().join("b.db");
    let wrote = clinic.json(&["backup", copy.to_str().unwrap()]);
    assert_eq!(wrote["key"], private.path().join("b.db.key").exists());
    assert!(copy.exists() && !clinic.path("aftercare.db.for-root").exists());
    clinic.json(&["restore", copy.to_str().unwrap()]);
    assert!(!clinic.path("aftercare.db.from-root").exists());
    for (what, name) in [(["export", "csv"], "out.csv"), (["audit", "export"], "out.jsonl")] {
        let file = private.path().join(name);
        clinic.json(&[&what[..], &["--out", file.to_str().unwrap()]].concat());
        assert!(std::fs::metadata(&file).unwrap().len() > 0, "{name}");
    }
    use std::os::unix::fs::MetadataExt;
    assert_eq!(
        std::fs::metadata(clinic.path("aftercare.db")).unwrap().uid(),
        1,
        "the database is the service's"
    );
}

/// Needs root, as CI has it.
#[test]
fn whatever_file_root_names_is_read_and_written_as_root() {
    let clinic = Clinic::new();
    clinic.ana();
    clinic.does(&["visit", "book", "R-1", "--on", &super::day(20), "--at", "10:30"]);
    let letter = super::post(&clinic).to_string();
    let private = tempfile::tempdir().unwrap();
    let named = |name: &str| private.path().join(name).to_str().unwrap().to_owned();
    let mut give_away = std::process::Command::new("chown");
    if !give_away.args(["-R", "1:1"]).arg(clinic.dir.path()).status().unwrap().success() {
        return;
    }
    std::fs::set_permissions(clinic.dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    clinic.does(&["replay", &letter, "--out", &named("letter.eml")]);
    clinic.does(&["patient", "export", "R-1", "--why", "asked", "--out", &named("her.json")]);
    for name in ["letter.eml", "her.json"] {
        assert!(std::fs::metadata(named(name)).unwrap().len() > 0, "{name}");
    }
    let until = super::day(40);
    let told = clinic.json(&["rehearse", "--until", &until, "--out", &named("ahead")]);
    assert_eq!(told["ledger"], named("ahead/ledger.csv"));
    assert!(
        private.path().join("ahead/rehearsal.db").exists() && !clinic.path("aftercare.db.for-root").exists()
    );
    has(&clinic.refuses(65, &["rehearse", "--until", &until, "--out", &named("ahead")]), &["is not empty"]);
    has(&clinic.refuses(65, &["rehearse", "--until", "2020-01-01", "--out", &named("past")]), &["is past"]);
    std::fs::write(named("answers.toml"), "SP08 = \"new\"\n").unwrap();
    clinic.does(&["checklist", "try", "spine", "--answers", &named("answers.toml")]);
    std::fs::copy("config/protocols/nccn.toml", named("mine.toml")).unwrap();
    clinic.does(&["plan", &named("mine.toml"), "--anchor", "2026-01-31"]);
    // A copy of root's own in a place that everybody reaches is read all the same.
    clinic.does(&["backup", &named("b.db")]);
    let found = clinic.json(&["restore", "--rehearse", &named("b.db")]);
    assert_eq!((&found["copy"], &found["fault"]), (&named("b.db").into(), &serde_json::Value::Null));
}
