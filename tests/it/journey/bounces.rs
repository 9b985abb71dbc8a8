//! Letters that come back after the server took them: a person learns of it the same day (P7), once.

use aftercare::care::actor::Actor;
use aftercare::care::inbound::{Content, Inbound};
use aftercare::care::patient::PatientStatus;
use aftercare::care::task::TaskKind;
use aftercare::journey::delivery::failure::bounce::BounceOutcome;
use aftercare::journey::patients::inbound::{InboundOutcome, take_in};
use aftercare::mail::inbound::read;
use aftercare::store::db::transaction::Stamp;
use jiff::SignedDuration;

use super::sent;
use crate::clinic::{Clinic, Person, address};
use crate::courier::Accepted;

/// A report as a mail server writes it.
fn report(to: &str, message_id: &str, (action, status): (&str, &str)) -> Inbound {
    said(to, message_id, (action, status, "no"))
}

pub(super) fn said(to: &str, message_id: &str, (action, status, words): (&str, &str, &str)) -> Inbound {
    let her = address("A-1");
    let text = format!(
        "Return-Path: <>\nTo: {to}\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; {her}\nAction: {action}\nStatus: {status}\n\
         Diagnostic-Code: smtp; 550 {status} <{her}>: {words}\n\n\
         --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{message_id}>\n\n--b--\n"
    );
    read::read(text.as_bytes()).remove(0)
}

pub(super) fn take(clinic: &Clinic, message: &Inbound) -> InboundOutcome {
    let stamp = Stamp { at: clinic.now(), actor: Actor::Operator("postfix".to_owned()) };
    take_in(&clinic.app, stamp, message.clone()).unwrap()
}

/// Everything a notice might change.
fn traces(clinic: &Clinic) -> String {
    let events = clinic.app.store.read(|v| v.last_events(1_000)).unwrap();
    format!("{:?} {:?} {:?}", clinic.fates(), clinic.task_kinds(), events)
}

#[test]
fn a_dead_address_fails_the_letter_stops_the_next_and_asks_a_person_the_same_day() {
    let (clinic, letter) = sent();
    let notice = report(&letter.envelope, "", ("failed", "5.1.1"));
    assert!(matches!(take(&clinic, &notice), InboundOutcome::Letter(BounceOutcome::Taken(..))));
    assert_eq!(clinic.fates()[0].1, "failed");
    assert_eq!(clinic.patient("A-1").status, PatientStatus::AddressBad);
    assert_eq!(clinic.task_kinds(), [TaskKind::AddressBad]);
    // A working day: no task is overdue as it opens.
    let due_in = clinic.tasks()[0].due_at.duration_since(clinic.now());
    assert!(due_in.is_positive() && due_in <= SignedDuration::from_hours(24), "{due_in}");
    assert!(!traces(&clinic).contains("patients.example"));
    clinic.is_sound();
}

#[test]
fn a_notice_nobody_can_read_asks_a_person_once_and_leaves_the_letter_as_it_is() {
    let (clinic, letter) = sent();
    let text = format!("Return-Path: <>\nTo: {}\nSubject: notice 17\n\nIt was put aside.\n", letter.envelope);
    let notice = read::read(text.as_bytes()).remove(0);
    assert_eq!(notice.content, Content::ServerNote);
    assert!(matches!(take(&clinic, &notice), InboundOutcome::Letter(BounceOutcome::Taken(..))));
    assert!(matches!(take(&clinic, &notice), InboundOutcome::Letter(BounceOutcome::Known(..))));
    assert_eq!(
        (clinic.fates()[0].1, clinic.task_kinds().as_slice()),
        ("sent", &[TaskKind::LetterFailed][..])
    );
    assert!(clinic.tasks()[0].reason.contains("only a person can read"));
    let behind = |task: &aftercare::store::work::tasks::Task| {
        clinic.app.store.read(|v| v.inbound_behind(&task.cause, task.opened_at))
    };
    assert_eq!(behind(&clinic.tasks()[0]).unwrap()[0].text, "It was put aside.");
    clinic.is_sound();
}

#[test]
fn the_same_notice_again_changes_nothing() {
    for what in [("failed", "5.1.1"), ("failed", "5.2.2"), ("delayed", "4.4.1")] {
        let (clinic, letter) = sent();
        let notice = report(&letter.envelope, &letter.message_id, what);
        take(&clinic, &notice);
        let before = traces(&clinic);
        assert!(matches!(take(&clinic, &notice), InboundOutcome::Letter(BounceOutcome::Known(..))));
        assert_eq!(traces(&clinic), before);
    }
}

