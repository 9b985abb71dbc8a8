//! P13: looking never acts; and every response carries strict headers.

use aftercare::config::centres::Centres;
use aftercare::config::sections::learn::Learn;
use aftercare::web::ListenerLimits;
use aftercare::web::app_state::PageDeps;

use crate::fixture::{Fixture, Judge};
use crate::http::{fill, get, raw};

#[tokio::test]
async fn no_get_writes_a_row() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let shared = fixture.shared_inbox_patient("S-1").await;
    let start = get(fixture.at, &format!("/c/{}", patient.checklist)).await;
    let page = fill(fixture.at, &start, &[("w", "self")], "start").await;
    fill(fixture.at, &page, &[("SP08", "new"), ("SP09", "no"), ("SP10", "no")], "next").await;
    let before = fixture.rows();
    let mut paths: Vec<String> = [
        "/",
        "/help",
        "/help?lang=es",
        "/learn",
        "/learn/warning-signs",
        "/learn/centres",
        "/robots.txt",
        "/nowhere",
    ]
    .map(str::to_owned)
    .to_vec();
    for token in [&patient.checklist, &patient.changed, &patient.opt_out, &shared.checklist] {
        paths.extend([
            format!("/c/{token}"),
            format!("/o/{token}"),
            format!("/o/{token}?List-Unsubscribe=One-Click"),
        ]);
        paths.extend((0..9).map(|p| format!("/c/{token}?p={p}&w=self&b=1&go=send&SP08=new")));
    }
    for path in &paths {
        let page = get(fixture.at, path).await;
        assert!((200..500).contains(&page.status), "{path}: {}", page.status);
        let head = raw(
            fixture.at,
            format!("HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
        assert_eq!((head.status, head.body.as_str()), (page.status, ""), "{path}");
    }
    assert_eq!(fixture.rows(), before);
}

#[tokio::test]
async fn every_response_is_dressed_strictly_and_brings_no_script() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let sheet = format!(
        "/static/{}",
        get(fixture.at, "/help").await.body.split("/static/").nth(1).unwrap().split('"').next().unwrap()
    );
    for path in [
        "/help",
        "/learn",
        "/nowhere",
        &sheet,
        &format!("/c/{}", patient.checklist),
        &format!("/o/{}", patient.opt_out),
    ] {
        let page = get(fixture.at, path).await;
        let csp = page.header("content-security-policy").unwrap();
        assert_eq!(
            csp,
            "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        );
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("strict-transport-security"), Some("max-age=31536000"), "public_url is https");
        assert!(page.header("permissions-policy").is_some() && page.header("set-cookie").is_none());
        let kept = if path == sheet { "public, max-age=31536000, immutable" } else { "no-store" };
        assert_eq!(page.header("cache-control"), Some(kept), "{path}");
        assert!(!page.body.contains("<script") && !page.body.contains(" style="), "{path}");
    }
}

#[tokio::test]
async fn the_clinics_list_of_centres_is_its_own_and_no_advice() {
    let fixture = Fixture::open(Judge::Nobody).await;
    assert!(get(fixture.at, "/learn?lang=es").await.body.contains("href=\"/learn/centres?lang=es\""));
    for (lang, says) in [("en", "It is no advice to go there"), ("es", "No es un consejo de ir all")] {
        let page = get(fixture.at, &format!("/learn/centres?lang={lang}")).await;
        assert_eq!((page.status, page.header("content-language")), (200, Some(lang)));
        assert!(page.body.contains(says) && page.body.contains("Mayo Clinic"), "{lang}");
        assert!(!page.body.contains("United States"), "a place is read in every language");
        assert!(!page.body.contains("<a href=\"http"), "no way out of the page to a third party");
    }
}

#[tokio::test]
async fn no_page_calls_itself_a_letter() {
    let fixture = Fixture::open(Judge::Rules).await;
    for (lang, page, letter) in
        [("en", "Show them this page.", "this letter"), ("es", "Muestre esta página.", "esta carta")]
    {
        let patient = fixture.patient(&format!("A-{lang}"), lang).await;
        let form = format!("/c/{}", patient.checklist);
        for path in [&format!("/help?lang={lang}"), &form] {
            let shown = get(fixture.at, path).await.body;
            assert!(shown.contains(page) && !shown.contains(letter), "{path}: {shown}");
        }
    }
}

