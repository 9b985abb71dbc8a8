//! What the console's pages work with.

use crate::web::app_state::{AppState, CurrentState};
use crate::web::console::auth::attempt_limits::Attempts;
use crate::web::ops::Ops;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// What the console's pages work with.
#[derive(Clone)]
pub(in crate::web) struct ConsoleState {
    pub(in crate::web::console) rooms: CurrentState,
    pub(in crate::web::console) ops: Ops,
    /// Tries to sign in.
    pub(in crate::web::console) attempts: Arc<Attempts>,
    /// Passwords are checked two at a time: the hash is slow and large on purpose.
    pub(in crate::web::console) checks: Arc<Semaphore>,
}

impl ConsoleState {
    pub(in crate::web) fn new(rooms: CurrentState, ops: Ops) -> Self {
        let attempts = Arc::new(Attempts::new(Arc::clone(&rooms.borrow().furniture.clock)));
        Self { rooms, ops, attempts, checks: Arc::new(Semaphore::new(2)) }
    }

    pub(in crate::web::console) fn rooms(&self) -> Arc<AppState> {
        Arc::clone(&self.rooms.borrow())
    }
}
