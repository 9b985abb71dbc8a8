//! The key of the links: lost, damaged, another one, replaced.

use aftercare::journey::answers::link_access::{ClosedLink, LinkRequest, LinkView, open};
use aftercare::journey::answers::new_link::{Sent, new_link};
use aftercare::store::answers::links::LinkPurpose;

use super::{Clinic, SystemClock, day, has, post};
use aftercare::ports::Clock;

const EVERY: [&[&str]; 14] = [
    &["tasks", "list"],
    &["ledger"],
    &["doctor"],
    &["drain"],
    &["serve"],
    &["patient", "list"],
    &["patient", "set", "R-1", "--language", "es"],
    &["visit", "book", "R-1", "--on", "2027-01-01", "--at", "10:00"],
    &["alerts", "list"],
    &["staff", "list"],
    &["audit", "verify"],
    &["report"],
    &["export", "csv"],
    &["backup", "/nowhere/copy.db"],
];

#[test]
fn no_command_works_with_a_key_that_is_lost_damaged_or_another() {
    let cli = Clinic::new();
    cli.ana();
    let key = cli.path("aftercare.db.key");
    let kept = std::fs::read(&key).unwrap();
    let refused = |what: &str| {
        for args in EVERY {
            has(&cli.refuses(78, args), &[what, "it lies beside each backup as FILE.key"]);
        }
        has(&cli.refuses(78, &["check"]), &[what]);
    };
    std::fs::remove_file(&key).unwrap();
    refused("the key of the links is not there");
    assert!(!key.exists(), "none is made in its place");
    std::fs::write(&key, "").unwrap();
    refused("it has 0 bytes and not 32");
    std::fs::write(&key, [0; 32]).unwrap();
    refused("nothing but zeros");
    std::fs::write(&key, [7; 32]).unwrap();
    refused("is not the key this database was used with");
    assert!(cli.run(&["key", "show", "--json"]).json()["error"].is_string());
    std::fs::write(&key, kept).unwrap();
    cli.does(&["tasks", "list"]);
    cli.does(&["key", "show"]);
}

#[test]
fn links_follow_a_replaced_key_and_old_ones_lead_to_a_new_one() {
    let cli = Clinic::new();
    cli.ana();
    cli.does(&["visit", "book", "R-1", "--on", &day(20), "--at", "10:30"]);
    let id = post(&cli).to_string();
    cli.does(&["replay", &id]);
    let old = cli.clinic();
    let reference = aftercare::care::patient::Reference::parse("R-1").unwrap();
    let ana = old.store.read(|view| view.patient_by_reference(&reference)).unwrap().id;
    let token = old.key.token(ana, LinkPurpose::Changed, 0);
    let stop = old.key.token(ana, LinkPurpose::OptOut, 0);
    drop(old);
    std::fs::remove_file(cli.path("aftercare.db.key")).unwrap();
    let lock = super::Lock::take(&cli.path("aftercare.db")).unwrap();
    has(&cli.refuses(75, &["key", "renew"]), &["another aftercare serve or drain"]);
    drop(lock);
    let renewed = cli.json(&["key", "renew"]);
    assert!(renewed["links"].as_u64().unwrap() >= 2, "{renewed}");
    assert_eq!(cli.json(&["key", "show"])["state"], "in use");
    let clinic = cli.clinic();
    let now = SystemClock.now();
    let shut = open(&clinic, LinkRequest { token: &token, pass: None, at: now }).unwrap();
    assert!(matches!(shut, LinkView::Shut(ClosedLink::Expired, _)), "an old link says that it is too old");
    assert!(
        aftercare::journey::patients::opt_out::look(&clinic, &stop).unwrap().is_some(),
        "she can stop letters still"
    );
    let hers = clinic.key.token(ana, LinkPurpose::Changed, 0);
    assert!(
        matches!(
            open(&clinic, LinkRequest { token: &hers, pass: None, at: now }).unwrap(),
            LinkView::Form(_)
        ),
        "the digest followed"
    );
    let runtime = tokio::runtime::Runtime::new().unwrap();
    assert_eq!(runtime.block_on(new_link(&clinic, now, token)).unwrap(), Sent::Yes);
    drop(clinic);
    has(&cli.refuses(1, &["replay", &id]), &["was written with a key that was replaced at"]);
    post(&cli);
    let ledger = cli.json(&["ledger", "--patient", "R-1", "--state", "sent"]);
    let next = ledger.as_array().unwrap().last().unwrap()["id"].to_string();
    assert_ne!(next, id);
    cli.does(&["replay", &next]);
    let audit = cli.path("audit.jsonl");
    cli.does(&["audit", "export", "--out", audit.to_str().unwrap()]);
    has(&std::fs::read_to_string(audit).unwrap(), &["key.replaced"]);
}

#[test]
fn a_key_that_is_meant_to_take_the_place_is_adopted() {
    let cli = Clinic::new();
    cli.ana();
    std::fs::write(cli.path("aftercare.db.key"), [7; 32]).unwrap();
    cli.refuses(78, &["ledger"]);
    cli.does(&["key", "adopt"]);
    cli.does(&["ledger"]);
    let again = cli.json(&["key", "adopt"]);
    assert_eq!((&again["links"], &again["fingerprint"]), (&0.into(), &again["before"]));
    std::fs::remove_file(cli.path("aftercare.db.key")).unwrap();
    has(&cli.refuses(78, &["key", "adopt"]), &["is not there"]);
}

#[test]
fn an_older_schema_is_left_alone_beneath_a_daemon_and_by_whoever_only_reads() {
    let cli = Clinic::new();
    cli.ana();
    let schema = |sql: &str| {
        rusqlite::Connection::open(cli.path("aftercare.db")).unwrap().execute_batch(sql).unwrap();
    };
    let seen = || aftercare::store::db::health::schema(&cli.path("aftercare.db")).unwrap();
    let known = seen();
    let older = {
        let sql = rusqlite::Connection::open(cli.path("aftercare.db")).unwrap();
        let ask = "SELECT max(version) FROM refinery_schema_history WHERE version < ?";
        sql.query_row(ask, [known], |r| r.get::<_, i32>(0)).unwrap()
    };
    // As a version that had not the last migration left it.
    schema(&format!("DELETE FROM refinery_schema_history WHERE version = {known}"));
    has(&cli.refuses(78, &["tasks", "list"]), &["start the daemon, or run `aftercare drain`"]);
    let lock = super::Lock::take(&cli.path("aftercare.db")).unwrap();
    let set = ["patient", "set", "R-1", "--language", "es"];
    has(&cli.refuses(75, &set), &["an older aftercare works on it", "systemctl restart"]);
    assert_eq!(seen(), older);
    drop(lock);
    let copy = cli.path("before.db");
    cli.does(&["backup", copy.to_str().unwrap()]);
    assert_eq!(
        aftercare::store::db::health::schema(&copy).unwrap(),
        older,
        "a backup before the change is as it was"
    );
}

#[test]
fn a_program_that_is_overtaken_by_a_newer_schema_writes_no_more() {
    let cli = Clinic::new();
    cli.ana();
    let clinic = cli.clinic();
    let write = || {
        let job = |tx: &mut super::Tx<'_>| tx.set_fact("x", "1");
        clinic.store.write_blocking(super::Stamp::daemon(SystemClock.now()), job)
    };
    write().unwrap();
    let later = "CREATE TABLE later (x); \
                 INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (999, 'x', '', '')";
    rusqlite::Connection::open(cli.path("aftercare.db")).unwrap().execute_batch(later).unwrap();
    assert!(write().unwrap_err().is_newer());
}
