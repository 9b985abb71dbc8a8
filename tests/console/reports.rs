//! Reports as pages: charts, tables and files whose figures are those of a world that is known, and who is overdue.

use aftercare::care::contact::PatientContact;
use aftercare::care::patient::{Detail, PatientId, PatientStatus, PreferredName, Reference};
use aftercare::journey::errors::step::StepError;
use aftercare::journey::patients::status;
use aftercare::journey::plan::enrol::{Admission, Course, admit};
use aftercare::journey::status_change::StatusChange;
use aftercare::store::db::transaction::{Stamp, Tx};
use aftercare::store::error::StoreError;
use aftercare::store::people::patients::Newcomer;
use jiff::civil::date;
use jiff::{Timestamp, ToSpan};
use rusqlite::Connection;

use crate::fixture::{Fixture, NAME, now};

const PERIOD: &str = "since=2026-01-01&until=2026-02-24";

/// Somebody on a protocol since the middle of January; what is due now lies ahead of her.
async fn enrolled(fixture: &Fixture, code: &'static str, protocol: &str) -> PatientId {
    let (version, protocol) = fixture.engine.published[protocol].clone();
    let admission = Admission {
        newcomer: Newcomer {
            reference: Reference::parse(code).unwrap(),
            name: PreferredName::parse(code).unwrap(),
            birth_on: date(1970, 3, 27),
            email: None,
            language: "en".to_owned(),
            zone: "America/New_York".to_owned(),
            detail: Detail::Standard,
            detail_follows: false,
            proxy: None,
            shared_inbox: false,
            status: PatientStatus::Active,
            contact: PatientContact::default(),
        },
        courses: vec![Course { version, protocol, anchor_on: date(2026, 1, 15) }],
        waiting: Vec::new(),
        next_visit: None,
    };
    let clinic = fixture.engine.clinic.clone();
    let job =
        move |tx: &mut Tx<'_>| -> Result<PatientId, StepError> { admit(tx, &admission, &clinic.policy) };
    fixture.engine.clinic.store.write(Stamp::daemon(now()), job).await.unwrap()
}

async fn stands(fixture: &Fixture, patient: PatientId, to: PatientStatus) {
    let change = StatusChange { to, reason: "a test".to_owned(), until: None, confirmed_by: None };
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let patient = tx.patient(patient)?;
        status::change(tx, &patient, &change)
    };
    fixture.engine.clinic.store.write(Stamp::daemon(now()), job).await.unwrap();
}

fn database(fixture: &Fixture) -> Connection {
    Connection::open(fixture.engine.clinic.store.path()).unwrap()
}

/// What became of a follow-up of the past.
#[derive(Clone, Copy)]
struct Past<'a> {
    series: &'a str,
    kind: &'a str,
    due_on: &'a str,
    state: &'a str,
    /// `submitted` or `partial`, where an answer came.
    form: Option<&'a str>,
    is_asked: bool,
}

const CHECKLIST: Past<'static> = Past {
    series: "spine-check",
    kind: "checklist",
    due_on: "",
    state: "missed",
    form: None,
    is_asked: false,
};

/// Puts a follow-up of the past on record, as the daemon would have left it.
fn past(sql: &Connection, patient: PatientId, one: Past<'_>) {
    let Past { series, kind, due_on, state, form, is_asked } = one;
    sql.execute(
        "INSERT INTO follow_up (enrolment_id, patient_id, series, number, kind, due_on, opens_on, closes_on, state, next_at, \
         promised_from, closed_on, closed_reason) SELECT e.id, e.patient_id, ?2, 900 + (SELECT count(*) FROM follow_up), ?3, ?4, \
         ?4, '2026-12-31', ?5, CASE ?5 WHEN 'planned' THEN 4000000000000 END, 0, CASE ?5 WHEN 'planned' THEN NULL ELSE ?4 END, \
         CASE ?5 WHEN 'planned' THEN NULL ELSE 'a test' END FROM enrolment e WHERE e.patient_id = ?1",
        (patient.0, series, kind, due_on, state),
    )
    .unwrap();
    let id = sql.last_insert_rowid();
    if let Some(form) = form {
        sql.execute(
            "INSERT INTO response (patient_id, follow_up_id, checklist_version_id, who, nonce, state, pages, answers, mode, \
             began_at, answered_at, answered_on) SELECT ?1, ?2, min(id), 'self', 'nonce-' || ?2, ?3, 1, '{}', 'education', 0, \
             1771000000000, ?4 FROM checklist_version",
            (patient.0, id, form, due_on),
        )
        .unwrap();
    }
    if is_asked {
        letter(sql, patient, "sent", due_on);
        sql.execute(
            "INSERT INTO reminder (follow_up_id, patient_id, trigger, step, basis_on, send_on, send_at, expires_at, state, \
             delivery_id) VALUES (?1, ?2, 'remind', 'invite', ?3, ?3, 0, 4000000000000, 'sent', ?4)",
            (id, patient.0, due_on, sql.last_insert_rowid()),
        )
        .unwrap();
    }
}

