//! A form that is refused keeps what was typed and tells its fault beside the field; a save is confirmed.

use crate::fixture::Fixture;

/// The page after a redirect, with its query.
async fn followed(fixture: &Fixture, cookie: &str, answer: &crate::http::Answer) -> String {
    fixture.get(answer.header("location").unwrap(), cookie).await.body
}

#[tokio::test]
async fn a_refused_closure_keeps_steps_outcome_and_note_and_points_to_the_field() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("dora").await;
    fixture.act("/alerts/1/acknowledge", &cookie, &[]).await;
    let typed = [("done", "mri"), ("outcome", "other-cause"), ("note", "Rang twice, \"sciatica\"?")];
    let page = fixture.act("/alerts/1/close", &cookie, &typed).await;
    assert_eq!(page.status, 422);
    for words in [
        "<a href=\"#mri_on\">Give the date of the MRI",
        "id=\"mri_on-fault\">Give the date of the MRI",
        "value=\"mri\" checked",
        "value=\"other-cause\" checked",
        "Rang twice, &quot;sciatica&quot;?</textarea>",
        "aria-describedby=\"mri_on-fault\"",
        "href=\"/patients\"",
    ] {
        assert!(page.body.contains(words), "{words}\n{}", page.body);
    }
}

#[tokio::test]
async fn whoever_closes_second_reads_who_was_first_and_keeps_her_note() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (doctor, lead) = (fixture.sign_in("dora").await, fixture.sign_in("lena").await);
    fixture.act("/alerts/1/acknowledge", &doctor, &[]).await;
    let ending = |note: &'static str| [("done", "called"), ("outcome", "other-cause"), ("note", note)];
    assert_eq!(fixture.act("/alerts/1/close", &doctor, &ending("hers")).await.status, 303);
    let second = fixture.act("/alerts/1/close", &lead, &ending("MRI is at three")).await;
    assert_eq!(second.status, 409);
    assert!(second.body.contains("dora closed this alert meanwhile"), "{}", second.body);
    assert!(
        second.body.contains("MRI is at three</textarea>") && second.body.contains("hers"),
        "{}",
        second.body
    );
}

#[tokio::test]
async fn a_task_done_meanwhile_keeps_the_second_note_too() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    let moved = [("act", "status"), ("to", "transferred"), ("reason", "moved"), ("sure", "C-100")];
    fixture.act("/patients/C-100", &cookie, &moved).await;
    let task = fixture.engine.clinic.store.read(|view| view.tasks_open()).unwrap()[0].id;
    let path = format!("/tasks/{task}");
    let done = fixture.act(&path, &cookie, &[("note", "rang")]).await;
    assert!(followed(&fixture, &cookie, &done).await.contains("your note is kept with it"));
    let second = fixture.act(&path, &cookie, &[("note", "their letter came")]).await;
    assert_eq!(second.status, 409);
    let words = ["nora marked this task as done meanwhile", "their letter came</textarea>"];
    assert!(words.iter().all(|words| second.body.contains(words)), "{}", second.body);
    assert_eq!(fixture.act("/tasks/9999", &cookie, &[("note", "x")]).await.status, 404);
}

#[tokio::test]
async fn a_refused_date_or_status_stays_open_with_what_was_typed() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let cookie = fixture.sign_in("nora").await;
    let date = [("act", "book"), ("on", "2031-04-13"), ("at", "10:30"), ("place", "Room 4")];
    let page = fixture.act("/patients/C-100", &cookie, &date).await;
    assert_eq!(page.status, 422, "{}", page.body);
    for words in
        ["<details open><summary>A date", "value=\"Room 4\"", "value=\"2031-04-13\"", "id=\"on-fault\""]
    {
        assert!(page.body.contains(words), "{words}\n{}", page.body);
    }
    assert!(!page.body.contains("aftercare visit") && !page.names_a_flag(), "{}", page.body);
    let status = [("act", "status"), ("to", "paused"), ("reason", "at her sister's"), ("sure", "C-101")];
    let page = fixture.act("/patients/C-100", &cookie, &status).await.body;
    for words in [
        "<details open><summary>Where she stands",
        "at her sister&#x27;s",
        "value=\"paused\" selected",
        "id=\"sure-fault\"",
    ] {
        assert!(page.contains(words), "{words}\n{page}");
    }
}

#[tokio::test]
async fn faults_are_told_with_the_menu_and_in_the_consoles_words() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let admin = fixture.sign_in("adam").await;
    let refused = fixture.act("/patients/C-100", &admin, &[("act", "bone-spread")]).await;
    for page in [
        refused.body,
        fixture.get("/alerts/99", &admin).await.body,
        fixture.get("/nowhere", &admin).await.body,
    ] {
        assert!(page.contains("href=\"/patients\"") && page.contains("Sign out"), "{page}");
        assert!(!page.contains("<code>") && !page.contains("`"), "{page}");
    }
    assert!(!fixture.get("/nowhere", "").await.body.contains("href=\"/patients\""));
}

#[tokio::test]
async fn a_save_is_confirmed_once_and_no_address_brings_words() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (nurse, doctor) = (fixture.sign_in("nora").await, fixture.sign_in("dora").await);
    let taken = fixture.act("/alerts/1/acknowledge", &nurse, &[]).await;
    let saved = "You have taken the alert on";
    assert!(followed(&fixture, &nurse, &taken).await.contains(saved));
    assert!(!followed(&fixture, &doctor, &taken).await.contains(saved), "another session saved nothing");
    for made_up in
        ["/alerts/1?saved=alert-closed", "/?saved=alert-closed.1771945200.00", "/?saved=all.is.well"]
    {
        assert!(!fixture.get(made_up, &nurse).await.body.contains("class=\"saved\""), "{made_up}");
    }
    fixture.pass_time(3);
    assert!(!followed(&fixture, &nurse, &taken).await.contains(saved), "a kept address says nothing later");
}
