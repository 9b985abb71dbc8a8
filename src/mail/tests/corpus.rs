//! What the world's mail servers say, row by row (`tests/corpus/replies.toml`).

use std::collections::BTreeSet;

use crate::care::refusal::envelope::Envelope;
use crate::care::refusal::reason::{Permanence, RefusalReason, Scope};
use crate::mail::smtp::reply::{Reply, SmtpStage, judge, refusal};
use crate::mail::smtp::transport::reply_lines::ReplyLines;

/// The words of a column of the corpus.
fn word<'a>(row: &'a toml::Table, column: &str) -> &'a str {
    row.get(column).and_then(toml::Value::as_str).unwrap_or_default()
}

fn stage(word: &str) -> SmtpStage {
    match word {
        "greeting" | "ehlo" => SmtpStage::Greeting,
        "auth" => SmtpStage::SignIn,
        "mail" => SmtpStage::Sender,
        "rcpt" => SmtpStage::Recipient,
        "dot" => SmtpStage::Dot,
        other => panic!("no stage {other}"),
    }
}

/// The reply as lettre hands it on: the code once, the lines joined.
fn reply(said: &str) -> Reply {
    let mut lines = ReplyLines::default();
    let whole = lines.take(format!("{}\r\n", said.replace('\n', "\r\n")).as_bytes());
    // Some are quoted without their last line.
    let mended = String::from_utf8([whole, lines.rest()].concat()).unwrap();
    let lines: Vec<&str> = mended.lines().collect();
    let code = lines[0][..3].parse().unwrap();
    assert!(lines.iter().all(|line| line[..3] == lines[0][..3]), "{said}");
    Reply { code, words: lines.iter().map(|line| line[4..].trim()).collect::<Vec<_>>().join(" ") }
}

/// Whom the letter of a row is for and from.
fn envelope(row: &toml::Table) -> Envelope<'_> {
    let to = Some(word(row, "to")).filter(|to| !to.is_empty());
    Envelope { to, from: [Some("care@riverside.example"), Some("care@clinic.example")] }
}

/// What was read of a row, in the corpus's words.
fn read(row: &toml::Table) -> [&'static str; 4] {
    let (stage, reply) = (stage(word(row, "at")), reply(word(row, "says")));
    let found = refusal(stage, &reply, envelope(row));
    let about = match found.scope() {
        Scope::Mailbox => "mailbox",
        Scope::Letter => "letter",
        Scope::Us => "us",
        Scope::Moment => "moment",
    };
    let lasts = if found.permanence == Permanence::Lasting { "lasting" } else { "temporary" };
    let cause = if let RefusalReason::Us(cause) = found.reason { cause.word() } else { "" };
    [about, lasts, judge(stage, &reply, envelope(row)).word(), cause]
}

#[test]
fn every_reply_of_the_corpus_is_judged_right() {
    let corpus: toml::Table = toml::from_str(include_str!("../../../tests/corpus/replies.toml")).unwrap();
    let rows: Vec<&toml::Table> =
        corpus["reply"].as_array().unwrap().iter().map(|row| row.as_table().unwrap()).collect();
    assert!(rows.len() >= 1200, "{}", rows.len());
    let said: BTreeSet<(&str, &str)> = rows.iter().map(|row| (word(row, "at"), word(row, "says"))).collect();
    assert_eq!(said.len(), rows.len(), "a reply stands twice");
    let mut wrong = String::new();
    for row in rows {
        let [about, lasts, verdict, cause] = read(row);
        let fits = about == word(row, "about")
            && lasts == word(row, "lasts")
            && verdict == word(row, "verdict")
            && (word(row, "cause").is_empty() || cause == word(row, "cause"));
        if !fits {
            wrong += &format!(
                "\n{} {} {:?}\n    wanted {} {} {} {}\n    found  {about} {lasts} {verdict} {cause}",
                word(row, "by"),
                word(row, "at"),
                word(row, "says"),
                word(row, "about"),
                word(row, "lasts"),
                word(row, "verdict"),
                word(row, "cause"),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Addresses made of what servers say.
const NAMES: [&str; 12] = [
    "dkim@dmarc.example",
    "absorbs@spamcop.example",
    "anna.sender@relay.example",
    "michelotti@helo.example",
    "user.unknown@no-such-domain.example",
    "over.quota@mailbox-full.example",
    "try.again.later@greylist.example",
    "spam@virus.example",
    "blacklist@rbl-fans.example",
    "your.account@disabled.example",
    "ptr@reverse-dns.example",
    "daily.limit@too-many.example",
];

#[test]
fn what_she_is_called_changes_nothing() {
    let corpus: toml::Table = toml::from_str(include_str!("../../../tests/corpus/replies.toml")).unwrap();
    let rows = corpus["reply"].as_array().unwrap().iter().map(|row| row.as_table().unwrap());
    let mut count = 0;
    for row in rows.filter(|row| word(row, "says").contains('@') && word(row, "to") == "ana@home.example") {
        for name in NAMES {
            let (_, domain) = name.split_once('@').unwrap();
            let says = word(row, "says").replace("ana@home.example", name).replace("home.example", domain);
            let mut renamed = row.clone();
            renamed.insert("to".to_owned(), name.into());
            renamed.insert("says".to_owned(), says.clone().into());
            assert_eq!(read(&renamed), read(row), "{says}");
            count += 1;
        }
    }
    assert!(count >= 200, "{count}");
}
