//! What each reply, stall and break means for the letter.

use super::{courier, impatient, letter, plain, send, sent};
use crate::care::address::EmailAddress;
use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::cause::Cause;
use crate::letter::content::Letter;
use crate::mail::mime;
use crate::mail::test_server::{Act, Fake};
use crate::ports::{Courier, Outgoing};

#[tokio::test]
async fn a_letter_arrives_as_it_was_written() {
    for offers in [vec!["PIPELINING", "SIZE 100000"], vec![]] {
        let fake = Fake::start().await;
        fake.tell(|story| story.offers = offers);
        let receipt = sent(&fake).await;
        let message = mime::format(&letter());
        assert_eq!(receipt.verdict, AttemptVerdict::Accepted);
        assert_eq!((receipt.code, receipt.enhanced.as_deref()), (Some(250), Some("2.0.0")));
        assert_eq!(receipt.digest, Some(mime::digest(&message)));
        assert_eq!(fake.tell(|story| story.letters.clone()), [String::from_utf8(message).unwrap()]);
    }
}

#[tokio::test]
async fn the_size_is_announced_and_respected() {
    let fake = Fake::start().await;
    fake.tell(|story| story.offers = vec!["SIZE 100000"]);
    let length = mime::format(&letter()).len();
    assert_eq!(sent(&fake).await.verdict, AttemptVerdict::Accepted);
    let mail = fake.tell(|story| story.heard.iter().find(|line| line.starts_with("MAIL")).cloned()).unwrap();
    assert_eq!(mail, format!("MAIL FROM:<bounce+1-abc@clinic.example> SIZE={length}"));

    fake.tell(|story| story.offers = vec!["SIZE 1000"]);
    let mut connection = courier(plain(&fake)).connection();
    let big = Outgoing { letter: Letter { html: "x\n".repeat(999), ..letter().letter }, ..letter() };
    let receipt = send(&mut *connection, &big).await;
    assert_eq!(receipt.verdict, AttemptVerdict::Refused);
    assert!(receipt.reply.contains("at most 1000"), "{}", receipt.reply);
    assert_eq!(fake.tell(|story| story.letters.len()), 1);
}

#[tokio::test]
async fn every_reply_at_every_stage_has_its_verdict_and_leaves_the_line_usable() {
    use AttemptVerdict::{BadAddress, Later, Overloaded, Refused, RefusesUs, Unknown};
    use Cause::{HelloName, Limit, Protocol, Relay, SignIn};
    for (verb, words, verdict) in [
        ("GREETING", "554 5.3.2 no service", RefusesUs(Protocol)),
        ("GREETING", "421 4.3.2 too busy", Overloaded),
        ("EHLO", "550 5.7.1 who are you", RefusesUs(Protocol)),
        ("MAIL", "451 4.3.0 later", Later),
        ("MAIL", "550 5.7.1 not you", RefusesUs(Protocol)),
        ("MAIL", "530 5.7.57 Client not authenticated to send mail.", RefusesUs(SignIn)),
        (
            "RCPT",
            "504 5.5.2 <vm>: Helo command rejected: need fully-qualified hostname",
            RefusesUs(HelloName),
        ),
        ("RCPT", "554 5.7.1 Relay access denied", RefusesUs(Relay)),
        ("RCPT", "550 5.1.90 you have reached your daily limit for message recipients", RefusesUs(Limit)),
        ("DOT", "550 5.4.5 Daily user sending limit exceeded.", RefusesUs(Limit)),
        ("MAIL", "421 4.7.0 slow", Overloaded),
        ("MAIL", "354 what", Later),
        ("RCPT", "450 4.2.1 later", Later),
        ("RCPT", "452 4.5.3 too many connections", Overloaded),
        ("RCPT", "550 5.1.1 no such user", BadAddress),
        ("RCPT", "550 no such user", BadAddress),
        ("RCPT", "550 5.7.1 denied", Refused),
        ("RCPT", "221 what", Later),
        ("DATA", "451 4.3.0 later", Later),
        ("DATA", "554 5.5.1 no", Refused),
        ("DATA", "250 what", Later),
        ("DOT", "451 4.3.0 later", Later),
        ("DOT", "421 4.3.2 closing", Overloaded),
        ("DOT", "552 5.2.3 too big", Refused),
        ("DOT", "354 what", Unknown),
        ("DOT", "221 what", Unknown),
        ("DOT", "what", Unknown),
        ("DATA", "what", Later),
    ] {
        for offers in [vec!["PIPELINING"], vec![]] {
            let fake = Fake::start().await;
            fake.tell(|story| story.offers = offers);
            let mut connection = courier(plain(&fake)).connection();
            fake.next(verb, Act::Say(words));
            if verb != "DATA" && verb != "DOT" && verb != "GREETING" {
                fake.next("DATA", Act::Say("503 5.5.1 not now"));
            }
            let receipt = send(&mut *connection, &letter()).await;
            assert_eq!(receipt.verdict, verdict, "{verb} {words}: {receipt:?}");
            assert_eq!(receipt.code, words.get(..3).and_then(|code| code.parse().ok()), "{verb} {words}");
            fake.tell(|story| story.acts.clear());
            assert_eq!(
                send(&mut *connection, &letter()).await.verdict,
                AttemptVerdict::Accepted,
                "after {verb} {words}"
            );
            assert_eq!(fake.tell(|story| story.letters.len()), 1, "{verb} {words}");
        }
    }
}

