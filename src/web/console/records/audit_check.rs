//! A walk along the whole chain of the audit, beside the pages: one at a time, on one thread. How far it is and what the last one
//! said is kept until the program stops or another is asked for.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::journey::deps::Deps;
use crate::store::audit::{Chain, verify_telling};

/// Who asked for a walk, and when.
#[derive(Debug, Clone)]
pub(in crate::web::console::records) struct CheckRequest {
    pub(in crate::web::console::records) by: String,
    pub(in crate::web::console::records) asked_at: Timestamp,
}

/// How a walk stands.
#[derive(Debug, Clone)]
pub(in crate::web::console::records) enum CheckStage {
    /// It runs: the last event that fits so far.
    Runs(i64),
    /// The chain holds from its first event to its last.
    Holds(Chain),
    /// It does not: after which event, and why.
    Broken(i64, String),
}

/// A walk, how many events it has before it, and how it stands.
#[derive(Clone)]
pub(in crate::web::console::records) struct AuditCheck {
    pub(in crate::web::console::records) request: CheckRequest,
    pub(in crate::web::console::records) all: i64,
    pub(in crate::web::console::records) stage: CheckStage,
    reached: Arc<AtomicI64>,
}

/// The last walk that was asked for.
#[derive(Clone, Default)]
pub(in crate::web::console) struct AuditRuns(Arc<Mutex<Option<AuditCheck>>>);

impl AuditRuns {
    /// The last walk and how it stands.
    pub(in crate::web::console::records) fn last(&self) -> Option<AuditCheck> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        if let CheckStage::Runs(reached) = &mut last.stage {
            *reached = last.reached.load(Ordering::Relaxed);
        }
        Some(last)
    }

    /// Begins a walk, unless one runs.
    pub(in crate::web::console::records) fn begin(
        &self,
        clinic: &Deps,
        request: CheckRequest,
    ) -> std::io::Result<()> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_some_and(|check| matches!(check.stage, CheckStage::Runs(_))) {
            return Ok(());
        }
        let all = clinic.store.read(|view| view.audit_size()).unwrap_or_default();
        let reached = Arc::new(AtomicI64::new(0));
        let (checks, store, seen) = (self.clone(), clinic.store.clone(), Arc::clone(&reached));
        // A thread of its own: millions of events take a while, and the daemon must be able to stop meanwhile.
        std::thread::Builder::new().name("audit-check".to_owned()).spawn(move || {
            let tell = |number| seen.store(number, Ordering::Relaxed);
            let stage = match store.read(|view| verify_telling(view, Chain::default(), &tell)) {
                Ok(chain) => CheckStage::Holds(chain),
                Err(fault) => {
                    tracing::error!(%fault, "the audit does not hold");
                    CheckStage::Broken(seen.load(Ordering::Relaxed), fault.to_string())
                }
            };
            if let Some(check) = &mut *checks.0.lock().unwrap_or_else(PoisonError::into_inner) {
                check.stage = stage;
            }
        })?;
        *last = Some(AuditCheck { request, all, stage: CheckStage::Runs(0), reached });
        Ok(())
    }
}
