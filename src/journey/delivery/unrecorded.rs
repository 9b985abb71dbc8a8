//! What came back and could not be recorded, because another program holds the database or its disk
//! is full, is brought again.

use std::sync::Arc;
use std::time::Duration;

use super::batch;
use crate::care::delivery::DeliveryState;
use crate::journey::delivery::batch::CarriedLetter;
use crate::journey::delivery::batcher::Batcher;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::{Stamp, Tx};

/// Before the first try; doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// Half an hour of them.
const TRIES: u32 = 64;

/// Once all workers have ended: brings again what is not on record, with rests between, while the leases last, and once more at the end of the program. Whether all
/// of it is on record now, so that workers may go on. What is not is left to `recover_leases`: nothing is forgotten, but what a
/// server has taken would go a second time (P3).
pub(in crate::journey::delivery) async fn retry_recording(batcher: &Batcher) -> bool {
    let unrecorded = Arc::new(batcher.unrecorded().await);
    if unrecorded.is_empty() {
        return false;
    }
    let liveness = &batcher.post.liveness;
    liveness.note_unrecorded(unrecorded.len());
    let is_recorded = bring_again(batcher, &unrecorded).await;
    // What is not on record now is marked unknown as its lease ends, and stands on record as that.
    liveness.note_unrecorded(0);
    is_recorded
}

async fn bring_again(batcher: &Batcher, unrecorded: &Arc<Vec<CarriedLetter>>) -> bool {
    let (post, lease) = (&batcher.post, batcher.clinic.policy.lease);
    let began = post.clock.monotonic();
    for tries in 0..TRIES {
        let wait = FIRST_WAIT.saturating_mul(1 << tries.min(16)).min(LONGEST_WAIT);
        // The end of the program cuts the rest short, not the try: what failed it may be over.
        let is_last = post.stop.run_until_cancelled(tokio::time::sleep(wait)).await.is_none();
        if post.clock.monotonic().saturating_sub(began) > lease / 2 {
            break;
        }
        post.liveness.beat(post.clock.awake());
        match record(batcher, unrecorded).await {
            Ok(recorded) => {
                batcher.settle(&recorded);
                return true;
            }
            // Told less and less often: a disk that is full stays so for a while.
            Err(fault) if tries == 0 || tries.is_power_of_two() => {
                tracing::warn!(%fault, letters = unrecorded.len(), "still not on record; trying again");
            }
            Err(_) => {}
        }
        if is_last {
            break;
        }
    }
    false
}

async fn record(
    batcher: &Batcher,
    unrecorded: &Arc<Vec<CarriedLetter>>,
) -> Result<Vec<DeliveryState>, StepError> {
    let (unrecorded, clinic) = (Arc::clone(unrecorded), batcher.clinic.clone());
    let clock = batcher.post.watch.glance(&*batcher.post.clock);
    let job = move |tx: &mut Tx<'_>| batch::record_all(tx, &clinic, &unrecorded, clock);
    batcher.clinic.store.write(Stamp::daemon(clock.now()), job).await
}
