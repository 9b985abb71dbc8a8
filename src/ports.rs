//! What the world must offer: a clock, randomness, and a courier. SQLite has no port: it is the truth.

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;

use crate::care::address::EmailAddress;
use crate::care::refusal::receipt::Receipt;
use crate::letter::content::Letter;

/// A boxed future, so that ports can be used as trait objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Time, read once per step and passed down.
pub trait Clock: Send + Sync {
    /// The instant the wall clock shows; it may jump, forward or back.
    fn now(&self) -> Timestamp;
    /// A clock that never jumps; only differences mean anything.
    fn monotonic(&self) -> Duration;
    /// As [`Self::monotonic`], but it stands still while the machine sleeps: how long somebody has had to do something.
    fn awake(&self) -> Duration {
        self.monotonic()
    }
    /// The wall clock as the kernel keeps it, if something outside (NTP, PTP) has set it right and keeps it so; `None` where
    /// nobody vouches for it, and where the kernel may not be asked. It answers at once.
    fn synchronized(&self) -> Option<Timestamp> {
        None
    }
    /// As [`Self::synchronized`]; where the kernel may not be asked, somebody is who may. That takes seconds at worst.
    fn vouched(&self) -> BoxFuture<'_, Option<Timestamp>> {
        Box::pin(std::future::ready(self.synchronized()))
    }
}

/// Randomness for ids, tokens and jitter.
pub trait Entropy: Send + Sync {
    /// Fills the whole buffer with random bytes; it panics where none can be had.
    fn fill(&self, buffer: &mut [u8]);
}

/// A letter with its envelope and headers, ready for the wire.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The Message-ID without angle brackets; fixed per delivery.
    pub message_id: String,
    /// The Date header; fixed at the first attempt.
    pub date: Timestamp,
    /// Envelope sender with its per-delivery tag.
    pub return_path: EmailAddress,
    /// From: display name (already free of control characters) and address.
    pub from: (String, EmailAddress),
    /// Where answers go; `None` leaves the Reply-To header out.
    pub reply_to: Option<EmailAddress>,
    /// The one recipient, in the envelope and in the To header.
    pub to: EmailAddress,
    /// `List-Unsubscribe` target (RFC 8058 one-click), for patient letters.
    pub unsubscribe: Option<String>,
    /// Further header lines, fixed names, e.g. the test watermark.
    pub headers: Vec<(&'static str, String)>,
    /// Subject, text, HTML and calendar part, as the patient or staff read them.
    pub letter: Letter,
    /// The message as bytes, once a courier has written it.
    pub wire: MessageBytes,
}

/// SHA-256 over a letter as it leaves: what proves, years later, which letter that was.
pub type MessageDigest = fn(&Outgoing) -> [u8; 32];

/// A letter's message as bytes, written once. A copy of a letter is unwritten, since it may be changed.
#[derive(Debug, Default)]
pub struct MessageBytes(OnceLock<OutgoingMessage>);

/// A message as it leaves.
#[derive(Debug)]
pub struct OutgoingMessage {
    /// Header and body (RFC 5322).
    pub bytes: Vec<u8>,
    /// SHA-256 over them, for `replay`.
    pub digest: [u8; 32],
    /// The `DKIM-Signature` field that leaves before them, once a courier that signs has made it. No part of the digest.
    pub signature: OnceLock<String>,
}

impl MessageBytes {
    /// The message, written now if it was not before.
    pub fn get_or_write(&self, write: impl FnOnce() -> OutgoingMessage) -> &OutgoingMessage {
        self.0.get_or_init(write)
    }
}

impl Clone for MessageBytes {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// Whose letters a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Everybody's: one pass carries them all.
    Shared,
    /// Letters to patients, while a pass of its own carries those to staff.
    Patients,
    /// Letters to staff: alerts among them.
    Staff,
}

/// Someone who carries letters.
pub trait Courier: Any + Send + Sync {
    /// How many connections may be open at once, over all passes together.
    fn connections(&self) -> usize;
    /// A new connection; opened lazily by [`CourierConnection::ready`].
    fn connection(&self) -> Box<dyn CourierConnection>;
    /// How many of its connections a pass may use that carries such letters.
    fn lines_for(&self, lane: Lane) -> usize {
        let _: Lane = lane;
        self.connections()
    }
    /// A new connection for such letters.
    fn connection_for(&self, lane: Lane) -> Box<dyn CourierConnection> {
        let _: Lane = lane;
        self.connection()
    }
    /// Whether its connections gain from knowing the letter after the next ([`CourierConnection::announce`]).
    fn looks_ahead(&self) -> bool {
        false
    }
    /// Takes the place of another courier to the same server: connections that the other has open still count as its own.
    fn succeed(&self, former: &(dyn Courier + 'static)) {
        let _: &dyn Courier = former;
    }
    /// Writes a letter's message ([`Outgoing::wire`]) while others are on their way. Carrying it does so too, if need be.
    fn write(&self, letter: &Outgoing) {
        let _: &Outgoing = letter;
    }
}

/// How a connection became ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It was: nobody waited.
    AtOnce,
    /// Somebody was waited for, and meanwhile anything may have happened.
    InTime,
}

/// Whoever knows whether a letter may still leave.
pub trait LastLook: Send + Sync {
    /// Asked right before a letter's body leaves, whenever that is.
    fn may_leave(&self) -> bool;
}

/// How the transfer of a letter ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transfer {
    /// The server, or its silence, said something about the letter.
    Over(Receipt),
    /// The connection ended before anything of the letter's body left, because of what had gone before on it. Once it is ready
    /// again, and she has been looked up again, the letter may be transferred; the receipt stands if it is not.
    LineGone(Receipt),
    /// The last look said no: nothing of its body left.
    Stopped,
}

/// One worker's own connection.
pub trait CourierConnection: Send {
    /// Connects, greets, encrypts and signs in if needed; checks a connection that has been idle. Called before the last look
    /// at whether the letter may still leave.
    ///
    /// The error is the receipt to record for the letter that was about to leave; its verdict is never `Accepted`,
    /// `Unknown` or `BadAddress`.
    fn ready(&mut self) -> BoxFuture<'_, Result<Readiness, Receipt>>;
    /// Transfers one letter over a ready connection. It never connects: whatever connects anew is [`CourierConnection::ready`], after which she
    /// is looked up again. A connection whose future was dropped closes itself.
    fn transfer<'a>(
        &'a mut self,
        letter: &'a Outgoing,
        last_look: &'a dyn LastLook,
    ) -> BoxFuture<'a, Transfer>;
    /// What became of the letter whose transfer was dropped half-way: `None` if none of it can have arrived.
    fn abandoned(&mut self) -> Option<Receipt>;
    /// Names the letter after the one about to be carried, so that its envelope can travel with that one's body. Its own
    /// body stays here until it is transferred.
    fn announce(&mut self, next: &Outgoing) {
        let _: &Outgoing = next;
    }
    /// The announced letter will not come.
    fn call_off(&mut self) {}
    /// Says goodbye and closes.
    fn rest(&mut self) -> BoxFuture<'_, ()>;
}
