//! Another anchor or protocol: history stays, what lies ahead is laid again, the past becomes a task.

use aftercare::care::actor::Actor;
use aftercare::care::patient::Reference;
use aftercare::care::task::TaskKind;
use aftercare::journey::commands::record_merge::{self, MergeRequest};
use aftercare::journey::errors::enrolment::EnrolmentError;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::plan::book;
use aftercare::journey::plan::booking_request::{BookingRequest, Tell};
use aftercare::journey::plan::replan::{self, Difference};
use aftercare::journey::plan::replan_preview::PlanChange;
use aftercare::store::db::transaction::Stamp;
use aftercare::store::plan::follow_ups::{Enrolment, FollowUp};

use crate::clinic::{Clinic, Person, day};
use crate::people::slot;

fn active(clinic: &Clinic, reference: &str) -> Enrolment {
    let id = clinic.patient(reference).id;
    let all = clinic.app.store.read(|v| v.enrolments_of(id)).unwrap();
    all.into_iter().find(|e| e.is_active).unwrap()
}

fn shown(clinic: &Clinic, protocol: &str, anchor: &str) -> Difference {
    let course = clinic.course(protocol, day(anchor));
    clinic.difference(PlanChange { old: &active(clinic, "A-1"), course: Some(course.content()) }).unwrap()
}

/// What is open for her, as series, due date and state.
fn open(clinic: &Clinic) -> Vec<(String, String, String)> {
    let id = clinic.patient("A-1").id;
    let all: Vec<FollowUp> = clinic.app.store.read(|v| v.follow_ups_of(id)).unwrap();
    let open = all.into_iter().filter(|f| f.is_open());
    open.map(|f| (f.series, f.owed.due_on.to_string(), f.state.word().to_owned())).collect()
}

fn of<'o>(open: &'o [(String, String, String)], series: &str) -> Vec<(&'o str, &'o str)> {
    open.iter().filter(|(s, ..)| s == series).map(|(_, due, state)| (due.as_str(), state.as_str())).collect()
}

fn book(clinic: &Clinic, series: &str, when: &str) {
    let (patient, app) = (clinic.patient("A-1"), clinic.app.clone());
    let (series, tell) = (Some(series.to_owned()), Tell::Nobody);
    let wish = BookingRequest { series, slot: slot(when), tell, anyway: false };
    clinic.change(move |tx| book::book(tx, &patient, &wish, &app)).unwrap();
}

fn reasons(clinic: &Clinic) -> Vec<String> {
    clinic.tasks().into_iter().map(|t| t.reason).collect()
}

#[test]
fn a_corrected_anchor_writes_no_letter_for_the_past_and_opens_a_task() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.live_until("2026-03-30T00:00");
    clinic.replan("A-1", "high", day("2025-12-20")).unwrap();
    clinic.live_until("2026-05-20T00:00");
    assert_eq!(clinic.task_kinds(), [TaskKind::ReviewPlan]);
    assert_eq!(clinic.post_of("A-1").len(), 2, "only those of the old anchor");
    clinic.live_until("2026-05-24T00:00");
    let last = clinic.letters_to("A-1").pop().unwrap();
    assert_eq!(last.fact("due"), Some("2026-06-22"));
    clinic.is_sound();
}

#[test]
fn a_booked_date_moves_over_with_its_calendar_entry_and_without_a_letter() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-02-01T00:00");
    clinic.replan("A-1", "low", day("2026-01-07")).unwrap();
    clinic.live_until("2026-04-10T00:00");
    let letters = clinic.letters_to("A-1");
    let steps: Vec<_> = letters.iter().flat_map(|l| l.steps()).collect();
    assert_eq!(steps, ["visit:booked", "visit:week-before", "visit:day-before"]);
    assert!(letters.iter().all(|l| l.fact("uid") == letters[0].fact("uid")));
    clinic.is_sound();
}

#[test]
fn a_date_near_which_the_new_plan_owes_nothing_stays_a_visit_of_its_own() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-02-01T00:00");
    let told = shown(&clinic, "low", "2026-01-07");
    assert_eq!(told.booked.iter().map(|one| (one.counts_for, one.stays)).collect::<Vec<_>>(), [(None, true)]);
    clinic.replan("A-1", "low", day("2026-01-07")).unwrap();
    assert!(reasons(&clinic)[0].contains("no visit due near 2026-04-09"), "{:?}", reasons(&clinic));
    clinic.live_until("2026-04-09T18:00");
    clinic.done("A-1", None, day("2026-04-09")).unwrap();
    // The visit of July is owed all the same, and nothing of the old plan comes back.
    assert_eq!(of(&open(&clinic), "visit"), [("2026-07-07", "planned")]);
    clinic.is_sound();
}

