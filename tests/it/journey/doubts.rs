//! Letters of unknown fate (P3): marked first, sent again under the same Message-ID, or held for a person.

use aftercare::care::actor::Actor;
use std::sync::Arc;

use aftercare::care::delivery::Arrival;
use aftercare::care::task::TaskKind;
use aftercare::care::time::clock_trust::ClockTrust;
use aftercare::journey::delivery::failure::recover_leases::{LostLeases, recover_leases, resend};
use aftercare::journey::errors::step::StepError;
use aftercare::journey::patients::amend;
use aftercare::ports::Clock;
use jiff::ToSpan;

use super::post;
use crate::clinic::{Clinic, Person, address, at, day, sure};
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
    assert_eq!((clinic.fates()[0].1, clinic.task_kinds()), ("unknown", vec![TaskKind::LetterUnknown]));
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
    clinic.close_task(TaskKind::LetterUnknown);
    clinic.is_sound();
    clinic.live_until("2026-04-09T00:00");
    assert!(!clinic.task_kinds().contains(&TaskKind::LetterUnknown));
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

#[test]
fn a_letter_that_is_always_in_doubt_goes_twice_and_then_waits_for_a_person() {
    let mut clinic = clinic("high");
    clinic.courier.always(Reply::LostAfter);
    clinic.live_until("2026-03-23T09:00");
    clinic.crash();
    assert_eq!(clinic.task_kinds(), [TaskKind::LetterUnknown]);
    clinic.courier.always(Reply::Accept);
    clinic.live_until("2026-04-09T00:00");
    let steps: Vec<_> = clinic.post_of("A-1").into_iter().map(|p| p.1).collect();
    assert_eq!(steps, ["visit:book", "visit:book", "visit:book-again"]);
    let letter = clinic.ledger().remove(0).delivery;
    assert_eq!((letter.state.word(), letter.doubts), ("unknown", 2));
    assert_eq!(letter.arrival(), Some(Arrival::PerhapsTwice));
    assert_eq!(letter.in_doubt_at, Some(at("2026-03-10T09:00")));
    let promises = clinic.app.store.read(|v| v.reminders_of_delivery(letter.id)).unwrap();
    assert_eq!(promises[0].reason.as_deref(), Some("its letter may have arrived; nobody knows"));
    clinic.is_sound();
}

#[test]
fn the_memory_itself_lets_no_letter_go_a_third_time() {
    let mut clinic = clinic("high");
    clinic.courier.always(Reply::LostAfter);
    clinic.live_until("2026-03-11T00:00");
    let other = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
    let again = "UPDATE delivery SET state = 'pending', next_at = 1, ended_at = NULL WHERE doubts = 2";
    let refused = other.execute(again, []).unwrap_err().to_string();
    assert!(refused.contains("CHECK constraint failed"), "{refused}");
}

#[test]
fn what_was_in_doubt_and_then_lapsed_or_failed_says_that_it_may_have_arrived() {
    for (then, state) in [(Reply::Later, "lapsed"), (Reply::Refuse, "failed")] {
        let mut clinic = clinic("high");
        clinic.courier.next(&address("A-1"), &[Reply::LostAfter]);
        clinic.courier.always(then);
        clinic.live_until("2026-03-13T00:00");
        let (_, is, reason) = clinic.fates().remove(0);
        assert_eq!(is, state);
        assert!(reason.starts_with("may have arrived; then: "), "{reason}");
        let letter = clinic.ledger().remove(0).delivery;
        assert_eq!(letter.arrival(), Some(Arrival::Perhaps), "{state}");
        let asked = if state == "lapsed" { TaskKind::LetterUnknown } else { TaskKind::LetterFailed };
        assert_eq!(clinic.task_kinds(), [asked], "{state}");
        assert!(clinic.tasks()[0].reason.contains("may have arrived"), "{}", clinic.tasks()[0].reason);
        clinic.is_sound();
    }
}

/// A visit on 14 April and a form that falls due on 7 April share a letter, which is in doubt.
fn shared() -> Clinic {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07").on("spine", "2026-01-07"));
    clinic.book("A-1", "2026-04-14T10:00").unwrap();
    clinic.live_until("2026-04-07T08:59");
    clinic.courier.collect();
    clinic.courier.next(&address("A-1"), &[Reply::LostAfter]);
    clinic.live_until("2026-04-07T09:10");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-04-07 09:00", "visit:week-before checklist:invite")]));
    clinic
}

