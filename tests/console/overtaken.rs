//! Two people, one alert or task: whoever acts on an old page is told who has it in hand, and nothing is saved; and whoever
//! moves a date or rings sees what she is about to do.

use aftercare::care::task::TaskKind;
use aftercare::store::work::tasks::Task;

use crate::fixture::Fixture;

fn task(fixture: &Fixture, fits: impl Fn(&Task) -> bool) -> Task {
    let open = fixture.engine.clinic.store.read(|view| view.tasks_open()).unwrap();
    open.into_iter().find(fits).unwrap()
}

/// She lives in another zone than the clinic's.
fn lives_in(fixture: &Fixture, zone: &str) {
    let other = rusqlite::Connection::open(fixture.engine.clinic.store.path()).unwrap();
    other.execute("UPDATE patient SET zone = ? WHERE reference = 'C-100'", [zone]).unwrap();
}

#[tokio::test]
async fn whoever_claims_a_task_from_an_old_page_is_told_who_works_on_it() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (nora, lena) = (fixture.sign_in("nora").await, fixture.sign_in("lena").await);
    let status = [("act", "status"), ("to", "transferred"), ("reason", "moved"), ("sure", "C-100")];
    fixture.act("/patients/C-100", &nora, &status).await;
    let id = task(&fixture, |task| task.kind == TaskKind::HandOver).id;
    let claim = format!("/tasks/{id}/claim");
    assert_eq!(fixture.act(&claim, &nora, &[("owner", "")]).await.status, 303);
    fixture.pass_time(5);
    for from in ["", "today", "list"] {
        let second = fixture.act(&claim, &lena, &[("owner", ""), ("from", from)]).await;
        assert_eq!(second.status, 409, "{}", second.body);
        for words in
            ["nora works on it since 24 Feb 2026, 10:00", "Nothing was saved", "Take it over from nora"]
        {
            assert!(second.body.contains(words), "{words}\n{}", second.body);
        }
        assert_eq!(second.hidden("owner").as_deref(), Some("nora"));
    }
    assert_eq!(task(&fixture, |task| task.id == id).owner.as_deref(), Some("nora"));
    assert_eq!(fixture.act(&claim, &lena, &[("owner", "nora")]).await.status, 303, "on purpose");
    assert_eq!(task(&fixture, |task| task.id == id).owner.as_deref(), Some("lena"));
}

#[tokio::test]
async fn whoever_takes_on_or_keeps_an_alert_second_is_told_who_has_it() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (nora, lena) = (fixture.sign_in("nora").await, fixture.sign_in("lena").await);
    let (take, keep) = ("/alerts/1/acknowledge", "/alerts/1/keep");
    assert_eq!(fixture.act(take, &nora, &[]).await.status, 303);
    assert_eq!(fixture.act(take, &nora, &[]).await.status, 303, "pressed twice it is hers all the same");
    fixture.pass_time(5);
    let second = fixture.act(take, &lena, &[]).await;
    assert_eq!(second.status, 409);
    assert!(
        second.body.contains("nora took this alert on, 24 Feb 2026, 10:00")
            && second.body.contains("Nothing was saved"),
        "{}",
        second.body
    );
    let shown = fixture.get("/alerts/1", &nora).await.hidden("owner").unwrap();
    assert_eq!(fixture.act(keep, &lena, &[("owner", &shown)]).await.status, 303, "she saw whose it was");
    let late = fixture.act(keep, &nora, &[("owner", &shown)]).await;
    assert!(late.status == 409 && late.body.contains("lena took this alert on"), "{}", late.body);
}

#[tokio::test]
async fn a_missing_baseline_leads_to_its_form_and_is_not_ticked_off() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (nora, dora) = (fixture.sign_in("nora").await, fixture.sign_in("dora").await);
    let path = format!("/tasks/{}", task(&fixture, |task| task.kind == TaskKind::BaselineMissing).id);
    let page = fixture.get(&path, &nora).await.body;
    assert!(page.contains("<a href=\"/answers/1\">Read them</a>"), "{page}");
    assert!(
        page.contains("closes by itself once a doctor or lead has confirmed what she had before"),
        "{page}"
    );
    assert!(!page.contains("Mark as done"), "{page}");
    let refused = fixture.act(&path, &nora, &[("note", "rang her")]).await;
    assert!(refused.status == 422 && refused.body.contains("No baseline is confirmed"), "{}", refused.body);
    let page = fixture.get(&path, &dora).await.body;
    assert!(page.contains("Read them and confirm her baseline") && !page.contains("Mark as done"), "{page}");
}