#[test]
fn a_date_that_outlived_its_plan_is_called_off_and_asked_about_when_its_record_ends() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.enrol(&Person::new("A-2").on("low", "2026-01-07"));
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.live_until("2026-02-01T00:00");
    clinic.replan("A-1", "low", day("2026-01-07")).unwrap();
    let stamp = Stamp { at: clinic.now(), actor: Actor::Operator("root".to_owned()) };
    let code = |text: &str| Reference::parse(text).unwrap();
    let request = MergeRequest { kept: code("A-2"), other: code("A-1") };
    record_merge::apply(&clinic.app, stamp, request).unwrap();
    let asked: Vec<_> = reasons(&clinic).into_iter().filter(|why| why.contains("2026-04-09")).collect();
    assert!(asked.len() == 1 && asked[0].contains("No letter reminds her"), "{asked:?}");
    let sent = clinic.post_of("A-1").len();
    clinic.live_until("2026-04-10T00:00");
    assert_eq!(clinic.post_of("A-1").len(), sent);
    clinic.is_sound();
}

#[test]
fn a_date_that_outlived_its_plan_is_moved_and_called_off_like_any_other() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.book("A-1", "2026-04-09T11:30").unwrap();
    clinic.replan("A-1", "low", day("2026-01-07")).unwrap();
    clinic.live_until("2026-01-09T00:00");
    clinic.move_to("A-1", "2026-04-14T11:30").unwrap();
    clinic.live_until("2026-04-13T18:00");
    let steps: Vec<_> = clinic.post_of("A-1").into_iter().map(|(_, steps)| steps).collect();
    assert_eq!(steps, ["visit:booked", "visit:changed", "visit:week-before", "visit:day-before"]);
    clinic.call_off("A-1").unwrap();
    clinic.live_until("2026-04-20T00:00");
    assert_eq!(clinic.post_of("A-1").last().unwrap().1, "visit:cancelled");
    assert_eq!(
        of(&open(&clinic), "visit"),
        [("2026-07-07", "planned")],
        "nobody asks for another in its place"
    );
    clinic.is_sound();
}

#[test]
fn done_visits_stay_done() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.live_until("2026-04-07T12:00");
    clinic.done("A-1", None, day("2026-04-07")).unwrap();
    clinic.replan("A-1", "high", day("2026-01-02")).unwrap();
    assert_eq!(clinic.task_kinds(), []);
    clinic.live_until("2026-05-01T00:00");
    clinic.is_sound();
}

#[test]
fn an_appointment_stays_with_its_test_or_a_person_is_asked() {
    let clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("full", "2026-01-07"));
    book(&clinic, "mri", "2026-07-09T11:30");
    clinic.replan("A-1", "full", day("2026-01-20")).unwrap();
    assert_eq!(of(&open(&clinic), "mri"), [("2026-07-20", "booked")]);
    assert_eq!(of(&open(&clinic), "visit"), [("2026-04-20", "planned")]);
    let told = shown(&clinic, "high", "2026-01-20");
    assert_eq!((told.booked[0].series.as_str(), told.booked[0].counts_for), ("mri", None));
    clinic.replan("A-1", "high", day("2026-01-20")).unwrap();
    assert!(open(&clinic).iter().all(|(series, _, state)| series == "visit" && state == "planned"));
    assert!(reasons(&clinic)[0].contains("no mri any more, but a date is booked on 2026-07-09 at 11:30"));
    let patient = clinic.patient("A-1").id;
    let dates = clinic.app.store.read(|v| {
        let all = v.follow_ups_of(patient)?;
        all.into_iter().map(|f| v.appointment_of(f.id)).collect::<Result<Vec<_>, _>>()
    });
    let dates: Vec<_> = dates.unwrap().into_iter().flatten().collect();
    assert_eq!((dates.len(), dates[0].state.word()), (1, "booked"), "nobody called it off");
    clinic.is_sound();
}

#[test]
fn a_visit_overdue_under_the_new_anchor_is_told_and_becomes_one_task_a_series() {
    let clinic = Clinic::open("2027-02-06T10:00");
    clinic.enrol(&Person::new("A-1").on("low", "2024-08-31"));
    let told = shown(&clinic, "low", "2023-11-15");
    assert_eq!(told.past.len(), 1);
    assert_eq!((told.past[0].before, told.past[0].after), (Some(day("2027-08-31")), Some(day("2026-11-15"))));
    clinic.replan("A-1", "low", day("2023-11-15")).unwrap();
    assert_eq!(reasons(&clinic), ["visit would have been due on 2026-11-15; no letter was sent for it."]);
    // The right anchor takes back what the wrong one told.
    clinic.replan("A-1", "low", day("2024-08-31")).unwrap();
    assert_eq!((reasons(&clinic), of(&open(&clinic), "visit")), (vec![], vec![("2027-08-31", "planned")]));
    clinic.replan("A-1", "full", day("2019-11-15")).unwrap();
    let asked = reasons(&clinic);
    assert!(asked.iter().any(|reason| reason.starts_with("mri would have been due 4 times")), "{asked:?}");
    assert!(asked.iter().all(|reason| !reason.starts_with("spine-check")), "dozens of checklists: {asked:?}");
    clinic.is_sound();
}

