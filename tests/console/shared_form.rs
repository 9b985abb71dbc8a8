//! What somebody typed in one part of the page of an alert or a task is not lost when the button of another part is pressed.

use aftercare::care::alert::lifecycle::AlertState;
use aftercare::care::triage::case::FormStage;
use aftercare::journey::answers::respond::{SentPage, respond};
use aftercare::store::alerts::lifecycle::{Alert, AlertId};
use aftercare::store::answers::links::LinkPurpose;
use aftercare::store::work::contact_log::{ContactEntry, ContactSubject};

use crate::fixture::{CODE, Fixture, NAME, now, sent};

const NOTE: (&str, &str) = ("log_note", "Rang twice, <sister> says she lies down");
const SHOWN: &str = "Rang twice, &lt;sister&gt; says she lies down</textarea>";
const CLOSING: [(&str, &str); 3] =
    [("done", "called"), ("outcome", "other-cause"), ("note", "sciatica, seen")];

fn alert(fixture: &Fixture) -> Alert {
    fixture.engine.clinic.store.read(|view| view.alert(AlertId(1))).unwrap()
}

fn entries(fixture: &Fixture) -> Vec<ContactEntry> {
    let subject = ContactSubject::Alert(AlertId(1));
    fixture.engine.clinic.store.read(|view| view.contacts(subject)).unwrap()
}

async fn taken() -> (Fixture, String) {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let doctor = fixture.sign_in("dora").await;
    fixture.act("/alerts/1/acknowledge", &doctor, &[]).await;
    (fixture, doctor)
}

#[tokio::test]
async fn a_call_that_is_not_in_the_log_keeps_the_alert_open_and_both_are_given_back() {
    let (fixture, doctor) = taken().await;
    let page = fixture.get("/alerts/1", &doctor).await.body;
    assert_eq!(page.matches("<form id=\"deed\"").count(), 1);
    for control in
        ["name=\"log_note\" form=\"deed\"", "name=\"note\" form=\"deed\"", "name=\"done\" form=\"deed\""]
    {
        assert!(page.contains(control), "{control}: a browser sends all of it with whichever button: {page}");
    }
    let all = [&CLOSING[..], &[("kind", "spoke-with-her"), NOTE]].concat();
    let refused = fixture.act("/alerts/1/close", &doctor, &all).await;
    assert_eq!((refused.status, alert(&fixture).state), (422, AlertState::Acknowledged));
    for words in [
        "<a href=\"#log_note\">This is not in the call log yet",
        SHOWN,
        "value=\"spoke-with-her\" selected",
        "value=\"other-cause\" checked",
        "sciatica, seen</textarea>",
    ] {
        assert!(refused.body.contains(words), "{words}\n{}", refused.body);
    }
    // First the log: the closing stays as it was typed, and is not saved.
    let logged = fixture.act("/alerts/1/contact", &doctor, &all).await;
    assert_eq!((logged.status, entries(&fixture).len()), (200, 1));
    for words in [
        "written into the call log",
        "is not saved yet",
        "sciatica, seen</textarea>",
        "value=\"called\" checked",
    ] {
        assert!(logged.body.contains(words), "{words}\n{}", logged.body);
    }
    assert!(!logged.body.contains(SHOWN), "what was saved is not in the form any more");
    assert_eq!(fixture.act("/alerts/1/close", &doctor, &CLOSING).await.status, 303);
    assert_eq!(alert(&fixture).note.as_deref(), Some("sciatica, seen"));
}

#[tokio::test]
async fn whoever_takes_on_or_keeps_an_alert_keeps_what_she_typed() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let taken = fixture.act("/alerts/1/acknowledge", &nurse, &[NOTE]).await;
    assert_eq!((taken.status, alert(&fixture).state), (200, AlertState::Acknowledged));
    assert!(
        taken.body.contains("You have taken the alert on") && taken.body.contains(SHOWN),
        "{}",
        taken.body
    );
    let kept = fixture.act("/alerts/1/keep", &nurse, &[NOTE]).await;
    assert!(kept.status == 200 && kept.body.contains(SHOWN), "{}", kept.body);
    let doctor = fixture.sign_in("dora").await;
    let late = fixture.act("/alerts/1/acknowledge", &doctor, &[NOTE]).await;
    assert!(late.status == 409 && late.body.contains(SHOWN), "{}", late.body);
}

