//! Who proves which rung, and what proves nothing.

use std::sync::Arc;

use super::*;
use crate::care::actor::Actor;
use crate::journey::alerts::webhook_calls::{self, CallResult};
use crate::journey::delivery::deliver::deliver;
use crate::journey::fixture::world::{odd_post, post};
use crate::journey::fixture::{Fixture, due, fixture, minutes, triage};
use crate::store::db::transaction::Stamp;

fn by(who: &str, minute: i64) -> Stamp {
    Stamp { at: due() + minutes(minute), actor: Actor::parse(who).unwrap() }
}

fn sends(fixture: &Fixture, stamp: Stamp) -> Result<i64, StepError> {
    let steps = fixture.clinic.clone();
    tokio::task::block_in_place(|| fixture.clinic.store.write_blocking(stamp, move |tx| send(tx, &steps)))
}

fn asked(fixture: &Fixture) -> Vec<AskedRung> {
    fixture.clinic.store.read(|v| v.asked_rungs(Timestamp::MIN)).unwrap()
}

fn replies(fixture: &Fixture, who: (&str, i64), reply: TestReply) -> Result<Option<String>, StepError> {
    let steps = fixture.clinic.clone();
    fixture.write((who.0, due() + minutes(who.1)), move |tx| answer(tx, &reply, &steps))
}

fn gives(fixture: &Fixture, code: &str, minute: i64) -> Result<Option<String>, StepError> {
    replies(fixture, ("staff:nora", minute), TestReply::Code(code.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_proves_its_own_rung_once_its_letter_has_left() {
    let fixture = fixture(triage());
    sends(&fixture, by("cli:root", 0)).unwrap();
    let codes: Vec<String> = asked(&fixture).iter().map(|one| code(one, &fixture.clinic.key)).collect();
    assert_ne!(codes[0], codes[1]);
    let early = gives(&fixture, &codes[0], 1);
    assert!(matches!(early, Err(StepError::Alert(AlertError::NotSentYet))), "{early:?}");
    deliver(&fixture.clinic, &post(due() + minutes(2))).await.unwrap();
    for wrong in ["", "AAAA-BBBB-CCCC", &codes[0][..11]] {
        let found = gives(&fixture, wrong, 3);
        assert!(matches!(found, Err(StepError::Alert(AlertError::NoSuchCode))), "{wrong}");
    }
    let daemon = replies(&fixture, ("daemon", 3), TestReply::Code(codes[0].clone()));
    assert!(matches!(daemon, Err(StepError::Permission(_))), "a person gives it");
    let typed = format!(" {} ", codes[0].to_ascii_lowercase().replace('-', " "));
    assert_eq!(gives(&fixture, &typed, 4).unwrap().as_deref(), Some("nurse"));
    let rungs = asked(&fixture);
    assert_eq!(rungs[0].confirmed, Some(("staff:nora".to_owned(), due() + minutes(4))));
    assert_eq!(rungs[1].confirmed, None, "nobody proves it for somebody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_may_not_sends_none() {
    let fixture = fixture(triage());
    let refused = sends(&fixture, by("staff:nobody", 0));
    assert!(matches!(refused, Err(StepError::Permission(_))), "{refused:?}");
    assert!(asked(&fixture).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_of_no_use_after_a_week() {
    let fixture = fixture(triage());
    sends(&fixture, by("cli:root", 0)).unwrap();
    deliver(&fixture.clinic, &post(due())).await.unwrap();
    let code = code(&asked(&fixture)[0], &fixture.clinic.key);
    let late = gives(&fixture, &code, 8 * 1440);
    assert!(matches!(late, Err(StepError::Alert(AlertError::NoSuchCode))), "{late:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rung_whose_letter_is_refused_proves_itself_by_its_call() {
    let fixture = fixture(triage());
    sends(&fixture, by("cli:root", 0)).unwrap();
    let refused = odd_post(due(), "doctor@clinic.example", Arc::new(|| {}));
    deliver(&fixture.clinic, &refused).await.unwrap();
    let code = code(&asked(&fixture)[1], &fixture.clinic.key);
    assert!(gives(&fixture, &code, 1).is_err(), "nothing has reached the doctor");
    let call = fixture.clinic.store.read(|v| v.calls_due(due())).unwrap().remove(0);
    assert!(!call.body.contains(&code), "what proves a rung is stored nowhere: {}", call.body);
    let said = webhook_calls::written(call.clone(), &fixture.clinic).body;
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((said["rung"].as_str(), said["code"].as_str()), (Some("doctor"), Some(code.as_str())));
    assert!(
        said["link"].as_str().unwrap().ends_with(&format!("/test-alert/{code}")) && said["asked"].is_null()
    );
    let taken = CallResult::Taken("HTTP 204".to_owned());
    webhook_calls::record(&fixture.clinic, due(), call, taken).await.unwrap();
    assert_eq!(gives(&fixture, &code, 2).unwrap().as_deref(), Some("doctor"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_code_leaves_a_note_that_proves_nothing() {
    let fixture = fixture(triage());
    let note = |text: &str| TestReply::Note(text.to_owned());
    let none = replies(&fixture, ("staff:nora", 0), note("here"));
    assert!(matches!(none, Err(StepError::Alert(AlertError::NoTest))), "{none:?}");
    let test = sends(&fixture, by("cli:root", 0)).unwrap();
    deliver(&fixture.clinic, &post(due())).await.unwrap();
    let empty = replies(&fixture, ("staff:nora", 1), note(" "));
    assert!(matches!(empty, Err(StepError::Alert(AlertError::NothingNoted))), "{empty:?}");
    let told = replies(&fixture, ("staff:nora", 1), note("no letter has come to the desk"));
    assert_eq!(told.unwrap(), None);
    let notes = fixture.clinic.store.read(|v| v.test_notes(test)).unwrap();
    assert_eq!((notes.len(), notes[0].by.as_str()), (1, "staff:nora"));
    assert!(asked(&fixture).iter().all(|one| one.confirmed.is_none()));
    assert!(fixture.clinic.store.read(|v| v.has_open_test()).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn test_alerts_are_a_quarter_of_an_hour_apart_whoever_asks() {
    let fixture = fixture(triage());
    sends(&fixture, by("staff:nora", 0)).unwrap();
    for (minute, who) in [(0, "staff:nora"), (1, "cli:root"), (14, "daemon")] {
        let again = sends(&fixture, by(who, minute));
        let next = due() + minutes(15);
        assert!(
            matches!(again, Err(StepError::Alert(AlertError::TestTooSoon(at))) if at == next),
            "{minute}"
        );
    }
    let letters = fixture.clinic.store.read(|v| v.balance()).unwrap();
    assert_eq!(letters, [("pending".to_owned(), 2)]);
    sends(&fixture, by("staff:nora", 15)).unwrap();
    // Dated by a clock that was wrong, it silences no test.
    sends(&fixture, by("staff:nora", -9_000)).unwrap();
}
