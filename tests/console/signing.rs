//! Who judges answers, as a page: a doctor signs the rules that stand there, and from then on they judge; whoever may ends it.

use aftercare::care::patient::PatientId;
use aftercare::care::triage::tier::Tier;
use aftercare::config::checklists::checklist;
use aftercare::config::origin::ConfigOrigin;
use aftercare::config::{embedded, setting_text};
use aftercare::daemon::assembly::engine::Engine;
use aftercare::daemon::assembly::settings;
use aftercare::journey::settings::lapsed_signature;
use aftercare::store::answers::links::LinkPurpose;
use aftercare::store::database::Store;

use crate::fixture::{Fixture, now, sent};
use crate::http::Answer;

const PAGE: &str = "/checklists/spine/sign";
const STOP: &str = "/checklists/spine/stop";

/// A clinic that has decided nothing about it, or whose operator has.
async fn clinic(operator: Option<&'static str>) -> Fixture {
    Fixture::as_configured(move |dir, store: &Store| {
        let mut text = embedded::text("aftercare.toml").unwrap();
        if let Some(line) = operator {
            text = text.replace("# mode = \"education\"", line);
        }
        let (file, base) = ("/etc/aftercare/aftercare.toml".to_owned(), Some(dir.to_owned()));
        settings::config(store, &ConfigOrigin { file, text, base, ..ConfigOrigin::default() }).unwrap()
    })
    .await
}

fn version() -> String {
    checklist::shipped().unwrap().checklist.version
}

/// What she says now under what the daemon goes by, and what the rules made of it.
async fn says(engine: &Engine, patient: PatientId, nonce: &str) -> (Option<Tier>, Option<Tier>) {
    let token = engine.clinic.key.token(patient, LinkPurpose::Changed, 0);
    Fixture::answer_under(engine, sent(&token, nonce, &[("SP08", "new")])).await;
    let stored = engine.clinic.store.read(|view| view.responses_of(patient)).unwrap();
    let last = stored.iter().max_by_key(|response| response.id).unwrap();
    let alert = engine.clinic.store.read(|view| view.alert(last.alert.unwrap())).unwrap();
    (last.tier, alert.tier)
}

/// She may sign only what she has seen counted.
async fn counts_first(fixture: &Fixture, dora: &str, whole: &[(&str, &str)]) {
    let uncounted = fixture.act(PAGE, dora, whole).await;
    assert!(
        uncounted.status == 422 && uncounted.body.contains("First count what these"),
        "{}",
        uncounted.body
    );
    let count = fixture.act("/checklists/spine/count", dora, &[("for", "sign")]).await;
    assert_eq!(count.header("location"), Some(PAGE), "{}", count.body);
    let page = fixture.settled(PAGE, dora).await.1.body;
    assert!(page.contains("1 forms of 1 patients") && page.contains("name=\"confirm\""), "{page}");
    assert!(page.contains("value=\"dora\""), "{page}");
}

/// Half a signature, and one under rules that are not in force any more, sign nothing.
async fn is_refused_by_halves(fixture: &Fixture, dora: &str, typed: &[(&str, &str)]) {
    let before = fixture.rows();
    let half = fixture.act(PAGE, dora, &[typed, &[("role", " "), ("confirm", "yes")]].concat()).await;
    assert_eq!(half.status, 422);
    for told in ["id=\"role-fault\"", "id=\"confirm-fault\"", "value=\"Dr Dora Roe\""] {
        assert!(half.body.contains(told), "{told} in {}", half.body);
    }
    let old = [
        ("version", "0123456789ab"),
        ("seen", ""),
        ("name", "D"),
        ("role", "C"),
        ("confirm", "0123456789ab"),
    ];
    let late = fixture.act(PAGE, dora, &old).await;
    assert!(late.status == 409 && late.body.contains("Other rules are in force than those"), "{}", late.body);
    assert_eq!(fixture.rows(), before, "nothing was signed");
}

