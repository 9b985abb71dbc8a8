//! A person lets letters go again that were refused: what is still of use goes, each other says why not.

use aftercare::care::actor::Actor;
use aftercare::care::patient::PatientStatus;
use aftercare::care::refusal::classify::DialogueStage;
use aftercare::care::task::TaskKind;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::outbox::retry::{RetryEnd, RetryRefusal, RetryResult, RetryScope, preview, retry};
use aftercare::store::db::transaction::Stamp;
use aftercare::store::mail::delivery::DeliveryId;

use super::post;
use crate::clinic::{Clinic, Person, address, at};
use crate::courier::Reply;

const REPLIES: [&str; 5] = [
    "554 5.6.0 Message format not accepted here",
    "550 5.7.1 Message content rejected",
    "552 5.3.4 Message too big for this system",
    "554 5.7.1 Attachment type not allowed",
    "550 5.6.1 Calendar part not supported",
];

/// Everyone's letter of 10 March was refused.
fn refused(people: usize) -> Clinic {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    for number in 0..people {
        clinic.enrol(&Person::new(&format!("A-{number}")).on("high", "2026-01-07"));
    }
    // Each for a reason of its own: the same words for three would be a sentence about us.
    for (number, reply) in REPLIES.iter().enumerate().take(people) {
        clinic.courier.next(&address(&format!("A-{number}")), &[Reply::Says(DialogueStage::Body, reply)]);
    }
    clinic.live_until("2026-03-10T10:00");
    assert_eq!(clinic.fates().iter().map(|fate| fate.1).collect::<Vec<_>>(), vec!["failed"; people]);
    clinic
}

fn again(clinic: &Clinic, which: RetryScope) -> Vec<RetryResult> {
    let before = clinic.fates();
    let stamp = Stamp { at: clinic.now(), actor: Actor::Operator("nurse".to_owned()) };
    let shown = preview(&clinic.app, stamp.clone(), which.clone()).unwrap();
    assert_eq!(before, clinic.fates(), "a preview changes nothing");
    let done = retry(&clinic.app, stamp, which).unwrap();
    assert_eq!(shown, done, "what is shown is what happens");
    done
}

fn all(clinic: &Clinic) -> Vec<RetryEnd> {
    again(clinic, RetryScope::All).into_iter().map(|answer| answer.end).collect()
}

#[test]
fn what_was_refused_goes_again_under_its_message_id_and_the_task_is_closed() {
    let mut clinic = refused(3);
    let ids: Vec<_> = clinic.ledger().into_iter().map(|l| l.delivery.message_id).collect();
    assert_eq!(clinic.task_kinds(), [TaskKind::LetterFailed; 3]);
    assert_eq!(all(&clinic), vec![RetryEnd::Again(at("2026-03-10T10:00")); 3]);
    assert_eq!(clinic.task_kinds(), []);
    clinic.is_sound();
    clinic.live_until("2026-03-11T00:00");
    let letters = clinic.courier.accepted();
    assert_eq!(letters.len(), 3);
    for line in clinic.ledger() {
        assert_eq!((line.delivery.state.word(), line.delivery.attempt), ("sent", 2));
        assert!(ids.contains(&line.delivery.message_id));
        assert_eq!(line.delivery.reason, None, "what it was refused with is told of the first attempt only");
    }
    let promises = clinic.app.store.read(|v| v.promises()).unwrap();
    assert_eq!(promises, [("sent".to_owned(), 3)]);
    clinic.is_sound();
}

#[test]
fn it_waits_for_an_open_hour_and_sending_again_twice_is_sending_once() {
    let mut clinic = refused(1);
    clinic.live_until("2026-03-10T22:00");
    assert_eq!(all(&clinic), [RetryEnd::Again(at("2026-03-11T08:00"))]);
    assert_eq!(all(&clinic), []);
    let one = RetryScope::These(vec![clinic.ledger()[0].delivery.id]);
    let stays = RetryEnd::Stays(RetryRefusal::NotFailed(aftercare::care::delivery::DeliveryState::Pending));
    assert_eq!(again(&clinic, one)[0].end, stays);
    clinic.live_until("2026-03-12T00:00");
    assert_eq!(clinic.post_of("A-0"), post(&[("2026-03-11 08:00", "visit:book")]));
    clinic.is_sound();
}

#[test]
fn each_letter_that_stays_says_why() {
    let mut clinic = refused(5);
    clinic.status("A-0", PatientStatus::Deceased);
    clinic.status("A-1", PatientStatus::OptedOutEmail);
    clinic.book("A-2", "2026-04-07T10:00").unwrap();
    clinic.done("A-3", None, crate::clinic::day("2026-03-10")).unwrap_or(());
    let her = clinic.patient("A-4");
    let kinds = vec![aftercare::store::people::preferences::LetterKind::Visits];
    let choice = aftercare::journey::patients::opt_out::OptOutChoice::Kinds(kinds);
    clinic
        .change::<_, StepError>(move |tx| aftercare::journey::patients::opt_out::choose(tx, &her, &choice))
        .unwrap();
    let answers = again(&clinic, RetryScope::All);
    let end = |who: &str| &answers.iter().find(|a| a.reference.as_deref() == Some(who)).unwrap().end;
    assert_eq!(*end("A-0"), RetryEnd::Stays(RetryRefusal::Status(PatientStatus::Deceased)));
    assert_eq!(*end("A-1"), RetryEnd::Stays(RetryRefusal::Status(PatientStatus::OptedOutEmail)));
    assert_eq!(*end("A-2"), RetryEnd::Stays(RetryRefusal::NotOwed), "she has booked");
    assert!(matches!(end("A-4"), RetryEnd::Stays(RetryRefusal::Declined(_))));
    clinic.is_sound();
    clinic.live_until("2026-03-11T00:00");
    for who in ["A-0", "A-1", "A-4"] {
        assert_eq!(clinic.post_of(who), [], "{who}");
    }
}

