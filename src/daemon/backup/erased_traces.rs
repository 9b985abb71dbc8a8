//! After a record was erased the database file is written anew in the night, so that nothing of it lies in pages that are not in
//! use any more. What becomes of a try that comes to no end says `journey/operations/condition/erased_traces`.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::daemon::assembly::engine::Engine;
use crate::journey::errors::step::StepError;
use crate::journey::operations::condition::erased_traces::{self, MOMENT};
use crate::store::db::transaction::Stamp;
use crate::store::error::StoreError;

/// The local hours in which it is done: before the copy of the day is looked for, while few people write.
const HOURS: std::ops::Range<i8> = 1..5;
/// How often the loop looks.
const LOOK: Duration = Duration::from_secs(900);

/// Writes the file anew in each night after something was erased, until stopped.
pub async fn gone(engine: watch::Receiver<Arc<Engine>>, stop: CancellationToken) {
    loop {
        let now = Arc::clone(&engine.borrow());
        if let Err(fault) = look(&now).await {
            tracing::error!(%fault, "what was erased may still lie in the file; tried again in the next night");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Writes the file anew if it is night and something was erased since it was last.
async fn look(engine: &Engine) -> Result<(), StepError> {
    let now = engine.post.clock.now();
    let hour = now.to_zoned(engine.config.clinic.zone.clone()).hour();
    if !HOURS.contains(&hour) {
        return Ok(());
    }
    let Some(owed) = engine.clinic.store.read(|view| erased_traces::owed(view, now))? else { return Ok(()) };
    let store = engine.clinic.store.clone();
    let clear = move || erased_traces::clear(&store, Stamp::daemon(now), owed, MOMENT);
    tokio::task::spawn_blocking(clear).await.map_err(|_| StoreError::closed())??;
    tracing::info!("the file is written anew; nothing that was erased lies in it any more");
    Ok(())
}