/// Nobody signs by hand under Settings; whoever may ends it, with a reason.
async fn ends(fixture: &Fixture, nora: &str, adam: &str, lena: &str) -> Answer {
    let setting = fixture.get("/settings/judging", adam).await.body;
    assert!(setting.contains("the rules, signed by Dr Dora Roe") && setting.contains(PAGE), "{setting}");
    let reading = setting_text::of_reading();
    let by_hand = [("act", "save"), ("seen", "1"), ("looked_at", reading.trim())];
    assert_eq!(fixture.act("/settings/judging", lena, &by_hand).await.status, 422);
    assert_eq!(fixture.act(STOP, nora, &[("seen", "1"), ("reason", "x")]).await.status, 403);
    let silent = fixture.act(STOP, adam, &[("seen", "1"), ("reason", " ")]).await;
    assert!(silent.status == 422 && silent.body.contains("Say why in a few words."), "{}", silent.body);
    let ended = fixture.act(STOP, adam, &[("seen", "1"), ("reason", "threshold under review")]).await;
    assert_eq!(ended.status, 303, "{}", ended.body);
    ended
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doctor_signs_the_rules_that_she_read_and_the_next_answer_is_judged_until_it_is_ended() {
    let fixture = clinic(None).await;
    let (patient, _) = fixture.worried(&[("SP08", "new")]).await;
    let (dora, nora, adam) =
        (fixture.sign_in("dora").await, fixture.sign_in("nora").await, fixture.sign_in("adam").await);
    let version = version();
    let page = fixture.get(PAGE, &dora).await.body;
    for told in ["Staff read every answer", "What changes once the rules judge", &version] {
        assert!(page.contains(told), "{told} in {page}");
    }
    let looks = fixture.get(PAGE, &nora).await.body;
    assert!(looks.contains("only a doctor or lead may sign the rules"), "{looks}");
    let typed = [("version", version.as_str()), ("seen", ""), ("name", "Dr Dora Roe")];
    let whole = [&typed[..], &[("role", "Consultant"), ("confirm", &version)]].concat();
    for who in [&nora, &adam] {
        assert_eq!(fixture.act(PAGE, who, &whole).await.status, 403);
    }
    counts_first(&fixture, &dora, &whole).await;
    is_refused_by_halves(&fixture, &dora, &typed).await;

    let signed = fixture.act(PAGE, &dora, &whole).await;
    assert_eq!(signed.status, 303, "{}", signed.body);
    let engine = fixture.renew().await;
    let page = fixture.get(signed.header("location").unwrap(), &dora).await.body;
    assert!(
        page.contains("The rules judge answers") && page.contains("by Dr Dora Roe (Consultant)"),
        "{page}"
    );
    assert!(page.contains("You have signed the rules"), "{page}");
    let checklist = fixture.get("/checklists/spine", &nora).await.body;
    assert!(checklist.contains("signed by Dr Dora Roe (Consultant)"), "{checklist}");
    let judged = says(&engine, patient, "nonce-of-the-judged-one").await;
    assert_eq!(judged, (Some(Tier::Emergency), Some(Tier::Emergency)));
    // Whoever looked at the page of before is told, and signs nothing over it.
    let late = fixture.act(PAGE, &dora, &whole).await;
    assert!(late.status == 409 && late.body.contains("in the meantime"), "{}", late.body);

    let lena = fixture.sign_in("lena").await;
    let ended = ends(&fixture, &nora, &adam, &lena).await;
    let engine = fixture.renew().await;
    let page = fixture.get(ended.header("location").unwrap(), &dora).await.body;
    assert!(
        page.contains("Why: threshold under review") && page.contains("Staff read every answer"),
        "{page}"
    );
    assert_eq!(says(&engine, patient, "nonce-of-the-read-one").await, (None, None));
    let audit = fixture.get("/audit", &lena).await.body;
    assert!(audit.contains("rules signed") && audit.contains("rules no longer judge"), "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_operator_decides_is_shown_with_its_line_and_cannot_be_signed_here() {
    let fixture = clinic(Some("mode = \"education\"")).await;
    let dora = fixture.sign_in("dora").await;
    let page = fixture.get(PAGE, &dora).await.body;
    assert!(
        page.contains("/etc/aftercare/aftercare.toml, line 2") && !page.contains("name=\"confirm\""),
        "{page}"
    );
    let version = version();
    let typed = [("version", version.as_str()), ("name", "D"), ("role", "C"), ("confirm", &version)];
    let refused = fixture.act(PAGE, &dora, &typed).await;
    assert!(refused.status == 422 && refused.body.contains("is the operator&#x27;s"), "{}", refused.body);
    let ended = fixture.act(STOP, &dora, &[("reason", "x")]).await;
    assert!(ended.status == 409 && ended.body.contains("Nothing was changed"), "{}", ended.body);
    assert_eq!(fixture.get("/checklists/other/sign", &dora).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_of_the_rules_switches_them_off_and_everybody_is_told() {
    let fixture = clinic(None).await;
    let dora = fixture.sign_in("dora").await;
    let version = version();
    let typed = [("version", version.as_str()), ("name", "D"), ("role", "C"), ("confirm", &version)];
    assert_eq!(fixture.act(PAGE, &dora, &typed).await.status, 303);
    // As after an upgrade, or a file that was edited: the clinic signed something else than what is in force now.
    let sql = rusqlite::Connection::open(fixture.engine.clinic.store.path()).unwrap();
    let other = "DROP TRIGGER setting_version_fixed; DROP TRIGGER setting_version_ended; \
                 UPDATE setting_version SET value = replace(value, '";
    sql.execute_batch(&format!("{other}{version}', '0123456789ab')")).unwrap();
    let engine = fixture.renew().await;
    assert!(engine.clinic.care.lapsed.is_some());
    lapsed_signature::look(&engine.clinic, now()).await.unwrap();
    let page = fixture.get(PAGE, &dora).await.body;
    assert!(page.contains("the signature counts no more") && page.contains("name=\"confirm\""), "{page}");
    let today = fixture.get("/", &dora).await.body;
    assert!(today.contains("the rules in force are not signed: staff read every answer"), "{today}");
    let tasks = fixture.get("/tasks?kind=rules-unsigned", &dora).await.body;
    assert!(tasks.contains("signed in version 0123456789ab"), "{tasks}");
    let checklist = fixture.get("/checklists/spine", &dora).await.body;
    assert!(checklist.contains("not signed in this version, but in version 0123456789ab"), "{checklist}");
    let (patient, _) = fixture.worried(&[("SP14", "yes")]).await;
    assert_eq!(says(&engine, patient, "nonce-under-new-rules").await, (None, None));
    fixture.act("/checklists/spine/count", &dora, &[("for", "sign")]).await;
    fixture.settled(PAGE, &dora).await;
    let again = [&typed[..], &[("seen", "1")]].concat();
    assert_eq!(fixture.act(PAGE, &dora, &again).await.status, 303);
    let engine = fixture.renew().await;
    lapsed_signature::look(&engine.clinic, now()).await.unwrap();
    let tasks = fixture.get("/tasks?kind=rules-unsigned", &dora).await.body;
    assert!(!tasks.contains("signed in version"), "{tasks}");
    let judged = says(&engine, patient, "nonce-once-signed-anew").await;
    assert_eq!(judged, (Some(Tier::Emergency), Some(Tier::Emergency)));
}
