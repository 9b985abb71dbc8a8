//! One bad record never stops the others.

use aftercare::care::inbound::MessageKind;
use aftercare::care::patient::PatientStatus;
use aftercare::care::task::TaskKind;
use aftercare::journey::delivery::failure::bounce::BounceOutcome;
use aftercare::journey::patients::inbound::InboundOutcome;
use aftercare::journey::protocols::in_force::in_force;

use super::bounces::{said, take};
use super::{post, sent};
use crate::clinic::{Clinic, Person, address};
use crate::courier::Reply;

#[test]
fn a_letter_that_cannot_be_written_fails_alone_with_a_task() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("poison", "2026-01-07"));
    clinic.enrol(&Person::new("A-2").on("high", "2026-01-07"));
    clinic.enrol(&Person::new("A-3").on("panic", "2026-01-07"));
    clinic.live_until("2026-03-25T00:00");
    let both = [("2026-03-10 09:00", "visit:book"), ("2026-03-24 09:00", "visit:book-again")];
    assert_eq!(clinic.post_of("A-2"), post(&both));
    assert_eq!((clinic.post_of("A-1"), clinic.post_of("A-3")), (vec![], vec![]));
    let mut fates: Vec<_> = clinic.fates().into_iter().filter(|f| f.1 == "failed").map(|f| f.2).collect();
    fates.sort();
    // Her second letter speaks as the first, for that one never left.
    assert_eq!(
        fates,
        [
            "the letter cannot be written: no such fragment",
            "the letter cannot be written: no such fragment",
            "the letter cannot be written: writing it panicked"
        ]
    );
    assert_eq!(clinic.task_kinds(), [TaskKind::LetterFailed; 3]);
    clinic.is_sound();
}

#[test]
fn a_protocol_nobody_can_read_is_set_aside_with_a_task() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("unreadable", "2026-01-07"));
    clinic.enrol(&Person::new("A-2").on("high", "2026-01-07"));
    clinic.live_until("2026-03-11T00:00");
    assert_eq!(clinic.post_of("A-2"), post(&[("2026-03-10 09:00", "visit:book")]));
    assert_eq!(
        (clinic.post_of("A-1"), clinic.task_kinds()),
        (vec![], vec![TaskKind::RecordUnreadable, TaskKind::ReviewPlan])
    );
    clinic.is_sound();
}

#[test]
fn a_row_that_cannot_be_read_is_set_aside_with_a_task() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.enrol(&Person::new("A-2").on("high", "2026-01-07"));
    let file = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
    file.execute("UPDATE follow_up SET due_on = 'soon' WHERE id = 1", []).unwrap();
    clinic.live_until("2026-03-11T00:00");
    assert_eq!(clinic.post_of("A-2"), post(&[("2026-03-10 09:00", "visit:book")]));
    assert_eq!(
        (clinic.post_of("A-1"), clinic.task_kinds()),
        (vec![], vec![TaskKind::RecordUnreadable, TaskKind::ReviewPlan])
    );
    clinic.is_sound();
}

#[test]
fn a_protocol_in_force_that_is_not_on_record_is_none_and_is_named() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    spoil(&clinic, "PRAGMA foreign_keys = OFF; INSERT INTO protocol_in_force VALUES ('high', 999, 0)");
    let known = clinic.app.store.read(|view| in_force(view, &clinic.app)).unwrap();
    assert!(!known.contains_key("high"), "the shipped one does not stand in for the clinic's own");
    clinic.live_until("2026-03-11T00:00");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-10 09:00", "visit:book")]));
    let causes = clinic.app.store.read(|view| view.causes(TaskKind::RecordUnreadable)).unwrap();
    assert_eq!(causes, ["protocol_in_force/high"]);
}

/// The canary walks again, and the task about it takes no change: it outlives what it stood for.
#[test]
fn a_task_that_cannot_be_closed_keeps_no_follow_up_from_falling_due() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    spoil(
        &clinic,
        "INSERT INTO task (kind, cause, reason, opened_at, due_at, state) VALUES ('canary-broken', 'canary', 'x', 0, 0, 'open'); \
         CREATE TRIGGER refuse BEFORE UPDATE ON task WHEN old.kind = 'canary-broken' BEGIN SELECT RAISE(ABORT, 'no'); END",
    );
    clinic.live_until("2026-03-11T00:00");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-10 09:00", "visit:book")]));
    assert_eq!(clinic.task_kinds(), [TaskKind::CanaryBroken]);
    clinic.is_sound();
}

