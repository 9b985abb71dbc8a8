//! A home in mourning gets no letter, no answer and no call as if she lived, however the news comes, and whatever comes after it;
//! and a woman who lives goes on with one word of a person.

use aftercare::care::actor::Actor;
use aftercare::care::inbound::MessageKind as Message;
use aftercare::care::patient::PatientStatus;
use aftercare::care::refusal::classify::DialogueStage::Recipient;
use aftercare::care::task::TaskKind;
use aftercare::journey::operations::close_task;
use aftercare::journey::patients::inbound::{InboundOutcome, take_in};
use aftercare::journey::patients::opt_out::{OptOutChoice, choose};
use aftercare::mail::inbound::read;
use aftercare::store::db::transaction::Stamp;
use aftercare::store::work::tasks::Task;
use jiff::SignedDuration;

use super::bounces::{said, take};
use super::{refused, sent};
use crate::clinic::{Clinic, Person, day};
use crate::courier::{Accepted, Reply};

pub(super) fn write(clinic: &Clinic, from: &str, (subject, text): (&str, &str)) -> Vec<InboundOutcome> {
    let raw = format!(
        "Return-Path: <{from}>\nFrom: {from}\nTo: desk@clinic.example\nSubject: {subject}\n\n{text}\n"
    );
    let stamp = || Stamp { at: clinic.now(), actor: Actor::Operator("postfix".to_owned()) };
    let each = read::read(raw.as_bytes()).into_iter();
    each.map(|one| take_in(&clinic.app, stamp(), one).unwrap()).collect()
}

/// What her family writes, in answer to a letter.
fn answer(clinic: &Clinic, letter: &Accepted, text: &str) {
    let raw = format!(
        "Return-Path: <{0}>\nFrom: {0}\nTo: {1}\nSubject: Re: a letter\nMessage-ID: <{2}@home.example>\n\n{text}\n",
        letter.to,
        letter.envelope,
        text.len()
    );
    take(clinic, &read::read(raw.as_bytes()).remove(0));
}

fn tasks(clinic: &Clinic, kind: TaskKind) -> Vec<Task> {
    clinic.tasks().into_iter().filter(|task| task.kind == kind).collect()
}

fn status(clinic: &Clinic, reference: &str) -> PatientStatus {
    clinic.patient(reference).status
}

fn is_within_the_hour(clinic: &Clinic, task: &Task) -> bool {
    task.due_at.duration_since(clinic.now()) <= SignedDuration::from_hours(1)
}

const CAUTION: &str =
    "She may have died: ask her doctor, or whoever told us, before anybody rings or writes.";

#[test]
fn who_is_taken_in_again_under_another_code_after_her_death_gets_no_letter_until_a_person_says_who_it_is() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").named("Hoa").on("high", "2026-01-07"));
    clinic.status("A-1", PatientStatus::Deceased);
    clinic.enrol(&Person::new("B-7").named("hoa").on("high", "2026-01-07"));
    assert_eq!(
        (status(&clinic, "B-7"), clinic.task_kinds()[0]),
        (PatientStatus::Paused, TaskKind::DeathSuspected)
    );
    let task = tasks(&clinic, TaskKind::DeathSuspected).remove(0);
    assert!(is_within_the_hour(&clinic, &task), "{}", task.due_at);
    assert!(task.reason.starts_with("A-1 has the same name and birth date and is recorded as deceased."));
    clinic.live_until("2026-05-20T00:00");
    assert_eq!(clinic.post_of("B-7"), []);
    // Nobody ticks it off without saying which it is.
    let told = refused(clinic.change(move |tx| close_task::close(tx, task.id, "seen").map(drop)));
    assert!(told.starts_with("she may have died"), "{told}");
    clinic.status("B-7", PatientStatus::Active);
    assert_eq!(tasks(&clinic, TaskKind::DeathSuspected).len(), 0);
    clinic.live_until("2026-07-20T00:00");
    assert!(!clinic.post_of("B-7").is_empty(), "another woman gets her letters");
    clinic.is_sound();
}

