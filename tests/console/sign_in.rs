//! Who gets in, who stays in, and what a stranger sees.

use crate::fixture::{CODE, Fixture, NAME, PASSWORD};
use crate::http::{Answer, form, send};

#[tokio::test]
async fn before_sign_in_nothing_personal_is_shown_and_the_link_of_a_mail_leads_to_its_alert() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    for path in
        ["/", "/alerts", "/patients", "/patients/C-100", "/letters/1", "/ledger", "/audit", "/answers/1"]
    {
        let answer = fixture.get(path, "").await;
        assert_eq!(answer.status, 303, "{path}");
        assert_eq!(answer.header("location"), Some(format!("/sign-in?to={path}").as_str()));
        assert!(!answer.body.contains(NAME) && !answer.body.contains(CODE));
    }
    let form = fixture.get("/sign-in?to=/alerts/1", "").await;
    assert!(form.body.contains("name=\"to\" value=\"/alerts/1\""), "{}", form.body);
    let entered = fixture.try_in("nora", PASSWORD, &fixture.code("nora")).await;
    assert_eq!(entered.header("location"), Some("/alerts/1"));
    let cookie = entered.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let alert = fixture.get("/alerts/1", &cookie).await;
    assert_eq!(alert.status, 200);
    assert!(alert.body.contains(NAME) && alert.body.contains("emergency"), "{}", alert.body);
}

#[tokio::test]
async fn a_link_in_a_web_mail_is_led_on_so_that_the_strict_cookie_comes_along() {
    let fixture = Fixture::open().await;
    let host = fixture.host();
    let headers = [("Host", host.as_str()), ("Sec-Fetch-Site", "cross-site")];
    let answer = send(fixture.at, "GET /alerts/1", &headers, "").await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("http-equiv=\"refresh\" content=\"0; url=/alerts/1\""));
}

#[tokio::test]
async fn a_wrong_password_a_wrong_code_and_an_unknown_name_are_told_alike() {
    let fixture = Fixture::open().await;
    let code = fixture.code("nora");
    let mut bodies = Vec::new();
    for (name, password, code) in [
        ("nora", "another long password", code.as_str()),
        ("nora", PASSWORD, "000000"),
        ("nobody", PASSWORD, "1"),
    ] {
        let answer = fixture.try_in(name, password, code).await;
        assert_eq!(answer.status, 401);
        assert!(answer.header("set-cookie").is_none());
        let typed = format!("name=\"name\" value=\"{name}\"");
        assert!(answer.body.contains(&typed), "the name stays where it was typed: {}", answer.body);
        assert!(!answer.body.contains(password));
        bodies.push(answer.body.replace(&typed, ""));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]));
}

#[tokio::test]
async fn a_code_lets_in_once() {
    let fixture = Fixture::open().await;
    let code = fixture.code("nora");
    assert_eq!(fixture.try_in("nora", PASSWORD, &code).await.status, 303);
    assert_eq!(fixture.try_in("nora", PASSWORD, &code).await.status, 401);
    fixture.pass_time(1);
    assert_eq!(fixture.try_in("nora", PASSWORD, &fixture.code("nora")).await.status, 303);
}

