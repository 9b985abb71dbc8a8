//! `aftercare status`: one screen, and a code that says how grave it is.

use std::os::unix::net::UnixDatagram;

use aftercare::daemon::monitoring::commit_probe;
use aftercare::journey::operations::hold;
use aftercare::journey::start_list;
use aftercare::store::error::StoreError;

use super::{Clinic, Clock as _, Stamp, SystemClock, Tx, day, has};

/// What is written down now, as by a daemon.
fn writes(clinic: &Clinic, job: impl FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static) {
    let store = clinic.clinic().store;
    store.write_blocking(Stamp::daemon(SystemClock.now()), job).unwrap();
}

/// Somebody on the ladder has given the code of a test alert.
fn proves(clinic: &Clinic) {
    // Where a drain has just sent one, that is the one whose code is given.
    drop(clinic.run(&["alerts", "test"]));
    writes(clinic, |tx| {
        let asked = tx.asked_rungs(jiff::Timestamp::UNIX_EPOCH)?;
        tx.confirm_rung(&asked[0])
    });
}

#[test]
fn a_database_that_cannot_be_read_is_no_matter_for_the_morning() {
    let clinic = Clinic::new();
    clinic.ana();
    let path = clinic.path("aftercare.db");
    let database = path.to_str().unwrap();
    let torn = {
        let mut bytes = std::fs::read(&path).unwrap();
        let pages = bytes.len() / 4096;
        for page in 1..pages {
            bytes[page * 4096..page * 4096 + 512].fill(0xA5);
        }
        bytes
    };
    for (content, why) in [("no database ".repeat(500).into_bytes(), "not a database"), (torn, "malformed")] {
        std::fs::write(&path, content).unwrap();
        let said = clinic.run(&["status"]);
        assert_eq!(said.code, 2, "{}{}", said.out, said.err);
        has(&said.err, &["the database cannot be read", why, database, "aftercare restore FILE"]);
        let said = clinic.run(&["status", "--json"]);
        assert_eq!((said.code, &said.json()["state"]), (2, &"not-well".into()), "{}", said.out);
        assert_eq!(said.json()["findings"][0]["name"], "database");
        has(&clinic.refuses(1, &["tasks", "list"]), &[why, database]);
    }
}

