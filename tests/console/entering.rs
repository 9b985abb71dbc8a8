//! Who gets in, who stays in, and what a stranger sees.

use crate::house::{CODE, House, NAME, PASSWORD};
use crate::wire::{Answer, form, send};

#[tokio::test]
async fn before_sign_in_nothing_personal_is_shown_and_the_link_of_a_mail_leads_to_its_alert() {
    let house = House::open().await;
    house.worried(&[("SP08", "new")]).await;
    for path in
        ["/", "/alerts", "/patients", "/patients/C-100", "/letters/1", "/ledger", "/audit", "/answers/1"]
    {
        let answer = house.get(path, "").await;
        assert_eq!(answer.status, 303, "{path}");
        assert_eq!(answer.header("location"), Some(format!("/sign-in?to={path}").as_str()));
        assert!(!answer.body.contains(NAME) && !answer.body.contains(CODE));
    }
    let form = house.get("/sign-in?to=/alerts/1", "").await;
    assert!(form.body.contains("name=\"to\" value=\"/alerts/1\""), "{}", form.body);
    let entered = house.try_in("nora", PASSWORD, &house.code("nora")).await;
    assert_eq!(entered.header("location"), Some("/alerts/1"));
    let cookie = entered.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let alert = house.get("/alerts/1", &cookie).await;
    assert_eq!(alert.status, 200);
    assert!(alert.body.contains(NAME) && alert.body.contains("emergency"), "{}", alert.body);
}

#[tokio::test]
async fn a_link_in_a_web_mail_is_led_on_so_that_the_strict_cookie_comes_along() {
    let house = House::open().await;
    let host = house.host();
    let headers = [("Host", host.as_str()), ("Sec-Fetch-Site", "cross-site")];
    let answer = send(house.at, "GET /alerts/1", &headers, "").await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("http-equiv=\"refresh\" content=\"0; url=/alerts/1\""));
}