#[test]
fn a_name_corrected_to_that_of_a_woman_who_has_died_holds_letters_as_well() {
    let clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").named("Hoa").on("high", "2026-01-07"));
    clinic.enrol(&Person::new("B-7").named("Ho").on("high", "2026-01-07"));
    clinic.status("A-1", PatientStatus::Deceased);
    let (id, app) = (clinic.patient("B-7").id, clinic.app.clone());
    let name = aftercare::care::patient::PreferredName::parse("Hoa").ok();
    let correction = aftercare::journey::patients::amend::Correction { name, ..Default::default() };
    let ask = aftercare::journey::patients::amend::Amendment { correction, ..Default::default() };
    clinic.change(move |tx| aftercare::journey::patients::amend::amend(tx, id, &ask, &app)).unwrap();
    assert_eq!(
        (status(&clinic, "B-7"), clinic.task_kinds()[0]),
        (PatientStatus::Paused, TaskKind::DeathSuspected)
    );
    clinic.is_sound();
}

#[test]
fn a_bounce_that_says_she_has_died_holds_letters_and_a_new_address_does_not_end_that() {
    let (mut clinic, letter) = sent();
    take(&clinic, &said(&letter.envelope, "", ("failed", "5.2.1", "The user is deceased")));
    assert_eq!(status(&clinic, "A-1"), PatientStatus::Paused);
    let task = tasks(&clinic, TaskKind::DeathSuspected).remove(0);
    assert!(is_within_the_hour(&clinic, &task) && task.reason.contains("she has died"), "{}", task.reason);
    assert_eq!(clinic.fates()[0].1, "failed", "what became of the letter is known all the same");
    clinic.readdress("A-1", "new@patients.example");
    assert_eq!(status(&clinic, "A-1"), PatientStatus::Paused);
    clinic.live_until("2026-06-10T00:00");
    assert_eq!(clinic.post_of("A-1"), []);
    clinic.is_sound();
}

#[test]
fn a_mail_server_that_says_so_as_it_refuses_a_letter_holds_letters_too() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.sleep_until("2026-03-10T09:00:01");
    clinic.courier.always(Reply::Says(Recipient, "550 5.1.1 The owner of this mailbox has died"));
    clinic.pass();
    assert_eq!(status(&clinic, "A-1"), PatientStatus::Paused);
    assert_eq!(tasks(&clinic, TaskKind::DeathSuspected).len(), 1);
    assert_eq!(clinic.fates()[0].1, "failed", "what became of the letter is known all the same");
    clinic.courier.always(Reply::Accept);
    clinic.readdress("A-1", "new@patients.example");
    assert_eq!(status(&clinic, "A-1"), PatientStatus::Paused);
    clinic.live_until("2026-06-10T00:00");
    assert_eq!(clinic.post_of("A-1"), []);
    clinic.is_sound();
}

#[test]
fn a_bounce_that_says_so_after_another_had_ended_her_address_holds_letters_too() {
    let (clinic, letter) = sent();
    take(&clinic, &said(&letter.envelope, "", ("failed", "5.1.1", "no such user")));
    assert_eq!(status(&clinic, "A-1"), PatientStatus::AddressBad);
    take(&clinic, &said(&letter.envelope, "", ("failed", "5.2.1", "The user is deceased")));
    clinic.readdress("A-1", "new@patients.example");
    assert_eq!(status(&clinic, "A-1"), PatientStatus::Paused);
    assert_eq!(tasks(&clinic, TaskKind::DeathSuspected).len(), 1);
    clinic.is_sound();
}

fn two_at_home() -> Clinic {
    let clinic = Clinic::open("2026-01-07T10:00");
    for (reference, name) in [("A-1", "Hoa"), ("A-2", "Lan")] {
        clinic
            .enrol(&Person::new(reference).named(name).on("high", "2026-01-07").sharing("both@home.example"));
    }
    clinic
}

