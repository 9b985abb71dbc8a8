//! Every patient's years to come, counted by month: as things stand, and as they would be if everybody on one protocol were
//! moved to another. Nothing is written.

use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use super::patient_ahead::RecordAhead;
use super::plan_move::PlanMove;
use super::silent_course::{ForecastSpan, PatientAhead, live};
use crate::journey::alerts::cover;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::sending_policy::{day, zone};
use crate::store::work::monthly_load::MonthlyLoad;

/// Patients read at one time: a reader of the store is not held longer.
const PAGE: u32 = 50;

/// What is to be counted.
#[derive(Debug, Clone)]
pub struct ForecastRequest {
    /// The first instant that is counted.
    pub from: Timestamp,
    /// The instant that ends the count, itself not counted.
    pub until: Timestamp,
    /// What would be changed first.
    pub change: Option<PlanMove>,
}

/// What is to come.
#[derive(Debug, Clone, Default)]
pub struct Forecast {
    /// How many patients were looked at.
    pub patients: u64,
    /// How many of them are followed by letters.
    pub followed: u64,
    /// Whose record could not be read; they are in no count.
    pub unreadable: u64,
    /// How many the change would move.
    pub moved: u64,
    /// What is to come as things stand.
    pub load: MonthlyLoad,
    /// After the change, if one was asked for.
    pub changed: Option<MonthlyLoad>,
}

/// Counts what is to come with so many workers; `seen` is told how many patients are done, and may end it: then `None`.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn forecast(
    clinic: &Deps,
    request: &ForecastRequest,
    workers: usize,
    seen: &(dyn Fn(u64) -> ControlFlow<()> + Sync),
) -> Result<Option<Forecast>, StepError> {
    let here = zone(&clinic.policy.zone)?;
    let last = request.until.saturating_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(request.until);
    let span = ForecastSpan {
        from: request.from,
        until: request.until,
        days: (day(request.from, &here), day(last, &here)),
        policy: &clinic.policy,
        no_cover: clinic.store.read(|view| cover::is_missing_at(view, clinic, request.from))?,
    };
    let run = Run {
        clinic,
        change: request.change.as_ref(),
        span,
        cursor: Mutex::new(Some(String::new())),
        sum: Mutex::new(Forecast {
            changed: request.change.as_ref().map(|_| MonthlyLoad::default()),
            ..Forecast::default()
        }),
        seen,
    };
    let ended = std::thread::scope(|scope| {
        let work: Vec<_> = (0..workers.max(1)).map(|_| scope.spawn(|| run.work())).collect();
        let joined = work.into_iter().map(|one| one.join().unwrap_or(Ok(ControlFlow::Break(()))));
        joined.collect::<Result<Vec<_>, StepError>>()
    })?;
    let sum = run.sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(ended.iter().all(ControlFlow::is_continue).then_some(sum))
}

struct Run<'a> {
    clinic: &'a Deps,
    change: Option<&'a PlanMove>,
    span: ForecastSpan<'a>,
    /// The case code after which the next page begins; `None` at the end.
    cursor: Mutex<Option<String>>,
    sum: Mutex<Forecast>,
    seen: &'a (dyn Fn(u64) -> ControlFlow<()> + Sync),
}

/// Patients of one page, each as she is and as she would be.
#[derive(Default)]
struct PageAhead {
    counts: Forecast,
    patients: Vec<(PatientAhead, Option<PatientAhead>)>,
}

impl Run<'_> {
    fn work(&self) -> Result<ControlFlow<()>, StepError> {
        while let Some(page) = self.page()? {
            let (mut load, mut changed) = (MonthlyLoad::default(), MonthlyLoad::default());
            for (now, then) in page.patients {
                if self.change.is_some() {
                    live(then.unwrap_or_else(|| now.clone()), self.span, &mut changed);
                }
                live(now, self.span, &mut load);
            }
            let mut sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
            sum.load.add(&load);
            if let Some(all) = &mut sum.changed {
                all.add(&changed);
            }
            sum.patients += page.counts.patients;
            sum.followed += page.counts.followed;
            sum.unreadable += page.counts.unreadable;
            sum.moved += page.counts.moved;
            if (self.seen)(sum.patients).is_break() {
                *self.cursor.lock().unwrap_or_else(PoisonError::into_inner) = None;
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// The next patients, read; `None` after the last.
    fn page(&self) -> Result<Option<PageAhead>, StepError> {
        let mut cursor = self.cursor.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(after) = cursor.take() else { return Ok(None) };
        self.clinic.store.read(|view| {
            let patients = view.patients(&after, PAGE)?;
            let Some(last) = patients.last() else { return Ok(None) };
            *cursor = Some(last.reference.as_str().to_owned());
            let mut page = PageAhead::default();
            for patient in patients.iter().filter(|p| !p.reference.is_canary()) {
                page.counts.patients += 1;
                let record = RecordAhead { view, clinic: self.clinic, patient, span: self.span };
                match self.read(&record) {
                    Ok(Some(read)) => {
                        page.counts.followed += 1;
                        page.counts.moved += u64::from(read.1.is_some());
                        page.patients.push(read);
                    }
                    Ok(None) => {}
                    Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
                    Err(_) => page.counts.unreadable += 1,
                }
            }
            Ok(Some(page))
        })
    }

    fn read(
        &self,
        record: &RecordAhead<'_>,
    ) -> Result<Option<(PatientAhead, Option<PatientAhead>)>, StepError> {
        let Some(now) = record.read()? else { return Ok(None) };
        let then = match self.change {
            Some(change) => record.moved(&now, change)?,
            None => None,
        };
        Ok(Some((now, then)))
    }
}
