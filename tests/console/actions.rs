//! An alert ends with a signed-in person (P6), and only with a form of her own session.

use aftercare::care::alert::lifecycle::AlertState;
use aftercare::care::task::TaskKind;
use aftercare::journey::operations::accounts::administer;
use aftercare::store::database::Store;
use aftercare::store::db::transaction::Stamp;

use crate::fixture::{Fixture, now};
use crate::http::{form, send};

fn state(fixture: &Fixture) -> AlertState {
    fixture
        .engine
        .clinic
        .store
        .read(|view| view.alerts_open())
        .unwrap()
        .first()
        .map_or(AlertState::Closed, |a| a.state)
}

#[tokio::test]
async fn a_nurse_takes_an_emergency_on_and_a_doctor_closes_it() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let taken = fixture.act("/alerts/1/acknowledge", &nurse, &[]).await;
    assert_eq!((taken.status, state(&fixture)), (303, AlertState::Acknowledged));
    assert!(fixture.get("/alerts/1", &nurse).await.body.contains("taken on by nora"));

    let ending = [
        ("done", "called"),
        ("done", "mri"),
        ("mri_on", "2026-02-26"),
        ("outcome", "spinal-spread"),
        ("follow", "recurrence"),
    ];
    assert_eq!(fixture.act("/alerts/1/close", &nurse, &ending).await.status, 403);
    assert_eq!(state(&fixture), AlertState::Acknowledged);

    let doctor = fixture.sign_in("dora").await;
    let faulty = fixture.act("/alerts/1/close", &doctor, &[("done", "mri")]).await;
    assert_eq!((faulty.status, state(&fixture)), (422, AlertState::Acknowledged));
    assert!(faulty.body.contains("Give the date of the MRI"));
    assert_eq!(fixture.act("/alerts/1/close", &doctor, &ending).await.status, 303);
    let page = fixture.get("/alerts/1", &doctor).await.body;
    assert!(
        page.contains("MRI of the spine on 26 Feb 2026, more than 24 hours after her answer")
            && page.contains("Spread to the spine"),
        "{page}"
    );
    let audit = fixture.engine.clinic.store.read(|view| view.last_events(50)).unwrap();
    let by =
        |action: &str| audit.iter().find(|event| event.action == action).map(|event| event.actor.clone());
    assert_eq!(by("alert.acknowledged").as_deref(), Some("staff:nora"));
    assert_eq!(by("alert.closed").as_deref(), Some("staff:dora"));
}

#[tokio::test]
async fn nobody_acts_without_a_session_its_csrf_token_and_our_own_page() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    let other = fixture.sign_in("dora").await;
    let (mark, foreign) =
        (fixture.get("/", &cookie).await.csrf_token(), fixture.get("/", &other).await.csrf_token());
    let host = fixture.host();
    let before = fixture.rows();
    let base = [("Host", host.as_str()), ("Cookie", cookie.as_str())];
    let same = ("Sec-Fetch-Site", "same-origin");
    let tries = [
        (vec![("Host", host.as_str()), same], form(&[("mark", &mark)]), 401),
        ([&base[..], &[same]].concat(), String::new(), 403),
        ([&base[..], &[same]].concat(), form(&[("mark", &foreign)]), 403),
        ([&base[..], &[("Sec-Fetch-Site", "cross-site")]].concat(), form(&[("mark", &mark)]), 403),
        ([&base[..], &[("Origin", "http://evil.example")]].concat(), form(&[("mark", &mark)]), 403),
        (base.to_vec(), form(&[("mark", &mark)]), 403),
    ];
    for (headers, body, status) in tries {
        let answer = send(fixture.at, "POST /alerts/1/acknowledge", &headers, &body).await;
        assert_eq!(answer.status, status, "{headers:?}");
    }
    assert_eq!(fixture.get("/alerts/1/acknowledge", &cookie).await.status, 405);
    assert_eq!(fixture.rows(), before);
}

#[tokio::test]
async fn an_account_turned_off_acts_no_more() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    let clinic = fixture.engine.clinic.clone();
    administer::turn_off(&clinic, Stamp::daemon(now()), "nora".to_owned()).await.unwrap();
    assert_eq!(fixture.act("/alerts/1/acknowledge", &cookie, &[]).await.status, 401);
    assert_eq!(state(&fixture), AlertState::Raised);
}

