//! Alerts about a woman who has died: they end with a person like any other, and hurry nobody.

use super::*;
use crate::care::patient::PatientStatus;
use crate::journey::patients::status;
use crate::journey::status_change::StatusChange;

fn stands(fixture: &Fixture, by: &str, (to, minute): (PatientStatus, i64)) {
    let her = fixture.her();
    let change = StatusChange { to, reason: "told".to_owned(), until: None, confirmed_by: None };
    fixture.write((by, due() + minutes(minute)), move |tx| status::change(tx, &her, &change)).unwrap();
}

/// In which of these hours it rang.
async fn rang(fixture: &Fixture, hours: std::ops::Range<i64>) -> Vec<i64> {
    let mut rang = Vec::new();
    for hour in hours {
        if escalate(&fixture.clinic, due() + minutes(hour * 60)).await.unwrap() > 0 {
            rang.push(hour);
        }
    }
    rang
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_of_a_woman_who_has_died_says_so_and_comes_once_a_day_until_a_person_closes_it() {
    let fixture = fixture(triage());
    let id = red(&fixture, "a").await;
    assert!(escalate(&fixture.clinic, due()).await.unwrap() > 0);
    stands(&fixture, NORA, (PatientStatus::Deceased, 5));
    assert_eq!(rang(&fixture, 1..24 * 5).await, [24, 48, 72, 96]);
    let alert = alerts(&fixture).remove(0);
    assert!(alert.has_died && alert.state == AlertState::Raised, "only a person ends it");
    let last = letters(&fixture).into_iter().filter_map(|letter| letter.inputs).next_back().unwrap();
    assert!(last.contains("\"died\""), "{last}");
    fixture.write((NORA, due() + minutes(97 * 60)), move |tx| acknowledge(tx, id)).unwrap();
    fixture.write((DANA, due() + minutes(97 * 60 + 1)), move |tx| close(tx, id, &ending())).unwrap();
    assert_eq!(rang(&fixture, 98..24 * 9).await, Vec::<i64>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_that_was_a_mistake_keeps_no_alert_quiet() {
    let fixture = fixture(triage());
    red(&fixture, "a").await;
    escalate(&fixture.clinic, due()).await.unwrap();
    stands(&fixture, NORA, (PatientStatus::Deceased, 5));
    assert_eq!(rang(&fixture, 1..3).await, Vec::<i64>::new());
    stands(&fixture, NORA, (PatientStatus::Active, 181));
    stands(&fixture, DANA, (PatientStatus::Active, 182));
    assert!(escalate(&fixture.clinic, due() + minutes(182)).await.unwrap() > 0, "it rings at once");
}
