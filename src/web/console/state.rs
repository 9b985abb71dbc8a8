//! What the console's pages work with.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::web::app_state::{AppState, CurrentState};
use crate::web::console::auth::attempt_limits::Attempts;
use crate::web::console::auth::done_forms::DoneForms;
use crate::web::console::auth::seen_lately::SeenLately;
use crate::web::console::checklists::count_run::CountRuns;
use crate::web::console::imports::jobs::ImportJobs;
use crate::web::console::letters::kinds::wording::unsaved_letters::UnsavedLetters;
use crate::web::console::records::audit_check::AuditRuns;
use crate::web::console::reports::figure_counts::FigureCounts;
use crate::web::console::reports::forecast_run::ForecastRuns;
use crate::web::ops::Ops;

/// What the console's pages work with.
#[derive(Clone)]
pub(in crate::web) struct ConsoleState {
    pub(in crate::web::console) app: CurrentState,
    pub(in crate::web::console) ops: Ops,
    /// Tries to sign in.
    pub(in crate::web::console) attempts: Arc<Attempts>,
    /// Files that are looked through or taken in.
    pub(in crate::web::console) imports: ImportJobs,
    /// Passwords are checked two at a time: the hash is slow and large on purpose.
    pub(in crate::web::console) checks: Arc<Semaphore>,
    /// So many calls to the hospital's provider at once.
    pub(in crate::web::console) provider_calls: Arc<Semaphore>,
    /// The count of what is to come that runs, or was the last.
    pub(in crate::web::console) forecasts: ForecastRuns,
    /// The count of what rules would have raised that runs, or was the last.
    pub(in crate::web::console) alert_counts: CountRuns,
    /// The walk along the audit that runs, or was the last.
    pub(in crate::web::console) audit_checks: AuditRuns,
    /// The figures of reports that are counted, or were lately.
    pub(in crate::web::console) figures: FigureCounts,
    /// Letters as they will look whose words nobody has saved yet.
    pub(in crate::web::console) unsaved_letters: UnsavedLetters,
    /// Which looks at records were noted in this hour.
    pub(in crate::web::console) seen: Arc<SeenLately>,
    /// The forms whose act was done lately.
    pub(in crate::web::console) done_forms: Arc<DoneForms>,
}

impl ConsoleState {
    pub(in crate::web) fn new(app: CurrentState, ops: Ops) -> Self {
        let attempts = Arc::new(Attempts::new(Arc::clone(&app.borrow().deps.clock)));
        Self {
            app,
            ops,
            attempts,
            imports: ImportJobs::default(),
            checks: Arc::new(Semaphore::new(2)),
            provider_calls: Arc::new(Semaphore::new(4)),
            forecasts: ForecastRuns::default(),
            alert_counts: CountRuns::default(),
            audit_checks: AuditRuns::default(),
            figures: FigureCounts::default(),
            unsaved_letters: UnsavedLetters::default(),
            seen: Arc::default(),
            done_forms: Arc::default(),
        }
    }

    pub(in crate::web::console) fn app(&self) -> Arc<AppState> {
        Arc::clone(&self.app.borrow())
    }
}
