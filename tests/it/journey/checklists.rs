//! Checklists: invited monthly, nudged twice, and a person after two silent months (P7).

use aftercare::care::task::TaskKind;

use super::post;
use crate::clinic::{Clinic, Covered, Person, day};

#[test]
fn each_month_brings_an_invitation_and_nudges_within_the_caps() {
    let mut clinic = Clinic::with("2026-01-12T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("spine", "2026-01-12"));
    clinic.live_until("2026-02-28T00:00");
    let expected = [
        ("2026-02-12 09:00", "checklist:invite"),
        ("2026-02-13 09:00", "checklist:nudge"),
        ("2026-02-16 09:00", "checklist:nudge-again"),
    ];
    assert_eq!(clinic.post_of("A-1"), post(&expected));
    assert!(
        clinic.letters_to("A-1").iter().all(|l| l.text.contains("checklist=https://care.clinic.example/c/"))
    );
    clinic.is_sound();
}

#[test]
fn due_on_a_saturday_the_invitation_leaves_on_monday_and_both_nudges_keep_their_distance() {
    let mut clinic = Clinic::with("2026-01-14T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("spine", "2026-01-14"));
    clinic.live_until("2026-02-28T00:00");
    let expected = [
        ("2026-02-16 09:00", "checklist:invite"),
        ("2026-02-17 09:00", "checklist:nudge"),
        ("2026-02-19 09:00", "checklist:nudge-again"),
    ];
    assert_eq!(clinic.post_of("A-1"), post(&expected));
    clinic.is_sound();
}

#[test]
fn the_weekly_cap_holds_a_third_letter_back() {
    let mut clinic = Clinic::open("2026-01-12T10:00");
    clinic.enrol(&Person::new("A-1").on("spine", "2026-01-12"));
    clinic.live_until("2026-02-28T00:00");
    let expected = [("2026-02-12 09:00", "checklist:invite"), ("2026-02-13 09:00", "checklist:nudge")];
    assert_eq!(clinic.post_of("A-1"), post(&expected));
    assert_eq!(clinic.task_kinds(), [], "the form is awaited all the same");
    clinic.is_sound();
}

#[test]
fn an_answer_stops_the_nudges_and_two_silent_months_ask_a_person() {
    let mut clinic = Clinic::with("2026-01-12T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("spine", "2026-01-12"));
    clinic.live_until("2026-02-12T12:00");
    clinic.done("A-1", Some("spine-check"), day("2026-02-12")).unwrap();
    clinic.live_until("2026-03-12T00:00");
    assert_eq!(clinic.post_of("A-1").len(), 1);
    clinic.live_until("2026-04-13T00:00");
    assert_eq!(clinic.task_kinds(), []);
    clinic.live_until("2026-05-13T00:00");
    assert_eq!(clinic.task_kinds(), [TaskKind::Silent]);
    clinic.is_sound();
}

#[test]
fn a_letter_that_asks_for_no_form_counts_neither_as_asking_nor_as_silence() {
    let mut clinic = Clinic::with("2026-01-12T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("spine", "2026-01-12"));
    clinic.covered(Covered::No);
    clinic.live_until("2026-05-13T00:00");
    assert!(!clinic.letters_to("A-1").is_empty(), "she is told that nobody can read forms");
    assert!(!clinic.task_kinds().contains(&TaskKind::Silent));
    let silent = aftercare::journey::answers::nonresponse::silent(
        &clinic.app,
        clinic.now(),
        aftercare::journey::answers::nonresponse::ListPage { limit: 100, skip: 0 },
    )
    .unwrap()
    .ranked;
    assert!(silent.is_empty(), "{silent:?}");
    // With somebody there again, two forms that come back empty-handed are silence.
    clinic.covered(Covered::Yes);
    clinic.live_until("2026-07-13T00:00");
    assert!(clinic.task_kinds().contains(&TaskKind::Silent));
    assert!(
        !aftercare::journey::answers::nonresponse::silent(
            &clinic.app,
            clinic.now(),
            aftercare::journey::answers::nonresponse::ListPage { limit: 100, skip: 0 }
        )
        .unwrap()
        .ranked
        .is_empty()
    );
    clinic.is_sound();
}

#[test]
fn who_is_rung_first_is_the_longest_and_riskiest_silence_page_by_page() {
    use aftercare::journey::answers::nonresponse::{ListPage, silent};

    use crate::clinic::address;
    use crate::courier::Reply;
    let mut clinic = Clinic::open("2026-01-07T10:00");
    for (number, anchor) in
        ["2020-03-12", "2024-01-12", "2025-11-12", "2026-01-12", "2022-12-30"].iter().enumerate()
    {
        clinic.enrol(&Person::new(&format!("A-{number}")).on("spine", anchor));
    }
    clinic.courier.next(&address("A-1"), &[Reply::BadAddress]);
    clinic.live_until("2026-07-13T00:00");
    let page = |limit, skip| silent(&clinic.app, clinic.now(), ListPage { limit, skip }).unwrap();
    let whole = page(100, 0);
    let weights: Vec<i32> = whole.ranked.iter().map(|one| one.weight).collect();
    assert!(weights.is_sorted_by(|a, b| a >= b) && weights[0] > weights[weights.len() - 1], "{weights:?}");
    assert_eq!((whole.total as usize, weights.len()), (5, 5));
    let codes = |from: &aftercare::journey::answers::nonresponse::Silent| -> Vec<String> {
        from.ranked.iter().map(|one| one.silence.reference.clone()).collect()
    };
    let pages: Vec<String> = [0, 2, 4].iter().flat_map(|skip| codes(&page(2, *skip))).collect();
    assert_eq!(pages, codes(&whole));
}

#[test]
fn while_nobody_can_read_a_form_she_is_told_once_and_her_silence_counts_for_nothing() {
    let mut clinic = Clinic::with("2026-01-12T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("spine", "2026-01-12"));
    clinic.covered(Covered::No);
    clinic.live_until("2026-04-20T00:00");
    let told = |clinic: &Clinic| -> Vec<String> {
        clinic.post_of("A-1").iter().map(|(at, step)| format!("{} {step}", &at[..10])).collect()
    };
    let invited = ["2026-02-12", "2026-03-12", "2026-04-13"].map(|on| format!("{on} checklist:invite"));
    assert_eq!(told(&clinic), invited, "one a form, and no nudge for what was not offered");
    assert_eq!(clinic.task_kinds().iter().filter(|k| **k == TaskKind::NotAsked).count(), 1);
    assert!(!clinic.task_kinds().contains(&TaskKind::Silent), "nobody asked her");
    clinic.is_sound();
    // Somebody is there again: what she was not offered is offered, and from here her silence counts.
    clinic.covered(Covered::Yes);
    clinic.live_until("2026-05-04T00:00");
    assert_eq!(told(&clinic).len(), 3, "the nudges of April had passed");
    clinic.live_until("2026-07-20T00:00");
    assert!(told(&clinic).iter().any(|letter| letter.ends_with("checklist:nudge")));
    assert!(clinic.task_kinds().contains(&TaskKind::Silent));
    clinic.is_sound();
}

#[test]
fn a_form_that_was_not_offered_is_offered_as_soon_as_somebody_can_read_it() {
    let mut clinic = Clinic::with("2026-01-12T10:00", |p| p.weekly_cap = 7);
    clinic.enrol(&Person::new("A-1").on("spine", "2026-01-12"));
    clinic.covered(Covered::No);
    clinic.live_until("2026-02-12T20:00");
    clinic.covered(Covered::Yes);
    clinic.live_until("2026-02-13T20:00");
    let letters = clinic.post_of("A-1");
    assert_eq!(letters.iter().map(|(_, step)| step.as_str()).collect::<Vec<_>>(), ["checklist:invite"; 2]);
    clinic.is_sound();
}