#[test]
fn a_notice_read_again_does_not_stop_her_after_a_person_put_it_right() {
    let (clinic, letter) = sent();
    let notice = report(&letter.envelope, "", ("failed", "5.1.1"));
    take(&clinic, &notice);
    clinic.status("A-1", PatientStatus::Active);
    take(&clinic, &notice);
    assert_eq!(clinic.patient("A-1").status, PatientStatus::Active);
}

#[test]
fn a_number_or_a_loose_word_in_a_notice_kills_no_address_and_saves_none() {
    for (status, diagnosis, text, fate) in [
        // A room is no reply code, and none of another class than the status.
        ("5.1.1", "X-Local; unknown user 412", "", PatientStatus::AddressBad),
        ("5.1.1", "X-Local; unknown user (error 412)", "", PatientStatus::AddressBad),
        ("5.0.0", "smtp; 450 user unknown", "", PatientStatus::Active),
        ("5.0.0", "smtp; 500 failed", "the command \"XYZ\" is not recognized", PatientStatus::Active),
        ("5.0.0", "smtp; 554 failed", "The certificate does not exist.", PatientStatus::Active),
        ("5.0.0", "smtp; 550 failed", "x@home.example: no such user", PatientStatus::AddressBad),
    ] {
        let (clinic, letter) = sent();
        let raw = format!(
            "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: {}\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
             --b\nContent-Type: text/plain\n\n{text}\n\n--b\nContent-Type: message/delivery-status\n\n\
             Final-Recipient: rfc822; {}\nAction: failed\nStatus: {status}\nDiagnostic-Code: {diagnosis}\n\n--b--\n",
            letter.envelope, letter.to
        );
        take(&clinic, &read::read(raw.as_bytes()).remove(0));
        assert_eq!(clinic.patient("A-1").status, fate, "{status} {diagnosis} {text}");
        clinic.is_sound();
    }
}

#[test]
fn a_letter_given_up_for_another_reason_asks_a_person_and_keeps_the_address() {
    for status in ["5.2.2", "5.7.1", "4.4.7"] {
        let (clinic, letter) = sent();
        take(&clinic, &report(&letter.envelope, "", ("failed", status)));
        assert_eq!((clinic.fates()[0].1, clinic.patient("A-1").status), ("failed", PatientStatus::Active));
        assert_eq!(clinic.task_kinds(), [TaskKind::LetterFailed], "{status}");
        clinic.is_sound();
    }
}

#[test]
fn a_delay_is_only_noted() {
    let (clinic, letter) = sent();
    assert!(matches!(
        take(&clinic, &report(&letter.envelope, "", ("delayed", "4.4.1"))),
        InboundOutcome::Letter(BounceOutcome::Taken(..))
    ));
    assert_eq!((clinic.fates()[0].1, clinic.tasks().len()), ("sent", 0));
    assert!(traces(&clinic).contains("delivery.bounced"));
    // It comes back in the end all the same.
    take(&clinic, &report(&letter.envelope, "", ("failed", "5.1.1")));
    assert_eq!(clinic.task_kinds(), [TaskKind::AddressBad]);
}

#[test]
fn without_a_tag_the_message_id_tells_whose_it_is() {
    let (clinic, letter) = sent();
    let notice = to_mailbox(&letter.to, &format!("Message-ID: <{}>", letter.message_id));
    assert!(matches!(take(&clinic, &notice), InboundOutcome::Letter(BounceOutcome::Taken(..))));
    assert_eq!(clinic.task_kinds(), [TaskKind::AddressBad]);
}

/// A report about a mailbox that came to no return path of ours, with the head of the letter it returns.
fn to_mailbox(mailbox: &str, returned: &str) -> Inbound {
    let text = format!(
        "Return-Path: <>\nTo: clinic@clinic.example\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; {mailbox}\nAction: failed\nStatus: 5.1.1\n\n\
         --b\nContent-Type: text/rfc822-headers\n\n{returned}\n\n--b--\n"
    );
    read::read(text.as_bytes()).remove(0)
}

#[test]
fn a_notice_about_somebody_elses_letter_touches_no_letter_of_ours_and_is_kept() {
    for returned in
        ["Message-ID: <staff-1@clinic.example>\nReferences: <@MID@> <y@home.example>", "Message-ID: <@MID@>"]
    {
        let (clinic, letter) = sent();
        let returned = returned.replace("@MID@", &letter.message_id);
        let notice = to_mailbox("dr.typo@hospital.example", &returned);
        assert!(matches!(take(&clinic, &notice), InboundOutcome::Kept(..)));
        assert_eq!((clinic.fates()[0].1, clinic.patient("A-1").status), ("sent", PatientStatus::Active));
        assert_eq!(clinic.task_kinds(), [TaskKind::LetterFailed], "a person looks: {returned}");
        clinic.is_sound();
    }
}

