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

use crate::clinic::{Clinic, Person};

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
            [TaskKind::AddressBad, TaskKind::SheWrote],
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