#[tokio::test]
async fn a_task_ends_with_a_note_only() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    fixture
        .act(
            "/patients/C-100",
            &cookie,
            &[("act", "status"), ("to", "transferred"), ("reason", "moved"), ("sure", "C-100")],
        )
        .await;
    let task = fixture.engine.clinic.store.read(|view| view.tasks_open()).unwrap()[0].id;
    let path = format!("/tasks/{task}");
    assert_eq!(fixture.act(&path, &cookie, &[("note", " ")]).await.status, 422);
    assert_eq!(fixture.act(&path, &cookie, &[("note", "the other clinic has rung")]).await.status, 303);
    assert!(fixture.engine.clinic.store.read(|view| view.tasks_open()).unwrap().is_empty());
    assert!(fixture.get(&path, &cookie).await.body.contains("the other clinic has rung"));
}

#[tokio::test]
async fn a_status_changes_only_for_the_code_that_was_typed_again() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    let status = || fixture.engine.clinic.store.read(|view| view.patient(patient)).unwrap().status.word();
    let ask = [("act", "status"), ("to", "deceased"), ("reason", "the family rang"), ("sure", "C-101")];
    assert_eq!(fixture.act("/patients/C-100", &cookie, &ask).await.status, 422);
    assert_eq!(status(), "active");
    let ask = [("act", "status"), ("to", "deceased"), ("reason", "the family rang"), ("sure", "C-100")];
    assert_eq!(fixture.act("/patients/C-100", &cookie, &ask).await.status, 303);
    assert_eq!(status(), "deceased");
}

#[tokio::test]
async fn a_date_that_cannot_be_is_refused_in_words() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    let ask = [("act", "book"), ("on", "9999-12-31"), ("at", "10:00"), ("anyway", "yes")];
    let refused = fixture.act("/patients/C-100", &cookie, &ask).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("That date lies more than two years ahead."), "{}", refused.body);
    assert!(refused.body.contains("Check the year"), "{}", refused.body);
}

#[tokio::test]
async fn a_death_is_undone_on_her_page_by_two_people_in_two_sessions() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let (nurse, doctor) = (fixture.sign_in("nora").await, fixture.sign_in("dora").await);
    let status = || fixture.engine.clinic.store.read(|view| view.patient(patient)).unwrap().status.word();
    let ask = |to: &'static str| {
        [
            ("act", "status"),
            ("to", to),
            ("reason", "another record was meant"),
            ("sure", "C-100"),
            ("confirmed_by", "dora"),
        ]
    };
    fixture.act("/patients/C-100", &nurse, &ask("deceased")).await;
    assert_eq!(fixture.act("/patients/C-100", &nurse, &ask("active")).await.status, 303);
    assert_eq!(status(), "deceased", "the name of a colleague is not enough");
    let own = fixture.get("/patients/C-100", &nurse).await.body;
    assert!(
        own.contains("Somebody else must agree") && !own.contains("The record is wrong: undo it"),
        "{own}"
    );
    assert_eq!(fixture.act("/patients/C-100", &nurse, &[("act", "agree")]).await.status, 422);
    let others = fixture.get("/patients/C-100", &doctor).await.body;
    assert!(others.contains("nora says that her death was recorded by mistake"), "{others}");
    assert!(
        fixture.get("/", &doctor).await.body.contains("A colleague says that a recorded death is a mistake")
    );
    assert_eq!(fixture.act("/patients/C-100", &doctor, &[("act", "decline")]).await.status, 303);
    assert_eq!(fixture.act("/patients/C-100", &doctor, &[("act", "agree")]).await.status, 422);
    fixture.act("/patients/C-100", &nurse, &ask("active")).await;
    assert_eq!(fixture.act("/patients/C-100", &doctor, &[("act", "agree")]).await.status, 303);
    assert_eq!(status(), "active");
}