/// The cookies an answer hands out, as a browser would send them back.
fn kept(answer: &Answer) -> String {
    answer.cookies().iter().map(|line| line.split(';').next().unwrap()).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn a_stranger_who_tries_every_account_keeps_no_colleague_out() {
    let fixture = Fixture::open().await;
    let before = fixture.try_in("nora", PASSWORD, &fixture.code("nora")).await;
    let cookies = kept(&before);
    assert!(cookies.contains("aftercare-device-"), "{cookies}");
    fixture.pass_time(15);
    let mut bodies = Vec::new();
    for name in ["nora", "dora", "lena", "nobody"] {
        for _ in 0..5 {
            assert_eq!(fixture.try_in(name, "another long password", "000000").await.status, 401, "{name}");
        }
        let sixth = fixture.try_in(name, PASSWORD, "000000").await;
        assert_eq!(sixth.status, 429, "{name}");
        bodies.push(sixth.body.replace(&format!("value=\"{name}\""), ""));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "who has an account does not show");
    // From the same network, in the browser she signed in with before.
    let back = fixture.try_with("nora", (PASSWORD, &fixture.code("nora")), &cookies).await;
    assert_eq!(back.status, 303, "{}", back.body);
    // Dora has never signed in here: she waits for the next try, not for a quarter of an hour.
    fixture.pass_time(4);
    assert_eq!(fixture.try_in("dora", PASSWORD, &fixture.code("dora")).await.status, 303);
}

#[tokio::test]
async fn a_browsers_mark_is_good_for_its_own_account_alone() {
    let fixture = Fixture::open().await;
    let cookies = kept(&fixture.try_in("nora", PASSWORD, &fixture.code("nora")).await);
    for _ in 0..5 {
        fixture.try_in("dora", "another long password", "000000").await;
    }
    let forged = cookies.replace("aftercare-device", "x").replace("x-", "aftercare-device-0");
    for cookies in [cookies.as_str(), forged.as_str(), "aftercare-device-00000000=AAAA"] {
        let answer = fixture.try_with("dora", (PASSWORD, "000000"), cookies).await;
        assert_eq!(answer.status, 429, "{cookies}");
    }
}

#[tokio::test]
async fn posts_from_another_site_use_up_nobodys_tries() {
    let fixture = Fixture::open().await;
    let fields = form(&[("name", "nora"), ("password", "another long password"), ("code", "000000")]);
    let host = fixture.host();
    for _ in 0..60 {
        let headers = [("Host", host.as_str()), ("Sec-Fetch-Site", "cross-site")];
        assert_eq!(send(fixture.at, "POST /sign-in", &headers, &fields).await.status, 403);
    }
    assert_eq!(fixture.try_in("nora", PASSWORD, &fixture.code("nora")).await.status, 303);
}

#[tokio::test]
async fn a_proxy_that_says_nothing_of_tls_still_gets_secure_cookies() {
    let fixture = Fixture::open().await;
    let fields = form(&[("name", "nora"), ("password", PASSWORD), ("code", &fixture.code("nora"))]);
    // What nginx sends on when only `proxy_pass` is set: its own name for us, and the browser's origin.
    let host = fixture.host();
    let origin = [
        ("Host", host.as_str()),
        ("Origin", "https://console.clinic.example"),
        ("Sec-Fetch-Site", "same-origin"),
    ];
    let answer = send(fixture.at, "POST /sign-in", &origin, &fields).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_eq!(answer.cookies().len(), 2);
    for line in answer.cookies() {
        assert!(line.starts_with("__Host-aftercare") && line.contains("Secure"), "{line}");
    }
}

#[tokio::test]
async fn a_flood_of_tries_from_one_network_is_cut_off() {
    let fixture = Fixture::open().await;
    let mut cut = 0;
    for _ in 0..40 {
        cut += usize::from(fixture.try_in("nobody-at-all", "x", "1").await.status == 429);
    }
    assert!(cut >= 5, "{cut}");
}

#[tokio::test]
async fn a_session_ends_by_rest_by_the_shift_and_by_signing_out() {
    let fixture = Fixture::open().await;
    let cookie = fixture.sign_in("nora").await;
    fixture.pass_time(29);
    assert_eq!(fixture.get("/", &cookie).await.status, 200);
    fixture.pass_time(29);
    assert_eq!(fixture.get("/", &cookie).await.status, 200, "a look is a sign of life");
    fixture.pass_time(31);
    assert_eq!(fixture.get("/", &cookie).await.status, 303);

    let cookie = fixture.sign_in("nora").await;
    for _ in 0..30 {
        fixture.pass_time(20);
        fixture.get("/", &cookie).await;
    }
    assert_eq!(fixture.get("/", &cookie).await.status, 303, "ten hours are over");

    let cookie = fixture.sign_in("nora").await;
    let left = fixture.act("/sign-out", &cookie, &[]).await;
    assert_eq!((left.status, left.header("location")), (303, Some("/sign-in")));
    assert_eq!(fixture.get("/", &cookie).await.status, 303);
}

#[tokio::test]
async fn the_sign_in_form_of_another_site_is_refused() {
    let fixture = Fixture::open().await;
    let fields = form(&[("name", "nora"), ("password", PASSWORD), ("code", &fixture.code("nora"))]);
    let host = fixture.host();
    for line in [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example"), ("Origin", "null")] {
        let answer = send(fixture.at, "POST /sign-in", &[("Host", host.as_str()), line], &fields).await;
        assert_eq!(answer.status, 403);
        assert!(answer.header("set-cookie").is_none());
    }
}

#[tokio::test]
async fn an_open_redirect_is_not_to_be_had() {
    let fixture = Fixture::open().await;
    let fields = form(&[
        ("name", "nora"),
        ("password", PASSWORD),
        ("code", &fixture.code("nora")),
        ("to", "//evil.example/"),
    ]);
    let host = fixture.host();
    let headers = [("Host", host.as_str()), ("Sec-Fetch-Site", "same-origin")];
    let answer = send(fixture.at, "POST /sign-in", &headers, &fields).await;
    assert_eq!((answer.status, answer.header("location")), (303, Some("/")));
}

#[tokio::test]
async fn a_page_that_gives_its_own_name_the_consoles_address_is_refused_before_anything_counts() {
    let fixture = Fixture::open().await;
    let strange =
        [("Host", "evil.example:8481"), ("Sec-Fetch-Site", "same-origin"), ("Accept-Language", "es")];
    let fields = form(&[("name", "nora"), ("password", "guessed"), ("code", "123456")]);
    for _ in 0..12 {
        let answer = send(fixture.at, "POST /sign-in", &strange, &fields).await;
        assert_eq!(answer.status, 421, "{}", answer.body);
        assert!(answer.body.contains("clave console_url en la sección [web]"), "{}", answer.body);
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    for path in ["GET /metrics", "GET /healthz", "GET /readyz", "GET /sign-in", "GET /static/x"] {
        assert_eq!(send(fixture.at, path, &strange, "").await.status, 421, "{path}");
        for host in ["10.0.0.5:8481", "localhost", "aftercare"] {
            let answer = send(fixture.at, path, &[("Host", host)], "").await;
            assert_ne!(answer.status, 421, "{path} {host}");
        }
    }
    // No try of hers was counted.
    assert_eq!(fixture.try_in("nora", PASSWORD, &fixture.code("nora")).await.status, 303);
}
