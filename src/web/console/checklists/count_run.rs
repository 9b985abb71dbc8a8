//! A count of what rules would have raised, beside the pages: one at a time, and it can be ended. The last one is kept until the
//! program stops or another is asked for.

use std::sync::Arc;

use jiff::Timestamp;

use crate::journey::deps::Deps;
use crate::journey::forecast::alert_count::{AlertCountRequest, RulesCount, count_alerts, patients_to_count};
use crate::web::console::single_run::{RunProgress, SingleRun};

/// What was asked for, as the page says it.
#[derive(Debug, Clone)]
pub(super) struct CountQuestion {
    pub(super) by: String,
    pub(super) asked_at: Timestamp,
    pub(super) request: AlertCountRequest,
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
            true => CountStage::Runs(state.progress().done(), run.all),
            false => CountStage::Failed("the count broke off".to_owned()),
        };
        Some((run.question.clone(), run.outcome.clone().unwrap_or_else(open)))
    }

    /// Ends the count that runs.
    pub(super) fn end(&self) {
        self.0.end();
    }

    /// Begins a count, unless one runs.
    pub(super) fn begin(&self, clinic: &Deps, question: CountQuestion) -> std::io::Result<()> {
        let all = patients_to_count(clinic, &question.request).map_err(std::io::Error::other)?;
        let mut state = self.0.lock();
        if state.is_running() {
            return Ok(());
        }
        let (clinic, request) = (clinic.clone(), question.request.clone());
        self.0.begin(&mut state, "alert-count", move |runs, progress| {
            let outcome = counted(&clinic, &request, progress);
            if let Some(run) = &mut runs.lock().kept {
                run.outcome = Some(outcome);
            }
        })?;
        state.kept = Some(CountRun { question, all, outcome: None });
        Ok(())
    }
}

fn counted(clinic: &Deps, request: &AlertCountRequest, progress: &RunProgress) -> CountStage {
    match count_alerts(clinic, request, &|done| progress.note(done)) {
        Ok(Some(counted)) => CountStage::Done(Arc::new(counted)),
        Ok(None) => CountStage::Ended,
        Err(fault) => {
            tracing::error!(%fault, "alerts could not be counted");
            CountStage::Failed(fault.to_string())
        }
    }
}
