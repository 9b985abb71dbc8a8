//! What the server says: later, slower, never; and what becomes of it when the memory fails meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use aftercare::care::refusal::classify::DialogueStage;
use aftercare::care::task::TaskKind;
use aftercare::journey::delivery::deliver::deliver;
use aftercare::journey::delivery::post::{Post, Recipients};
use aftercare::letter::content::Inputs;
use aftercare::ports::Clock;
use aftercare::store::error::StoreError;
use aftercare::store::mail::delivery::{NewDelivery, Purpose};

use super::post;
use crate::clinic::{Clinic, Person, address};
use crate::courier::Reply;

fn clinic(people: usize) -> Clinic {
    let clinic = Clinic::open("2026-01-07T10:00");
    for number in 0..people {
        clinic.enrol(&Person::new(&format!("A-{number}")).on("high", "2026-01-07"));
    }
    clinic
}

#[test]
fn a_temporary_refusal_is_tried_again_in_the_same_morning() {
    let mut clinic = clinic(1);
    clinic.courier.next(&address("A-0"), &[Reply::Later, Reply::NoLine]);
    clinic.live_until("2026-03-11T00:00");
    let sent = clinic.post_of("A-0");
    assert_eq!((sent.len(), &sent[0].0[..14], clinic.courier.in_flight()), (1, "2026-03-10 09:", 3));
    clinic.is_sound();
}

#[test]
fn a_letter_the_server_never_takes_lapses_and_a_person_is_asked() {
    let mut clinic = clinic(1);
    clinic.courier.always(Reply::Later);
    clinic.live_until("2026-03-13T00:00");
    assert_eq!(clinic.fates()[0].1, "lapsed");
    assert_eq!(clinic.task_kinds(), [TaskKind::LetterLapsed]);
    clinic.is_sound();
}

#[test]
fn an_overloaded_server_gets_a_rest_and_nothing_is_lost() {
    let mut clinic = clinic(40);
    let mut left = 3;
    clinic.courier.weather(move |_, _| {
        left -= i32::from(left > 0);
        if left > 0 { Reply::Busy } else { Reply::Accept }
    });
    clinic.live_until("2026-03-10T09:00:01");
    assert!(clinic.courier.in_flight() <= 4, "one a line: {}", clinic.courier.in_flight());
    assert!(clinic.courier.accepted().len() < 4);
    clinic.live_until("2026-03-10T12:00");
    assert_eq!(clinic.courier.accepted().len(), 40);
    clinic.is_sound();
}

#[test]
fn a_letter_refused_for_good_fails_with_a_task_and_she_goes_on() {
    let mut clinic = clinic(1);
    clinic.courier.next(&address("A-0"), &[Reply::Refuse]);
    clinic.live_until("2026-03-25T00:00");
    assert_eq!(clinic.fates()[0], ("visit:book".to_owned(), "failed", "refused".to_owned()));
    assert_eq!(clinic.task_kinds(), [TaskKind::LetterFailed]);
    assert_eq!(
        clinic.post_of("A-0"),
        post(&[("2026-03-24 09:00", "visit:book")]),
        "the first that reaches her"
    );
    clinic.is_sound();
}

#[test]
fn a_server_that_is_away_costs_a_few_letters_one_attempt_each() {
    let mut clinic = clinic(60);
    clinic.courier.away(true);
    clinic.sleep_until("2026-03-10T09:00:01");
    assert_eq!(clinic.pass().delivered.retry, 3, "three misses in a row, over all four lines");
    let tried = clinic.ledger().iter().filter(|l| l.delivery.attempt > 0).count();
    assert!(tried <= 3 + 4, "{tried}: three that missed, and one on each line meanwhile");
    clinic.courier.away(false);
    clinic.live_until("2026-03-10T14:00");
    assert_eq!(clinic.courier.accepted().len(), 60);
    clinic.is_sound();
}

/// A clinic that lets three letters a minute leave, over four lines, with so many due now.
fn slow(people: usize) -> Clinic {
    let mut clinic = Clinic::with("2026-01-07T10:00", |policy| policy.max_per_minute = 3);
    for number in 0..people {
        clinic.enrol(&Person::new(&format!("A-{number}")).on("high", "2026-01-07"));
    }
    clinic.sleep_until("2026-03-10T09:00");
    clinic
        .run(async |c| {
            aftercare::journey::plan::fall_due::fall_due(&c.app, crate::clinic::sure(c.now())).await
        })
        .unwrap();
    clinic
}

#[test]
fn a_limit_below_the_lines_does_not_keep_a_pass_that_has_carried_everything() {
    let mut clinic = slow(3);
    assert_eq!(clinic.pass().delivered.sent, 3);
    assert_eq!(clinic.pass().delivered.sent, 0);
    clinic.is_sound();
}