#[tokio::test]
async fn whoever_has_spoken_with_her_keeps_an_alert_and_has_it_then() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (nurse, doctor) = (fixture.sign_in("nora").await, fixture.sign_in("dora").await);
    assert!(!fixture.get("/alerts/1", &nurse).await.body.contains("keep it open"));
    fixture.act("/alerts/1/acknowledge", &nurse, &[]).await;
    assert!(fixture.get("/alerts/1", &doctor).await.body.contains("I have spoken with her; keep it open"));
    assert_eq!(fixture.act("/alerts/1/keep", &doctor, &[]).await.status, 303);
    assert!(fixture.get("/alerts/1", &nurse).await.body.contains("taken on by dora"));
}

#[tokio::test]
async fn a_lead_lets_held_letters_go_and_nobody_else() {
    let fixture = Fixture::open().await;
    let clinic = &fixture.engine.clinic;
    aftercare::journey::operations::hold::hold(clinic, now(), "the clock jumped".to_owned()).await.unwrap();
    let task = clinic.store.read(|view| view.tasks_open()).unwrap()[0].id;
    let path = format!("/tasks/{task}");
    for (name, status, held) in [("nora", 422, true), ("dora", 422, true), ("lena", 303, false)] {
        let cookie = fixture.sign_in(name).await;
        assert_eq!(fixture.act(&path, &cookie, &[("note", "looked")]).await.status, status, "{name}");
        assert_eq!(clinic.store.read(|view| view.is_held()).unwrap(), held, "{name}");
    }
}

#[tokio::test]
async fn a_doctor_confirms_answers_as_baseline_and_a_nurse_does_not() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "same")]).await;
    let nurse = fixture.sign_in("nora").await;
    assert_eq!(fixture.act("/answers/1", &nurse, &[]).await.status, 403);
    let doctor = fixture.sign_in("dora").await;
    let page = fixture.get("/answers/1", &doctor).await.body;
    assert!(
        page.contains("name=\"sign.SP08\"") && !page.contains(" checked"),
        "nothing is set beforehand: {page}"
    );
    // One press is not enough: the sign that is there needs a word of its own.
    let passed_over = fixture.act("/answers/1", &doctor, &[("not-applicable", "SP05")]).await;
    assert_eq!(passed_over.status, 422, "{}", passed_over.body);
    assert!(passed_over.body.contains("SP08"), "{}", passed_over.body);
    let open = ["SP07", "SP09", "SP10", "SP11", "SP12", "SP13", "SP01"].map(|sign| format!("sign.{sign}"));
    let mut said = vec![("not-applicable", "SP05"), ("sign.SP08", "known")];
    said.extend(open.iter().map(|sign| (sign.as_str(), "not-known")));
    assert_eq!(fixture.act("/answers/1", &doctor, &said).await.status, 303);
    let base = fixture.engine.clinic.store.read(|view| view.baseline(patient)).unwrap().unwrap();
    assert_eq!(base.confirmed_by, "dora");
    assert!(fixture.get("/alerts/1", &doctor).await.body.contains("cannot be asked (baseline)"));
}

#[tokio::test]
async fn a_doctor_marks_a_reason_as_known_for_six_months_at_most() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP01", "same"), ("SP02", "low"), ("SP03", "5")]).await;
    let (nurse, doctor) = (fixture.sign_in("nora").await, fixture.sign_in("dora").await);
    assert!(!fixture.get("/answers/1", &nurse).await.body.contains("Mark as known"));
    let page = fixture.get("/answers/1", &doctor).await.body;
    assert!(page.contains("Mark as known") && page.contains("<option>S2</option>"), "{page}");
    let today = aftercare::journey::sending_policy::day(crate::fixture::now(), &jiff::tz::TimeZone::UTC);
    let until = |months: i32| today.saturating_add(jiff::ToSpan::months(months)).to_string();
    let mark = |code: &'static str, until: String| {
        vec![("act", "known".to_owned()), ("code", code.to_owned()), ("until", until)]
    };
    for (who, ask, status) in [
        (&nurse, mark("S2", until(3)), 403),
        (&doctor, mark("E1", until(3)), 422),
        (&doctor, mark("S2", until(7)), 422),
        (&doctor, mark("S2", "soon".to_owned()), 400),
        (&doctor, mark("S2", until(3)), 303),
    ] {
        let ask: Vec<(&str, &str)> = ask.iter().map(|(name, word)| (*name, word.as_str())).collect();
        assert_eq!(fixture.act("/answers/1", who, &ask).await.status, status, "{ask:?}");
    }
    let known = fixture.engine.clinic.store.read(|view| view.known(patient, today)).unwrap();
    assert_eq!(known.iter().map(|k| k.code().word()).collect::<Vec<_>>(), ["S2"]);
    assert!(fixture.get("/patients/C-100", &doctor).await.body.contains("Known for now"));
}

