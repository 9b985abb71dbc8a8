//! An alert ends with a signed-in person (P6), and only with a form of her own session.

use aftercare::care::alert::State;
use aftercare::store::Stamp;

use crate::house::{House, now};
use crate::wire::{form, send};

fn state(house: &House) -> State {
    house
        .engine
        .clinic
        .store
        .read(|view| view.alerts_open())
        .unwrap()
        .first()
        .map_or(State::Closed, |a| a.state)
}

#[tokio::test]
async fn a_nurse_takes_an_emergency_on_and_a_doctor_closes_it() {
    let house = House::open().await;
    house.worried(&[("SP08", "new")]).await;
    let nurse = house.sign_in("nora").await;
    let taken = house.act("/alerts/1/acknowledge", &nurse, &[]).await;
    assert_eq!((taken.status, state(&house)), (303, State::Acknowledged));
    assert!(house.get("/alerts/1", &nurse).await.body.contains("taken on by nora"));

    let ending =
        [("done", "called"), ("done", "mri"), ("mri_on", "2026-02-24"), ("outcome", "spinal-spread")];
    assert_eq!(house.act("/alerts/1/close", &nurse, &ending).await.status, 403);
    assert_eq!(state(&house), State::Acknowledged);

    let doctor = house.sign_in("dora").await;
    let faulty = house.act("/alerts/1/close", &doctor, &[("done", "mri")]).await;
    assert_eq!((faulty.status, state(&house)), (422, State::Acknowledged));
    assert!(faulty.body.contains("Give the date of the MRI"));
    assert_eq!(house.act("/alerts/1/close", &doctor, &ending).await.status, 303);
    let page = house.get("/alerts/1", &doctor).await.body;
    assert!(
        page.contains("MRI of the spine on 24 Feb 2026") && page.contains("Spread to the spine"),
        "{page}"
    );
    let audit = house.engine.clinic.store.read(|view| view.last_events(50)).unwrap();
    let by =
        |action: &str| audit.iter().find(|event| event.action == action).map(|event| event.actor.clone());
    assert_eq!(by("alert.acknowledged").as_deref(), Some("staff:nora"));
    assert_eq!(by("alert.closed").as_deref(), Some("staff:dora"));
}

#[tokio::test]
async fn nobody_acts_without_a_session_its_mark_and_our_own_page() {
    let house = House::open().await;
    house.worried(&[("SP08", "new")]).await;
    let cookie = house.sign_in("nora").await;
    let other = house.sign_in("dora").await;
    let (mark, foreign) = (house.get("/", &cookie).await.mark(), house.get("/", &other).await.mark());
    let host = house.host();
    let before = house.rows();
    let base = [("Host", host.as_str()), ("Cookie", cookie.as_str())];
    let same = ("Sec-Fetch-Site", "same-origin");
    let tries = [
        (vec![("Host", host.as_str()), same], form(&[("mark", &mark)]), 303),
        ([&base[..], &[same]].concat(), String::new(), 403),
        ([&base[..], &[same]].concat(), form(&[("mark", &foreign)]), 403),
        ([&base[..], &[("Sec-Fetch-Site", "cross-site")]].concat(), form(&[("mark", &mark)]), 403),
        ([&base[..], &[("Origin", "http://evil.example")]].concat(), form(&[("mark", &mark)]), 403),
        (base.to_vec(), form(&[("mark", &mark)]), 403),
    ];
    for (headers, body, status) in tries {
        let answer = send(house.at, "POST /alerts/1/acknowledge", &headers, &body).await;
        assert_eq!(answer.status, status, "{headers:?}");
    }
    assert_eq!(house.get("/alerts/1/acknowledge", &cookie).await.status, 405);
    assert_eq!(house.rows(), before);
}

#[tokio::test]
async fn an_account_turned_off_acts_no_more() {
    let house = House::open().await;
    house.worried(&[("SP08", "new")]).await;
    let cookie = house.sign_in("nora").await;
    let clinic = house.engine.clinic.clone();
    let off = move || aftercare::journey::staff::disable(&clinic, Stamp::daemon(now()), "nora");
    tokio::task::spawn_blocking(off).await.unwrap().unwrap();
    assert_eq!(house.act("/alerts/1/acknowledge", &cookie, &[]).await.status, 303);
    assert_eq!(state(&house), State::Raised);
}

