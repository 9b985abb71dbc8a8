//! Figures that are counted beside the pages. A small clinic's are counted while its page is waited for; those of a large one
//! take seconds, so the page does not wait: it says that they are being counted, and what was counted is kept a while. One
//! count runs at a time.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::journey::errors::step::StepError;
use crate::journey::forecast::clinic_figures::{ClinicFigures, FiguresRequest};
use crate::web::console::single_run::{RunState, SingleRun};

/// What took long to count is shown for so long before it is counted anew.
const KEPT: SignedDuration = SignedDuration::from_mins(15);

/// So many questions are remembered.
const REMEMBERED: usize = 16;

/// Figures and when they were counted.
#[derive(Clone)]
pub(in crate::web::console::reports) struct CountedFigures {
    pub(in crate::web::console::reports) figures: Arc<ClinicFigures>,
    pub(in crate::web::console::reports) at: Timestamp,
    /// Whether newer ones are being counted.
    pub(in crate::web::console::reports) is_old: bool,
}

/// How a question for figures stands.
pub(in crate::web::console::reports) enum FiguresStage {
    /// They are here, with their moment.
    Counted(CountedFigures),
    /// They are being counted.
    Runs,
    /// They could not be counted; why, safe to show.
    Failed(String),
}

/// A question that was asked, and its last answer.
struct AskedFigures {
    request: FiguresRequest,
    /// Which count answered it last; 0 before the first.
    count: u64,
    outcome: Result<Option<Arc<ClinicFigures>>, String>,
    /// Whether somebody gave up waiting: then the answer is kept.
    is_slow: bool,
}

impl AskedFigures {
    fn is_kept(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.request.now);
        self.is_slow && matches!(self.outcome, Ok(Some(_))) && !age.is_negative() && age < KEPT
    }

    /// The answer; old where a newer count than this was begun.
    fn stage(&self, newest: u64) -> FiguresStage {
        let (at, is_old) = (self.request.now, self.count < newest);
        match &self.outcome {
            Ok(Some(figures)) => {
                FiguresStage::Counted(CountedFigures { figures: Arc::clone(figures), at, is_old })
            }
            Ok(None) => FiguresStage::Runs,
            Err(why) => FiguresStage::Failed(why.clone()),
        }
    }
}

#[derive(Default)]
struct Counts {
    asked: Vec<AskedFigures>,
    /// How many counts were begun.
    begun: u64,
}

impl Counts {
    fn asked(&mut self, request: &FiguresRequest) -> &mut AskedFigures {
        let is_same = |one: &AskedFigures| {
            let now = request.now;
            FiguresRequest { now, ..one.request.clone() } == *request
        };
        let at = self.asked.iter().position(is_same).unwrap_or_else(|| {
            if self.asked.len() >= REMEMBERED {
                self.asked.remove(0);
            }
            let request = request.clone();
            self.asked.push(AskedFigures { request, count: 0, outcome: Ok(None), is_slow: false });
            self.asked.len() - 1
        });
        &mut self.asked[at]
    }
}

/// The figures that were asked for lately.
#[derive(Clone, Default)]
pub(in crate::web::console) struct FigureCounts(SingleRun<Counts>);

impl FigureCounts {
    /// The figures, as soon as they are counted, but waited for so long at most.
    pub(in crate::web::console::reports) fn get(
        &self,
        request: &FiguresRequest,
        patience: Duration,
        count: impl FnOnce() -> Result<ClinicFigures, StepError> + Send + 'static,
    ) -> FiguresStage {
        let mut state = self.0.wait_while(self.0.lock(), patience, |state| {
            !state.kept.asked(request).is_kept(request.now) && state.is_running()
        });
        let is_running = state.is_running();
        let asked = state.kept.asked(request);
        if asked.is_kept(request.now) {
            return asked.stage(0);
        }
        if is_running {
            asked.is_slow = true;
            return asked.stage(u64::MAX);
        }
        state.kept.begun += 1;
        let number = state.kept.begun;
        if let Err(fault) = self.begin(&mut state, request, count) {
            tracing::error!(%fault, "no thread for figures");
            return FiguresStage::Failed("the machine has no room for a count now".to_owned());
        }
        let mut state = self.0.wait_while(state, patience, |state| {
            state.kept.asked(request).count < number && state.is_running()
        });
        let is_running = state.is_running();
        let asked = state.kept.asked(request);
        let is_old = asked.count < number;
        if is_old && !is_running {
            return FiguresStage::Failed("the count broke off".to_owned());
        }
        asked.is_slow |= is_old;
        asked.stage(number)
    }

