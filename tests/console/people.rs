//! Who works here: invited by a link that opens once, given another role, let back in, turned off; and what everybody does with
//! her own account.

use aftercare::care::actor::Actor;
use aftercare::care::permission::StaffRole;
use aftercare::journey::operations::accounts::{self, administer, shown_code};
use aftercare::ports::Clock;
use aftercare::store::db::transaction::Stamp;

use crate::fixture::{Fixture, PASSWORD};
use crate::http::{Answer, form, send};

const OWN: &str = "a password of her own";

/// The link on the page that shows it, as a path.
fn link(page: &Answer) -> String {
    let path = page.body.split("/join/").nth(1).and_then(|rest| rest.split('<').next());
    format!("/join/{}", path.unwrap_or_else(|| panic!("no link: {}", page.body)).trim())
}

/// What an authenticator shows that took the key of a page.
fn code(fixture: &Fixture, page: &Answer) -> String {
    let key = page.body.split("class=\"code\">").nth(1).and_then(|rest| rest.split('<').next());
    shown_code(&key.unwrap_or_else(|| panic!("no key: {}", page.body)).replace(' ', ""), fixture.clock.now())
        .unwrap()
}

/// Sends the form of a link, as a browser that nobody is signed in with.
async fn join(fixture: &Fixture, path: &str, fields: &[(&str, &str)]) -> Answer {
    let host = fixture.host();
    let headers = [("Host", host.as_str()), ("Sec-Fetch-Site", "same-origin")];
    send(fixture.at, &format!("POST {path}"), &headers, &form(fields)).await
}

/// The recovery codes of a page.
fn recovery(page: &Answer) -> Vec<String> {
    let codes = page.body.split("<li class=\"code\">").skip(1);
    codes.map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

pub(crate) async fn invited(fixture: &Fixture, admin: &str) -> String {
    invited_as(fixture, admin, "maria@clinic.example").await
}

async fn invited_as(fixture: &Fixture, admin: &str, email: &str) -> String {
    let fields = [("name", "maria"), ("email", email), ("role", "nurse")];
    let page = fixture.act("/people", admin, &fields).await;
    assert_eq!(page.status, 200, "{}", page.body);
    link(&page)
}

#[tokio::test]
async fn a_link_opens_an_account_once_and_its_owner_chooses_every_secret() {
    let fixture = Fixture::open().await;
    let admin = fixture.sign_in("adam").await;
    let path = invited(&fixture, &admin).await;
    let people = fixture.get("/people", &admin).await.body;
    assert!(people.contains("Invited, not here yet") && !people.contains("/join/"), "{people}");

    let before = fixture.rows();
    let page = fixture.get(&path, "").await;
    assert!(page.status == 200 && page.body.contains("maria"), "{}", page.body);
    assert_eq!(fixture.rows(), before, "a look at the link uses nothing up");
    let code = code(&fixture, &page);
    for (fields, says) in [
        ([("new", OWN), ("again", "another"), ("code", code.as_str())], "The two passwords differ"),
        ([("new", "short"), ("again", "short"), ("code", code.as_str())], "at least 12 characters"),
        ([("new", OWN), ("again", OWN), ("code", "000000")], "That code does not fit"),
    ] {
        let refused = join(&fixture, &path, &fields).await;
        assert!(refused.status == 422 && refused.body.contains(says), "{}", refused.body);
        assert!(!refused.body.contains(OWN), "no password comes back on a page");
    }
    let opened = join(&fixture, &path, &[("new", OWN), ("again", OWN), ("code", &code)]).await;
    assert_eq!((opened.status, recovery(&opened).len()), (200, 10), "{}", opened.body);
    assert_eq!(fixture.get(&path, "").await.status, 404);
    assert_eq!(join(&fixture, &path, &[("new", OWN), ("again", OWN), ("code", &code)]).await.status, 404);

    // The code of the link is used up; a recovery code lets in once.
    assert_eq!(fixture.try_in("maria", OWN, &code).await.status, 401);
    let first = &recovery(&opened)[0];
    assert_eq!(fixture.try_in("maria", OWN, first).await.status, 303);
    assert_eq!(fixture.try_in("maria", OWN, first).await.status, 401);
    let token = path.strip_prefix("/join/").unwrap();
    assert!(
        fixture.rows().iter().all(|row| !row.contains(token) && !row.contains(first)),
        "only digests are kept"
    );
}

#[tokio::test]
async fn a_link_that_was_handed_over_outlives_a_second_look_at_its_page_and_another_says_that_it_ends_it() {
    let fixture = Fixture::open().await;
    let admin = fixture.sign_in("adam").await;
    let first = invited(&fixture, &admin).await;
    let fields = [("name", "maria"), ("email", "maria@clinic.example"), ("role", "nurse")];
    let again = fixture.act("/people", &admin, &fields).await;
    assert_eq!(again.status, 303, "the page is loaded anew: {}", again.body);
    let led = fixture.get(again.header("location").unwrap(), &admin).await.body;
    assert!(led.contains("You have done this already"), "{led}");
    assert_eq!(fixture.get(&first, "").await.status, 200);

    let other = [("name", "maria"), ("email", "maria.m@clinic.example"), ("role", "nurse")];
    let other = fixture.act("/people", &admin, &other).await;
    assert!(
        other.body.contains("There was a link for maria before. It opens nothing any more"),
        "{}",
        other.body
    );
    assert_eq!(fixture.get(&first, "").await.status, 404);
}

#[tokio::test]
async fn a_link_ends_when_it_is_taken_back_replaced_or_three_days_old() {
    let fixture = Fixture::open().await;
    let admin = fixture.sign_in("adam").await;
    let first = invited(&fixture, &admin).await;
    let second = invited_as(&fixture, &admin, "maria.m@clinic.example").await;
    assert_eq!(fixture.get(&first, "").await.status, 404);
    assert_eq!(fixture.get(&second, "").await.status, 200);
    assert_eq!(fixture.act("/invitations/2/withdraw", &admin, &[]).await.status, 303);
    assert_eq!(fixture.get(&second, "").await.status, 404);
    let third = invited(&fixture, &admin).await;
    fixture.pass_time(3 * 1440 - 1);
    assert_eq!(fixture.get(&third, "").await.status, 200);
    fixture.pass_time(1);
    assert_eq!(fixture.get(&third, "").await.status, 404);
}

#[tokio::test]
async fn a_role_counts_at_once_and_an_account_that_is_off_is_let_back_in_by_a_link() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let (admin, nurse) = (fixture.sign_in("adam").await, fixture.sign_in("nora").await);
    let to = fixture.act("/people/nora/role", &admin, &[("role", "viewer")]).await;
    assert_eq!(
        (to.status, to.header("location").map(|to| to.starts_with("/people/nora"))),
        (303, Some(true))
    );
    assert_eq!(fixture.act("/alerts/1/acknowledge", &nurse, &[]).await.status, 403);
    assert_eq!(fixture.act("/people/nora/role", &admin, &[("role", "nurse")]).await.status, 303);
    assert_eq!(fixture.act("/alerts/1/acknowledge", &nurse, &[]).await.status, 303);

    assert_eq!(fixture.act("/people/nora/disable", &admin, &[]).await.status, 303);
    assert_eq!(fixture.get("/", &nurse).await.status, 303, "signed out");
    fixture.pass_time(1);
    assert_eq!(fixture.try_in("nora", PASSWORD, &fixture.code("nora")).await.status, 401);
    let path = link(&fixture.act("/people/nora/reset", &admin, &[]).await);
    let page = fixture.get(&path, "").await;
    let code = code(&fixture, &page);
    assert_eq!(join(&fixture, &path, &[("new", OWN), ("again", OWN), ("code", &code)]).await.status, 200);
    fixture.pass_time(1);
    let now = crate::people::code(&fixture, &page);
    assert_eq!(fixture.try_in("nora", PASSWORD, &now).await.status, 401);
    assert_eq!(fixture.try_in("nora", OWN, &now).await.status, 303);
}

