//! `serve` as systemd knows it: what it tells, what it does when told, and who may work beside it.

use aftercare::care::actor::Actor;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use aftercare::clock::SystemClock;
use aftercare::daemon::wake_socket;
use aftercare::journey::deps::Deps;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::plan::book;
use aftercare::journey::plan::booking_request::{AppointmentSlot, BookingRequest, Tell};
use aftercare::ports::Clock;
use aftercare::store::db::transaction::{Stamp, Tx};
use aftercare::store::work::worklist::LedgerFilter;
use jiff::ToSpan;

use crate::daemon::{Daemon, SOON, quiet, signal};
use crate::sandbox::{Ground, balance, references, until};
use crate::sink::{Sink, Step, is_patient};

/// A door that the sink stands at until it is opened.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<(bool, usize)>, Condvar)>);

impl Gate {
    fn stand(&self) {
        let (state, changed) = &*self.0;
        let mut state = state.lock().unwrap();
        state.1 += 1;
        while !state.0 {
            state = changed.wait(state).unwrap();
        }
    }

    fn open(&self) {
        self.0.0.lock().unwrap().0 = true;
        self.0.1.notify_all();
    }

    /// How many came to it.
    fn came(&self) -> usize {
        self.0.0.lock().unwrap().1
    }
}

/// As another command does it: one transaction, then the bell.
fn book_a_visit(sandbox: &Ground, clinic: &Deps, reference: &str) {
    let slot = AppointmentSlot {
        on: sandbox.today().saturating_add(170.days()),
        at: jiff::civil::time(10, 30, 0, 0),
        place: "Room 4".to_owned(),
    };
    let (reference, steps) = (reference.to_owned(), clinic.clone());
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let known = aftercare::care::patient::Reference::parse(&reference).unwrap();
        let patient = tx.patient_by_reference(&known)?;
        let wish = BookingRequest { series: None, slot, tell: Tell::Patient, anyway: false };
        book::book(tx, &patient, &wish, &steps).map(drop)
    };
    let stamp = Stamp { at: SystemClock.now(), actor: Actor::Operator("test".to_owned()) };
    clinic.store.write_blocking(stamp, job).unwrap();
    wake_socket::ring(&sandbox.database());
}

#[test]
fn it_tells_systemd_when_it_is_ready_and_feeds_the_watchdog() {
    let sandbox = Ground::new(quiet().port);
    let daemon = Daemon::ready(&sandbox);
    daemon.hears("WATCHDOG=1");
    daemon.hears("WATCHDOG=1");
    daemon.signal("-TERM");
    daemon.hears("STOPPING=1");
    assert_eq!(daemon.ends().0, Some(0));
}

#[test]
fn the_watchdog_goes_hungry_while_the_database_does_not_answer() {
    let sandbox = Ground::new(quiet().port);
    let daemon = Daemon::ready(&sandbox);
    let other = rusqlite::Connection::open(sandbox.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    std::thread::sleep(Duration::from_millis(500));
    while daemon.told.try_recv().is_ok() {}
    assert!(daemon.told.recv_timeout(Duration::from_secs(1)).is_err(), "fed while nothing can be recorded");
    other.execute_batch("ROLLBACK").unwrap();
    daemon.hears("WATCHDOG=1");
}

#[test]
fn what_fell_due_while_nobody_ran_leaves_at_the_start() {
    let sink = quiet();
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(30), None);
    let _daemon = Daemon::ready(&sandbox);
    until("30 letters arrive", SOON, || sink.to_patients().len() == 30);
    let store = sandbox.store();
    until("all are on record", SOON, || balance(&store) == [("sent", 30)]);
    assert_eq!(store.read(|v| v.findings()).unwrap(), []);
}

