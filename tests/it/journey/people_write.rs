//! People write back, and calendars decline: a person reads it the same day, she is answered once a day, and nothing is forgotten.

use aftercare::care::actor::Actor;
use aftercare::care::inbound::MessageKind as Message;
use aftercare::care::patient::PatientStatus;
use aftercare::care::task::TaskKind;
use aftercare::journey::patients::inbound::{InboundOutcome, take_in};
use aftercare::mail::inbound::read;
use aftercare::store::db::transaction::Stamp;
use aftercare::store::work::tasks::Task;
use jiff::SignedDuration;

use super::sent;
use crate::clinic::{Clinic, Person};
use crate::courier::{Accepted, Reply};

/// What she writes, with further lines of its head.
fn words(letter: &Accepted, head: &str, text: &str) -> String {
    format!(
        "Return-Path: <{0}>\nFrom: Her <{0}>\nTo: {1}\nSubject: Re: a letter\nMessage-ID: <{2}@home.example>\n{head}\n{text}\n",
        letter.to,
        letter.envelope,
        text.len()
    )
}

fn take(clinic: &Clinic, raw: &str) -> InboundOutcome {
    let stamp = Stamp { at: clinic.now(), actor: Actor::Operator("postfix".to_owned()) };
    let one = read::read(raw.as_bytes()).remove(0);
    take_in(&clinic.app, stamp, one).unwrap()
}

/// How many automatic answers reached her.
fn answers(clinic: &Clinic) -> usize {
    clinic.courier.accepted().iter().filter(|l| l.text.contains("message-received")).count()
}

fn tasks(clinic: &Clinic, kind: TaskKind) -> Vec<Task> {
    clinic.tasks().into_iter().filter(|task| task.kind == kind).collect()
}

#[test]
fn her_words_reach_staff_the_same_day_and_she_is_answered_once_a_day() {
    let (mut clinic, letter) = sent();
    assert!(matches!(
        take(&clinic, &words(&letter, "", "My legs are weak.")),
        InboundOutcome::Kept(_, Message::Wrote)
    ));
    let task = tasks(&clinic, TaskKind::SheWrote).remove(0);
    let due_in = task.due_at.duration_since(clinic.now());
    assert!(due_in.is_positive() && due_in <= SignedDuration::from_hours(1), "within the hour: {due_in}");
    assert!(!task.reason.contains("legs"));
    let kept = clinic.app.store.read(|v| v.inbound_behind(&task.cause, task.opened_at)).unwrap().remove(0);
    assert_eq!(
        (kept.text.as_str(), kept.about.patient),
        ("My legs are weak.", Some(clinic.patient("A-1").id))
    );
    clinic.pass();
    assert_eq!(answers(&clinic), 1);
    assert_eq!(clinic.courier.accepted().last().unwrap().to, letter.to);

    assert!(matches!(take(&clinic, &words(&letter, "", "And my feet are numb.")), InboundOutcome::Kept(..)));
    clinic.pass();
    assert_eq!((answers(&clinic), tasks(&clinic, TaskKind::SheWrote).len()), (1, 2));
    clinic.sleep_until("2026-03-11T11:00");
    take(&clinic, &words(&letter, "", "Nobody called."));
    clinic.pass();
    assert_eq!((answers(&clinic), tasks(&clinic, TaskKind::SheWrote).len()), (2, 3));
    clinic.is_sound();
}

#[test]
fn the_same_message_in_two_mailboxes_counts_once() {
    let (clinic, letter) = sent();
    let text = words(&letter, "", "Hello.");
    take(&clinic, &text);
    let copy = format!("X-Original-To: desk@clinic.example\n{text}");
    assert_eq!(take(&clinic, &copy), InboundOutcome::Known);
    assert_eq!(tasks(&clinic, TaskKind::SheWrote).len(), 1);
}

#[test]
fn no_program_is_answered_and_nobody_but_the_address_on_record() {
    for head in [
        "Auto-Submitted: auto-generated\n",
        "List-Id: <l.list.example>\n",
        "Precedence: bulk\n",
        "X-Auto-Response-Suppress: All\n",
        "Return-Path: <>\n",
    ] {
        let (mut clinic, letter) = sent();
        let raw = words(&letter, head, "Hello.").replacen(&format!("Return-Path: <{}>\n", letter.to), "", 1);
        take(&clinic, &raw);
        clinic.pass();
        assert_eq!(answers(&clinic), 0, "{head}");
        assert_eq!(clinic.tasks().len(), 1, "a person reads it all the same: {head}");
    }
    let (mut clinic, letter) = sent();
    let daughter = words(&letter, "", "She fell.").replace(&letter.to, "daughter@else.example");
    take(&clinic, &daughter);
    clinic.pass();
    assert_eq!(answers(&clinic), 0);
    let task = tasks(&clinic, TaskKind::SheWrote).remove(0);
    assert!(task.reason.contains("another address than the one on record"), "{}", task.reason);
    assert!(!task.reason.contains("else.example"));
}

