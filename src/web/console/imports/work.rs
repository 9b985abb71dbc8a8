//! What is done with a staged file beside the page: looking through its rows, and taking them in.

use std::sync::Arc;

use crate::care::roster::row_verdict::StagedVerdict;
use crate::exchange::admission::admit::{AdmitError, LOOKS, SurveyedRoster, admit};
use crate::exchange::admission::check::{CheckedRoster, check};
use crate::exchange::roster::dates::Order;
use crate::exchange::roster::row_fault::RowFault;
use crate::exchange::roster::rules::{RosterRules, RosterTerms, StagedCells};
use crate::exchange::roster::survey::{RecordOnFile, SurveyError};
use crate::journey::commands::roster::{ImportOutcome, ImportTerms, Terms};
use crate::journey::commands::staged_imports;
use crate::journey::errors::step::StepError;
use crate::journey::file_protocols::ProtocolsInForce;
use crate::journey::protocols;
use crate::journey::sending_policy::{day, zone};
use crate::store::roster::imports::ImportId;
use crate::store::roster::staged::{StagedId, StagedImport};
use crate::web::console::auth::session::SignedIn;
use crate::web::console::imports::jobs::{JobEnd, JobKind, JobProgress, NewJob};
use crate::web::console::layout::sentence::with_hint;
use crate::web::console::layout::step_words;

/// Begins to look through every row; waits a moment for the end.
pub(in crate::web::console::imports) async fn look(signed_in: SignedIn, id: StagedId) {
    let jobs = signed_in.console.imports.clone();
    let total = total(&signed_in, id);
    jobs.run(id, NewJob { kind: JobKind::Check, total }, move |progress| {
        match looked(&signed_in, id, &progress) {
            Ok(_) => JobEnd::Checked,
            Err(why) => JobEnd::Refused(why),
        }
    })
    .await;
}

/// Begins to take the rows in; waits a moment for the end.
pub(in crate::web::console::imports) async fn take_in(signed_in: SignedIn, id: StagedId, terms: Terms) {
    let jobs = signed_in.console.imports.clone();
    let total = total(&signed_in, id);
    jobs.run(id, NewJob { kind: JobKind::Admit, total }, move |progress| {
        match taken(&signed_in, id, terms, &progress) {
            Ok(import) => JobEnd::Admitted(import),
            Err(why) => JobEnd::Refused(why),
        }
    })
    .await;
}

fn total(signed_in: &SignedIn, id: StagedId) -> u64 {
    let count = |view: &crate::store::db::transaction::View<'_>| view.staged_size(id);
    signed_in.clinic().store.read(count).map_or(0, u64::from)
}

fn taken(
    signed_in: &SignedIn,
    id: StagedId,
    terms: Terms,
    progress: &JobProgress,
) -> Result<Option<ImportId>, String> {
    let said = |fault: StepError| step_words::fault(&fault);
    let mut done = None;
    for _ in 0..LOOKS {
        done = looked_and_taken(signed_in, id, terms, progress)?;
        if done.is_some() {
            break;
        }
    }
    let Some(done) = done else {
        return Err("Another import takes the same rows in. Try again when it is done.".to_owned());
    };
    if !done.rejected.is_empty() && done.import.is_none() {
        return Err("None of the rows could be taken in.".to_owned());
    }
    staged_imports::discard_blocking(&signed_in.clinic().store, signed_in.stamp(), id).map_err(said)?;
    signed_in.clinic().bells.letters.notify_one();
    Ok(done.import)
}

