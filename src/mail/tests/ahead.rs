//! The envelope of the next letter travels with the body of the one before (RFC 2920 §3.1).

use super::{carry, courier, first_of_two, impatient, numbered, plain, send};
use crate::care::delivery::AttemptVerdict;
use crate::mail::test_server::{Act, Fake};
use crate::ports::{Courier, CourierConnection, Readiness};

/// Letters 1 to `last`, each announced before the one ahead of it is carried.
async fn row(connection: &mut dyn CourierConnection, last: u32) -> Vec<AttemptVerdict> {
    let mut verdicts = Vec::new();
    for number in 1..=last {
        connection.ready().await.unwrap();
        if number < last {
            connection.announce(&numbered(number + 1));
        }
        verdicts.push(carry(connection, &numbered(number)).await.verdict);
    }
    verdicts
}

/// Message-IDs of the letters that arrived.
fn arrived(fake: &Fake) -> Vec<String> {
    let id = |text: &String| text.split('<').nth(1).and_then(|t| t.split('>').next()).map(str::to_owned);
    fake.tell(|story| story.letters.iter().filter_map(id).collect())
}

fn ids(numbers: &[u32]) -> Vec<String> {
    numbers.iter().map(|n| numbered(*n).message_id).collect()
}

#[tokio::test]
async fn a_row_of_letters_arrives_in_order_over_one_line() {
    let fake = Fake::start().await;
    let mut connection = courier(plain(&fake)).connection();
    assert_eq!(row(&mut *connection, 5).await, [AttemptVerdict::Accepted; 5]);
    assert_eq!(arrived(&fake), ids(&[1, 2, 3, 4, 5]));
    assert_eq!(fake.tell(|story| story.connections), 1);
}

#[tokio::test]
async fn only_a_line_that_nobody_waited_for_is_ready_at_once() {
    let fake = Fake::start().await;
    let mut connection = courier(plain(&fake)).connection();
    assert_eq!(connection.ready().await.unwrap(), Readiness::InTime, "it connects");
    assert_eq!(connection.ready().await.unwrap(), Readiness::AtOnce);
    first_of_two(&mut *connection).await;
    assert_eq!(connection.ready().await.unwrap(), Readiness::AtOnce, "the envelope is on its way");
    connection.call_off();
    assert_eq!(connection.ready().await.unwrap(), Readiness::InTime, "it connects anew");
}

#[tokio::test]
async fn the_body_stays_here_until_its_letter_is_carried() {
    let fake = Fake::start().await;
    let mut connection = courier(plain(&fake)).connection();
    first_of_two(&mut *connection).await;
    // The server has the envelope, and waits for a body that a crash here would never send.
    while fake.tell(|story| story.heard.iter().filter(|h| *h == "DATA").count()) < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(arrived(&fake), ids(&[1]));
    drop(connection);
    let mut connection = courier(plain(&fake)).connection();
    assert_eq!(send(&mut *connection, &numbered(3)).await.verdict, AttemptVerdict::Accepted);
    assert_eq!(arrived(&fake), ids(&[1, 3]));
}

#[tokio::test]
async fn a_letter_called_off_never_leaves_and_the_line_is_replaced() {
    let fake = Fake::start().await;
    let mut connection = courier(plain(&fake)).connection();
    first_of_two(&mut *connection).await;
    connection.call_off();
    assert_eq!(send(&mut *connection, &numbered(3)).await.verdict, AttemptVerdict::Accepted);
    assert_eq!(arrived(&fake), ids(&[1, 3]));
    assert_eq!(fake.tell(|story| story.connections), 2);
}

#[tokio::test]
async fn another_letter_than_the_announced_one_is_not_taken_for_it() {
    let fake = Fake::start().await;
    let mut connection = courier(plain(&fake)).connection();
    first_of_two(&mut *connection).await;
    connection.ready().await.unwrap();
    assert_eq!(carry(&mut *connection, &numbered(3)).await.verdict, AttemptVerdict::Later);
    assert_eq!(arrived(&fake), ids(&[1]));
}