#[tokio::test]
async fn the_check_of_a_date_says_from_when_to_when_and_what_is_odd_about_it() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    lives_in(&fixture, "Europe/Madrid");
    let nora = fixture.sign_in("nora").await;
    let date = |act: &'static str, on: &'static str, at: &'static str, look: &'static str| {
        [("act", act), ("on", on), ("at", at), ("place", "Room <3>"), ("series", "visit"), ("look", look)]
    };
    let look = fixture.act("/patients/C-100", &nora, &date("book", "2026-04-13", "09:00", "yes")).await;
    assert_eq!(look.status, 200, "{}", look.body);
    let new =
        "Mon 13 Apr 2026, 09:00, Room &lt;3&gt; <span class=\"dim\">(Mon 13 Apr 2026, 15:00 in Europe/Madrid";
    assert!(look.body.contains(new) && !look.body.contains("once more"), "{}", look.body);
    for told in ["date-booked", "done-already"] {
        let booked = fixture.act("/patients/C-100", &nora, &date("book", "2026-04-13", "09:00", "")).await;
        assert!(booked.header("location").is_some_and(|to| to.contains(told)), "{told}: {}", booked.body);
    }

    let look = fixture.act("/patients/C-100", &nora, &date("move", "2026-04-19", "03:00", "yes")).await.body;
    for words in [
        "Mon 13 Apr 2026, 09:00, Room &lt;3&gt;",
        "<strong>Sun 19 Apr 2026, 03:00, Room &lt;3&gt;",
        "19 Apr 2026 is a day on which the clinic is closed",
        "03:00 is in the night",
        "Do it",
    ] {
        assert!(look.contains(words), "{words}\n{look}");
    }
    let evening =
        fixture.act("/patients/C-100", &nora, &date("move", "2026-04-14", "20:00", "yes")).await.body;
    assert!(evening.contains("The clinic works from "), "{evening}");
    fixture.act("/account", &nora, &[("act", "language"), ("language", "es")]).await;
    let spanish =
        fixture.act("/patients/C-100", &nora, &date("move", "2026-04-19", "03:00", "yes")).await.body;
    assert!(spanish.contains("dom 19 abr 2026, 03:00"), "{spanish}");
    assert!(spanish.contains("el 19 abr 2026 es un día en que el centro está cerrado"), "{spanish}");
    let off = [("act", "cancel"), ("series", "visit"), ("look", "yes")];
    let off = fixture.act("/patients/C-100", &nora, &off).await.body;
    assert!(off.contains("lun 13 abr 2026, 09:00") && off.contains("<dd>nada</dd>"), "{off}");
}

#[tokio::test]
async fn whoever_rings_her_sees_what_time_it_is_where_she_lives() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nora = fixture.sign_in("nora").await;
    let task = format!("/tasks/{}", task(&fixture, |task| task.patient.is_some()).id);
    let pages = ["/alerts/1", task.as_str(), "/patients/C-100", "/"];
    for path in pages {
        let page = fixture.get(path, &nora).await.body;
        assert!(!page.contains("where she lives"), "{path}: her clock is the clinic's: {page}");
    }
    lives_in(&fixture, "Europe/Madrid");
    for path in pages {
        let page = fixture.get(path, &nora).await.body;
        let said =
            if path == "/" { "It is 16:00 for her." } else { "Tue 24 Feb 2026, 16:00 where she lives" };
        assert!(page.contains(said), "{path}: {page}");
    }
}

#[tokio::test]
async fn a_status_checked_before_a_colleague_recorded_her_death_asks_for_nothing() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (nurse, lead) = (fixture.sign_in("nora").await, fixture.sign_in("lena").await);
    let path = "/patients/C-100";
    let ask = |to: &'static str, reason: &'static str| {
        [("act", "status"), ("to", to), ("reason", reason), ("sure", "C-100")]
    };
    let look = [&ask("paused", "she is away")[..], &[("look", "yes")]].concat();
    let stood = fixture.act(path, &nurse, &look).await.hidden("stood").unwrap();
    assert_eq!(fixture.act(path, &lead, &ask("deceased", "her sister rang")).await.status, 303);
    let late = [&ask("paused", "she is away")[..], &[("stood", stood.as_str())]].concat();
    let late = fixture.act(path, &nurse, &late).await;
    assert!(
        late.status == 422 && late.body.contains("Somebody else has changed this record meanwhile"),
        "{}",
        late.body
    );
    assert!(!fixture.get(path, &lead).await.body.contains("recorded by mistake"), "nobody asks to undo it");
}