#[test]
fn of_two_reports_in_one_message_each_is_about_its_own_letter() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    for reference in ["A-1", "A-2"] {
        clinic.enrol(&Person::new(reference).on("high", "2026-01-07"));
    }
    clinic.live_until("2026-03-10T10:00");
    let [one, two] = ["A-1", "A-2"].map(|reference| clinic.letters_to(reference).remove(0));
    let report = |letter: &Accepted, action: &str, status: &str| {
        format!(
            "To: {}\nFinal-Recipient: rfc822; {}\nAction: {action}\nStatus: {status}\n\n",
            letter.envelope, letter.to
        )
    };
    let text = format!(
        "Return-Path: <it@hospital.example>\nFrom: it@hospital.example\nSubject: Fwd\n\nTwo came back:\n\n{}{}",
        report(&one, "delayed", "4.4.1"),
        report(&two, "failed", "5.1.1")
    );
    for message in read::read(text.as_bytes()) {
        take(&clinic, &message);
    }
    let stands = |reference: &str| clinic.patient(reference).status;
    assert_eq!((stands("A-1"), stands("A-2")), (PatientStatus::Active, PatientStatus::AddressBad));
    let sent = clinic.fates().iter().filter(|fate| fate.1 == "sent").count();
    assert_eq!((sent, clinic.fates().len()), (1, 2));
    // Where nobody can tell whose a report is, a person reads it and nothing changes.
    let vague = text.replace(&one.to, "a@elsewhere.example").replace(&two.to, "b@elsewhere.example");
    let (before, tasks) = (clinic.fates(), clinic.tasks().len());
    for message in read::read(vague.as_bytes()) {
        assert!(matches!(take(&clinic, &message), InboundOutcome::Kept(..) | InboundOutcome::Known));
    }
    assert_eq!((clinic.fates(), clinic.tasks().len()), (before, tasks + 1));
    clinic.is_sound();
}

#[test]
fn where_a_report_tells_of_her_own_mailbox_another_one_behind_it_costs_her_nothing() {
    let (clinic, letter) = sent();
    let text = format!(
        "Return-Path: <>\nTo: {}\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=\"b\"\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; {}\nAction: expanded\nStatus: 2.0.0\n\n\
         Final-Recipient: rfc822; daughter@else.example\nAction: failed\nStatus: 5.1.1\n\n--b--\n",
        letter.envelope, letter.to
    );
    take(&clinic, &read::read(text.as_bytes()).remove(0));
    assert_eq!((clinic.fates()[0].1, clinic.patient("A-1").status), ("sent", PatientStatus::Active));
}

/// A report about the letter to her that came to its end at another mailbox.
fn ended_at(letter: &Accepted, last: &str, (status, words): (&str, &str)) -> Inbound {
    let text = format!(
        "Return-Path: <>\nTo: {}\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.home.example\n\n\
         Original-Recipient: rfc822;{}\nFinal-Recipient: rfc822; {last}\nAction: failed\nStatus: {status}\n\
         Diagnostic-Code: smtp; 550 {status} {words}\n\n--b--\n",
        letter.envelope, letter.to
    );
    read::read(text.as_bytes()).remove(0)
}

#[test]
fn one_who_forwards_her_mail_stops_nobody_elses_and_keeps_her_address() {
    let refused = [
        ("5.7.26", "the sender is unauthenticated"),
        ("5.1.1", "user unknown"),
        ("5.7.1", "blocked using zen.spamhaus.org"),
    ];
    let (_, first) = sent();
    let neighbour = format!("else.{}", first.to);
    for (last, about) in
        ["ana@gmx.example", neighbour.as_str()].iter().flat_map(|last| refused.map(|about| (*last, about)))
    {
        let (clinic, letter) = sent();
        take(&clinic, &ended_at(&letter, last, about));
        assert_eq!(
            (clinic.fates()[0].1, clinic.patient("A-1").status),
            ("failed", PatientStatus::Active),
            "{last} {about:?}"
        );
        assert_eq!(clinic.task_kinds(), [TaskKind::LetterFailed], "{last} {about:?}");
        clinic.is_sound();
    }
    // Her own name at a host of her own domain is she.
    let (clinic, letter) = sent();
    let (name, domain) = letter.to.split_once('@').unwrap();
    take(&clinic, &ended_at(&letter, &format!("{name}@mbox.{domain}"), refused[1]));
    assert_eq!(clinic.patient("A-1").status, PatientStatus::AddressBad);
    let (clinic, letter) = sent();
    take(&clinic, &ended_at(&letter, &letter.to.to_uppercase(), refused[0]));
    assert_eq!((clinic.fates()[0].1, clinic.task_kinds()), ("pending", vec![TaskKind::MailRefused]));
}

