//! What becomes of the line itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{STALL, Still, carry, courier, letter, plain, send, sent};
use crate::care::delivery::AttemptVerdict;
use crate::config::sections::smtp::{Smtp, Tls};
use crate::mail::smtp::courier::SmtpCourier;
use crate::mail::smtp::settings::SmtpSettings;
use crate::mail::test_server::{Act, Fake};
use crate::ports::{Clock, Courier};

#[tokio::test]
async fn a_letter_given_up_half_way_never_lends_its_reply_to_the_next() {
    for verb in ["MAIL", "DATA", "DOT"] {
        let fake = Fake::start().await;
        let mut connection = courier(plain(&fake)).connection();
        connection.ready().await.unwrap();
        fake.next(verb, Act::Stall);
        assert!(tokio::time::timeout(STALL, carry(&mut *connection, &letter())).await.is_err());
        fake.next("DOT", Act::Say("554 5.7.1 no"));
        assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Refused, "{verb}");
        assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted, "{verb}");
        assert_eq!(fake.tell(|story| (story.letters.len(), story.connections)), (1, 2), "{verb}");
    }
}

#[tokio::test]
async fn a_line_that_was_not_made_ready_carries_nothing() {
    let fake = Fake::start().await;
    let receipt = carry(&mut *courier(plain(&fake)).connection(), &letter()).await;
    assert_eq!((receipt.verdict, fake.tell(|story| story.connections)), (AttemptVerdict::Later, 0));
}

#[tokio::test]
async fn a_line_closed_while_it_rested_is_replaced() {
    let fake = Fake::start().await;
    let clock = Arc::new(Still(AtomicU64::new(0)));
    let mut connection =
        SmtpCourier::new(plain(&fake), Arc::clone(&clock) as Arc<dyn Clock>).unwrap().connection();
    assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted);
    for (count, act) in
        [(2, Act::HangUp), (3, Act::SayAndHangUp("421 4.4.2 idle")), (4, Act::Say("500 what"))]
    {
        clock.0.fetch_add(60, Ordering::Relaxed);
        fake.next("RSET", act);
        assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted);
        assert_eq!(fake.tell(|story| story.connections), count);
    }
    assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted);
    assert_eq!(fake.tell(|story| story.connections), 4);
}

#[tokio::test]
async fn a_goodbye_in_advance_is_noticed_before_the_next_letter() {
    for words in ["250 2.0.0 queued\r\n421 4.4.2 closing", "250 2.0.0 queued\r\n250 2.0.0 queued"] {
        let fake = Fake::start().await;
        fake.next("DOT", Act::Say(words));
        let mut connection = courier(plain(&fake)).connection();
        assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted);
        fake.next("DOT", Act::Say("554 5.7.1 no"));
        assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Refused);
        assert_eq!(fake.tell(|story| story.connections), 2);
    }
}

#[tokio::test]
async fn rest_says_goodbye_and_the_line_opens_again() {
    let fake = Fake::start().await;
    let mut connection = courier(plain(&fake)).connection();
    connection.rest().await;
    assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted);
    connection.rest().await;
    assert_eq!(fake.tell(|story| story.heard.last().cloned()).as_deref(), Some("QUIT"));
    assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted);
}

#[tokio::test]
async fn a_reply_is_kept_without_the_address() {
    let fake = Fake::start().await;
    fake.next(
        "RCPT",
        Act::Say("550-5.1.1 <maria.lopez@home.example>\r\n550 5.1.1 maria.lopez does not live here"),
    );
    let receipt = sent(&fake).await;
    assert_eq!(receipt.enhanced.as_deref(), Some("5.1.1"));
    assert_eq!(receipt.reply, "5.1.1 <address> <address> does not live here");
}

#[tokio::test]
async fn nobody_at_the_port_means_later_with_a_hint() {
    let port = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap().port()
    };
    let smtp = SmtpSettings::new(Smtp::new("127.0.0.1", port, Tls::None));
    let receipt = courier(smtp).connection().ready().await.unwrap_err();
    assert_eq!(receipt.verdict, AttemptVerdict::Later);
    assert!(receipt.reply.contains("refused") && receipt.reply.contains("hint:"), "{}", receipt.reply);
}

#[tokio::test]
async fn a_server_out_of_step_is_left() {
    for (verb, words) in [
        ("MAIL", "354 what"),
        ("RCPT", "221 what"),
        ("DATA", "250 what"),
        ("DOT", "354 what"),
        ("DOT", "221 what"),
    ] {
        let fake = Fake::start().await;
        let mut connection = courier(plain(&fake)).connection();
        fake.next(verb, Act::Say(words));
        assert_ne!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted);
        assert_eq!(send(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted);
        assert_eq!(fake.tell(|story| story.connections), 2, "{verb} {words}");
    }
}
