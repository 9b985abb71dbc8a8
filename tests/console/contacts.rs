//! The call log of an alert and of a task, and who works on a task, as pages.

use aftercare::store::alerts::lifecycle::AlertId;
use aftercare::store::work::contact_log::ContactSubject;

use crate::fixture::Fixture;

#[tokio::test]
async fn a_call_that_nobody_answered_is_written_down_and_shown_on_the_worklist() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (nora, adam) = (fixture.sign_in("nora").await, fixture.sign_in("adam").await);
    let path = "/alerts/1/contact";
    let typed = [("kind", ""), ("log_note", "rang <twice>"), ("again", "2026-02-24T11:30")];
    let refused = fixture.act(path, &nora, &typed).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Choose what happened."), "{}", refused.body);
    assert!(refused.body.contains("rang &lt;twice&gt;") && refused.body.contains("2026-02-24T11:30"));
    let kept = [("kind", "no-answer"), typed[1], typed[2]];
    let saved = fixture.act(path, &nora, &kept).await;
    let there = saved.header("location").unwrap_or_default();
    assert!(saved.status == 303 && there.starts_with("/alerts/1?saved=call-logged."), "{there}");
    let page = fixture.get(there, &nora).await.body;
    assert!(page.contains("Saved.") && page.contains("No answer") && page.contains("rang &lt;twice&gt;"));
    let made_up = fixture.get("/alerts/1?saved=yes", &nora).await.body;
    assert!(!made_up.contains("Saved."), "{made_up}");
    let list = fixture.get("/", &nora).await.body;
    assert!(list.contains("last: No answer") && !list.contains("twice"), "{list}");
    // It rings on: what rings is not handed over, and what was typed is not lost.
    let over = [("kind", "handed-over"), ("to", "dora"), ("log_note", "please go on")];
    let early = fixture.act(path, &nora, &over).await;
    assert_eq!(early.status, 422);
    assert!(early.body.contains("taken on") && early.body.contains("please go on"), "{}", early.body);
    fixture.act("/alerts/1/acknowledge", &nora, &[]).await;
    let done = fixture.act(path, &nora, &over).await;
    let there = done.header("location").unwrap_or_default();
    assert!(there.starts_with("/alerts/1?saved=alert-handed-over."), "{there}");
    let page = fixture.get(there, &nora).await.body.replace("&#x27;", "'");
    assert!(page.contains("It is dora's now; a letter tells them. Closed or kept by"), "{page}");
    assert!(page.contains("told that it was handed over"), "{page}");
    assert!(fixture.get("/alerts/1", &adam).await.body.contains("taken on by dora"));
    let subject = ContactSubject::Alert(AlertId(1));
    let entries = fixture.engine.clinic.store.read(|view| view.contacts(subject)).unwrap();
    assert_eq!(
        entries.iter().map(|one| one.report.kind.word()).collect::<Vec<_>>(),
        ["handed-over", "no-answer"]
    );
}

#[tokio::test]
async fn whoever_gets_an_alert_handed_over_is_told_by_one_letter_that_holds_while_it_is_theirs() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (nora, dora) = (fixture.sign_in("nora").await, fixture.sign_in("dora").await);
    fixture.act("/alerts/1/acknowledge", &nora, &[]).await;
    let (path, store) = ("/alerts/1/contact", &fixture.engine.clinic.store);
    let waiting = || store.read(|view| view.alert_letters_waiting(AlertId(1), None)).unwrap();
    assert!(waiting().is_empty(), "taken on, it rings nobody");
    let over = [("kind", "handed-over"), ("to", "dora"), ("log_note", "please go on")];
    assert_eq!(fixture.act(path, &nora, &over).await.status, 303);
    let [letter] = waiting()[..] else { panic!("{:?}", waiting()) };
    let (email, wanted, sealed) = store
        .read(|view| {
            let letter_of = view.delivery(letter)?;
            let email = view.staff_named("dora")?.unwrap().email;
            assert_eq!(letter_of.recipient.as_deref(), Some(email.as_str()));
            Ok::<_, aftercare::store::error::StoreError>((email, view.is_wanted(letter)?, letter_of.inputs))
        })
        .unwrap();
    let sealed = sealed.unwrap();
    assert!(wanted && sealed.contains("staff-alert") && !sealed.contains("Zoraida"), "{email}: {sealed}");
    // Handed on again, the first letter is of no use any more.
    let back = [("kind", "handed-over"), ("to", "nora"), ("log_note", "she knows her")];
    assert_eq!(fixture.act(path, &dora, &back).await.status, 303);
    assert_eq!(waiting().len(), 1);
    assert!(!waiting().contains(&letter) && !store.read(|view| view.is_wanted(letter)).unwrap());
}