#[tokio::test]
async fn any_code_that_says_yes_at_its_stage_is_a_yes() {
    for (verb, words) in [
        ("MAIL", "251 ok"),
        ("MAIL", "200 ok"),
        ("RCPT", "251 2.1.5 will forward"),
        ("RCPT", "252 2.1.5 not verified, but taken"),
        ("RCPT", "253 ok"),
        ("DOT", "251 2.0.0 forwarded"),
        ("DOT", "252 2.0.0 Message accepted"),
        ("DOT", "200 OK"),
    ] {
        for offers in [vec!["PIPELINING"], vec![]] {
            let fake = Fake::start().await;
            fake.tell(|story| story.offers = offers);
            fake.next(verb, Act::Say(words));
            let mut connection = courier(plain(&fake)).connection();
            for _ in 0..2 {
                let receipt = send(&mut *connection, &letter()).await;
                assert_eq!(receipt.verdict, AttemptVerdict::Accepted, "{verb} {words}: {receipt:?}");
            }
            assert_eq!(fake.tell(|story| story.connections), 1, "{verb} {words}");
        }
    }
}

#[tokio::test]
async fn a_refused_recipient_keeps_the_connection() {
    for offers in [vec!["PIPELINING"], vec![]] {
        let fake = Fake::start().await;
        fake.tell(|story| story.offers = offers);
        fake.next("RCPT", Act::Say("550 5.1.1 no")).next("DATA", Act::Say("554 5.5.1 no recipients"));
        fake.tell(|story| story.acts.truncate(if story.offers.is_empty() { 1 } else { 2 }));
        let mut connection = courier(plain(&fake)).connection();
        assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::BadAddress);
        assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted);
        assert_eq!(fake.tell(|story| story.connections), 1);
        assert!(fake.tell(|story| story.heard.contains(&"RSET".to_owned())));
    }
}

#[tokio::test]
async fn a_body_asked_for_after_a_refused_recipient_closes_the_connection() {
    let fake = Fake::start().await;
    fake.next("RCPT", Act::Say("550 5.1.1 no"));
    let mut connection = courier(plain(&fake)).connection();
    assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::BadAddress);
    assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted);
    assert_eq!(fake.tell(|story| (story.connections, story.letters.len())), (2, 1));
}

#[tokio::test]
async fn a_stall_or_a_hang_up_before_the_dot_means_later_and_after_it_unknown() {
    for act in [Act::Stall, Act::HangUp] {
        for (verb, verdict) in [
            ("GREETING", AttemptVerdict::Later),
            ("EHLO", AttemptVerdict::Later),
            ("MAIL", AttemptVerdict::Later),
            ("RCPT", AttemptVerdict::Later),
            ("DATA", AttemptVerdict::Later),
            ("DOT", AttemptVerdict::Unknown),
        ] {
            let fake = Fake::start().await;
            let mut connection = impatient(&fake);
            fake.next(verb, act);
            let receipt = send(&mut *connection, &letter()).await;
            assert_eq!((receipt.verdict, receipt.code), (verdict, None), "{act:?} at {verb}: {receipt:?}");
            assert_eq!(
                send(&mut *connection, &letter()).await.verdict,
                AttemptVerdict::Accepted,
                "{act:?} at {verb}"
            );
        }
    }
}

#[tokio::test]
async fn a_break_inside_the_body_means_later_while_the_dot_is_still_here() {
    let long =
        Outgoing { letter: Letter { text: "long line\n".repeat(1_000_000), ..letter().letter }, ..letter() };
    for act in [Act::Stall, Act::HangUp] {
        let fake = Fake::start().await;
        fake.next("BODY", act);
        let receipt = send(&mut *impatient(&fake), &long).await;
        assert_eq!(receipt.verdict, AttemptVerdict::Later, "{receipt:?}");
    }
}

