//! The whole way through the real binary: a letter arrives at a real socket, its link is followed in a real browser, the
//! worry rings, and a person ends it at the console. Axe-core looks at every page of the console on the way.

use aftercare::care::actor::Actor;
use std::process::Child;

use aftercare::care::address::EmailAddress;
use aftercare::care::permission::StaffRole;
use aftercare::clock::SystemClock;
use aftercare::config::checklists::checklist;
use aftercare::journey::alerts::cover;
use aftercare::journey::alerts::test_alert::TestReply;
use aftercare::journey::operations::accounts;
use aftercare::ports::Clock;
use aftercare::store::db::transaction::Stamp;
use jiff::ToSpan;
use serde_json::json;
use thirtyfour::By;

use crate::clinic_facts::{arrived, count, link};
use crate::colleague;
use crate::driver::{Browser, Look};
use crate::sandbox::{Ground, address, free_port, references};
use crate::sink::Sink;

const NAME: &str = "dora";
const PASSWORD: &str = "a long enough password";
const ON_CALL: &str = "oncall@riverside.example";

/// A checklist that is due today, whatever today is.
const CHECKLIST: &str = r#"
id     = "weekly"
title  = "A checklist every week"
source = "made up for tests"
anchor = "end-of-treatment"
[[series]]
id        = "spine-check"
kind      = "checklist"
checklist = "spine"
title     = { en = "Symptom check", es = "Control de síntomas" }
phases    = [ { after = "0d", every = "1w" } ]
remind    = [ { step = "invite", at = "0d" } ]
"#;

/// The clinic, its daemon, its mail server and who is on call.
struct Whole {
    sandbox: Ground,
    sink: Sink,
    console: String,
    secret: String,
    daemon: Child,
}

impl Drop for Whole {
    fn drop(&mut self) {
        drop(self.daemon.kill());
        drop(self.daemon.wait());
    }
}

impl Whole {
    fn open() -> Self {
        let sink = Sink::open(|_, _| ());
        let sandbox = Ground::new(sink.port);
        let (public, console) = (format!("127.0.0.1:{}", free_port()), format!("127.0.0.1:{}", free_port()));
        std::fs::write(sandbox.dir.path().join("protocols/weekly.toml"), CHECKLIST).unwrap();
        let written = std::fs::read_to_string(sandbox.config()).unwrap();
        let mut lines: Vec<String> = written.lines().map(str::to_owned).collect();
        for line in &mut lines {
            match line.split(" = ").next().unwrap_or_default() {
                "listen" => *line = format!("listen = \"{public}\""),
                "public_url" => *line = format!("public_url = \"http://{public}\""),
                "console_listen" => *line = format!("console_listen = \"{console}\""),
                "mode" | "# mode" => *line = format!("mode = \"triage\"\n{}", sign_off()),
                _ => {}
            }
        }
        std::fs::write(sandbox.config(), lines.join("\n")).unwrap();
        let secret = prepared(&sandbox, &sink);
        sandbox.admit(&references(1), None);
        let daemon = sandbox.start(&["serve"]);
        Self { sandbox, sink, console: format!("http://{console}"), secret, daemon }
    }

    /// What a letter to this address says, its soft line ends joined.
    fn letter(&self, to: &str, holds: &str) -> String {
        arrived(&self.sink, to, holds)
    }

    fn code(&self) -> String {
        colleague::code(&self.secret)
    }
}

fn sign_off() -> String {
    let version = checklist::shipped().unwrap().checklist.version;
    format!(
        "[checklists.sign_off]\nname = \"Dr Sample\"\nrole = \"lead\"\ndate = \"2026-01-01\"\nversion = \"{version}\""
    )
}

