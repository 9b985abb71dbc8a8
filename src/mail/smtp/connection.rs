//! One worker's SMTP connection. It connects only in [`CourierConnection::ready`], so that she is looked up again after every wait for a
//! connection, and asks once more right before a body leaves.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::dialogue::lost;
use crate::care::delivery::AttemptVerdict;
use crate::care::refusal::classify::DialogueStage;
use crate::care::refusal::receipt::Receipt;
use crate::mail::smtp::dialogue::{ConnectionState, SmtpSession, TransactionEnd};
use crate::mail::smtp::open_session::CourierState;
use crate::mail::smtp::reply::{SmtpStage, without_reply};
use crate::mail::smtp::session_limits::{PATIENCE, QUIT_TIMEOUT};
use crate::mail::smtp::transport::deadline_stream::BytesSent;
use crate::mail::wire_form::WireForm;
use crate::ports::{BoxFuture, CourierConnection, Lane, LastLook, Outgoing, Readiness, Transfer};

/// A connection that rested longer is asked whether it still lives; servers and firewalls drop quiet ones without a word.
const QUIET: Duration = Duration::from_secs(20);

/// So many envelopes in a row sent with the letter before and not answered, and none is sent that way any more.
const UNHEARD: u32 = 3;

/// While something is said the connection is taken out: a dropped future takes it along, so that nobody ever reads a reply
/// meant for an earlier letter.
pub(in crate::mail) struct SmtpConnection {
    courier: Arc<CourierState>,
    lane: Lane,
    open: Option<SmtpSession>,
    /// The letter announced with the one before.
    now: Option<WireForm>,
    /// The letter to announce with the next one carried.
    next: Option<WireForm>,
    /// How far the letter has come that is being transferred, and what it is.
    under_way: Option<(Arc<BytesSent>, [u8; 32])>,
}

impl SmtpConnection {
    pub(in crate::mail) fn new(courier: Arc<CourierState>, lane: Lane) -> Self {
        Self { courier, lane, open: None, now: None, next: None, under_way: None }
    }

    async fn make_ready(&mut self) -> Result<Readiness, Receipt> {
        if self.open.is_some() && self.now.as_ref().is_some_and(|now| now.said) {
            // Its replies are on their way: whether the connection lives shows when they are read.
            return Ok(Readiness::AtOnce);
        }
        if self.gives_way() {
            self.quit().await;
        }
        if let Some(open) = self.open.take()
            && let Some((open, ready)) = self.checked(open).await
        {
            self.open = Some(open);
            return Ok(ready);
        }
        self.open = Some(self.opened().await?);
        Ok(Readiness::InTime)
    }

    /// Whether letters to staff wait for a connection and only this connection's kind can free one.
    fn gives_way(&self) -> bool {
        self.lane == Lane::Patients && self.courier.limit().is_short_for_staff()
    }

    async fn opened(&self) -> Result<SmtpSession, Receipt> {
        let slot = self.courier.limit().slot(self.lane).await;
        match self.courier.open().await {
            Ok((open, seal, _)) => {
                let place = self.courier.smtp.server.place();
                tracing::debug!(place, tls = seal.as_deref(), "connection open");
                if self.courier.is_away.swap(false, Ordering::Relaxed) {
                    tracing::warn!(place, "there is a connection to the mail server again");
                }
                Ok(SmtpSession { _slot: Some(slot), ..open })
            }
            Err(fault) => {
                let receipt = fault.receipt();
                // Told once: whoever tries again meanwhile adds nothing.
                match self.courier.is_away.swap(true, Ordering::Relaxed) {
                    false => {
                        tracing::warn!(
                            stage = receipt.at.map(DialogueStage::word),
                            code = receipt.code,
                            enhanced = receipt.enhanced,
                            reason = receipt.reply,
                            "no connection to the mail server"
                        );
                    }
                    true => {
                        tracing::debug!(
                            code = receipt.code,
                            reason = receipt.reply,
                            "still no connection to the mail server"
                        );
                    }
                }
                Err(receipt)
            }
        }
    }

    /// The connection if it can still be used, and whether the server had to be asked.
    async fn checked(&self, mut open: SmtpSession) -> Option<(SmtpSession, Readiness)> {
        if open.is_gone().await {
            tracing::debug!("line was closed by the server while it rested");
            return None;
        }
        let quiet = self.courier.clock.monotonic().saturating_sub(open.used_at) >= QUIET;
        if !open.cluttered && !quiet {
            return Some((open, Readiness::AtOnce));
        }
        match open.say("RSET\r\n").await {
            Ok(reply) if SmtpStage::Rest.wants(reply.code) => open.cluttered = false,
            _ => return None,
        }
        Some((open, Readiness::InTime))
    }

