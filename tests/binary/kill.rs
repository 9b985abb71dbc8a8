//! `kill -9` in the middle of real dialogues, while staff record things by commands of which some are killed too: nothing is lost,
//! nothing goes twice unmarked (P1, P3, P8, P9, P12).

use std::collections::{BTreeMap, BTreeSet};
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aftercare::care::task::TaskKind;
use aftercare::clock::SystemEntropy;
use aftercare::ports::Entropy;
use aftercare::store::audit;
use aftercare::store::work::worklist::{LedgerFilter, LedgerLine};

use crate::sandbox::{Ground, address, balance, references, until};
use crate::sink::{Accepted, Sink, Step};
use crate::staff_changes::StaffChanges;

/// So many blows; `AFTERCARE_KILLS` says another number.
const KILLS: usize = 70;
/// Letters for each blow, so that they do not run out.
const LETTERS_A_KILL: usize = 12;
/// Of the two loops together that carry letters, to patients and to staff.
const CONNECTIONS: usize = 4;

/// Kills a child at the n-th time that a step is reached, a little later.
#[derive(Default)]
struct Axe {
    child: Option<Child>,
    at: Option<(Step, usize, Duration)>,
    kills: usize,
}

impl Axe {
    /// Whether the blow falls now, and after what pause.
    fn falls(&mut self, step: Step) -> Option<Duration> {
        let (at, left, pause) = self.at.as_mut()?;
        if *at != step {
            return None;
        }
        *left = left.saturating_sub(1);
        let pause = *pause;
        (*left == 0).then(|| {
            self.at = None;
            pause
        })
    }

    fn strike(&mut self) {
        if let Some(mut child) = self.child.take() {
            if child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                self.kills += 1;
            }
            child.wait().unwrap();
        }
    }
}

fn below(bound: u64) -> u64 {
    let mut bytes = [0; 8];
    SystemEntropy.fill(&mut bytes);
    u64::from_le_bytes(bytes) % bound
}

#[test]
fn killed_at_any_step_nothing_is_lost_and_twins_are_marked() {
    let axe = Arc::new(Mutex::new(Axe::default()));
    let watcher = Arc::clone(&axe);
    let sink = Sink::open(move |step, _| {
        let falls = watcher.lock().unwrap().falls(step);
        if let Some(pause) = falls {
            std::thread::sleep(pause);
            watcher.lock().unwrap().strike();
        }
    });
    let kills = std::env::var("AFTERCARE_KILLS").ok().map_or(KILLS, |text| text.parse().unwrap());
    let letters = kills * LETTERS_A_KILL;
    let sandbox = Ground::new(sink.port);
    sandbox.admit(&references(letters), None);

    let (mut rounds, mut staff) = (0, StaffChanges::default());
    while axe.lock().unwrap().kills < kills {
        rounds += 1;
        assert!(rounds < 3 * kills, "the letters ran out before the kills");
        std::thread::scope(|scope| {
            scope.spawn(|| staff.make(&sandbox, rounds));
            round(&sandbox, &sink, &axe, rounds);
        });
    }
    sink.next_run();
    until("every letter has left", Duration::from_secs(60), || {
        let done = sandbox.drain();
        let quiet = |key: &str| done[key].as_u64() == Some(0);
        // What is in doubt rests for a second before it goes again.
        std::thread::sleep(Duration::from_millis(200));
        quiet("sent") && quiet("unknown") && quiet("retry") && waiting(&sandbox).is_empty()
    });
    judge(&sandbox, &sink.accepted(), letters);
    staff.judge(&sandbox.store());
    println!(
        "{} daemons and drains killed, {} commands killed, {} recorded",
        axe.lock().unwrap().kills,
        staff.kills,
        staff.recorded
    );
}

/// One life, ended at a step of the dialogue, in one of seven at any moment at all, or by itself.
fn round(sandbox: &Ground, sink: &Sink, axe: &Mutex<Axe>, number: usize) {
    let args: &[&str] = if number.is_multiple_of(3) { &["serve"] } else { &["drain"] };
    sink.next_run();
    let step = Step::ALL.get(usize::try_from(below(7)).unwrap());
    let nth = usize::try_from(1 + below(10)).unwrap();
    {
        let mut axe = axe.lock().unwrap();
        axe.at = step.map(|step| (*step, nth, Duration::from_micros(below(3000))));
        axe.child = Some(sandbox.start(args));
    }
    if step.is_none() {
        std::thread::sleep(Duration::from_millis(below(150)));
        axe.lock().unwrap().strike();
    }
    let mut looks = 0;
    until("a life ends", Duration::from_secs(30), || {
        let mut axe = axe.lock().unwrap();
        looks += 1;
        // A daemon whose letters all rest reaches no step: it is killed in its sleep.
        if looks > 400 || axe.child.as_mut().is_some_and(|c| c.try_wait().unwrap().is_some()) {
            axe.strike();
        }
        axe.child.is_none()
    });
}

