//! What came back and could not be recorded, because somebody else holds the database or its disk is full, is brought
//! again.

use std::sync::Arc;
use std::time::Duration;

use super::batch;
use crate::care::delivery::DeliveryState;
use crate::journey::delivery::batch::CarriedLetter;
use crate::journey::delivery::batcher::Batcher;
use crate::journey::error::StepError;
use crate::store::db::transaction::{Stamp, Tx};

/// Before the first try; doubled each time.
const FIRST_REST: Duration = Duration::from_millis(500);
const LONGEST_REST: Duration = Duration::from_secs(30);
/// Half an hour of them.
const TRIES: u32 = 64;

/// Once all lines have ended: brings again what is not on record, with rests between, while the leases last. Whether all
/// of it is on record now, so that lines may go on. What is not is left to `rescue`: nothing is forgotten, but what a
/// server has taken would go a second time (P3).
pub(in crate::journey::delivery) async fn bring_again(batcher: &Batcher) -> bool {
    let owed = Arc::new(batcher.owed().await);
    if owed.is_empty() {
        return false;
    }
    let (post, lease) = (&batcher.post, batcher.clinic.policy.lease);
    let began = post.clock.monotonic();
    for tries in 0..TRIES {
        let rest = FIRST_REST.saturating_mul(1 << tries.min(16)).min(LONGEST_REST);
        if post.stop.run_until_cancelled(tokio::time::sleep(rest)).await.is_none() {
            break;
        }
        let now = post.clock.monotonic();
        if now.saturating_sub(began) > lease / 2 {
            break;
        }
        post.liveness.beat(now);
        match record(batcher, &owed).await {
            Ok(recorded) => {
                batcher.settle(&recorded);
                return true;
            }
            Err(fault) => {
                tracing::warn!(%fault, letters = owed.len(), "still not on record; trying again");
            }
        }
    }
    false
}

async fn record(batcher: &Batcher, owed: &Arc<Vec<CarriedLetter>>) -> Result<Vec<DeliveryState>, StepError> {
    let (owed, clinic) = (Arc::clone(owed), batcher.clinic.clone());
    let clock = batcher.post.watch.glance(&*batcher.post.clock);
    let job = move |tx: &mut Tx<'_>| batch::record_all(tx, &clinic, &owed, clock);
    batcher.clinic.store.write(Stamp::daemon(clock.now()), job).await
}