#[test]
fn a_visit_done_early_is_not_owed_again_under_another_protocol() {
    let mut clinic = Clinic::open("2026-01-30T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-30"));
    clinic.live_until("2026-04-10T12:00");
    clinic.done("A-1", None, day("2026-04-10")).unwrap();
    assert_eq!(shown(&clinic, "held", "2026-01-30").ahead, []);
    clinic.replan("A-1", "held", day("2026-01-30")).unwrap();
    assert_eq!(of(&open(&clinic), "visit"), [("2026-07-30", "planned")]);
    clinic.replan("A-1", "held", day("2026-02-05")).unwrap();
    assert_eq!(of(&open(&clinic), "visit"), [("2026-08-05", "planned")]);
    clinic.is_sound();
}

#[test]
fn what_was_done_of_one_series_hides_nothing_of_another() {
    let mut clinic = Clinic::open("2026-01-30T10:00");
    clinic.enrol(&Person::new("A-1").on("full", "2026-01-30"));
    clinic.live_until("2026-06-10T12:00");
    clinic.done("A-1", None, day("2026-06-10")).unwrap();
    clinic.replan("A-1", "full", day("2025-12-05")).unwrap();
    let asked: Vec<String> = reasons(&clinic).into_iter().filter(|r| r.contains("would have been")).collect();
    assert_eq!(asked[0], "mri would have been due on 2026-06-05; no letter was sent for it.");
    assert!(asked.iter().all(|reason| !reason.starts_with("visit")), "{asked:?}");
    clinic.is_sound();
}

#[test]
fn a_rebased_grid_stays_where_the_visit_put_it() {
    let mut clinic = Clinic::open("2026-01-30T10:00");
    clinic.enrol(&Person::new("A-1").on("rebase", "2026-01-30"));
    clinic.live_until("2026-04-10T12:00");
    clinic.done("A-1", None, day("2026-04-10")).unwrap();
    assert_eq!(of(&open(&clinic), "visit"), [("2026-07-10", "planned")]);
    assert!(shown(&clinic, "rebase", "2026-01-30").is_nothing());
    clinic.replan("A-1", "rebase", day("2026-01-25")).unwrap();
    assert_eq!(of(&open(&clinic), "visit"), [("2026-07-10", "planned")]);
    let told = shown(&clinic, "high", "2026-01-25");
    assert_eq!(
        (told.ahead[0].before, told.ahead[0].after),
        (Some(day("2026-07-10")), Some(day("2026-07-25")))
    );
    clinic.is_sound();
}

#[test]
fn what_does_not_change_keeps_its_letters_and_its_form() {
    let mut clinic = Clinic::open("2026-01-30T10:00");
    clinic.enrol(&Person::new("A-1").on("spine", "2026-01-30"));
    clinic.live_until("2026-03-02T12:00");
    let form = open(&clinic);
    clinic.replan("A-1", "full", day("2026-01-30")).unwrap();
    assert!(open(&clinic).contains(&form[0]));
    clinic.live_until("2026-03-06T00:00");
    let checks: Vec<String> = clinic.post_of("A-1").into_iter().map(|(_, steps)| steps).collect();
    assert_eq!(checks, ["checklist:invite", "checklist:nudge"], "each once");
    clinic.is_sound();
}

#[test]
fn a_plan_that_ends_withdraws_its_letters_and_asks_about_its_dates() {
    let mut clinic = Clinic::open("2026-01-30T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-30").on("full", "2026-01-30"));
    book(&clinic, "mri", "2026-07-29T11:30");
    let (patient, app) = (clinic.patient("A-1"), clinic.app.clone());
    let enrolments = clinic.app.store.read(|v| v.enrolments_of(patient.id)).unwrap();
    let told = clinic.difference(PlanChange { old: &enrolments[1], course: None }).unwrap();
    assert!(told.ahead.iter().all(|line| line.after.is_none()) && told.versions.1.is_none());
    assert_eq!(told.booked.len(), 1);
    let (high, full) = (enrolments[0].clone(), enrolments[1].clone());
    let steps = app.clone();
    clinic.change(move |tx| replan::stop(tx, &full, "no longer needed", &steps)).unwrap();
    assert!(reasons(&clinic)[0].contains("a date is booked on 2026-07-29"));
    clinic.live_until("2026-05-10T00:00");
    assert!(clinic.post_of("A-1").iter().all(|(_, steps)| steps.starts_with("visit:")));
    let last = clinic.change(move |tx| replan::stop(tx, &high, "no longer needed", &app));
    assert!(matches!(last, Err(StepError::Enrolment(EnrolmentError::LastPlan(name))) if name == "high"));
    clinic.is_sound();
}