#[test]
fn a_letter_in_doubt_goes_again_only_if_all_it_says_is_still_owed() {
    let mut clinic = shared();
    clinic.move_to("A-1", "2026-04-20T10:00").unwrap();
    clinic.live_until("2026-04-08T12:00");
    let said: Vec<_> =
        clinic.letters_to("A-1").iter().map(|l| (l.steps().join(" "), l.text.clone())).collect();
    let old = said.iter().filter(|(_, text)| text.contains("on=2026-04-14")).count();
    assert_eq!(old, 1, "a doubtful 14 April left again after the 20th: {said:?}");
    let steps: Vec<_> = said.iter().map(|(steps, _)| steps.as_str()).collect();
    assert_eq!(steps[..2], ["visit:week-before checklist:invite", "visit:changed"]);
    assert!(
        steps[2..].iter().any(|s| s.contains("invite")),
        "what is still owed goes in a new letter: {steps:?}"
    );
    clinic.is_sound();
}

#[test]
fn what_is_left_of_a_letter_in_doubt_and_falls_in_doubt_again_waits_for_a_person() {
    let mut clinic = shared();
    clinic.move_to("A-1", "2026-04-20T10:00").unwrap();
    clinic.courier.always(Reply::LostAfter);
    clinic.live_until("2026-04-12T00:00");
    let invites = clinic.letters_to("A-1").iter().filter(|l| l.steps().contains(&"checklist:invite")).count();
    assert_eq!(invites, 2, "never more than twice");
    assert!(clinic.task_kinds().contains(&TaskKind::LetterUnknown));
    clinic.is_sound();
}

#[test]
fn a_letter_in_doubt_never_goes_again_to_an_address_that_was_changed() {
    let mut clinic = clinic("high");
    clinic.courier.next(&address("A-1"), &[Reply::LostAfter]);
    clinic.live_until("2026-03-10T09:10");
    let (patient, app) = (clinic.patient("A-1"), clinic.app.clone());
    let email = aftercare::care::address::EmailAddress::parse("new@patients.example").unwrap();
    let email = Some(amend::AddressChange::Replaced(email));
    let correction = amend::Correction { email, ..amend::Correction::default() };
    let ask = amend::Amendment { correction, ..amend::Amendment::default() };
    clinic.change::<_, StepError>(move |tx| amend::amend(tx, patient.id, &ask, &app)).unwrap();
    clinic.live_until("2026-03-12T00:00");
    let sent: Vec<_> = clinic.courier.accepted().into_iter().map(|l| (l.to, l.message_id)).collect();
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert_eq!(sent[1].0, "new@patients.example");
    assert_ne!(sent[0].1, sent[1].1, "another letter, not a twin");
    clinic.is_sound();
}

#[test]
fn a_letter_that_a_line_holds_is_not_rescued_whatever_the_wall_clock_says() {
    let mut clinic = clinic("high");
    let (app, clock) = (clinic.app.clone(), Arc::clone(&clinic.clock));
    clinic.courier.after_accept(move || {
        let (app, clock) = (app.clone(), Arc::clone(&clock));
        Box::pin(async move {
            // The server thinks; meanwhile somebody sets the clock, and the plan loop takes its turn.
            clock.set_wall(clock.now().saturating_add(8.hours()).unwrap());
            for _ in 0..3 {
                let now = sure(clock.now());
                assert_eq!(
                    recover_leases(&app, ClockTrust::Sure(now), LostLeases::Overdue).await.unwrap(),
                    0
                );
                assert_eq!(resend(&app, now).await.unwrap(), 0);
                clock.set_wall(clock.now().saturating_add(20.minutes()).unwrap());
            }
        })
    });
    clinic.live_until("2026-03-10T09:00:01");
    assert_eq!(clinic.fates()[0].1, "sent");
    clinic.live_until("2026-03-11T00:00");
    assert_eq!((clinic.letters_to("A-1").len(), clinic.ledger()[0].delivery.doubts), (1, 0));
    clinic.is_sound();
}

