//! How fast work over a whole database goes on. Nobody waits for the copy of the night: letters, answers and pages come first.

/// Asked between two small steps of such work.
pub trait Pace: Send + Sync {
    /// Whether the work is to end here. It then leaves nothing half done.
    fn is_stopped(&self) -> bool;

    /// Rests for as long as is right.
    fn rest(&self);
}

/// To the end without a rest: for whoever waits for it, and where nobody else works.
#[derive(Debug, Clone, Copy)]
pub struct NoPace;

impl Pace for NoPace {
    fn is_stopped(&self) -> bool {
        false
    }

    fn rest(&self) {}
}
