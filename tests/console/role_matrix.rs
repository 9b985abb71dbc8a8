//! Every route with every role, and with nobody, made from the console's own table: what a row does not allow is refused and
//! changes nothing, what it allows is not refused, and no page changes anything by being looked at.

use std::collections::BTreeSet;

use aftercare::care::permission::StaffRole;
use aftercare::care::triage::tier::Tier;
use aftercare::journey::errors::step::StepError;
use aftercare::journey::link_key;
use aftercare::store::db::transaction::{Stamp, Tx};
use aftercare::web::console::route::{Access, Route, RouteMethod};
use aftercare::web::console::routes;
use jiff::ToSpan;

use crate::bookings;
use crate::fixture::{CODE, Fixture, PEOPLE, now};
use crate::http::{Answer, form, send};
use crate::protocols;

/// What a patient may say no to.
const SIGNS: [&str; 8] = ["SP08", "SP09", "SP10", "SP11", "SP12", "SP13", "SP07", "SP01"];

/// What stands for a part of a path. A route with another part needs a line here.
fn example(part: &str) -> &'static str {
    match part {
        "id" => "1",
        "number" => "0",
        "name" => "book",
        "file" => "answers.csv",
        "*reference" => CODE,
        "code" => "K7QD-M2XW-3RTA",
        "setting" => "office-phone",
        "checklist" => "spine",
        "account" => "nobody",
        "token" => "a-link-that-was-never-made",
        other => panic!("give an example for `{{{other}}}` in tests/console/role_matrix.rs"),
    }
}

