//! What a version would change for those who are on the protocol: told before anything changes, by the planner that will
//! change it (P11).

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::care::patient::PreferredName;
use crate::care::plan::protocol::Protocol;
use crate::care::publication::letter_count::LetterCount;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::plan::enrol::CourseContent;
use crate::journey::plan::replan::{Difference, propose};
use crate::journey::plan::replan_preview::PlanChange;
use crate::store::error::StoreError;
use crate::store::plan::enrolments::EnrolledPatient;
use crate::store::plan::publications::PublicationId;

/// What becomes of one patient.
#[derive(Debug, Clone)]
pub struct PatientEffect {
    /// Case code of the patient.
    pub reference: String,
    /// What she is called.
    pub name: PreferredName,
    /// Letters within two years.
    pub letters: LetterCount,
    /// Visits, tests and forms that are due on another day, any more or newly.
    pub dates: LetterCount,
    /// Tasks that open because something falls into the past or a booked date finds no place.
    pub tasks: usize,
}

impl PatientEffect {
    fn of(her: &EnrolledPatient, found: &Difference) -> Self {
        Self {
            reference: her.reference.clone(),
            name: her.name.clone(),
            letters: found.letters,
            dates: dates(found),
            tasks: tasks(found),
        }
    }

    /// Whether anything at all changes for her but words.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.letters.is_nothing() && self.dates.is_nothing() && self.tasks == 0
    }

    fn weight(&self) -> usize {
        let LetterCount { moved, dropped, added } = self.letters;
        moved + dropped + added + self.dates.moved + self.dates.dropped + self.dates.added + self.tasks
    }
}

/// What becomes of all of them.
#[derive(Debug, Clone, Default)]
pub struct MoveEffect {
    /// Everybody on the protocol, those with most changes first.
    pub patients: Vec<PatientEffect>,
    /// The letters of all of them.
    pub letters: LetterCount,
    /// For how many anything changes.
    pub touched: usize,
    /// How many tasks open for all of them.
    pub tasks: usize,
    /// Patients whose record this version cannot read: they are not moved.
    pub unread: usize,
}

/// So many patients are worth a thread of their own.
const SHARE: usize = 500;

/// Works out what moving everybody on the protocol to that content would change within two years. Many patients are shared
/// out among the readers of the store: somebody waits for the page.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn effect(protocol: &Arc<Protocol>, now: Timestamp, clinic: &Deps) -> Result<MoveEffect, StepError> {
    let enrolled = clinic.store.read(|view| view.enrolled_on(&protocol.id))?;
    on_all(&enrolled, protocol, now, clinic)
}

/// The same of those whom a publication has still to move, and nobody else.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn effect_of(
    publication: PublicationId,
    protocol: &Arc<Protocol>,
    now: Timestamp,
    clinic: &Deps,
) -> Result<MoveEffect, StepError> {
    let enrolled = clinic.store.read(|view| {
        let moves: BTreeSet<_> =
            view.moves_waiting(publication, u32::MAX)?.into_iter().map(|id| id.0).collect();
        let all = view.enrolled_on(&protocol.id)?;
        Ok::<_, StoreError>(
            all.into_iter().filter(|her| moves.contains(&her.enrolment.id.0)).collect::<Vec<_>>(),
        )
    })?;
    on_all(&enrolled, protocol, now, clinic)
}

fn on_all(
    enrolled: &[EnrolledPatient],
    protocol: &Arc<Protocol>,
    now: Timestamp,
    clinic: &Deps,
) -> Result<MoveEffect, StepError> {
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = enrolled.len().div_ceil(workers).max(SHARE);
    let shares = std::thread::scope(|scope| {
        let begin = |share| scope.spawn(move || effect_on(share, protocol, now, clinic));
        let begun: Vec<_> = enrolled.chunks(share).map(begin).collect();
        begun.into_iter().map(|worker| worker.join().map_err(|_| StoreError::closed())).collect::<Vec<_>>()
    });
    let mut all = MoveEffect::default();
    for part in shares {
        let part = part??;
        all.patients.extend(part.patients);
        all.unread += part.unread;
    }
    for one in &all.patients {
        all.letters += one.letters;
        all.tasks += one.tasks;
        all.touched += usize::from(!one.is_nothing());
    }
    all.patients.sort_by_key(|one| std::cmp::Reverse(one.weight()));
    Ok(all)
}

fn effect_on(
    share: &[EnrolledPatient],
    protocol: &Arc<Protocol>,
    now: Timestamp,
    clinic: &Deps,
) -> Result<MoveEffect, StepError> {
    let mut all = MoveEffect::default();
    clinic.store.read(|view| {
        for her in share {
            let old = &her.enrolment;
            if clinic.protocol_cache.get(view, old.version).is_ok_and(|on| on.version == protocol.version) {
                continue;
            }
            let course = Some(CourseContent { protocol, anchor_on: old.anchor_on });
            match propose(view, PlanChange { old, course }, now, clinic) {
                Ok(found) => all.patients.push(PatientEffect::of(her, &found)),
                Err(fault) if fault.is_unreadable() => all.unread += 1,
                Err(fault) => return Err(fault),
            }
        }
        Ok(())
    })?;
    Ok(all)
}

fn dates(found: &Difference) -> LetterCount {
    let mut dates = LetterCount::default();
    for line in &found.ahead {
        match (line.before, line.after) {
            (Some(_), Some(_)) => dates.moved += 1,
            (Some(_), None) => dates.dropped += 1,
            (None, _) => dates.added += 1,
        }
    }
    dates
}

fn tasks(found: &Difference) -> usize {
    let mut past: Vec<&str> = found.past.iter().map(|line| line.series.as_str()).collect();
    past.dedup();
    past.len() + found.booked.iter().filter(|date| date.counts_for.is_none()).count()
}