#[tokio::test]
async fn what_is_said_of_one_letter_is_never_believed_of_the_next() {
    for (verb, words, verdict) in [
        ("RCPT", "550 5.1.1 nobody", AttemptVerdict::BadAddress),
        ("MAIL", "451 4.3.0 later", AttemptVerdict::Later),
        ("DOT", "554 5.7.1 no", AttemptVerdict::Refused),
    ] {
        let fake = Fake::start().await;
        let mut connection = courier(plain(&fake)).connection();
        first_of_two(&mut *connection).await;
        if verb == "DOT" {
            fake.next(verb, Act::Say(words));
        }
        connection.ready().await.unwrap();
        let second = carry(&mut *connection, &numbered(2)).await.verdict;
        assert_eq!(second, if verb == "DOT" { verdict } else { AttemptVerdict::Accepted });

        // The same for an envelope that was refused: its own letter hears it, the next one does not.
        let fake = Fake::start().await;
        let mut connection = courier(plain(&fake)).connection();
        connection.ready().await.unwrap();
        connection.announce(&numbered(2));
        fake.tell(|story| {
            story.acts.extend([("DOT", Act::Say("250 2.0.0 queued")), (verb, Act::Say(words))])
        });
        let first = carry(&mut *connection, &numbered(1)).await.verdict;
        connection.ready().await.unwrap();
        let second = carry(&mut *connection, &numbered(2)).await.verdict;
        let third = send(&mut *connection, &numbered(3)).await.verdict;
        assert!([first, second].contains(&verdict), "{verb}: {first:?} {second:?}");
        assert_eq!(third, AttemptVerdict::Accepted, "{verb}");
    }
}

#[tokio::test]
async fn a_line_that_ends_between_two_letters_costs_neither() {
    for act in [Act::HangUp, Act::SayAndHangUp("421 4.4.2 enough letters for one line")] {
        let fake = Fake::start().await;
        let mut connection = courier(plain(&fake)).connection();
        // The first MAIL is the first letter's own.
        fake.next("MAIL", Act::Say("250 2.1.0 ok")).next("MAIL", act);
        first_of_two(&mut *connection).await;
        assert_eq!(send(&mut *connection, &numbered(2)).await.verdict, AttemptVerdict::Accepted, "{act:?}");
        assert_eq!(arrived(&fake), ids(&[1, 2]));
        assert_eq!(fake.tell(|story| story.connections), 2);
    }
}

#[tokio::test]
async fn a_server_that_loses_early_envelopes_is_soon_served_step_by_step() {
    let fake = Fake::start().await;
    let mut connection = impatient(&fake);
    for _ in 0..3 {
        // Deaf to what came with the body.
        fake.next("MAIL", Act::Say("250 2.1.0 ok")).next("MAIL", Act::Stall);
        assert_eq!(row(&mut *connection, 2).await, [AttemptVerdict::Accepted; 2]);
        fake.tell(|story| story.acts.clear());
    }
    // Sent early, this would be mended on a new connection. Sent in its own time, it is that letter's own silence.
    fake.next("MAIL", Act::Say("250 2.1.0 ok")).next("MAIL", Act::Stall);
    assert_eq!(row(&mut *connection, 2).await, [AttemptVerdict::Accepted, AttemptVerdict::Later]);
}

#[tokio::test]
async fn without_pipelining_nothing_is_said_early() {
    let fake = Fake::start().await;
    fake.tell(|story| story.offers.clear());
    let mut connection = courier(plain(&fake)).connection();
    first_of_two(&mut *connection).await;
    assert_eq!(fake.tell(|story| story.heard.last().cloned()).as_deref(), Some("DATA"));
    assert_eq!(send(&mut *connection, &numbered(2)).await.verdict, AttemptVerdict::Accepted);
    assert_eq!(arrived(&fake), ids(&[1, 2]));
}
