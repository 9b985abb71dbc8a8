//! A walk along the whole chain of the audit, beside the pages: one at a time, on one thread. How far it is and what the last one
//! said is kept until the program stops or another is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

use crate::journey::deps::Deps;
use crate::store::audit::{Chain, verify_telling};
use crate::store::database::Store;
use crate::web::console::single_run::SingleRun;

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
    /// It ended before it could tell: the last event that fitted.
    BrokeOff(i64),
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
pub(in crate::web::console) struct AuditRuns(SingleRun<Option<AuditCheck>>);

impl AuditRuns {
    /// The last walk and how it stands.
    pub(in crate::web::console::records) fn last(&self) -> Option<AuditCheck> {
        let state = self.0.lock();
        let mut last = state.kept.clone()?;
        if let CheckStage::Runs(_) = last.stage {
            let reached = last.reached.load(Ordering::Relaxed);
            last.stage =
                if state.is_running() { CheckStage::Runs(reached) } else { CheckStage::BrokeOff(reached) };
        }
        Some(last)
    }

    /// Begins a walk, unless one runs.
    pub(in crate::web::console::records) fn begin(
        &self,
        clinic: &Deps,
        request: CheckRequest,
    ) -> std::io::Result<()> {
        let all = clinic.store.read(|view| view.audit_size()).map_err(std::io::Error::other)?;
        let mut state = self.0.lock();
        if state.is_running() {
            return Ok(());
        }
        let reached = Arc::new(AtomicI64::new(0));
        let (store, seen) = (clinic.store.clone(), Arc::clone(&reached));
        self.0.begin(&mut state, "audit-check", move |checks, _| {
            let stage = walked(&store, &seen);
            if let Some(check) = &mut checks.lock().kept {
                check.stage = stage;
            }
        })?;
        state.kept = Some(AuditCheck { request, all, stage: CheckStage::Runs(0), reached });
        Ok(())
    }
}

fn walked(store: &Store, seen: &AtomicI64) -> CheckStage {
    let tell = |number| seen.store(number, Ordering::Relaxed);
    match store.read(|view| verify_telling(view, Chain::default(), &tell)) {
        Ok(chain) => CheckStage::Holds(chain),
        Err(fault) => {
            tracing::error!(%fault, "the audit does not hold");
            CheckStage::Broken(seen.load(Ordering::Relaxed), fault.to_string())
        }
    }
}
