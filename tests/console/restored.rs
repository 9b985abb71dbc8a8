//! Letters after a restore: a lead looks at what is known of each, decides several at once, and then ends the hold.

use aftercare::care::delivery::DeliveryState;
use aftercare::care::plan::protocol::OnUnknown;
use aftercare::care::task::TaskKind;
use aftercare::journey::errors::step::StepError;
use aftercare::store::db::transaction::{Stamp, Tx};
use aftercare::store::journal::prior_letters::{PriorLetter, PriorState};
use aftercare::store::mail::delivery::{DeliveryId, NewDelivery, Purpose};
use aftercare::store::work::tasks::NewTask;
use jiff::{Timestamp, ToSpan};

use crate::fixture::{CODE, Fixture, NAME, newcomer, now};

/// Three letters wait after a restore: one is known to have left, one may have, of one nothing is known.
async fn restored(fixture: &Fixture) -> (Vec<DeliveryId>, i64) {
    let job = |tx: &mut Tx<'_>| -> Result<Vec<DeliveryId>, StepError> {
        let patient = tx.insert_patient(&newcomer(CODE, NAME, "z@mail.example"))?;
        let mut letters = Vec::new();
        for day in 0..3 {
            letters.push(tx.enqueue(&NewDelivery {
                patient: Some(patient),
                recipient: None,
                purpose: Purpose::Notice,
                local_on: "2026-02-24".parse().unwrap(),
                next_at: now(),
                expires_at: now().checked_add((24 * (day + 5)).hours()).unwrap(),
                on_unknown: OnUnknown::Resend,
                inputs: Some("{}".to_owned()),
            })?);
        }
        tx.mark_restored()?;
        let known = |left, letter: &DeliveryId| PriorLetter {
            delivery: *letter,
            left,
            at: Timestamp::UNIX_EPOCH,
            promises: Vec::new(),
        };
        tx.keep_prior_letters(&[
            known(PriorState::Sent, &letters[0]),
            known(PriorState::InDoubt, &letters[1]),
        ])?;
        tx.open_task(&NewTask {
            kind: TaskKind::Hold,
            cause: "restore".to_owned(),
            patient: None,
            follow_up: None,
            reason: "A backup was restored, and letters to patients are held.".to_owned(),
            due_at: tx.at(),
        })?;
        Ok(letters)
    };
    let store = &fixture.engine.clinic.store;
    let letters = store.write(Stamp::daemon(now()), job).await.unwrap();
    let tasks = store.read(|v| v.tasks_open()).unwrap();
    (letters, tasks.iter().find(|task| task.kind == TaskKind::Hold).unwrap().id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_decides_about_letters_after_a_restore_and_then_ends_the_hold() {
    let fixture = Fixture::open().await;
    let (letters, task) = restored(&fixture).await;
    let lead = fixture.sign_in("lena").await;
    let path = format!("/tasks/{task}");
    assert!(fixture.get(&path, &lead).await.body.contains("href=\"/restored\""));
    let page = fixture.get("/restored", &lead).await.body;
    for words in
        ["It left before the restore.", "It may have left", "Nothing tells that it left.", "You decide"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    // The hold does not end while somebody may have a letter and nobody has said.
    let refused = fixture.act(&path, &lead, &[("note", "looked at")]).await;
    assert!(refused.status == 422 && refused.body.contains("nobody has decided"), "{}", refused.body);
    let bare = fixture.act("/restored", &lead, &[("alike", "")]).await;
    assert!(bare.status == 422 && bare.body.contains("Tick at least one letter"), "{}", bare.body);
    let check = fixture.act("/restored", &lead, &[("alike", "in-doubt"), ("decision", "was-sent")]).await;
    assert!(check.status == 200 && check.body.contains("Decide so"), "{}", check.body);
    let state = |letter: DeliveryId| fixture.engine.clinic.store.read(|v| v.delivery(letter)).unwrap().state;
    assert_eq!(state(letters[1]), DeliveryState::Pending, "a look decides nothing");
    let sure = [("alike", "in-doubt"), ("decision", "was-sent"), ("sure", "yes")];
    assert_eq!(fixture.act("/restored", &lead, &sure).await.status, 303);
    assert_eq!(state(letters[1]), DeliveryState::Skipped);
    let one = letters[2].0.to_string();
    let sure = [("alike", ""), ("one", one.as_str()), ("decision", "drop"), ("sure", "yes")];
    assert_eq!(fixture.act("/restored", &lead, &sure).await.status, 303);
    assert_eq!((state(letters[2]), state(letters[0])), (DeliveryState::Skipped, DeliveryState::Pending));
    assert_eq!(fixture.act(&path, &lead, &[("note", "looked at")]).await.status, 303);
    assert_eq!(state(letters[0]), DeliveryState::Skipped, "what is known needs nobody");
    assert!(fixture.get("/restored", &lead).await.body.contains("No letter waits"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_who_may_end_a_hold_decides() {
    let fixture = Fixture::open().await;
    restored(&fixture).await;
    let nurse = fixture.sign_in("nora").await;
    assert_eq!(fixture.get("/restored", &nurse).await.status, 403);
    let sure = [("alike", "in-doubt"), ("decision", "send"), ("sure", "yes")];
    assert_eq!(fixture.act("/restored", &nurse, &sure).await.status, 403);
}
