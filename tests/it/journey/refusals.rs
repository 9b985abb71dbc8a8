//! The server refuses us (P14): no letter and no address is lost by it, one task says so, and everything goes when it is mended.

use aftercare::care::actor::Actor;
use aftercare::care::patient::PatientStatus;
use aftercare::care::plan::protocol::OnUnknown;
use aftercare::care::refusal::classify::DialogueStage::{self, Body, Connection, Recipient, Sender, SignIn};
use aftercare::care::task::TaskKind;
use aftercare::journey::delivery::failure::server_refusal;
use aftercare::letter::content::Inputs;
use aftercare::store::db::transaction::Stamp;
use aftercare::store::error::StoreError;
use aftercare::store::mail::delivery::{NewDelivery, Purpose};
use jiff::ToSpan;

use crate::clinic::{Clinic, Person, address};
use crate::courier::Reply;

/// What was seen to cost every letter that was due, or every address: where, in which words, and what the task advises.
const SEEN: [(DialogueStage, &str, &str); 9] = [
    (
        Recipient,
        "550 5.1.90 Your message can't be sent because you've reached your daily limit for message recipients",
        "limit",
    ),
    (Sender, "530 5.7.57 Client not authenticated to send mail.", "username"),
    (Recipient, "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname", "mail.smtp.hello"),
    (Body, "550 5.4.5 Daily user sending limit exceeded.", "limit"),
    (Recipient, "554 5.7.1 <address>: Relay access denied", "does not carry"),
    (Body, "550 5.1.8 Access denied, bad outbound sender AS(42003)", "blocked"),
    (
        Recipient,
        "554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org",
        "blocklist",
    ),
    (Recipient, "553 5.7.1 <address>: Sender address rejected: not owned by user letters", "mail.from"),
    (Body, "550 5.7.26 Your email has been blocked because the sender is unauthenticated.", "SPF"),
];

/// So many people, each with a letter due now.
fn due(people: usize) -> Clinic {
    let clinic = Clinic::open("2026-01-07T10:00");
    for number in 0..people {
        clinic.enrol(&Person::new(&format!("A-{number}")).on("high", "2026-01-07"));
    }
    clinic.sleep_until("2026-03-10T09:00:01");
    clinic
}

fn wait(clinic: &Clinic, minutes: i64) {
    clinic.clock.advance_to(clinic.now().saturating_add(minutes.minutes()).unwrap());
}

