//! Gathers what is known about the one who answered. What cannot be read is left out and logged: without it the rules
//! are stricter, never milder, and no answer is refused for it.

use std::collections::BTreeSet;

use crate::care::checklist::answer::{Answers, Baseline, Last};
use crate::care::checklist::definition::Checklist;
use crate::care::patient::PatientId;
use crate::care::triage::case::{BoneSpread, History};
use crate::care::triage::judge::told_new;
use crate::journey::alert_policy;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::answers::responses::Response;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;
use crate::store::people::clinical_history::BaselineRow;

/// Everything the rules may look at besides the answers.
pub(in crate::journey) fn of(
    view: &View<'_>,
    response: &Response,
    clinic: &Deps,
) -> Result<History, StepError> {
    let bone = match view.has_bone_spread(response.patient)? {
        true => BoneSpread::Known,
        false => BoneSpread::NotKnown,
    };
    Ok(History {
        baseline: baseline(view, response.patient, clinic)?,
        last: last(view, response, clinic)?,
        unlooked: unlooked(view, response, clinic)?,
        known: super::baseline::marks(view, response.patient, response.answered_on),
        bone,
    })
}

/// The newest confirmed baseline, read under its own checklist.
pub(in crate::journey) fn baseline(
    view: &View<'_>,
    patient: PatientId,
    clinic: &Deps,
) -> Result<Option<Baseline>, StepError> {
    let Some(row) = super::baseline::on_record(view, patient)? else { return Ok(None) };
    let checklist = match clinic.care.checklists.get(view, row.version) {
        Ok(checklist) => checklist,
        Err(fault) => {
            tracing::error!(patient = patient.0, %fault, "a baseline cannot be read and is left out");
            return Ok(None);
        }
    };
    let read = as_baseline(&row, &checklist);
    let told = |fault: &StoreError| {
        tracing::error!(patient = patient.0, %fault, "a baseline cannot be read and is left out");
    };
    Ok(read.inspect_err(told).ok())
}

/// What a stored form says. One that cannot be read is noted, so that a person is told which it is.
pub(in crate::journey) fn stored_answers(
    view: &View<'_>,
    form: &Response,
    checklist: &Checklist,
) -> Result<Answers, StoreError> {
    alert_policy::read(checklist, &form.answers)
        .inspect_err(|fault| view.note_unread("response", form.id.0, fault.why()))
}

/// The same of a form before the one that is judged: without its answers its reasons still count.
fn as_far_as_read(view: &View<'_>, form: &Response, checklist: &Checklist) -> Answers {
    stored_answers(view, form, checklist).unwrap_or_else(|fault| {
        tracing::error!(response = form.id.0, %fault, "the answers of a form before cannot be read and are left out");
        Answers::default()
    })
}

/// What any form since the last look of a clinician called new. An alert that was closed, or a
/// baseline that was confirmed, is a look.
fn unlooked(view: &View<'_>, response: &Response, clinic: &Deps) -> Result<BTreeSet<String>, StepError> {
    let mut told = BTreeSet::new();
    for before in view.responses_unlooked(response)? {
        let Ok(checklist) = clinic.care.checklists.get(view, before.version) else {
            tracing::error!(response = before.id.0, "a form before cannot be read and is left out");
            continue;
        };
        let answers = as_far_as_read(view, &before, &checklist);
        told.extend(told_new(&checklist, &answers, &before.reasons));
    }
    Ok(told)
}

/// A form as the next one is compared with it; `answers` are what it said.
pub(in crate::journey) fn as_last(before: &Response, answers: Answers) -> Last {
    Last {
        answered_on: before.answered_on,
        answers,
        reasons: before.reasons.clone(),
        reviewed: before.reviewed_at.is_some(),
    }
}

/// A baseline as the rules see it.
pub(in crate::journey) fn as_baseline(
    row: &BaselineRow,
    checklist: &Checklist,
) -> Result<Baseline, StoreError> {
    Ok(Baseline {
        confirmed_by: row.confirmed_by.clone(),
        confirmed_on: row.confirmed_on,
        marks: row.marks.clone(),
        answers: alert_policy::read(checklist, &row.answers)?,
    })
}

fn last(view: &View<'_>, response: &Response, clinic: &Deps) -> Result<Option<Last>, StepError> {
    let Some(before) = view.response_before(response)? else { return Ok(None) };
    let Ok(checklist) = clinic.care.checklists.get(view, before.version) else {
        tracing::error!(response = before.id.0, "the form before cannot be read and is left out");
        return Ok(None);
    };
    let answers = as_far_as_read(view, &before, &checklist);
    Ok(Some(as_last(&before, answers)))
}
