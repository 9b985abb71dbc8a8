//! Taking someone in: what lies before today was never promised, and nobody falls out on the first day.

use aftercare::care::patient::PatientStatus;
use aftercare::care::task::TaskKind;

use aftercare::journey::commands::record_preview::preview_admission;
use aftercare::journey::plan::enrol::Admission;
use aftercare::store::db::transaction::Stamp;

use super::{post, refused};
use crate::clinic::{Clinic, Person, at, day};

#[test]
fn letters_to_book_leave_28_and_14_days_before_at_nine_in_her_zone() {
    let mut clinic = Clinic::open("2026-01-05T10:00");
    for (reference, zone) in
        [("A-1", "Europe/Madrid"), ("A-2", "Pacific/Auckland"), ("A-3", "America/Bogota")]
    {
        clinic.enrol(&Person::new(reference).zone(zone).on("high", "2026-01-05"));
    }
    clinic.live_until("2026-04-20T00:00");
    for reference in ["A-1", "A-2", "A-3"] {
        // Due on Sunday 5 April: 28 days before is Sunday 8 March, moved back to Friday; 14 days before likewise.
        let expected = post(&[("2026-03-06 09:00", "visit:book"), ("2026-03-20 09:00", "visit:book-again")]);
        assert_eq!(clinic.post_of(reference), expected, "{reference}");
    }
    assert_eq!(clinic.task_kinds(), [TaskKind::NotBooked; 3]);
    clinic.is_sound();
}

#[test]
fn an_anchor_years_ago_sends_nothing_old() {
    let mut clinic = Clinic::open("2026-01-05T10:00");
    clinic.enrol(&Person::new("A-1").on("full", "2024-06-20"));
    assert_eq!(clinic.pass().delivered.sent, 0);
    clinic.live_until("2026-01-20T00:00");
    assert_eq!(clinic.ledger().len(), 0);
    clinic.is_sound();
}

/// Taken in on 10 May: the first visit was due on 30 April, the second is due on 31 July.
fn late(next_visit: Option<&str>) -> Clinic {
    let clinic = Clinic::open("2026-05-11T10:00");
    let mut person = Person::new("A-1").on("high", "2026-01-31");
    person.next_visit = next_visit.map(crate::people::slot);
    clinic.enrol(&person);
    clinic
}

#[test]
fn a_visit_past_due_at_enrolment_may_still_take_place() {
    let mut clinic = late(Some("2026-05-15T10:00"));
    assert_eq!(clinic.numbers("A-1"), [1, 2]);
    clinic.live_until("2026-05-15T18:00");
    clinic.done("A-1", None, day("2026-05-15")).unwrap();
    assert_eq!(clinic.numbers("A-1"), [2], "the visit of 15 May is the first, not the second");
    clinic.live_until("2026-07-06T00:00");
    let steps: Vec<_> = clinic.post_of("A-1").into_iter().map(|p| p.1).collect();
    assert_eq!(steps, ["visit:day-before", "visit:book"]);
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
}

#[test]
fn a_visit_past_due_at_enrolment_and_not_booked_is_a_persons_and_brings_no_letter() {
    let mut clinic = late(None);
    clinic.pass();
    assert_eq!((clinic.task_kinds(), clinic.ledger().len()), (vec![TaskKind::NotBooked], 0));
    clinic.done("A-1", None, day("2026-05-02")).unwrap();
    assert_eq!((clinic.task_kinds(), clinic.numbers("A-1")), (vec![], vec![2]));
    clinic.is_sound();
}

#[test]
fn whoever_has_a_date_beyond_the_window_of_a_visit_past_due_is_not_asked_about_it() {
    let mut clinic = late(Some("2026-07-28T10:00"));
    clinic.pass();
    assert_eq!((clinic.task_kinds(), clinic.numbers("A-1")), (vec![], vec![2]));
    clinic.is_sound();
}

#[test]
fn a_visit_due_too_soon_for_a_letter_is_a_persons_from_the_first_day() {
    let clinic = Clinic::open("2026-04-20T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-31"));
    let mut booked = Person::new("A-2").on("high", "2026-01-31");
    booked.next_visit = Some(crate::people::slot("2026-04-29T10:00"));
    clinic.enrol(&booked);
    clinic.enrol(&Person::new("A-3").on("high", "2026-02-20"));
    let tasks = clinic.tasks();
    assert_eq!(clinic.task_kinds(), [TaskKind::NotBooked]);
    assert_eq!(tasks[0].reason, "visit 1 is due on 2026-04-30, too soon for a letter.");
    clinic.is_sound();
}

#[test]
fn a_skipped_hour_gives_the_first_instant_after_it_and_a_repeated_one_is_sent_once() {
    let mut clinic = Clinic::with("2026-01-05T10:00", |p| {
        p.hours.days.weekdays = jiff::civil::Weekday::Monday.cycle_forward().take(7).collect();
        (p.hours.opens, p.hours.at) = (jiff::civil::time(0, 0, 0, 0), jiff::civil::time(2, 30, 0, 0));
    });
    // Sunday 29 March 2026 has no 02:30 in Madrid; Sunday 25 October has it twice.
    clinic.enrol(&Person::new("A-1").on("spine", "2026-02-28"));
    clinic.enrol(&Person::new("A-2").on("spine", "2026-01-29"));
    clinic.enrol(&Person::new("A-3").on("spine", "2026-01-25"));
    clinic.live_until("2026-10-26T00:00");
    let march: Vec<_> = clinic.post_of("A-2").into_iter().filter(|p| p.0.starts_with("2026-03-29")).collect();
    assert_eq!(march, post(&[("2026-03-29 03:00", "checklist:invite")]));
    let october: Vec<_> =
        clinic.post_of("A-3").into_iter().filter(|p| p.0.starts_with("2026-10-25")).collect();
    assert_eq!(october, post(&[("2026-10-25 02:30", "checklist:invite")]));
    clinic.is_sound();
}