#[test]
fn a_signal_that_comes_while_it_starts_is_obeyed_once_it_runs() {
    let sandbox = Ground::new(quiet().port);
    drop(sandbox.store());
    let other = rusqlite::Connection::open(sandbox.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let daemon = Daemon::started(&sandbox);
    // It waits for the database; it has the lock of the daemon by then.
    let lock = sandbox.dir.path().join("aftercare.db.lock");
    until("it is about to open the database", SOON, || lock.exists());
    daemon.signal("-USR1");
    daemon.signal("-HUP");
    other.execute_batch("ROLLBACK").unwrap();
    daemon.hears("READY=1");
    daemon.hears("RELOADING=1");
    daemon.signal("-USR1");
    daemon.signal("-USR2");
    daemon.hears("WATCHDOG=1");
    daemon.signal("-TERM");
    assert_eq!(daemon.ends().0, Some(0));
}

#[test]
fn a_clock_behind_the_record_holds_letters_to_patients_of_drain_and_of_serve() {
    let sink = quiet();
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(3), None);
    let seen = SystemClock.now() + jiff::SignedDuration::from_hours(5);
    let stamp = Stamp::daemon(SystemClock.now());
    sandbox.store().write_blocking(stamp, move |tx| tx.set_fact("seen-at", &seen.to_string())).unwrap();
    sandbox.drain();
    assert_eq!(sink.to_patients().len(), 0, "drain wrote by a clock that is wrong");
    let daemon = Daemon::ready(&sandbox);
    let store = sandbox.store();
    until("somebody is asked about the clock", SOON, || store.read(|v| v.is_held()).unwrap());
    daemon.signal("-TERM");
    assert_eq!(daemon.ends().0, Some(0));
    assert!(balance(&store).is_empty(), "nothing falls due by a clock that is wrong (P15)");
    assert_eq!(sink.to_patients().len(), 0);
}

#[test]
fn sigterm_finishes_the_letter_in_hand_and_leaves_the_others() {
    let gate = Gate::default();
    let purpose = gate.clone();
    let sink = Sink::open(move |step, to| {
        if step == Step::Dot && is_patient(to) {
            purpose.stand()
        }
    });
    let sandbox = Ground::new(sink.port);
    sandbox.set("connections = 4", "connections = 1");
    sandbox.admit(&references(20), None);
    let daemon = Daemon::ready(&sandbox);
    until("a letter is in hand", SOON, || gate.came() == 1);
    daemon.signal("-TERM");
    daemon.hears("STOPPING=1");
    gate.open();
    assert_eq!(daemon.ends().0, Some(0));
    let counts = balance(&sandbox.store());
    assert_eq!(counts, [("pending", 19), ("sent", 1)]);
    assert_eq!(sink.to_patients().len(), 1);
}

#[test]
fn drain_too_finishes_the_letter_in_hand_when_it_is_told_to_stop() {
    let gate = Gate::default();
    let purpose = gate.clone();
    let sink = Sink::open(move |step, to| {
        if step == Step::Dot && is_patient(to) {
            purpose.stand();
        }
    });
    let sandbox = Ground::new(sink.port);
    sandbox.set("connections = 4", "connections = 1");
    sandbox.admit(&references(20), None);
    let mut drain = sandbox.start(&["drain"]);
    until("a letter is in hand", SOON, || gate.came() == 1);
    signal(drain.id(), "-INT");
    std::thread::sleep(Duration::from_millis(200));
    gate.open();
    until("drain ends", SOON, || drain.try_wait().unwrap().is_some());
    assert_eq!(drain.wait().unwrap().code(), Some(0), "{}", sandbox.log());
    assert_eq!(balance(&sandbox.store()), [("pending", 19), ("sent", 1)]);
}

#[test]
fn a_server_that_never_answers_does_not_keep_the_daemon_longer_than_ten_seconds() {
    let gate = Gate::default();
    let purpose = gate.clone();
    let sink = Sink::open(move |step, to| {
        if step == Step::Dot && is_patient(to) {
            purpose.stand()
        }
    });
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(4), None);
    let daemon = Daemon::ready(&sandbox);
    // One of the four lines is left to staff.
    until("every line has a letter in hand", SOON, || gate.came() == 3);
    daemon.signal("-TERM");
    let (code, took) = daemon.ends();
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(10), "{took:?}");
    // What was in hand is in doubt, on record at once, and goes again under the same Message-ID.
    assert_eq!(balance(&sandbox.store()), [("pending", 1), ("unknown", 3)]);
    gate.open();
    assert_eq!(sandbox.drain()["unknown"], 0, "nothing is left to be marked");
    std::thread::sleep(Duration::from_millis(1100));
    sandbox.drain();
    let accepted = sink.to_patients();
    let ids: std::collections::BTreeSet<_> = accepted.iter().map(|a| &a.message_id).collect();
    assert_eq!((accepted.len(), ids.len()), (7, 4));
    let lines = sandbox.store().read(|v| v.ledger(&LedgerFilter::default())).unwrap();
    let doubts: u32 = lines.iter().filter(|l| l.reference.is_some()).map(|l| l.delivery.doubts).sum();
    assert_eq!(doubts, 3);
    assert_eq!(balance(&sandbox.store()), [("sent", 4)]);
}