/// Breaks what is recorded of a patient, as no version of the program would.
fn breaks(clinic: &Clinic, reference: &str, what: &str) {
    let file = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
    file.execute(&format!("UPDATE patient SET {what} WHERE reference = ?"), [reference]).unwrap();
}

#[test]
fn a_doubt_about_someone_in_a_zone_that_is_gone_keeps_no_other_letter_from_going_again() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    for reference in ["A-1", "A-2"] {
        clinic.enrol(&Person::new(reference).on("high", "2026-01-07"));
        clinic.courier.next(&address(reference), &[Reply::LostAfter]);
    }
    clinic.live_until("2026-03-10T09:10");
    breaks(&clinic, "A-1", "zone = 'Nowhere/Land'");
    clinic.live_until("2026-03-11T00:00");
    let copies = ["A-1", "A-2"].map(|reference| clinic.letters_to(reference).len());
    assert_eq!((copies, clinic.task_kinds()), ([1, 2], vec![TaskKind::LetterUnknown]));
    clinic.is_sound();
}

#[test]
fn a_record_that_cannot_be_read_ends_no_pause_but_its_own() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    for reference in ["A-1", "A-2"] {
        clinic.enrol(&Person::new(reference).on("high", "2026-01-07"));
        clinic.pause_or(reference, PatientStatus::Paused, Some(crate::clinic::day("2026-02-01"))).unwrap();
    }
    breaks(&clinic, "A-1", "birth_on = 'soon'");
    clinic.live_until("2026-03-11T00:00");
    assert_eq!(clinic.post_of("A-2"), post(&[("2026-03-10 09:00", "visit:book")]));
    let asked = clinic.tasks().into_iter().find(|t| t.cause.ends_with("/pause")).unwrap();
    assert_eq!(asked.patient.unwrap().1, "A-1");
    clinic.is_sound();
}

/// Writes past the rules of the schema, as a failing disk would.
fn spoil(clinic: &Clinic, update: &str) {
    let file = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
    file.execute_batch(&format!("PRAGMA ignore_check_constraints = ON; {update}")).unwrap();
}

#[test]
fn a_notice_about_a_record_that_cannot_be_read_is_kept_for_staff_and_taken_for_what_it_is_once_it_is_mended()
{
    for spoiled in [
        "UPDATE patient SET status = 'rubbish' WHERE id = 1",
        "UPDATE delivery SET purpose = 'rubbish' WHERE state = 'sent'",
    ] {
        let (clinic, letter) = sent();
        spoil(&clinic, spoiled);
        let notice = said(&letter.envelope, &letter.message_id, ("failed", "5.1.1", "no such user"));
        assert!(
            matches!(take(&clinic, &notice), InboundOutcome::Kept(_, MessageKind::Server)),
            "the mailbox goes on: {spoiled}"
        );
        let task = clinic.tasks().into_iter().find(|task| task.kind == TaskKind::LetterFailed).unwrap();
        assert!(task.reason.contains("cannot be read"), "{}", task.reason);
        assert!(task.due_at.duration_since(clinic.now()) <= jiff::SignedDuration::from_hours(24));
        let behind = clinic.app.store.read(|v| v.inbound_behind(&task.cause, task.opened_at)).unwrap();
        assert_eq!(behind.len(), 1, "its words stand with the task");
        assert_eq!(take(&clinic, &notice), InboundOutcome::Known);
        spoil(
            &clinic,
            "UPDATE patient SET status = 'active' WHERE id = 1; UPDATE delivery SET purpose = 'reminders' WHERE purpose = 'rubbish'",
        );
        assert!(matches!(take(&clinic, &notice), InboundOutcome::Letter(BounceOutcome::Taken(..))));
        assert_eq!(clinic.patient("A-1").status, PatientStatus::AddressBad);
    }
}
