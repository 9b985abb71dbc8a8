//! A record whose time is over is erased by two people: nothing of hers is left in the file, nothing is ever sent to her again,
//! and no list brings her back.

use std::path::PathBuf;

use aftercare::care::inbound::{Content, Inbound, MessageNote, Names};
use aftercare::care::patient::{PatientId, PatientStatus, Reference};
use aftercare::care::record::retention::RetentionPeriods;
use aftercare::care::task::TaskKind;
use aftercare::care::triage::case::FormStage;
use aftercare::config::load;
use aftercare::journey::alerts::escalate::escalate;
use aftercare::journey::answers::link_access::ClosedLink;
use aftercare::journey::answers::respond::{SentPage, respond};
use aftercare::journey::errors::step::StepError;
use aftercare::journey::patients::inbound;
use aftercare::journey::plan::enrol::{Admission, admit};
use aftercare::store::answers::links::LinkPurpose;
use aftercare::store::audit;
use aftercare::store::db::transaction::{Stamp, Tx};
use jiff::Timestamp;

use crate::fixture::{CODE, Fixture, NAME, newcomer, now, sent};

/// What nobody may find in the file any more.
const WORDS: [&str; 13] = [
    NAME,
    "zoraida@mail.example",
    "+12127365099",
    "Her-sister",
    "CLOSING-NOTE",
    "WHY-SHE-LEFT",
    "CALL-NOTE",
    "1970-03-27",
    "HER-OWN-WORDS",
    "WORDS-OF-A-LETTER",
    // An answer that she took back, a signed call, a letter to staff.
    "\"word\":\"new\"",
    "\"case\":\"C-100\"",
    "\"code\":\"C-100\"",
];

const YEARS_12: u64 = 12 * 366 * 24 * 60;

async fn clinic() -> Fixture {
    Fixture::configured(|dir, _| {
        let mut config = load::shipped(dir).unwrap();
        config.retention = RetentionPeriods { after_last_contact: Some(10), after_death: Some(10) };
        config.alerts.ladder[0].webhook = Some("https://pager.example/".to_owned());
        config
    })
    .await
}

/// She answered, wrote, was rung and spoken of; then she left.
async fn left(fixture: &Fixture) -> PatientId {
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    staff_are_told(fixture).await;
    takes_back(fixture, patient).await;
    let doctor = fixture.sign_in("dora").await;
    let posts: [(&str, &[(&str, &str)]); 4] = [
        (
            "/patients/C-100",
            &[
                ("act", "contact"),
                ("phone", "+12127365099"),
                ("other_contact", "Her-sister"),
                ("other_phone", "+12127365098"),
                ("seen", "0"),
            ],
        ),
        ("/alerts/1/acknowledge", &[]),
        ("/alerts/1/contact", &[("kind", "note"), ("log_note", "CALL-NOTE"), ("act", "note")]),
        ("/alerts/1/close", &[("done", "called"), ("outcome", "false-alarm"), ("note", "CLOSING-NOTE")]),
    ];
    for (path, fields) in posts {
        let answer = fixture.act(path, &doctor, fields).await;
        assert_eq!(answer.status, 303, "{path} {}", answer.body);
    }
    fixture.refused_letter(now(), "550 zoraida@mail.example is not here");
    let other = rusqlite::Connection::open(fixture.engine.clinic.store.path()).unwrap();
    let words = "UPDATE sealed SET inputs = '{\"name\":\"WORDS-OF-A-LETTER\"}' \
                 WHERE delivery_id IN (SELECT id FROM delivery WHERE patient_id IS NOT NULL)";
    other.execute(words, []).unwrap();
    message(fixture, Some("zoraida@mail.example"), "HER-OWN-WORDS");
    let died = [("act", "status"), ("to", "deceased"), ("reason", "WHY-SHE-LEFT"), ("sure", CODE)];
    let died = fixture.act("/patients/C-100", &doctor, &died).await;
    assert_eq!(died.status, 303, "{}", died.body);
    let open: Vec<i64> = tasks(fixture, patient);
    for id in open {
        let done = fixture.act(&format!("/tasks/{id}"), &doctor, &[("note", "CLOSING-NOTE")]).await;
        assert_eq!(done.status, 303, "{}", done.body);
    }
    end_plan(fixture, patient);
    patient
}

/// The alert calls a system of the clinic's, and writes to the first rung.
async fn staff_are_told(fixture: &Fixture) {
    let told = escalate(&fixture.engine.clinic, now()).await.unwrap();
    assert_ne!(told, 0, "the alert rings");
}

