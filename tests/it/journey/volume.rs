//! Days far from normal: a sample leaves and a person is asked; a silent day is told.

use aftercare::care::guards::volume::{SAMPLE, UnusualVolume};
use aftercare::care::task::TaskKind;
use aftercare::journey::operations::guards::volume;
use aftercare::journey::sending_policy::Policy;
use rusqlite::Connection;

use crate::clinic::{Clinic, Person, day};

const MANY: usize = 80;

/// Somebody who has had her letters for weeks, so that there is a normal, and many whose first letter falls due on one day.
fn blast(change: impl FnOnce(&mut Policy)) -> Clinic {
    let mut clinic = Clinic::with("2026-01-07T10:00", change);
    clinic.enrol(&Person::new("B-1").on("spine", "2026-01-07"));
    for number in 0..MANY {
        clinic.enrol(&Person::new(&format!("A-{number}")).on("high", "2026-01-07"));
    }
    clinic.live_until("2026-03-10T08:59");
    clinic
}

fn left(clinic: &Clinic) -> usize {
    clinic.courier.accepted().iter().filter(|letter| letter.steps().contains(&"visit:book")).count()
}

fn kinds(clinic: &Clinic) -> Vec<TaskKind> {
    clinic.task_kinds().into_iter().filter(|kind| *kind != TaskKind::Silent).collect()
}

#[test]
fn of_far_more_letters_than_usual_a_sample_leaves_and_the_rest_once_a_person_agrees() {
    let sample = usize::try_from(SAMPLE).unwrap();
    let mut clinic = blast(|_| {});
    clinic.sleep_until("2026-03-10T09:01");
    for _ in 0..3 {
        clinic.pass();
    }
    assert_eq!(clinic.courier.accepted().iter().filter(|letter| letter.at >= clinic.now()).count(), sample);
    assert_eq!(kinds(&clinic), [TaskKind::UnusualVolume]);
    let reason = clinic.tasks()[0].reason.clone();
    assert!(
        reason.contains("letters wait and 0 left today. Usual on this weekday: 0, at most 50."),
        "{reason}"
    );
    let before = left(&clinic);

    // A restart lets no more of them leave, and the next day only another sample.
    clinic.crash();
    clinic.start();
    assert_eq!(left(&clinic), before);
    clinic.live_until("2026-03-11T18:00");
    assert!(left(&clinic) <= 2 * sample, "{}", left(&clinic));
    assert_eq!(kinds(&clinic), [TaskKind::UnusualVolume]);
    clinic.is_sound();

    clinic.close_task(TaskKind::UnusualVolume);
    clinic.live_until("2026-03-12T18:00");
    assert_eq!((left(&clinic), kinds(&clinic)), (MANY, vec![]));
    clinic.is_sound();
}

#[test]
fn agreement_is_for_what_waits_and_ends_the_task() {
    let mut clinic = blast(|_| {});
    clinic.sleep_until("2026-03-10T09:01");
    clinic.pass();
    let agreed = clinic.change(|tx| volume::agree_and_close(tx, "looked at")).unwrap();
    assert!(agreed > 60, "{agreed}");
    assert!(clinic.change(|tx| volume::agree_and_close(tx, "again")).is_err());
    clinic.pass();
    assert_eq!((left(&clinic), kinds(&clinic)), (MANY, vec![]));
}

#[test]
fn news_does_not_wait_and_patients_taken_in_raise_what_is_usual() {
    let mut clinic = blast(|_| {});
    clinic.sleep_until("2026-03-10T09:01");
    clinic.pass();
    clinic.book("A-79", "2026-04-07T10:00").unwrap();
    clinic.pass();
    let news =
        |clinic: &Clinic| clinic.letters_to("A-79").iter().any(|one| one.steps().contains(&"visit:booked"));
    assert!(news(&clinic), "{:?}", clinic.post_of("A-79"));

    let mut clinic = blast(|_| {});
    for number in 0..40 {
        clinic.enrol(&Person::new(&format!("C-{number}")).on("high", "2026-03-09"));
    }
    clinic.sleep_until("2026-03-10T09:01");
    clinic.pass();
    assert_eq!((left(&clinic), kinds(&clinic)), (MANY, vec![]), "patients were taken in yesterday");
}

#[test]
fn a_clinic_may_let_them_leave() {
    let mut clinic = blast(|policy| policy.unusual_volume = UnusualVolume::Leaves);
    clinic.sleep_until("2026-03-10T09:01");
    clinic.pass();
    assert_eq!((left(&clinic), kinds(&clinic)), (MANY, vec![]));
}

/// Writes a letter to everybody on each of the days of the eight weeks before that day into the ledger.
fn remember(clinic: &Clinic, before: &str) {
    let sql = Connection::open(clinic.app.store.path()).unwrap();
    for back in 1..=56 {
        let on = day(before) - jiff::Span::new().days(back);
        let insert = "INSERT INTO delivery (audience, purpose, patient_id, local_on, priority, state, expires_at, attempt, \
                      message_id, created_at, ended_at) \
                      SELECT 'patient', 'reminders', id, ?, 3, 'sent', 0, 1, 'x', 0, 0 FROM patient";
        sql.execute(insert, [on.to_string()]).unwrap();
    }
}

#[test]
fn a_silent_day_is_told_once_its_hours_are_over_and_a_closed_day_is_none() {
    let mut clinic = Clinic::open("2026-03-05T07:00");
    for number in 0..8 {
        clinic.enrol(&Person::new(&format!("A-{number}")).on("high", "2026-03-05"));
    }
    remember(&clinic, "2026-03-05");
    clinic.sleep_until("2026-03-05T19:00");
    clinic.pass();
    // Wednesday went well.
    assert_eq!(clinic.task_kinds(), []);
    clinic.sleep_until("2026-03-05T20:00");
    clinic.pass();
    assert_eq!(clinic.task_kinds(), [TaskKind::FewLetters]);
    let reason = clinic.tasks()[0].reason.clone();
    assert_eq!(reason, "0 letters left on 2026-03-05. Usual on this weekday: 8.");
    clinic.close_task(TaskKind::FewLetters);
    clinic.pass();
    assert_eq!(clinic.task_kinds(), [], "once a day");
    // Saturday is closed.
    for at in ["2026-03-07T21:00", "2026-03-08T21:00"] {
        clinic.sleep_until(at);
        clinic.pass();
        assert_eq!(clinic.task_kinds(), [], "{at}");
    }
}