#[test]
fn a_database_whose_beginning_is_damaged_or_that_is_gone_is_no_matter_for_the_morning_either() {
    let clinic = Clinic::new();
    clinic.ana();
    let path = clinic.path("aftercare.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..16].copy_from_slice(b"\x91\x0b\xc7\x52\xe3\x1f\xa8\x66\xd0\x3c\xf5\x87\x29\xbe\x74\x4d");
    std::fs::write(&path, bytes).unwrap();
    let not_well = |words: &[&str]| {
        let said = clinic.run(&["status"]);
        assert_eq!(said.code, 2, "{}{}", said.out, said.err);
        has(&said.err, words);
        let said = clinic.run(&["status", "--json"]);
        assert_eq!((said.code, &said.json()["findings"][0]["name"]), (2, &"database".into()), "{}", said.out);
    };
    not_well(&["its beginning is damaged", "aftercare restore FILE"]);
    aftercare::store::db::copy::discard(&path);
    drop(std::fs::remove_file(clinic.path("aftercare.db.key")));
    not_well(&["aftercare.journal", "aftercare restore FILE"]);
}

#[test]
fn what_nobody_has_looked_at_yet_is_not_well() {
    let clinic = Clinic::new();
    clinic.ana();
    let unproved = |told: &str| {
        assert!(!told.contains("has proved reachable\n"), "{told}");
        has(told, &["cover     ", "nobody on the ladder has proved reachable"]);
    };
    let said = clinic.run(&["status"]);
    unproved(&said.out);
    has(&said.out, &["cover     Not looked at yet"]);
    has(&clinic.run(&["doctor"]).out, &["COVER:    Not looked at yet"]);
    clinic.does(&["drain"]);
    unproved(&clinic.run(&["status"]).out);
    proves(&clinic);
    clinic.does(&["drain"]);
    has(&clinic.run(&["status"]).out, &["cover     somebody on the ladder has proved reachable"]);
}

#[test]
fn while_a_doubt_about_the_clock_lasts_the_screen_says_how_it_began() {
    let clinic = Clinic::new();
    clinic.ana();
    let (journey, now) = (clinic.clinic(), SystemClock.now());
    let begins = hold::hold(&journey, now, "The wall clock jumped by 3 days.".to_owned());
    tokio::runtime::Runtime::new().unwrap().block_on(begins).unwrap();
    has(
        &clinic.run(&["status"]).out,
        &["clock     The clock was in doubt", "The wall clock jumped by 3 days."],
    );
    has(&clinic.run(&["doctor"]).out, &["P15: the clock is in doubt", "The wall clock jumped by 3 days."]);
}

#[test]
fn one_screen_says_what_needs_a_person_and_the_code_how_grave_it_is() {
    let clinic = Clinic::new();
    clinic.ana();
    let said = clinic.run(&["status"]);
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    has(
        &said.out,
        &["NOT WELL (3)", "no daemon works on this database", "no nightly copy", "versions  program"],
    );
    for private in ["\u{1b}", "Ana", "ana@", "R-1"] {
        assert!(!said.out.contains(private), "{private}\n{}", said.out);
    }

    // A daemon listens, and has just written.
    let database = clinic.clinic().store.path().to_owned();
    let _bell = UnixDatagram::bind(format!("{}.bell", database.canonicalize().unwrap().display())).unwrap();
    writes(&clinic, commit_probe::commit);
    proves(&clinic);
    let said = clinic.run(&["status", "--json"]);
    assert_eq!((said.code, &said.json()["state"]), (1, &"look".into()), "{}", said.out);
    assert_eq!(said.json()["findings"][0]["name"], "copy_missing");
    assert_eq!(said.json()["daemon"]["running"], true);

    writes(&clinic, |tx| tx.set_fact(start_list::BACKUP_ON, &day(0)));
    let well = clinic.does(&["status"]);
    has(&well, &["all is well", "daemon    runs, wrote", "alerts    none open", "mail      takes letters"]);
    assert!(!well.contains("look"), "{well}");
}

/// Whether the daemon is among what needs a person.
fn misses_daemon(clinic: &Clinic) -> bool {
    let document = clinic.run(&["status", "--json"]).json();
    document["findings"].as_array().unwrap().iter().any(|found| found["name"] == "daemon")
}

#[test]
fn a_clinic_that_drains_from_cron_is_alive_and_a_drain_beside_a_dead_daemon_hides_nothing() {
    let clinic = Clinic::new();
    clinic.ana();
    assert!(misses_daemon(&clinic));
    // Whoever looks whether a change can be written is no daemon.
    clinic.does(&["doctor"]);
    clinic.does(&["drain"]);
    assert!(!misses_daemon(&clinic));
    has(
        &clinic.run(&["status"]).out,
        &["daemon    none; the last `drain` ended ", "mailbox   none is read (mail.imap)"],
    );
    let document = clinic.run(&["status", "--json"]).json();
    assert_eq!(document["daemon"]["running"], false);
    assert!(document["daemon"]["drained_at"].is_string() && document["mailbox_read_at"].is_null());

    // A daemon has worked since, and died; somebody drains by hand once, and again by cron.
    writes(&clinic, commit_probe::commit);
    clinic.does(&["drain"]);
    assert!(misses_daemon(&clinic));
    has(&clinic.run(&["status"]).out, &["daemon    does not run; one wrote "]);
    clinic.does(&["drain"]);
    assert!(!misses_daemon(&clinic));
}

#[test]
fn a_mailbox_that_cannot_be_read_stands_on_the_screen() {
    let clinic = Clinic::new();
    clinic.ana();
    let path = clinic.dir.path().join("aftercare.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let imap = "[mail.imap]\nhost = \"imap.riverside.example\"\nusername = \"care\"\npassword_credential = \"imap\"\n";
    std::fs::write(&path, text.replace("\n[sending]\n", &format!("\n{imap}\n[sending]\n"))).unwrap();
    has(&clinic.run(&["status"]).out, &["mailbox   not read yet"]);
    writes(&clinic, |tx| tx.set_fact("mailbox-away", "2027-01-04T09:00:00Z"));
    has(&clinic.run(&["status"]).out, &["mailbox   cannot be read since 2027-01-04 "]);
    let document = clinic.run(&["status", "--json"]).json();
    assert_eq!(document["mailbox_away_since"], "2027-01-04T09:00:00Z");
}

#[test]
fn what_is_gravest_stands_first_in_words_and_in_json() {
    let clinic = Clinic::new();
    clinic.ana();
    writes(&clinic, |tx| tx.set_fact("canary-broken", "her page stays shut"));
    let document = clinic.run(&["status", "--json"]).json();
    let names: Vec<_> = document["findings"].as_array().unwrap().iter().map(|f| f["name"].clone()).collect();
    assert_eq!(names, ["no_cover", "canary_broken", "daemon", "copy_missing"]);
    assert_eq!(document["error"], "it is not well");
    has(
        &clinic.run(&["status"]).out,
        &["canary    broken", "NOW  the daily test of the whole chain broke: her page stays shut"],
    );
}

#[test]
fn a_file_that_could_not_be_written_anew_after_an_erasure_is_found_and_cleared() {
    let clinic = Clinic::new();
    clinic.ana();
    // As a daemon leaves it that was ended over it.
    writes(&clinic, |tx| {
        tx.set_fact("erased-traces", "2027-01-02T09:00:00Z")?;
        tx.set_fact("erased-traces-tried", "2027-01-03T01:00:00Z")
    });
    let found = || {
        let said = clinic.run(&["doctor"]);
        said.out + &said.err
    };
    has(&found(), &["what was erased may still lie", "aftercare database write-anew"]);
    has(&clinic.does(&["database", "write-anew"]), &["is written anew"]);
    assert!(!found().contains("what was erased"), "{}", found());
}