#[tokio::test]
async fn a_task_is_claimed_put_off_and_comes_back() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nora = fixture.sign_in("nora").await;
    let status = [("act", "status"), ("to", "transferred"), ("reason", "moved"), ("sure", "C-100")];
    fixture.act("/patients/C-100", &nora, &status).await;
    let open = fixture.engine.clinic.store.read(|view| view.tasks_open()).unwrap();
    let (path, ask) = (format!("/tasks/{}", open[0].id), open[0].kind.ask());
    assert_eq!(fixture.act(&format!("{path}/claim"), &nora, &[]).await.status, 303);
    assert!(fixture.get("/", &nora).await.body.contains("nora works on it"));
    let far = [("until", "2026-05-01"), ("reason", "she travels")];
    let refused = fixture.act(&format!("{path}/snooze"), &nora, &far).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("30 days at most") && refused.body.contains("she travels"));
    let near = [("until", "2026-02-26"), ("reason", "she travels")];
    assert_eq!(fixture.act(&format!("{path}/snooze"), &nora, &near).await.status, 303);
    let list = fixture.get("/", &nora).await.body;
    assert!(!list.contains(ask) && list.contains("Put off: 1"), "{list}");
    assert!(fixture.get("/?put_off=yes", &nora).await.body.contains(ask));
    assert!(fixture.get(&path, &nora).await.body.contains("she travels"));
    fixture.pass_time(2 * 24 * 60);
    let later = fixture.sign_in("nora").await;
    assert!(fixture.get("/", &later).await.body.contains(ask));
}

#[tokio::test]
async fn a_patient_who_rings_is_noted_on_her_page_and_her_form_is_opened_with_her() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "same")]).await;
    let nora = fixture.sign_in("nora").await;
    assert!(fixture.get("/patients/C-100", &nora).await.body.contains("She rang: note the call"));
    let call = |then, note| [("act", "rang"), ("then", then), ("call_note", note)];
    let bare = fixture.act("/patients/C-100", &nora, &call("call", " ")).await;
    assert!(bare.status == 422 && bare.body.contains("call_note-fault"), "{}", bare.body);
    let form = fixture.act("/patients/C-100", &nora, &call("form", "her back <aches>")).await;
    assert_eq!(form.status, 200, "{}", form.body);
    assert!(form.body.contains("Open her form") && form.body.contains("/c/"), "{}", form.body);
    assert!(form.body.contains("her back &lt;aches&gt;"), "what was typed stays: {}", form.body);
    assert_eq!(fixture.act("/patients/C-100", &nora, &call("call", "her back aches")).await.status, 303);
    let tasks = fixture.engine.clinic.store.read(|view| view.tasks_of(patient)).unwrap();
    let task = tasks.iter().find(|task| task.reason.starts_with("She rang")).unwrap();
    let page = fixture.get(&format!("/tasks/{}", task.id), &nora).await.body;
    assert!(page.contains("her back aches") && page.contains("Spoke with her"), "{page}");
    assert!(fixture.get("/", &nora).await.body.contains("She rang the clinic."));
}