/// Letters in each state that has any.
fn states(clinic: &Clinic) -> Vec<(String, i64)> {
    let all = clinic.app.store.read(|v| v.balance()).unwrap();
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn all(state: &str, count: i64) -> Vec<(String, i64)> {
    vec![(state.to_owned(), count)]
}

/// Nothing is lost, and one task says what the server says.
fn waits_as_a_whole(clinic: &Clinic, people: i64, advice: &str) {
    assert_eq!(states(clinic), all("pending", people));
    for number in 0..people {
        assert_eq!(clinic.patient(&format!("A-{number}")).status, PatientStatus::Active);
    }
    let [task] = &clinic.tasks()[..] else { panic!("{:?}", clinic.tasks()) };
    assert_eq!(task.kind, TaskKind::MailRefused);
    assert!(task.reason.contains(advice) && !task.reason.contains('@'), "{}", task.reason);
    clinic.is_sound();
}

#[test]
fn what_is_about_us_costs_no_letter_and_no_address_and_everything_goes_when_it_is_mended() {
    for (place, words, advice) in SEEN {
        let mut clinic = due(40);
        clinic.courier.always(Reply::Says(place, words));
        clinic.pass();
        let first = clinic.courier.in_flight();
        assert!(first <= 12, "{words}: {first} letters met it before it was known");
        waits_as_a_whole(&clinic, 40, advice);
        clinic.pass();
        assert_eq!(clinic.courier.in_flight(), first, "{words}: nobody asks before it is time");
        wait(&clinic, 5);
        clinic.pass();
        assert_eq!(clinic.courier.in_flight(), first + 1, "{words}: one asks");
        waits_as_a_whole(&clinic, 40, advice);
        clinic.courier.always(Reply::Accept);
        wait(&clinic, 10);
        clinic.pass();
        assert_eq!(states(&clinic), all("sent", 40), "{words}");
        assert_eq!((clinic.task_kinds(), clinic.courier.accepted().len()), (vec![], 40));
        clinic.is_sound();
    }
}

#[test]
fn a_refusal_in_words_of_a_later_release_stops_no_letter_and_is_named_until_it_is_mended() {
    for rubbish in ["cause = 'quota-exhausted'", "probes = -7", "cause = '', audience = 'all'"] {
        let mut clinic = due(5);
        clinic.courier.always(Reply::Says(Recipient, "550 5.1.90 you've reached your daily limit"));
        clinic.pass();
        let file = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
        let spoil = format!("PRAGMA ignore_check_constraints = ON; UPDATE mail_refusal SET {rubbish}");
        file.execute_batch(&spoil).unwrap();
        let found = clinic.app.store.read(|view| view.census()).unwrap();
        let places: Vec<String> = found.iter().map(|(place, _)| place.to_string()).collect();
        assert_eq!(places, ["mail_refusal/1"], "{rubbish}");
        clinic.pass();
        assert!(clinic.task_kinds().contains(&TaskKind::RecordUnreadable), "{rubbish}");
        wait(&clinic, 5);
        clinic.pass();
        assert_eq!(states(&clinic), all("pending", 5), "{rubbish}: it refuses us still");
        clinic.courier.always(Reply::Accept);
        wait(&clinic, 10);
        clinic.pass();
        clinic.pass();
        assert_eq!((states(&clinic), clinic.task_kinds()), (all("sent", 5), vec![]), "{rubbish}");
        clinic.is_sound();
    }
}

#[test]
fn a_refusal_at_the_greeting_or_the_sign_in_is_about_us_too() {
    for (place, words, advice) in [
        (SignIn, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", "password"),
        (Connection, "554 5.7.1 No SMTP service here", "runs the mail server"),
    ] {
        let mut clinic = due(20);
        clinic.courier.turns_away(Some((place, words)));
        clinic.live_until("2026-03-10T18:00");
        waits_as_a_whole(&clinic, 20, advice);
        clinic.courier.turns_away(None);
        clinic.live_until("2026-03-10T20:00");
        assert_eq!((states(&clinic), clinic.task_kinds()), (all("sent", 20), vec![]), "{words}");
        clinic.is_sound();
    }
}

#[test]
fn a_server_that_puts_everything_off_for_hours_refuses_us_and_a_person_learns_of_it() {
    for (place, words, advice) in [
        (SignIn, "454 4.7.0 Temporary authentication failure", "Check mail.smtp.username"),
        (Connection, "421 4.7.0 Try again later, closing connection", "runs the mail server"),
        (Connection, "454 4.7.0 TLS not available due to local problem", "runs the mail server"),
        (Connection, "450 4.3.0 Not now", "runs the mail server"),
    ] {
        let mut clinic = due(6);
        clinic.courier.turns_away(Some((place, words)));
        clinic.live_until("2026-03-10T11:00");
        assert_eq!(
            (states(&clinic), clinic.task_kinds()),
            (all("pending", 6), vec![]),
            "{words}: not at once"
        );
        clinic.live_until("2026-03-16T18:00");
        waits_as_a_whole(&clinic, 6, &words[4..]);
        waits_as_a_whole(&clinic, 6, advice);
        clinic.courier.turns_away(None);
        clinic.live_until("2026-03-17T12:00");
        assert_eq!((states(&clinic), clinic.task_kinds()), (all("sent", 6), vec![]), "{words}");
        clinic.is_sound();
    }
}

#[test]
fn a_server_that_is_away_for_a_day_is_told_in_one_task_and_everything_leaves_when_it_is_back() {
    let mut clinic = due(40);
    clinic.courier.away(true);
    clinic.live_until("2026-03-10T09:20");
    assert_eq!((states(&clinic), clinic.task_kinds()), (all("pending", 40), vec![]), "a restart takes less");
    clinic.live_until("2026-03-10T11:00");
    waits_as_a_whole(&clinic, 40, "mail.smtp.host");
    clinic.live_until("2026-03-11T12:00");
    waits_as_a_whole(&clinic, 40, "mail.smtp.host");
    clinic.courier.away(false);
    clinic.live_until("2026-03-11T12:07");
    assert_eq!((states(&clinic), clinic.task_kinds()), (all("sent", 40), vec![]), "asked every five minutes");
    clinic.is_sound();
}

#[test]
fn who_has_just_mended_the_server_need_not_wait() {
    let mut clinic = due(20);
    clinic.courier.away(true);
    clinic.live_until("2026-03-10T11:00");
    clinic.pass();
    clinic.courier.away(false);
    let stamp = Stamp { at: clinic.now(), actor: Actor::Operator("ops".to_owned()) };
    assert!(
        server_refusal::flush(&clinic.app, stamp).unwrap().asked > 0,
        "the next to ask would wait for minutes"
    );
    clinic.pass();
    assert_eq!((states(&clinic), clinic.task_kinds()), (all("sent", 20), vec![]));
}

#[test]
fn letters_whose_line_was_lost_leave_as_soon_as_one_is_taken_and_a_flush_counts_them() {
    for is_flushed in [false, true] {
        let mut clinic = due(20);
        clinic.courier.always(Reply::NoLine);
        clinic.live_until("2026-03-10T09:20");
        assert_eq!((states(&clinic), clinic.task_kinds()), (all("pending", 20), vec![]), "no refusal yet");
        clinic.courier.always(Reply::Accept);
        if is_flushed {
            let stamp = Stamp { at: clinic.now(), actor: Actor::Operator("ops".to_owned()) };
            let flushed = server_refusal::flush(&clinic.app, stamp).unwrap();
            assert_eq!((flushed.asked, flushed.waiting), (20, 0));
            clinic.pass();
        } else {
            let letter = to_staff(&clinic);
            clinic.change::<_, StoreError>(move |tx| tx.enqueue(&letter)).unwrap();
            clinic.pass();
            clinic.pass();
        }
        assert_eq!(states(&clinic), all("sent", if is_flushed { 20 } else { 21 }));
    }
}

#[test]
fn a_letter_that_alone_loses_its_line_and_one_that_the_server_put_off_keep_their_own_time() {
    let mut clinic = due(3);
    let (lost, put_off) = (address("A-0"), address("A-1"));
    let (silent, full) = (lost.clone(), put_off.clone());
    clinic.courier.weather(move |to, _| match to {
        to if to == silent => Reply::NoLine,
        to if to == full => Reply::Later,
        _ => Reply::Accept,
    });
    clinic.pass();
    // The next try is a minute later, the one after it some minutes.
    wait(&clinic, 2);
    clinic.pass();
    wait(&clinic, 2);
    let (asked, letter) = (clinic.courier.in_flight(), to_staff(&clinic));
    clinic.change::<_, StoreError>(move |tx| tx.enqueue(&letter)).unwrap();
    clinic.pass();
    clinic.pass();
    assert_eq!(clinic.courier.in_flight(), asked + 1, "nobody else's letter brings them forward");
    let stamp = Stamp { at: clinic.now(), actor: Actor::Operator("ops".to_owned()) };
    let flushed = server_refusal::flush(&clinic.app, stamp).unwrap();
    assert_eq!((flushed.asked, flushed.waiting), (1, 1), "a person may ask for the first alone");
}

#[test]
fn a_letter_to_staff_that_met_the_refusal_goes_as_soon_as_it_is_over() {
    for patients in [0, 5] {
        let mut clinic = due(patients);
        let letter = to_staff(&clinic);
        clinic.change::<_, StoreError>(move |tx| tx.enqueue(&letter)).unwrap();
        clinic.courier.always(Reply::Says(SEEN[1].0, SEEN[1].1));
        clinic.live_until("2026-03-10T12:00");
        clinic.courier.always(Reply::Accept);
        if patients == 0 {
            let stamp = Stamp { at: clinic.now(), actor: Actor::Operator("ops".to_owned()) };
            assert_eq!(
                server_refusal::flush(&clinic.app, stamp).unwrap().asked,
                1,
                "no patient's letter could ask"
            );
        } else {
            wait(&clinic, 60);
        }
        clinic.pass();
        assert_eq!(states(&clinic), all("sent", 1 + i64::try_from(patients).unwrap()));
        assert_eq!(clinic.task_kinds(), vec![]);
    }
}

#[test]
fn the_condition_outlives_the_process_and_a_tick_and_asks_ever_less_often() {
    let mut clinic = due(10);
    clinic.courier.always(Reply::Says(SEEN[0].0, SEEN[0].1));
    clinic.pass();
    clinic.close_task(TaskKind::MailRefused);
    clinic.crash();
    waits_as_a_whole(&clinic, 10, "limit");
    let before = clinic.courier.in_flight();
    clinic.live_until("2026-03-10T19:00");
    let asked = clinic.courier.in_flight() - before;
    assert!((9..=14).contains(&asked), "{asked} in ten hours: 5, 10, 20, 40 minutes, then each hour");
    waits_as_a_whole(&clinic, 10, "limit");
    assert_eq!(
        clinic.app.store.read(|v| v.tasks_all()).unwrap().len(),
        2,
        "the one that was ticked off, and the one that came back"
    );
}

/// A letter to the nurses, due now.
fn to_staff(clinic: &Clinic) -> NewDelivery {
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
    NewDelivery {
        patient: None,
        recipient: Some("nurses@clinic.example".to_owned()),
        purpose: Purpose::Alert,
        local_on: on,
        next_at: clinic.now(),
        expires_at: crate::clinic::at("2026-03-12T09:00"),
        on_unknown: OnUnknown::Resend,
        inputs: Some(serde_json::to_string(&inputs).unwrap()),
    }
}

#[test]
fn letters_to_staff_never_wait_and_one_taken_proves_nothing_for_patients() {
    let mut clinic = due(6);
    let relay = Reply::Says(Recipient, "554 5.7.1 <address>: Relay access denied");
    clinic.courier.weather(move |to, _| if to == "nurses@clinic.example" { Reply::Accept } else { relay });
    clinic.pass();
    let (asked, letter) = (clinic.courier.in_flight(), to_staff(&clinic));
    clinic.change::<_, StoreError>(move |tx| tx.enqueue(&letter)).unwrap();
    assert_eq!(clinic.pass().delivered.sent, 1);
    assert_eq!(clinic.courier.in_flight(), asked + 2, "hers, and a patient's that asks at once");
    assert_eq!(
        (clinic.task_kinds(), states(&clinic)[0].clone()),
        (vec![TaskKind::MailRefused], ("pending".to_owned(), 6))
    );
    clinic.is_sound();
}

#[test]
fn each_asks_in_its_turn() {
    let mut clinic = due(8);
    clinic.courier.always(Reply::Says(SEEN[0].0, SEEN[0].1));
    clinic.pass();
    clinic.live_until("2026-03-10T19:00");
    let attempts: Vec<u32> = clinic.ledger().iter().map(|l| l.delivery.attempt).collect();
    let (least, most) = (attempts.iter().min().unwrap(), attempts.iter().max().unwrap());
    assert!(*least >= 1 && most - least <= 1, "{attempts:?}");
}

#[test]
fn a_letter_that_only_waits_for_the_server_is_not_given_up_and_lapses_when_its_use_is_over() {
    let mut clinic = due(1);
    clinic.courier.always(Reply::Says(SEEN[1].0, SEEN[1].1));
    // Two days are the most a letter is tried for reasons of its own.
    clinic.live_until("2026-03-16T12:00");
    waits_as_a_whole(&clinic, 1, "username");
    // What the server says of her begins that clock only now.
    clinic.courier.always(Reply::Later);
    clinic.live_until("2026-03-17T12:00");
    assert_eq!(states(&clinic), all("pending", 1));
    clinic.courier.always(Reply::Says(SEEN[1].0, SEEN[1].1));
    clinic.live_until("2026-04-20T12:00");
    let fates = clinic.fates();
    assert!(fates.iter().any(|(_, state, _)| *state == "lapsed"), "{fates:?}");
    assert!(fates.iter().all(|(_, state, _)| *state == "lapsed" || *state == "pending"), "{fates:?}");
    assert!(clinic.task_kinds().contains(&TaskKind::LetterLapsed));
    clinic.is_sound();
}

#[test]
fn the_same_refusal_for_three_in_a_row_is_about_us_and_those_it_failed_are_put_right() {
    for words in ["554 5.7.1 Rejected by policy", "550 Administrative prohibition"] {
        let mut clinic = due(30);
        clinic.courier.always(Reply::Says(Recipient, words));
        clinic.pass();
        waits_as_a_whole(&clinic, 30, "says the same to everybody");
        clinic.courier.always(Reply::Accept);
        wait(&clinic, 5);
        clinic.pass();
        assert_eq!((states(&clinic), clinic.task_kinds()), (all("sent", 30), vec![]), "{words}");
        assert_eq!(clinic.courier.accepted().len(), 30);
        clinic.is_sound();
    }
}

#[test]
fn a_server_that_takes_nothing_for_half_an_hour_is_told_by_the_clock() {
    for (reply, advice) in [
        (
            Reply::Says(Sender, "451 4.3.0 Temporary server error, try again later"),
            "says the same to everybody",
        ),
        // Silence after the greeting, or a line that breaks.
        (Reply::NoLine, "runs and that this machine reaches it"),
    ] {
        let mut clinic = due(8);
        clinic.courier.always(reply);
        clinic.live_until("2026-03-10T09:28");
        assert_eq!(clinic.task_kinds(), vec![], "it may be a restart");
        clinic.live_until("2026-03-10T09:33");
        // The bell of a full minute.
        clinic.pass();
        waits_as_a_whole(&clinic, 8, advice);
        let before = clinic.courier.in_flight();
        clinic.live_until("2026-03-10T11:00");
        waits_as_a_whole(&clinic, 8, advice);
        let asked = clinic.courier.in_flight() - before;
        assert!((1..=20).contains(&asked), "{asked} letters asked in an hour and a half");
        clinic.courier.always(Reply::Accept);
        clinic.live_until("2026-03-10T12:30");
        assert_eq!((states(&clinic), clinic.task_kinds()), (all("sent", 8), vec![]));
        clinic.is_sound();
    }
}

#[test]
fn two_mailboxes_that_put_a_letter_off_and_a_greylist_say_nothing_of_the_server() {
    for (people, words) in [(2, "451 4.3.0 try again later"), (8, "450 4.7.1 Greylisted, try again later")] {
        let mut clinic = due(people);
        clinic.courier.always(Reply::Says(Recipient, words));
        clinic.live_until("2026-03-10T12:00");
        assert_eq!(clinic.task_kinds(), vec![], "{words}");
    }
}

/// Someone at a domain of her own.
fn person_at(number: usize, domain: usize) -> Person {
    let mut person = Person::new(&format!("A-{number}")).on("high", "2026-01-07");
    let mailbox = format!("p{number}@home{domain}.example");
    person.newcomer.email = Some(aftercare::care::address::EmailAddress::parse(&mailbox).unwrap());
    person
}

#[test]
fn dead_addresses_in_the_same_words_at_several_domains_are_alive_again_by_themselves() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    for number in 0..12 {
        clinic.enrol(&person_at(number, number));
    }
    clinic.sleep_until("2026-03-10T09:00:01");
    clinic.courier.always(Reply::Says(Recipient, "550 5.1.1 User unknown"));
    clinic.pass();
    waits_as_a_whole(&clinic, 12, "says the same to everybody");
    let events = clinic.app.store.read(|v| v.last_events(1_000)).unwrap();
    assert!(events.iter().any(|e| e.detail.contains("address_bad")), "two were thought dead meanwhile");
    clinic.courier.always(Reply::Accept);
    wait(&clinic, 5);
    clinic.pass();
    assert_eq!((states(&clinic), clinic.task_kinds()), (all("sent", 12), vec![]));
    clinic.is_sound();
}

#[test]
fn addresses_of_those_who_act_for_patients_are_alive_again_too() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    for number in 0..12 {
        clinic.enrol(&person_at(number, number).acted_for(None));
    }
    clinic.sleep_until("2026-03-10T09:00:01");
    clinic.courier.always(Reply::Says(Recipient, "550 5.1.1 User unknown"));
    clinic.pass();
    waits_as_a_whole(&clinic, 12, "says the same to everybody");
    let events = clinic.app.store.read(|v| v.last_events(1_000)).unwrap();
    let count = |name: &str| events.iter().filter(|e| e.action == name).count();
    assert!(count("proxy.refused") > 0 && count("proxy.refused") == count("proxy.restored"));
    clinic.courier.always(Reply::Accept);
    wait(&clinic, 5);
    clinic.pass();
    assert_eq!((states(&clinic), clinic.task_kinds()), (all("sent", 12), vec![]));
    clinic.is_sound();
}

