//! The SMTP line against a server that misbehaves at every step.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use crate::care::address::EmailAddress;
use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::receipt::Receipt;
use crate::config::sections::smtp::{Smtp, Tls};
use crate::letter::content::Letter;
use crate::mail::smtp::courier::SmtpCourier;
use crate::mail::smtp::settings::SmtpSettings;
use crate::mail::test_server::Fake;
use crate::ports::{Clock, Courier, CourierConnection, LastLook, MessageBytes, Outgoing, Transfer};

mod corpus;
mod replies;
mod lines;
mod ahead;
mod dot;
mod lanes;
mod account;
mod seal;
mod signature;

/// Every letter may leave.
pub(super) struct Sure;

impl LastLook for Sure {
    fn may_leave(&self) -> bool {
        true
    }
}

/// A transfer as a courier ends it that looks again at once where the line is gone.
async fn carry(line: &mut dyn CourierConnection, letter: &Outgoing) -> Receipt {
    match line.transfer(letter, &Sure).await {
        Transfer::Over(receipt) => receipt,
        Transfer::LineGone(_) => match line.ready().await {
            Ok(_) => match line.transfer(letter, &Sure).await {
                Transfer::Over(receipt) | Transfer::LineGone(receipt) => receipt,
                Transfer::Stopped => panic!("it may leave"),
            },
            Err(receipt) => receipt,
        },
        Transfer::Stopped => panic!("it may leave"),
    }
}

/// Short, because only stalls wait for it.
const STALL: Duration = Duration::from_millis(250);

struct Still(AtomicU64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }
    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

pub(super) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(super) fn letter() -> Outgoing {
    Outgoing {
        message_id: "d-1.abc@clinic.example".to_owned(),
        date: "2026-11-23T09:00:00Z".parse().unwrap(),
        return_path: address("bounce+1-abc@clinic.example"),
        from: ("Clinic".to_owned(), address("post@clinic.example")),
        reply_to: None,
        to: address("maria.lopez@home.example"),
        unsubscribe: Some("https://clinic.example/o/TOKEN".to_owned()),
        headers: Vec::new(),
        letter: Letter {
            subject: "A note from your clinic".to_owned(),
            text: "Hello.\n.\nBye.".to_owned(),
            html: "<p>Hello</p>".to_owned(),
            calendar: None,
            language: "en".to_owned(),
        },
        wire: MessageBytes::default(),
    }
}

/// The letter under another Message-ID.
fn numbered(number: u32) -> Outgoing {
    Outgoing { message_id: format!("d-{number}.abc@clinic.example"), ..letter() }
}

/// The first letter of two, with the second announced.
async fn first_of_two(line: &mut dyn CourierConnection) {
    line.ready().await.unwrap();
    line.announce(&numbered(2));
    assert_eq!(carry(line, &numbered(1)).await.verdict, AttemptVerdict::Accepted);
}

fn server(fake: &Fake) -> Smtp {
    Smtp { timeout: Duration::from_secs(10), ..Smtp::new("127.0.0.1", fake.port, Tls::None) }
}

fn plain(fake: &Fake) -> SmtpSettings {
    SmtpSettings::new(server(fake))
}

fn courier(smtp: SmtpSettings) -> SmtpCourier {
    SmtpCourier::new(smtp, Arc::new(Still(AtomicU64::new(0)))).unwrap()
}

fn impatient(fake: &Fake) -> Box<dyn CourierConnection> {
    let server = Smtp { timeout: STALL, ..server(fake) };
    courier(SmtpSettings { dot_timeout: STALL, ..SmtpSettings::new(server) }).connection()
}

async fn send(line: &mut dyn CourierConnection, letter: &Outgoing) -> Receipt {
    match line.ready().await {
        Ok(_) => carry(line, letter).await,
        Err(receipt) => receipt,
    }
}

async fn sent(fake: &Fake) -> Receipt {
    send(&mut *courier(plain(fake)).connection(), &letter()).await
}