/// The address of a row, with an example for each of its parts.
pub(crate) fn path(row: &Route) -> String {
    let parts = row.path.split('/').map(|part| {
        part.strip_prefix('{')
            .and_then(|p| p.strip_suffix('}'))
            .map_or(part.to_owned(), |p| example(p).to_owned())
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A session of its own for each try: some routes end sessions.
async fn session(fixture: &Fixture, name: &'static str, number: usize) -> String {
    let token = format!("session-{name}-{number}");
    let digest = link_key::digest(&token);
    let job = move |tx: &mut Tx<'_>| -> Result<(), StepError> {
        let staff = tx.staff_named(name)?.unwrap();
        Ok(tx.open_session(&digest, staff.id, now() + 1.hours())?)
    };
    fixture.engine.clinic.store.write(Stamp::daemon(now()), job).await.unwrap();
    token
}

/// Asks for a row, with the form token or without.
async fn ask(fixture: &Fixture, row: &Route, token: &str, mark: &str) -> Answer {
    let (host, cookie) = (fixture.host(), format!("aftercare={token}"));
    let headers = [("Host", host.as_str()), ("Cookie", cookie.as_str()), ("Sec-Fetch-Site", "same-origin")];
    match row.method {
        RouteMethod::Get => send(fixture.at, &format!("GET {}", path(row)), &headers, "").await,
        RouteMethod::Post => {
            send(fixture.at, &format!("POST {}", path(row)), &headers, &form(&[("mark", mark)])).await
        }
    }
}

async fn clinic() -> Fixture {
    let fixture = Fixture::open().await;
    // An alert that is not urgent: whoever may close one may close it.
    let mut answers: Vec<(&str, &str)> = SIGNS.iter().map(|sign| (*sign, "no")).collect();
    answers.extend([("SP14", "yes"), ("SP15.worst", "0"), ("SP15.stops", "0")]);
    let (_, alert) = fixture.worried(&answers).await;
    let tier = fixture.engine.clinic.store.read(|view| view.alert(alert)).unwrap().tier;
    assert_eq!(tier, Some(Tier::Soon));
    bookings::import(&fixture, 1).await;
    protocols::begun(&fixture, &fixture.sign_in("lena").await, "sgo2017-high").await;
    fixture
}

/// Pages of what is not there in these tests; every other is shown to whom it is for.
const NOT_THERE: [&str; 13] = [
    "/checklists/{checklist}/count.csv 404",
    "/import/{id} 404",
    "/import/{id}/faults.csv 404",
    "/join/{token} 404",
    "/letters/kinds/{name}/wording/looks/{token} 404",
    "/letters/{id} 404",
    "/letters/{id}/html 404",
    "/people/{account} 404",
    "/protocols/compare 400",
    "/protocols/publications/{id} 404",
    "/sign-in/openid 404",
    "/sign-in/openid/return 404",
    "/what-if.csv 404",
];

fn allows(row: &Route, role: StaffRole) -> bool {
    row.needs.check(role).is_ok()
}

#[tokio::test]
async fn nobody_comes_in_without_an_account_and_no_form_without_its_token() {
    let fixture = clinic().await;
    let before = fixture.rows();
    for row in routes::all() {
        let (name, stranger) =
            (format!("{:?} {}", row.method, row.path), ask(&fixture, &row, "none", "none").await);
        match row.needs {
            Access::Anybody => {
                assert!(matches!(stranger.status, 200 | 401 | 404), "{name}: {}", stranger.status)
            }
            _ => {
                let to_sign_in = stranger.header("location").is_some_and(|to| to.starts_with("/sign-in"));
                // A form that was not taken must not look as if it had been.
                let is_told = stranger.status == 401 && stranger.body.contains("Nothing was saved");
                let turned_away = match row.method {
                    RouteMethod::Post if row.path != "/sign-out" => is_told,
                    _ => stranger.status == 303 && to_sign_in,
                };
                assert!(turned_away, "{name}: {} {}", stranger.status, stranger.head);
            }
        }
    }
    let forms = routes::all().into_iter().filter(|row| row.method == RouteMethod::Post);
    for (number, row) in forms.filter(|row| row.needs != Access::Anybody).enumerate() {
        for (name, _) in PEOPLE {
            let token = session(&fixture, name, number).await;
            let foreign = ask(&fixture, &row, &token, "a token of another session").await;
            assert_eq!(foreign.status, 403, "{name}: {}", row.path);
        }
    }
    let after = fixture.rows().into_iter().filter(|line| !line.contains("staff.sign-in-failed"));
    assert_eq!(after.collect::<Vec<_>>(), before);
}

#[tokio::test]
async fn every_page_shows_itself_to_whom_its_row_says_and_changes_nothing() {
    let fixture = clinic().await;
    let mut missing = BTreeSet::new();
    let before = fixture.rows();
    for (number, row) in routes::all().iter().enumerate().filter(|(_, row)| row.method == RouteMethod::Get) {
        for (name, role) in PEOPLE {
            let answer = ask(&fixture, row, &session(&fixture, name, number).await, "").await;
            assert!(answer.status < 500, "{name}: {}: {}", row.path, answer.status);
            assert_eq!(answer.status != 403, allows(row, role), "{name}: {}: {}", row.path, answer.status);
            if allows(row, role) && answer.status != 200 {
                missing.insert(format!("{} {}", row.path, answer.status));
            }
        }
    }
    assert_eq!(fixture.rows(), before);
    assert_eq!(missing.into_iter().collect::<Vec<_>>(), NOT_THERE);
}

#[tokio::test]
async fn every_form_is_taken_from_whom_its_row_says_and_from_nobody_else() {
    let fixture = clinic().await;
    for (number, row) in routes::all().iter().enumerate() {
        if row.method == RouteMethod::Get || row.needs == Access::Anybody {
            continue;
        }
        for (name, role) in PEOPLE {
            let token = session(&fixture, name, number).await;
            let mark = fixture.engine.clinic.key.csrf_token(&token);
            let before = fixture.rows();
            let answer = ask(&fixture, row, &token, &mark).await;
            assert!(answer.status < 500, "{name}: {}: {}", row.path, answer.status);
            assert_eq!(answer.status != 403, allows(row, role), "{name}: {}: {}", row.path, answer.body);
            if !allows(row, role) {
                assert_eq!(fixture.rows(), before, "{name}: {}", row.path);
            }
        }
    }
}

#[tokio::test]
async fn a_viewer_reads_and_is_offered_no_form_that_changes_anything() {
    let fixture = clinic().await;
    let mut faults = Vec::new();
    for (number, row) in routes::all().iter().enumerate().filter(|(_, row)| row.method == RouteMethod::Get) {
        let page = ask(&fixture, row, &session(&fixture, "vera", number).await, "").await;
        let forms = page.body.split("<form").skip(1).filter(|form| offers(form));
        faults.extend(
            forms.map(|form| format!("{}: {}", row.path, form.split('>').next().unwrap_or_default())),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let (number, roles) =
        (routes::all().len(), &routes::all().into_iter().find(|row| row.path == "/roles").unwrap());
    let page = ask(&fixture, roles, &session(&fixture, "vera", number).await, "").await;
    assert!(page.body.contains("Viewer (you)") && page.body.contains("close an emergency or urgent alert"));
}

/// Whether a form of a page changes anything but one's own session: banners without a button do not.
fn offers(form: &str) -> bool {
    let form = form.split("</form>").next().unwrap_or_default();
    // A search is a POST so that no name stands in an address.
    let own = ["/sign-out", "/sign-in", "/account", "/account/sessions", "/account/openid", "/patients"]
        .iter()
        .any(|path| form.contains(&format!("action=\"{path}\"")));
    // Rules are tried by a POST so that no answer stands in an address.
    let tries = form.contains("action=\"/checklists/") && form.contains("/try\"");
    form.contains("method=\"post\"") && form.contains("<button") && !own && !tries
}
