//! How long a visitor waits for what she is told to do.

use std::future::Future;
use std::time::Duration;

use crate::journey::errors::step::StepError;
use crate::store::error::StoreError;

/// So long she waits at most, whatever hangs behind: longer than the sent journal keeps anybody waiting, and shorter than the
/// patience of a browser or a proxy.
const PATIENCE: Duration = Duration::from_secs(15);

/// What the work comes to, or a fault when it takes too long. It goes on all the same: what is stored after all, once nobody waits
/// for it any more, rings as well.
pub(in crate::journey::answers::respond) async fn in_time<T: Send + 'static>(
    work: impl Future<Output = Result<T, StepError>> + Send + 'static,
) -> Result<T, StepError> {
    match tokio::time::timeout(PATIENCE, tokio::spawn(work)).await {
        Ok(done) => done.unwrap_or_else(|_| Err(StoreError::closed().into())),
        Err(_) => Err(StoreError::late().into()),
    }
}