#[test]
fn who_wrote_to_us_is_answered_in_any_status_but_where_no_letter_may_go() {
    for (status, answered) in [
        (PatientStatus::Active, 1),
        (PatientStatus::Paused, 1),
        (PatientStatus::RecurrenceSuspected, 1),
        (PatientStatus::RecurrenceConfirmed, 1),
        (PatientStatus::Palliative, 1),
        (PatientStatus::Transferred, 1),
        (PatientStatus::OptedOutEmail, 0),
        (PatientStatus::AddressBad, 0),
        (PatientStatus::Deceased, 0),
    ] {
        let (mut clinic, letter) = sent();
        if status != PatientStatus::Active {
            clinic.status("A-1", status);
        }
        take(&clinic, &words(&letter, "", "Who can I ring?"));
        clinic.pass();
        assert_eq!(answers(&clinic), answered, "{status:?}");
        let asked = if status == PatientStatus::Deceased { TaskKind::AfterDeath } else { TaskKind::SheWrote };
        assert_eq!(tasks(&clinic, asked).len(), 1, "{status:?}");
        clinic.is_sound();
    }
}

#[test]
fn an_answer_never_leaves_after_a_death() {
    let (mut clinic, letter) = sent();
    take(&clinic, &words(&letter, "", "Who can I ring?"));
    clinic.status("A-1", PatientStatus::Deceased);
    clinic.pass();
    assert_eq!(answers(&clinic), 0);
    // Not even from a line that waited: the last look asks again.
    let (mut clinic, letter) = sent();
    clinic.status("A-1", PatientStatus::Paused);
    take(&clinic, &words(&letter, "", "Who can I ring?"));
    let store = clinic.shared_store();
    let (id, at) = (clinic.patient("A-1").id, clinic.now());
    clinic.courier.before_ready(move || {
        let store = store.current();
        Box::pin(async move {
            let stamp = Stamp { at, actor: Actor::Operator("nurse".to_owned()) };
            let die = move |tx: &mut aftercare::store::db::transaction::Tx<'_>| {
                tx.set_status(
                    id,
                    aftercare::store::people::patients::NewStatus {
                        to: PatientStatus::Deceased,
                        reason: "told",
                        suspected_death: None,
                    },
                    None,
                )
            };
            store.write::<_, aftercare::store::error::StoreError>(stamp, die).await.unwrap();
        })
    });
    clinic.pass();
    assert_eq!(answers(&clinic), 0);
}

/// Her family writes while a line makes itself ready, after the letter was taken in hand.
fn family_writes_meanwhile(clinic: &Clinic, letter: &Accepted) {
    let (app, at) = (clinic.app.clone(), clinic.now());
    let raw = words(letter, "", "My wife died on Monday.");
    clinic.courier.before_ready(move || {
        let (app, raw) = (app.clone(), raw.clone());
        let write = move || {
            let stamp = Stamp { at, actor: Actor::Operator("postfix".to_owned()) };
            take_in(&app, stamp, read::read(raw.as_bytes()).remove(0)).unwrap();
        };
        Box::pin(async move { std::thread::spawn(write).join().unwrap() })
    });
}

#[test]
fn an_answer_in_hand_never_leaves_once_she_may_have_died_nor_after_the_server_put_it_off() {
    for replies in [&[Reply::Accept][..], &[Reply::Later, Reply::Accept]] {
        let (mut clinic, letter) = sent();
        take(&clinic, &words(&letter, "", "Who can I ring?"));
        clinic.courier.next(&letter.to, replies);
        family_writes_meanwhile(&clinic, &letter);
        clinic.pass();
        assert!(clinic.patient("A-1").may_have_died());
        let soon = clinic.now() + SignedDuration::from_hours(20);
        clinic.live_to(soon);
        assert_eq!(answers(&clinic), 0, "{replies:?}: {:?}", clinic.fates());
        clinic.is_sound();
    }
}

