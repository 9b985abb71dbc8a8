//! What a change does is shown before it is done: her plan, her dates, where she stands.

use crate::fixture::{CODE, Fixture};

async fn seen(fixture: &Fixture, cookie: &str) -> String {
    fixture.get("/plan/C-100", cookie).await.hidden("seen").unwrap()
}

#[tokio::test]
async fn her_plan_moves_after_every_date_and_letter_was_shown() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let id = seen(&fixture, &nurse).await;
    let anchor = format!("anchor.{id}");
    let ask = |act: &'static str| {
        vec![
            ("seen", id.clone()),
            (anchor.as_str(), "2026-02-10".to_owned()),
            ("add", "bone-health".to_owned()),
            ("act", act.to_owned()),
        ]
    };
    let post = async |act: &'static str| {
        let fields = ask(act);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, word)| (*name, word.as_str())).collect();
        fixture.act("/plan/C-100", &nurse, &fields).await
    };
    let before = fixture.rows();
    let check = post("check").await;
    assert_eq!(check.status, 200, "{}", check.body);
    for words in
        ["Nothing is recorded yet", "Due dates of sgo2017-high", "15 Apr 2026", "10 May 2026", "are new"]
    {
        assert!(check.body.contains(words), "{words}: {}", check.body);
    }
    assert_eq!(fixture.rows(), before);
    let again = post("edit").await;
    assert!(
        again.body.contains("value=\"2026-02-10\"") && again.body.contains("value=\"bone-health\" checked")
    );
    let done = post("confirm").await;
    let there = done.header("location").unwrap_or_default();
    assert!(done.status == 303 && there.starts_with("/patients/C-100?saved="), "{}", done.body);
    let page = fixture.get(there, &nurse).await.body;
    for words in ["Her plan is changed", "10 Feb 2026", "bone-health from 10 Feb 2026"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let late = post("confirm").await;
    assert!(late.status == 409 && late.body.contains("Somebody else has changed her plan"), "{}", late.body);
}

#[tokio::test]
async fn a_faulty_plan_is_told_beside_its_field_and_nothing_changes() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let id = seen(&fixture, &nurse).await;
    let (anchor, end) = (format!("anchor.{id}"), format!("end.{id}"));
    let before = fixture.rows();
    for (fields, says) in [
        (vec![(anchor.as_str(), "1960-01-01")], "lies before the birth date"),
        (vec![(anchor.as_str(), "2026-01-15")], "Nothing is asked for"),
        (vec![(anchor.as_str(), "2026-01-15"), (end.as_str(), "yes")], "The reason is empty"),
        (vec![(end.as_str(), "yes"), ("reason", "moved")], "keeps her in follow-up"),
    ] {
        let fields: Vec<(&str, &str)> =
            fields.into_iter().chain([("seen", id.as_str()), ("act", "check")]).collect();
        let answer = fixture.act("/plan/C-100", &nurse, &fields).await;
        assert_eq!(answer.status, 422, "{says}: {}", answer.body);
        assert!(
            answer.body.contains(says) && answer.body.contains("Nothing was saved"),
            "{says}: {}",
            answer.body
        );
        assert!(!answer.names_a_flag(), "{says}");
    }
    assert_eq!(fixture.rows(), before);
}

#[tokio::test]
async fn a_date_and_a_status_are_looked_at_before_they_count() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new")]).await;
    let nurse = fixture.sign_in("nora").await;
    let before = fixture.rows();
    let book = [("act", "book"), ("on", "2026-04-14"), ("at", "09:30"), ("place", "Room 4"), ("tell", "yes")];
    let pause = [("act", "status"), ("to", "paused"), ("reason", "on holiday"), ("sure", CODE)];
    let died = [("act", "status"), ("to", "deceased"), ("reason", "the family called"), ("sure", CODE)];
    let look = async |fields: &[(&'static str, &'static str)], word: &'static str| {
        fixture.act("/patients/C-100", &nurse, &[fields, &[("look", word)]].concat()).await
    };
    for (fields, says) in [
        (&book[..], "1 letter about it leaves at the next open hour"),
        (&pause[..], "She stands as: paused"),
        (&died[..], "Every letter to her stops at once"),
    ] {
        let check = look(fields, "yes").await;
        assert_eq!(check.status, 200, "{says}: {}", check.body);
        assert!(
            check.body.contains(says) && check.body.contains("Nothing is recorded yet"),
            "{says}: {}",
            check.body
        );
    }
    assert_eq!(fixture.rows(), before);
    assert!(look(&pause, "back").await.body.contains("value=\"on holiday\""));
    let odd = look(&[("act", "book"), ("on", "2026-04-14")], "yes").await;
    assert!(odd.status == 422 && odd.body.contains("Give the time"), "{}", odd.body);
    assert_eq!(fixture.rows(), before);
    let done = fixture.act("/patients/C-100", &nurse, &book).await;
    assert_eq!(done.status, 303, "{}", done.body);
}

#[tokio::test]
async fn her_story_is_one_picture_and_the_same_as_a_list() {
    let fixture = Fixture::open().await;
    fixture.worried(&[("SP08", "new"), ("SP01", "new"), ("SP03", "8"), ("SP14", "yes")]).await;
    let nurse = fixture.sign_in("nora").await;
    let page = fixture.get("/patients/C-100", &nurse).await.body;
    assert!(page.contains("<svg class=\"story\"") && page.contains("href=\"/story/C-100\""), "{page}");
    let story = fixture.get("/story/C-100", &nurse).await.body;
    for words in [
        "follow-up visit: due, not booked",
        "Answers: emergency</a>",
        "href=\"/answers/1\"",
        "pain 8 of 10",
        "has lost weight",
        "Pain, 0 to 10",
    ] {
        assert!(story.contains(words), "{words}: {story}");
    }
    let pause = [("act", "status"), ("to", "paused"), ("reason", "on holiday"), ("sure", CODE)];
    assert_eq!(fixture.act("/patients/C-100", &nurse, &pause).await.status, 303);
    assert!(!fixture.get("/story/C-100", &nurse).await.body.contains("due, not booked"));
}
