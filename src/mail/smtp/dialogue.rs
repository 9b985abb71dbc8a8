//! One open connection and what is said on it. Nothing here decides about patients; it only reports what the server said.

use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use lettre::transport::smtp::client::AsyncSmtpConnection;

use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::receipt::Receipt;
use crate::mail::smtp::capabilities::Capabilities;
use crate::mail::smtp::connection_limit::ConnectionSlot;
use crate::mail::smtp::reply::{Reply, SmtpStage, heard, receipt, without_reply};
use crate::mail::smtp::transport::deadline_stream::BytesSent;
use crate::mail::wire_form::WireForm;
use crate::ports::LastLook;

/// A connection that has greeted and signed in.
pub(in crate::mail) struct SmtpSession {
    /// lettre's end of it.
    pub(in crate::mail) connection: AsyncSmtpConnection,
    /// What the server can do.
    pub(in crate::mail) offers: Capabilities,
    /// How far the current letter's bytes have come.
    pub(in crate::mail) progress: Arc<BytesSent>,
    /// Whether an envelope was refused and not yet cleared with RSET.
    pub(in crate::mail) cluttered: bool,
    /// Monotonic time of the last exchange.
    pub(in crate::mail) used_at: Duration,
    /// The right to be open; given back when the connection goes.
    pub(in crate::mail) _slot: Option<ConnectionSlot>,
}

/// How a letter's trip ended, and what becomes of the connection.
pub(in crate::mail) struct TransactionEnd {
    /// What the server said, for the delivery log.
    pub(in crate::mail) receipt: Receipt,
    /// What becomes of the connection.
    pub(in crate::mail) connection: ConnectionState,
    /// It ended with the envelope: nothing of the body left.
    pub(in crate::mail) is_early: bool,
}

/// What becomes of the connection after a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mail) enum ConnectionState {
    /// Ready for the next letter as it is.
    Clean,
    /// Ready once RSET has cleared the envelope.
    Cluttered,
    /// Out of step or gone.
    Closed,
    /// Gone, because the server waits for a body that may not leave any more.
    Stopped,
}

impl SmtpSession {
    /// Whether the server has said something, or hung up, while nobody asked.
    pub(in crate::mail) async fn is_gone(&mut self) -> bool {
        let mut unasked = std::pin::pin!(self.connection.read_response());
        std::future::poll_fn(|cx| Poll::Ready(unasked.as_mut().poll(cx).is_ready())).await
    }

    /// Sends a command and waits for its reply; the error says how the connection was lost.
    pub(in crate::mail) async fn say(&mut self, command: &str) -> Result<Reply, String> {
        heard(self.connection.command(command).await)
    }

    /// Carries a letter, and the envelope of the next along with its body (RFC 2920 §3.1) where the
    /// server takes commands in one go.
    pub(in crate::mail) async fn deliver(
        &mut self,
        letter: &WireForm,
        next: Option<&mut WireForm>,
        last_look: &dyn LastLook,
    ) -> TransactionEnd {
        if let Some(largest) = self.offers.largest.filter(|_| !letter.said && letter.is_too_big(&self.offers))
        {
            return too_big(letter.size, largest);
        }
        let ending = match self.envelope(letter).await {
            // The envelope may have taken its time: nothing but the write stands between this look and the body.
            Ok(()) if !last_look.may_leave() => stopped(),
            Ok(()) => self.body(letter, next).await,
            Err(ending) => TransactionEnd { is_early: true, ..*ending },
        };
        self.progress.settle();
        ending
    }

    /// MAIL, RCPT and DATA; in one go if the server allows it.
    async fn envelope(&mut self, letter: &WireForm) -> Result<(), Box<TransactionEnd>> {
        let commands = letter.envelope(&self.offers);
        let all = commands.concat();
        let mut refused = None;
        for (stage, command) in
            [SmtpStage::Sender, SmtpStage::Recipient, SmtpStage::Start].into_iter().zip(&commands)
        {
            let reply = match (self.offers.pipelining, stage) {
                (false, _) => self.say(command).await,
                (true, SmtpStage::Sender) if !letter.said => self.say(&all).await,
                (true, _) => heard(self.connection.read_response().await),
            };
            let reply = reply.map_err(|why| Box::new(self.lost(stage, &why)))?;
            if stage.wants(reply.code) {
                continue;
            }
            if reply.code == 421 || reply.code < 400 {
                return Err(Box::new(ended(stage, &reply, letter, ConnectionState::Closed)));
            }
            let first = refused.get_or_insert((stage, reply));
            if !self.offers.pipelining || stage == SmtpStage::Start {
                return Err(Box::new(ended(first.0, &first.1, letter, ConnectionState::Cluttered)));
            }
        }
        match refused {
            None => Ok(()),
            // Refused, yet the server now waits for a body that must not come.
            Some((stage, reply)) => Err(Box::new(ended(stage, &reply, letter, ConnectionState::Closed))),
        }
    }

    /// The message and its dot, and what may go with them, in one write.
    async fn body(&mut self, letter: &WireForm, next: Option<&mut WireForm>) -> TransactionEnd {
        self.progress.expect_dot(letter.body.len());
        let next = next.filter(|next| self.offers.pipelining && !next.is_too_big(&self.offers));
        let reply = match next {
            None => self.say(&letter.body).await,
            Some(next) => {
                next.said = true;
                let both = [letter.body.as_str(), &next.envelope(&self.offers).concat()].concat();
                self.say(&both).await
            }
        };
        match reply {
            Err(why) => self.lost(SmtpStage::Dot, &why),
            Ok(reply) if reply.code == 421 || (reply.code < 400 && !SmtpStage::Dot.wants(reply.code)) => {
                ended(SmtpStage::Dot, &reply, letter, ConnectionState::Closed)
            }
            Ok(reply) => ended(SmtpStage::Dot, &reply, letter, ConnectionState::Clean),
        }
    }

    fn lost(&self, stage: SmtpStage, why: &str) -> TransactionEnd {
        TransactionEnd {
            receipt: lost(&self.progress, &format!("line lost at {}: {why}", stage.word())),
            connection: ConnectionState::Closed,
            is_early: false,
        }
    }
}

/// The receipt for a connection that broke: once a byte of the dot may have left, nobody knows.
pub(in crate::mail) fn lost(progress: &BytesSent, words: &str) -> Receipt {
    without_reply(if progress.dot_left() { AttemptVerdict::Unknown } else { AttemptVerdict::Later }, words)
}

fn ended(stage: SmtpStage, reply: &Reply, letter: &WireForm, connection: ConnectionState) -> TransactionEnd {
    TransactionEnd { receipt: receipt(stage, reply, letter), connection, is_early: false }
}

/// Hanging up is the only way not to send the body that the server waits for.
fn stopped() -> TransactionEnd {
    let receipt = without_reply(AttemptVerdict::Later, "it may not leave any more; nothing was sent");
    TransactionEnd { receipt, connection: ConnectionState::Stopped, is_early: true }
}

fn too_big(size: usize, largest: u64) -> TransactionEnd {
    let words =
        format!("the letter has {size} bytes and the server takes at most {largest}; nothing was sent");
    TransactionEnd {
        receipt: without_reply(AttemptVerdict::Refused, &words),
        connection: ConnectionState::Clean,
        is_early: true,
    }
}