#[test]
fn an_answer_that_waits_goes_in_every_status_in_which_one_may() {
    for (status, answered) in [
        (PatientStatus::Paused, 1),
        (PatientStatus::RecurrenceSuspected, 1),
        (PatientStatus::Palliative, 1),
        (PatientStatus::Transferred, 1),
        (PatientStatus::OptedOutEmail, 0),
        (PatientStatus::AddressBad, 0),
        (PatientStatus::Deceased, 0),
    ] {
        let (mut clinic, letter) = sent();
        take(&clinic, &words(&letter, "", "Who can I ring?"));
        clinic.status("A-1", status);
        clinic.pass();
        assert_eq!(answers(&clinic), answered, "{status:?}");
        clinic.is_sound();
    }
}

#[test]
fn a_living_woman_is_answered_whatever_has_died() {
    for text in [
        "The left leg is dead, I cannot move it. It is dead since Tuesday.",
        "My nerve pain has died down.",
        "I passed on your number to my sister.",
        "Your link is dead",
        "My grandmother died, so I need another date",
        "My mother died on 3 May. Since then my legs are numb.",
        "The page said \"verify you are human\" https://care.example/c/x and I could not go on. I cannot hold my urine.",
    ] {
        let (mut clinic, letter) = sent();
        take(&clinic, &words(&letter, "", text));
        clinic.pass();
        assert_eq!((clinic.patient("A-1").status, answers(&clinic)), (PatientStatus::Active, 1), "{text}");
        assert_eq!(tasks(&clinic, TaskKind::SheWrote).len(), 1, "{text}");
        clinic.is_sound();
    }
}

#[test]
fn a_household_in_mourning_gets_no_answer_in_any_language_or_place() {
    for (subject, text) in [
        ("Ana Perez died on 3 May", "Please take her off your list."),
        ("Re: a letter", "My mother died on 3 May"),
        ("Re: a letter", "Ana lost her battle with cancer."),
        ("Re: a letter", "Sie ist tot"),
        ("Re: a letter", "Ella está muerta. Que en paz descanse."),
        ("Re: a letter", "Moja żona nie żyje."),
        ("Re: a letter", "Моя жена умерла."),
        ("Re: a letter", "我母亲已经去世了。"),
    ] {
        let (mut clinic, letter) = sent();
        take(
            &clinic,
            &words(&letter, "", text).replace("Subject: Re: a letter", &format!("Subject: {subject}")),
        );
        clinic.pass();
        assert_eq!(
            (clinic.patient("A-1").status, answers(&clinic)),
            (PatientStatus::Paused, 0),
            "{subject} {text}"
        );
        let task = tasks(&clinic, TaskKind::DeathSuspected).remove(0);
        assert!(task.due_at.duration_since(clinic.now()) <= SignedDuration::from_hours(1), "{text}");
        clinic.is_sound();
    }
}

#[test]
fn words_about_her_body_are_read_at_once_whatever_they_look_like() {
    let of_person = [
        "Subject: Vacation and my appointment\nPrecedence: bulk\n",
        "Subject: Away from home\nX-Auto-Response-Suppress: All\n",
        "Subject: Auto: help\nPrecedence: bulk\n",
        "Subject: x\nX-Autoreply: no\n",
        "Subject: x\nReturn-Path: <>\n",
    ];
    let of_program = [
        "Subject: Automatic reply: x\nAuto-Submitted: auto-replied\n",
        "Subject: x\nX-Autogenerated: Reply\n",
        "Subject: x\nAuto-Submitted: auto-forwarded\nX-MS-Exchange-Inbox-Rules-Loop: her@home.example\n",
    ];
    let each = of_person.iter().map(|head| (head, 1)).chain(of_program.iter().map(|head| (head, 0)));
    for (head, answered) in each {
        let (mut clinic, letter) = sent();
        let raw = words(&letter, "", "I cannot feel my legs since yesterday.");
        let mut raw = raw.replace("Subject: Re: a letter\n", head);
        if head.contains("Return-Path") {
            raw = raw.replacen(&format!("Return-Path: <{}>\n", letter.to), "", 1);
        }
        take(&clinic, &raw);
        let asked = tasks(&clinic, TaskKind::SheWrote);
        assert_eq!(asked.len(), 1, "{head}");
        assert!(asked[0].due_at.duration_since(clinic.now()) <= SignedDuration::from_hours(1), "{head}");
        assert!(!asked[0].reason.contains("legs"));
        clinic.pass();
        assert_eq!(answers(&clinic), answered, "{head}");
        clinic.is_sound();
    }
}

