//! Every kind of letter as it will look, made by the composer of real letters.

use aftercare::letter::proof::samples;

use crate::fixture::Fixture;

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_letter_is_shown_in_every_language_and_level() {
    let fixture = Fixture::open().await;
    let cookie = fixture.sign_in("nora").await;
    let before = fixture.rows();
    let list = fixture.get("/letters", &cookie).await.body;
    for (step, kinds) in samples::STEPS {
        assert!(list.contains(&format!("href=\"/letters/kinds/{step}\"")), "{step} is not listed");
        for language in ["en", "es"] {
            for (kind, detail) in kinds.iter().flat_map(|k| samples::DETAILS.map(|d| (*k, d))) {
                let at = format!("/letters/kinds/{step}?language={language}&kind={kind}&detail={detail}");
                let page = fixture.get(&at, &cookie).await;
                assert_eq!(page.status, 200, "{at}");
                assert!(
                    page.body.contains("<pre class=\"paper\"") && !page.body.contains("cannot be written"),
                    "{at}: {}",
                    page.body
                );
            }
        }
    }
    let spanish = fixture.get("/letters/kinds/invite?language=es", &cookie).await.body;
    assert!(spanish.contains("lang=\"es\"") && spanish.contains("Ana"), "{spanish}");
    let nobody = fixture.get("/letters/kinds/invite?cover=none", &cookie).await.body;
    let somebody = fixture.get("/letters/kinds/invite", &cookie).await.body;
    let links = |page: &str| page.matches("/c/5Jk2").count();
    assert!(links(&nobody) < links(&somebody), "no form is offered where nobody can read it: {nobody}");
    assert_eq!(fixture.get("/letters/kinds/no-such", &cookie).await.status, 404);
    assert_eq!(fixture.rows(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_frames_show_day_and_night_and_can_do_nothing() {
    let fixture = Fixture::open().await;
    let cookie = fixture.sign_in("nora").await;
    let page = fixture.get("/letters/kinds/book", &cookie).await;
    assert!(page.header("content-security-policy").unwrap().contains("frame-src 'self'"));
    assert_eq!(page.body.matches("<iframe").count(), 3);
    assert_eq!(page.body.matches("sandbox").count(), 3, "{}", page.body);
    let light = fixture.get("/letters/kinds/book/html?look=light", &cookie).await;
    let dark = fixture.get("/letters/kinds/book/html?look=dark", &cookie).await;
    for part in [&light, &dark] {
        let policy = part.header("content-security-policy").unwrap();
        assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");
        assert!(!part.body.contains("prefers-color-scheme"), "the look is fixed: {}", part.body);
    }
    assert!(dark.body.contains("@media all") && light.body.contains("@media not all"), "{}", dark.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_goes_only_where_the_operator_allows_and_says_what_it_is() {
    let fixture = Fixture::open().await;
    let cookie = fixture.sign_in("nora").await;
    let before = fixture.rows();
    let page = fixture.get("/letters/kinds/book", &cookie).await.body;
    assert!(page.contains("test@riverside.example"), "{page}");
    let at = "/letters/kinds/book/test?language=es&detail=full&kind=visit&look=light";
    let stranger = fixture.act(at, &cookie, &[("address", "ana@mail.example")]).await;
    assert_eq!(stranger.status, 422);
    assert!(
        stranger.body.contains("that the operator allows") && stranger.body.contains("aria-invalid"),
        "{}",
        stranger.body
    );
    assert_eq!(fixture.act(at, &cookie, &[("address", "test@riverside.example")]).await.status, 303);
    let letters = fixture.spooled();
    assert_eq!(letters.len(), 1, "the stranger got none");
    for part in
        ["To: test@riverside.example", "Subject: [TEST]", "X-Aftercare-Test: book", "Content-Language: es"]
    {
        assert!(letters[0].contains(part), "{part}: {}", letters[0]);
    }
    assert_eq!(fixture.rows(), before);
}