#[tokio::test]
async fn an_answer_that_never_ends_is_given_up() {
    for (verb, verdict) in [("EHLO", AttemptVerdict::Later), ("DOT", AttemptVerdict::Unknown)] {
        let fake = Fake::start().await;
        let mut connection = impatient(&fake);
        fake.next(verb, Act::Drip);
        assert_eq!(send(&mut *connection, &letter()).await.verdict, verdict, "{verb}");
        assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted, "{verb}");
    }
}

#[tokio::test]
async fn a_line_that_never_ends_is_given_up_before_it_fills_the_memory() {
    for (verb, verdict) in [("EHLO", AttemptVerdict::Later), ("DOT", AttemptVerdict::Unknown)] {
        let fake = Fake::start().await;
        let mut connection = courier(plain(&fake)).connection();
        fake.next(verb, Act::Pour);
        let receipt = send(&mut *connection, &letter()).await;
        assert_eq!(receipt.verdict, verdict, "{verb}");
        assert!(receipt.reply.contains("does not come to an end"), "{verb}: {}", receipt.reply);
        assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted, "{verb}");
    }
}

#[tokio::test]
async fn a_reply_is_understood_in_whatever_form_it_comes_and_a_letter_taken_is_never_in_doubt() {
    use AttemptVerdict::{Accepted, BadAddress, Refused, RefusesUs};
    let long: &'static str = format!("250 2.0.0 {}", "x".repeat(1500)).leak();
    for (verb, words, verdict) in [
        ("DOT", "250", Accepted),
        ("DOT", "250-2.0.0 ok\r\n250", Accepted),
        ("DOT", "250 2.0.0 å", Accepted),
        ("DOT", long, Accepted),
        ("DOT", "550-5.7.1 refused\r\n554 5.7.1 spam", Refused),
        ("DOT", "554", Refused),
        ("RCPT", "550", Refused),
        ("RCPT", "550-Sorry\r\n550 5.1.1 unknown", BadAddress),
        ("RCPT", "550 Empfänger unbekannt", BadAddress),
        ("RCPT", "550 用户不存在", BadAddress),
        ("RCPT", "554-mx.home.example\r\n554 5.7.26 unauthenticated", RefusesUs(Cause::Authentication)),
    ] {
        let fake = Fake::start().await;
        fake.next(verb, Act::Say(words));
        if verb != "DOT" {
            fake.next("DATA", Act::Say("503 5.5.1 not now"));
        }
        let mut connection = courier(plain(&fake)).connection();
        let receipt = send(&mut *connection, &letter()).await;
        assert_eq!(receipt.verdict, verdict, "{verb} {words}: {receipt:?}");
        assert!(verdict == Accepted || !receipt.reply.is_empty(), "a refusal has a reason: {verb} {words}");
        assert_eq!(send(&mut *connection, &letter()).await.verdict, Accepted, "after {verb} {words}");
        assert_eq!(fake.tell(|story| story.connections), 1, "{verb} {words}");
    }
}

#[tokio::test]
async fn a_name_that_says_something_else_is_not_read_and_whose_it_is_counts() {
    use AttemptVerdict::{BadAddress, Refused, RefusesUs};
    let to = "dkim@spf.example";
    let theirs = Outgoing { to: EmailAddress::parse(to).unwrap(), ..letter() };
    let from = theirs.from.1.expose().to_owned();
    for (words, verdict) in [
        (format!("550 5.1.1 <{to}>: User unknown"), BadAddress),
        (format!("550 Mailbox {to} does not exist"), BadAddress),
        ("550 Domain spf.example does not exist".to_owned(), BadAddress),
        (format!("552 5.2.2 <{to}>: Mailbox full"), Refused),
        (format!("550 {to} has blacklisted {from}"), Refused),
        (format!("550 5.1.1 <{from}>: User unknown"), RefusesUs(Cause::SenderAddress)),
        (format!("550 Callout to <{from}> failed: no such user"), RefusesUs(Cause::SenderAddress)),
    ] {
        let fake = Fake::start().await;
        fake.next("RCPT", Act::Say(words.clone().leak())).next("DATA", Act::Say("503 5.5.1 not now"));
        let receipt = send(&mut *courier(plain(&fake)).connection(), &theirs).await;
        assert_eq!(receipt.verdict, verdict, "{words}: {receipt:?}");
        assert!(!receipt.reply.contains('@'), "{receipt:?}");
    }
}