#[test]
fn dead_addresses_of_one_domain_are_believed_and_a_run_that_was_none_ends_with_the_first_letter_taken() {
    let dead = Reply::Says(Recipient, "550 5.1.1 User unknown");
    for (count, is_run) in [(4, false), (6, true)] {
        let start = crate::clinic::at("2026-01-07T10:00");
        let mut clinic = Clinic::seeded(start, (1, 1), crate::plans::policy());
        for number in 0..9 {
            clinic.enrol(&person_at(number, 0));
        }
        clinic.sleep_until("2026-03-10T09:00:01");
        let mailboxes: Vec<String> = (0..count).map(|n| format!("p{n}@home0.example")).collect();
        let gone = mailboxes.clone();
        clinic.courier.weather(move |to, _| if gone.iter().any(|m| m == to) { dead } else { Reply::Accept });
        clinic.pass();
        assert_eq!(clinic.task_kinds().contains(&TaskKind::MailRefused), is_run, "{count}");
        clinic.live_until("2026-03-10T12:00");
        let bad = (0..9).filter(|n| clinic.patient(&format!("A-{n}")).status == PatientStatus::AddressBad);
        assert_eq!(bad.count(), count, "what was said twice of her is believed");
        assert_eq!(clinic.courier.accepted().len(), 9 - count);
        assert_eq!(clinic.task_kinds(), vec![TaskKind::AddressBad; count]);
        clinic.is_sound();
    }
}