#[test]
fn of_two_who_share_a_mailbox_the_one_who_is_named_as_dead_is_paused() {
    let clinic = two_at_home();
    write(&clinic, "both@home.example", ("our mother", "My mother Hoa died on Monday.\n\nLan"));
    assert_eq!(
        [status(&clinic, "A-1"), status(&clinic, "A-2")],
        [PatientStatus::Paused, PatientStatus::Active]
    );
    let task = tasks(&clinic, TaskKind::DeathSuspected).remove(0);
    assert_eq!(task.patient.unwrap().1, "A-1");
    clinic.is_sound();
}

#[test]
fn of_two_who_share_a_mailbox_both_are_paused_where_nobody_is_named() {
    for text in [
        "My mother died on Monday.",
        "I am Lan and my mother died on Monday.",
        "My mother died on Monday.\n\nLan",
    ] {
        let clinic = two_at_home();
        write(&clinic, "both@home.example", ("our mother", text));
        assert_eq!([status(&clinic, "A-1"), status(&clinic, "A-2")], [PatientStatus::Paused; 2], "{text}");
        let asked = tasks(&clinic, TaskKind::DeathSuspected);
        let codes: Vec<_> = asked.iter().map(|task| task.patient.clone().unwrap().1).collect();
        assert_eq!(codes, ["A-1", "A-2"], "{text}");
        for task in &asked {
            let behind = clinic.app.store.read(|v| v.inbound_behind(&task.cause, task.opened_at)).unwrap();
            assert!(
                behind[0].text.starts_with(text.split('.').next().unwrap()),
                "her words stand with each: {text}"
            );
        }
        clinic.is_sound();
    }
}

#[test]
fn a_bounce_that_says_the_owner_of_a_shared_mailbox_has_died_pauses_both() {
    let mut clinic = two_at_home();
    clinic.live_until("2026-03-10T10:00");
    let letter = clinic.letters_to("A-1").remove(0);
    take(&clinic, &said(&letter.envelope, "", ("failed", "5.2.1", "The user is deceased")));
    assert_eq!([status(&clinic, "A-1"), status(&clinic, "A-2")], [PatientStatus::Paused; 2]);
    assert_eq!(tasks(&clinic, TaskKind::DeathSuspected).len(), 2);
    clinic.is_sound();
}

#[test]
fn whoever_mourns_is_sent_no_help_and_no_task_asks_to_ring_as_if_she_lived() {
    let (mut clinic, letter) = sent();
    answer(&clinic, &letter, "My wife died on Monday.");
    answer(&clinic, &letter, "Did you get my mail about her?");
    clinic.pass();
    assert!(clinic.courier.accepted().iter().all(|letter| !letter.text.contains("message-received")));
    let asked = tasks(&clinic, TaskKind::DeathSuspected);
    assert_eq!((asked.len(), tasks(&clinic, TaskKind::SheWrote).len()), (2, 0));
    assert!(asked.iter().all(|task| task.reason.contains(CAUTION)), "{asked:?}");
    clinic.live_until("2026-06-20T00:00");
    assert_eq!(tasks(&clinic, TaskKind::NotBooked).len(), 0, "nobody books a date with her");
    // Once it turns out that she lives, her plan goes on.
    clinic.status("A-1", PatientStatus::Active);
    clinic.live_until("2026-09-20T00:00");
    assert!(clinic.letters_to("A-1").len() > 1, "{:?}", clinic.post_of("A-1"));
    clinic.is_sound();
}

#[test]
fn words_of_a_body_while_she_may_have_died_are_read_at_once() {
    let (clinic, letter) = sent();
    answer(&clinic, &letter, "My wife died on Monday.");
    answer(&clinic, &letter, "I live! My legs are numb.");
    let asked = tasks(&clinic, TaskKind::DeathSuspected);
    assert!(asked.last().unwrap().reason.contains("she may live"), "{asked:?}");
    clinic.is_sound();
}

#[test]
fn an_opt_out_while_she_may_have_died_is_kept_beside_the_pause() {
    let (clinic, letter) = sent();
    answer(&clinic, &letter, "My wife died on Monday.");
    let patient = clinic.patient("A-1");
    clinic.change(move |tx| choose(tx, &patient, &OptOutChoice::Everything)).unwrap();
    assert_eq!(status(&clinic, "A-1"), PatientStatus::Paused);
    assert_eq!(tasks(&clinic, TaskKind::DeathSuspected).len(), 1);
    let wish = tasks(&clinic, TaskKind::OptedOut).remove(0);
    assert!(wish.reason.contains(CAUTION), "{}", wish.reason);
    let id = clinic.patient("A-1").id;
    assert!(!clinic.app.store.read(|v| v.declined(id)).unwrap().is_empty());
    clinic.is_sound();
}

