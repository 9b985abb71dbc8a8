//! Whether a thread is left for what must wait: the runtime gives 512 to looks at disks, names and passwords. When each of them
//! hangs, no name is looked up, no page of the console is made and no reload is read, while every loop seems to turn.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

/// A thread that is free answers at once.
const WITHIN: Duration = Duration::from_secs(5);

/// Asks for a thread; while one question waits no other is put. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct ThreadProbe(Arc<Mutex<Option<JoinHandle<()>>>>);

impl ThreadProbe {
    /// Whether a thread took the question in time.
    ///
    /// # Errors
    /// What is wrong, for people.
    pub(super) async fn once(&self) -> Result<(), String> {
        self.within(WITHIN).await
    }

    async fn within(&self, limit: Duration) -> Result<(), String> {
        let mut late = self.0.lock().await;
        let mut asked = late.take().unwrap_or_else(|| spawn_blocking(|| ()));
        if timeout(limit, &mut asked).await.is_ok() {
            return Ok(());
        }
        *late = Some(asked);
        Err("every thread for what must wait is taken: no name is looked up and no page of the console is made; a disk or another \
             machine hangs"
            .to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn threads_that_all_hang_are_told_and_one_that_is_free_again_ends_it() {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build();
        let (ends, end) = mpsc::channel::<()>();
        runtime.unwrap().block_on(async move {
            let (probe, soon) = (ThreadProbe::default(), Duration::from_millis(30));
            assert_eq!(probe.within(WITHIN).await, Ok(()));
            let hangs = spawn_blocking(move || end.recv().is_err());
            for _ in 0..3 {
                assert!(probe.within(soon).await.unwrap_err().starts_with("every thread"));
            }
            drop(ends);
            assert!(hangs.await.unwrap());
            assert_eq!(probe.within(WITHIN).await, Ok(()));
        });
    }
}
