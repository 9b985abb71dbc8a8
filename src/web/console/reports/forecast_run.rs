//! A count of what is to come that runs beside the pages: one at a time, on one thread, and it can be ended. The last one
//! is kept until the program stops or another is asked for.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::journey::deps::Deps;
use crate::journey::forecast::clinic_ahead::{Forecast, ForecastRequest, forecast};

/// What was asked for, as the page says it.
#[derive(Debug, Clone)]
pub(in crate::web::console::reports) struct ForecastQuestion {
    pub(in crate::web::console::reports) by: String,
    pub(in crate::web::console::reports) asked_at: Timestamp,
    pub(in crate::web::console::reports) years: u8,
    /// The titles of the protocol that would be left and of the one in its place.
    pub(in crate::web::console::reports) change: Option<[String; 2]>,
}

/// How far a count has come.
#[derive(Debug, Default)]
struct Progress {
    done: AtomicU64,
    is_ended: AtomicBool,
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
    progress: Arc<Progress>,
    outcome: Option<ForecastStage>,
}

/// The last count that was asked for.
#[derive(Clone, Default)]
pub(in crate::web::console) struct ForecastRuns(Arc<Mutex<Option<ForecastRun>>>);

impl ForecastRuns {
    /// The last count and how it stands.
    pub(in crate::web::console::reports) fn last(&self) -> Option<(ForecastQuestion, ForecastStage)> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let run = last.as_ref()?;
        let runs = || ForecastStage::Runs(run.progress.done.load(Ordering::Relaxed), run.all);
        Some((run.question.clone(), run.outcome.clone().unwrap_or_else(runs)))
    }

    /// Ends the count that runs.
    pub(in crate::web::console::reports) fn end(&self) {
        if let Some(run) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            run.progress.is_ended.store(true, Ordering::Relaxed);
        }
    }

    /// Begins a count, unless one runs.
    pub(in crate::web::console::reports) fn begin(
        &self,
        clinic: &Deps,
        question: ForecastQuestion,
        request: ForecastRequest,
    ) -> std::io::Result<()> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_some_and(|run| run.outcome.is_none()) {
            return Ok(());
        }
        let all = clinic.store.read(|view| view.patient_count()).unwrap_or_default();
        let progress = Arc::new(Progress::default());
        let (runs, clinic, seen) = (self.clone(), clinic.clone(), Arc::clone(&progress));
        // A thread of its own: it may take a minute, and the daemon must be able to stop meanwhile.
        std::thread::Builder::new().name("what-if".to_owned()).spawn(move || {
            let note = |done| {
                seen.done.store(done, Ordering::Relaxed);
                if seen.is_ended.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            let outcome = match forecast(&clinic, &request, 1, &note) {
                Ok(Some(counted)) => ForecastStage::Done(Arc::new(counted)),
                Ok(None) => ForecastStage::Ended,
                Err(fault) => {
                    tracing::error!(%fault, "what is to come could not be counted");
                    ForecastStage::Failed(fault.to_string())
                }
            };
            if let Some(run) = &mut *runs.0.lock().unwrap_or_else(PoisonError::into_inner) {
                run.outcome = Some(outcome);
            }
        })?;
        *last = Some(ForecastRun { question, all, progress, outcome: None });
        Ok(())
    }
}