#[test]
fn staff_are_told_although_patients_used_up_the_minute_and_the_server_asked_for_a_rest() {
    let mut clinic = slow(3);
    assert_eq!(clinic.pass().delivered.sent, 3);
    clinic.post.rate_limit.rest(clinic.clock.monotonic());
    let on = crate::clinic::day("2026-03-10");
    let (language, detail) = ("en".to_owned(), "minimal".to_owned());
    let inputs = Inputs {
        language,
        detail,
        name: None,
        written_on: on,
        items: Vec::new(),
        no_cover: false,
        acts_for: None,
        country: None,
    };
    let letter = NewDelivery {
        patient: None,
        recipient: Some("nurses@clinic.example".to_owned()),
        purpose: Purpose::Alert,
        local_on: on,
        next_at: clinic.now(),
        expires_at: crate::clinic::at("2026-03-11T09:00"),
        on_unknown: aftercare::care::plan::protocol::OnUnknown::Resend,
        inputs: Some(serde_json::to_string(&inputs).unwrap()),
    };
    clinic.change::<_, StoreError>(move |tx| tx.enqueue(&letter)).unwrap();
    let told = clinic.run(async |c| {
        let post = Post { readers: Recipients::Staff, ..c.post.clone() };
        deliver(&c.app, &post).await
    });
    assert_eq!(told.unwrap().sent, 1);
}

#[test]
fn what_could_not_be_recorded_is_brought_again_and_nothing_goes_twice() {
    for looks_ahead in [false, true] {
        let mut clinic = clinic(20);
        if looks_ahead {
            clinic.courier.look_ahead();
        }
        clinic.live_until("2026-03-10T08:59");
        clinic.sleep_until("2026-03-10T09:00");
        // Once the first letter is taken no turn comes to its end, for as long as a backup tool may hold the disk.
        let (path, once) = (clinic.app.store.path().to_owned(), std::sync::Once::new());
        clinic.courier.after_accept(move || {
            once.call_once(|| refuse_for(&path, Duration::from_millis(200)));
            Box::pin(async {})
        });
        let passed = clinic.pass();
        assert_eq!(passed.delivered.sent, 20);
        let states: Vec<_> =
            clinic.ledger().iter().map(|l| (l.delivery.state.word(), l.delivery.doubts)).collect();
        assert_eq!(states, vec![("sent", 0); 20]);
        assert_eq!(clinic.courier.accepted().len(), 20);
        clinic.is_sound();
    }
}

#[test]
fn what_could_not_be_recorded_is_brought_again_though_the_program_ends_or_other_settings_come() {
    for ends in [|post: &Post| post.stop.clone(), |post: &Post| post.superseded.clone()] {
        let mut clinic = clinic(20);
        clinic.live_until("2026-03-10T08:59");
        clinic.sleep_until("2026-03-10T09:00");
        let (path, once, end) =
            (clinic.app.store.path().to_owned(), std::sync::Once::new(), ends(&clinic.post));
        clinic.courier.after_accept(move || {
            once.call_once(|| {
                refuse_for(&path, Duration::from_secs(2));
                let end = end.clone();
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_millis(250));
                    end.cancel();
                });
            });
            Box::pin(async {})
        });
        clinic.pass();
        let sent = clinic.ledger().iter().filter(|l| l.delivery.state.word() == "sent").count();
        assert_eq!(sent, clinic.courier.accepted().len(), "what the server took is on record");
        let in_hand = clinic.ledger().iter().filter(|l| l.delivery.state.word() == "claimed").count();
        assert_eq!(in_hand, 0, "none is left to be marked unknown and to go twice");
    }
}

#[test]
fn a_server_that_is_overloaded_before_any_letter_gets_its_rest_too() {
    let mut clinic = clinic(40);
    clinic.sleep_until("2026-03-10T09:00:01");
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    clinic.courier.before_ready(move || {
        count.fetch_add(1, Ordering::Relaxed);
        Box::pin(async {})
    });
    clinic.courier.turns_away(Some((DialogueStage::Connection, "421 4.3.2 too many connections")));
    clinic.pass();
    let first = asked.load(Ordering::Relaxed);
    assert!((1..=4).contains(&first), "one a line: {first}");
    for _ in 0..5 {
        clinic.pass();
    }
    assert_eq!(asked.load(Ordering::Relaxed), first, "nobody knocks for a minute");
    clinic.courier.turns_away(None);
    clinic.live_until("2026-03-10T14:00");
    assert_eq!(clinic.courier.accepted().len(), 40);
    clinic.is_sound();
}

/// Lets whatever takes letters in hand fail as a whole for so long.
fn refuse_for(database: &std::path::Path, span: Duration) {
    let other = rusqlite::Connection::open(database).unwrap();
    other.busy_timeout(Duration::from_secs(10)).unwrap();
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON audit_event WHEN new.action = 'delivery.claimed' \
                  BEGIN SELECT RAISE(ABORT, 'not now'); END";
    other.execute_batch(refuse).unwrap();
    std::thread::spawn(move || {
        std::thread::sleep(span);
        other.execute_batch("DROP TRIGGER refuse").unwrap();
    });
}