    fn begin(
        &self,
        state: &mut RunState<Counts>,
        request: &FiguresRequest,
        count: impl FnOnce() -> Result<ClinicFigures, StepError> + Send + 'static,
    ) -> std::io::Result<()> {
        let (number, request) = (state.kept.begun, request.clone());
        self.0.begin(state, "figures", move |counts, _| {
            let outcome = count().map(|figures| Some(Arc::new(figures))).map_err(|fault| {
                tracing::error!(%fault, "figures could not be counted");
                fault.to_string()
            });
            let mut state = counts.lock();
            let asked = state.kept.asked(&request);
            asked.request = request;
            asked.count = number;
            asked.outcome = outcome;
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc;

    use jiff::civil::date;

    use super::*;
    use crate::store::work::report::period::{Capacity, PeriodReport, ResponseRate};

    fn figures(overdue: u32) -> ClinicFigures {
        let capacity = Capacity { patients: 0, forms_a_week: 0.0, alert_rate: 0.0, alerts_a_week: 0.0 };
        ClinicFigures {
            period: PeriodReport { speeds: Vec::new(), answered: ResponseRate::default(), capacity },
            months: Vec::new(),
            checklists: Vec::new(),
            protocols: Vec::new(),
            alerts: Vec::new(),
            letters: Vec::new(),
            weeks: Vec::new(),
            overdue,
        }
    }

    fn request(minute: i64) -> FiguresRequest {
        let now = Timestamp::from_second(minute * 60).unwrap();
        FiguresRequest { first_on: date(2026, 1, 1), last_on: date(2026, 1, 31), protocol: None, now }
    }

    fn overdue(stand: &FiguresStage) -> Option<u32> {
        match stand {
            FiguresStage::Counted(counted) => Some(counted.figures.overdue),
            FiguresStage::Runs | FiguresStage::Failed(_) => None,
        }
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn what_is_counted_quickly_is_counted_anew_for_everybody_who_asks() {
        let (counts, times) = (FigureCounts::default(), Arc::new(AtomicU32::new(0)));
        for asked in 1..=3 {
            let times = Arc::clone(&times);
            let count = move || Ok(figures(times.fetch_add(1, Ordering::SeqCst) + 1));
            assert_eq!(overdue(&counts.get(&request(0), LONG, count)), Some(asked));
        }
    }

    #[test]
    fn nobody_waits_for_a_long_count_and_its_figures_are_kept_a_while() {
        let counts = FigureCounts::default();
        let (go, gone) = mpsc::channel::<()>();
        let slow = move || {
            gone.recv().unwrap();
            Ok(figures(1))
        };
        let first = counts.get(&request(0), Duration::ZERO, slow);
        assert!(matches!(first, FiguresStage::Runs));
        let second = counts.get(&request(0), Duration::ZERO, || panic!("one count at a time"));
        assert!(matches!(second, FiguresStage::Runs));
        go.send(()).unwrap();
        let counted = counts.get(&request(1), LONG, || panic!("they are kept"));
        assert_eq!(overdue(&counted), Some(1));
        assert_eq!(overdue(&counts.get(&request(14), Duration::ZERO, || panic!("kept"))), Some(1));
        let (go, gone) = mpsc::channel::<()>();
        let anew = move || {
            gone.recv().unwrap();
            Ok(figures(2))
        };
        match counts.get(&request(16), Duration::ZERO, anew) {
            FiguresStage::Counted(old) => assert!(old.is_old && old.figures.overdue == 1),
            FiguresStage::Runs | FiguresStage::Failed(_) => panic!("the old figures stand meanwhile"),
        }
        go.send(()).unwrap();
        assert_eq!(overdue(&counts.get(&request(17), LONG, || panic!("kept"))), Some(2));
    }

    #[test]
    fn a_count_that_fails_or_panics_says_so_and_leaves_room_for_the_next() {
        let counts = FigureCounts::default();
        let fails = || Err(crate::store::error::StoreError::corrupt("made for a test").into());
        assert!(matches!(counts.get(&request(0), LONG, fails), FiguresStage::Failed(_)));
        assert!(matches!(
            counts.get(&request(0), Duration::from_millis(200), || panic!("made for a test")),
            FiguresStage::Failed(_)
        ));
        assert_eq!(overdue(&counts.get(&request(0), LONG, || Ok(figures(3)))), Some(3));
    }
}
