//! A restore drill: the disk with the database is gone; what is left is yesterday's backup and the sent journal. No letter goes
//! twice, and nobody who died or wants no letters since gets one.

use std::path::PathBuf;
use std::sync::Arc;

use aftercare::care::actor::Actor;
use aftercare::care::patient::{PatientStatus, Reference};
use aftercare::care::record::suspected_death::SuspectedDeath;
use aftercare::care::task::TaskKind;
use aftercare::daemon::backup::restore::{RestoreJob, RestoreScope, Restored, restore};
use aftercare::journey::errors::people::restore::RestoreError;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::operations::close_task;
use aftercare::journey::operations::restore::held_letters::{self, HeldKind, HeldOutcome, HeldRequest};
use aftercare::store::database::{OpenMode, Store};
use aftercare::store::db::copy;
use aftercare::store::db::online::pace::NoPace;
use aftercare::store::db::transaction::Stamp;
use aftercare::store::mail::delivery::DeliveryId;

use super::{mourning, post};
use crate::clinic::{Clinic, Person, address};
use crate::courier::Reply;

/// So many were written to at once when nothing was known.
const TWINS: usize = 27;

fn code(n: usize) -> String {
    format!("A-{n}")
}

struct Drill {
    clinic: Clinic,
    backup: PathBuf,
    journal: PathBuf,
}

impl Drill {
    /// Everybody is due tomorrow morning; this evening's backup is made.
    fn begin() -> Self {
        let mut clinic = Clinic::open("2026-01-07T10:00");
        let (backup, journal) = (clinic.place().join("backup.db"), clinic.place().join("journal"));
        clinic.app.store.keep_journal(&journal);
        for n in 1..=TWINS {
            clinic.enrol(&Person::new(&code(n)).on("high", "2026-01-07"));
        }
        for other in ["B-1", "B-2"] {
            clinic.enrol(&Person::new(other).on("high", "2026-01-07"));
        }
        clinic.live_until("2026-03-09T20:00");
        clinic.app.store.read(|view| view.copy_to(&backup, &NoPace)).unwrap();
        Self { clinic, backup, journal }
    }

    /// The machine is dead; another one has the backup, and the journal if it was not lost too.
    fn restored(&mut self) -> Restored {
        let done = self.put_back();
        self.clinic.restart();
        self.clinic.app.store.keep_journal(&self.journal);
        done
    }

    /// The same before anything has run on it.
    fn put_back(&mut self) -> Restored {
        self.clinic.halt();
        let database = self.clinic.place().join("clinic.db");
        copy::discard(&database);
        let stamp = Stamp { at: self.clinic.now(), actor: Actor::Operator("root".to_owned()) };
        let job = RestoreJob {
            source: &self.backup,
            named: &database,
            database: &database,
            journal: &self.journal,
            stamp,
            pace: Arc::new(NoPace),
            scope: RestoreScope::SameClinic,
        };
        restore(&job).unwrap()
    }

    fn kinds(&self, kind: HeldKind) -> Vec<DeliveryId> {
        let found = self.clinic.app.store.read(|view| held_letters::alike(view, kind)).unwrap();
        found.into_iter().map(|one| one.letter.id).collect()
    }

    fn decide(&self, letters: Vec<DeliveryId>, decision: HeldOutcome) -> Result<usize, StepError> {
        let stamp = Stamp { at: self.clinic.now(), actor: Actor::Operator("root".to_owned()) };
        held_letters::decide(&self.clinic.app.store, stamp, HeldRequest { letters, decision })
    }

    fn end_hold(&self) -> Result<(), StepError> {
        let id = self.clinic.tasks().iter().find(|task| task.kind == TaskKind::Hold).unwrap().id;
        self.clinic.change(move |tx| close_task::close(tx, id, "looked at").map(drop))
    }
}

