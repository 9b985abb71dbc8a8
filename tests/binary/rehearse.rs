//! `rehearse`: the real database lived forward in a copy, with the original and the mail server left alone.

use std::path::{Path, PathBuf};

use aftercare::store::database::Store;
use jiff::ToSpan;

use crate::sandbox::{Ground, references};
use crate::sink::Sink;

/// The letters under a directory.
fn letters(place: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(letters(&path)) } else { found.push(path) }
    }
    found
}

fn days_from(sandbox: &Ground, days: i64) -> String {
    sandbox.today().saturating_add(days.days()).to_string()
}

/// Closes the store and waits until its log is gone, so that the file alone holds everything.
fn settle(sandbox: &Ground, store: Store) {
    drop(store);
    let database = rusqlite::Connection::open(sandbox.database()).unwrap();
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

#[test]
fn it_lives_a_copy_forward_and_touches_neither_the_database_nor_a_mail_server() {
    let sink = Sink::open(|_, _| ());
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(5), None);
    settle(&sandbox, sandbox.store());
    let state = || {
        let file = std::fs::metadata(sandbox.database()).unwrap();
        (std::fs::read(sandbox.database()).unwrap(), file.modified().unwrap())
    };
    let before = state();
    let out = sandbox.dir.path().join("rehearsal");
    let until = days_from(&sandbox, 28);
    let (code, said, err) =
        sandbox.run(&["rehearse", "--until", &until, "--out", out.to_str().unwrap(), "--json"]);
    assert_eq!(code, 0, "{err}");
    assert!(before == state(), "the database was touched");
    assert_eq!(sink.guests(), 0, "the mail server was called");

    // A leaflet this week and one in each of the four to come, for five patients.
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(report["sent"]["signs:send"], 25, "{report}");
    assert_eq!(report["findings"].as_array().unwrap().len(), 0, "{report}");
    let files = letters(&out.join("letters"));
    assert_eq!(u64::try_from(files.len()).unwrap(), report["letters"]["sent"].as_u64().unwrap());
    assert!(files.iter().all(|f| f.extension().is_some_and(|e| e == "eml")));
    let ledger = std::fs::read_to_string(out.join("ledger.csv")).unwrap();
    assert_eq!(ledger.matches("signs:send").count(), 25);

    // What was rehearsed is what is sent: the same links under the same key, the same words.
    sandbox.drain();
    let sent = sink.to_patients().remove(0);
    let twin = files.iter().map(|f| std::fs::read_to_string(f).unwrap()).find(|l| l.contains(&sent.to));
    let words = |letter: &str| letter.split_once("\r\n\r\n").unwrap().1.len();
    assert_eq!(words(&twin.unwrap()), words(&sent.letter));
}

#[test]
fn it_works_beside_the_running_daemon() {
    let sink = Sink::open(|_, _| ());
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(2), None);
    let mut daemon = sandbox.start(&["serve"]);
    crate::sandbox::until("the daemon works", std::time::Duration::from_secs(10), || {
        sink.to_patients().len() == 2
    });
    let out = sandbox.dir.path().join("rehearsal");
    let until = days_from(&sandbox, 7);
    let (code, _, err) = sandbox.run(&["rehearse", "--until", &until, "--out", out.to_str().unwrap()]);
    assert!(daemon.try_wait().unwrap().is_none());
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert_eq!(code, 0, "{err}");
    assert_eq!(sink.to_patients().len(), 2);
    assert_eq!(letters(&out.join("letters")).len(), 2);
}

#[test]
fn it_refuses_what_it_cannot_rehearse() {
    let sandbox = Ground::new(Sink::open(|_, _| ()).port);
    let out = sandbox.dir.path().join("rehearsal");
    let out = out.to_str().unwrap();
    let (tomorrow, yesterday) = (days_from(&sandbox, 1), days_from(&sandbox, -1));
    let (code, _, said) = sandbox.run(&["rehearse", "--until", &tomorrow, "--out", out]);
    assert_eq!(code, 78, "{said}");
    assert!(said.contains("there is no database at"), "{said}");
    drop(sandbox.store());
    let (code, _, said) = sandbox.run(&["rehearse", "--until", &yesterday, "--out", out]);
    assert_eq!(code, 65, "{said}");
    let full = sandbox.dir.path().to_str().unwrap();
    let (code, _, said) = sandbox.run(&["rehearse", "--until", &tomorrow, "--out", full]);
    assert_eq!(code, 65, "{said}");
    assert!(said.contains("is not empty"), "{said}");
    assert_eq!(sandbox.run(&["rehearse", "--until", &tomorrow, "--out", out]).0, 0);
}