#[test]
fn the_second_on_one_database_is_refused_with_75() {
    let sandbox = Ground::new(quiet().port);
    let daemon = Daemon::ready(&sandbox);
    for args in [&["serve"][..], &["drain"], &["drain", "--json"]] {
        let (code, _, said) = sandbox.run(args);
        assert_eq!(code, 75, "{said}");
        assert!(said.contains("hint: stop the other one first"), "{said}");
    }
    daemon.signal("-TERM");
    assert_eq!(daemon.ends().0, Some(0));
    sandbox.drain();
}

#[test]
fn what_another_command_changes_is_noticed_within_a_second() {
    let sink = quiet();
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(1), None);
    let _daemon = Daemon::ready(&sandbox);
    until("the letter of the day arrives", SOON, || sink.to_patients().len() == 1);
    let clinic = sandbox.clinic().0;
    book_a_visit(&sandbox, &clinic, "R-0001");
    until("she is told of her visit", Duration::from_secs(1), || sink.to_patients().len() == 2);
    assert!(sink.to_patients()[1].letter.contains("text/calendar"));
}

#[test]
fn a_command_beside_it_is_answered_by_a_letter_within_a_second() {
    let sink = quiet();
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(1), None);
    let _daemon = Daemon::ready(&sandbox);
    until("the letter of the day arrives", SOON, || sink.to_patients().len() == 1);
    let on = sandbox.today().saturating_add(170.days()).to_string();
    let (code, _, said) = sandbox.run(&["visit", "book", "R-0001", "--on", &on, "--at", "10:30"]);
    assert_eq!(code, 0, "{said}");
    until("she is told of her visit", Duration::from_secs(1), || sink.to_patients().len() == 2);
    let (code, _, said) =
        sandbox.run(&["patient", "set", "R-0001", "--status", "deceased", "--reason", "told"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(sandbox.store().read(|v| v.findings()).unwrap(), []);
}

#[test]
fn between_bells_it_sleeps() {
    let sandbox = Ground::new(quiet().port);
    let daemon = Daemon::ready(&sandbox);
    // What a start looks through behind it, such as its own schema, is over by then.
    std::thread::sleep(Duration::from_secs(6));
    let before = cpu_ticks(daemon.child.id());
    std::thread::sleep(Duration::from_secs(2));
    let spent = cpu_ticks(daemon.child.id()) - before;
    // A tick is 10 ms: one percent of two seconds.
    assert!(spent <= 2, "{spent} ticks in two idle seconds");
}

/// User and system time, in clock ticks (proc(5), stat fields 14 and 15).
fn cpu_ticks(id: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let after = stat.rsplit(')').next().unwrap();
    after.split_whitespace().skip(11).take(2).map(|n| n.parse::<u64>().unwrap()).sum()
}

/// Somebody else's program that looks at the database and leaves again, as `sqlite3` does.
fn stranger_looks(sandbox: &Ground) -> i64 {
    let stranger = rusqlite::Connection::open(sandbox.database()).unwrap();
    stranger.query_row("SELECT count(*) FROM patient", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_stranger_who_reads_the_database_takes_nothing_along_when_he_leaves() {
    let sandbox = Ground::new(Sink::open(|_, _| ()).port);
    sandbox.admit(&references(3), None);
    let daemon = Daemon::ready(&sandbox);
    let log = sandbox.database().with_extension("db-wal");
    let inode = || std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(&log).unwrap());
    let before = inode();
    for _ in 0..3 {
        assert_eq!(stranger_looks(&sandbox), 3);
        let (code, _, said) = sandbox.run(&["status"]);
        assert!(code <= 2, "{said}");
    }
    assert_eq!(inode(), before, "the log of the daemon is another");
    drop(daemon);
}

#[test]
fn a_daemon_whose_log_was_taken_away_ends_in_good_order_and_loses_nothing() {
    let sandbox = Ground::new(Sink::open(|_, _| ()).port);
    sandbox.admit(&references(1), None);
    let daemon = Daemon::ready(&sandbox);
    let log = sandbox.database().with_extension("db-wal");
    std::fs::remove_file(log).unwrap();
    let mut child = daemon;
    until("serve ends by itself", SOON, || child.child.try_wait().unwrap().is_some());
    assert_ne!(child.child.wait().unwrap().code(), Some(0), "systemd starts it again");
    assert!(sandbox.log().contains("removed or replaced"), "{}", sandbox.log());
    assert_eq!(stranger_looks(&sandbox), 1);
    let again = Daemon::ready(&sandbox);
    drop(again);
}
