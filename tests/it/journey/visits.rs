//! Visits: booked, kept, missed.

use aftercare::care::patient::Reference;
use aftercare::care::task::TaskKind;
use aftercare::journey::errors::booking::BookingError;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::operations::close_task;
use aftercare::journey::patients::opt_out::{self, OptOutChoice};
use aftercare::journey::plan::book;
use aftercare::store::db::transaction::Tx;
use aftercare::store::people::preferences;
use aftercare::store::work::report::overdue::OverdueFilter;

use super::{post, refused};
use crate::clinic::{Clinic, Person, day};

/// Someone whose first visit is due on Monday 6 April 2026.
fn clinic() -> Clinic {
    let clinic = Clinic::open("2026-01-06T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-06"));
    clinic
}

#[test]
fn a_booked_visit_is_told_then_announced_a_week_and_a_day_before() {
    let mut clinic = clinic();
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-04-09T20:00");
    // 6 January is a holiday: the news waits for the 7th.
    let expected = [
        ("2026-01-07 08:00", "visit:booked"),
        ("2026-04-02 09:00", "visit:week-before"),
        ("2026-04-08 09:00", "visit:day-before"),
    ];
    assert_eq!(clinic.post_of("A-1"), post(&expected));
    clinic.is_sound();
}

#[test]
fn a_visit_due_on_a_day_off_is_asked_for_on_the_next_open_day_and_nothing_drifts() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    // 4 April 2026 is a Saturday, 4 July too.
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-04"));
    clinic.live_until("2026-03-10T10:00");
    let asked = clinic.letters_to("A-1");
    let asked = asked.iter().find(|letter| letter.steps().contains(&"visit:book")).unwrap();
    assert_eq!(asked.fact("due"), Some("2026-04-06"), "{}", asked.text);
    let planned = clinic.app.store.read(|view| view.follow_ups_of(clinic.patient("A-1").id)).unwrap();
    assert_eq!(planned.iter().map(|one| one.owed.due_on).collect::<Vec<_>>(), [day("2026-04-04")]);
    clinic.done("A-1", None, day("2026-03-09")).unwrap();
    let next = clinic.app.store.read(|view| view.follow_ups_of(clinic.patient("A-1").id)).unwrap();
    assert!(next.iter().any(|one| one.owed.due_on == day("2026-07-04")), "{next:?}");
    clinic.is_sound();
}

#[test]
fn a_missed_visit_brings_two_kind_letters_and_then_a_task() {
    let mut clinic = clinic();
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-04-19T08:00");
    let letters = clinic.post_of("A-1");
    assert_eq!(
        letters[3..],
        post(&[("2026-04-10 09:00", "visit:sorry-we-missed-you"), ("2026-04-16 09:00", "visit:again")])
    );
    assert_eq!(clinic.task_kinds(), []);
    clinic.live_until("2026-04-21T00:00");
    assert_eq!(clinic.task_kinds(), [TaskKind::Missed]);
    clinic.is_sound();
}

/// Marks the task about the missed date as done, as a person of the clinic does.
fn ticks_off(clinic: &Clinic) -> Result<(), StepError> {
    let id = clinic.tasks().iter().find(|task| task.kind == TaskKind::Missed).unwrap().id;
    clinic.change(move |tx| close_task::close(tx, id, "left a message").map(drop))
}

fn overdue(clinic: &Clinic, today: &str) -> Vec<(String, Option<jiff::civil::Date>)> {
    let filter = OverdueFilter { today: day(today), protocol: None, after: None, limit: 9 };
    let page = clinic.app.store.read(|view| view.overdue_visits(&filter)).unwrap();
    page.rows.into_iter().map(|one| (one.reference, one.passed_on)).collect()
}

#[test]
fn who_missed_a_date_is_overdue_and_her_task_stands_until_it_is_kept_moved_or_called_off() {
    let mut clinic = clinic();
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-04-09T20:00");
    assert_eq!(overdue(&clinic, "2026-04-09"), [], "it is today");
    clinic.live_until("2026-04-10T08:00");
    assert_eq!(overdue(&clinic, "2026-04-10"), [("A-1".to_owned(), Some(day("2026-04-09")))]);
    clinic.live_until("2026-04-21T00:00");
    let refused = ticks_off(&clinic);
    assert!(matches!(refused, Err(StepError::Booking(BookingError::Unkept(_)))), "{refused:?}");
    assert_eq!(clinic.task_kinds(), [TaskKind::Missed]);
    clinic.move_to("A-1", "2026-04-27T11:30").unwrap();
    assert_eq!((clinic.task_kinds(), overdue(&clinic, "2026-04-21")), (vec![], vec![]));
    clinic.is_sound();
}

