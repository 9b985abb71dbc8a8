//! Jumps of the wall clock, told to everybody who waits: somebody set it, or the machine woke from sleep.

use tokio::sync::watch;

/// Hears of jumps; each clone hears of those after it was made.
#[derive(Debug, Clone)]
pub struct JumpSignal(watch::Receiver<()>);

/// Tells of jumps.
#[derive(Debug)]
pub struct JumpTeller(watch::Sender<()>);

/// Both ends.
#[must_use]
pub fn pair() -> (JumpTeller, JumpSignal) {
    let (tell, hear) = watch::channel(());
    (JumpTeller(tell), JumpSignal(hear))
}

impl JumpSignal {
    /// Waits for the next jump; for ever where nobody tells of any.
    pub async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

impl JumpTeller {
    /// The clock jumped.
    pub fn tell(&self) {
        self.0.send_replace(());
    }
}