#[test]
fn a_pause_that_stood_before_is_told_when_she_may_have_died() {
    let (clinic, letter) = sent();
    clinic.status("A-1", PatientStatus::Paused);
    answer(&clinic, &letter, "My wife died on Monday.");
    let task = tasks(&clinic, TaskKind::DeathSuspected).remove(0);
    assert!(task.reason.contains("Before that letters were paused: told by phone."), "{}", task.reason);
    clinic.is_sound();
}

#[test]
fn whoever_wants_no_letters_and_may_have_died_is_paused_too_and_her_wish_outlasts_that() {
    let (mut clinic, letter) = sent();
    clinic.status("A-1", PatientStatus::OptedOutEmail);
    answer(&clinic, &letter, "My wife died on Monday.");
    assert_eq!(status(&clinic, "A-1"), PatientStatus::Paused);
    let task = tasks(&clinic, TaskKind::DeathSuspected).remove(0);
    assert!(task.reason.contains("Before that she wanted no letters."), "{}", task.reason);
    let before = clinic.post_of("A-1").len();
    clinic.status("A-1", PatientStatus::Active);
    clinic.live_until("2026-06-20T10:00");
    assert_eq!(clinic.post_of("A-1").len(), before, "nobody said that she wants letters again");
    clinic.is_sound();
}

#[test]
fn dates_of_a_woman_who_has_died_are_struck_and_a_person_frees_them() {
    let (mut clinic, _) = sent();
    clinic.book("A-1", "2026-04-07T10:30").unwrap();
    clinic.status("A-1", PatientStatus::Deceased);
    let task = tasks(&clinic, TaskKind::AfterDeath).remove(0);
    assert!(task.reason.contains("2026-04-07 10:30"), "{}", task.reason);
    let id = clinic.patient("A-1").id;
    let open = clinic.app.store.read(|v| v.follow_ups_of(id)).unwrap();
    assert!(open.iter().all(|follow_up| follow_up.state.word() != "booked"));
    clinic.live_until("2026-04-10T00:00");
    assert_eq!(clinic.letters_to("A-1").len(), 1, "no letter says so");
    // It was a mistake: somebody books anew.
    clinic.take_back("A-1").unwrap();
    assert_eq!(tasks(&clinic, TaskKind::AfterDeath).len(), 0);
    let again = tasks(&clinic, TaskKind::ReviewPlan);
    assert!(
        again.iter().any(|one| one.reason.contains(&format!("task {} says which", task.id))),
        "{again:?}"
    );
    clinic.is_sound();
}

#[test]
fn a_dead_womans_code_says_that_she_has_died() {
    let clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.status("A-1", PatientStatus::Deceased);
    let told = refused(clinic.try_enrol(&Person::new("A-1").on("high", "2026-01-07")));
    assert_eq!(told, "case code `A-1` is that of a woman who is recorded as deceased");
    clinic.is_sound();
}

#[test]
fn a_refusal_of_some_letters_is_asked_about_whatever_else_ends() {
    use aftercare::store::people::preferences::LetterKind;
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    let patient = clinic.patient("A-1");
    let some = OptOutChoice::Kinds(vec![LetterKind::Checklists]);
    clinic.change(move |tx| choose(tx, &patient, &some)).unwrap();
    clinic.pause_or("A-1", PatientStatus::Paused, Some(day("2026-01-20"))).unwrap();
    clinic.live_until("2026-01-22T12:00");
    assert_eq!(status(&clinic, "A-1"), PatientStatus::Active);
    assert_eq!(tasks(&clinic, TaskKind::OptedOut).len(), 1, "after a pause");
    clinic.status("A-1", PatientStatus::AddressBad);
    clinic.readdress("A-1", "new@patients.example");
    assert_eq!(tasks(&clinic, TaskKind::OptedOut).len(), 1, "after a new address");
    clinic.status("A-1", PatientStatus::Transferred);
    clinic.status("A-1", PatientStatus::Active);
    assert_eq!(tasks(&clinic, TaskKind::OptedOut).len(), 1, "after a return");
    clinic.is_sound();
}