#[test]
fn a_complaint_about_a_letter_to_an_address_she_has_no_more_stops_nothing() {
    for is_late in [true, false] {
        let (clinic, letter) = sent();
        if is_late {
            clinic.readdress("A-1", "new@else.example");
        }
        let text = format!(
            "Return-Path: <>\nTo: care@riverside.example\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=feedback-report; boundary=\"b\"\n\n\
             --b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\
             Original-Mail-From: <{}>\n\n--b\nContent-Type: message/rfc822\n\nMessage-ID: <{}>\n\nHello.\n--b--\n",
            letter.envelope, letter.message_id
        );
        take(&clinic, &read::read(text.as_bytes()).remove(0));
        let (status, task) = match is_late {
            true => (PatientStatus::Active, TaskKind::LetterFailed),
            false => (PatientStatus::OptedOutEmail, TaskKind::OptedOut),
        };
        assert_eq!((clinic.patient("A-1").status, clinic.task_kinds()), (status, vec![task]), "{is_late}");
        clinic.is_sound();
    }
}

#[test]
fn a_second_note_nobody_can_read_asks_again_whatever_became_of_the_first() {
    let (clinic, letter) = sent();
    let note = |number: u32, words: &str| {
        let head = format!(
            "Return-Path: <>\nTo: {}\nSubject: notice\nMessage-ID: <n{number}@mx.example>",
            letter.envelope
        );
        read::read(format!("{head}\n\n{words}\n").as_bytes()).remove(0)
    };
    let (first, second) = (note(1, "Wiadomosc oczekuje."), note(2, "Uzytkownik nie istnieje."));
    assert_eq!(second.content, Content::ServerNote);
    take(&clinic, &first);
    clinic.close_task(TaskKind::LetterFailed);
    assert!(matches!(take(&clinic, &first), InboundOutcome::Letter(BounceOutcome::Known(..))));
    assert_eq!(clinic.task_kinds(), []);
    assert!(matches!(take(&clinic, &second), InboundOutcome::Letter(BounceOutcome::Taken(..))));
    assert_eq!(clinic.task_kinds(), [TaskKind::LetterFailed]);
    let task = clinic.tasks().remove(0);
    let kept = clinic.app.store.read(|v| v.inbound_behind(&task.cause, task.opened_at)).unwrap();
    assert_eq!(kept.len(), 2);
    clinic.is_sound();
}

#[test]
fn a_server_that_says_she_has_died_stops_letters_and_asks_a_person() {
    for (status, words) in [
        ("5.2.2", "mailbox full, account holder deceased"),
        // No new address may end it.
        ("5.1.1", "no such user, account holder deceased"),
    ] {
        let (clinic, letter) = sent();
        take(&clinic, &said(&letter.envelope, "", ("failed", status, words)));
        assert_eq!(clinic.patient("A-1").status, PatientStatus::Paused);
        let told = clinic
            .tasks()
            .into_iter()
            .filter(|task| task.reason.contains("may say that she has died"))
            .count();
        assert_eq!(told, 1, "{:?}", clinic.tasks());
        clinic.is_sound();
    }
}

#[test]
fn a_forged_tag_silences_nobody() {
    let (clinic, _) = sent();
    let before = clinic.fates();
    for to in ["clinic+1-0000000000@clinic.example", "clinic+1@clinic.example", "clinic@clinic.example"] {
        let notice = report(to, "guess@clinic.example", ("failed", "5.1.1"));
        assert!(matches!(take(&clinic, &notice), InboundOutcome::Kept(..) | InboundOutcome::Known));
    }
    assert_eq!((clinic.fates(), clinic.patient("A-1").status), (before, PatientStatus::Active));
    // A person sees that somebody tries.
    assert_eq!(clinic.task_kinds(), [TaskKind::LetterFailed]);
}

#[test]
fn better_knowledge_that_comes_later_counts() {
    let (clinic, letter) = sent();
    take(&clinic, &report(&letter.envelope, "", ("failed", "4.4.7")));
    assert_eq!(clinic.patient("A-1").status, PatientStatus::Active);
    assert!(matches!(
        take(&clinic, &report(&letter.envelope, "", ("failed", "5.1.1"))),
        InboundOutcome::Letter(BounceOutcome::Taken(..))
    ));
    assert_eq!(clinic.patient("A-1").status, PatientStatus::AddressBad);
    assert!(clinic.task_kinds().contains(&TaskKind::AddressBad));
    // And worse knowledge that comes later changes nothing.
    let before = traces(&clinic);
    take(&clinic, &report(&letter.envelope, "", ("failed", "5.2.2")));
    assert_eq!(traces(&clinic), before);
    clinic.is_sound();
}
