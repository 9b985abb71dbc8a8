//! How many connections to one server may be open at once, whichever courier opens them: other settings bring another courier
//! while the one before still has letters on the wire. Where there is more than one, patients leave one to staff.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::ports::Lane;

/// What all connections to a server share.
pub(in crate::mail) struct ConnectionLimit {
    all: Arc<Slots>,
    patients: Arc<Slots>,
    /// Connections for letters to staff that wait for a slot.
    staff_waiting: AtomicUsize,
}

/// The right to one open connection; given back with it.
pub(in crate::mail) struct ConnectionSlot {
    _of_patients: Option<Slot>,
    _of_all: Slot,
}

/// How many of so many connections may be open for patients.
pub(in crate::mail) fn for_patients(connections: usize) -> usize {
    connections.saturating_sub(1).max(1)
}

impl ConnectionLimit {
    /// So many connections may be open.
    pub(in crate::mail) fn new(allowed: usize) -> Arc<Self> {
        let (all, patients) = (Slots::new(allowed), Slots::new(for_patients(allowed)));
        Arc::new(Self { all, patients, staff_waiting: AtomicUsize::new(0) })
    }

    /// Allows more, or fewer: then none is opened until enough have ended.
    pub(in crate::mail) fn allow(&self, allowed: usize) {
        self.all.allow(allowed);
        self.patients.allow(for_patients(allowed));
    }

    /// Whether staff wait for a connection and only one that ends can let them have it.
    pub(in crate::mail) fn is_short_for_staff(&self) -> bool {
        self.staff_waiting.load(Ordering::Relaxed) > 0 && self.all.free.available_permits() == 0
    }

    /// Waits for the right to one more connection.
    pub(in crate::mail) async fn slot(&self, lane: Lane) -> ConnectionSlot {
        let _counted = (lane == Lane::Staff).then(|| Waiting::new(&self.staff_waiting));
        let of_patients = if lane == Lane::Patients { Some(self.patients.take().await) } else { None };
        ConnectionSlot { _of_patients: of_patients, _of_all: self.all.take().await }
    }
}

/// So many slots, each taken by one connection at most.
struct Slots {
    free: Arc<Semaphore>,
    most: Mutex<MostOpen>,
}

/// How many there may be.
struct MostOpen {
    allowed: usize,
    /// How many of those that are taken are too many, since fewer are allowed.
    surplus: usize,
}

/// A slot that is taken.
struct Slot {
    permit: Option<OwnedSemaphorePermit>,
    of: Arc<Slots>,
}

impl Slots {
    fn new(allowed: usize) -> Arc<Self> {
        let most = Mutex::new(MostOpen { allowed, surplus: 0 });
        Arc::new(Self { free: Arc::new(Semaphore::new(allowed)), most })
    }

    fn allow(&self, allowed: usize) {
        let mut most = self.most.lock().unwrap_or_else(PoisonError::into_inner);
        let (more, fewer) = (allowed.saturating_sub(most.allowed), most.allowed.saturating_sub(allowed));
        let kept = more.min(most.surplus);
        self.free.add_permits(more - kept);
        most.surplus += fewer - self.free.forget_permits(fewer);
        most.surplus -= kept;
        most.allowed = allowed;
    }

    async fn take(self: &Arc<Self>) -> Slot {
        // It is never closed.
        let permit = Arc::clone(&self.free).acquire_owned().await.ok();
        Slot { permit, of: Arc::clone(self) }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut most = self.of.most.lock().unwrap_or_else(PoisonError::into_inner);
        if most.surplus > 0
            && let Some(permit) = self.permit.take()
        {
            most.surplus -= 1;
            permit.forget();
        }
    }
}

/// Counts a connection for as long as it waits.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