#[test]
fn a_letter_taken_between_breaks_the_run() {
    let mut clinic = due(12);
    let mut number = 0;
    clinic.courier.weather(move |_, _| {
        number += 1;
        if number % 3 == 0 { Reply::Accept } else { Reply::Refuse }
    });
    clinic.pass();
    assert!(!clinic.task_kinds().contains(&TaskKind::MailRefused));
    assert_eq!(clinic.task_kinds().len(), 8);
}

#[test]
fn what_is_about_her_is_told_of_her_while_the_rest_waits() {
    let mut clinic = due(5);
    clinic.courier.always(Reply::Says(SEEN[0].0, SEEN[0].1));
    clinic.pass();
    clinic.courier.always(Reply::Accept);
    clinic.courier.next(&address("A-0"), &[Reply::BadAddress]);
    clinic.live_until("2026-03-10T12:00");
    assert_eq!(clinic.patient("A-0").status, PatientStatus::AddressBad);
    assert_eq!(clinic.courier.accepted().len(), 4);
    assert_eq!(clinic.task_kinds(), [TaskKind::AddressBad]);
    clinic.is_sound();
}

#[test]
fn a_mistaken_dead_address_is_undone_by_one_act() {
    let mut clinic = due(2);
    clinic.courier.next(&address("A-0"), &[Reply::BadAddress]);
    clinic.pass();
    assert_eq!(
        (clinic.patient("A-0").status, clinic.task_kinds()),
        (PatientStatus::AddressBad, vec![TaskKind::AddressBad])
    );
    clinic.status("A-0", PatientStatus::Active);
    assert_eq!((clinic.patient("A-0").status, clinic.task_kinds()), (PatientStatus::Active, vec![]));
    clinic.live_until("2026-03-10T12:00");
    assert_eq!(clinic.post_of("A-0"), super::post(&[("2026-03-10 09:00", "visit:book")]));
    assert_eq!(states(&clinic), all("sent", 2));
    clinic.is_sound();
}