/// She fills in a further form, and says otherwise before she sends it off.
async fn takes_back(fixture: &Fixture, patient: PatientId) {
    let clinic = &fixture.engine.clinic;
    let token = clinic.key.token(patient, LinkPurpose::Changed, 0);
    let page = |answer| sent(&token, "another-nonce-of-sixteen", &[("SP13", answer)]);
    respond(clinic, now(), SentPage { stage: FormStage::Saved, ..page("new") }).await.unwrap();
    respond(clinic, now(), page("no")).await.unwrap();
}

fn tasks(fixture: &Fixture, patient: PatientId) -> Vec<i64> {
    let open = fixture.engine.clinic.store.read(|view| view.tasks_of(patient)).unwrap();
    open.into_iter().filter(|task| task.closed.is_none()).map(|task| task.id).collect()
}

/// Whatever plan she was on has run out.
fn end_plan(fixture: &Fixture, patient: PatientId) {
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        for one in tx.enrolments_of(patient)?.into_iter().filter(|one| one.is_active) {
            tx.close_enrolment(one.id, "WHY-SHE-LEFT", jiff::civil::date(2026, 3, 1))?;
        }
        Ok(())
    };
    blocking(fixture, now(), job).unwrap();
}

fn blocking<T: Send + 'static>(
    fixture: &Fixture,
    at: Timestamp,
    job: impl FnOnce(&mut Tx<'_>) -> Result<T, StepError> + Send + 'static,
) -> Result<T, StepError> {
    let store = fixture.engine.clinic.store.clone();
    std::thread::scope(|scope| {
        scope.spawn(move || store.write_blocking(Stamp::daemon(at), job)).join().unwrap()
    })
}

/// Something reaches the clinic's mailbox.
fn message(fixture: &Fixture, from: Option<&str>, text: &str) {
    let sender = from.map(|from| aftercare::care::address::EmailAddress::parse(from).unwrap());
    let names = Names { from: sender.into_iter().collect(), ..Names::default() };
    let note = MessageNote {
        message_id: Some(format!("{text}@mail.example")),
        sender: from.map(str::to_owned),
        subject: text.to_owned(),
        text: text.to_owned(),
        ..MessageNote::default()
    };
    let inbound = Inbound { content: Content::Person, names, note, tells: None };
    let clinic = fixture.engine.clinic.clone();
    let at = aftercare::ports::Clock::now(&*fixture.clock);
    std::thread::scope(|scope| {
        let take = move || inbound::take_in(&clinic, Stamp::daemon(at), inbound);
        scope.spawn(take).join().unwrap().unwrap();
    });
}

/// The words that lie somewhere in the database's files.
fn found(fixture: &Fixture) -> Vec<&'static str> {
    let path = fixture.engine.clinic.store.path().to_owned();
    let wal = PathBuf::from(format!("{}-wal", path.display()));
    let bytes: Vec<u8> =
        [path, wal].iter().flat_map(|path| std::fs::read(path).unwrap_or_default()).collect();
    let holds = |word: &&str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
    WORDS.into_iter().filter(|word| holds(word)).collect()
}

fn erased(fixture: &Fixture) -> bool {
    let reference = Reference::parse(CODE).unwrap();
    let found = fixture.engine.clinic.store.read(|view| view.patient_by_reference(&reference));
    found.is_err_and(|fault| fault.erased_at().is_some())
}

