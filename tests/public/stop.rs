//! Opting out: by kind on the page, or with one click in a mail program.

use crate::clinic::{House, Judge};
use crate::wire::{fill, get, post};

#[tokio::test]
async fn one_click_stops_every_letter_and_asks_a_person() {
    let house = House::open(Judge::Rules).await;
    let guest = house.guest("A-1", "en").await;
    let sent = post(house.at, &format!("/o/{}", guest.opt_out), &[("List-Unsubscribe", "One-Click")]).await;
    assert_eq!(sent.status, 200);
    assert_eq!(house.count("SELECT count(*) FROM patient WHERE status = 'opted_out_email'"), 1);
    assert!(
        house.count("SELECT count(*) FROM task WHERE state = 'open'") > 0,
        "follow-up never ends silently"
    );
    let twice = post(house.at, &format!("/o/{}", guest.opt_out), &[("List-Unsubscribe", "One-Click")]).await;
    assert_eq!(twice.status, 200);
}

#[tokio::test]
async fn a_kind_is_declined_and_wanted_again_by_post_alone() {
    let house = House::open(Judge::Rules).await;
    let guest = house.guest("A-1", "en").await;
    let page = get(house.at, &format!("/o/{}", guest.opt_out)).await;
    assert_eq!(house.count("SELECT count(*) FROM opt_out"), 0);
    let done = fill(house.at, &page, &[("kind", "leaflets")], "stop").await;
    assert!(done.body.contains("We have stopped these letters"), "{}", done.body);
    assert!(done.body.contains("value=\"leaflets\" checked"));
    assert_eq!(house.count("SELECT count(*) FROM opt_out"), 1);
    fill(house.at, &done, &[], "stop").await;
    assert_eq!(house.count("SELECT count(*) FROM opt_out"), 0);
}

#[tokio::test]
async fn nothing_chosen_is_said_and_changes_nothing() {
    let house = House::open(Judge::Rules).await;
    let guest = house.guest("A-1", "es").await;
    let page = get(house.at, &format!("/o/{}", guest.opt_out)).await;
    let before = house.rows();
    let same = fill(house.at, &page, &[], "stop").await;
    assert_eq!(same.status, 422);
    assert!(same.body.contains("href=\"#kind-visits\""));
    assert_eq!(house.rows(), before);
}