#[test]
fn with_the_journal_alone_no_letter_goes_twice_and_nobody_is_written_to_from_beyond() {
    let mut drill = Drill::begin();
    // The reply to one of them is lost.
    drill.clinic.courier.next(&address(&code(TWINS)), &[Reply::LostAfter]);
    drill.clinic.live_until("2026-03-10T09:05");
    assert_eq!(drill.clinic.courier.collect().len(), TWINS + 2);
    drill.clinic.status("B-1", PatientStatus::Deceased);
    drill.clinic.status("B-2", PatientStatus::OptedOutEmail);
    drill.clinic.enrol(&Person::new("N-1").on("high", "2026-01-07"));
    drill.clinic.status("N-1", PatientStatus::Deceased);
    let done = drill.restored();
    assert!(done.since.is_ok_and(|since| since.torn.is_none()));
    drill.clinic.live_until("2026-03-10T12:00");
    assert_eq!(drill.clinic.courier.collect().len(), 0, "letters are held");
    for (code, status) in [("B-1", PatientStatus::Deceased), ("B-2", PatientStatus::OptedOutEmail)] {
        assert_eq!(drill.clinic.patient(code).status, status);
    }
    let kinds = HeldKind::ALL.map(|kind| drill.kinds(kind).len());
    assert_eq!(kinds, [TWINS - 1, 1, 0], "sent, in doubt, not known");
    // What only a person knows is asked for.
    let refused = drill.end_hold().unwrap_err();
    assert!(matches!(refused, StepError::Restore(RestoreError::Undecided(1))), "{refused}");
    assert_eq!(drill.decide(drill.kinds(HeldKind::InDoubt), HeldOutcome::WasSent).unwrap(), 1);
    drill.end_hold().unwrap();
    // She is put on record again from an old list, and stays who she is.
    drill.clinic.enrol(&Person::new("N-1").on("high", "2026-01-07"));
    assert_eq!(drill.clinic.patient("N-1").status, PatientStatus::Deceased);
    drill.clinic.live_until("2026-03-20T12:00");
    assert_eq!(drill.clinic.courier.collect().len(), 0, "not one twin");
    // The plan goes on: who has not booked is asked again.
    drill.clinic.live_until("2026-03-24T12:00");
    let again = drill.clinic.courier.collect();
    assert_eq!(again.len(), TWINS);
    assert!(again.iter().all(|letter| letter.steps() == ["visit:book-again"]));
    drill.clinic.is_sound();
}

/// What she is paused for, and the kinds and reasons of what people are asked about her.
fn stands(drill: &Drill, code: &str) -> (Option<SuspectedDeath>, Vec<(TaskKind, String)>) {
    let patient = drill.clinic.patient(code);
    let of_hers = drill.clinic.tasks().into_iter();
    let of_hers = of_hers.filter(|task| task.patient.as_ref().is_some_and(|(id, _)| *id == patient.id));
    (patient.suspected_death, of_hers.map(|task| (task.kind, task.reason)).collect())
}

#[test]
fn with_the_journal_alone_whoever_may_have_died_is_still_asked_about_with_care() {
    const CAUTION: &str = "She may have died: ask her doctor";
    let mut drill = Drill::begin();
    drill.clinic.enrol(&Person::new("N-1").on("high", "2026-01-07"));
    let told = ["B-1", "N-1"].map(|code| {
        mourning::write(&drill.clinic, &address(code), ("about my wife", "My wife died on Monday."));
        stands(&drill, code).0
    });
    assert_eq!(told, [Some(SuspectedDeath::Address); 2]);
    drill.clinic.pause_or("B-2", PatientStatus::Paused, None).unwrap();
    drill.restored();
    // Who was not in the backup is put on record again from a list that says nothing of it.
    drill.clinic.enrol(&Person::new("N-1").on("high", "2026-01-07"));
    drill.clinic.live_until("2026-04-20T12:00");
    for code in ["B-1", "N-1"] {
        let (told, asked) = stands(&drill, code);
        assert_eq!(told, Some(SuspectedDeath::Address), "{code}");
        let today: Vec<_> = asked.iter().filter(|(kind, _)| *kind == TaskKind::DeathSuspected).collect();
        assert_eq!(today.len(), 1, "{code}: {asked:?}");
        assert!(asked.iter().all(|(_, reason)| reason.contains(CAUTION)), "{code}: {asked:?}");
        let of_plan = [TaskKind::NotBooked, TaskKind::Silent, TaskKind::ReviewPlan];
        assert!(asked.iter().all(|(kind, _)| !of_plan.contains(kind)), "{code}: {asked:?}");
    }
    let (told, asked) = stands(&drill, "B-2");
    assert!(told.is_none() && asked.iter().all(|(_, reason)| !reason.contains(CAUTION)), "{asked:?}");
}