#[tokio::test]
async fn an_account_that_is_turned_off_after_a_link_was_made_stays_off() {
    let fixture = Fixture::open().await;
    let admin = fixture.sign_in("adam").await;
    let path = link(&fixture.act("/people/nora/reset", &admin, &[]).await);
    let page = fixture.get(&path, "").await;
    let code = code(&fixture, &page);
    assert_eq!(fixture.act("/people/nora/disable", &admin, &[]).await.status, 303);
    assert_eq!(fixture.get(&path, "").await.status, 404);
    // The form was open in a browser all the while.
    let sent = join(&fixture, &path, &[("new", OWN), ("again", OWN), ("code", &code)]).await;
    assert_eq!(sent.status, 404, "{}", sent.body);
    fixture.pass_time(1);
    let now = crate::people::code(&fixture, &page);
    assert_eq!(fixture.try_in("nora", OWN, &now).await.status, 401);
    assert!(fixture.get("/people/nora", &admin).await.body.contains("turned off"));
    assert!(!fixture.get("/people", &admin).await.body.contains("Invited, not here yet"));
}

#[tokio::test]
async fn new_secrets_from_the_command_line_are_the_only_ones_that_let_in() {
    let fixture = Fixture::open().await;
    let nurse = fixture.sign_in("nora").await;
    let codes = fixture.act("/account", &nurse, &[("act", "codes"), ("password", PASSWORD)]).await;
    let old = recovery(&codes)[0].clone();
    let admin = fixture.sign_in("adam").await;
    let reset = |name: &'static str| {
        let (clinic, at) = (fixture.engine.clinic.clone(), fixture.clock.now());
        let stamp = Stamp { at, actor: Actor::Operator("root".to_owned()) };
        tokio::task::spawn_blocking(move || accounts::reset(&clinic, stamp, name, OWN))
    };
    reset("nora").await.unwrap().unwrap();
    assert_eq!(fixture.try_in("nora", OWN, &old).await.status, 401, "a recovery code of before");

    let path = link(&fixture.act("/people/dora/reset", &admin, &[]).await);
    let page = fixture.get(&path, "").await;
    let code = code(&fixture, &page);
    reset("dora").await.unwrap().unwrap();
    let sent = join(&fixture, &path, &[("new", PASSWORD), ("again", PASSWORD), ("code", &code)]).await;
    assert_eq!(sent.status, 404, "a link of before: {}", sent.body);
}