#[test]
fn what_would_come_too_late_is_not_sent() {
    let mut clinic = refused(1);
    clinic.courier.always(Reply::Refuse);
    clinic.live_until("2026-04-20T10:00");
    assert!(
        all(&clinic)
            .iter()
            .all(|end| matches!(end, RetryEnd::Stays(RetryRefusal::TooLate | RetryRefusal::NotOwed)))
    );
    clinic.is_sound();
}

#[test]
fn after_a_bad_address_was_mended_her_letters_go_and_twice_on_record_is_no_finding() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-9").on("high", "2026-01-07"));
    clinic.courier.next(&address("A-9"), &[Reply::BadAddress]);
    clinic.live_until("2026-03-10T11:00");
    assert_eq!(clinic.patient("A-9").status, PatientStatus::AddressBad);
    let of = || RetryScope::Of(aftercare::care::patient::Reference::parse("A-9").unwrap());
    assert_eq!(again(&clinic, of())[0].end, RetryEnd::Stays(RetryRefusal::Status(PatientStatus::AddressBad)));
    // The one act that says her address is good lets go what it held back; there is nothing left to send again.
    clinic.status("A-9", PatientStatus::Active);
    assert_eq!(clinic.fates()[0].1, "pending");
    assert_eq!(again(&clinic, of()), []);
    clinic.live_until("2026-03-11T00:00");
    assert_eq!(clinic.post_of("A-9").len(), 1);
    clinic.is_sound();
}

#[test]
fn a_letter_that_came_back_and_is_sent_again_balances() {
    use aftercare::journey::patients::inbound::take_in;
    use aftercare::mail::inbound::read;
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-0").on("high", "2026-01-07"));
    clinic.live_until("2026-03-10T10:00");
    let letter = clinic.letters_to("A-0").remove(0);
    let text = format!(
        "Return-Path: <>\nTo: {}\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
         Final-Recipient: rfc822; x@home.example\nAction: failed\nStatus: 5.2.2\n\
         Diagnostic-Code: smtp; 552 5.2.2 mailbox full\n\n--b--\n",
        letter.envelope
    );
    let notice = read::read(text.as_bytes()).remove(0);
    take_in(&clinic.app, Stamp::daemon(clinic.now()), notice).unwrap();
    assert_eq!(clinic.fates()[0].1, "failed");
    assert!(matches!(all(&clinic)[..], [RetryEnd::Again(_)]));
    clinic.live_until("2026-03-11T00:00");
    assert_eq!((clinic.fates()[0].1, clinic.letters_to("A-0").len()), ("sent", 2));
    clinic.is_sound();
}

#[test]
fn a_letter_that_was_in_doubt_before_it_failed_goes_at_most_once_more() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-0").on("high", "2026-01-07"));
    clinic.courier.next(&address("A-0"), &[Reply::LostAfter, Reply::Refuse]);
    clinic.live_until("2026-03-10T10:00");
    assert_eq!(clinic.fates()[0].1, "failed");
    assert!(matches!(all(&clinic)[..], [RetryEnd::Again(_)]));
    clinic.courier.always(Reply::LostAfter);
    clinic.live_until("2026-03-12T00:00");
    let letters = clinic.letters_to("A-0");
    assert_eq!((letters.len(), clinic.fates()[0].1), (2, "unknown"));
    assert_eq!(letters[0].text, letters[1].text, "a twin is the same letter");
    assert_eq!(all(&clinic), [], "nothing failed: it waits for a person");
    clinic.is_sound();
}

#[test]
fn where_another_letter_waits_for_her_that_day_what_failed_travels_with_it() {
    let mut clinic = Clinic::open("2026-01-07T10:00");
    clinic.enrol(&Person::new("A-0").on("high", "2026-01-07").on("spine", "2026-01-07"));
    clinic.courier.next(&address("A-0"), &[Reply::Accept, Reply::Accept]);
    clinic.live_until("2026-03-09T00:00");
    clinic.courier.collect();
    clinic.courier.always(Reply::Refuse);
    clinic.live_until("2026-03-10T09:30");
    // Her form of the days before was refused as well.
    clinic.courier.always(Reply::Later);
    clinic.live_until("2026-03-10T09:31");
    let failed = clinic.ledger().into_iter().filter(|l| l.delivery.state.word() == "failed").count();
    assert!(failed >= 1);
    let ends = all(&clinic);
    clinic.courier.always(Reply::Accept);
    clinic.live_until("2026-03-12T00:00");
    assert!(ends.iter().any(|end| matches!(end, RetryEnd::With(_))), "{ends:?}");
    let mut steps: Vec<_> = clinic.post_of("A-0").into_iter().map(|p| p.1).collect();
    steps.truncate(1);
    assert_eq!(steps, ["checklist:invite visit:book"], "one letter tells both");
    clinic.is_sound();
}

#[test]
fn a_letter_nobody_knows_is_refused() {
    let clinic = refused(0);
    let none = RetryScope::These(vec![DeliveryId(99)]);
    let refused = preview(&clinic.app, Stamp::daemon(clinic.now()), none).unwrap_err();
    assert!(refused.to_string().contains("`99`"), "{refused}");
}