#[tokio::test]
async fn a_task_is_neither_done_nor_put_off_while_something_else_is_typed_on_its_page() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let moved = [("act", "status"), ("to", "transferred"), ("reason", "moved"), ("sure", CODE)];
    fixture.act("/patients/C-100", &nurse, &moved).await;
    let store = &fixture.engine.clinic.store;
    let task =
        store.read(|view| view.tasks_open()).unwrap().into_iter().find(|task| task.kind.may_wait()).unwrap();
    let path = format!("/tasks/{}", task.id);
    let both = [("note", "told them"), NOTE];
    let refused = fixture.act(&path, &nurse, &both).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.body.contains(SHOWN) && refused.body.contains("told them</textarea>"),
        "{}",
        refused.body
    );
    let off = [("until", "2026-03-02"), ("reason", "away"), ("note", "told them")];
    let refused = fixture.act(&format!("{path}/snooze"), &nurse, &off).await;
    assert!(refused.status == 422 && refused.body.contains("told them</textarea>"), "{}", refused.body);
    assert!(store.read(|view| view.tasks_open()).unwrap().iter().any(|one| one.id == task.id));
    let claimed = fixture.act(&format!("{path}/claim"), &nurse, &both).await;
    assert!(claimed.status == 200 && claimed.body.contains(SHOWN), "{}", claimed.body);
    let logged = fixture
        .act(&format!("{path}/contact"), &nurse, &[&both[..], &[("kind", "no-answer")]].concat())
        .await;
    assert!(logged.status == 200 && logged.body.contains("told them</textarea>"), "{}", logged.body);
    assert_eq!(fixture.act(&path, &nurse, &[("note", "told them")]).await.status, 303);
}

#[tokio::test]
async fn an_alert_taken_on_by_mistake_is_given_back_and_says_who_did() {
    let (fixture, doctor) = taken().await;
    let nurse = fixture.sign_in("nora").await;
    let page = fixture.get("/alerts/1", &doctor).await;
    assert!(page.body.contains("Give it back: it rings again"), "{}", page.body);
    let seen = page.hidden("owner").unwrap();
    let stale = fixture.act("/alerts/1/give-back", &nurse, &[("owner", "staff:lena")]).await;
    assert!(stale.status == 409 && stale.body.contains("dora took this alert on"), "{}", stale.body);
    let typed = [("owner", seen.as_str()), ("note", "half a closing")];
    let refused = fixture.act("/alerts/1/give-back", &doctor, &typed).await;
    assert!(refused.status == 422 && refused.body.contains("half a closing</textarea>"), "{}", refused.body);
    let back = fixture.act("/alerts/1/give-back", &doctor, &[("owner", &seen)]).await;
    assert_eq!((back.status, alert(&fixture).state), (303, AlertState::Raised));
    let page = fixture.get("/alerts/1", &nurse).await.body;
    for words in ["dora had taken it on and gave it back, 24 Feb 2026, 10:00. It rings again.", "Take it on"]
    {
        assert!(page.contains(words), "{words}\n{page}");
    }
    let today = fixture.get("/", &nurse).await.body;
    assert!(today.contains("Alerts that ring (1)"), "{today}");
    fixture.act("/account", &nurse, &[("act", "language"), ("language", "es")]).await;
    let spanish = fixture.get("/alerts/1", &nurse).await.body;
    assert!(spanish.contains("dora lo había asumido y lo devolvió"), "{spanish}");
    fixture.act("/alerts/1/acknowledge", &nurse, &[]).await;
    let spanish = fixture.get("/alerts/1", &nurse).await.body;
    assert!(spanish.contains("Devolverlo: vuelve a sonar") && !spanish.contains("lo devolvió"), "{spanish}");
}

#[tokio::test]
async fn nobody_has_to_say_what_it_was_before_it_is_known() {
    let (fixture, doctor) = taken().await;
    let page = fixture.get("/alerts/1", &doctor).await.body;
    assert!(page.contains("Sent to emergency care") && page.contains("Not known yet"), "{page}");
    let bare = fixture.act("/alerts/1/close", &doctor, &[("outcome", "not-known")]).await;
    assert!(bare.status == 422 && bare.body.contains("value=\"not-known\" checked"), "{}", bare.body);
    let follows = [("done", "emergency"), ("outcome", "not-known"), ("follow", "tell-gp")];
    let refused = fixture.act("/alerts/1/close", &doctor, &follows).await;
    assert!(refused.status == 422 && refused.body.contains("Nothing follows before"), "{}", refused.body);
    fixture.act("/account", &doctor, &[("act", "language"), ("language", "es")]).await;
    let sent = [
        ("done", "emergency"),
        ("done", "mri"),
        ("mri_on", "2026-02-25"),
        ("outcome", "not-known"),
        ("note", "ambulance at ten"),
    ];
    assert_eq!(fixture.act("/alerts/1/close", &doctor, &sent).await.status, 303);
    let open = alert(&fixture);
    assert_eq!((open.state, open.outcome), (AlertState::Acknowledged, None));
    assert!(open.runs(), "it rings again if nobody finds out");
    let note = &entries(&fixture)[0].report.note;
    assert_eq!(note, "Enviada a urgencias; Resonancia de columna el 25 feb 2026\nambulance at ten");
    let closing = [("done", "emergency"), ("outcome", "spinal-spread"), ("follow", "tell-team")];
    assert_eq!(fixture.act("/alerts/1/close", &doctor, &closing).await.status, 303);
    assert!(alert(&fixture).dispositions.unwrap().contains("emergency"));
}