/// What taking the file in came to; `None` where another import took somebody in after the look.
fn looked_and_taken(
    signed_in: &SignedIn,
    id: StagedId,
    terms: Terms,
    progress: &JobProgress,
) -> Result<Option<ImportOutcome>, String> {
    let (staged, checked) = looked(signed_in, id, progress)?;
    let faulty = checked.findings.iter().filter(|one| one.verdict == StagedVerdict::Faulty).count();
    if faulty > 0 && terms == Terms::Whole {
        return Err(format!(
            "{faulty} rows have a fault now; nobody was taken in. The record has changed meanwhile."
        ));
    }
    let how = ImportTerms { terms, bookings_a_day: staged.bookings_a_day };
    let CheckedRoster { roster, survey, .. } = checked;
    let in_force = in_force(signed_in).map_err(|fault| step_words::fault(&fault))?;
    let surveyed = SurveyedRoster { roster, survey, in_force, how };
    let progress = progress.clone();
    match admit(surveyed, signed_in.clinic(), signed_in.stamp(), move |rows| progress.set(rows)) {
        Ok(done) => Ok(Some(done)),
        Err(AdmitError::Overtaken) => Ok(None),
        Err(AdmitError::File(faults)) => Err(in_words(&faults)),
        Err(AdmitError::Row(row)) if row.place == 0 => Err(step_words::fault(&row.why)),
        Err(AdmitError::Row(row)) => Err(format!("Line {}: {}", row.place, step_words::fault(&row.why))),
    }
}

/// Looks through every row and keeps what was found.
fn looked(
    signed_in: &SignedIn,
    id: StagedId,
    progress: &JobProgress,
) -> Result<(StagedImport, CheckedRoster), String> {
    let clinic = signed_in.clinic();
    let said = |fault: StepError| step_words::fault(&fault);
    let read = clinic.store.read(|view| Ok::<_, StepError>((view.staged(id)?, view.staged_rows(id)?)));
    let (staged, kept) = read.map_err(said)?;
    let rows: Vec<StagedCells> = kept
        .iter()
        .map(|row| StagedCells {
            line: u64::try_from(row.line).unwrap_or(0),
            cells: serde_json::from_str(&row.cells).ok(),
        })
        .collect();
    let rules = rules(signed_in, staged.dates.as_deref()).map_err(said)?;
    let here = zone(&clinic.policy.zone).map_err(|fault| said(fault.into()))?;
    let open = clinic.policy.hours.days.clone();
    let record = RecordOnFile { store: Some(&clinic.store), now: signed_in.now, zone: here, open };
    let found = check(&Arc::from(rows), rules, &record, &mut |rows| progress.set(rows));
    let found = found.map_err(|stop| match stop {
        SurveyError::File(faults) => in_words(&faults),
        SurveyError::Store(fault) => said(fault.into()),
    })?;
    let findings = found.findings.clone();
    staged_imports::keep_findings_blocking(&clinic.store, signed_in.stamp(), id, findings).map_err(said)?;
    Ok((staged, found))
}

/// Faults of a file as one text.
pub(in crate::web::console::imports) fn in_words(faults: &[RowFault]) -> String {
    let one = |fault: &RowFault| {
        let place = if fault.line == 0 { String::new() } else { format!("Line {}: ", fault.line) };
        format!("{place}{}", with_hint(&fault.problem, &fault.hint))
    };
    faults.iter().take(20).map(one).collect::<Vec<_>>().join(" ")
}

fn rules(signed_in: &SignedIn, dates: Option<&str>) -> Result<RosterRules, StepError> {
    let deps = &signed_in.app.deps;
    let policy = &signed_in.clinic().policy;
    let terms = RosterTerms {
        languages: deps.languages.clone(),
        protocols: in_force(signed_in)?.into_iter().map(|(name, one)| (name, one.protocol)).collect(),
        add_ons: Vec::new(),
        country: deps.says.region.clone(),
        home: Some(policy.zone.clone()),
        detail: policy.detail,
        clinics: policy.own_addresses.clone(),
        order: dates.and_then(Order::parse),
    };
    Ok(RosterRules::new(terms, day(signed_in.now, &zone(&policy.zone)?)))
}

fn in_force(signed_in: &SignedIn) -> Result<ProtocolsInForce, StepError> {
    let clinic = signed_in.clinic();
    clinic.store.read(|view| protocols::in_force::in_force(view, clinic))
}
