//! A protocol is drafted, mended, looked at and asked for on the command line, as on the pages.

use super::{Clinic, has};

#[test]
fn a_protocol_is_drafted_mended_and_asked_for() {
    let clinic = Clinic::new();
    clinic.ana();
    let list = clinic.json(&["protocol", "list"]);
    let high = list["protocols"].as_array().unwrap().iter().find(|one| one["protocol"] == "sgo2017-high");
    let high = high.unwrap();
    assert_eq!(
        (&high["origin"], &high["patients"], &high["signed"]),
        (&"shipped".into(), &1.into(), &false.into())
    );
    assert_eq!(list["signatories"], "second-person");

    let draft = clinic.json(&["protocol", "draft", "--from", "sgo2017-high"]);
    assert_eq!((&draft["draft"], &draft["revision"]), (&1.into(), &1.into()));
    let text = clinic.does(&["protocol", "export", "draft:1"]);
    let broken = clinic.roster("broken.toml", text.replacen("every = \"3m\"", "every = \"0m\"", 1));
    assert_eq!(clinic.json(&["protocol", "edit", "1", "--file", &broken])["faults"], 1);
    has(
        &clinic.refuses(65, &["protocol", "check", "1"]),
        &["`series.phases.every` cannot be `0m`: time must go on"],
    );
    has(&clinic.refuses(65, &["protocol", "publish", "1"]), &["cannot be published yet"]);
    let sound = clinic.roster("sound.toml", text.replacen("every = \"3m\"", "every = \"4m\"", 1));
    let stale = ["protocol", "edit", "1", "--file", &sound, "--revision", "1"];
    has(&clinic.refuses(65, &stale), &["has changed this draft meanwhile"]);
    clinic.does(&["protocol", "edit", "1", "--file", &sound]);
    assert_eq!(clinic.json(&["protocol", "check", "1"])["ok"], true);

    let shown = clinic.json(&["protocol", "publish", "1", "--move", "all"]);
    assert!(shown["letters"]["dropped"].as_u64().unwrap() > 0, "{shown:#}");
    assert_eq!(
        (&shown["publication"], &shown["patients"][0]["reference"]),
        (&serde_json::Value::Null, &"R-1".into())
    );
    has(&clinic.does(&["protocol", "publish", "1", "--move", "all"]), &["Nothing was changed"]);
    has(
        &clinic.refuses(65, &["protocol", "publish", "1", "--move", "R-9", "--yes"]),
        &["`R-9` is not on this protocol"],
    );
    let asked = clinic.json(&["protocol", "publish", "1", "--move", "R-1", "--yes"]);
    assert_eq!((&asked["publication"], &asked["state"]), (&1.into(), &"asked".into()));
    has(&clinic.refuses(65, &["protocol", "discard", "1"]), &["is being published"]);
    assert_eq!(clinic.json(&["protocol", "list"])["publications"][0]["state"], "asked");
    has(&clinic.refuses(65, &["protocol", "sign", "--publication", "1"]), &["only a signed-in person"]);

    let differs = clinic.json(&["protocol", "compare", "sgo2017-high", "draft:1"]);
    assert_eq!(differs["other_dates"], serde_json::json!(["visit"]));
    clinic.does(&["protocol", "withdraw", "1", "--reason", "not yet"]);
    clinic.does(&["protocol", "discard", "1"]);
    assert_eq!(clinic.json(&["protocol", "list"])["drafts"], serde_json::json!([]));
    has(&clinic.refuses(65, &["protocol", "retire", "nccn"]), &["is no protocol that was published here"]);
    has(&clinic.refuses(65, &["protocol", "export", "none"]), &["there is no protocol `none`"]);
}