#[tokio::test]
async fn a_refused_letter_is_sent_again_from_the_pages_where_it_stands() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let id = fixture.refused_letter(now(), "554 refused");
    let cookie = fixture.sign_in("nora").await;
    let (at, shown) = (format!("/letters/{id}"), "under the same Message-ID");
    for page in ["/ledger", "/patients/C-100", at.as_str()] {
        let body = fixture.get(page, &cookie).await.body;
        assert!(body.contains("Send again") && body.contains(shown), "{page}: {body}");
    }
    let state = || {
        let letter = fixture
            .engine
            .clinic
            .store
            .read(|v| v.delivery(aftercare::store::mail::delivery::DeliveryId(id)));
        letter.unwrap().state.word()
    };
    assert_eq!(state(), "failed", "looking never acts");
    // Without the mark of her own form nothing happens.
    let host = fixture.host();
    let headers = [("Host", host.as_str()), ("Cookie", cookie.as_str()), ("Sec-Fetch-Site", "same-origin")];
    assert_eq!(send(fixture.at, &format!("POST {at}"), &headers, "").await.status, 403);
    assert_eq!(state(), "failed");
    assert_eq!(fixture.act(&at, &cookie, &[]).await.status, 303);
    assert_eq!(state(), "pending");
    let twice = fixture.act(&at, &cookie, &[]).await;
    assert_eq!(twice.status, 422);
    assert!(twice.body.contains("it has not failed: it is pending"), "{}", twice.body);
    let audit = fixture.engine.clinic.store.read(|view| view.last_events(20)).unwrap();
    let by = audit.iter().find(|event| event.action == "delivery.retried").map(|event| event.actor.clone());
    assert_eq!(by.as_deref(), Some("staff:nora"));
}

#[tokio::test]
async fn a_letter_that_stays_says_why_and_a_doubt_is_told_on_every_page() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let id = fixture.refused_letter(now(), "554 refused");
    let other = rusqlite::Connection::open(fixture.engine.clinic.store.path()).unwrap();
    other
        .execute("UPDATE delivery SET expires_at = 1, doubts = 1, in_doubt_at = 1 WHERE id = ?1", [id])
        .unwrap();
    let cookie = fixture.sign_in("nora").await;
    for page in ["/ledger".to_owned(), "/patients/C-100".to_owned(), format!("/letters/{id}")] {
        let body = fixture.get(&page, &cookie).await.body;
        assert!(body.contains("may have arrived"), "{page}: {body}");
        assert!(
            body.contains("it would come too late to be of use") && !body.contains("Send again"),
            "{page}"
        );
    }
    assert_eq!(fixture.act(&format!("/letters/{id}"), &cookie, &[]).await.status, 422);
}

#[tokio::test]
async fn an_admin_confirms_no_baseline_and_notes_no_spread() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "same")]).await;
    let admin = fixture.sign_in("adam").await;
    assert!(!fixture.get("/answers/1", &admin).await.body.contains("Confirm as baseline"));
    assert_eq!(fixture.act("/answers/1", &admin, &[("sign.SP08", "known")]).await.status, 403);
    assert!(!fixture.get("/patients/C-100", &admin).await.body.contains("Bone spread is known"));
    let refused = fixture.act("/patients/C-100", &admin, &[("act", "bone-spread")]).await;
    assert_eq!(refused.status, 422, "{}", refused.body);
    let doctor = fixture.sign_in("dora").await;
    assert_eq!(fixture.act("/patients/C-100", &doctor, &[("act", "bone-spread")]).await.status, 303);
}