#[tokio::test]
async fn a_link_opens_nothing_once_whoever_made_it_may_invite_nobody() {
    let fixture = Fixture::open().await;
    let admin = fixture.sign_in("adam").await;
    let stamp =
        |fixture: &Fixture| Stamp { at: fixture.clock.now(), actor: Actor::Operator("root".to_owned()) };
    let fields = [("name", "eva"), ("email", "eva@clinic.example"), ("role", "lead")];
    let path = link(&fixture.act("/people", &admin, &fields).await);
    assert_eq!(fixture.get(&path, "").await.status, 200);
    let clinic = fixture.engine.clinic.clone();
    administer::change_role(&clinic, stamp(&fixture), "adam".to_owned(), StaffRole::Nurse).await.unwrap();
    assert_eq!(fixture.get(&path, "").await.status, 404, "she is a nurse now");

    administer::change_role(&clinic, stamp(&fixture), "adam".to_owned(), StaffRole::Admin).await.unwrap();
    let path = link(&fixture.act("/people", &admin, &fields).await);
    administer::turn_off(&clinic, stamp(&fixture), "adam".to_owned()).await.unwrap();
    assert_eq!(fixture.get(&path, "").await.status, 404, "her account is off");
}

#[tokio::test]
async fn nobody_administers_her_own_account() {
    let fixture = Fixture::open().await;
    let admin = fixture.sign_in("adam").await;
    let before = fixture.rows();
    for (path, fields) in [
        ("/people/adam/role", &[("role", "lead")][..]),
        ("/people/adam/disable", &[]),
        ("/people/adam/reset", &[]),
        ("/people/adam/sessions", &[]),
    ] {
        let refused = fixture.act(path, &admin, fields).await;
        assert!(
            refused.status == 422 && refused.body.contains("your own account"),
            "{path}: {}",
            refused.body
        );
    }
    assert_eq!(fixture.rows(), before);
    assert!(fixture.get("/people/adam", &admin).await.body.contains("/account"));
}

#[tokio::test]
async fn her_own_secrets_change_with_her_password_and_end_her_other_sessions() {
    let fixture = Fixture::open().await;
    let elsewhere = fixture.sign_in("nora").await;
    fixture.pass_time(1);
    let here = fixture.sign_in("nora").await;
    let own = fixture.get("/account", &here).await;
    assert!(own.body.contains("(this one)") && own.body.contains("Sign out there"), "{}", own.body);

    let wrong = [("act", "password"), ("password", "not her password"), ("new", OWN)];
    let refused = fixture.act("/account", &here, &wrong).await;
    assert!(refused.status == 422 && refused.body.contains("That is not your password"), "{}", refused.body);
    let right = [("act", "password"), ("password", PASSWORD), ("new", OWN)];
    assert_eq!(fixture.act("/account", &here, &right).await.status, 303);
    assert_eq!(fixture.get("/", &elsewhere).await.status, 303, "signed out elsewhere");
    assert_eq!(fixture.get("/", &here).await.status, 200);

    let codes = fixture.act("/account", &here, &[("act", "codes"), ("password", OWN)]).await;
    assert_eq!(recovery(&codes).len(), 10, "{}", codes.body);
    let page = fixture.get("/account", &here).await;
    let new = code(&fixture, &page);
    let renewed = [("act", "authenticator"), ("password", OWN), ("code", new.as_str())];
    assert_eq!(fixture.act("/account", &here, &renewed).await.status, 303);
    fixture.pass_time(1);
    assert_eq!(fixture.try_in("nora", OWN, &fixture.code("nora")).await.status, 401, "the old authenticator");
    assert_eq!(fixture.try_in("nora", OWN, &code(&fixture, &page)).await.status, 303);
}

#[tokio::test]
async fn a_session_is_seen_and_ended_by_its_owner_and_a_browser_left_open_is_no_place_to_guess() {
    let fixture = Fixture::open().await;
    let elsewhere = fixture.sign_in("nora").await;
    fixture.pass_time(1);
    let here = fixture.sign_in("nora").await;
    let handle = fixture.get("/account", &here).await.hidden("session").unwrap();
    assert_eq!(fixture.act("/account/sessions", &here, &[("session", handle.as_str())]).await.status, 303);
    assert_eq!(fixture.get("/", &elsewhere).await.status, 303);
    for _ in 0..5 {
        let guess = [("act", "codes"), ("password", "a guess of a stranger")];
        assert_eq!(fixture.act("/account", &here, &guess).await.status, 422);
    }
    let cut = fixture.act("/account", &here, &[("act", "codes"), ("password", PASSWORD)]).await;
    assert!(cut.body.contains("Too many tries"), "{}", cut.body);
}
