//! Looking never acts (P13), and every page carries strict headers.

use aftercare::care::actor::Actor;
use aftercare::care::task::TaskKind;
use aftercare::journey::patients::inbound::take_in;
use aftercare::store::db::transaction::Stamp;

use crate::fixture::{CODE, Fixture, now};
use crate::http::{Answer, send};
use crate::site::Site;

/// What stands beside the table of routes.
const BESIDE: [&str; 6] = ["/sign-in", "/sign-out", "/healthz", "/readyz", "/metrics", "/nowhere"];

#[tokio::test(flavor = "multi_thread")]
async fn a_get_writes_nothing() {
    let site = Site::open().await;
    let before = site.fixture.rows();
    for page in site.pages() {
        for cookie in site.readers_of(&page) {
            let answer = site.fixture.get(&page.path, cookie).await;
            assert_eq!(answer.status, 200, "{}: {}", page.path, answer.body);
        }
    }
    for path in BESIDE {
        let answer = site.fixture.get(path, site.lead()).await;
        let fits = matches!(answer.status, 200 | 303) || matches!(path, "/sign-out" | "/nowhere");
        assert!(fits, "{path}: {} {}", answer.status, answer.body);
    }
    assert_eq!(site.fixture.rows(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_dressed_and_kept_nowhere() {
    let site = Site::open().await;
    for page in site.pages() {
        let cookie = site.readers_of(&page)[0];
        is_dressed(&page.path, &site.fixture.get(&page.path, cookie).await);
    }
    for path in ["/nowhere", "/alerts/99"] {
        is_dressed(path, &site.fixture.get(path, site.lead()).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_knows_the_console_by_tls_never_goes_there_without() {
    for (url, want) in
        [("https://console.riverside.example", Some("max-age=31536000")), ("http://127.0.0.1:8481", None)]
    {
        let fixture = Fixture::configured(move |dir, _| {
            let mut config = aftercare::config::load::shipped(dir).unwrap();
            config.web.console_url = Some(url.to_owned());
            config
        })
        .await;
        for path in ["GET /sign-in", "GET /nowhere"] {
            let answer = send(fixture.at, path, &[("Host", "localhost")], "").await;
            assert_eq!(answer.header("strict-transport-security"), want, "{url} {path}");
        }
    }
}

fn is_dressed(path: &str, answer: &Answer) {
    // Style sheet and script hold nothing of anybody's, and are named by what they hold.
    let kept = if path.starts_with("/static/") { "public, max-age=31536000, immutable" } else { "no-store" };
    assert_eq!(answer.header("cache-control"), Some(kept), "{path}");
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
    // A letter is dressed as it leaves, and shut in instead.
    let is_letter = path.contains("/html");
    assert_eq!(
        answer.header("x-frame-options"),
        Some(if is_letter { "SAMEORIGIN" } else { "DENY" }),
        "{path}"
    );
    assert_eq!(is_letter, policy.contains("sandbox"), "{path}: {policy}");
    assert!(is_letter || !answer.body.contains(" style="), "{path}");
    // The first screen renews itself by one script of ours; no other page runs any.
    let scripts = answer.body.matches("<script").count();
    if path == "/" {
        assert!(policy.contains("script-src 'self'; connect-src 'self'"), "{policy}");
        assert!(scripts == 1 && answer.body.contains("<script src=\"/static/console-"), "{}", answer.body);
        assert!(answer.body.contains(".js\" defer></script>"), "nothing inline: {}", answer.body);
    } else {
        assert!(scripts == 0 && !policy.contains("script"), "{path}: {policy}");
    }
}

#[tokio::test]
async fn the_alert_page_shows_question_reasons_and_who_filled_it_in() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new"), ("SP09", "unsure")]).await;
    let cookie = fixture.sign_in("nora").await;
    let page = fixture.get("/alerts/1", &cookie).await.body;
    for words in ["E1", "NICE NG234", "someone who cares for her", "triage", "Take it on", "1 h left"] {
        assert!(page.contains(words), "{words}\n{page}");
    }
}

#[tokio::test]
async fn what_she_wrote_is_text_on_the_page_and_nothing_else() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let raw = "From: zoraida@mail.example\nSubject: <b>help</b>\nContent-Type: text/html\n\n\
               <p>My legs</p><script>alert(1)</script>&lt;img src=x onerror=alert(1)&gt;\n";
    let message = aftercare::mail::inbound::read::read(raw.as_bytes()).remove(0);
    let clinic = fixture.engine.clinic.clone();
    let stamp = Stamp { at: now(), actor: Actor::Operator("postfix".to_owned()) };
    tokio::task::spawn_blocking(move || take_in(&clinic, stamp, message)).await.unwrap().unwrap();
    let tasks = fixture.engine.clinic.store.read(|view| view.tasks_open()).unwrap();
    let id = tasks.iter().find(|task| task.kind == TaskKind::SheWrote).unwrap().id;
    let cookie = fixture.sign_in("nora").await;
    for path in [format!("/tasks/{id}"), format!("/patients/{CODE}")] {
        let page = fixture.get(&path, &cookie).await.body;
        assert!(page.contains("My legs") && page.contains("zoraida@mail.example"), "{path}\n{page}");
        assert!(
            !page.contains("<script") && !page.contains("<img") && !page.contains("<b>help"),
            "{path}\n{page}"
        );
    }
    let list = fixture.get("/", &cookie).await.body;
    assert!(list.contains("She wrote to us") && !list.contains("My legs"), "{list}");
}

#[tokio::test]
async fn the_protocols_say_who_is_on_them_what_they_ask_for_and_that_nobody_has_signed() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    let list = fixture.get("/protocols", &cookie).await.body;
    let line = list.lines().find(|line| line.contains(">sgo2017-high<")).unwrap();
    assert!(line.contains(">1 patient<") && line.contains("not signed"), "{line}");
    assert_eq!(list.matches("not signed by a clinician").count(), 1, "{list}");
    let path = line.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
    let page = fixture.get(path, &cookie).await.body;
    for words in [
        "Salani 2017",
        "every 3 months, until 24 months",
        "every month, until 36 months",
        "every 12 months, from 60 months on, for life",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    assert!(page.contains("letter to book a date: a letter, 28 days before the due date"), "{page}");
    assert_eq!(fixture.get("/protocols/999", &cookie).await.status, 404);
}

#[tokio::test]
async fn the_audit_is_for_leads_and_holds() {
    let fixture = Fixture::open().await;
    let nurse = fixture.sign_in("nora").await;
    assert_eq!(fixture.get("/audit", &nurse).await.status, 403);
    let lead = fixture.sign_in("lena").await;
    // The walk along the chain is asked for by a button now and runs beside the page: see `audit.rs`.
    assert_eq!(fixture.act("/audit/check", &nurse, &[]).await.status, 403);
    assert_eq!(fixture.act("/audit/check", &lead, &[]).await.status, 303);
    let page = super::audit::checked(&fixture, &lead).await;
    assert!(page.contains("The chain holds"), "{page}");
}

#[tokio::test]
async fn ops_pages_need_no_account_and_name_nobody() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    for path in ["/healthz", "/readyz", "/metrics"] {
        let answer = fixture.get(path, "").await;
        assert_eq!(answer.status, 200);
        assert!(!answer.body.contains(CODE));
    }
}

#[tokio::test]
async fn hostile_requests_get_plain_refusals() {
    let fixture = Fixture::open().await;
    let cookie = fixture.sign_in("nora").await;
    for path in [
        "/alerts/x",
        "/alerts/-1",
        "/patients/../../etc/passwd",
        "/patients/%00",
        "/letters/99999999999999999999",
        "/answers/'",
    ] {
        let status = fixture.get(path, &cookie).await.status;
        assert!((300..500).contains(&status), "{path}: {status}");
    }
    let host = fixture.host();
    let long = "a".repeat(200_000);
    let headers = [("Host", host.as_str()), ("Cookie", cookie.as_str()), ("Sec-Fetch-Site", "same-origin")];
    assert_eq!(send(fixture.at, "POST /sign-in", &headers, &long).await.status, 413);
}

/// As many tasks as one clinic once had.
fn a_heap(fixture: &Fixture) {
    let other = rusqlite::Connection::open(fixture.engine.clinic.store.path()).unwrap();
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 41151) \
                INSERT INTO task (kind, cause, reason, opened_at, due_at, state) \
                SELECT CASE WHEN i % 1000 THEN 'letter-lapsed' ELSE 'missed' END, 'cause/' || i, 'reason ' || i, 0, i, 'open' FROM n";
    other.execute(many, []).unwrap();
}

#[tokio::test]
async fn a_heap_of_tasks_is_read_a_page_at_a_time() {
    let fixture = Fixture::open().await;
    a_heap(&fixture);
    let cookie = fixture.sign_in("nora").await;
    let first = fixture.get("/tasks", &cookie).await;
    let page = &first.body;
    assert!(page.len() < 100_000, "{} bytes", page.len());
    // Whoever missed a date comes before letters that came too late, whatever was due first.
    let first_are = ["Tasks (41151)", "reason 41000<", "reason 3<"].iter().all(|words| page.contains(words));
    assert!(first_are && !page.contains("reason 51<"), "{page}");
    assert!(page.contains("<a href=\"/tasks?kind=missed\">Missed a date</a> (41)"), "{page}");
    let second = fixture.get(&first.next_page().unwrap(), &cookie).await.body;
    assert!(second.contains("reason 51<") && !second.contains("reason 3<"), "{second}");
    assert!(second.contains("First page"));
    let missed = fixture.get("/tasks?kind=missed", &cookie).await.body;
    assert!(
        missed.contains("reason 41000<") && !missed.contains("reason 51<") && !missed.contains("Next page")
    );
    assert_eq!(fixture.get("/tasks?after=99999999", &cookie).await.status, 404);
    assert_eq!(fixture.get("/tasks?after=here", &cookie).await.status, 400);
    // Where the list stood before, it is still found.
    assert!(fixture.get("/?kind=missed", &cookie).await.body.contains("reason 41000<"));
}

#[tokio::test]
async fn the_first_screen_stays_small_and_groups_a_heap_of_tasks_by_what_is_to_be_done() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    a_heap(&fixture);
    let cookie = fixture.sign_in("nora").await;
    let page = fixture.get("/", &cookie).await.body;
    assert!(page.len() < 150_000, "{} bytes", page.len());
    for words in [
        "Tasks (41152)",
        "reason 3<",
        "<a href=\"/tasks?kind=letter-lapsed\">All 41110: Letter came too late</a>",
        "reason 1000<",
        "<a href=\"/tasks?kind=missed\">All 41: Missed a date</a>",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    assert!(!page.contains("reason 4<"), "{page}");
}
