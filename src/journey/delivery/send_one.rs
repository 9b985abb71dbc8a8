//! One letter's trip over one connection: the last look, the words, the dialogue. No transaction is open meanwhile.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::journey::delivery::batch::{self, CheckVerdict, FinalCheckResult, SendResult};
use crate::journey::delivery::outcome::unwritable;
use crate::journey::delivery::post::Post;
use crate::journey::deps::Deps;
use crate::journey::in_flight::ClaimedLetter;
use crate::journey::outbox::replay;
use crate::ports::{Courier, CourierConnection, LastLook, Outgoing, Readiness, Transfer};
use crate::store::mail::final_check::FinalCheck;

/// A look so young is not taken again: nothing was waited for since.
const FRESH: Duration = Duration::from_millis(500);
/// How long a letter under way may take once the program ends.
pub(crate) const LAST_WORDS: Duration = Duration::from_secs(5);

/// A letter in hand with its words.
pub(in crate::journey::delivery) struct HeldLetter {
    held: ClaimedLetter,
    written: Result<Outgoing, String>,
}

impl HeldLetter {
    pub(in crate::journey::delivery) fn new(
        held: ClaimedLetter,
        clinic: &Deps,
        courier: &dyn Courier,
    ) -> Self {
        let write = || replay::leaving(&held.letter, clinic).inspect(|outgoing| courier.write(outgoing));
        let written =
            catch_unwind(AssertUnwindSafe(write)).unwrap_or_else(|_| Err("writing it panicked".to_owned()));
        Self { held, written }
    }

    /// What is asked of it.
    pub(in crate::journey::delivery) fn asked(&self) -> FinalCheck {
        self.held.asked()
    }

    /// The letter without its words.
    pub(in crate::journey::delivery) fn into_hand(self) -> ClaimedLetter {
        self.held
    }

    /// Tells the connection what comes after the letter it is about to carry.
    pub(in crate::journey::delivery) fn announce(&self, connection: &mut dyn CourierConnection) {
        if let Ok(outgoing) = &self.written {
            connection.announce(outgoing);
        }
    }
}

/// What carrying a letter needs: records, clock, and the signals to stop.
pub(in crate::journey::delivery) struct SendContext<'a> {
    pub(in crate::journey::delivery) clinic: &'a Deps,
    pub(in crate::journey::delivery) post: &'a Post,
}

/// Looks again where the look before is a while ago.
struct Recheck<'a> {
    context: &'a SendContext<'a>,
    asked: FinalCheck,
    looked_at: Duration,
    /// The memory could not be asked.
    is_blind: AtomicBool,
}

impl LastLook for Recheck<'_> {
    fn may_leave(&self) -> bool {
        let age = self.context.post.clock.monotonic().saturating_sub(self.looked_at);
        age < FRESH
            || match self.context.look(&self.asked) {
                Ok(verdict) => verdict == CheckVerdict::MayLeave,
                Err(_) => {
                    self.is_blind.store(true, Ordering::Relaxed);
                    false
                }
            }
    }
}

impl SendContext<'_> {
    /// Carries a letter whose turn it is. `checked` is what the last transaction found, and when: it is asked again if that
    /// was a while ago. At the end of the program it waits no longer than it may; what the server may have taken by then
    /// is in doubt, on record (P3).
    pub(in crate::journey::delivery) async fn carry(
        &self,
        connection: &mut dyn CourierConnection,
        held: &HeldLetter,
        checked: FinalCheckResult,
    ) -> SendResult {
        let last_words = async {
            self.post.stop.cancelled().await;
            tokio::time::sleep(LAST_WORDS).await;
        };
        tokio::select! {
            biased;
            end = self.trip(connection, held, checked) => return end,
            () = last_words => {}
        }
        connection.abandoned().map_or(SendResult::Untouched, SendResult::Carried)
    }

    async fn trip(
        &self,
        connection: &mut dyn CourierConnection,
        held: &HeldLetter,
        checked: FinalCheckResult,
    ) -> SendResult {
        let mut checked = Some(checked);
        loop {
            let is_first = checked.is_some();
            let looked_at = match self.may_leave(connection, held, checked.take()).await {
                Ok(at) => at,
                Err(end) => {
                    connection.call_off();
                    return end;
                }
            };
            let outgoing = match &held.written {
                Ok(outgoing) => outgoing,
                Err(reason) => {
                    tracing::error!(delivery = held.held.letter.id.0, %reason, "letter cannot be composed");
                    connection.call_off();
                    return SendResult::Carried(unwritable(reason));
                }
            };
            let last_look =
                Recheck { context: self, asked: held.asked(), looked_at, is_blind: AtomicBool::default() };
            match connection.transfer(outgoing, &last_look).await {
                // Once more, from a new connection and a new look on.
                Transfer::LineGone(_) if is_first => {}
                Transfer::Over(receipt) | Transfer::LineGone(receipt) => {
                    return SendResult::Carried(receipt);
                }
                // What nobody could look at does not leave.
                Transfer::Stopped if last_look.is_blind.into_inner() => return SendResult::Untouched,
                Transfer::Stopped => return SendResult::Stopped,
            }
        }
    }

    /// Makes the connection ready and looks at the letter, unless a look is given and nobody waited. The instant of the look, or
    /// how the trip ends here.
    async fn may_leave(
        &self,
        connection: &mut dyn CourierConnection,
        held: &HeldLetter,
        given: Option<FinalCheckResult>,
    ) -> Result<Duration, SendResult> {
        if given.is_some_and(|given| given.verdict == CheckVerdict::MayNot) {
            return Err(SendResult::Stopped);
        }
        let ready = tokio::select! {
            biased;
            ready = connection.ready() => ready,
            // Nothing of it was said: it is written anew under the settings now in force.
            () = self.post.superseded.cancelled() => return Err(SendResult::Untouched),
        };
        let ready = ready.map_err(SendResult::NoConnection)?;
        if let (Readiness::AtOnce, Some(given)) = (ready, given) {
            return Ok(given.at);
        }
        let now = self.post.clock.monotonic();
        match self.look(&held.asked())? {
            CheckVerdict::MayLeave => Ok(now),
            CheckVerdict::MayNot => Err(SendResult::Stopped),
        }
    }

    fn look(&self, asked: &FinalCheck) -> Result<CheckVerdict, SendResult> {
        self.clinic.store.read(|view| batch::look(view, asked)).map_err(|fault| {
            // What nobody could look at does not leave.
            tracing::error!(delivery = asked.id.0, %fault, "the last look before a letter leaves failed");
            SendResult::Untouched
        })
    }
}
