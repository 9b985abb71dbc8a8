//! Messages that lie about who wrote them, or come by the hundred: nobody's letters stop by one, and nobody's words drown in them.

use aftercare::care::actor::Actor;
use aftercare::care::patient::PatientStatus;
use aftercare::care::task::TaskKind;
use aftercare::journey::patients::inbound::take_in;
use aftercare::mail::inbound::read;
use aftercare::store::db::transaction::Stamp;
use aftercare::store::work::tasks::Task;

use super::sent;
use crate::clinic::{Clinic, Person};

fn take(clinic: &Clinic, raw: &str) {
    for one in read::read(raw.as_bytes()) {
        let stamp = Stamp { at: clinic.now(), actor: Actor::Operator("postfix".to_owned()) };
        take_in(&clinic.app, stamp, one).unwrap();
    }
}

fn asked(clinic: &Clinic) -> Vec<Task> {
    let of_words = |task: &Task| matches!(task.kind, TaskKind::SheWrote | TaskKind::DeathSuspected);
    clinic.tasks().into_iter().filter(of_words).collect()
}

fn address(clinic: &Clinic, reference: &str) -> String {
    clinic.patient(reference).email.unwrap().expose().to_owned()
}

const DEATH: &str = "my wife passed away last week";

#[test]
fn a_stranger_who_writes_down_her_address_stops_no_letter() {
    let multipart = |inner: &str| {
        format!(
            "From: x@evil.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n{DEATH}\n--b\n{inner}\n--b--\n"
        )
    };
    for raw in [
        format!("From: x@evil.example\nSubject: x\n\nFinal-Recipient: rfc822; @TO@\n{DEATH}\n"),
        format!("From: x@evil.example\nX-Failed-Recipients: @TO@\nSubject: x\n\n{DEATH}\n"),
        format!("From: MAILER-DAEMON@evil.example\nX-Failed-Recipients: @TO@\nSubject: failure notice\n\n{DEATH}\n"),
        multipart("Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; @TO@\nAction: failed\nStatus: 5.1.1\n"),
        multipart("Content-Type: message/rfc822\n\nFrom: @TO@\nSubject: y\n\nMy wife Ana died last week.\n"),
        "From: @TO@\nAuthentication-Results: mx.clinic.example; dmarc=fail; spf=fail\nSubject: x\n\nMy wife Ana died.\n".to_owned(),
        "Authentication-Results: mx.clinic.example;\n spf=fail smtp.mailfrom=home.example;\n dkim=none\n\
         Authentication-Results: mx.evil.example; dmarc=pass\nFrom: @TO@\nSubject: x\n\nMy wife Ana died.\n"
            .to_owned(),
    ] {
        let (clinic, _) = sent();
        take(&clinic, &raw.replace("@TO@", &address(&clinic, "A-1")));
        assert_eq!(clinic.patient("A-1").status, PatientStatus::Active, "{raw}");
        assert!(!clinic.tasks().is_empty(), "a person reads it: {raw}");
        clinic.is_sound();
    }
}

#[test]
fn a_death_that_nothing_proves_asks_a_person_at_once_and_a_mark_of_ours_is_believed() {
    let (clinic, letter) = sent();
    let forged = format!(
        "Authentication-Results: mx.clinic.example; dmarc=fail\nFrom: {}\nSubject: x\n\nMy wife Ana died.\n",
        letter.to
    );
    take(&clinic, &forged);
    let task = asked(&clinic).remove(0);
    assert!(task.reason.contains("Nothing proves who wrote"), "{}", task.reason);
    assert_eq!(task.patient.unwrap().1, "A-1");
    let soon = task.due_at.duration_since(clinic.now());
    assert!(soon <= jiff::SignedDuration::from_hours(1), "{soon}");
    // Whoever has her letter is believed, whatever became of the signature on the way.
    take(&clinic, &forged.replace("Subject: x", &format!("Subject: y\nTo: {}", letter.envelope)));
    assert_eq!(clinic.patient("A-1").status, PatientStatus::Paused);
    clinic.is_sound();
}

#[test]
fn of_many_deaths_that_only_addresses_tell_of_few_stop_letters_and_all_are_asked_about() {
    let clinic = Clinic::open("2026-01-07T10:00");
    let names: Vec<String> = (1..=9).map(|n| format!("A-{n}")).collect();
    for name in &names {
        clinic.enrol(&Person::new(name).on("high", "2026-01-07"));
    }
    let write = |clinic: &Clinic, name: &String| {
        take(clinic, &format!("From: {}\nSubject: {name}\n\nMy wife died.\n", address(clinic, name)));
    };
    let paused = |clinic: &Clinic| {
        names.iter().filter(|name| clinic.patient(name).status == PatientStatus::Paused).count()
    };
    names.iter().take(8).for_each(|name| write(&clinic, name));
    assert_eq!((paused(&clinic), asked(&clinic).len()), (5, 8));
    assert_eq!(asked(&clinic).iter().filter(|task| task.reason.contains("Nothing proves")).count(), 3);
    clinic.sleep_until("2026-01-07T11:01");
    write(&clinic, &names[8]);
    assert_eq!((paused(&clinic), asked(&clinic).len()), (6, 9));
    clinic.is_sound();
}

#[test]
fn a_flood_under_her_name_shares_a_task_and_nothing_in_it_is_lost() {
    let clinic = Clinic::open("2026-01-07T10:00");
    for name in ["A-1", "A-2"] {
        clinic.enrol(&Person::new(name).on("high", "2026-01-07"));
    }
    let write = |name: &str, text: &str| {
        take(&clinic, &format!("From: {}\nSubject: {text}\n\n{text}\n", address(&clinic, name)));
    };
    (0..300).for_each(|n| write("A-1", &format!("message {n}")));
    write("A-2", "Please ring me.");
    let open = asked(&clinic);
    assert_eq!(open.len(), 7, "five of their own, one for the rest, and one for another patient");
    let shared = open.iter().find(|task| task.cause.starts_with("inbound/more/")).unwrap();
    let behind = |task: &Task| {
        clinic
            .app
            .store
            .read(|v| {
                Ok::<_, aftercare::store::error::StoreError>((
                    v.inbound_behind(&task.cause, task.opened_at)?,
                    v.inbound_sharing(&task.cause, task.opened_at)?,
                ))
            })
            .unwrap()
    };
    let (words, count) = behind(shared);
    assert_eq!((words[0].text.as_str(), count), ("message 299", 295));
    let id = clinic.patient("A-1").id;
    assert_eq!(clinic.app.store.read(|v| v.inbound_of(id, 999)).unwrap().len(), 300);
    // What tells of her body has a task of its own beside that, once.
    write("A-1", "My legs are numb.");
    write("A-1", "I cannot feel my legs.");
    let urgent: Vec<_> =
        asked(&clinic).into_iter().filter(|task| task.cause.starts_with("inbound/urgent/")).collect();
    assert_eq!((urgent.len(), asked(&clinic).len()), (1, 8));
    assert_eq!(behind(&urgent[0]).0[0].text, "I cannot feel my legs.");
    clinic.is_sound();
}
