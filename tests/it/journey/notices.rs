//! The corpus of what reaches a mailbox of ours (`tests/corpus/notices`), each message judged on a real database.

use aftercare::care::actor::Actor;
use aftercare::care::inbound::MessageKind as Message;
use aftercare::care::patient::PatientStatus;
use aftercare::care::task::TaskKind;
use aftercare::journey::patients::inbound::take_in;
use aftercare::mail::inbound::read;
use aftercare::store::db::transaction::Stamp;
use data_encoding::BASE64;
use serde::Deserialize;

use super::sent;
use crate::clinic::{Clinic, Person};
use crate::courier::Accepted;

#[derive(Deserialize)]
struct Index {
    notice: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    file: String,
    right: String,
    source: String,
}

fn corpus() -> Vec<Case> {
    toml::from_str::<Index>(&text("index.toml")).unwrap().notice
}

fn corpus_dir() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/notices")
}

pub(super) fn text(file: &str) -> String {
    std::fs::read_to_string(corpus_dir().join(file)).unwrap()
}

/// A message about the first letter of a patient.
pub(super) fn filled(template: &str, clinic: &Clinic, reference: &str) -> String {
    let letter = clinic.letters_to(reference).remove(0);
    let tag = letter.envelope.split_once('+').unwrap().1.split('@').next().unwrap().to_owned();
    let id = clinic.patient(reference).id;
    let booked = clinic.app.store.read(|v| {
        let follow_ups = v.follow_ups_of(id)?;
        let booked = follow_ups.iter().find(|f| f.state.word() == "booked");
        booked.map(|f| v.appointment_of(f.id)).transpose()
    });
    let uid = booked.unwrap().flatten().map(|booked| booked.uid).unwrap_or_default();
    let fill = |text: &str| {
        let text = text.replace("@TO@", &letter.to).replace("@MID@", &letter.message_id);
        text.replace("@TAG@", &tag).replace("@UID@", &uid)
    };
    let report = format!(
        "Reporting-MTA: dns; mx.relay.example\n\nFinal-Recipient: rfc822; {}\nAction: failed\nStatus: 5.1.1\n",
        letter.to
    );
    let whole = fill(&text("postfix_unknown.eml"));
    let wrapped = |bytes: &str| {
        let line = BASE64.encode(bytes.as_bytes());
        line.as_bytes()
            .chunks(76)
            .map(|c| String::from_utf8_lossy(c).into_owned())
            .collect::<Vec<_>>()
            .join("\n")
    };
    fill(template).replace("@DSN64@", &wrapped(&report)).replace("@MESSAGE64@", &wrapped(&whole))
}

/// What became of letter, address, tasks and words, in one line.
fn outcome(clinic: &Clinic, reference: &str, before: (usize, usize, usize)) -> String {
    let her = clinic.patient(reference);
    let letter = clinic.ledger().into_iter().find(|line| line.delivery.patient == Some(her.id)).unwrap();
    let tasks: Vec<TaskKind> =
        clinic.app.store.read(|v| v.tasks_of(her.id)).unwrap().iter().map(|t| t.kind).collect();
    let kept: Vec<Message> =
        clinic.app.store.read(|v| v.inbound_of(her.id, 9)).unwrap().iter().map(|m| m.kind).collect();
    let others =
        clinic.tasks().iter().filter(|t| t.patient.is_none() && t.kind == TaskKind::SheWrote).count();
    let refused = clinic.tasks().iter().filter(|t| t.kind == TaskKind::MailRefused).count();
    let state = letter.delivery.state.word();
    match (state, her.status, tasks.as_slice(), kept.as_slice()) {
        ("failed", PatientStatus::AddressBad, [TaskKind::AddressBad], []) => "address-bad",
        // Who copied a notice into a message wrote words of his own, which a person reads too.
        (
            "failed",
            PatientStatus::AddressBad,
            [TaskKind::SheWrote, TaskKind::AddressBad],
            [Message::Wrote],
        ) => "address-bad, wrote",
        ("failed", PatientStatus::Active, [TaskKind::LetterFailed], []) => "failed",
        // What is about us costs no letter: it waits to go again.
        ("pending", PatientStatus::Active, [], []) if refused == 1 => "about-us",
        ("sent", PatientStatus::OptedOutEmail, [TaskKind::OptedOut], []) => "opted-out",
        ("sent", PatientStatus::Active, [TaskKind::LetterFailed], [Message::Challenge]) => "challenge",
        ("sent", PatientStatus::Active, [TaskKind::LetterFailed], [Message::Server])
            if by_letter(clinic, her.id) =>
        {
            "read-by-staff"
        }
        ("sent", PatientStatus::Active, [TaskKind::LetterFailed], [Message::Server]) => "server, hers",
        ("sent", PatientStatus::Active, [TaskKind::SheWrote], [Message::Wrote]) => "wrote",
        ("sent", PatientStatus::Active, [TaskKind::SheWrote], [Message::Declined]) => "declined",
        ("sent", PatientStatus::Active, [TaskKind::SheWrote], [Message::Tentative]) => "tentative",
        ("sent", PatientStatus::Active, [TaskKind::SheWrote], [Message::Proposed]) => "proposed",
        ("sent", PatientStatus::Active, [], [Message::Accepted]) => "accepted",
        ("sent", PatientStatus::Active, [], [Message::Absence]) => "noted",
        ("sent", PatientStatus::Active, [], []) if others > before.0 => "stranger",
        ("sent", PatientStatus::Active, [], []) if bounced(clinic, "delayed") > before.1 => "delayed",
        ("sent", PatientStatus::Active, [], []) if bounced(clinic, "delivered") > before.2 => "arrived",
        ("sent", PatientStatus::Active, [], []) => "noted",
        _ => return format!("{state} {:?} {tasks:?} {kept:?}", her.status),
    }
    .to_owned()
}