    async fn transfer_now(&mut self, outgoing: &Outgoing, last_look: &dyn LastLook) -> Transfer {
        let letter = match self.now.take() {
            Some(now) if now.message_id == outgoing.message_id => now,
            other => {
                if other.is_some_and(|other| other.said) {
                    // The server waits for the body of another letter.
                    self.open = None;
                }
                WireForm::new(outgoing, self.courier.smtp.signer.as_deref())
            }
        };
        // Who gives way to staff after this letter announces none to follow it.
        let mut next = self.next.take().filter(|_| !self.gives_way());
        let ending = self.try_once(&letter, next.as_mut(), last_look).await;
        if self.open.is_none() {
            next.iter_mut().for_each(|next| next.said = false);
        }
        self.now = next;
        let receipt = Receipt { digest: Some(letter.digest), ..ending.receipt };
        match ending.connection {
            ConnectionState::Stopped => Transfer::Stopped,
            // The connection ended between two letters, and nothing of this one's body left.
            ConnectionState::Closed if letter.said && ending.is_early => Transfer::LineGone(receipt),
            ConnectionState::Closed | ConnectionState::Clean | ConnectionState::Cluttered => {
                Transfer::Over(receipt)
            }
        }
    }

    async fn try_once(
        &mut self,
        letter: &WireForm,
        next: Option<&mut WireForm>,
        last_look: &dyn LastLook,
    ) -> TransactionEnd {
        let closed =
            |receipt| TransactionEnd { receipt, connection: ConnectionState::Closed, is_early: false };
        let Some(mut open) = self.open.take().filter(|open| !open.cluttered) else {
            return closed(without_reply(AttemptVerdict::Later, "the line was not ready"));
        };
        let progress = Arc::clone(&open.progress);
        self.under_way = Some((Arc::clone(&progress), letter.digest));
        let next = next.filter(|_| self.courier.unanswered.load(Ordering::Relaxed) < UNHEARD);
        let ending = tokio::select! {
            biased;
            ending = open.deliver(letter, next, last_look) => ending,
            spent = self.too_long(&progress) => {
                self.under_way = None;
                return closed(lost(&progress, &format!("the letter was not through after {spent:?}")));
            }
        };
        self.under_way = None;
        if letter.said {
            match ending.is_early && ending.receipt.code.is_none() {
                true => self.courier.unanswered.fetch_add(1, Ordering::Relaxed),
                false => self.courier.unanswered.swap(0, Ordering::Relaxed),
            };
        }
        if matches!(ending.connection, ConnectionState::Clean | ConnectionState::Cluttered) {
            open.cluttered = ending.connection == ConnectionState::Cluttered;
            open.used_at = self.courier.clock.monotonic();
            self.open = Some(open);
        }
        ending
    }

    /// Waits until a letter has taken as long as any may, and says how long that is: where its final dot has left, the
    /// time for the server's answer to it comes on top.
    async fn too_long(&self, progress: &BytesSent) -> Duration {
        let (whole, dot) = (self.courier.smtp.server.timeout * PATIENCE, self.courier.smtp.dot_timeout);
        sleep(whole).await;
        if !progress.dot_left() {
            return whole;
        }
        sleep(dot).await;
        whole + dot
    }

    fn left_half_way(&mut self) -> Option<Receipt> {
        let (progress, digest) = self.under_way.take()?;
        let words = "the program ended before the server had answered the final dot";
        let receipt = without_reply(AttemptVerdict::Unknown, words);
        progress.dot_left().then_some(Receipt { digest: Some(digest), ..receipt })
    }

    async fn quit(&mut self) {
        self.call_off();
        if let Some(mut open) = self.open.take() {
            drop(timeout(QUIT_TIMEOUT, open.connection.quit()).await); // Closing is all that matters.
        }
    }
}

impl CourierConnection for SmtpConnection {
    fn ready(&mut self) -> BoxFuture<'_, Result<Readiness, Receipt>> {
        Box::pin(self.make_ready())
    }

    fn transfer<'a>(
        &'a mut self,
        letter: &'a Outgoing,
        last_look: &'a dyn LastLook,
    ) -> BoxFuture<'a, Transfer> {
        Box::pin(self.transfer_now(letter, last_look))
    }

    fn abandoned(&mut self) -> Option<Receipt> {
        self.left_half_way()
    }

    fn announce(&mut self, next: &Outgoing) {
        self.next = Some(WireForm::new(next, self.courier.smtp.signer.as_deref()));
    }

    fn call_off(&mut self) {
        if self.now.take().is_some_and(|now| now.said) {
            // The server waits for its body. Hanging up is the only way not to send it.
            self.open = None;
        }
        self.next = None;
    }

    fn rest(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(self.quit())
    }
}