#[test]
fn who_died_while_the_server_refused_us_gets_nothing_when_it_takes_letters_again() {
    let mut clinic = due(3);
    clinic.courier.always(Reply::Refuse);
    clinic.pass();
    clinic.status("A-1", PatientStatus::Deceased);
    clinic.courier.always(Reply::Accept);
    clinic.live_until("2026-03-10T12:00");
    assert_eq!(clinic.letters_to("A-1").len(), 0);
    assert_eq!(clinic.courier.accepted().len(), 2);
    clinic.is_sound();
}

#[test]
fn a_row_that_takes_no_change_does_not_ask_for_all_others_for_ever() {
    let mut clinic = due(6);
    clinic.courier.always(Reply::Says(SEEN[0].0, SEEN[0].1));
    clinic.pass();
    // A disk that fails: the letter tried least often can be neither read nor put off.
    let file = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
    let least = "SELECT id FROM delivery WHERE state = 'pending' ORDER BY attempt, next_at, id LIMIT 1";
    file.execute_batch(&format!(
        "PRAGMA ignore_check_constraints = ON; UPDATE delivery SET purpose = 'rubbish' WHERE id = ({least})"
    ))
    .unwrap();
    clinic.courier.always(Reply::Accept);
    wait(&clinic, 5);
    clinic.pass();
    wait(&clinic, 1);
    clinic.pass();
    assert_eq!(clinic.courier.accepted().len(), 5, "the others leave: {:?}", states(&clinic));
}