#[tokio::test]
async fn a_task_ends_with_a_note_only() {
    let house = House::open().await;
    house.worried(&[("SP08", "new")]).await;
    let cookie = house.sign_in("nora").await;
    house
        .act(
            "/patients/C-100",
            &cookie,
            &[("act", "status"), ("to", "transferred"), ("reason", "moved"), ("sure", "C-100")],
        )
        .await;
    let task = house.engine.clinic.store.read(|view| view.tasks_open()).unwrap()[0].id;
    let path = format!("/tasks/{task}");
    assert_eq!(house.act(&path, &cookie, &[("note", " ")]).await.status, 422);
    assert_eq!(house.act(&path, &cookie, &[("note", "the other clinic has rung")]).await.status, 303);
    assert!(house.engine.clinic.store.read(|view| view.tasks_open()).unwrap().is_empty());
    assert!(house.get(&path, &cookie).await.body.contains("the other clinic has rung"));
}

#[tokio::test]
async fn a_status_changes_only_for_the_code_that_was_typed_again() {
    let house = House::open().await;
    let (patient, _) = house.worried(&[("SP08", "new")]).await;
    let cookie = house.sign_in("nora").await;
    let status = || house.engine.clinic.store.read(|view| view.patient(patient)).unwrap().status.word();
    let ask = [("act", "status"), ("to", "deceased"), ("reason", "the family rang"), ("sure", "C-101")];
    assert_eq!(house.act("/patients/C-100", &cookie, &ask).await.status, 422);
    assert_eq!(status(), "active");
    let ask = [("act", "status"), ("to", "deceased"), ("reason", "the family rang"), ("sure", "C-100")];
    assert_eq!(house.act("/patients/C-100", &cookie, &ask).await.status, 303);
    assert_eq!(status(), "deceased");
}

#[tokio::test]
async fn a_date_that_cannot_be_is_refused_in_words() {
    let house = House::open().await;
    house.worried(&[("SP08", "new")]).await;
    let cookie = house.sign_in("nora").await;
    let ask = [("act", "book"), ("on", "9999-12-31"), ("at", "10:00"), ("anyway", "yes")];
    let refused = house.act("/patients/C-100", &cookie, &ask).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("that date lies more than two years ahead"), "{}", refused.body);
    assert!(refused.body.contains("check the year"), "{}", refused.body);
}

#[tokio::test]
async fn a_death_is_undone_on_her_page_by_two_people_in_two_sessions() {
    let house = House::open().await;
    let (patient, _) = house.worried(&[("SP08", "new")]).await;
    let (nurse, doctor) = (house.sign_in("nora").await, house.sign_in("dora").await);
    let status = || house.engine.clinic.store.read(|view| view.patient(patient)).unwrap().status.word();
    let ask = |to: &'static str| {
        [
            ("act", "status"),
            ("to", to),
            ("reason", "another record was meant"),
            ("sure", "C-100"),
            ("confirmed_by", "dora"),
        ]
    };
    house.act("/patients/C-100", &nurse, &ask("deceased")).await;
    assert_eq!(house.act("/patients/C-100", &nurse, &ask("active")).await.status, 303);
    assert_eq!(status(), "deceased", "the name of a colleague is not enough");
    let own = house.get("/patients/C-100", &nurse).await.body;
    assert!(
        own.contains("Somebody else must agree") && !own.contains("The record is wrong: undo it"),
        "{own}"
    );
    assert_eq!(house.act("/patients/C-100", &nurse, &[("act", "agree")]).await.status, 422);
    let others = house.get("/patients/C-100", &doctor).await.body;
    assert!(others.contains("nora says that her death was recorded by mistake"), "{others}");
    assert!(
        house.get("/", &doctor).await.body.contains("A colleague says that a recorded death is a mistake")
    );
    assert_eq!(house.act("/patients/C-100", &doctor, &[("act", "decline")]).await.status, 303);
    assert_eq!(house.act("/patients/C-100", &doctor, &[("act", "agree")]).await.status, 422);
    house.act("/patients/C-100", &nurse, &ask("active")).await;
    assert_eq!(house.act("/patients/C-100", &doctor, &[("act", "agree")]).await.status, 303);
    assert_eq!(status(), "active");
}

