//! The old database is gone: only the copy of this morning and the sent journal are left.

use super::*;
use crate::store::events::EventSource;
use crate::store::journal::segment;

/// The journal follows what happened, then the machine loses its database.
fn lost() -> Ground {
    let ground = ground();
    let store = Store::open(&ground.database, OpenMode::Existing).unwrap();
    store.keep_journal(&ground.journal);
    does(&store, 5, |tx| {
        let ben = tx.patient_by_reference(&Reference::parse("B-2").unwrap())?;
        let (to, reason) = (PatientStatus::Deceased, "her son wrote".to_owned());
        status::change(tx, &ben, &StatusChange { to, reason, until: None, confirmed_by: None })
    });
    assert_eq!(store.journal_status().fault, None);
    drop(store);
    copy::discard(&ground.database);
    std::fs::remove_file(key_path(&ground.database)).unwrap();
    ground
}

#[test]
fn what_the_journal_knows_is_carried_over_though_the_database_is_gone() {
    let ground = lost();
    let done = restore(&ground.job()).unwrap();
    let since = done.since.ok().unwrap();
    assert_eq!((since.told_by, since.torn.as_deref()), (EventSource::Journal, None));
    let store = ground.open();
    assert_eq!(status_of(&store), PatientStatus::Deceased);
    let staff = |name: &str| store.read(|view| view.staff_named(name)).unwrap().unwrap();
    // Nobody signs in with what was taken from her; who only used a recovery code still does.
    for (name, is_off) in [("dana", true), ("lena", true), ("nora", false)] {
        assert_eq!(staff(name).disabled_at.is_some(), is_off, "{name}");
    }
    let pauses = store.read(|view| view.pauses_ending(date(1970, 1, 2))).unwrap();
    assert_eq!(pauses.iter().map(|pause| pause.until).collect::<Vec<_>>(), [Some(date(1970, 1, 1))]);
    // She was put on record after the copy was made, and has died since.
    let ben = Reference::parse("B-2").unwrap();
    assert!(!store.read(|view| view.is_known(&ben)).unwrap());
    let stood = store.read(|view| view.prior_status(&ben)).unwrap().map(|stood| stood.status);
    assert_eq!(stood, Some(PatientStatus::Deceased));
    store.read(audit::verify).unwrap();
}

#[test]
fn the_journal_goes_on_after_a_restore_and_tells_the_next_one_all() {
    let ground = lost();
    let before = restore(&ground.job()).unwrap().since.ok().unwrap().events.len();
    let store = ground.open();
    store.keep_journal(&ground.journal);
    does(&store, 6, |tx| admit(tx, "C-3"));
    assert_eq!(store.journal_status().fault, None);
    let events = store.read(|view| view.last_events(100)).unwrap();
    assert_eq!(store.journal_status().last, events[0].id);
    drop(store);
    copy::discard(&ground.database);
    let done = restore(&RestoreJob { stamp: stamp(8), ..ground.job() }).unwrap();
    let since = done.since.ok().unwrap();
    assert!(since.torn.is_none() && since.events.len() > before, "{:?}", since.torn);
    let told: Vec<_> = since.events.iter().map(|lost| lost.event.action.as_str()).collect();
    assert_eq!(told.iter().filter(|action| **action == "patient.admitted").count(), 2, "{told:?}");
}

#[test]
fn a_line_torn_by_a_power_cut_is_written_again() {
    let ground = lost();
    let newest = segment::list(&ground.journal).unwrap().pop().unwrap();
    let whole = std::fs::read(&newest).unwrap();
    std::fs::write(&newest, &whole[..whole.len() - 9]).unwrap();
    // The database is older than the journal's last whole line, so what was torn is unknown, and told as such by its absence.
    let done = restore(&ground.job()).unwrap();
    assert_eq!(done.since.ok().unwrap().torn, None);
    let store = ground.open();
    store.keep_journal(&ground.journal);
    does(&store, 6, |tx| admit(tx, "C-3"));
    assert_eq!(store.journal_status().fault, None);
    drop(store);
    copy::discard(&ground.database);
    let done = restore(&RestoreJob { stamp: stamp(8), ..ground.job() }).unwrap();
    let since = done.since.ok().unwrap();
    assert!(since.events.iter().any(|lost| lost.event.action == "database.restored"));
    assert_eq!(since.torn, None);
}

