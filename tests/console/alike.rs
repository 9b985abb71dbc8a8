//! Several that share a cause are closed at once: each ticked, each asked about by itself, each with the note.

use aftercare::care::patient::PatientId;
use aftercare::care::task::TaskKind;
use aftercare::journey::errors::step::StepError;
use aftercare::store::db::transaction::{Stamp, Tx};
use aftercare::store::work::tasks::NewTask;

use crate::fixture::{Fixture, now};

async fn tasks(fixture: &Fixture, kind: TaskKind, count: i64) -> Vec<i64> {
    let open = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        for n in 0..count {
            tx.open_task(&NewTask {
                kind,
                cause: format!("delivery/{n}/failed"),
                patient: None::<PatientId>,
                follow_up: None,
                reason: "The mail server was down.".to_owned(),
                due_at: tx.at(),
            })?;
        }
        Ok(())
    };
    let store = &fixture.engine.clinic.store;
    store.write(Stamp::daemon(now()), open).await.unwrap();
    let all = store.read(|v| v.tasks_open()).unwrap();
    all.into_iter().filter(|task| task.kind == kind).map(|task| task.id).collect()
}

#[tokio::test]
async fn several_tasks_of_one_cause_are_closed_at_once_with_one_note_each() {
    let fixture = Fixture::open().await;
    let ids = tasks(&fixture, TaskKind::LetterFailed, 3).await;
    let nurse = fixture.sign_in("nora").await;
    let path = format!("/tasks/{}", ids[0]);
    assert!(fixture.get(&path, &nurse).await.body.contains("Close several that are like this one"));
    let words: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let path = format!("{path}/alike");
    let bare = fixture.act(&path, &nurse, &[("one", &words[0])]).await;
    assert!(bare.status == 422 && bare.body.contains("it stands with each"), "{}", bare.body);
    let said =
        [("one", words[0].as_str()), ("one", words[1].as_str()), ("note", "told them all by telephone")];
    assert_eq!(fixture.act(&path, &nurse, &said).await.status, 303);
    let store = &fixture.engine.clinic.store;
    assert_eq!(store.read(|v| v.tasks_open()).unwrap().len(), 1, "what was not ticked stays open");
    for id in &ids[..2] {
        let closed = store.read(|v| v.task(*id)).unwrap().closed.unwrap();
        assert_eq!(closed, ("staff:nora".to_owned(), "told them all by telephone".to_owned()));
    }
    // One that a colleague has closed meanwhile is told, the other one is closed.
    let rest = [("one", words[1].as_str()), ("one", words[2].as_str()), ("note", "and this one")];
    let told = fixture.act(&path, &nurse, &rest).await;
    assert!(told.status == 409 && told.body.contains("1 closed, 1 left open"), "{}", told.body);
    assert!(store.read(|v| v.tasks_open()).unwrap().is_empty());
}

#[tokio::test]
async fn whoever_may_not_end_one_is_told_and_it_stays_open() {
    let fixture = Fixture::open().await;
    let ids = tasks(&fixture, TaskKind::Hold, 2).await;
    let nurse = fixture.sign_in("nora").await;
    let words: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let said = [("one", words[0].as_str()), ("one", words[1].as_str()), ("note", "looked")];
    let told = fixture.act(&format!("/tasks/{}/alike", ids[0]), &nurse, &said).await;
    assert!(told.status == 409 && told.body.contains("0 closed, 2 left open"), "{}", told.body);
    assert_eq!(fixture.engine.clinic.store.read(|v| v.tasks_open()).unwrap().len(), 2);
}

#[tokio::test]
async fn an_emergency_is_never_closed_together_with_others() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let doctor = fixture.sign_in("dora").await;
    let said = [("one", "1"), ("done", "called"), ("outcome", "false-alarm"), ("note", "rang her")];
    let told = fixture.act("/alerts/1/alike", &doctor, &said).await;
    assert!(told.status == 409 && told.body.contains("An emergency is closed by itself"), "{}", told.body);
    assert_eq!(fixture.engine.clinic.store.read(|v| v.alerts_open()).unwrap().len(), 1);
}

#[tokio::test]
async fn no_step_that_was_ticked_is_left_out() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let doctor = fixture.sign_in("dora").await;
    for (step, told) in [("faxed", "That step is not known"), ("mri", "An MRI has a day of its own")] {
        let said = [
            ("one", "1"),
            ("done", "called"),
            ("done", step),
            ("outcome", "false-alarm"),
            ("note", "rang her"),
        ];
        let refused = fixture.act("/alerts/1/alike", &doctor, &said).await;
        assert!(refused.status == 422 && refused.body.contains(told), "{step}: {}", refused.body);
    }
    assert_eq!(fixture.engine.clinic.store.read(|v| v.alerts_open()).unwrap().len(), 1);
}