/// A lead who has signed in before and given the code of the test alert that reached her, so that checklists may go out; her
/// secret.
fn prepared(sandbox: &Ground, sink: &Sink) -> String {
    let (clinic, _) = sandbox.clinic();
    let yesterday = SystemClock.now() - 24.hours();
    let email = EmailAddress::parse(ON_CALL).unwrap();
    let by = Stamp { at: yesterday, actor: Actor::Operator("test".to_owned()) };
    let account = accounts::NewAccount { name: NAME, email, role: StaffRole::Lead, password: PASSWORD };
    let issued = accounts::add(&clinic, by, account).unwrap();
    sandbox.drain();
    let asked = arrived(sink, ON_CALL, "/test-alert/");
    let code = link(&asked, "http://").rsplit('/').next().unwrap().to_owned();
    let stamp = Stamp { at: SystemClock.now(), actor: Actor::Staff(NAME.to_owned()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let proved = runtime.block_on(cover::answer(&clinic, stamp, TestReply::Code(code))).unwrap();
    assert!(proved.is_some());
    issued.totp_secret
}

async fn open() -> Whole {
    tokio::task::spawn_blocking(Whole::open).await.unwrap()
}

async fn letter(whole: &std::sync::Arc<Whole>, to: String, holds: &'static str) -> String {
    let whole = std::sync::Arc::clone(whole);
    tokio::task::spawn_blocking(move || whole.letter(&to, holds)).await.unwrap()
}

async fn fill(driver: &Browser, css: &str, words: &str) {
    let field = driver.client.find(By::Css(css)).await.unwrap_or_else(|_| panic!("nothing at {css}"));
    field.send_keys(words).await.unwrap();
}

/// She follows her letter's link and says that her legs have grown weak.
async fn worries(driver: &Browser, whole: &std::sync::Arc<Whole>, name: &str) {
    let invite = letter(whole, address("R-0001"), "/c/").await;
    driver.client.goto(&link(&invite, "http://127.0.0.1")).await.unwrap();
    driver.inspect(&format!("whole-{name}-1-form")).await;
    driver.click("label[for='who-self']").await;
    driver.press("button[value='start']").await;
    driver.answer(&[("SP08", "new"), ("SP09", "no"), ("SP10", "no")]).await;
    assert!(["Get help now", "Pida ayuda ahora"].contains(&driver.heading().await.as_str()));
    driver.inspect(&format!("whole-{name}-2-help")).await;
}

/// Whoever is on call follows the alert's link and signs in.
async fn comes(driver: &Browser, whole: &std::sync::Arc<Whole>, name: &str) {
    let alert = letter(whole, ON_CALL.to_owned(), "/alerts/").await;
    assert!(!alert.contains("Ana") && !alert.contains(&address("R-0001")), "an alert's letter names nobody");
    assert_eq!(link(&alert, &whole.console), format!("{}/alerts/1", whole.console));
    driver.client.goto(&link(&alert, &whole.console)).await.unwrap();
    assert_eq!(driver.heading().await, "Sign in");
    driver.inspect(&format!("whole-{name}-3-sign-in")).await;
    for (css, words) in [("#name", NAME), ("#password", "a wrong password"), ("#code", "000000")] {
        fill(driver, css, words).await;
    }
    driver.press("main button").await;
    driver.inspect(&format!("whole-{name}-4-sign-in-mistake")).await;
    // Her name stays; only what must not be shown again is typed anew.
    for (css, words) in [("#password", PASSWORD), ("#code", &whole.code())] {
        fill(driver, css, words).await;
    }
    driver.press("main button").await;
}

/// Takes the alert on, and closes it with what was done.
async fn ends(driver: &Browser, whole: &Whole, name: &str) {
    driver.client.goto(&format!("{}/", whole.console)).await.unwrap();
    assert_eq!(driver.heading().await, "Today");
    driver.inspect(&format!("whole-{name}-5-today")).await;
    driver.client.goto(&format!("{}/test-alert", whole.console)).await.unwrap();
    driver.inspect(&format!("whole-{name}-5-test-alert")).await;
    driver.client.goto(&format!("{}/", whole.console)).await.unwrap();
    driver.press("a[href='/alerts/1']").await;
    driver.inspect(&format!("whole-{name}-6-alert")).await;
    driver.press("button[formaction='/alerts/1/acknowledge']").await;
    driver.inspect(&format!("whole-{name}-7-taken-on")).await;
    let state = |word: &str| {
        let ask = format!("SELECT count(*) FROM alert WHERE id = 1 AND state = '{word}'");
        count(&whole.sandbox, &ask)
    };
    assert_eq!(state("acknowledged"), 1);
    driver.press("button[formaction='/alerts/1/close']").await;
    driver.inspect(&format!("whole-{name}-8-alert-mistake")).await;
    driver.click("input[name='done'][value='called']").await;
    driver.click("input[name='outcome'][value='other-cause']").await;
    driver.press("button[formaction='/alerts/1/close']").await;
    assert_eq!(state("closed"), 1);
    driver.client.goto(&format!("{}/alerts/1", whole.console)).await.unwrap();
    driver.inspect(&format!("whole-{name}-9-closed")).await;
}

async fn whole_way(look: Look, name: &str) {
    let whole = std::sync::Arc::new(open().await);
    let driver = Browser::open(look).await;
    if look == Look::Dark {
        driver.medium("screen", &json!([{ "name": "prefers-color-scheme", "value": "dark" }])).await;
    }
    worries(&driver, &whole, name).await;
    comes(&driver, &whole, name).await;
    ends(&driver, &whole, name).await;
    for (page, path) in [
        ("patients", "/patients"),
        ("patient", "/patients/R-0001"),
        ("answers", "/answers/1"),
        ("ledger", "/ledger"),
        ("letter", "/letters/1"),
        ("test-alert", "/test-alert"),
        ("audit", "/audit?what=alerts"),
        ("missing", "/nowhere"),
    ] {
        driver.client.goto(&format!("{}{path}", whole.console)).await.unwrap();
        driver.inspect(&format!("whole-{name}-{page}")).await;
    }
    driver.client.goto(&format!("{}/", whole.console)).await.unwrap();
    driver.press("form.out button").await;
    assert_eq!(driver.heading().await, "Sign in");
    // Signed out is signed out: the alert's page leads to the sign-in page again.
    driver.client.goto(&format!("{}/alerts/1", whole.console)).await.unwrap();
    assert_eq!(driver.heading().await, "Sign in");
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_letter_to_a_closed_alert_at_a_desk() {
    whole_way(Look::Desktop, "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_letter_to_a_closed_alert_on_a_phone_of_320_pixels() {
    whole_way(Look::Phone, "phone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_letter_to_a_closed_alert_in_the_dark() {
    whole_way(Look::Dark, "dark").await;
}