#[test]
fn once_the_window_of_a_missed_visit_is_over_a_person_still_has_it_and_ends_it() {
    let mut clinic = clinic();
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-05-23T00:00");
    assert_eq!(clinic.task_kinds(), [TaskKind::Missed], "its window closed on 21 May");
    ticks_off(&clinic).unwrap();
    clinic.live_until("2026-05-24T00:00");
    assert!(
        !clinic.task_kinds().contains(&TaskKind::Missed),
        "nothing is left to note: the next one is asked for"
    );
    clinic.is_sound();
}

#[test]
fn a_visit_ahead_did_not_take_place() {
    let clinic = clinic();
    clinic.sleep_until("2026-04-06T10:00");
    let ahead = clinic.done("A-1", None, day("2026-04-08"));
    assert!(matches!(ahead, Err(StepError::Booking(BookingError::Future))), "{ahead:?}");
    clinic.done("A-1", None, day("2026-04-06")).unwrap();
    clinic.is_sound();
}

#[test]
fn a_visit_done_early_or_late_closes_the_nearest_and_the_grid_stays() {
    let mut clinic = clinic();
    clinic.sleep_until("2026-03-01T10:00");
    clinic.done("A-1", None, day("2026-03-01")).unwrap();
    clinic.live_until("2026-06-20T00:00");
    // Next due on 6 July, whatever day the first took place.
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-06-08 09:00", "visit:book")]));
    clinic.sleep_until("2026-07-20T12:00");
    clinic.live_until("2026-07-20T12:01");
    clinic.done("A-1", None, day("2026-07-20")).unwrap();
    assert_eq!(clinic.task_kinds(), [TaskKind::LetterLapsed; 0]);
    clinic.live_until("2026-09-09T00:00");
    assert_eq!(clinic.post_of("A-1").last().unwrap().0, "2026-09-08 09:00");
    clinic.is_sound();
}

#[test]
fn a_visit_outside_every_window_is_refused() {
    let clinic = clinic();
    assert_eq!(
        refused(clinic.done("A-1", None, day("2026-01-02"))),
        "that date lies outside the window of visit 1, 2026-02-20 to 2026-05-21, and would take its place"
    );
}

#[test]
fn a_date_far_off_its_window_is_refused_unless_it_is_meant_and_then_what_is_due_before_it_still_comes() {
    let mut clinic = clinic();
    let refusal = refused(clinic.book("A-1", "2026-08-20T11:30"));
    assert_eq!(
        refusal,
        "that date lies outside the window of visit 1, 2026-02-20 to 2026-05-21, and would take its place"
    );
    for year in ["2029", "2062", "9999"] {
        let far = clinic.insist("A-1", &format!("{year}-12-31T11:30"), book::book);
        assert_eq!(refused(far), "that date lies more than two years ahead");
    }
    clinic.insist("A-1", "2026-08-20T11:30", book::book).unwrap();
    clinic.live_until("2026-08-20T18:00");
    // The visit due on 6 July is asked for as ever.
    let asked = clinic.post_of("A-1").into_iter().filter(|p| p.1.ends_with(":book")).collect::<Vec<_>>();
    assert_eq!(asked, post(&[("2026-06-08 09:00", "visit:book")]));
    assert!(clinic.task_kinds().contains(&TaskKind::NotBooked));
    clinic.done("A-1", None, day("2026-08-20")).unwrap();
    clinic.is_sound();
}

#[test]
fn a_date_moved_far_off_its_window_must_be_meant() {
    let clinic = clinic();
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    assert!(refused(clinic.move_to("A-1", "2026-07-09T11:30")).starts_with("that date lies outside"));
    clinic.insist("A-1", "2026-07-09T11:30", book::move_to).unwrap();
    assert_eq!(clinic.numbers("A-1"), [1, 2]);
    clinic.is_sound();
}

#[test]
fn what_is_booked_already_is_moved_and_not_booked_again() {
    let mut clinic = clinic();
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-04-20T12:00");
    assert_eq!(refused(clinic.book("A-1", "2026-04-27T11:30")), "visit 1 is booked for 2026-04-09 already");
    clinic.live_until("2026-04-21T00:00");
    assert_eq!(clinic.task_kinds(), [TaskKind::Missed]);
    clinic.move_to("A-1", "2026-04-27T11:30").unwrap();
    assert_eq!(clinic.task_kinds(), [], "nobody need ring her about the date she missed");
    clinic.is_sound();
}

#[test]
fn of_two_visits_nobody_guesses_which_is_meant() {
    let clinic = Clinic::open("2026-01-06T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-06").on("review", "2026-01-06"));
    let both = "more than one fits: visit (due on 2026-04-06) and review (due on 2026-04-06)";
    assert_eq!(refused(clinic.book("A-1", "2026-04-09T11:30")), both);
    for series in ["visit", "review"] {
        clinic.book_series("A-1", series, "2026-04-09T11:30").unwrap();
    }
    let booked = "more than one fits: visit (booked for 2026-04-09) and review (booked for 2026-04-09)";
    assert_eq!(refused(clinic.move_to("A-1", "2026-04-10T11:30")), booked);
    assert_eq!(refused(clinic.call_off("A-1")), booked);
    clinic.sleep_until("2026-04-09T18:00");
    assert_eq!(refused(clinic.done("A-1", None, day("2026-04-09"))), booked);
    clinic.done("A-1", Some("review"), day("2026-04-09")).unwrap();
    clinic.done("A-1", None, day("2026-04-09")).unwrap();
    clinic.is_sound();
}