#[test]
fn what_a_survivors_plan_asked_ends_with_a_recurrence_or_a_transfer_and_comes_back_with_her() {
    for away in [PatientStatus::RecurrenceConfirmed, PatientStatus::Transferred] {
        let mut clinic = Clinic::open("2026-01-07T10:00");
        clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
        clinic.live_until("2026-04-08T12:00");
        assert_eq!(tasks(&clinic, TaskKind::NotBooked).len(), 1);
        clinic.status("A-1", away);
        assert_eq!(clinic.task_kinds(), [TaskKind::HandOver], "{away:?}");
        clinic.status("A-1", PatientStatus::Active);
        assert_eq!(tasks(&clinic, TaskKind::NotBooked).len(), 1, "{away:?}");
        clinic.is_sound();
    }
}

#[test]
fn who_must_book_a_date_with_a_paused_patient_reads_why_she_is_paused() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-1").on("high", "2026-01-07"));
    clinic.status("A-1", PatientStatus::Paused);
    clinic.live_until("2026-04-08T12:00");
    let task = tasks(&clinic, TaskKind::NotBooked).remove(0);
    assert!(task.reason.ends_with(" Letters to her are paused: told by phone."), "{}", task.reason);
    clinic.is_sound();
}

#[test]
fn a_reply_that_says_nothing_but_no_more_letters_is_an_opt_out() {
    let (mut clinic, letter) = sent();
    answer(&clinic, &letter, "unsubscribe me please");
    assert_eq!(
        (status(&clinic, "A-1"), clinic.task_kinds()),
        (PatientStatus::OptedOutEmail, vec![TaskKind::OptedOut])
    );
    let id = clinic.patient("A-1").id;
    assert_eq!(clinic.app.store.read(|v| v.inbound_of(id, 9)).unwrap().len(), 1, "her words are kept");
    clinic.pass();
    assert_eq!(clinic.letters_to("A-1").len(), 1, "and no letter answers her");
    clinic.is_sound();
}

#[test]
fn what_may_be_an_opt_out_or_a_forgery_is_for_a_person() {
    for (head, text) in [
        ("", "Please stop writing about visits, I come anyway"),
        ("Authentication-Results: mx.clinic.example; dmarc=fail\n", "unsubscribe"),
    ] {
        let (clinic, letter) = sent();
        let raw = format!(
            "Return-Path: <{0}>\n{head}From: {0}\nTo: desk@clinic.example\nSubject: Re: a letter\n\n{text}\n",
            letter.to
        );
        assert!(matches!(
            take(&clinic, &read::read(raw.as_bytes()).remove(0)),
            InboundOutcome::Kept(_, Message::Wrote)
        ));
        assert_eq!(status(&clinic, "A-1"), PatientStatus::Active, "{text}");
        let task = tasks(&clinic, TaskKind::SheWrote).remove(0);
        assert!(task.reason.contains("She may want no more letters."), "{}", task.reason);
        clinic.is_sound();
    }
}

#[test]
fn addresses_alone_opt_only_a_few_out_in_an_hour() {
    let clinic = Clinic::open("2026-01-07T10:00");
    let names: Vec<String> = (1..=8).map(|n| format!("A-{n}")).collect();
    for name in &names {
        clinic.enrol(&Person::new(name).on("high", "2026-01-07"));
        let from = clinic.patient(name).email.unwrap().expose().to_owned();
        write(&clinic, &from, ("unsubscribe", ""));
    }
    let out = names.iter().filter(|name| status(&clinic, name) == PatientStatus::OptedOutEmail).count();
    assert_eq!((out, tasks(&clinic, TaskKind::SheWrote).len()), (5, 3));
    clinic.is_sound();
}