/// Whether what a server wrote stands with a letter of hers.
fn by_letter(clinic: &Clinic, id: aftercare::care::patient::PatientId) -> bool {
    clinic.app.store.read(|v| v.inbound_of(id, 9)).unwrap()[0].about.delivery.is_some()
}

fn bounced(clinic: &Clinic, what: &str) -> usize {
    let events = clinic.app.store.read(|v| v.last_events(10_000)).unwrap();
    events
        .iter()
        .filter(|e| e.action == "delivery.bounced" && e.detail.contains(&format!("\"{what}\"")))
        .count()
}

fn take(clinic: &Clinic, raw: &str) {
    let crlf = raw.replace('\n', "\r\n");
    for (at, form) in [raw, crlf.as_str()].into_iter().enumerate() {
        for one in read::read(form.as_bytes()) {
            let stamp = Stamp { at: clinic.now(), actor: Actor::Operator("postfix".to_owned()) };
            let taken = take_in(&clinic.app, stamp, one).unwrap();
            let again = matches!(
                taken,
                aftercare::journey::patients::inbound::InboundOutcome::Known
                    | aftercare::journey::patients::inbound::InboundOutcome::Noted
                    | aftercare::journey::patients::inbound::InboundOutcome::Letter(
                        aftercare::journey::delivery::failure::bounce::BounceOutcome::Known(..)
                    )
            );
            assert!(at == 0 || again, "the same message again changes nothing: {taken:?}\n{raw}");
        }
    }
}

#[test]
fn every_message_of_the_corpus_has_its_right_value() {
    let cases = corpus();
    let named: Vec<&str> = cases.iter().map(|case| case.file.as_str()).collect();
    for file in std::fs::read_dir(corpus_dir()).unwrap() {
        let file = file.unwrap().file_name().into_string().unwrap();
        assert!(!file.ends_with(".eml") || named.contains(&file.as_str()), "{file} stands in no index");
    }
    assert!(cases.len() >= 45 && cases.iter().all(|case| !case.source.is_empty()));
    let mut clinic = Clinic::open("2026-01-07T10:00");
    let reference = |at: usize| format!("A-{at}");
    for at in 0..cases.len() {
        clinic.enrol(&Person::new(&reference(at)).on("high", "2026-01-07"));
    }
    clinic.live_until("2026-03-10T10:00");
    let mut wrong = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        if case.file.starts_with("calendar") {
            clinic.book(&reference(at), "2026-04-07T10:30").unwrap();
        }
        let strangers =
            clinic.tasks().iter().filter(|t| t.patient.is_none() && t.kind == TaskKind::SheWrote).count();
        let before = (strangers, bounced(&clinic, "delayed"), bounced(&clinic, "delivered"));
        take(&clinic, &filled(&text(&case.file), &clinic, &reference(at)));
        let found = outcome(&clinic, &reference(at), before);
        if found != case.right {
            wrong.push(format!("{}: {found}, and {} is right", case.file, case.right));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    clinic.is_sound();
    let logs = format!("{:?}", clinic.app.store.read(|v| v.last_events(10_000)).unwrap());
    for words in ["legs", "numb", "hardly walk", "she fell", "home.example"] {
        assert!(!logs.contains(words), "the audit holds `{words}`");
    }
}

/// A message with another attached.
fn with_attached(letter: &Accepted, words: &str, inner: &str) -> String {
    format!(
        "Return-Path: <{0}>\nFrom: Her <{0}>\nTo: clinic@clinic.example\nSubject: Fwd: help\nMessage-ID: <{1}@home.example>\n\
         MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"f\"\n\n\
         --f\nContent-Type: text/plain\n\n{words}\n--f\nContent-Type: message/rfc822\n\n{inner}\n--f--\n",
        letter.to,
        words.len() + inner.len()
    )
}

const ABSENCE: &str = "Return-Path: <>\nFrom: Dr Smith <smith@hospital.example>\nSubject: Automatic reply: weak\n\
                       Auto-Submitted: auto-replied\n\nI am away until Monday.\n";
const RECEIPT: &str = "Return-Path: <>\nFrom: Dr Smith <smith@hospital.example>\nSubject: Read: weak\nMIME-Version: 1.0\n\
                       Content-Type: multipart/report; report-type=disposition-notification; boundary=\"m\"\n\n\
                       --m\nContent-Type: text/plain\n\nIt was read.\n--m\nContent-Type: message/disposition-notification\n\n\
                       Disposition: automatic-action/MDN-sent-automatically; displayed\n\n--m--\n";

#[test]
fn her_words_are_kept_whatever_of_a_programs_she_attaches() {
    let hers = |letter: &Accepted| {
        format!(
            "Return-Path: <>\nFrom: mailer-daemon@mx.example\nTo: {0}\nMIME-Version: 1.0\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"g\"\n\n\
             --g\nContent-Type: text/plain\n\nNot delivered.\n--g\nContent-Type: message/delivery-status\n\n\
             Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; dr.old@clinic.example\nAction: failed\nStatus: 5.1.1\n\n\
             --g\nContent-Type: message/rfc822\n\nFrom: {0}\nMessage-ID: <x@home.example>\nReferences: <{1}>\n\nHelp.\n--g--\n",
            letter.to, letter.message_id
        )
    };
    for what in 0..5 {
        let (clinic, letter) = sent();
        let words = "My legs are weak since yesterday.";
        let raw = match what {
            0 => with_attached(&letter, words, ABSENCE),
            1 => with_attached(&letter, words, RECEIPT),
            2 => with_attached(&letter, words, &hers(&letter)),
            // The same as an answer to our letter, and so to its return path.
            3 => with_attached(&letter, words, &hers(&letter)).replacen(
                "To: clinic@clinic.example",
                &format!("To: {}", letter.envelope),
                1,
            ),
            // What staff wrote to her without a sign of a program.
            _ => {
                with_attached(&letter, words, "From: clinic@clinic.example\nSubject: Re: x\n\nPlease ring.\n")
            }
        };
        take(&clinic, &raw);
        let her = clinic.patient("A-1");
        assert_eq!((clinic.fates()[0].1, her.status), ("sent", PatientStatus::Active), "{what}");
        let kept = clinic.app.store.read(|v| v.inbound_of(her.id, 9)).unwrap();
        assert!(kept.iter().any(|m| m.kind == Message::Wrote && m.text.contains(words)), "{what}: {kept:?}");
        let asked = clinic
            .tasks()
            .iter()
            .filter(|t| {
                t.kind == TaskKind::SheWrote && t.patient.as_ref().is_some_and(|(id, _)| *id == her.id)
            })
            .count();
        assert_eq!(asked, 1, "{what}");
        clinic.is_sound();
    }
}

#[test]
fn who_attaches_an_absence_note_without_a_word_asks_for_nothing() {
    let (clinic, letter) = sent();
    take(&clinic, &with_attached(&letter, "", ABSENCE));
    assert_eq!(clinic.task_kinds(), []);
}

/// What her mailbox answers by itself.
fn automatic(letter: &Accepted, text: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: Her <{}>\nTo: {}\nSubject: Automatic reply\nAuto-Submitted: auto-replied\n\n{text}\n",
        letter.to, letter.envelope
    )
}

