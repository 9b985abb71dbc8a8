//! An account is connected by its owner, with her password, a sign-in at the provider and a last look; and is disconnected.

use std::ffi::OsStr;

use aftercare::care::actor::Actor;
use aftercare::journey::operations::accounts::{administer, openid};
use aftercare::store::db::transaction::Stamp;

use crate::check::aftercare;
use crate::fixture::{PASSWORD, now};
use crate::hospital::{Hospital, configuration, refuses};

#[tokio::test(flavor = "multi_thread")]
async fn she_connects_her_account_once_and_from_then_on_comes_in_through_the_provider() {
    let hospital = Hospital::open().await;
    let at = hospital.clinic.at;
    let mut hers = hospital.signed_in("nora").await;
    let own = hers.get(at, "/account").await;
    assert!(own.body.contains("Connect with St. Example") && own.body.contains("not connected"));
    let wrong = hers.act(at, "/account", &[("act", "connect"), ("password", "not her password")]).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("That is not your password"), "{}", wrong.body);

    let saved = hospital.connects(&mut hers, "n.berg").await;
    assert_eq!(saved.status, 303, "{}", saved.body);
    let page = hers.get(at, saved.header("location").unwrap()).await;
    assert!(page.body.contains("From now on you can sign in that way"), "{}", page.body);
    assert!(page.body.contains("St. Example, connected "), "{}", page.body);
    assert_eq!(hospital.staff("nora").connection.unwrap().issuer, hospital.provider.issuer());

    let mut browser = crate::browser::Browser::default();
    let sign_in = browser.get(at, "/sign-in?to=/tasks").await;
    assert!(
        sign_in.body.contains("href=\"/sign-in/openid?to=%2Ftasks\"")
            || sign_in.body.contains("href=\"/sign-in/openid?to=/tasks\"")
    );
    assert!(
        sign_in.body.contains("Sign in with St. Example")
            && sign_in.body.contains("Code from your authenticator")
    );
    let landing = hospital.comes_in(&mut browser, "n.berg").await;
    assert_eq!(landing.status, 200, "{}", landing.body);
    assert!(landing.body.contains("content=\"0; url=/tasks\""), "{}", landing.body);
    let tasks = browser.get(at, "/tasks").await;
    assert_eq!(tasks.status, 200);
    assert!(tasks.body.contains("nora"), "she is signed in as herself");
    assert!(!browser.has(at, "aftercare-openid"), "what the browser kept for the way is gone");

    let rows = hospital.clinic.rows().join("\n");
    assert!(rows.contains("staff.connected") && rows.contains("\"through\":\"OpenID Connect\""), "on record");
    assert!(!rows.contains("n.berg"), "what she is called at the provider is kept nowhere");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_belongs_to_one_account_and_a_confirmation_to_one_session() {
    let hospital = Hospital::open().await;
    let at = hospital.clinic.at;
    let mut nora = hospital.signed_in("nora").await;
    let mut dora = hospital.signed_in("dora").await;
    assert_eq!(hospital.connects(&mut nora, "n.berg").await.status, 303);
    let taken = hospital.connects(&mut dora, "n.berg").await;
    assert_eq!(taken.status, 422);
    assert!(taken.body.contains("That sign-in is connected with another account"), "{}", taken.body);

    // A page that nora got is nothing in dora's session, and neither is her way back from the provider.
    let back = hospital.goes_to_connect(&mut nora, "n.second").await;
    let proof = nora.get(at, &back).await.hidden("proof").unwrap();
    let foreign = dora.act(at, "/account/openid", &[("act", "connect"), ("proof", &proof)]).await;
    assert!(foreign.body.contains("That page was too old"), "{}", foreign.body);
    let back = hospital.goes_to_connect(&mut nora, "n.third").await;
    dora.get(at, "/sign-in/openid").await;
    refuses(&dora.get(at, &back).await, "was begun in another browser");
    assert!(hospital.staff("dora").connection.is_none());

    // Half an hour later nobody confirms anything.
    let back = hospital.goes_to_connect(&mut nora, "n.fourth").await;
    let proof = nora.get(at, &back).await.hidden("proof").unwrap();
    hospital.clinic.pass_time(11);
    let late = nora.act(at, "/account/openid", &[("act", "connect"), ("proof", &proof)]).await;
    assert!(late.body.contains("That page was too old"), "{}", late.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_seen_and_ended_by_its_owner_and_by_an_administrator_and_by_a_reset() {
    let hospital = Hospital::open().await;
    let at = hospital.clinic.at;
    let mut nora = hospital.signed_in("nora").await;
    let mut adam = hospital.signed_in("adam").await;
    hospital.connects(&mut nora, "n.berg").await;
    let people = adam.get(at, "/people").await;
    assert!(
        people.body.contains("connected with the hospital's sign-in")
            || people.body.contains("connected with the hospital&#x27;s sign-in")
    );
    assert!(adam.get(at, "/people/nora").await.body.contains("St. Example, connected "));
    let done = adam.act(at, "/people/nora/disconnect", &[]).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let mut browser = crate::browser::Browser::default();
    refuses(
        &hospital.comes_in(&mut browser, "n.berg").await,
        "no account here is connected with that sign-in yet",
    );

    hospital.connects(&mut nora, "n.berg").await;
    assert_eq!(nora.act(at, "/account/openid", &[("act", "disconnect")]).await.status, 303);
    assert!(hospital.staff("nora").connection.is_none());
    let again = nora.act(at, "/account/openid", &[("act", "disconnect")]).await;
    assert_eq!(again.status, 303, "the same form once more is no failure: {}", again.body);

    hospital.connects(&mut nora, "n.berg").await;
    adam.act(at, "/people/nora/reset", &[]).await;
    assert!(hospital.staff("nora").connection.is_none(), "after a reset nothing older lets her in");
    refuses(&hospital.comes_in(&mut browser, "n.berg").await, "no account here is connected");
    assert_eq!(hospital.clinic.rows().join("\n").matches("'staff.disconnected'").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_off_stays_out() {
    let hospital = Hospital::open().await;
    let mut nora = hospital.signed_in("nora").await;
    hospital.connects(&mut nora, "n.berg").await;
    let stamp = || Stamp { at: now(), actor: Actor::Operator("root".to_owned()) };
    let clinic = &hospital.clinic.engine.clinic;
    administer::turn_off(clinic, stamp(), "nora".to_owned()).await.unwrap();
    let mut browser = crate::browser::Browser::default();
    refuses(&hospital.comes_in(&mut browser, "n.berg").await, "Your account here is turned off");
    openid::disconnect(clinic, stamp(), "nora".to_owned()).await.unwrap();
    let refused = hospital.comes_in(&mut browser, "n.berg").await;
    refuses(&refused, "no account here is connected");
    assert!(!refused.body.contains(PASSWORD));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_shows_a_connection_and_ends_it() {
    let hospital = Hospital::open().await;
    let mut nora = hospital.signed_in("nora").await;
    hospital.connects(&mut nora, "n.berg").await;
    let database = hospital.clinic.engine.clinic.store.path().to_owned();
    let dir = database.parent().unwrap();
    let text = configuration(dir, &hospital.provider.issuer(), "");
    let text = text.replace("path = \"aftercare.db\"", &format!("path = \"{}\"", database.display()));
    let file = dir.join("beside.toml");
    std::fs::write(&file, text).unwrap();
    let run = |args: &[&str]| {
        let args: Vec<&OsStr> =
            ["--config".as_ref(), file.as_os_str()].into_iter().chain(args.iter().map(OsStr::new)).collect();
        aftercare(&args)
    };
    let (_, listed) = run(&["staff", "list"]);
    assert_eq!(listed.matches("connected").count(), 1, "{listed}");
    let (code, told) = run(&["staff", "disconnect", "nora"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("nora signs in with password and authenticator only"), "{told}");
    let (_, listed) = run(&["staff", "list", "--json"]);
    assert!(
        listed.contains("\"connected_at\": null") || listed.contains("\"connected_at\":null"),
        "{listed}"
    );
    assert!(hospital.staff("nora").connection.is_none());
    let (code, told) = run(&["staff", "disconnect", "nora"]);
    assert!(code != Some(0) && told.contains("that account is not connected"), "{told}");
}