#[tokio::test]
async fn whoever_has_spoken_with_her_keeps_an_alert_and_has_it_then() {
    let house = House::open().await;
    house.worried(&[("SP08", "new")]).await;
    let (nurse, doctor) = (house.sign_in("nora").await, house.sign_in("dora").await);
    assert!(!house.get("/alerts/1", &nurse).await.body.contains("keep it open"));
    house.act("/alerts/1/acknowledge", &nurse, &[]).await;
    assert!(house.get("/alerts/1", &doctor).await.body.contains("I have spoken with her; keep it open"));
    assert_eq!(house.act("/alerts/1/keep", &doctor, &[]).await.status, 303);
    assert!(house.get("/alerts/1", &nurse).await.body.contains("taken on by dora"));
}

#[tokio::test]
async fn a_lead_lets_held_letters_go_and_nobody_else() {
    let house = House::open().await;
    let clinic = &house.engine.clinic;
    aftercare::journey::hold::hold(clinic, now(), "the clock jumped".to_owned()).await.unwrap();
    let task = clinic.store.read(|view| view.tasks_open()).unwrap()[0].id;
    let path = format!("/tasks/{task}");
    for (name, status, held) in [("nora", 422, true), ("dora", 422, true), ("lena", 303, false)] {
        let cookie = house.sign_in(name).await;
        assert_eq!(house.act(&path, &cookie, &[("note", "looked")]).await.status, status, "{name}");
        assert_eq!(clinic.store.read(|view| view.is_held()).unwrap(), held, "{name}");
    }
}

#[tokio::test]
async fn a_test_alert_is_sent_and_confirmed_by_a_person() {
    let house = House::open().await;
    let cookie = house.sign_in("nora").await;
    assert_eq!(house.act("/test-alert", &cookie, &[("act", "send")]).await.status, 303);
    assert_eq!(house.act("/test-alert", &cookie, &[("act", "send")]).await.status, 422, "one has just left");
    assert!(house.get("/test-alert", &cookie).await.body.contains("The next test alert can leave at"));
    assert!(house.get("/", &cookie).await.body.contains("A test alert waits"));
    assert_eq!(house.act("/test-alert", &cookie, &[("act", "confirm")]).await.status, 303);
    assert!(!house.get("/", &cookie).await.body.contains("A test alert waits"));
}

#[tokio::test]
async fn a_doctor_confirms_answers_as_baseline_and_a_nurse_does_not() {
    let house = House::open().await;
    let (patient, _) = house.worried(&[("SP08", "same")]).await;
    let nurse = house.sign_in("nora").await;
    assert_eq!(house.act("/answers/1", &nurse, &[]).await.status, 403);
    let doctor = house.sign_in("dora").await;
    assert_eq!(house.act("/answers/1", &doctor, &[("not-applicable", "SP05")]).await.status, 303);
    let base = house.engine.clinic.store.read(|view| view.baseline(patient)).unwrap().unwrap();
    assert_eq!(base.confirmed_by, "dora");
    assert!(house.get("/alerts/1", &doctor).await.body.contains("cannot be asked (baseline)"));
}

#[tokio::test]
async fn a_doctor_marks_a_reason_as_known_for_six_months_at_most() {
    let house = House::open().await;
    let (patient, _) = house.worried(&[("SP01", "same"), ("SP02", "low"), ("SP03", "5")]).await;
    let (nurse, doctor) = (house.sign_in("nora").await, house.sign_in("dora").await);
    assert!(!house.get("/answers/1", &nurse).await.body.contains("Mark as known"));
    let page = house.get("/answers/1", &doctor).await.body;
    assert!(page.contains("Mark as known") && page.contains("<option>S2</option>"), "{page}");
    let today = aftercare::journey::policy::day(crate::house::now(), &jiff::tz::TimeZone::UTC);
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
        assert_eq!(house.act("/answers/1", who, &ask).await.status, status, "{ask:?}");
    }
    let known = house.engine.clinic.store.read(|view| view.known(patient, today)).unwrap();
    assert_eq!(known.iter().map(|k| k.code().word()).collect::<Vec<_>>(), ["S2"]);
    assert!(house.get("/patients/C-100", &doctor).await.body.contains("Known for now"));
}