#[test]
fn a_filters_question_that_holds_her_words_is_read_at_once_as_well() {
    let (clinic, letter) = sent();
    let text =
        "Your message is being held, please reply to this message to release it. I cannot feel my legs.";
    take(&clinic, &words(&letter, "Auto-Submitted: auto-replied\n", text));
    assert_eq!(tasks(&clinic, TaskKind::LetterFailed).len(), 1);
    assert_eq!(tasks(&clinic, TaskKind::SheWrote).len(), 1);
    clinic.is_sound();
}

#[test]
fn a_declined_appointment_stands_and_a_person_is_told_which() {
    let (mut clinic, letter) = sent();
    clinic.book("A-1", "2026-04-07T10:30").unwrap();
    let decline = super::notices::filled(&super::notices::text("calendar_declined.eml"), &clinic, "A-1");
    assert!(matches!(take(&clinic, &decline), InboundOutcome::Kept(_, Message::Declined)));
    let task = tasks(&clinic, TaskKind::SheWrote).remove(0);
    assert!(
        task.reason.contains("2026-04-07 10:30") && task.reason.contains("still stands"),
        "{}",
        task.reason
    );
    let id = clinic.patient("A-1").id;
    assert!(
        clinic.app.store.read(|v| v.follow_ups_of(id)).unwrap().iter().any(|f| f.state.word() == "booked")
    );
    clinic.pass();
    assert_eq!(answers(&clinic), 1);
    assert_eq!(clinic.courier.accepted().last().unwrap().to, letter.to);
}

#[test]
fn of_two_who_share_a_mailbox_nobody_is_guessed() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    for reference in ["A-1", "A-2"] {
        clinic.enrol(&Person::new(reference).on("high", "2026-01-07").sharing("both@home.example"));
    }
    let raw = "Return-Path: <both@home.example>\nFrom: both@home.example\nTo: desk@clinic.example\nSubject: hello\n\nIt hurts.\n";
    assert!(matches!(take(&clinic, raw), InboundOutcome::Kept(_, Message::Unknown)));
    let task = tasks(&clinic, TaskKind::SheWrote).remove(0);
    assert!(task.patient.is_none() && task.reason.contains("A-1, A-2"), "{}", task.reason);
    clinic.pass();
    assert_eq!(answers(&clinic), 0);
    // The only one still in care is the one who writes.
    clinic.status("A-2", PatientStatus::Deceased);
    assert!(matches!(
        take(&clinic, &raw.replace("hurts", "goes on")),
        InboundOutcome::Kept(_, Message::Wrote)
    ));
    assert_eq!(tasks(&clinic, TaskKind::SheWrote).last().unwrap().patient.as_ref().unwrap().1, "A-1");
}

#[test]
fn a_flood_of_strangers_buries_nobody_and_nothing() {
    let clinic = Clinic::open("2026-01-07T10:00");
    for n in 0..60 {
        take(
            &clinic,
            &format!("From: s{n}@else.example\nTo: desk@clinic.example\nSubject: {n}\n\nmessage {n}\n"),
        );
    }
    let open = tasks(&clinic, TaskKind::SheWrote);
    assert_eq!(open.len(), 21);
    let read =
        |task: &Task| clinic.app.store.read(|v| v.inbound_behind(&task.cause, task.opened_at)).unwrap();
    let mut all: Vec<String> = open.iter().flat_map(read).map(|message| message.text).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 60);
}

#[test]
fn her_words_are_kept_though_her_record_cannot_be_read() {
    let (clinic, letter) = sent();
    let file = rusqlite::Connection::open(clinic.app.store.path()).unwrap();
    for harm in ["zone = 'Nowhere/Land'", "preferred_name = ''"] {
        file.execute(&format!("UPDATE patient SET {harm}"), []).unwrap();
        assert!(
            matches!(take(&clinic, &words(&letter, "", harm)), InboundOutcome::Kept(_, Message::Wrote)),
            "{harm}"
        );
    }
    assert_eq!(tasks(&clinic, TaskKind::SheWrote).len(), 2);
}

#[test]
fn a_copy_of_what_staff_wrote_is_no_message_of_hers() {
    let (mut clinic, letter) = sent();
    let own = words(&letter, "", "We will ring you.").replace(&letter.to, "letters@clinic.example");
    assert_eq!(take(&clinic, &own), InboundOutcome::Noted);
    clinic.pass();
    assert_eq!((clinic.tasks().len(), answers(&clinic)), (0, 0));
}

