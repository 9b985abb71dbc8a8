//! Whoever has chosen Spanish reads Spanish: nothing that the program says is left in English on any page.

use std::collections::BTreeMap;

use crate::fixture::CODE;
use crate::http::send;
use crate::site::Site;

/// What the console marks as English because it has no other words for it.
fn left_in_english(body: &str) -> Vec<String> {
    let marked = body.split("<span lang=\"en\">").skip(1);
    marked.map(|rest| rest.split("</span>").next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_says_anything_in_english_to_whoever_reads_spanish() {
    let site = Site::open().await;
    let pages = site.pages();
    let mut left: BTreeMap<String, String> = BTreeMap::new();
    let mut read = |path: &str, body: &str| {
        if let Some(folder) = std::env::var_os("SPANISH_PAGES") {
            let name = path.replace(['/', '?', '&'], "_");
            std::fs::write(std::path::Path::new(&folder).join(name), body).unwrap();
        }
        left.extend(left_in_english(body).into_iter().map(|words| (words, path.to_owned())));
    };
    for cookie in site.readers() {
        let chosen = site.fixture.act("/account", cookie, &[("act", "language"), ("language", "es")]).await;
        assert_eq!(chosen.status, 303, "the words in Spanish have a fault");
    }
    for page in &pages {
        for cookie in site.readers_of(page) {
            let answer = site.fixture.get(&page.path, cookie).await;
            read(&page.path, &answer.body);
        }
    }
    let lead = site.lead();
    let (export, given) = (format!("/export/{CODE}"), [("why", "treatment"), ("as", "print")]);
    read("/record", &site.fixture.act(&export, lead, &given).await.body);
    let answers = [("SP08", "new"), ("SP03", "8")];
    read("/trial", &site.fixture.act("/checklists/spine/try", lead, &answers).await.body);
    for counted in ["/reports", "/what-if"] {
        read(counted, &site.fixture.settled(counted, lead).await.1.body);
    }
    let merge = format!("/merge?keep={CODE}&end={CODE}");
    read("/merge", &site.fixture.get(&merge, lead).await.body);
    assert!(left.is_empty(), "{}: {left:#?}", left.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_signed_in_is_refused_in_the_language_of_the_browser() {
    let site = Site::open().await;
    let host = site.fixture.host();
    let headers =
        [("Host", host.as_str()), ("Accept-Language", "es-ES,es;q=0.9"), ("Sec-Fetch-Site", "cross-site")];
    for (line, words) in [
        ("GET /nowhere", "Esa página o ficha no existe."),
        ("GET /join/nobody-was-invited", "Este enlace no abre nada"),
        ("POST /sign-in", "No aceptado"),
    ] {
        let answer = send(site.fixture.at, line, &headers, "").await;
        assert!(answer.status >= 400 && answer.body.contains("<html lang=\"es\""), "{line}: {}", answer.body);
        assert!(answer.body.contains(words), "{line}: {}", answer.body);
        assert_eq!(left_in_english(&answer.body), Vec::<String>::new(), "{line}");
    }
}