async fn erase(fixture: &Fixture) -> (String, String) {
    fixture.pass_time(YEARS_12);
    let (lead, admin) = (fixture.sign_in("lena").await, fixture.sign_in("adam").await);
    let ask = [("act", "ask"), ("export", "not-wanted")];
    let asked = fixture.act("/erase/C-100", &lead, &ask).await;
    assert_eq!(asked.status, 303, "{}", asked.body);
    let agreed = fixture.act("/erase/C-100", &admin, &[("act", "agree"), ("sure", CODE)]).await;
    assert_eq!(agreed.status, 303, "{}", agreed.body);
    (lead, admin)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_people_erase_lies_nowhere_in_the_file_and_the_audit_holds() {
    let fixture = clinic().await;
    let patient = left(&fixture).await;
    let lies = found(&fixture);
    assert_eq!(lies, WORDS, "the test must have something to look for");
    let lead = fixture.sign_in("lena").await;
    let early = fixture.get("/erase/C-100", &lead).await.body;
    assert!(early.contains("It must be kept until 24 Feb 2036"), "{early}");
    let refused = fixture.act("/erase/C-100", &lead, &[("act", "ask"), ("export", "not-wanted")]).await;
    assert!(refused.status == 422 && refused.body.contains("may not be erased today"), "{}", refused.body);

    fixture.pass_time(YEARS_12);
    let (lead, admin) = (fixture.sign_in("lena").await, fixture.sign_in("adam").await);
    let listed = fixture.get("/retention", &lead).await.body;
    assert!(listed.contains("24 Feb 2036") && listed.contains("Ask to erase"), "{listed}");
    let page = fixture.get("/erase/C-100", &lead).await.body;
    for words in ["It may be erased since 24 Feb 2036", "This is not undone", "erased-1", "What stays"] {
        assert!(page.contains(words), "{words} {page}");
    }
    // First the record is given out, or nobody wants it.
    let made = fixture.act("/erase/C-100", &lead, &[("act", "ask"), ("export", "made")]).await;
    assert!(made.status == 422 && made.body.contains("was not given out since"), "{}", made.body);
    let given = [("why", "before-erasing"), ("as", "json")];
    assert_eq!(fixture.act("/export/C-100", &admin, &given).await.status, 200);
    let made = fixture.act("/erase/C-100", &lead, &[("act", "ask"), ("export", "made")]).await;
    assert_eq!(made.status, 303, "{}", made.body);
    // One person is not two, and a click is not a decision.
    let own = fixture.act("/erase/C-100", &lead, &[("act", "agree"), ("sure", CODE)]).await;
    assert!(own.status == 422 && own.body.contains("A second person must agree"), "{}", own.body);
    let bare = fixture.act("/erase/C-100", &admin, &[("act", "agree"), ("sure", "C-1")]).await;
    assert!(bare.status == 422 && bare.body.contains("Type C-100"), "{}", bare.body);
    assert!(!erased(&fixture));
    let waiting = fixture.get("/retention", &admin).await.body;
    assert!(waiting.contains("Wait for a second person") && waiting.contains("Look, and agree"), "{waiting}");
    let agreed = fixture.act("/erase/C-100", &admin, &[("act", "agree"), ("sure", CODE)]).await;
    assert_eq!(agreed.status, 303, "{}", agreed.body);

    assert!(erased(&fixture));
    assert_eq!(found(&fixture), [""; 0], "before the file is written anew");
    let store = &fixture.engine.clinic.store;
    store.write_anew(std::time::Duration::MAX).unwrap();
    store.fold_log().unwrap();
    assert_eq!(found(&fixture), [""; 0]);
    store.read(audit::verify).unwrap();
    let husk = store.read(|view| view.patient(patient)).unwrap();
    assert_eq!((husk.reference.as_str(), husk.status), ("erased-1", PatientStatus::Deceased));
    assert!(husk.email.is_none());
    assert_eq!(store.read(|view| view.record_size(patient)).unwrap().answers, 2, "counts hold");
    let log = fixture.get("/audit?topic=patients", &lead).await.body;
    assert!(log.contains("record erased") && log.contains("asked to erase a record"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_lists_know_her_no_more_and_say_so() {
    let fixture = clinic().await;
    let patient = left(&fixture).await;
    let alerts = fixture.engine.clinic.store.read(|view| view.alerts_of(patient)).unwrap();
    let (lead, _) = erase(&fixture).await;
    for path in [
        "/patients/C-100",
        "/patients/erased-1",
        "/story/C-100",
        "/erase/C-100",
        "/export/C-100",
        "/correct/C-100",
        "/plan/C-100",
    ] {
        let page = fixture.get(path, &lead).await;
        assert_eq!(page.status, 410, "{path} {}", page.body);
        assert!(page.body.contains("This record was erased") && page.body.contains("2038"), "{path}");
    }
    let forms = fixture.engine.clinic.store.read(|view| view.responses_of(patient)).unwrap();
    let letter = fixture.engine.clinic.store.read(|view| view.ledger(&Default::default())).unwrap();
    let mut paths: Vec<String> =
        vec![format!("/alerts/{}", alerts[0].id.0), format!("/answers/{}", forms[0].id.0)];
    paths.extend(letter.iter().map(|line| format!("/letters/{}", line.delivery.id.0)));
    paths.extend(letter.iter().map(|line| format!("/letters/{}/html", line.delivery.id.0)));
    paths.extend(
        [
            "/",
            "/alerts",
            "/tasks",
            "/ledger",
            "/reports",
            "/audit",
            "/views",
            "/silence",
            "/leaving",
            "/patients",
        ]
        .map(str::to_owned),
    );
    for path in paths {
        let page = fixture.get(&path, &lead).await;
        assert!(page.status < 500, "{path} {} {}", page.status, page.body);
        for word in WORDS {
            assert!(!page.body.contains(word), "{path} {word}");
        }
    }
    let listed = fixture.get("/patients", &lead).await.body;
    assert!(!listed.contains("erased-1"), "{listed}");
    let searched = fixture.act("/patients", &lead, &[("q", CODE)]).await;
    assert_eq!(searched.header("location"), Some("/patients/C-100"));
    let empty = fixture.get("/retention", &lead).await.body;
    assert!(empty.contains("No record is due"), "{empty}");
}

#[tokio::test(flavor = "multi_thread")]
async fn she_is_not_taken_in_anew_and_nothing_reaches_her() {
    let fixture = clinic().await;
    let patient = left(&fixture).await;
    erase(&fixture).await;
    let clinic = fixture.engine.clinic.clone();
    let at = aftercare::ports::Clock::now(&*fixture.clock);
    for code in [CODE, "c-100", "erased-1"] {
        let admission = Admission {
            newcomer: newcomer(code, NAME, "zoraida@mail.example"),
            courses: Vec::new(),
            waiting: Vec::new(),
            next_visit: None,
        };
        let policy = std::sync::Arc::clone(&clinic.policy);
        let taken = blocking(&fixture, at, move |tx| admit(tx, &admission, &policy));
        assert!(taken.unwrap_err().to_string().contains("was erased"), "{code}");
    }
    // Whoever forgets to ask is stopped by the schema.
    for sql in [
        "UPDATE patient SET status = 'active' WHERE id = 1",
        "UPDATE patient SET email = 'a@b.example' WHERE id = 1",
        "INSERT INTO delivery (audience, purpose, patient_id, local_on, priority, state, expires_at, created_at, next_at) \
         VALUES ('patient', 'notice', 1, '2038-01-01', 1, 'pending', 0, 0, 0)",
        "DELETE FROM erased_patient",
    ] {
        let other = rusqlite::Connection::open(clinic.store.path()).unwrap();
        assert!(other.execute(sql, []).unwrap_err().to_string().contains("erased"), "{sql}");
    }
    // An old link opens nothing of hers; an old letter's answer is a stranger's.
    let token = clinic.key.token(patient, LinkPurpose::Changed, 0);
    let found = clinic.store.read(|view| aftercare::journey::link_key::find(view, &clinic.key, &token));
    assert!(found.unwrap().is_none(), "{:?}", ClosedLink::Forged);
    message(&fixture, Some("zoraida@mail.example"), "late words");
    let open = clinic.store.read(|view| view.tasks_open()).unwrap();
    let asks = open.iter().filter(|task| task.kind == TaskKind::SheWrote).collect::<Vec<_>>();
    assert!(asks.len() == 1 && asks[0].patient.is_none(), "{asks:?}");
    assert!(fixture.spooled().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_in_care_or_has_something_open_is_kept_and_no_period_erases_nobody() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    fixture.pass_time(YEARS_12);
    let (lead, nurse) = (fixture.sign_in("lena").await, fixture.sign_in("nora").await);
    let page = fixture.get("/erase/C-100", &lead).await.body;
    for words in ["in this clinic's care", "an alert about her", "on the protocol sgo2017-high"] {
        assert!(page.contains(words), "{words} {page}");
    }
    assert!(!page.contains("value=\"ask\""), "{page}");
    let list = fixture.get("/retention", &lead).await.body;
    assert!(list.contains("has not decided how long records are kept"), "{list}");
    assert_eq!(fixture.get("/retention", &nurse).await.status, 403);
    let refused = fixture.act("/erase/C-100", &lead, &[("act", "ask"), ("export", "not-wanted")]).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    // The clinic decides at its page.
    let setting = fixture.get("/settings/retention", &lead).await.body;
    assert!(setting.contains("the law of your country"), "{setting}");
    let saved = fixture
        .act(
            "/settings/retention",
            &lead,
            &[("act", "save"), ("after_last_contact", "15"), ("after_death", "")],
        )
        .await;
    assert!(saved.status == 303 || saved.body.contains("Records whose time is over"), "{}", saved.body);
    let wrong = fixture.act("/settings/retention", &lead, &[("act", "save"), ("after_death", "ten")]).await;
    assert_eq!(wrong.status, 422, "{}", wrong.body);
}