fn letter(sql: &Connection, patient: PatientId, state: &str, on: &str) {
    written(sql, patient, (state, "notice"), on);
}

fn written(sql: &Connection, patient: PatientId, (state, purpose): (&str, &str), on: &str) {
    sql.execute(
        "INSERT INTO delivery (audience, purpose, patient_id, local_on, priority, state, frees_day, reason, next_at, expires_at, \
         message_id, created_at, ended_at) VALUES ('patient', ?2, ?1, ?4, 50, ?3, ?3 IN ('skipped', 'lapsed', 'failed'), \
         'a test', CASE ?3 WHEN 'pending' THEN 4000000000000 END, 4000000000000, '<' || abs(random()) || '@test>', 0, \
         CASE ?3 WHEN 'pending' THEN NULL ELSE 1 END)",
        (patient.0, purpose, state, on),
    )
    .unwrap();
}

/// An alert with an hour to act, raised then and taken on after so many minutes, by somebody.
fn alert(sql: &Connection, patient: PatientId, (tier, raised): (&str, &str), taken: Option<(i64, &str)>) {
    let raised: Timestamp = raised.parse().unwrap();
    let (at, acted) = (raised.as_millisecond(), taken.map(|(minutes, _)| minutes * 60_000));
    sql.execute(
        "INSERT INTO alert (patient_id, audience, tier, state, raised_at, due_at, ringing_since, next_notice_at, \
         acknowledged_by, acknowledged_at, first_acted_at) VALUES (?1, 'ladder', ?2, \
         CASE WHEN ?4 IS NULL THEN 'raised' ELSE 'acknowledged' END, ?3, ?3 + 3600000, ?3, 4000000000000, ?5, ?3 + ?4, ?3 + ?4)",
        (patient.0, tier, at, acted, taken.map(|(_, by)| by)),
    )
    .unwrap();
}