#[test]
fn month_ends_clamp_from_the_anchor_and_never_drift() {
    let mut clinic = Clinic::with("2027-11-01T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("spine", "2027-10-31"));
    clinic.live_until("2028-06-05T00:00");
    let dues: Vec<String> = clinic
        .letters_to("A-1")
        .iter()
        .filter(|l| l.steps() == ["checklist:invite"])
        .map(|l| l.fact("due").unwrap().to_owned())
        .collect();
    assert_eq!(dues[..5], ["2027-11-30", "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31"]);
    clinic.is_sound();
}

#[test]
fn someone_without_an_address_or_a_plan_or_with_a_status_that_needs_a_person_has_a_task_at_once() {
    let clinic = Clinic::open("2026-01-05T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-05").without_address());
    clinic.enrol(&Person::new("A-2"));
    clinic.enrol(&Person::new("A-3").on("short", "2020-01-05"));
    clinic.is_sound();
    assert_eq!(clinic.task_kinds(), [TaskKind::Unreachable, TaskKind::ReviewPlan, TaskKind::ProtocolEnded]);
    for (number, status) in PatientStatus::ALL.into_iter().enumerate() {
        clinic.enrol(&Person::new(&format!("B-{number}")).on("high", "2026-01-05").status(status));
    }
    clinic.is_sound();
}

#[test]
fn someone_without_an_address_gets_tasks_instead_of_letters() {
    let mut clinic = Clinic::open("2026-01-05T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-05").without_address());
    clinic.close_task(TaskKind::Unreachable);
    clinic.live_until("2026-03-10T00:00");
    assert_eq!((clinic.ledger().len(), clinic.task_kinds()), (0, vec![TaskKind::Unreachable]));
    clinic.is_sound();
}

#[test]
fn the_same_case_code_and_an_unmarked_shared_address_are_refused() {
    let clinic = Clinic::open("2026-01-05T10:00");
    let ana = Person::new("A-1").on("high", "2026-01-05");
    clinic.enrol(&ana);
    let mut twin = ana.clone();
    twin.newcomer.email = None;
    assert_eq!(refused(clinic.try_enrol(&twin)), "case code `A-1` is taken");
    let sister = Person::new("A-2").on("high", "2026-01-05").sharing("a-1@patients.example");
    assert!(refused(clinic.try_enrol(&sister)).starts_with("another patient uses the same address"));
    clinic.is_sound();
}

#[test]
fn no_patient_may_have_the_case_code_of_the_canary() {
    let clinic = Clinic::open("2026-01-05T10:00");
    let told = refused(clinic.try_enrol(&Person::new("aftercare-canary").on("high", "2026-01-05")));
    assert_eq!(told, "case code `aftercare-canary` is kept for the daily test of the chain");
    clinic.is_sound();
}

#[test]
fn the_same_name_and_birth_date_under_two_case_codes_is_one_question_to_a_person() {
    let clinic = Clinic::open("2026-01-05T10:00");
    for (reference, name) in [("A-1", "Inés"), ("A-2", "inés"), ("A-3", "Inés"), ("A-4", "Berta")] {
        clinic.enrol(&Person::new(reference).named(name).on("high", "2026-01-05"));
    }
    assert_eq!(clinic.task_kinds(), [TaskKind::DuplicateSuspected], "one question for all three");
    assert_eq!(clinic.tasks()[0].reason, "Same name and birth date as A-1.");
    clinic.close_task(TaskKind::DuplicateSuspected);
    clinic.enrol(&Person::new("A-5").named("Inés").on("high", "2026-01-05"));
    assert_eq!(clinic.task_kinds(), [TaskKind::DuplicateSuspected], "someone new is a new question");
    clinic.is_sound();
}

#[test]
fn a_nudge_whose_invitation_never_left_is_the_invitation() {
    let mut clinic = Clinic::with("2026-02-12T10:00", |p| p.weekly_cap = 7);
    // Her form was due this morning, before she was taken in.
    let late = Person::new("A-1").on("spine", "2026-01-12");
    let preview = preview_admission(
        &clinic.app,
        Stamp::daemon(at("2026-02-12T10:00")),
        Admission {
            newcomer: late.newcomer.clone(),
            courses: vec![clinic.course("spine", day("2026-01-12"))],
            waiting: Vec::new(),
            next_visit: None,
        },
    );
    let coming: Vec<_> =
        preview.unwrap().coming.into_iter().take(2).map(|step| (step.on, step.step)).collect();
    let named = |on: &str, step: &str| (day(on), step.to_owned());
    assert_eq!(
        coming,
        [named("2026-02-13", "invite"), named("2026-02-16", "nudge-again")],
        "and the check says so"
    );
    clinic.enrol(&late);
    clinic.live_until("2026-02-28T00:00");
    let expected = [("2026-02-13 09:00", "checklist:invite"), ("2026-02-16 09:00", "checklist:nudge-again")];
    assert_eq!(clinic.post_of("A-1"), post(&expected));
    clinic.is_sound();
}

#[test]
fn we_wrote_to_you_is_said_only_where_we_did() {
    let mut clinic = Clinic::open("2026-03-10T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-05"));
    clinic.live_until("2026-03-30T00:00");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-03-20 09:00", "visit:book")]));
    clinic.is_sound();
}
