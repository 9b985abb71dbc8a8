//! A series runs to its end: a person is asked, and who came to the end of all that was planned gets the closing letter.

use aftercare::care::task::TaskKind;

use super::post;
use crate::clinic::{Clinic, Person, day};

fn asked(clinic: &Clinic) -> Vec<(String, String)> {
    let ended = clinic.tasks().into_iter().filter(|t| t.kind == TaskKind::ProtocolEnded);
    ended.map(|t| (t.cause, t.reason)).collect()
}

fn task(cause: &str, reason: &str) -> (String, String) {
    (cause.to_owned(), reason.to_owned())
}

/// Someone at her last visit, on Friday 3 July 2026; checklists go on without end.
fn at_the_last_visit() -> Clinic {
    let mut clinic = Clinic::with("2026-01-05T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("ending", "2026-01-05"));
    clinic.sleep_until("2026-04-06T10:00");
    clinic.done("A-1", Some("visit"), day("2026-04-06")).unwrap();
    clinic.live_until("2026-07-03T10:00");
    clinic.courier.collect();
    clinic
}

fn closing(clinic: &Clinic) -> Vec<(String, String)> {
    clinic.post_of("A-1").into_iter().filter(|(_, steps)| steps.contains("closing")).collect()
}

#[test]
fn after_the_last_visit_she_gets_the_closing_letter_once_and_a_person_is_asked_once() {
    let mut clinic = at_the_last_visit();
    clinic.done("A-1", Some("visit"), day("2026-07-03")).unwrap();
    let ended = [task("enrolment/1/visit", "Series visit of protocol ending has run to its end.")];
    assert_eq!(asked(&clinic), ended);
    clinic.live_until("2026-07-07T20:00");
    // It travels with the checklist of that day.
    assert_eq!(closing(&clinic), post(&[("2026-07-06 09:00", "notice:closing checklist:invite")]));
    let letter = clinic.letters_to("A-1").last().unwrap().clone();
    assert!(!letter.text.contains("on="), "the visit she came from is no news: {}", letter.text);
    clinic.close_task(TaskKind::ProtocolEnded);
    clinic.live_until("2026-08-20T20:00");
    assert_eq!((closing(&clinic).len(), asked(&clinic).len()), (1, 0));
    assert!(clinic.post_of("A-1").iter().any(|(on, _)| on.starts_with("2026-08")), "checklists go on");
    clinic.is_sound();
}

#[test]
fn who_never_came_to_the_last_visit_is_not_let_go_by_letter() {
    let mut clinic = at_the_last_visit();
    clinic.live_until("2026-12-01T00:00");
    assert_eq!(closing(&clinic), []);
    let ended = [task("enrolment/1/visit", "Series visit of protocol ending has run to its end.")];
    assert_eq!(asked(&clinic), ended);
    clinic.is_sound();
}

#[test]
fn who_is_followed_again_before_it_leaves_gets_no_closing_letter() {
    let mut clinic = at_the_last_visit();
    clinic.done("A-1", Some("visit"), day("2026-07-03")).unwrap();
    clinic.live_until("2026-07-03T18:00");
    clinic.replan("A-1", "high", day("2026-01-05")).unwrap();
    clinic.live_until("2026-07-20T20:00");
    assert_eq!(closing(&clinic), []);
    clinic.is_sound();
}

#[test]
fn yearly_letters_end_with_the_closing_letter_and_a_task_too() {
    let mut clinic = Clinic::with("2026-01-05T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("letters", "2026-01-05"));
    clinic.live_until("2026-07-01T00:00");
    assert_eq!(closing(&clinic).len(), 1);
    let ended = [task("enrolment/1/leaflet", "Series leaflet of protocol letters has run to its end.")];
    assert_eq!(asked(&clinic), ended);
    clinic.is_sound();
}

#[test]
fn as_long_as_a_visit_or_test_is_owed_under_any_plan_there_is_no_closing_letter() {
    let mut clinic = Clinic::with("2026-01-05T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("ending", "2026-01-05").on("low", "2026-01-06"));
    clinic.live_until("2026-07-03T10:00");
    clinic.done("A-1", Some("visit"), day("2026-07-03")).unwrap();
    clinic.live_until("2026-07-20T20:00");
    assert_eq!((closing(&clinic).len(), asked(&clinic).len()), (0, 1));
    clinic.is_sound();
}