async fn file(fixture: &Fixture, cookie: &str, asked: &str) -> Vec<String> {
    let answer = fixture.get(&format!("/reports/{asked}"), cookie).await;
    assert_eq!(answer.status, 200, "{asked}: {}", answer.body);
    assert!(answer.header("content-type").unwrap().starts_with("text/csv"), "{asked}");
    answer.body.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_clinic_has_figures_of_nothing_and_says_what_comes_first() {
    let fixture = Fixture::open().await;
    let cookie = fixture.sign_in("adam").await;
    let before = fixture.rows();
    let page = fixture.get("/reports", &cookie).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Reports") && page.body.contains("0 visits and tests"), "{}", page.body);
    assert_eq!(
        file(&fixture, &cookie, "answers.csv?since=2026-02-01").await,
        ["month,asked,answered,half_done,no_answer,open", "2026-02,0,0,0,0,0"]
    );
    let speed = file(&fixture, &cookie, "speed.csv").await;
    assert_eq!(speed[1], "emergency,0,0,0,0,,,", "a time that nobody took is empty, not nothing");
    assert_eq!(file(&fixture, &cookie, "load.csv").await.len(), 9);
    assert!(fixture.get("/reports/overdue", &cookie).await.body.contains("Nobody is overdue."));
    assert_eq!(fixture.get("/reports/no-such.csv", &cookie).await.status, 404);
    assert_eq!(fixture.rows(), before, "looking writes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_asked_is_counted_by_what_became_of_it() {
    let fixture = Fixture::open().await;
    let (ana, berta) =
        (enrolled(&fixture, "A-1", "nccn").await, enrolled(&fixture, "B-1", "sgo2017-low").await);
    let dora = enrolled(&fixture, "D-1", "nccn").await;
    let sql = database(&fixture);
    let of = |due_on| Past { due_on, ..CHECKLIST };
    past(&sql, ana, Past { state: "done", form: Some("submitted"), ..of("2026-01-10") });
    past(&sql, ana, of("2026-01-20"));
    past(&sql, ana, Past { form: Some("partial"), ..of("2026-02-05") });
    past(&sql, ana, Past { state: "planned", is_asked: true, ..of("2026-02-20") });
    past(&sql, ana, Past { state: "planned", ..of("2026-02-21") });
    past(&sql, ana, Past { state: "cancelled", ..of("2026-02-12") });
    past(&sql, berta, of("2026-02-10"));
    past(&sql, dora, Past { state: "planned", is_asked: true, ..of("2026-02-18") });
    let cookie = fixture.sign_in("lena").await;
    let header = "month,asked,answered,half_done,no_answer,open";
    let answers = file(&fixture, &cookie, &format!("answers.csv?{PERIOD}")).await;
    assert_eq!(answers, [header, "2026-01,2,1,0,1,0", "2026-02,4,0,1,1,2"]);
    stands(&fixture, dora, PatientStatus::Deceased).await;
    let answers = file(&fixture, &cookie, &format!("answers.csv?{PERIOD}")).await;
    assert_eq!(answers[2], "2026-02,3,0,1,1,1", "whoever died owes no answer");
    assert_eq!(
        file(&fixture, &cookie, &format!("schedules.csv?{PERIOD}")).await,
        [
            "schedule,month,asked,answered,half_done,no_answer,open",
            "nccn,2026-01,2,1,0,1,0",
            "nccn,2026-02,2,0,1,0,1",
            "sgo2017-low,2026-02,1,0,0,1,0"
        ]
    );
    let silent = file(&fixture, &cookie, &format!("answers.csv?{PERIOD}&schedule=sgo2017-low")).await;
    assert_eq!(silent, [header, "2026-01,0,0,0,0,0", "2026-02,1,0,0,1,0"]);
    let month = file(&fixture, &cookie, "answers.csv?since=2026-01-15&until=2026-01-31").await;
    assert_eq!(month, [header, "2026-01,1,0,0,1,0"], "as far as the period reaches");
    let page = fixture.get(&format!("/reports?{PERIOD}"), &cookie).await.body;
    for part in [
        "All patients after treatment (nccn)",
        "50 %",
        "25 %",
        "20 %",
        "0 %",
        "together",
        "<svg",
        "role=\"img\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("style="), "the policy allows no inline style: {page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_speed_and_the_hands_are_those_of_known_hours() {
    let fixture = Fixture::open().await;
    let ana = enrolled(&fixture, "A-1", "nccn").await;
    let sql = database(&fixture);
    alert(&sql, ana, ("emergency", "2026-02-02T10:00:00Z"), Some((10, "nora")));
    alert(&sql, ana, ("emergency", "2026-02-03T10:00:00Z"), Some((180, "dora")));
    alert(&sql, ana, ("emergency", "2026-02-04T10:00:00Z"), None);
    // Half past ten in the evening of the 31st at the clinic.
    alert(&sql, ana, ("soon", "2026-02-01T03:30:00Z"), Some((30, "nora")));
    alert(&sql, ana, ("urgent", "2026-02-05T10:00:00Z"), None);
    sql.execute("UPDATE alert SET audience = 'canary' WHERE tier = 'urgent'", []).unwrap();
    let cookie = fixture.sign_in("lena").await;
    let speed = file(&fixture, &cookie, &format!("speed.csv?{PERIOD}")).await;
    assert_eq!(speed[0], "tier,raised,acted,in_time,waiting,median_s,p90_s,max_s");
    assert_eq!(speed[1], "emergency,3,2,1,1,600,10800,10800");
    assert_eq!(speed[3], "soon,1,1,1,0,1800,1800,1800");
    assert_eq!(
        file(&fixture, &cookie, &format!("alerts.csv?{PERIOD}")).await[1..],
        ["2026-01,0,0,1,0,1,1,0,0,1", "2026-02,3,0,0,0,3,1,1,1,2"]
    );
    let none = file(&fixture, &cookie, &format!("alerts.csv?{PERIOD}&schedule=sgo2017-low")).await;
    assert_eq!(none[2], "2026-02,0,0,0,0,0,0,0,0,0", "nobody on that schedule");
    let page = fixture.get(&format!("/reports?{PERIOD}"), &cookie).await.body;
    assert!(page.contains("not taken on yet") && page.contains("10 min") && page.contains("3 h"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_counted_by_month_and_fate_without_the_canary() {
    let fixture = Fixture::open().await;
    let ana = enrolled(&fixture, "A-1", "nccn").await;
    let sql = database(&fixture);
    for (state, on) in [
        ("skipped", "2026-01-31"),
        ("sent", "2026-02-01"),
        ("sent", "2026-02-02"),
        ("failed", "2026-02-02"),
        ("lapsed", "2026-02-03"),
        ("unknown", "2026-02-04"),
        ("pending", "2026-02-24"),
        ("sent", "2025-12-31"),
    ] {
        letter(&sql, ana, state, on);
    }
    written(&sql, ana, ("sent", "canary"), "2026-02-02");
    let cookie = fixture.sign_in("lena").await;
    assert_eq!(
        file(&fixture, &cookie, &format!("letters.csv?{PERIOD}")).await,
        [
            "month,sent,waiting,skipped,lapsed,failed,unknown,all",
            "2026-01,0,0,1,0,0,0,1",
            "2026-02,2,1,0,1,1,1,6"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_weeks_to_come_hold_what_the_plan_asks_for_and_nothing_of_the_dead() {
    let fixture = Fixture::open().await;
    let ana = enrolled(&fixture, "A-1", "nccn").await;
    enrolled(&fixture, "B-1", "nccn").await;
    let cookie = fixture.sign_in("lena").await;
    let sum = |lines: &[String]| -> [u32; 4] {
        let mut all = [0; 4];
        for line in &lines[1..] {
            for (sum, cell) in all.iter_mut().zip(line.split(',').skip(1)) {
                *sum += cell.parse::<u32>().unwrap();
            }
        }
        all
    };
    // Until 20 April: forms on 15 March, on record, and on 15 April, only in the plan; a visit on 15 April.
    let load = file(&fixture, &cookie, "load.csv").await;
    assert_eq!(load[1].split(',').next(), Some("2026-02-24"));
    let [booked, unbooked, forms, tasks] = sum(&load);
    assert_eq!((booked, unbooked, forms), (0, 2, 4), "{load:?}");
    assert!(tasks > 0, "without an address somebody has to ring: {load:?}");
    stands(&fixture, ana, PatientStatus::Paused).await;
    assert_eq!(
        sum(&file(&fixture, &cookie, "load.csv").await)[..3],
        [0, 2, 4],
        "in a pause the plan goes on"
    );
    stands(&fixture, ana, PatientStatus::Deceased).await;
    assert_eq!(sum(&file(&fixture, &cookie, "load.csv").await)[..3], [0, 1, 2]);
    let nobody = sum(&file(&fixture, &cookie, "load.csv?schedule=sgo2017-low").await);
    assert_eq!(nobody, [0; 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_overdue_is_listed_longest_first_and_page_by_page() {
    let fixture = Fixture::open().await;
    let (ana, berta) =
        (enrolled(&fixture, "A-1", "nccn").await, enrolled(&fixture, "B-1", "sgo2017-low").await);
    let (dora, paula) = (enrolled(&fixture, "D-1", "nccn").await, enrolled(&fixture, "P-1", "nccn").await);
    let sql = database(&fixture);
    let visit = |due_on| Past { series: "visit", kind: "visit", due_on, state: "planned", ..CHECKLIST };
    for (patient, due_on) in
        [(berta, "2026-01-01"), (ana, "2025-12-01"), (dora, "2025-11-01"), (paula, "2026-02-01")]
    {
        past(&sql, patient, visit(due_on));
    }
    past(&sql, ana, Past { state: "missed", ..visit("2025-10-01") });
    past(&sql, ana, visit("2026-02-24"));
    stands(&fixture, dora, PatientStatus::Deceased).await;
    stands(&fixture, paula, PatientStatus::Paused).await;
    let cookie = fixture.sign_in("lena").await;
    let listed = file(&fixture, &cookie, "overdue.csv").await;
    assert_eq!(
        listed,
        [
            "reference,status,what,schedule,due_on,days,closes_on,passed_on",
            "A-1,active,follow-up visit,nccn,2025-12-01,85,2026-12-31,",
            "B-1,active,follow-up visit,sgo2017-low,2026-01-01,54,2026-12-31,",
            "P-1,paused,follow-up visit,nccn,2026-02-01,23,2026-12-31,"
        ]
    );
    assert_eq!(file(&fixture, &cookie, "overdue.csv?schedule=sgo2017-low").await.len(), 2);
    for _ in 0..50 {
        past(&sql, berta, visit("2026-02-10"));
    }
    let nurse = fixture.sign_in("nora").await;
    let page = fixture.get("/reports/overdue", &nurse).await.body;
    assert_eq!(page.matches("<th scope=\"row\">").count(), 50, "{page}");
    assert!(page.contains("(paused)") && !page.contains("D-1"), "{page}");
    assert!(!page.contains("overdue.csv"), "a nurse may not take the file along");
    let next = page.split("href=\"").find(|part| part.contains("after=")).unwrap();
    let next = next.split('"').next().unwrap().replace("&amp;", "&");
    let last = fixture.get(&next, &nurse).await.body;
    assert_eq!(last.matches("<th scope=\"row\">").count(), 3, "{last}");
    assert!(last.contains("First page"), "{last}");
    assert_eq!(fixture.get("/reports", &nurse).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_that_is_none_is_told_beside_its_field_and_kept() {
    let fixture = Fixture::open().await;
    let cookie = fixture.sign_in("lena").await;
    for (query, says) in [
        ("since=2026-02-01&until=2026-01-01", "The last day lies before the first."),
        ("since=soon&until=2026-01-01", "Give a day of the calendar."),
        ("since=1999-01-01&until=2026-01-01", "Ask for five years at most."),
    ] {
        let page = fixture.get(&format!("/reports?{query}"), &cookie).await.body;
        assert!(page.contains(says) && page.contains("aria-invalid"), "{query}: {page}");
        assert!(page.contains("value=\"2026-01-01\"") && !page.contains("<svg"), "{query}: {page}");
        assert_eq!(fixture.get(&format!("/reports/answers.csv?{query}"), &cookie).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_rings_again_still_counts_from_its_first_hand() {
    let fixture = Fixture::open().await;
    let (_, alert) = fixture.worried(&[("SP08", "new")]).await;
    let acts = move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
        tx.acknowledge_alert(alert, "nora", None).map(drop)
    };
    let at = Stamp::daemon(now() + 10.minutes());
    fixture.engine.clinic.store.write(at, acts).await.unwrap();
    let again = "UPDATE alert SET state = 'raised', next_notice_at = 4000000000000, acknowledged_at = NULL, \
                 acknowledged_by = NULL, left_by = 'nora' WHERE id = ?1";
    database(&fixture).execute(again, [alert.0]).unwrap();
    let cookie = fixture.sign_in("lena").await;
    let speed = file(&fixture, &cookie, "speed.csv").await;
    assert!(speed.contains(&"emergency,1,1,1,0,600,600,600".to_owned()), "{speed:?}");
    assert!(!fixture.get("/reports", &cookie).await.body.contains(NAME), "figures name nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_ships_is_called_in_the_readers_language() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let lead = fixture.sign_in("lena").await;
    let title = fixture.engine.published["sgo2017-high"].1.title.clone();
    fixture.act("/account", &lead, &[("act", "language"), ("language", "es")]).await;
    for path in ["/reports", "/what-if", "/reports/overdue"] {
        let page = fixture.settled(path, &lead).await.1.body;
        assert!(page.contains("sgo2017-high\"") && !page.contains(&title), "{path}: {title}: {page}");
    }
}