#[test]
fn a_letter_in_doubt_holds_the_task_though_nothing_has_fallen_due_and_goes_again_as_a_second_copy() {
    let mut drill = Drill::begin();
    for n in [TWINS - 1, TWINS] {
        drill.clinic.courier.next(&address(&code(n)), &[Reply::LostAfter]);
    }
    drill.clinic.live_until("2026-03-10T09:05");
    let first = drill.clinic.courier.collect();
    drill.put_back();
    // No daemon ran on the copy: its outbox is empty, and a person looks at once.
    let store = Store::open(&drill.clinic.place().join("clinic.db"), OpenMode::Existing).unwrap();
    let stamp = Stamp { at: drill.clinic.now(), actor: Actor::Operator("root".to_owned()) };
    let hold = store.read(|view| view.tasks_open()).unwrap();
    let hold = hold.iter().find(|task| task.kind == TaskKind::Hold).unwrap().id;
    let end = |stamp: &Stamp| -> Result<(), StepError> {
        store.write_blocking(stamp.clone(), move |tx| close_task::close(tx, hold, "looked at").map(drop))
    };
    let decide = |id: i64, decision| held_letters::decide_doubts(&store, stamp.clone(), vec![id], decision);
    assert!(store.read(|view| held_letters::held(view, DeliveryId(0), u32::MAX)).unwrap().is_empty());
    let open = store.read(held_letters::doubts).unwrap();
    assert_eq!(open.len(), 2);
    let refused = end(&stamp).unwrap_err();
    assert!(matches!(refused, StepError::Restore(RestoreError::NotInOutbox(2))), "{refused}");
    assert!(decide(open[0].id, HeldOutcome::Drop).is_err());
    decide(open[0].id, HeldOutcome::WasSent).unwrap();
    assert!(end(&stamp).is_err());
    decide(open[1].id, HeldOutcome::Send).unwrap();
    end(&stamp).unwrap();
    drop(store);
    drill.clinic.restart();
    drill.clinic.live_until("2026-03-20T12:00");
    let again = drill.clinic.courier.collect();
    let [again] = &again[..] else { panic!("{} letters", again.len()) };
    let original = first.iter().find(|letter| letter.to == again.to).unwrap();
    assert_eq!(again.message_id, original.message_id, "the second copy is known as one");
    assert_eq!(again.steps(), original.steps());
    drill.clinic.is_sound();
}

#[test]
fn a_letter_in_doubt_is_listed_by_its_own_number_once_it_is_owed_again() {
    let mut drill = Drill::begin();
    drill.clinic.courier.next(&address(&code(TWINS)), &[Reply::LostAfter]);
    drill.clinic.live_until("2026-03-10T09:05");
    drill.clinic.courier.collect();
    drill.restored();
    drill.clinic.live_until("2026-03-10T10:00");
    assert_eq!(drill.clinic.app.store.read(held_letters::doubts).unwrap(), []);
    let open = drill.kinds(HeldKind::InDoubt);
    assert_eq!(open.len(), 1);
    assert!(drill.end_hold().is_err());
    drill.decide(open, HeldOutcome::Drop).unwrap();
    drill.end_hold().unwrap();
    drill.clinic.live_until("2026-03-20T12:00");
    assert_eq!(drill.clinic.courier.collect().len(), 0);
}

