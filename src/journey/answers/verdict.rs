//! The verdict on a form: what the rules say of all that was answered, and whom it rings for. Also for stored answers that no
//! rule has seen yet.

use jiff::Timestamp;

use crate::care::patient::PatientId;
use crate::care::task::TaskKind;
use crate::care::triage::case::{Case, FilledForm, FormStage, TriageReason};
use crate::care::triage::judge::{TriageVerdict, judge, review};
use crate::care::triage::judging::JudgingMode;
use crate::care::triage::tier::{Tier, standing};
use crate::journey::alert_policy::{self, NO_ANSWERS};
use crate::journey::answers::clinical_history::stored_answers;
use crate::journey::answers::form_in_progress::FormInProgress;
use crate::journey::answers::raise_alert::{PageNews, Raised, raise};
use crate::journey::answers::{clinical_history, completion};
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::store::db::transaction::{Stamp, Tx};
use crate::store::work::tasks::NewTask;

/// Judges what stands now and rings for it. What was said before on the same form still counts. A form that cannot be read gets
/// no verdict.
pub(in crate::journey::answers) fn verdict(
    tx: &mut Tx<'_>,
    form: &mut FormInProgress,
    before: &str,
    clinic: &Deps,
) -> Result<bool, StepError> {
    let FormInProgress { response, checklist, patient } = form;
    let all = stored_answers(tx, response, checklist)?;
    let stage = response.stage;
    let (worries, news) = if response.mode == JudgingMode::Triage {
        let history = clinical_history::of(tx, response, clinic)?;
        let case = Case { answers: &all, stage, answered_on: response.answered_on, history: &history };
        let found = judge(checklist, &case);
        let said = alert_policy::read(checklist, before)?;
        let earlier = judge(checklist, &Case { answers: &said, stage: FormStage::Saved, ..case });
        let tier = standing(response.tier, found.tier);
        response.tier = Some(tier);
        response.reasons.extend(found.codes());
        (tier != Tier::Routine, news(&earlier, &found))
    } else {
        let news = if before == response.answers { PageNews::None } else { PageNews::More };
        // Nobody answers for rules that have judged pages of it before. Their alert stands.
        response.tier = None;
        let baseline = clinical_history::baseline(tx, patient.id, clinic)?;
        let form = FilledForm { answers: &all, stage };
        (review(checklist, form, clinic.care.reads, baseline.as_ref()), news)
    };
    let raised = match worries {
        true => Some(raise(tx, form, news, &clinic.care)?),
        false => None,
    };
    let FormInProgress { response, checklist, .. } = form;
    response.alert = raised.map(Raised::alert).or(response.alert);
    tx.judge_response(response)?;
    if completion::asks_for_call(checklist, &all) {
        completion::open_call_task(tx, response, &clinic.care.days)?;
    }
    Ok(matches!(raised, Some(Raised::Now(_))))
}

/// A reason, or a field behind one, that the page before did not give.
fn news(earlier: &TriageVerdict, found: &TriageVerdict) -> PageNews {
    let given = |field: &String, reason: &TriageReason| {
        earlier.reasons.iter().any(|r| r.code == reason.code && r.fields.contains(field))
    };
    let more = found.reasons.iter().any(|reason| {
        reason.fields.iter().any(|field| !given(field, reason))
            || !earlier.reasons.iter().any(|r| r.code == reason.code)
    });
    if more { PageNews::More } else { PageNews::None }
}

/// Judges stored answers that no rule has seen yet (P9: stored facts first). Returns how many.
///
/// # Errors
/// [`StepError`] when the store fails; an answer that cannot be judged is logged and stays.
pub(crate) async fn judge_stored(clinic: &Deps, now: Timestamp) -> Result<usize, StepError> {
    if clinic.store.read(|view| view.responses_unjudged())?.is_empty() {
        return Ok(0);
    }
    let steps = clinic.clone();
    let job = move |tx: &mut Tx<'_>| -> Result<usize, StepError> {
        let mut judged = 0;
        for response in tx.responses_unjudged()? {
            let (id, patient) = (response.id.0, response.patient);
            let one = tx.shielded(|tx| -> Result<bool, StepError> {
                let patient = Box::new(tx.patient(response.patient)?);
                let checklist = steps.care.checklists.get(tx, response.version)?;
                verdict(tx, &mut FormInProgress { response, checklist, patient }, NO_ANSWERS, &steps)
            });
            match one {
                Ok(_) => judged += 1,
                Err(StepError::Store(fault)) if fault.is_everyones() => return Err(fault.into()),
                Err(fault) => unjudged(tx, id, patient, &fault)?,
            }
        }
        Ok(judged)
    };
    clinic.store.write(Stamp::daemon(now), job).await
}

/// A stored answer that the rules cannot judge is read by a person, once: reading it mends nothing, so the next pass meets it again.
fn unjudged(tx: &mut Tx<'_>, id: i64, patient: PatientId, fault: &StepError) -> Result<(), StepError> {
    let cause = format!("response/{id}/unjudged");
    if tx.was_done(TaskKind::ReadAnswer, &cause)? {
        return Ok(());
    }
    let is_new = tx.open_task(&NewTask {
        kind: TaskKind::ReadAnswer,
        cause,
        patient: Some(patient),
        follow_up: None,
        reason: format!("An answer is stored and cannot be judged: {fault}. Read it."),
        due_at: tx.at(),
    })?;
    if is_new {
        tracing::error!(response = id, %fault, "a stored answer cannot be judged");
    }
    Ok(())
}
