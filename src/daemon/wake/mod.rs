//! What wakes the loops at an instant: a timer on the soonest instant on record, and the jumps of the clock.

pub mod clock_jump;
pub mod wake_timer;