#[tokio::test]
async fn a_visit_on_a_sunday_night_is_booked_and_remarked_as_long_as_it_stands() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    let date = |on: &'static str, at: &'static str, act: &'static str| {
        [("act", act), ("on", on), ("at", at), ("anyway", "yes"), ("series", "visit")]
    };
    let sent = fixture.act("/patients/C-100", &cookie, &date("2026-04-12", "22:30", "book")).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    let page = fixture.get("/patients/C-100", &cookie).await.body;
    let words = "Check: 12 Apr 2026 is a day on which the clinic is closed; 22:30 is in the night";
    assert!(page.contains(words), "{page}");
    // The clocks jump over it.
    let skipped = [&date("2027-03-14", "02:30", "move")[..], &[("look", "yes")]].concat();
    let look = fixture.act("/patients/C-100", &cookie, &skipped).await.body;
    assert!(
        look.contains("14 Mar 2027, 03:00") && look.contains("02:30 does not exist on that day"),
        "{look}"
    );
    let sent = fixture.act("/patients/C-100", &cookie, &date("2026-04-13", "10:30", "move")).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    assert!(!fixture.get("/patients/C-100", &cookie).await.body.contains("Check:"));
}

#[tokio::test]
async fn whoever_marks_an_answer_as_read_is_led_to_the_alert_that_is_theirs_now() {
    let configure = |dir: &std::path::Path, _: &Store| aftercare::config::load::shipped(dir).unwrap();
    let fixture = Fixture::as_configured(configure).await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let tasks = fixture.engine.clinic.store.read(|view| view.tasks_open()).unwrap();
    let id = tasks.iter().find(|task| task.kind == TaskKind::ReadAnswer).unwrap().id;
    let done = fixture.act(&format!("/tasks/{id}"), &nurse, &[("note", "read; she is rung")]).await;
    let to = done.header("location").unwrap_or_default();
    assert!(done.status == 303 && to.starts_with("/alerts/1"), "{to}");
    let page = fixture.get(to, &nurse).await.body;
    assert!(page.contains("You have taken the alert on with it"), "{page}");
}

#[tokio::test]
async fn a_visit_that_was_kept_far_off_is_recorded_once_it_is_meant_and_what_falls_away_is_named() {
    let fixture = Fixture::open().await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    let kept =
        [("act", "done"), ("on", "2026-01-20"), ("series", "visit"), ("anyway", "yes"), ("look", "yes")];
    let refused = fixture.act("/patients/C-100", &cookie, &kept[..3]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("would take its place"), "{}", refused.body);
    let look = fixture.act("/patients/C-100", &cookie, &kept).await.body;
    assert!(look.contains("due 15 Apr 2026") && look.contains("It takes its place"), "{look}");
    assert!(look.contains("<dt>Took place on</dt><dd><strong>Tue 20 Jan 2026</strong>"), "{look}");
    assert_eq!(fixture.act("/patients/C-100", &cookie, &kept[..4]).await.status, 303);
    let all = fixture.engine.clinic.store.read(|view| view.done_on(patient)).unwrap();
    assert_eq!(all.len(), 1);
}

#[tokio::test]
async fn a_death_says_that_it_counts_and_nobody_rings_or_writes_any_more() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    let died = [("act", "status"), ("to", "deceased"), ("reason", "the family rang"), ("sure", "C-100")];
    let saved = fixture.act("/patients/C-100", &cookie, &died).await;
    let page = fixture.get(saved.header("location").unwrap_or_default(), &cookie).await.body;
    for said in ["She is recorded as deceased.", "She has died. Do not ring or write.", "No letters leave."] {
        assert!(page.contains(said), "{said}: {page}");
    }
    assert!(!page.contains("Letters go to") && !page.contains("Saved: "), "{page}");
    let book = [("act", "book"), ("on", "2026-04-13"), ("at", "10:30"), ("series", "visit")];
    let refused = fixture.act("/patients/C-100", &cookie, &book).await;
    assert!(
        refused.status == 422 && refused.body.contains("id=\"what-fault\""),
        "beside the date: {}",
        refused.body
    );
    let back = [("act", "status"), ("to", "active"), ("reason", "a mistake"), ("sure", "C-100")];
    let asked = fixture.act("/patients/C-100", &cookie, &back).await;
    if asked.status == 303 {
        let page = fixture.get(asked.header("location").unwrap_or_default(), &cookie).await.body;
        assert!(page.contains("You have asked for it."), "{page}");
    }
}
