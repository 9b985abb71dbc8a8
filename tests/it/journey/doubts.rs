//! Letters of unknown fate (P3): marked first, sent again under the same Message-ID, or held for a person.

use aftercare::care::task::Kind;

use crate::clinic::{Clinic, Person, address};
use crate::courier::Reply;

fn clinic(protocol: &str) -> Clinic {
    let clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on(protocol, "2026-01-07"));
    clinic
}

#[test]
fn a_letter_in_doubt_rests_and_goes_again_under_the_same_message_id() {
    let mut clinic = clinic("high");
    clinic.courier.next(&address("A-1"), &[Reply::LostAfter]);
    clinic.live_until("2026-03-10T09:10");
    assert_eq!(clinic.fates()[0].1, "unknown");
    clinic.live_until("2026-03-11T00:00");
    let twins = clinic.letters_to("A-1");
    assert_eq!((twins.len(), &twins[0].message_id), (2, &twins[1].message_id));
    assert_eq!(
        (twins[0].text.clone(), &clinic.post_of("A-1")[1].0[..]),
        (twins[1].text.clone(), "2026-03-10 09:15")
    );
    assert_eq!(clinic.fates()[0].1, "sent");
    clinic.is_sound();
}

#[test]
fn where_the_protocol_holds_a_doubt_stays_and_a_person_asks_her() {
    let mut clinic = clinic("held");
    clinic.courier.next(&address("A-1"), &[Reply::LostBefore]);
    clinic.live_until("2026-03-20T00:00");
    assert_eq!((clinic.fates()[0].1, clinic.task_kinds()), ("unknown", vec![Kind::LetterUnknown]));
    clinic.is_sound();
}

#[test]
fn a_doubt_whose_promise_was_withdrawn_does_not_go_again() {
    let mut clinic = clinic("high");
    clinic.courier.next(&address("A-1"), &[Reply::LostAfter]);
    clinic.live_until("2026-03-10T09:10");
    clinic.book("A-1", "2026-04-08T10:00").unwrap();
    clinic.live_until("2026-03-12T00:00");
    let steps: Vec<String> = clinic.post_of("A-1").into_iter().map(|p| p.1).collect();
    assert_eq!(steps, ["visit:book", "visit:booked"]);
    clinic.is_sound();
}

#[test]
fn a_doubt_that_a_person_dealt_with_asks_nobody_again_and_ends_its_promise() {
    let mut clinic = clinic("held");
    clinic.courier.next(&address("A-1"), &[Reply::LostAfter]);
    clinic.live_until("2026-03-10T10:00");
    clinic.close_task(Kind::LetterUnknown);
    clinic.is_sound();
    clinic.live_until("2026-04-09T00:00");
    assert!(!clinic.task_kinds().contains(&Kind::LetterUnknown));
    let promises = clinic.app.store.read(|v| v.promises()).unwrap();
    assert!(promises.iter().all(|(state, _)| state != "due"), "{promises:?}");
    clinic.is_sound();
}

#[test]
fn nothing_new_joins_a_letter_in_doubt() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.courier.next(&address("A-1"), &[Reply::LostBefore]);
    clinic.live_until("2026-03-10T09:15:10");
    clinic.courier.always(Reply::Later);
    clinic.live_until("2026-03-10T09:20");
    clinic.courier.always(Reply::Accept);
    clinic.live_until("2026-03-12T00:00");
    let letters = clinic.letters_to("A-1");
    assert!(letters.iter().all(|l| l.steps() == ["visit:book"]));
    clinic.is_sound();
}
