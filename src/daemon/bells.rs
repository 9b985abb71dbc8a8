//! The only place that knows tokio-cron-scheduler. A bell rings a [`Notify`] and nothing else: two rings melt into one,
//! rows decide what is due, and a bell that fails is caught by the slow poll of [`crate::daemon::loops`]. Due-ness never depends
//! on the scheduler's clock (its issues #107, #113 and #84 are open).

use std::sync::Arc;

use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// At the full minute, UTC: whole-minute zones and 30-minute zones alike have their nine o'clock on one.
const EVERY_MINUTE: &str = "0 * * * * *";

/// Why a bell could not be hung.
pub type BellFault = JobSchedulerError;

/// The bells of one daemon.
pub struct Bells {
    scheduler: JobScheduler,
}

impl Bells {
    /// Hangs the minute bell; it rings each of `who`.
    ///
    /// # Errors
    /// The scheduler's.
    pub async fn hang(who: Vec<Arc<Notify>>) -> Result<Self, JobSchedulerError> {
        let scheduler = JobScheduler::new().await?;
        // The closure only wakes: a panic or a wait in here would silence the bell for ever.
        let minute = Job::new(EVERY_MINUTE, move |_, _| who.iter().for_each(|bell| bell.notify_one()))?;
        scheduler.add(minute).await?;
        scheduler.start().await?;
        Ok(Self { scheduler })
    }

    /// Stops the scheduler and its bells.
    pub async fn take_down(mut self) {
        if let Err(fault) = self.scheduler.shutdown().await {
            tracing::debug!(%fault, "the bells were down already");
        }
    }
}
