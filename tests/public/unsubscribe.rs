//! Opting out: by kind on the page, or with one click in a mail program.

use crate::fixture::{Fixture, Judge};
use crate::http::{fill, get, in_parts, post};

#[tokio::test]
async fn one_click_stops_every_letter_and_asks_a_person() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let sent =
        post(fixture.at, &format!("/o/{}", patient.opt_out), &[("List-Unsubscribe", "One-Click")]).await;
    assert_eq!(sent.status, 200);
    assert_eq!(fixture.count("SELECT count(*) FROM patient WHERE status = 'opted_out_email'"), 1);
    assert!(
        fixture.count("SELECT count(*) FROM task WHERE state = 'open'") > 0,
        "follow-up never ends silently"
    );
    let twice =
        post(fixture.at, &format!("/o/{}", patient.opt_out), &[("List-Unsubscribe", "One-Click")]).await;
    assert_eq!(twice.status, 200);
}

#[tokio::test]
async fn a_kind_is_declined_and_wanted_again_by_post_alone() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let page = get(fixture.at, &format!("/o/{}", patient.opt_out)).await;
    assert_eq!(fixture.count("SELECT count(*) FROM opt_out"), 0);
    let done = fill(fixture.at, &page, &[("kind", "leaflets")], "stop").await;
    assert!(done.body.contains("We have stopped these letters"), "{}", done.body);
    assert!(done.body.contains("value=\"leaflets\" checked"));
    assert_eq!(fixture.count("SELECT count(*) FROM opt_out"), 1);
    assert!(
        done.body.contains("All other letters still come.") && done.body.contains("how we can reach you")
    );
    let again = fill(fixture.at, &done, &[], "stop").await;
    assert_eq!(fixture.count("SELECT count(*) FROM opt_out"), 0);
    assert!(again.body.contains("<h1>You get all letters again</h1>"), "{}", again.body);
    for untrue in ["We have stopped", "how we can reach you", "All other letters", "Did you change your mind"]
    {
        assert!(!again.body.contains(untrue), "{untrue}: {}", again.body);
    }
    let open = "SELECT count(*) FROM task WHERE kind = 'opted-out' AND state = 'open'";
    assert_eq!(fixture.count(open), 0, "nobody rings her for a wish that she took back");
}

#[tokio::test]
async fn the_page_can_be_read_in_another_language_and_stays_in_it() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let page = get(fixture.at, &format!("/o/{}", patient.opt_out)).await;
    let switch = format!("href=\"/o/{}?lang=es\" hreflang=\"es\"", patient.opt_out);
    assert!(page.body.contains(&switch), "{}", page.body);
    let spanish = get(fixture.at, &format!("/o/{}?lang=es", patient.opt_out)).await;
    assert!(spanish.body.contains("<html lang=\"es\"") && spanish.body.contains("hreflang=\"en\""));
    let done = fill(fixture.at, &spanish, &[("kind", "leaflets")], "stop").await;
    assert!(done.body.contains("<html lang=\"es\""), "{}", done.body);
    assert_eq!(fixture.count("SELECT count(*) FROM opt_out"), 1);
    let odd = get(fixture.at, &format!("/o/{}?lang=%3Cb", patient.opt_out)).await;
    assert!(odd.body.contains("<html lang=\"en\"") && !odd.body.contains("<b\""), "{}", odd.body);
}

#[tokio::test]
async fn each_mix_of_kinds_is_told_as_it_is() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let open = "SELECT count(*) FROM task WHERE kind = 'opted-out' AND state = 'open'";
    let (visits, forms, texts) =
        ("no more letters about visits", "no more of these forms", "no more short texts");
    let kinds = |words: &'static [&'static str]| words.iter().map(|word| ("kind", *word)).collect::<Vec<_>>();
    let mut page = get(fixture.at, &format!("/o/{}", patient.opt_out)).await;
    for (ticked, said, others, tasks) in [
        (&["leaflets", "checklists"][..], &[forms, texts][..], true, 1),
        (&["checklists"], &[forms], true, 1),
        (&["visits", "checklists", "leaflets"], &[visits, forms, texts], false, 1),
        (&[], &[], false, 0),
    ] {
        page = fill(fixture.at, &page, &kinds(ticked), "stop").await;
        for words in [visits, forms, texts] {
            assert_eq!(page.body.contains(words), said.contains(&words), "{ticked:?} {words}");
        }
        assert_eq!(page.body.contains("All other letters still come."), others, "{ticked:?}");
        assert_eq!(page.body.contains("You get all letters again"), ticked.is_empty(), "{ticked:?}");
        assert_eq!(fixture.count(open), tasks, "{ticked:?}");
    }
}

