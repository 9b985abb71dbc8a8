//! The final dot, and the last look right before the body (P2, P3).

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{STALL, carry, courier, first_of_two, letter, numbered, plain, server};
use crate::care::delivery::AttemptVerdict;
use crate::config::sections::smtp::{Smtp, Tls};
use crate::mail::smtp::settings::{DOT_TIMEOUT, SmtpSettings};
use crate::mail::test_server::{Act, Fake};
use crate::ports::{Courier, LastLook, Readiness, Transfer};

/// A look that counts how often it was asked, and what the server had heard by then.
struct Watched<'a> {
    fake: &'a Fake,
    asked: AtomicUsize,
    may_leave: bool,
}

impl<'a> Watched<'a> {
    fn new(fake: &'a Fake, may_leave: bool) -> Self {
        Self { fake, asked: AtomicUsize::new(0), may_leave }
    }
}

impl LastLook for Watched<'_> {
    fn may_leave(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let heard = self.fake.tell(|story| story.heard.last().cloned());
        assert_eq!(heard.as_deref(), Some("DATA"), "right before the body, and not sooner");
        self.may_leave
    }
}

/// Little patience with every step, a little more after the final dot.
fn impatient(fake: &Fake) -> SmtpSettings {
    let server = Smtp { timeout: STALL, ..server(fake) };
    SmtpSettings { dot_timeout: Duration::from_secs(5), ..SmtpSettings::new(server) }
}

#[test]
fn the_final_dot_has_ten_minutes_whatever_the_other_steps_have() {
    assert_eq!(DOT_TIMEOUT, Duration::from_secs(600), "RFC 5321 section 4.5.3.2.6");
    let smtp = SmtpSettings::new(Smtp::new("mail.example", 465, Tls::Implicit));
    assert_eq!(smtp.dot_timeout, DOT_TIMEOUT);
}

#[tokio::test]
async fn a_relay_that_answers_the_dot_late_is_waited_for_and_gets_one_copy() {
    let fake = Fake::start().await;
    let mut connection = courier(impatient(&fake)).connection();
    connection.ready().await.unwrap();
    fake.next("DOT", Act::SayLate("250 2.0.0 queued", 1500));
    assert_eq!(carry(&mut *connection, &letter()).await.verdict, AttemptVerdict::Accepted);
    assert_eq!(fake.tell(|story| (story.letters.len(), story.connections)), (1, 1));
    // No other step is waited for that long.
    fake.next("DATA", Act::SayLate("354 go on", 1500));
    assert_eq!(carry(&mut *connection, &letter()).await.verdict, AttemptVerdict::Later);
}

#[tokio::test]
async fn the_letter_after_a_late_dot_goes_on_over_the_same_line() {
    let fake = Fake::start().await;
    let mut connection = courier(impatient(&fake)).connection();
    connection.ready().await.unwrap();
    connection.announce(&numbered(2));
    fake.next("DOT", Act::SayLate("250 2.0.0 queued", 1500));
    for number in [1, 2] {
        assert_eq!(
            carry(&mut *connection, &numbered(number)).await.verdict,
            AttemptVerdict::Accepted,
            "{number}"
        );
    }
    assert_eq!(fake.tell(|story| (story.letters.len(), story.connections)), (2, 1));
}

#[tokio::test]
async fn a_dot_never_answered_is_a_doubt() {
    let fake = Fake::start().await;
    let smtp = SmtpSettings { dot_timeout: STALL * 2, ..impatient(&fake) };
    let mut connection = courier(smtp).connection();
    connection.ready().await.unwrap();
    fake.next("DOT", Act::Stall);
    let receipt = carry(&mut *connection, &letter()).await;
    assert_eq!(receipt.verdict, AttemptVerdict::Unknown);
    assert!(receipt.digest.is_some(), "replay can prove what may have arrived");
}

#[tokio::test]
async fn a_line_left_half_way_says_whether_the_letter_can_have_arrived() {
    for (verb, fate) in [("MAIL", None), ("DATA", None), ("DOT", Some(AttemptVerdict::Unknown))] {
        let fake = Fake::start().await;
        let mut connection = courier(plain(&fake)).connection();
        connection.ready().await.unwrap();
        assert_eq!(connection.abandoned(), None, "nothing is under way");
        fake.next(verb, Act::Stall);
        assert!(tokio::time::timeout(STALL, carry(&mut *connection, &letter())).await.is_err());
        let left = connection.abandoned();
        assert_eq!(left.as_ref().map(|receipt| receipt.verdict), fate, "{verb}");
        assert!(left.is_none_or(|receipt| receipt.digest.is_some()), "{verb}");
        assert_eq!(connection.abandoned(), None, "it is said once");
    }
}

#[tokio::test]
async fn every_body_is_asked_for_right_before_it_leaves() {
    let fake = Fake::start().await;
    let mut connection = courier(plain(&fake)).connection();
    connection.ready().await.unwrap();
    connection.announce(&numbered(2));
    for number in [1, 2] {
        let look = Watched::new(&fake, true);
        // The envelope of the second went with the body of the first, and the server has heard nothing since.
        let ended = connection.transfer(&numbered(number), &look).await;
        assert!(matches!(ended, Transfer::Over(receipt) if receipt.verdict == AttemptVerdict::Accepted));
        assert_eq!(look.asked.into_inner(), 1);
        while fake.tell(|story| story.heard.iter().filter(|heard| *heard == "DATA").count()) < 2 {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_body_that_may_not_leave_does_not_and_the_server_is_left() {
    for is_announced in [false, true] {
        let fake = Fake::start().await;
        let mut connection = courier(plain(&fake)).connection();
        connection.ready().await.unwrap();
        if is_announced {
            connection.announce(&numbered(2));
            assert_eq!(carry(&mut *connection, &numbered(1)).await.verdict, AttemptVerdict::Accepted);
            connection.ready().await.unwrap();
            while fake.tell(|story| story.heard.iter().filter(|heard| *heard == "DATA").count()) < 2 {
                tokio::task::yield_now().await;
            }
        }
        let before = fake.tell(|story| story.letters.len());
        let look = Watched::new(&fake, false);
        assert_eq!(connection.transfer(&numbered(2), &look).await, Transfer::Stopped);
        assert_eq!(connection.ready().await.unwrap(), Readiness::InTime, "the line was hung up");
        assert_eq!(carry(&mut *connection, &numbered(3)).await.verdict, AttemptVerdict::Accepted);
        assert_eq!(fake.tell(|story| story.letters.len()), before + 1);
    }
}

#[tokio::test]
async fn a_line_that_is_gone_is_not_replaced_behind_the_last_look() {
    for act in [Act::HangUp, Act::SayAndHangUp("421 4.4.2 enough letters for one line")] {
        let fake = Fake::start().await;
        let mut connection = courier(plain(&fake)).connection();
        fake.next("MAIL", Act::Say("250 2.1.0 ok")).next("MAIL", act);
        first_of_two(&mut *connection).await;
        let look = Watched::new(&fake, true);
        assert_eq!(connection.ready().await.unwrap(), Readiness::AtOnce, "its envelope is on its way");
        let ended = connection.transfer(&numbered(2), &look).await;
        assert!(matches!(ended, Transfer::LineGone(_)), "{act:?}: {ended:?}");
        assert_eq!(fake.tell(|story| story.connections), 1, "{act:?}: it connects only when made ready");
        assert_eq!(
            connection.ready().await.unwrap(),
            Readiness::InTime,
            "{act:?}: so she is looked up again"
        );
    }
}
