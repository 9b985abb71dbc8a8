//! What comes back from the provider lets somebody in only in the browser that asked, once, while it holds.

use std::time::Duration;

use crate::browser::Browser;
use crate::fixture::PASSWORD;
use crate::hospital::{Hospital, refuses};

const NOT_ASKED: &str = "was begun in another browser, took too long, or was used before";

/// A clinic in which nora's account is connected.
async fn connected(more: &'static str) -> Hospital {
    let hospital = Hospital::with(more).await;
    let mut nora = hospital.signed_in("nora").await;
    let answer = hospital.connects(&mut nora, "n.berg").await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    hospital
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_lets_in_the_browser_that_asked_and_only_once() {
    let hospital = connected("").await;
    let at = hospital.clinic.at;
    let mut hers = Browser::default();
    let url = hospital.begins(&mut hers, "/tasks").await;
    let back = hers.signs_in_there(&url, "n.berg").await;

    // Somebody else's browser, with nothing, or on a way of its own.
    let mut other = Browser::default();
    refuses(&other.comes_back(at, &back).await, NOT_ASKED);
    hospital.begins(&mut other, "/tasks").await;
    refuses(&other.comes_back(at, &back).await, NOT_ASKED);
    // Her browser, with an address that was changed.
    for (old, new) in [("state=", "state=x"), ("iss=http", "iss=https")] {
        assert!(back.contains(old), "{back}");
        refuses(&hers.clone().comes_back(at, &back.replace(old, new)).await, NOT_ASKED);
    }
    let declined = back.replace("code=", "error=access_denied&left=");
    refuses(&hers.clone().comes_back(at, &declined).await, "You did not finish signing in at St. Example");
    refuses(
        &hers.clone().comes_back(at, &back.replace("code=", "code=x")).await,
        "did not confirm that sign-in",
    );

    let mut replayed = hers.clone();
    assert_eq!(hers.comes_back(at, &back).await.status, 200);
    assert_eq!(hers.get(at, "/tasks").await.status, 200);
    // The browser has nothing more for the same address; a thief who has both gets nothing for a code that was used.
    refuses(&hers.comes_back(at, &back).await, NOT_ASKED);
    refuses(&replayed.comes_back(at, &back).await, "did not confirm that sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_signed_for_another_nonce_or_verifier_or_too_long_ago_lets_nobody_in() {
    let hospital = connected("").await;
    let at = hospital.clinic.at;
    let mut hers = Browser::default();
    for parameter in ["nonce", "code_challenge"] {
        let url = hospital.begins(&mut hers, "/tasks").await;
        let (before, rest) = url.split_once(&format!("&{parameter}=")).unwrap();
        let (_, after) = rest.split_once('&').unwrap_or((rest, ""));
        let other = "E9Melhoa2OwvFrEMTJguCHaoeGLLcYmpN6gSjiHcQ9M";
        let forged = format!("{before}&{parameter}={other}&{after}");
        let back = hers.signs_in_there(&forged, "n.berg").await;
        refuses(&hers.comes_back(at, &back).await, "did not confirm that sign-in");
    }
    // The clinic's clock says that the provider signed a year ago.
    hospital.clinic.clock.advance(Duration::from_secs(700 * 86_400));
    refuses(&hospital.comes_in(&mut hers, "n.berg").await, "did not confirm that sign-in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_that_took_too_long_is_begun_again() {
    let hospital = connected("").await;
    let mut hers = Browser::default();
    let url = hospital.begins(&mut hers, "/tasks").await;
    let back = hers.signs_in_there(&url, "n.berg").await;
    hospital.clinic.pass_time(11);
    refuses(&hers.comes_back(hospital.clinic.at, &back).await, NOT_ASKED);
    assert_eq!(hospital.comes_in(&mut hers, "n.berg").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_of_the_provider_keep_nobody_out_and_one_that_is_away_leaves_the_password() {
    let Hospital { clinic, provider } = connected("").await;
    let hospital = Hospital { clinic, provider: provider.with_new_keys() };
    let mut hers = Browser::default();
    assert_eq!(hospital.comes_in(&mut hers, "n.berg").await.status, 200, "the keys were read again");

    let Hospital { clinic, provider } = hospital;
    let port = provider.at.port();
    drop(provider);
    // What is known of it is over after an hour.
    clinic.pass_time(61);
    let mut browser = Browser::default();
    let away = browser.get(clinic.at, "/sign-in/openid?to=/tasks").await;
    refuses(&away, "St. Example cannot be reached just now. Sign in with name, password and code");
    assert_eq!(away.status, 503);
    assert!(away.body.contains("name=\"to\" value=\"/tasks\""), "{}", away.body);
    assert_eq!(clinic.try_in("nora", PASSWORD, &clinic.code("nora")).await.status, 303);
    let hospital = Hospital { clinic, provider: crate::provider::Provider::start_on(port) };
    hospital.clinic.pass_time(1);
    assert_eq!(hospital.comes_in(&mut browser, "n.berg").await.status, 200, "it is asked again soon");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_asked_for_too_little_lets_nobody_in_where_the_clinic_wants_more() {
    let hospital = Hospital::with("require_amr = [\"mfa\"]").await;
    let at = hospital.clinic.at;
    let mut nora = hospital.signed_in("nora").await;
    let back = hospital.goes_to_connect(&mut nora, "n.berg").await;
    let page = nora.get(at, &back).await;
    refuses(&page, "without the second step that this clinic asks for");
    assert!(page.body.contains("Nothing was changed"), "{}", page.body);
    assert!(hospital.staff("nora").connection.is_none());
}