/// Letters that are not over. One that two blows left in doubt waits for a person (P17).
fn waiting(sandbox: &Ground) -> Vec<LedgerLine> {
    let is_over = |l: &LedgerLine| l.delivery.state.word() == "sent" || is_held(l);
    ledger(sandbox).into_iter().filter(|l| !is_over(l)).collect()
}

fn is_held(line: &LedgerLine) -> bool {
    line.delivery.state.word() == "unknown" && line.delivery.doubts == 2
}

fn ledger(sandbox: &Ground) -> Vec<LedgerLine> {
    sandbox.store().read(|v| v.ledger(&LedgerFilter::default())).unwrap()
}

/// Holds the database against what arrived.
fn judge(sandbox: &Ground, accepted: &[Accepted], letters: usize) {
    let lines = ledger(sandbox);
    let store = sandbox.store();
    let held = lines.iter().filter(|l| is_held(l) && l.reference.is_some()).count();
    let ended: Vec<_> = balance(&store).into_iter().filter(|(_, count)| *count > 0).collect();
    let expected = [("sent", letters - held), ("unknown", held)];
    assert_eq!(ended, expected.into_iter().filter(|(_, count)| *count > 0).collect::<Vec<_>>());
    let all = store.read(|v| v.balance()).unwrap();
    assert_eq!(all.iter().map(|(_, count)| count).sum::<i64>(), i64::try_from(lines.len()).unwrap());
    let tasks = store.read(|v| v.tasks_open()).unwrap();
    let asked = tasks.iter().filter(|t| t.kind == TaskKind::LetterUnknown && t.patient.is_some()).count();
    assert_eq!(asked, held, "each letter in doubt twice has its task");
    assert_eq!(store.read(|v| v.findings()).unwrap(), []);
    store.read(audit::verify).unwrap();

    let mut copies: BTreeMap<&str, Vec<&Accepted>> = BTreeMap::new();
    for letter in accepted {
        copies.entry(&letter.message_id).or_default().push(letter);
    }
    let mut readers = BTreeSet::new();
    for line in &lines {
        let id = line.delivery.message_id.as_deref().unwrap();
        let arrived = copies.remove(id).unwrap_or_default();
        assert!(is_held(line) || !arrived.is_empty(), "letter {id} is sent but never arrived");
        assert!(arrived.len() <= 2, "{id}: {} copies", arrived.len());
        if let Some(reference) = line.reference.as_deref() {
            assert!(arrived.iter().all(|a| a.to == address(reference)), "{reference}'s letter went astray");
            assert!(readers.insert(reference), "{reference} has two letters for one day");
        }
        assert!(arrived.iter().all(|a| a.letter == arrived[0].letter), "twins of {id} differ");
        let doubts = usize::try_from(line.delivery.doubts).unwrap();
        assert!(doubts + 1 >= arrived.len(), "{id}: {} copies, {doubts} doubts", arrived.len());
    }
    assert!(copies.is_empty(), "letters nobody promised: {:?}", copies.keys());
    twins_are_few(accepted);
    assert!(accepted.len() > lines.len(), "no blow fell between the dot and its record: the test is blunt");
}

/// Of the letters that one life handed over, at most one a connection went again.
fn twins_are_few(accepted: &[Accepted]) {
    let last = accepted.iter().map(|a| a.run).max().unwrap();
    for run in 0..=last {
        let later: BTreeSet<&str> =
            accepted.iter().filter(|a| a.run > run).map(|a| a.message_id.as_str()).collect();
        let ids: Vec<&str> =
            accepted.iter().filter(|a| a.run == run).map(|a| a.message_id.as_str()).collect();
        let once: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), once.len(), "run {run} handed a letter over twice");
        let twins = once.intersection(&later).count();
        assert!(twins <= CONNECTIONS, "run {run}: {twins} twins");
    }
}