#[test]
fn while_letters_are_held_the_answer_waits_and_her_words_do_not() {
    let (mut clinic, letter) = sent();
    let at = clinic.now();
    let hold = move |tx: &mut aftercare::store::db::transaction::Tx<'_>| {
        tx.open_task(&aftercare::store::work::tasks::NewTask {
            kind: TaskKind::Hold,
            cause: "clock".to_owned(),
            patient: None,
            follow_up: None,
            reason: "the clock jumped".to_owned(),
            due_at: at,
        })
    };
    clinic.change::<_, aftercare::store::error::StoreError>(hold).unwrap();
    take(&clinic, &words(&letter, "", "Hello."));
    clinic.pass();
    assert_eq!((answers(&clinic), tasks(&clinic, TaskKind::SheWrote).len()), (0, 1));
    clinic.close_task(TaskKind::Hold);
    clinic.pass();
    assert_eq!(answers(&clinic), 1);
}

#[test]
fn whoever_reads_her_letters_and_is_not_she_gets_no_more_and_no_answer() {
    for text in [
        "I am not Ana. You have the wrong email address.",
        "wrong person",
        "Se ha equivocado de persona, yo no soy Ana",
        "I was never your patient.",
    ] {
        let (mut clinic, letter) = sent();
        assert!(matches!(take(&clinic, &words(&letter, "", text)), InboundOutcome::Kept(_, Message::Wrote)));
        assert_eq!(clinic.patient("A-1").status, PatientStatus::AddressBad, "{text}");
        assert_eq!(tasks(&clinic, TaskKind::AddressBad).len(), 1, "{text}");
        let task = tasks(&clinic, TaskKind::SheWrote).remove(0);
        assert!(task.reason.contains("somebody else reads this address"), "{}", task.reason);
        clinic.pass();
        assert_eq!((answers(&clinic), clinic.letters_to("A-1").len()), (0, 1), "{text}");
        clinic.is_sound();
    }
}

#[test]
fn who_says_so_of_a_number_or_under_a_name_that_nothing_proves_stops_no_letters() {
    let (clinic, letter) = sent();
    take(&clinic, &words(&letter, "", "You have the wrong phone number, mine is 555 0100."));
    assert_eq!(clinic.patient("A-1").status, PatientStatus::Active);
    let forged = words(&letter, "Authentication-Results: mx.clinic.example; dmarc=fail\n", "wrong person");
    take(&clinic, &forged.replace(&letter.envelope, "desk@clinic.example"));
    assert_eq!(clinic.patient("A-1").status, PatientStatus::Active);
    let told = tasks(&clinic, TaskKind::SheWrote);
    let reasons: Vec<&str> = told.iter().map(|task| task.reason.as_str()).collect();
    assert!(reasons.iter().any(|reason| reason.contains("Letters to her go on")), "{reasons:?}");
    clinic.is_sound();
}

/// An absence note is harmless only where it says no more than that she is away.
#[test]
fn an_absence_note_that_says_more_is_read_the_same_day_and_an_ordinary_one_is_not() {
    let note = |letter: &Accepted, text: &str| {
        words(letter, "Auto-Submitted: auto-replied\n", text)
            .replace("Re: a letter", "Automatic reply: a letter")
    };
    for text in [
        "I had emergency surgery on my spine on Friday",
        "I am in a hospice now",
        "Ich bin auf der Palliativstation",
        "Estoy en cuidados paliativos",
        "Sunt internată în spital, nu pot merge.",
    ] {
        let (mut clinic, letter) = sent();
        assert!(matches!(take(&clinic, &note(&letter, text)), InboundOutcome::Kept(_, Message::Absence)));
        let task = tasks(&clinic, TaskKind::SheWrote).remove(0);
        assert!(task.due_at.duration_since(clinic.now()) <= SignedDuration::from_hours(1), "{text}");
        assert_eq!(clinic.patient("A-1").status, PatientStatus::Active, "{text}");
        clinic.pass();
        assert_eq!(answers(&clinic), 0, "no program is answered");
        clinic.is_sound();
    }
    let (clinic, letter) = sent();
    take(
        &clinic,
        &note(&letter, "I am on holiday until Monday. Please contact Bob Smith.\n\nKind regards\nAna Perez"),
    );
    assert!(tasks(&clinic, TaskKind::SheWrote).is_empty());
}