#[test]
fn a_letter_may_be_sent_all_the_same_or_dropped_and_one_that_never_left_leaves() {
    let mut drill = Drill::begin();
    // The server takes the first three; then the machine dies.
    for n in 4..=TWINS {
        drill.clinic.courier.next(&address(&code(n)), &[Reply::Later, Reply::Later]);
    }
    drill.clinic.live_until("2026-03-10T09:05");
    drill.clinic.courier.collect();
    drill.restored();
    drill.clinic.live_until("2026-03-10T10:00");
    let (sent, open) = (drill.kinds(HeldKind::Sent), drill.kinds(HeldKind::NotKnown));
    assert_eq!((sent.len(), open.len()), (5, TWINS - 3));
    let of = |reference: &str| {
        let code = Reference::parse(reference).unwrap();
        let found = drill.clinic.app.store.read(|v| held_letters::held(v, DeliveryId(0), u32::MAX)).unwrap();
        found.into_iter().find(|one| one.letter.reference == code.as_str()).unwrap().letter.id
    };
    drill.decide(vec![of("A-1")], HeldOutcome::Send).unwrap();
    drill.decide(vec![of("A-4")], HeldOutcome::Drop).unwrap();
    let late = of("A-5");
    drill.end_hold().unwrap();
    let refused = drill.decide(vec![late], HeldOutcome::Drop);
    assert!(refused.is_err(), "the hold is over");
    drill.clinic.live_until("2026-03-10T12:00");
    let mut left: Vec<_> = drill.clinic.courier.collect().into_iter().map(|letter| letter.to).collect();
    left.sort();
    let mut due: Vec<_> = (5..=TWINS).chain([1]).map(|n| address(&code(n))).collect();
    due.sort();
    assert_eq!(left, due);
    assert_eq!(drill.clinic.post_of("A-4"), post(&[]));
    drill.clinic.is_sound();
}

#[test]
fn without_a_journal_nothing_is_claimed_and_a_person_decides() {
    let mut drill = Drill::begin();
    drill.clinic.live_until("2026-03-10T09:05");
    drill.clinic.courier.collect();
    drill.journal = drill.clinic.place().join("lost");
    assert!(matches!(drill.restored().since, Err(None)));
    drill.clinic.live_until("2026-03-10T10:00");
    let open = drill.kinds(HeldKind::NotKnown);
    assert_eq!(open.len(), TWINS + 2);
    assert_eq!(drill.decide(open, HeldOutcome::WasSent).unwrap(), TWINS + 2);
    drill.end_hold().unwrap();
    drill.clinic.live_until("2026-03-12T12:00");
    assert_eq!(drill.clinic.courier.collect().len(), 0);
}

#[test]
fn a_nudge_that_left_before_the_restore_neither_lapses_nor_asks_a_person() {
    let mut clinic = Clinic::with("2026-02-06T10:00", |p| p.weekly_cap = 7);
    let (backup, journal) = (clinic.place().join("backup.db"), clinic.place().join("journal"));
    clinic.app.store.keep_journal(&journal);
    clinic.enrol(&Person::new("A-1").on("spine", "2026-02-06"));
    clinic.live_until("2026-03-06T20:00");
    clinic.app.store.read(|view| view.copy_to(&backup, &NoPace)).unwrap();
    let mut drill = Drill { clinic, backup, journal };
    drill.clinic.live_until("2026-03-14T12:00");
    assert_eq!(drill.clinic.courier.collect().len(), 3, "the invitation and two nudges");
    drill.restored();
    // As long as nobody has looked nothing lapses.
    drill.clinic.live_until("2026-03-16T12:00");
    assert_eq!(drill.clinic.task_kinds(), [TaskKind::Hold]);
    drill.end_hold().unwrap();
    drill.clinic.live_until("2026-03-20T12:00");
    assert_eq!((drill.clinic.courier.collect().len(), drill.clinic.task_kinds()), (0, vec![]));
    let promises = drill.clinic.app.store.read(|view| view.promises()).unwrap();
    assert_eq!(promises, [("sent".to_owned(), 3)]);
    drill.clinic.is_sound();
}
