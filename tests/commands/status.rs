//! `aftercare status`: one screen, and a code that says how grave it is.

use std::os::unix::net::UnixDatagram;

use aftercare::daemon::commit_probe;
use aftercare::journey::start_list;
use aftercare::store::error::StoreError;

use super::{Clinic, Clock as _, Stamp, SystemClock, Tx, day, has};

/// What is written down now, as by a daemon.
fn writes(clinic: &Clinic, job: impl FnOnce(&mut Tx<'_>) -> Result<(), StoreError> + Send + 'static) {
    let store = clinic.clinic().store;
    store.write_blocking(Stamp::daemon(SystemClock.now()), job).unwrap();
}

#[test]
fn one_screen_says_what_needs_a_person_and_the_code_how_grave_it_is() {
    let clinic = Clinic::new();
    clinic.ana();
    let said = clinic.run(&["status"]);
    assert_eq!(said.code, 2, "{}{}", said.out, said.err);
    has(
        &said.out,
        &["NOT WELL (2)", "no daemon works on this database", "no nightly copy", "versions  program"],
    );
    for private in ["\u{1b}", "Ana", "ana@", "R-1"] {
        assert!(!said.out.contains(private), "{private}\n{}", said.out);
    }

    // A daemon listens, and has just written.
    let database = clinic.clinic().store.path().to_owned();
    let _bell = UnixDatagram::bind(format!("{}.bell", database.canonicalize().unwrap().display())).unwrap();
    writes(&clinic, commit_probe::commit);
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
    assert_eq!(names, ["canary_broken", "daemon", "copy_missing"]);
    assert_eq!(document["error"], "it is not well");
    has(
        &clinic.run(&["status"]).out,
        &["canary    broken", "NOW  the daily test of the whole chain broke: her page stays shut"],
    );
}