/// The leaflet of signs by the name that tells nothing of it.
const NEUTRAL: &str = "/learn/db95bfa93c";

#[tokio::test]
async fn a_leaflet_is_found_by_the_name_that_tells_nothing_of_it() {
    let fixture = Fixture::open(Judge::Nobody).await;
    let (named, neutral) = (get(fixture.at, "/learn/warning-signs").await, get(fixture.at, NEUTRAL).await);
    assert_eq!((named.status, neutral.status), (200, 200));
    assert_eq!(named.body.replace("/learn/warning-signs", NEUTRAL), neutral.body);
}

#[tokio::test]
async fn what_the_clinic_has_not_switched_on_is_shown_to_nobody() {
    let off = |deps: &mut PageDeps| {
        (deps.learn, deps.centres) = (Learn::default(), Centres::default());
    };
    let fixture = Fixture::with_deps(Judge::Nobody, ListenerLimits::default(), off).await;
    for path in ["/learn/warning-signs", "/learn/late-effects", "/learn/centres", NEUTRAL] {
        assert_eq!(get(fixture.at, path).await.status, 404, "{path}");
    }
    let list = get(fixture.at, "/learn").await;
    assert_eq!(list.status, 200);
    assert!(!list.body.contains("/learn/"), "{}", list.body);
    assert!(!get(fixture.at, "/help").await.body.contains("href=\"/learn"));
    let on = Fixture::open(Judge::Nobody).await;
    assert!(get(on.at, "/help").await.body.contains("href=\"/learn"));
    assert_eq!(get(on.at, "/learn/late-effects").await.status, 404, "one is on, the other is not");
}

#[tokio::test]
async fn where_the_month_comes_first_the_birth_date_asks_for_it_first() {
    for (region, order, example) in
        [(None, ["day", "month", "year"], "27 3 1980"), (Some("US"), ["month", "day", "year"], "3 27 1980")]
    {
        let fixture = Fixture::in_region(Judge::Nobody, region).await;
        let patient = fixture.shared_inbox_patient("S-1").await;
        let page = get(fixture.at, &format!("/c/{}", patient.checklist)).await.body;
        let at = order.map(|name| page.find(&format!("id=\"birth-{name}\"")).unwrap());
        assert!(at.is_sorted() && page.contains(&format!("{example}. ")), "{region:?} {at:?}");
    }
}

#[tokio::test]
async fn other_methods_are_refused_in_words() {
    let fixture = Fixture::open(Judge::Rules).await;
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
        let page = raw(
            fixture.at,
            format!("{method} /help HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await;
        assert_eq!(page.status, 405, "{method}");
        assert!(page.body.contains("Get help at once"));
    }
}

#[tokio::test]
async fn an_error_is_told_in_the_language_that_the_address_asks_for() {
    let fixture = Fixture::open(Judge::Rules).await;
    for (path, lang) in [
        ("/nowhere?lang=es", "es"),
        ("/learn/nothing?lang=es", "es"),
        ("/learn/nothing?x=1&lang=es", "es"),
        ("/nowhere?lang=xx", "en"),
        ("/nowhere?lang=%00", "en"),
        ("/nowhere", "en"),
    ] {
        let page = get(fixture.at, path).await;
        assert_eq!((page.status, page.header("content-language")), (404, Some(lang)), "{path}");
    }
    let page = raw(fixture.at, b"PUT /help?lang=es HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert!(page.status == 405 && page.body.contains("Pida ayuda de inmediato"), "{}", page.body);
}

#[tokio::test]
async fn a_stranger_is_greeted_in_a_language_of_the_clinic() {
    let fixture = Fixture::open(Judge::Rules).await;
    let ask = |line: &str| {
        format!("GET /help HTTP/1.1\r\nHost: x\r\nAccept-Language: {line}\r\nConnection: close\r\n\r\n")
    };
    for (line, lang) in [("es-MX,en;q=0.5", "es"), ("fr, en;q=0.1", "en"), ("", "en"), ("es;q=0", "en")] {
        let page = raw(fixture.at, ask(line).as_bytes()).await;
        assert!(page.body.contains(&format!("<html lang=\"{lang}\"")), "{line}");
        assert_eq!(page.header("content-language"), Some(lang));
    }
}
