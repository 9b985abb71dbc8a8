//! A count of what rules would have raised, beside the pages: one at a time, and it can be ended. The last one is kept until the
//! program stops or another is asked for.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use jiff::Timestamp;

use crate::journey::deps::Deps;
use crate::journey::forecast::alert_count::{AlertCountRequest, RulesCount, count_alerts, patients_to_count};
use crate::web::console::single_run::SingleRun;

/// What was asked for, as the page says it.
#[derive(Debug, Clone)]
pub(super) struct CountQuestion {
    pub(super) by: String,
    pub(super) asked_at: Timestamp,
    pub(super) request: AlertCountRequest,
}

/// How far a count has come.
#[derive(Debug, Default)]
struct CountProgress {
    done: AtomicU64,
    is_ended: AtomicBool,
}

/// How a count stands.
#[derive(Debug, Clone)]
pub(super) enum CountStage {
    /// It runs: patients done so far, and all.
    Runs(u64, u64),
    /// It is done, with what it counted.
    Done(Arc<RulesCount>),
    /// It was ended by hand.
    Ended,
    /// It failed; why, safe to show.
    Failed(String),
}

/// A count and how it stands.
struct CountRun {
    question: CountQuestion,
    all: u64,
    progress: Arc<CountProgress>,
    outcome: Option<CountStage>,
}

/// The last count that was asked for.
#[derive(Clone, Default)]
pub(in crate::web::console) struct CountRuns(SingleRun<Option<CountRun>>);

impl CountRuns {
    /// The last count and how it stands.
    pub(super) fn last(&self) -> Option<(CountQuestion, CountStage)> {
        let state = self.0.lock();
        let run = state.kept.as_ref()?;
        let open = || match state.is_running() {
            true => CountStage::Runs(run.progress.done.load(Ordering::Relaxed), run.all),
            false => CountStage::Failed("the count broke off".to_owned()),
        };
        Some((run.question.clone(), run.outcome.clone().unwrap_or_else(open)))
    }

    /// Ends the count that runs.
    pub(super) fn end(&self) {
        if let Some(run) = &self.0.lock().kept {
            run.progress.is_ended.store(true, Ordering::Relaxed);
        }
    }

    /// Begins a count, unless one runs.
    pub(super) fn begin(&self, clinic: &Deps, question: CountQuestion) -> std::io::Result<()> {
        let all = patients_to_count(clinic, &question.request).unwrap_or_default();
        let mut state = self.0.lock();
        if state.is_running() {
            return Ok(());
        }
        let progress = Arc::new(CountProgress::default());
        let (clinic, request, seen) = (clinic.clone(), question.request.clone(), Arc::clone(&progress));
        self.0.begin(&mut state, "alert-count", move |runs| {
            let outcome = counted(&clinic, &request, &seen);
            if let Some(run) = &mut runs.lock().kept {
                run.outcome = Some(outcome);
            }
        })?;
        state.kept = Some(CountRun { question, all, progress, outcome: None });
        Ok(())
    }
}

fn counted(clinic: &Deps, request: &AlertCountRequest, seen: &CountProgress) -> CountStage {
    let note = |done| {
        seen.done.store(done, Ordering::Relaxed);
        if seen.is_ended.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    match count_alerts(clinic, request, &note) {
        Ok(Some(counted)) => CountStage::Done(Arc::new(counted)),
        Ok(None) => CountStage::Ended,
        Err(fault) => {
            tracing::error!(%fault, "alerts could not be counted");
            CountStage::Failed(fault.to_string())
        }
    }
}