#[tokio::test]
async fn a_wrong_password_a_wrong_code_and_an_unknown_name_are_told_alike() {
    let house = House::open().await;
    let code = house.code("nora");
    let mut bodies = Vec::new();
    for (name, password, code) in [
        ("nora", "another long password", code.as_str()),
        ("nora", PASSWORD, "000000"),
        ("nobody", PASSWORD, "1"),
    ] {
        let answer = house.try_in(name, password, code).await;
        assert_eq!(answer.status, 401);
        assert!(answer.header("set-cookie").is_none());
        bodies.push(answer.body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test]
async fn a_code_lets_in_once() {
    let house = House::open().await;
    let code = house.code("nora");
    assert_eq!(house.try_in("nora", PASSWORD, &code).await.status, 303);
    assert_eq!(house.try_in("nora", PASSWORD, &code).await.status, 401);
    house.pass_time(1);
    assert_eq!(house.try_in("nora", PASSWORD, &house.code("nora")).await.status, 303);
}

/// The cookies an answer hands out, as a browser would send them back.
fn kept(answer: &Answer) -> String {
    answer.cookies().iter().map(|line| line.split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn a_stranger_who_tries_every_account_keeps_no_colleague_out() {
    let house = House::open().await;
    let before = house.try_in("nora", PASSWORD, &house.code("nora")).await;
    let cookies = kept(&before);
    assert!(cookies.contains("aftercare-device-"), "{cookies}");
    house.pass_time(15);
    let mut bodies = Vec::new();
    for name in ["nora", "dora", "lena", "nobody"] {
        for _ in 0..5 {
            assert_eq!(house.try_in(name, "another long password", "000000").await.status, 401, "{name}");
        }
        let sixth = house.try_in(name, PASSWORD, "000000").await;
        assert_eq!(sixth.status, 429, "{name}");
        bodies.push(sixth.body);
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "who has an account does not show");
    // From the same network, in the browser she signed in with before.
    let back = house.try_with("nora", (PASSWORD, &house.code("nora")), &cookies).await;
    assert_eq!(back.status, 303, "{}", back.body);
    // Dora has never signed in here: she waits for the next try, not for a quarter of an hour.
    house.pass_time(4);
    assert_eq!(house.try_in("dora", PASSWORD, &house.code("dora")).await.status, 303);
}

#[tokio::test]
async fn a_browsers_mark_is_good_for_its_own_account_alone() {
    let house = House::open().await;
    let cookies = kept(&house.try_in("nora", PASSWORD, &house.code("nora")).await);
    for _ in 0..5 {
        house.try_in("dora", "another long password", "000000").await;
    }
    let forged = cookies.replace("aftercare-device", "x").replace("x-", "aftercare-device-0");
    for cookies in [cookies.as_str(), forged.as_str(), "aftercare-device-00000000=AAAA"] {
        let answer = house.try_with("dora", (PASSWORD, "000000"), cookies).await;
        assert_eq!(answer.status, 429, "{cookies}");
    }
}

#[tokio::test]
async fn posts_from_another_site_use_up_nobodys_tries() {
    let house = House::open().await;
    let fields = form(&[("name", "nora"), ("password", "another long password"), ("code", "000000")]);
    let host = house.host();
    for _ in 0..60 {
        let headers = [("Host", host.as_str()), ("Sec-Fetch-Site", "cross-site")];
        assert_eq!(send(house.at, "POST /sign-in", &headers, &fields).await.status, 403);
    }
    assert_eq!(house.try_in("nora", PASSWORD, &house.code("nora")).await.status, 303);
}

#[tokio::test]
async fn a_proxy_that_says_nothing_of_tls_still_gets_secure_cookies() {
    let house = House::open().await;
    let fields = form(&[("name", "nora"), ("password", PASSWORD), ("code", &house.code("nora"))]);
    // What nginx sends on when only `proxy_pass` is set: its own name for us, and the browser's origin.
    let host = house.host();
    let origin = [
        ("Host", host.as_str()),
        ("Origin", "https://console.clinic.example"),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    let answer = send(house.at, "POST /sign-in", &origin, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(answer.cookies().len(), 2);
    for line in answer.cookies() {
        assert!(line.starts_with("__Host-aftercare") && line.contains("Secure"), "{line}");
    }
}

#[tokio::test]
async fn a_flood_of_tries_from_one_network_is_cut_off() {
    let house = House::open().await;
    let mut cut = 0;
    for _ in 0..40 {
        cut += usize::from(house.try_in("nobody-at-all", "x", "1").await.status == 429);
    }
    assert!(cut >= 5, "{cut}");
}

#[tokio::test]
async fn a_session_ends_by_rest_by_the_shift_and_by_signing_out() {
    let house = House::open().await;
    let cookie = house.sign_in("nora").await;
    house.pass_time(29);
    assert_eq!(house.get("/", &cookie).await.status, 200);
    house.pass_time(29);
    assert_eq!(house.get("/", &cookie).await.status, 200, "a look is a sign of life");
    house.pass_time(31);
    assert_eq!(house.get("/", &cookie).await.status, 303);

    let cookie = house.sign_in("nora").await;
    for _ in 0..30 {
        house.pass_time(20);
        house.get("/", &cookie).await;
    }
    assert_eq!(house.get("/", &cookie).await.status, 303, "ten hours are over");

    let cookie = house.sign_in("nora").await;
    let left = house.act("/sign-out", &cookie, &[]).await;
    assert_eq!((left.status, left.header("location")), (303, Some("/sign-in")));
    assert_eq!(house.get("/", &cookie).await.status, 303);
}

#[tokio::test]
async fn the_sign_in_form_of_another_site_is_refused() {
    let house = House::open().await;
    let fields = form(&[("name", "nora"), ("password", PASSWORD), ("code", &house.code("nora"))]);
    let host = house.host();
    for line in [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example"), ("Origin", "null")] {
        let answer = send(house.at, "POST /sign-in", &[("Host", host.as_str()), line], &fields).await;
        assert_eq!(answer.status, 403);
        assert!(answer.header("set-cookie").is_none());
    }
}

#[tokio::test]
async fn an_open_redirect_is_not_to_be_had() {
    let house = House::open().await;
    let fields = form(&[
        ("name", "nora"),
        ("password", PASSWORD),
        ("code", &house.code("nora")),
        ("to", "//evil.example/"),
    ]);
    let host = house.host();
    let headers = [("Host", host.as_str()), ("Sec-Fetch-Site", "same-origin")];
    let answer = send(house.at, "POST /sign-in", &headers, &fields).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
}
