//! A count of what is to come that runs beside the pages: one at a time, on one thread, and it can be ended. The last one
//! is kept until the program stops or another is asked for.

use std::sync::Arc;

use jiff::Timestamp;

use crate::journey::deps::Deps;
use crate::journey::forecast::clinic_ahead::{Forecast, ForecastRequest, forecast};
use crate::web::console::single_run::{RunProgress, SingleRun};

/// What was asked for, as the page says it.
#[derive(Debug, Clone)]
pub(in crate::web::console::reports) struct ForecastQuestion {
    pub(in crate::web::console::reports) by: String,
    pub(in crate::web::console::reports) asked_at: Timestamp,
    pub(in crate::web::console::reports) years: u8,
    /// The names of the protocol that would be left and of the one in its place.
    pub(in crate::web::console::reports) change: Option<[String; 2]>,
}

/// How a count stands.
#[derive(Debug, Clone)]
pub(in crate::web::console::reports) enum ForecastStage {
    /// It runs: patients done so far, and all.
    Runs(u64, u64),
    /// It is done, with what it counted.
    Done(Arc<Forecast>),
    /// It was ended by hand.
    Ended,
    /// It failed; why, safe to show.
    Failed(String),
}

/// A count and how it stands.
#[derive(Clone)]
struct ForecastRun {
    question: ForecastQuestion,
    all: u64,
    outcome: Option<ForecastStage>,
}

/// The last count that was asked for.
#[derive(Clone, Default)]
pub(in crate::web::console) struct ForecastRuns(SingleRun<Option<ForecastRun>>);

impl ForecastRuns {
    /// The last count and how it stands.
    pub(in crate::web::console::reports) fn last(&self) -> Option<(ForecastQuestion, ForecastStage)> {
        let state = self.0.lock();
        let run = state.kept.as_ref()?;
        let open = || match state.is_running() {
            true => ForecastStage::Runs(state.progress().done(), run.all),
            false => ForecastStage::Failed("the count broke off".to_owned()),
        };
        Some((run.question.clone(), run.outcome.clone().unwrap_or_else(open)))
    }

    /// Ends the count that runs.
    pub(in crate::web::console::reports) fn end(&self) {
        self.0.end();
    }

    /// Begins a count, unless one runs.
    pub(in crate::web::console::reports) fn begin(
        &self,
        clinic: &Deps,
        question: ForecastQuestion,
        request: ForecastRequest,
    ) -> std::io::Result<()> {
        let all = clinic.store.read(|view| view.patient_count()).map_err(std::io::Error::other)?;
        let mut state = self.0.lock();
        if state.is_running() {
            return Ok(());
        }
        let clinic = clinic.clone();
        self.0.begin(&mut state, "what-if", move |runs, progress| {
            let outcome = counted(&clinic, &request, progress);
            if let Some(run) = &mut runs.lock().kept {
                run.outcome = Some(outcome);
            }
        })?;
        state.kept = Some(ForecastRun { question, all, outcome: None });
        Ok(())
    }
}

fn counted(clinic: &Deps, request: &ForecastRequest, progress: &RunProgress) -> ForecastStage {
    match forecast(clinic, request, 1, &|done| progress.note(done)) {
        Ok(Some(counted)) => ForecastStage::Done(Arc::new(counted)),
        Ok(None) => ForecastStage::Ended,
        Err(fault) => {
            tracing::error!(%fault, "what is to come could not be counted");
            ForecastStage::Failed(fault.to_string())
        }
    }
}
