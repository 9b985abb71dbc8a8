//! Patients in the console: she is found by what the caller says.

use crate::fixture::{CODE, Fixture, NAME};

#[tokio::test]
async fn a_caller_is_found_by_what_she_says_and_nothing_of_it_stands_in_an_address() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    for typed in ["zor", "27/03/1970", "1970-03-27", "zoraida@mail", "c-10"] {
        let answer = fixture.act("/patients", &nurse, &[("q", typed)]).await;
        assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{typed}");
        assert!(answer.body.contains(CODE) && answer.body.contains(NAME), "{typed}: {}", answer.body);
        assert!(answer.body.contains("27 Mar 1970"), "{typed}");
        let links = answer.body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        assert!(links.into_iter().all(|link| !link.to_lowercase().contains("zor")), "{typed}");
    }
    let whole = fixture.act("/patients", &nurse, &[("q", CODE)]).await;
    assert_eq!((whole.status, whole.header("location")), (303, Some("/patients/C-100")));
    let nobody = fixture.act("/patients", &nurse, &[("q", "Nobody")]).await;
    assert!(nobody.body.contains("Nobody fits") && nobody.body.contains("value=\"Nobody\""));
}

#[tokio::test]
async fn the_list_is_narrowed_by_what_is_the_matter_and_by_protocol() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let is_there = async |path: &str| fixture.get(path, &nurse).await.body.contains(">C-100<");
    assert!(is_there("/patients").await && is_there("/patients?protocol=sgo2017-high").await);
    assert!(!is_there("/patients?show=paused").await && !is_there("/patients?show=silent").await);
    assert!(!is_there("/patients?protocol=nccn").await);
    let pause = [("act", "status"), ("to", "paused"), ("reason", "on holiday"), ("sure", "C-100")];
    assert_eq!(fixture.act("/patients/C-100", &nurse, &pause).await.status, 303);
    assert!(is_there("/patients?show=paused").await);
}