#[test]
fn one_visit_counts_in_each_protocol_that_has_its_series() {
    let clinic = Clinic::open("2026-01-06T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-06").on("held", "2026-01-06"));
    clinic.sleep_until("2026-04-09T18:00");
    clinic.done("A-1", None, day("2026-04-09")).unwrap();
    assert_eq!(clinic.numbers("A-1"), [2, 2]);
}

#[test]
fn a_test_done_elsewhere_leaves_a_task_to_fetch_its_result() {
    let clinic = Clinic::open("2026-01-06T10:00");
    clinic.enrol(&Person::new("A-1").on("full", "2026-01-06"));
    clinic.sleep_until("2026-07-07T10:00");
    assert!(clinic.done("A-1", None, day("2026-07-06")).is_err(), "a test is named");
    clinic.done_at("A-1", Some("mri"), (day("2026-07-06"), "other-hospital")).unwrap();
    let task = clinic.tasks().remove(0);
    assert_eq!(task.kind, TaskKind::ProtocolStep);
    assert_eq!(task.reason, "Fetch the result of mri 1: it was done elsewhere on 2026-07-06.");
    clinic.is_sound();
}

#[test]
fn where_the_protocol_rebases_the_grid_counts_from_the_visit() {
    let mut clinic = Clinic::open("2026-01-05T10:00");
    clinic.enrol(&Person::new("A-1").on("rebase", "2026-01-05"));
    clinic.live_until("2026-04-20T10:00");
    clinic.done("A-1", None, day("2026-04-20")).unwrap();
    clinic.live_until("2026-07-01T00:00");
    let last = clinic.letters_to("A-1").last().unwrap().clone();
    assert_eq!((last.steps(), last.fact("due")), (vec!["visit:book"], Some("2026-07-20")));
    clinic.is_sound();
}

#[test]
fn a_protocol_that_ends_asks_a_person_what_now() {
    let mut clinic = Clinic::open("2026-01-05T10:00");
    clinic.enrol(&Person::new("A-1").on("short", "2026-01-05"));
    clinic.live_until("2026-12-01T00:00");
    assert!(clinic.task_kinds().contains(&TaskKind::ProtocolEnded));
    clinic.is_sound();
}

#[test]
fn news_that_fills_a_day_makes_the_reminder_wait_for_the_next_and_never_waits_itself() {
    let mut clinic = clinic();
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-04-02T08:10");
    clinic.move_to("A-1", "2026-04-09T12:30").unwrap();
    clinic.live_until("2026-04-02T08:20");
    clinic.move_to("A-1", "2026-04-09T13:30").unwrap();
    clinic.live_until("2026-04-08T20:00");
    let expected = [
        ("2026-01-07 08:00", "visit:booked"),
        ("2026-04-02 08:10", "visit:changed"),
        ("2026-04-02 08:20", "visit:changed"),
        ("2026-04-03 09:00", "visit:week-before"),
        ("2026-04-08 09:00", "visit:day-before"),
    ];
    assert_eq!(clinic.post_of("A-1"), post(&expected));
    clinic.is_sound();
}

#[test]
fn who_wants_no_letters_about_visits_hears_of_a_new_date_from_a_person() {
    let mut clinic = clinic();
    let decline = |tx: &mut Tx<'_>| {
        let patient = tx.patient_by_reference(&Reference::parse("A-1").unwrap())?;
        opt_out::choose(tx, &patient, &OptOutChoice::Kinds(vec![preferences::LetterKind::Visits]))
    };
    clinic.change(decline).unwrap();
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-01-09T00:00");
    assert_eq!(clinic.post_of("A-1"), post(&[]));
    let told = |clinic: &Clinic| {
        let open = clinic.app.store.read(|view| view.tasks_open()).unwrap();
        let about_date = open.into_iter().filter(|task| task.cause.starts_with("appointment/"));
        about_date.map(|task| (task.kind, task.reason)).collect::<Vec<_>>()
    };
    let first = told(&clinic);
    assert!(
        first.len() == 1 && first[0].0 == TaskKind::OptedOut && first[0].1.contains("2026-04-09"),
        "{first:?}"
    );
    // The date moves: the newer task takes the place of the older one.
    clinic.insist("A-1", "2026-04-10T11:30", book::move_to).unwrap();
    let second = told(&clinic);
    assert!(second.len() == 1 && second[0].1.contains("2026-04-10"), "{second:?}");
    clinic.is_sound();
}
