//! What reaches our mailboxes, as a clinic feeds it: a letter comes back, she writes, her calendar declines.

use std::path::PathBuf;

use super::{Clinic, has, letters};

/// One letter of Ana's as it lies in the spool: its tag and its Message-ID.
struct Letter {
    tag: String,
    id: String,
}

fn spooled(cli: &Clinic, holds: &str) -> Option<String> {
    let mut found = letters(&cli.path("spool"));
    found.sort();
    let texts = found.iter().filter(|path| path.extension().is_some_and(|e| e == "eml"));
    texts.filter_map(|path| std::fs::read_to_string(path).ok()).find(|text| text.contains(holds))
}

fn header<'t>(letter: &'t str, name: &str) -> &'t str {
    letter.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim()
}

fn sent(cli: &Clinic) -> Letter {
    cli.ana();
    cli.does(&["visit", "book", "R-1", "--on", &super::day(20), "--at", "10:30"]);
    let id = aftercare::store::mail::delivery::DeliveryId(super::post(cli));
    let clinic = cli.clinic();
    let letter = clinic.store.read(|v| v.delivery(id)).unwrap();
    Letter { tag: clinic.key.return_tag(id), id: letter.message_id.unwrap() }
}

fn maildir(cli: &Clinic, messages: &[(&str, String)]) -> PathBuf {
    let dir = cli.path("Maildir");
    for room in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(dir.join(room)).unwrap();
    }
    for (name, text) in messages {
        std::fs::write(dir.join("new").join(name), text).unwrap();
    }
    dir
}

fn names(dir: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn she_writes_and_staff_read_it_and_she_is_answered_with_the_numbers() {
    let cli = Clinic::new();
    let letter = sent(&cli);
    let hers = format!(
        "Return-Path: <ana@mail.example>\r\nFrom: Ana <ana@mail.example>\r\nTo: care+{}@riverside.example\r\n\
         Subject: Re: my body\r\nMessage-ID: <hers.1@mail.example>\r\nIn-Reply-To: <{}>\r\n\r\nMy legs are weak.\r\n",
        letter.tag, letter.id
    );
    let file = cli.roster("hers.eml", hers);
    let taken = cli.run(&["bounce", &file, "--json"]);
    assert_eq!((taken.code, &taken.json()["messages"][0]["kind"]), (0, &"wrote".into()), "{}", taken.err);
    assert!(
        !taken.out.contains("legs") && !taken.err.contains("legs") && !taken.err.contains("ana@"),
        "{}",
        taken.err
    );
    assert_eq!(cli.json(&["bounce", &file])["messages"], serde_json::json!([]));

    let task = cli
        .json(&["tasks", "list"])
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["kind"] == "she-wrote")
        .unwrap()
        .clone();
    let id = task["id"].to_string();
    let shown = cli.json(&["tasks", "show", &id]);
    assert_eq!(shown["messages"][0]["text"], "My legs are weak.");
    has(&cli.does(&["tasks", "show", &id]), &["She wrote to us", "| My legs are weak.", "ana@mail.example"]);
    has(&cli.does(&["tasks", "list"]), &[&format!("aftercare tasks show {id}")]);
    assert!(!cli.does(&["tasks", "list"]).contains("legs"));
    assert_eq!(cli.json(&["patient", "show", "R-1"])["messages"][0]["subject"], "Re: my body");
    has(&cli.does(&["patient", "show", "R-1"]), &["| My legs are weak."]);
    let bundle = cli.path("all.json");
    cli.does(&["export", "fhir", "--out", bundle.to_str().unwrap()]);
    has(&std::fs::read_to_string(bundle).unwrap(), &["My legs are weak.", "\"id\":\"in-1\""]);

    cli.does(&["drain"]);
    let answer = spooled(&cli, "In-Reply-To: <hers.1@mail.example>").expect("an answer lies in the spool");
    for (name, value) in [
        ("To:", "ana@mail.example"),
        ("Auto-Submitted:", "auto-replied"),
        ("References:", "<hers.1@mail.example>"),
        ("X-Auto-Response-Suppress:", "All"),
    ] {
        assert_eq!(header(&answer, name), value, "{answer}");
    }
    let clinic = std::fs::read_to_string(cli.path("aftercare.toml")).unwrap();
    assert!(clinic.contains("reply_to = \"desk@riverside.example\""));
    assert_eq!(header(&answer, "Reply-To:"), "desk@riverside.example");
    has(
        &answer,
        &[
            "Your message has come in.",
            "+1 555 0199",
            "your legs give way",
            "You can write back to this letter",
        ],
    );
    assert!(!header(&answer, "Subject:").contains("body"), "the subject is neutral");
    let replayed = cli.json(&["ledger"]).as_array().unwrap().last().unwrap()["id"].to_string();
    cli.does(&["replay", &replayed, "--out", cli.path("again.eml").to_str().unwrap()]);
}

#[test]
fn a_maildir_is_emptied_of_what_was_taken_in_and_nothing_a_person_must_read_counts_as_seen() {
    let cli = Clinic::new();
    let letter = sent(&cli);
    let notice = format!(
        "Return-Path: <>\nTo: care+{}@riverside.example\nMIME-Version: 1.0\nContent-Type: multipart/report; boundary=\"b\"\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nAction: failed\nStatus: 5.1.1\n\n--b--\n",
        letter.tag
    );
    let hers = "From: ana@mail.example\nSubject: x\n\nWho can I ring?\n".to_owned();
    let dir = maildir(&cli, &[("1.notice", notice), ("2.hers", hers), ("3.empty", String::new())]);
    std::fs::create_dir(dir.join("new/4.odd")).unwrap();
    let seen = cli.json(&["bounce", "--maildir", dir.to_str().unwrap()]);
    assert_eq!(
        (seen["letters"].as_array().unwrap().len(), seen["messages"].as_array().unwrap().len()),
        (1, 2)
    );
    assert_eq!(names(&dir.join("new")), ["4.odd"]);
    assert_eq!(names(&dir.join("cur")), ["1.notice:2,S", "2.hers:2,", "3.empty:2,"]);
    let open = cli.json(&["tasks", "list"]);
    let kinds: Vec<&str> = open.as_array().unwrap().iter().map(|t| t["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "she-wrote").count(), 2, "{kinds:?}");
    assert!(kinds.contains(&"address-bad"), "{kinds:?}");
}

#[test]
fn one_message_that_cannot_be_taken_in_stops_no_other() {
    let cli = Clinic::new();
    cli.ana();
    let good = cli.roster("good.eml", "From: ana@mail.example\nSubject: x\n\nWho can I ring?\n");
    has(&cli.refuses(65, &["bounce", "/nonexistent.eml", &good]), &["cannot be read"]);
    assert_eq!(cli.json(&["patient", "show", "R-1"])["messages"][0]["text"], "Who can I ring?");
}