#[test]
fn an_answer_that_says_she_has_died_stops_letters_and_asks_a_person_the_same_day() {
    let person = |letter: &Accepted, text: &str| {
        format!(
            "Return-Path: <{0}>\nFrom: Juan <{0}>\nTo: {1}\nSubject: Re: x\n\n{text}\n",
            letter.to, letter.envelope
        )
    };
    for is_program in [true, false] {
        let (mut clinic, letter) = sent();
        let raw = match is_program {
            true => automatic(&letter, "Ana Perez passed away on 12 October."),
            false => person(&letter, "My wife Ana died last week. Please stop."),
        };
        take(&clinic, &raw);
        assert_eq!(clinic.patient("A-1").status, PatientStatus::Paused, "{is_program}");
        assert_eq!(clinic.patient("A-1").paused_until, None);
        let task = clinic.tasks().into_iter().find(|t| t.kind == TaskKind::DeathSuspected).unwrap();
        assert!(task.reason.contains("may say that she has died"), "{}", task.reason);
        let before = clinic.courier.accepted().len();
        clinic.live_until("2026-06-30T10:00");
        let to_her = clinic.courier.accepted().into_iter().skip(before).filter(|l| l.to == letter.to).count();
        assert_eq!(to_her, 0, "no letter, and no automatic answer");
        clinic.status("A-1", PatientStatus::Active);
        clinic.is_sound();
    }
    let (clinic, letter) = sent();
    take(&clinic, &person(&letter, "My husband passed away in June. I come alone."));
    assert_eq!(clinic.patient("A-1").status, PatientStatus::Active);
    assert!(clinic.tasks()[0].reason.contains("speaks of a death"), "{}", clinic.tasks()[0].reason);
}

#[test]
fn a_mailbox_that_is_left_asks_a_person_for_another_address() {
    let (clinic, letter) = sent();
    take(&clinic, &automatic(&letter, "This mailbox is no longer in use and is not read."));
    assert_eq!(
        (clinic.task_kinds(), clinic.patient("A-1").status),
        (vec![TaskKind::SheWrote], PatientStatus::Active)
    );
    assert!(clinic.tasks()[0].reason.contains("another address"), "{}", clinic.tasks()[0].reason);
    clinic.is_sound();
}
