//! Jumps of the wall clock, told to everybody who waits: somebody set it, or the machine woke from sleep.

use tokio::sync::watch;

/// Hears of jumps; a clone hears of all that the one it was made of had not heard of yet.
#[derive(Debug, Clone)]
pub struct JumpReceiver(watch::Receiver<()>);

/// Tells whoever waits of jumps.
#[derive(Debug)]
pub struct JumpSender(watch::Sender<()>);

/// Whoever tells, and whoever hears of it.
#[must_use]
pub fn pair() -> (JumpSender, JumpReceiver) {
    let (tell, hear) = watch::channel(());
    (JumpSender(tell), JumpReceiver(hear))
}

impl JumpReceiver {
    /// Waits for the next jump; for ever where nobody tells of any.
    pub async fn next(&mut self) {
        if self.0.changed().await.is_err() {
            std::future::pending().await
        }
    }
}

impl JumpSender {
    /// Tells everybody that the clock jumped.
    pub fn tell(&self) {
        self.0.send_replace(());
    }
}
