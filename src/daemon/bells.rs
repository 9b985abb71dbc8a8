//! The only place that knows tokio-cron-scheduler. A bell rings a [`Notify`] and nothing else: two rings melt into one,
//! rows decide what is due, and a bell that fails is caught by the slow poll of [`crate::daemon::loops`]. Due-ness never depends
//! on the scheduler's clock (its issues #107, #113 and #84 are open).
//!
//! The scheduler looks twice a second whether a job is due, and each such look wakes tokio's timer twice: a timer of more than
//! 64 ms wakes once to be sorted anew and once to end. So it lives on a runtime of its own, on a thread that sleeps until the
//! next job is due and lets the scheduler look only then.

use std::io::{PipeReader, PipeWriter};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Notify, oneshot};
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::clock::{ClockSleep, SleepEnd};
use crate::daemon::wake::clock_jump::JumpSender;
use crate::ports::Clock;

/// At the full minute, UTC: whole-minute zones and 30-minute zones alike have their nine o'clock on one.
const EVERY_MINUTE: &str = "0 * * * * *";

/// The scheduler looks every half second; after so long it has looked, whatever became of it.
const LOOKED: Duration = Duration::from_secs(2);

/// Why a bell could not be hung.
#[derive(Debug, thiserror::Error)]
pub enum BellFault {
    /// The scheduler took no job.
    #[error(transparent)]
    Scheduler(#[from] JobSchedulerError),
    /// The system gives no thread.
    #[error(transparent)]
    Thread(#[from] std::io::Error),
    /// Its thread ended before it could say anything.
    #[error("its thread ended at once")]
    Gone,
}

/// The bells of one daemon; taken down when dropped.
pub struct Bells {
    /// Closed at the end, which wakes the thread.
    _open: PipeWriter,
}

/// Who is rung, and by which clock.
pub struct BellSettings {
    /// Rung at each full minute.
    pub who: Vec<Arc<Notify>>,
    /// Says how long it is until then.
    pub clock: Arc<dyn Clock>,
    /// Tells of the jumps of this machine's clock, which move the next full minute.
    pub jumps: JumpSender,
}

impl Bells {
    /// Hangs the minute bell.
    ///
    /// # Errors
    /// [`BellFault`].
    pub async fn hang(settings: BellSettings) -> Result<Self, BellFault> {
        let (reader, open) = std::io::pipe()?;
        let (hung, answer) = oneshot::channel();
        std::thread::Builder::new().name("bells".to_owned()).spawn(move || match hung_by(&settings) {
            Ok(bell) => {
                drop(hung.send(Ok(())));
                bell.ring(&settings, &reader);
            }
            Err(fault) => drop(hung.send(Err(fault))),
        })?;
        answer.await.unwrap_or(Err(BellFault::Gone))?;
        Ok(Self { _open: open })
    }
}

fn hung_by(settings: &BellSettings) -> Result<BellThread, BellFault> {
    let sleep = ClockSleep::listen().unwrap_or_else(|error| {
        tracing::warn!(%error, "the system does not tell when its clock is set; that is noticed up to 90 s later");
        ClockSleep::deaf()
    });
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let bell = runtime.block_on(MinuteBell::hang(&settings.who))?;
    Ok(BellThread { runtime, bell, sleep })
}

/// What the bells' thread holds.
struct BellThread {
    runtime: Runtime,
    bell: MinuteBell,
    sleep: ClockSleep,
}

impl BellThread {
    /// Rings until nobody holds the bells any more.
    fn ring(mut self, settings: &BellSettings, open: &PipeReader) {
        loop {
            let wait = self.runtime.block_on(self.bell.wait(&*settings.clock));
            match self.sleep.sleep(wait, open) {
                Ok(SleepEnd::Over) => self.runtime.block_on(self.bell.look(&*settings.clock)),
                Ok(SleepEnd::Jumped) => self.jumped(settings),
                Ok(SleepEnd::Closed) => return self.bell.take_down(&self.runtime),
                Err(error) => {
                    tracing::error!(%error, "the bells are silent; the loops look by themselves every 90 s");
                    return self.bell.take_down(&self.runtime);
                }
            }
        }
    }

    /// The old bell keeps its minute as it stood before; whoever waits for an instant looks again.
    fn jumped(&mut self, settings: &BellSettings) {
        tracing::info!(
            "the clock was set, or the machine woke from sleep: whatever waits for an instant is looked at"
        );
        match self.runtime.block_on(MinuteBell::hang(&settings.who)) {
            Ok(anew) => std::mem::replace(&mut self.bell, anew).take_down(&self.runtime),
            Err(fault) => tracing::error!(%fault, "the minute bell could not be hung anew"),
        }
        settings.jumps.tell();
    }
}

/// The scheduler with its one job.
struct MinuteBell {
    scheduler: JobScheduler,
    job: Job,
    rung: Arc<Notify>,
}

impl MinuteBell {
    async fn hang(who: &[Arc<Notify>]) -> Result<Self, BellFault> {
        let (mut who, rung) = (who.to_vec(), Arc::<Notify>::default());
        who.push(Arc::clone(&rung));
        let scheduler = JobScheduler::new().await?;
        // The closure only wakes: a panic or a wait in here would silence the bell for ever.
        let job = Job::new(EVERY_MINUTE, move |_, _| who.iter().for_each(|bell| bell.notify_one()))?;
        scheduler.add(job.clone()).await?;
        scheduler.start().await?;
        Ok(Self { scheduler, job, rung })
    }

    /// How long it is until the bell is due; nothing when it is.
    async fn wait(&mut self, clock: &dyn Clock) -> Duration {
        let next = self.scheduler.next_tick_for_job(self.job.guid()).await.ok().flatten();
        let next = next.and_then(|at| Timestamp::from_second(at.timestamp()).ok());
        let left = next.map_or(SignedDuration::ZERO, |at| at.duration_since(clock.now()));
        Duration::try_from(left).unwrap_or_default()
    }

    /// Lets the scheduler look until it has rung, and has written down when it rings next; not where it was woken too early.
    async fn look(&mut self, clock: &dyn Clock) {
        let rung = Arc::clone(&self.rung);
        let looked = async {
            if !self.wait(clock).await.is_zero() {
                return;
            }
            rung.notified().await;
            while self.wait(clock).await.is_zero() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        if tokio::time::timeout(LOOKED, looked).await.is_err() {
            tracing::debug!("the scheduler did not ring");
        }
    }

    fn take_down(mut self, runtime: &Runtime) {
        if let Err(fault) = runtime.block_on(self.scheduler.shutdown()) {
            tracing::debug!(%fault, "the bells were down already");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[tokio::test]
    async fn the_bell_waits_for_the_full_minute_by_the_clock_it_is_given() {
        let mut bell = MinuteBell::hang(&[]).await.unwrap();
        let due = bell.scheduler.next_tick_for_job(bell.job.guid()).await.unwrap().unwrap().timestamp();
        assert_eq!(due % 60, 0);
        let before = Timestamp::from_millisecond(due * 1000 - 30_100).unwrap();
        assert_eq!(bell.wait(&ManualClock::at(before)).await, Duration::from_millis(30_100));
        let after = Timestamp::from_second(due).unwrap();
        assert_eq!(bell.wait(&ManualClock::at(after)).await, Duration::ZERO);
    }
}