#[test]
fn a_letter_in_hand_that_says_what_is_owed_no_more_is_written_anew() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07").on("spine", "2026-01-07"));
    clinic.book("A-1", "2026-04-14T10:00").unwrap();
    clinic.live_until("2026-04-07T08:59");
    clinic.courier.collect();
    let (app, clock, patient) = (clinic.app.clone(), Arc::clone(&clinic.clock), clinic.patient("A-1"));
    let once = std::sync::Mutex::new(Some(()));
    clinic.courier.before_ready(move || {
        let is_first = once.lock().unwrap().take().is_some();
        let (app, now, patient) = (app.clone(), clock.now(), patient.clone());
        Box::pin(async move {
            if is_first {
                let stamp = aftercare::store::db::transaction::Stamp {
                    at: now,
                    actor: Actor::Operator("nurse".to_owned()),
                };
                let steps = app.clone();
                let off = move |tx: &mut aftercare::store::db::transaction::Tx<'_>| {
                    let wish = aftercare::journey::plan::booking_request::CancellationRequest {
                        series: None,
                        tell: aftercare::journey::plan::booking_request::Tell::Nobody,
                        reason: None,
                    };
                    aftercare::journey::plan::book::call_off(tx, &patient, &wish, &steps.policy).map(drop)
                };
                app.store.write(stamp, off).await.unwrap();
            }
        })
    });
    // Back with nothing to say and taken again in the same transaction: it is in hand all the while.
    let (app, held) = (clinic.app.clone(), Arc::new(std::sync::Mutex::new(Vec::new())));
    let (patient, noted) = (clinic.patient("A-1").id, Arc::clone(&held));
    clinic.courier.before_transfer(move || {
        let waiting = app.store.read(|v| v.letters_waiting(patient)).unwrap();
        noted.lock().unwrap().extend(waiting.iter().map(|letter| app.in_flight.hold(letter.id)));
        Box::pin(async {})
    });
    clinic.live_until("2026-04-07T12:00");
    assert_eq!(clinic.post_of("A-1"), post(&[("2026-04-07 09:00", "checklist:invite")]));
    assert_eq!(*held.lock().unwrap(), [true]);
    clinic.is_sound();
}

#[test]
fn the_end_of_the_program_does_not_wait_for_a_server_that_thinks_and_the_doubt_is_on_record() {
    let mut clinic = clinic("high");
    clinic.enrol(&Person::new("A-2").on("high", "2026-01-07"));
    clinic.live_until("2026-03-10T08:59");
    clinic.sleep_until("2026-03-10T09:00");
    clinic.courier.next(&address("A-1"), &[Reply::HangAfter]);
    let stop = clinic.post.stop.clone();
    let passed = clinic.run(async move |c| {
        tokio::time::pause();
        let stopped = async {
            while c.courier.accepted().len() < 2 {
                tokio::task::yield_now().await;
            }
            stop.cancel();
        };
        // Time stands still but for what is waited for: only the end of the wait for the server is.
        tokio::join!(aftercare::daemon::pass::pass(&c.app, &c.post, LostLeases::Overdue), stopped).0
    });
    assert_eq!(passed.unwrap().delivered.unknown, 1);
    let mut fates: Vec<_> = clinic.fates().into_iter().map(|fate| fate.1).collect();
    fates.sort_unstable();
    assert_eq!(fates, ["sent", "unknown"]);
    assert_eq!(day("2026-03-10"), clinic.ledger()[0].delivery.local_on);
    clinic.is_sound();
}

#[test]
fn other_settings_wait_for_a_server_that_thinks_and_no_letter_goes_twice() {
    let mut clinic = clinic("high");
    clinic.enrol(&Person::new("A-2").on("high", "2026-01-07"));
    clinic.live_until("2026-03-10T08:59");
    clinic.sleep_until("2026-03-10T09:00");
    // The relay asks its virus scanner before it answers the final dot.
    clinic.courier.after_accept(|| Box::pin(tokio::time::sleep(std::time::Duration::from_secs(30))));
    let superseded = clinic.post.superseded.clone();
    let passed = clinic.run(async move |c| {
        tokio::time::pause();
        let saved = async {
            while c.courier.accepted().len() < 2 {
                tokio::task::yield_now().await;
            }
            superseded.cancel();
        };
        tokio::join!(aftercare::daemon::pass::pass(&c.app, &c.post, LostLeases::Overdue), saved).0
    });
    let delivered = passed.unwrap().delivered;
    assert_eq!((delivered.sent, delivered.unknown), (2, 0));
    clinic.post.superseded = tokio_util::sync::CancellationToken::new();
    clinic.live_until("2026-03-12T00:00");
    let taken = ["A-1", "A-2"].map(|reference| clinic.letters_to(reference).len());
    assert_eq!(taken, [1, 1], "nobody got a letter twice");
    clinic.is_sound();
}
