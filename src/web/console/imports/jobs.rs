//! Long work of imports: looking through a file and taking it in go on beside the page, which says how far they are.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::store::roster::imports::ImportId;
use crate::store::roster::staged::StagedId;

/// So long a form waits for the work it began; what takes longer is shown as it goes on.
const PATIENCE: Duration = Duration::from_millis(1500);
/// So many ended jobs are remembered.
const REMEMBERED: usize = 64;

/// What is being done with a staged file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web::console) enum JobKind {
    /// Its rows are looked through.
    Check,
    /// Its rows are taken in.
    Admit,
}

/// A job about to begin.
#[derive(Debug, Clone, Copy)]
pub(in crate::web::console) struct NewJob {
    pub(in crate::web::console) kind: JobKind,
    /// How many rows there are to do.
    pub(in crate::web::console) total: u64,
}

/// How a job ended.
#[derive(Debug, Clone)]
pub(in crate::web::console) enum JobEnd {
    /// Every row was looked through.
    Checked,
    /// It was taken in, as this import; none where no row changed anything.
    Admitted(Option<ImportId>),
    /// It was refused; in words for a page.
    Refused(String),
}

/// A job as a page sees it.
#[derive(Debug, Clone)]
pub(in crate::web::console) struct JobView {
    pub(in crate::web::console) kind: JobKind,
    /// Rows done so far.
    pub(in crate::web::console) done: u64,
    /// How many rows there are to do.
    pub(in crate::web::console) total: u64,
    /// How it ended, if it did.
    pub(in crate::web::console) end: Option<JobEnd>,
}

struct ImportJob {
    kind: JobKind,
    done: Arc<AtomicU64>,
    total: u64,
    end: Option<JobEnd>,
}

/// The jobs of this process, by staged file: one at a time each.
#[derive(Clone, Default)]
pub(in crate::web::console) struct ImportJobs(Arc<Mutex<HashMap<i64, ImportJob>>>);

/// What a job tells while it goes on.
#[derive(Clone)]
pub(in crate::web::console) struct JobProgress(Arc<AtomicU64>);

impl JobProgress {
    pub(in crate::web::console) fn set(&self, rows: u64) {
        self.0.store(rows, Ordering::Relaxed);
    }
}

impl ImportJobs {
    /// Begins a job unless one goes on for that file; waits a moment for its end.
    pub(in crate::web::console) async fn run(
        &self,
        id: StagedId,
        job: NewJob,
        work: impl FnOnce(JobProgress) -> JobEnd + Send + 'static,
    ) {
        let Some(progress) = self.begin(id, job) else { return };
        let jobs = self.clone();
        let running = tokio::task::spawn_blocking(move || work(progress));
        let ended = tokio::spawn(async move {
            let broken = |_| JobEnd::Refused("The work broke off. Try again.".to_owned());
            let end = running.await.unwrap_or_else(broken);
            jobs.end(id, end);
        });
        // What is not over by then goes on; the page shows it.
        drop(tokio::time::timeout(PATIENCE, ended).await);
    }

    fn begin(&self, id: StagedId, NewJob { kind, total }: NewJob) -> Option<JobProgress> {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.get(&id.0).is_some_and(|job| job.end.is_none()) {
            return None;
        }
        if jobs.len() >= REMEMBERED {
            jobs.retain(|_, job| job.end.is_none());
        }
        let done = Arc::new(AtomicU64::new(0));
        jobs.insert(id.0, ImportJob { kind, done: Arc::clone(&done), total, end: None });
        Some(JobProgress(done))
    }

    fn end(&self, id: StagedId, end: JobEnd) {
        let mut jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(job) = jobs.get_mut(&id.0) {
            job.end = Some(end);
        }
    }

    /// The job of a file, going on or ended.
    pub(in crate::web::console) fn of(&self, id: StagedId) -> Option<JobView> {
        let jobs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.get(&id.0).map(|job| JobView {
            kind: job.kind,
            done: job.done.load(Ordering::Relaxed),
            total: job.total,
            end: job.end.clone(),
        })
    }
}