#[tokio::test]
async fn who_gets_no_letters_at_all_is_told_whom_to_call() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let page = get(fixture.at, &format!("/o/{}", patient.opt_out)).await;
    let done = fill(fixture.at, &page, &[("kind", "all")], "stop").await;
    assert!(done.body.contains("You will get no more letters by email."), "{}", done.body);
    assert!(done.body.contains("how we can reach you") && !done.body.contains("All other letters"));
    let nothing = fill(fixture.at, &done, &[], "stop").await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.body.contains("Did you change your mind? Call us on"), "{}", nothing.body);
}

#[tokio::test]
async fn who_had_stopped_some_and_then_all_and_unticks_everything_is_told_whom_to_call() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let page = get(fixture.at, &format!("/o/{}", patient.opt_out)).await;
    let some = fill(fixture.at, &page, &[("kind", "leaflets")], "stop").await;
    let all = fill(fixture.at, &some, &[("kind", "leaflets"), ("kind", "all")], "stop").await;
    assert!(all.body.contains("You will get no more letters by email."), "{}", all.body);
    let before = fixture.rows();
    let nothing = fill(fixture.at, &all, &[], "stop").await;
    assert_eq!(nothing.status, 422, "{}", nothing.body);
    assert!(nothing.body.contains("Did you change your mind? Call us on"), "{}", nothing.body);
    assert_eq!(fixture.rows(), before);
}

#[tokio::test]
async fn nothing_chosen_is_said_and_changes_nothing() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "es").await;
    let page = get(fixture.at, &format!("/o/{}", patient.opt_out)).await;
    let before = fixture.rows();
    let same = fill(fixture.at, &page, &[], "stop").await;
    assert_eq!(same.status, 422);
    assert!(same.body.contains("href=\"#kind-visits\">No ha elegido nada. Marque al menos una casilla.</a>"));
    assert!(same.body.contains("<title>Error: ") && same.body.contains("aria-describedby=\"kinds-mistake\""));
    assert!(
        same.body.contains("<legend>Por favor, elija qué quiere dejar de recibir.</legend>"),
        "{}",
        same.body
    );
    assert!(same.body.contains("Los formularios sobre cómo está"), "{}", same.body);
    assert_eq!(fixture.rows(), before);
}

#[tokio::test]
async fn one_wish_twice_is_one_task_in_whatever_encoding() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let place = format!("/o/{}", patient.opt_out);
    let click = [("List-Unsubscribe", "One-Click")];
    let parts = || in_parts(fixture.at, &place, &click);
    let (one, two, three, four) =
        tokio::join!(parts(), post(fixture.at, &place, &click), parts(), post(fixture.at, &place, &click));
    assert_eq!([one, two, three, four].map(|sent| sent.status), [200; 4]);
    assert_eq!(parts().await.status, 200);
    assert_eq!(fixture.count("SELECT count(*) FROM patient WHERE status = 'opted_out_email'"), 1);
    assert_eq!(fixture.count("SELECT count(*) FROM task WHERE kind = 'opted-out'"), 1);
    assert_eq!(fixture.count("SELECT count(*) FROM opt_out"), 0, "one wish is written down once");
}

#[tokio::test]
async fn kinds_declined_twice_ask_a_person_once() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let page = get(fixture.at, &format!("/o/{}", patient.opt_out)).await;
    for _ in 0..2 {
        fill(fixture.at, &page, &[("kind", "leaflets")], "stop").await;
    }
    assert_eq!(fixture.count("SELECT count(*) FROM task WHERE kind = 'opted-out'"), 1);
}

#[tokio::test]
async fn the_list_of_signs_stays_with_whoever_wants_no_letters() {
    let fixture = Fixture::open(Judge::Rules).await;
    for (reference, language, keep, sign) in [
        (
            "A-1",
            "en",
            "Keep this list. It holds without our letters.",
            "You can not pee, or it is hard to start.",
        ),
        (
            "A-2",
            "es",
            "Guarde esta lista. Vale aunque no reciba cartas.",
            "No puede orinar, o le cuesta empezar.",
        ),
    ] {
        let patient = fixture.patient(reference, language).await;
        let before = get(fixture.at, &format!("/o/{}", patient.opt_out)).await;
        let after = fill(fixture.at, &before, &[("kind", "all")], "stop").await;
        assert_eq!(after.status, 200);
        for page in [before, after] {
            assert!(page.body.contains(keep) && page.body.contains(sign), "{}", page.body);
            assert!(page.body.contains("href=\"tel:"), "{}", page.body);
        }
    }
}