#[tokio::test]
async fn whoever_rings_for_a_task_reads_who_she_is_and_the_look_is_on_record() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let tasks = fixture.engine.clinic.store.read(|view| view.tasks_open()).unwrap();
    let id = tasks.iter().find(|task| task.patient.is_some()).unwrap().id;
    let page = fixture.get(&format!("/tasks/{id}"), &nurse).await.body;
    assert!(page.contains(&format!("<a href=\"/patients/{CODE}\">{NAME}</a>, born 27 Mar 1970")), "{page}");
    let lead = fixture.sign_in("lena").await;
    // It is written beside the page, not before it.
    for _ in 0..500 {
        let looks = fixture.get("/views", &lead).await.body;
        if looks.contains("nora") && looks.contains(CODE) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("no look at the task is on record");
}

#[tokio::test]
async fn whoever_rings_reads_what_her_page_told_her_to_do() {
    let (fixture, doctor) = taken().await;
    let page = fixture.get("/alerts/1", &doctor).await.body;
    let told = page.split("What her page told her to do").nth(1).unwrap();
    let told = told.split("</div>").next().unwrap();
    assert!(told.contains("Get help now") && told.contains("Call 911 now"), "{told}");
    fixture.act("/account", &doctor, &[("act", "language"), ("language", "es")]).await;
    let page = fixture.get("/alerts/1", &doctor).await.body;
    assert!(page.contains("Qué le dijo su página que hiciera") && page.contains("Llame ahora"), "{page}");
}

#[tokio::test]
async fn a_form_left_half_way_told_her_nothing_yet_unless_it_was_an_emergency() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let clinic = &fixture.engine.clinic;
    let token = clinic.key.token(patient, LinkPurpose::Changed, 0);
    for (nonce, answer, told) in [
        ("a-nonce-of-sixteen-1", "unsure", "nothing when this rang; her link now says:"),
        ("a-nonce-of-sixteen-2", "new", "Get help now"),
    ] {
        let page = sent(&token, nonce, &[("SP08", answer), ("SP09", "no"), ("SP10", "no")]);
        respond(clinic, now(), SentPage { stage: FormStage::Saved, ..page }).await.unwrap();
        let all = clinic.store.read(|view| view.responses_of(patient)).unwrap();
        let form = all.iter().map(|response| response.id.0).max().unwrap();
        let page = fixture.get(&format!("/answers/{form}"), &nurse).await.body;
        let shown = page.split("What her page told her to do</dt>").nth(1).unwrap();
        assert!(shown.split("</div>").next().unwrap().contains(told), "{answer}: {shown}");
    }
}

#[tokio::test]
async fn nobody_waits_for_the_best_time_while_an_emergency_is_open() {
    let (fixture, doctor) = taken().await;
    let number = [
        ("act", "contact"),
        ("seen", "0"),
        ("phone", "(212) 736-5000"),
        ("best_time", "after 5 in the afternoon"),
    ];
    assert_eq!(fixture.act("/patients/C-100", &doctor, &number).await.status, 303);
    let task = fixture.engine.clinic.store.read(|view| view.tasks_open()).unwrap()[0].id;
    let pages = ["/".to_owned(), "/alerts/1".to_owned(), format!("/tasks/{task}")];
    for path in &pages {
        let page = fixture.get(path, &doctor).await.body;
        assert!(page.contains("212-736-5000") && !page.contains("after 5 in"), "{path}: {page}");
    }
    let page = fixture.get("/alerts/1", &doctor).await.body;
    assert!(page.contains("now, whatever the hour"), "{page}");
    fixture.act("/alerts/1/close", &doctor, &CLOSING).await;
    let page = fixture.get(&pages[2], &doctor).await.body;
    assert!(page.contains("after 5 in the afternoon"), "{page}");
}

#[tokio::test]
async fn she_is_found_by_her_number_and_by_her_birth_date_as_the_console_writes_them() {
    let (fixture, doctor) = taken().await;
    let number = [("act", "contact"), ("seen", "0"), ("phone", "(212) 736-5000")];
    fixture.act("/patients/C-100", &doctor, &number).await;
    for typed in [
        "+1 212-736-5000",
        "212 736 5000",
        "2127365000",
        "+12127365000",
        "(212) 736-50",
        "27 Mar 1970",
        "27 mar 1970",
        "27 de marzo de 1970",
    ] {
        let found = fixture.act("/patients", &doctor, &[("q", typed)]).await.body;
        assert!(found.contains(&format!("<td>{NAME}</td>")), "{typed}: {found}");
    }
    for typed in ["212 736 5001", "28 Mar 1970"] {
        let found = fixture.act("/patients", &doctor, &[("q", typed)]).await.body;
        assert!(found.contains("Nobody fits"), "{typed}: {found}");
    }
}
