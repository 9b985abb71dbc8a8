//! Letters that our server took and another refused because of us (P14): they go again, not for ever, and a 250 of ours ends nothing.

use aftercare::care::actor::Actor;
use aftercare::care::patient::PatientStatus;
use aftercare::care::task::TaskKind;
use aftercare::journey::delivery::failure::server_refusal;
use aftercare::store::db::transaction::Stamp;
use jiff::SignedDuration;

use super::bounces::{said, take};
use super::sent;
use crate::clinic::{Clinic, Person};
use crate::courier::Accepted;

/// Another server refuses us after ours has taken the letter.
fn listed(clinic: &Clinic, letter: &Accepted) {
    let words = "Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org";
    take(clinic, &said(&letter.envelope, "", ("failed", "5.7.1", words)));
}

fn wait(clinic: &mut Clinic, minutes: i64) {
    let until = clinic.now().saturating_add(SignedDuration::from_mins(minutes)).unwrap();
    clinic.live_to(until);
}

#[test]
fn what_came_back_because_of_us_goes_again_and_others_wait_until_it_stays_away() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    for reference in ["A-1", "A-2"] {
        clinic.enrol(&Person::new(reference).on("high", "2026-01-07"));
    }
    clinic.live_until("2026-03-10T10:00");
    let [one, two] = ["A-1", "A-2"].map(|reference| clinic.letters_to(reference).remove(0));
    listed(&clinic, &one);
    listed(&clinic, &two);
    let states = |clinic: &Clinic| clinic.fates().iter().map(|fate| fate.1).collect::<Vec<_>>();
    assert_eq!((states(&clinic), clinic.task_kinds()), (vec!["pending"; 2], vec![TaskKind::MailRefused]));
    // The one that came back last asks. That our server takes it proves nothing.
    wait(&mut clinic, 20);
    assert_eq!((clinic.letters_to("A-1").len(), clinic.letters_to("A-2").len()), (1, 2));
    assert_eq!(clinic.task_kinds(), [TaskKind::MailRefused]);
    listed(&clinic, &two);
    wait(&mut clinic, 50);
    assert_eq!((clinic.letters_to("A-1").len(), clinic.letters_to("A-2").len()), (1, 3));
    assert_eq!(clinic.task_kinds(), [TaskKind::MailRefused]);
    wait(&mut clinic, 40);
    assert_eq!((clinic.letters_to("A-1").len(), clinic.letters_to("A-2").len()), (2, 3));
    assert_eq!((states(&clinic), clinic.task_kinds()), (vec!["sent"; 2], vec![]));
    clinic.is_sound();
}

#[test]
fn a_letter_that_comes_back_again_and_again_goes_round_no_more_than_four_times() {
    let (mut clinic, letter) = sent();
    for again in 1..=4 {
        listed(&clinic, &letter);
        assert_eq!(
            (clinic.fates()[0].1, clinic.task_kinds()),
            ("pending", vec![TaskKind::MailRefused]),
            "{again}"
        );
        // Five minutes, ten, twenty, forty: it asks as rarely as any probe.
        for _ in 0..13 {
            wait(&mut clinic, 5);
            if clinic.letters_to("A-1").len() > again {
                break;
            }
        }
        assert_eq!((clinic.fates()[0].1, clinic.letters_to("A-1").len()), ("sent", again + 1));
    }
    listed(&clinic, &letter);
    assert_eq!(clinic.fates()[0].1, "failed");
    assert!(clinic.task_kinds().contains(&TaskKind::LetterFailed), "{:?}", clinic.task_kinds());
    wait(&mut clinic, 300);
    assert_eq!(clinic.letters_to("A-1").len(), 5);
    clinic.is_sound();
}

#[test]
fn what_came_back_because_of_us_and_may_not_go_again_asks_a_person() {
    let (clinic, letter) = sent();
    clinic.status("A-1", PatientStatus::Paused);
    listed(&clinic, &letter);
    assert_eq!(clinic.fates()[0].1, "failed");
    assert!(clinic.task_kinds().contains(&TaskKind::LetterFailed), "{:?}", clinic.task_kinds());
    clinic.is_sound();
}

#[test]
fn a_person_need_not_wait_until_a_letter_stays_away() {
    let (mut clinic, letter) = sent();
    listed(&clinic, &letter);
    let stamp = Stamp { at: clinic.now(), actor: Actor::Operator("root".to_owned()) };
    server_refusal::flush(&clinic.app, stamp).unwrap();
    assert_eq!(clinic.task_kinds(), []);
    clinic.pass();
    assert_eq!((clinic.fates()[0].1, clinic.letters_to("A-1").len()), ("sent", 2));
    clinic.is_sound();
}

#[test]
fn a_notice_tells_by_the_address_it_names_whether_it_is_about_us_or_about_her() {
    let (clinic, letter) = sent();
    let (_, ours) = letter.message_id.split_once('@').unwrap();
    let words = format!("550 Callout to <care@{ours}> failed: no such user");
    take(&clinic, &said(&letter.envelope, "", ("failed", "5.0.0", &words)));
    assert_eq!((clinic.fates()[0].1, clinic.task_kinds()), ("pending", vec![TaskKind::MailRefused]));
    clinic.is_sound();

    let (clinic, letter) = sent();
    let words = format!("550 Mailbox {} does not exist", letter.to);
    take(&clinic, &said(&letter.envelope, "", ("failed", "5.0.0", &words)));
    assert_eq!(clinic.fates()[0].1, "failed");
    assert!(clinic.task_kinds().contains(&TaskKind::AddressBad), "{:?}", clinic.task_kinds());
    clinic.is_sound();
}