#[test]
fn a_line_that_is_missing_is_told() {
    let ground = lost();
    let newest = segment::list(&ground.journal).unwrap().pop().unwrap();
    let text = std::fs::read_to_string(&newest).unwrap();
    let lines: Vec<_> = text.lines().filter(|line| !line.contains("\"staff.disabled\"")).collect();
    std::fs::write(&newest, lines.join("\n") + "\n").unwrap();
    let since = restore(&ground.job()).unwrap().since.ok().unwrap();
    assert!(since.torn.unwrap().contains("missing in the sent journal"));
}

#[test]
fn another_databases_journal_is_neither_written_nor_believed() {
    let (ground, other) = (ground(), lost());
    let store = Store::open(&ground.database, OpenMode::Existing).unwrap();
    let files = || segment::list(&other.journal).unwrap().into_iter().map(|p| std::fs::read(p).unwrap());
    let before: Vec<_> = files().collect();
    store.keep_journal(&other.journal);
    does(&store, 6, |tx| admit(tx, "C-3"));
    let fault = store.journal_status().fault.unwrap();
    // What was asked for is done all the same.
    assert!(fault.to_string().contains("another database"), "{fault}");
    let code = Reference::parse("C-3").unwrap();
    assert!(store.read(|view| view.is_known(&code)).unwrap());
    assert_eq!(files().collect::<Vec<_>>(), before);
    drop(store);
    copy::discard(&ground.database);
    let done = restore(&RestoreJob { journal: &other.journal, ..ground.job() }).unwrap();
    assert!(done.since.err().unwrap().unwrap().contains("another database"));
}

#[test]
fn no_case_code_stands_in_the_journal_and_it_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let ground = lost();
    let segments = segment::list(&ground.journal).unwrap();
    assert!(!segments.is_empty(), "there is a journal to look at");
    for path in segments {
        let text = std::fs::read_to_string(&path).unwrap();
        for code in ["A-1", "B-2", "E-5", "Ana", "p.example", "her son wrote"] {
            assert!(!text.contains(code), "{code}");
        }
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(std::fs::metadata(&ground.journal).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn a_journal_that_cannot_be_written_keeps_nobody_from_anything_and_catches_up() {
    let ground = ground();
    let store = Store::open(&ground.database, OpenMode::Existing).unwrap();
    // A file lies where the directory should.
    std::fs::write(&ground.journal, "x").unwrap();
    store.keep_journal(&ground.journal);
    does(&store, 6, |tx| admit(tx, "C-3"));
    assert!(store.journal_status().fault.is_some());
    std::fs::remove_file(&ground.journal).unwrap();
    does(&store, 7, |tx| admit(tx, "D-4"));
    let newest = store.read(|view| view.last_events(1)).unwrap().pop().unwrap();
    let status = store.journal_status();
    assert_eq!((status.fault, status.last), (None, newest.id));
    drop(store);
    let copy = health::peek(&ground.copy, |view| RestoreDiff::from_journal(view, &ground.journal)).unwrap();
    let admitted = copy.unwrap().events.into_iter().filter(|lost| lost.event.action == "patient.admitted");
    assert_eq!(admitted.count(), 3, "B-2, C-3, D-4");
}

#[test]
fn a_second_restore_asks_for_what_the_first_asked_for() {
    let ground = ground();
    let store = Store::open(&ground.database, OpenMode::Existing).unwrap();
    store.keep_journal(&ground.journal);
    does(&store, 5, |tx| {
        let other = tx.patient_by_reference(&Reference::parse("A-1").unwrap())?.id;
        Ok(tx.audit(AuditAction::PatientMerged, other, &serde_json::json!({ "into": "B-2" }))?)
    });
    drop(store);
    let merged = |done: Restored| {
        let asked = done.lines.into_iter().filter(|line| line.what == "make the two records one again");
        asked.flat_map(|line| line.about).collect::<Vec<_>>()
    };
    let first = merged(restore(&ground.job()).unwrap());
    assert_eq!(first, ["A-1 (B-2)"]);
    let store = ground.open();
    store.keep_journal(&ground.journal);
    does(&store, 6, |tx| admit(tx, "C-3"));
    drop(store);
    assert_eq!(merged(restore(&RestoreJob { stamp: stamp(8), ..ground.job() }).unwrap()), first);
}
