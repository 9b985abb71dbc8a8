//! Patients at their screens.

use serde_json::json;
use thirtyfour::By;

use crate::driver::{Browser, Look};
use crate::fixture::{Fixture, Judge};

const NERVES: &[(&str, &str)] = &[("SP11", "no"), ("SP12", "no"), ("SP13", "no")];

async fn begin(driver: &Browser, fixture: &Fixture, token: &str) {
    driver.client.goto(&format!("http://{}/c/{token}", fixture.at)).await.unwrap();
    driver.click("label[for='who-self']").await;
    driver.press("button[value='start']").await;
}

/// The whole way with every kind of question; the pictures are named after the look.
async fn whole_way(look: Look, name: &str) {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let driver = Browser::open(look).await;
    if look == Look::Dark {
        driver.medium("screen", &json!([{ "name": "prefers-color-scheme", "value": "dark" }])).await;
    }
    driver.client.goto(&format!("http://{}/c/{}", fixture.at, patient.checklist)).await.unwrap();
    driver.inspect(&format!("{name}-1-start")).await;
    driver.press("button[value='start']").await;
    driver.inspect(&format!("{name}-2-start-mistake")).await;
    begin(&driver, &fixture, &patient.checklist).await;
    driver.inspect(&format!("{name}-3-nerves")).await;
    driver.answer(&[("SP08", "no"), ("SP09", "no")]).await;
    driver.inspect(&format!("{name}-4-nerves-open")).await;
    driver.answer(&[("SP10", "same")]).await;
    driver.answer(NERVES).await;
    driver.answer(&[("SP07", "no"), ("SP01", "same")]).await;
    driver.inspect(&format!("{name}-5-pain")).await;
    driver
        .answer(&[
            ("SP02", "low"),
            ("SP03", "10"),
            ("SP04", "no"),
            ("SP05", "yes"),
            ("SP06.strain", "no"),
            ("SP06.move", "no"),
        ])
        .await;
    driver.answer(&[("SP14", "no"), ("SP15.worst", "1"), ("SP15.stops", "1"), ("SP16", "no")]).await;
    assert_eq!(driver.heading().await, "Look at your answers");
    driver.inspect(&format!("{name}-6-review")).await;
    driver.press("button[value='send']").await;
    assert_eq!(driver.heading().await, "Call us today");
    driver.inspect(&format!("{name}-7-urgent")).await;
    assert_eq!(fixture.count("SELECT count(*) FROM alert WHERE tier = 'urgent' AND state = 'raised'"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_way_at_a_desk() {
    whole_way(Look::Desktop, "desk").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_way_on_a_phone_of_320_pixels() {
    whole_way(Look::Phone, "phone").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_way_in_the_dark() {
    whole_way(Look::Dark, "dark").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_an_emergency_is_told_on_the_first_page() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "es").await;
    let driver = Browser::open(Look::NoScript).await;
    begin(&driver, &fixture, &patient.checklist).await;
    driver.answer(&[("SP08", "new"), ("SP09", "no"), ("SP10", "no")]).await;
    assert_eq!(driver.heading().await, "Pida ayuda ahora");
    let numbers = driver.client.find_all(By::Css("main a[href^='tel:']")).await.unwrap();
    assert!(numbers.len() >= 3);
    assert_eq!(fixture.count("SELECT count(*) FROM alert WHERE tier = 'emergency'"), 1);
    driver.picture("noscript-emergency").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_page_prints_and_reads_well() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let driver = Browser::open(Look::Phone).await;
    begin(&driver, &fixture, &patient.checklist).await;
    driver.answer(&[("SP08", "new"), ("SP09", "no"), ("SP10", "no")]).await;
    assert_eq!(driver.heading().await, "Get help now");
    driver.inspect("emergency-phone").await;
    driver.medium("print", &json!([])).await;
    driver.picture("emergency-print").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_other_page_keeps_nobody_out() {
    let fixture = Fixture::open(Judge::Nobody).await;
    let (patient, shared) = (fixture.patient("A-1", "en").await, fixture.shared_inbox_patient("S-1").await);
    let driver = Browser::open(Look::Phone).await;
    let pages = [
        ("help", "/help".to_owned()),
        ("help-es", "/help?lang=es".to_owned()),
        ("learn", "/learn".to_owned()),
        ("leaflet", "/learn/warning-signs".to_owned()),
        ("centres", "/learn/centres".to_owned()),
        ("missing", "/nowhere".to_owned()),
        ("closed", "/c/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        ("birth", format!("/c/{}", shared.checklist)),
        ("stop", format!("/o/{}", patient.opt_out)),
    ];
    for (name, path) in pages {
        driver.client.goto(&format!("http://{}{path}", fixture.at)).await.unwrap();
        driver.inspect(name).await;
        if name == "birth" {
            driver.press("button[value='birth']").await;
            driver.inspect("birth-mistake").await;
        }
        if name == "stop" {
            driver.click("label[for='kind-leaflets']").await;
            driver.press("button[value='stop']").await;
            driver.inspect("stop-done").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_is_enough_and_targets_are_large() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "en").await;
    let driver = Browser::open(Look::Phone).await;
    begin(&driver, &fixture, &patient.checklist).await;
    let small = "return [...document.querySelectorAll('main label, main button, main a, footer a')].filter(e => e.checkVisibility()) \
                 .map(e => [e.textContent.trim(), e.getBoundingClientRect()]).filter(([_, r]) => r.width < 44 || r.height < 44).map(([t, _]) => t)";
    let small = driver.client.execute(small, Vec::new()).await.unwrap();
    assert_eq!(small.json(), &json!([]), "controls of at least 44 px");
    let body = driver.client.find(By::Css("body")).await.unwrap();
    body.send_keys("\u{E004}").await.unwrap();
    let first = driver.client.active_element().await.unwrap();
    assert_eq!(
        first.attr("class").await.unwrap().as_deref(),
        Some("skip"),
        "the first stop leads to the main part"
    );
    let radio = driver.client.find(By::Css("#SP08-no")).await.unwrap();
    radio.send_keys(" ").await.unwrap();
    radio.send_keys("\u{E015}").await.unwrap();
    let picked =
        driver.client.execute("return document.querySelector('[name=SP08]:checked').value", Vec::new()).await;
    assert_eq!(picked.unwrap().json(), &json!("same"), "arrows choose");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nobody_can_read_answers_every_page_of_advice_says_so() {
    let fixture = Fixture::open(Judge::Rules).await;
    let patient = fixture.patient("A-1", "es").await;
    let lost =
        |tx: &mut aftercare::store::db::transaction::Tx<'_>| tx.set_fact("no-cover", "Nobody was reached.");
    fixture
        .clinic
        .store
        .write(aftercare::store::db::transaction::Stamp::daemon(crate::fixture::now()), lost)
        .await
        .unwrap();
    let driver = Browser::open(Look::Phone).await;
    begin(&driver, &fixture, &patient.checklist).await;
    driver.answer(&[("SP08", "new"), ("SP09", "no"), ("SP10", "no")]).await;
    driver.inspect("no-cover-advice").await;
    assert!(driver.client.find(By::Css("#cover")).await.is_ok());
    let fresh = fixture.patient("A-2", "en").await;
    driver.client.goto(&format!("http://{}/c/{}", fixture.at, fresh.checklist)).await.unwrap();
    assert!(driver.client.find(By::Css("#cover")).await.is_ok());
    driver.inspect("no-cover-start").await;
}
