//! A protocol is drafted, mended, looked at and asked for on the command line, as on the pages.

use super::people::Account;
use super::{Clinic, HEAD, day, has, row};

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
    who_moves_is_said_before_anybody_does(&clinic);
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

/// Draft 1, its revision 3, with `R-1` alone on the protocol.
fn who_moves_is_said_before_anybody_does(clinic: &Clinic) {
    let told = |whom: &str| clinic.does(&["protocol", "publish", "1", "--move", whom]);
    has(
        &told("all"),
        &["All who are on the protocol move to it: 1.", "Nothing was changed", "--revision 3 --yes"],
    );
    has(&told("none"), &["Nobody moves to it: it is for new patients. `--move all`"]);
    has(&told("R-1"), &["These move to it, and nobody else: R-1."]);
    let moving = |whom: &str| clinic.json(&["protocol", "publish", "1", "--move", whom])["moving"].clone();
    assert_eq!((moving("all"), moving("none"), moving("R-1")), (1.into(), 0.into(), 1.into()));
    has(
        &clinic.refuses(65, &["protocol", "publish", "1", "--move", "R-9"]),
        &["`R-9` is not on this protocol"],
    );
    let overtaken = ["protocol", "publish", "1", "--revision", "1", "--yes"];
    has(&clinic.refuses(65, &overtaken), &["has changed this draft meanwhile"]);
    has(
        &clinic.refuses(65, &["protocol", "publish", "1", "--move", "R-9", "--yes"]),
        &["`R-9` is not on this protocol"],
    );
}

/// A clinic that has published a protocol of its own, `ours`, which no file has; a doctor signed it.
fn with_ours() -> Clinic {
    let clinic = Clinic::new();
    clinic.ana();
    let text = clinic.does(&["protocol", "export", "sgo2017-high"]).replace("\"sgo2017-high\"", "\"ours\"");
    clinic.does(&["protocol", "draft", "--file", &clinic.roster("ours.toml", text)]);
    let asked = clinic.json(&["protocol", "publish", "1", "--yes"]);
    assert_eq!((&asked["protocol"], &asked["state"]), (&"ours".into(), &"asked".into()));
    let dora = Account::open(&clinic, ("dora", "doctor"));
    let signed = dora.gives(&clinic, &["protocol", "sign", "--publication", "1"]);
    assert_eq!(signed.code, 0, "{}", signed.err);
    clinic.does(&["drain"]);
    clinic
}

#[test]
fn a_roster_and_a_rehearsal_know_a_protocol_that_only_the_database_has() {
    let clinic = with_ours();
    let line = row("R-2").replace("nccn", "ours");
    let file = clinic.roster("p.csv", format!("{HEAD}\n{line}\n"));
    let unknown = clinic.roster("q.csv", format!("{HEAD}\n{}\n", line.replace("ours", "theirs")));
    has(&clinic.refuses(65, &["import", &unknown, "--dry-run"]), &["there is no protocol `theirs`"]);
    assert_eq!(clinic.json(&["import", &file, "--dry-run"])["added"], 1);
    assert_eq!(clinic.json(&["import", &file])["added"], 1);
    assert_eq!(clinic.json(&["import", &file])["unchanged"], 1);
    let until = day(60);
    let move_to = |change: &str| {
        clinic.json(&["rehearse", "--until", &until, "--letters", "none", "--move", change])["moved"].clone()
    };
    assert_eq!((move_to("sgo2017-high=ours"), move_to("ours=nccn")), (1.into(), 1.into()));
}

#[test]
fn the_start_list_counts_a_signature_that_stands_in_the_database() {
    let clinic = with_ours();
    let all = clinic.json(&["start-list"]);
    let schedule = all.as_array().unwrap().iter().find(|step| step["step"] == "schedule").unwrap();
    assert_eq!(
        (&schedule["done"], &schedule["stands"]),
        (&true.into(), &"signed: Higher risk after (chemo)radiation or adjuvant therapy".into())
    );
}
