//! One lane a receiver: calls to one leave one after the other, calls to different ones side by side.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use tokio::task::{self, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::exchange::webhook::client::WebhookClient;
use crate::journey::alerts::webhook_calls::{self, CallResult};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::ports::Clock;

/// So many receivers are called at the same time at most; more wait for a lane.
const MOST: usize = 16;

/// What a lane needs besides its caller.
#[derive(Clone)]
pub struct Round {
    /// Where calls wait and what became of them is recorded.
    pub clinic: Deps,
    /// Each call is signed with the time at which it is sent.
    pub clock: Arc<dyn Clock>,
    /// Cancelled when no new call may be made.
    pub stop: CancellationToken,
}

/// How a lane ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LaneEnd {
    /// Nothing more is due to its receiver.
    Served,
    /// Its receiver does not answer now, or nothing can be recorded: the rest waits.
    Waits,
}

/// The receivers that are being called, and those that wait for the next round.
#[derive(Default)]
pub struct Lanes {
    at_work: JoinSet<LaneEnd>,
    busy: HashMap<task::Id, String>,
    waiting: BTreeSet<String>,
}

impl Lanes {
    /// Opens a lane for each receiver with a call that is due, unless it has one or waits.
    ///
    /// # Errors
    /// [`StepError`] when the store fails.
    pub fn open(&mut self, caller: &Arc<WebhookClient>, round: &Round) -> Result<(), StepError> {
        for call in round.clinic.store.read(|view| view.calls_due(round.clock.now()))? {
            let receiver = call.receiver;
            let is_busy = self.busy.values().any(|busy| *busy == receiver);
            let is_full = self.busy.len() >= MOST || round.stop.is_cancelled();
            if is_busy || is_full || self.waiting.contains(&receiver) {
                continue;
            }
            let (caller, round, name) = (Arc::clone(caller), round.clone(), receiver.clone());
            let lane = self.at_work.spawn(async move { lane(&caller, &round, &name).await });
            self.busy.insert(lane.id(), receiver);
        }
        Ok(())
    }

    /// Lets receivers that wait be tried again.
    pub fn forgive(&mut self) {
        self.waiting.clear();
    }

    /// Waits until a lane ends; `false` when none is open.
    pub async fn ended(&mut self) -> bool {
        let Some(ended) = self.at_work.join_next_with_id().await else { return false };
        let (id, end) = ended.unwrap_or_else(|fault| {
            tracing::error!(%fault, "a lane of calls broke off");
            (fault.id(), LaneEnd::Waits)
        });
        if let Some(receiver) = self.busy.remove(&id)
            && end == LaneEnd::Waits
        {
            self.waiting.insert(receiver);
        }
        true
    }
}

async fn lane(caller: &Arc<WebhookClient>, round: &Round, receiver: &str) -> LaneEnd {
    while !round.stop.is_cancelled() {
        match next(caller, round, receiver).await {
            Ok(Some(LaneEnd::Served)) => {}
            Ok(None) => return LaneEnd::Served,
            Ok(Some(LaneEnd::Waits)) => return LaneEnd::Waits,
            Err(fault) => {
                tracing::error!(%fault, "a signed call could not be read or recorded; trying again");
                return LaneEnd::Waits;
            }
        }
    }
    LaneEnd::Served
}

/// Makes the next call to a receiver: asked anew, because a person may have taken its alert on meanwhile.
async fn next(
    caller: &Arc<WebhookClient>,
    round: &Round,
    receiver: &str,
) -> Result<Option<LaneEnd>, StepError> {
    let now = round.clock.now();
    let Some(call) = round.clinic.store.read(|view| view.call_due(receiver, now))? else { return Ok(None) };
    let answer = if call.expires_at <= now {
        CallResult::Lapsed("its use was over before it was taken".to_owned())
    } else {
        let (caller, clock) = (Arc::clone(caller), Arc::clone(&round.clock));
        let call = webhook_calls::written(call.clone(), &round.clinic);
        let made = tokio::task::spawn_blocking(move || caller.call(&call, clock.now())).await;
        made.unwrap_or_else(|_| CallResult::Later("the call broke off".to_owned()))
    };
    let end = if matches!(answer, CallResult::Later(_)) { LaneEnd::Waits } else { LaneEnd::Served };
    webhook_calls::record(&round.clinic, round.clock.now(), call, answer).await?;
    Ok(Some(end))
}
