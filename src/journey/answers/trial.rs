//! Made-up answers: what the rules would say of them, and whom that would ring. Judged by the same step as a form that comes
//! back; nothing is stored, and nobody is told.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::care::alert::escalation::{EscalationProgress, EscalationReason, PatientLetter};
use crate::care::alert::lifecycle::{AlertState, due_at};
use crate::care::checklist::answer::Answers;
use crate::care::checklist::definition::Checklist;
use crate::care::triage::case::{Case, FilledForm, FormStage, History};
use crate::care::triage::judge::{TriageVerdict, judge, review};
use crate::care::triage::tier::Tier;
use crate::journey::alert_policy::AnswerPolicy;
use crate::journey::alerts::cause::UNSORTED;
use crate::journey::answers::completion::asks_for_call;
use crate::journey::sending_policy::day;

/// Answers that nobody gave.
#[derive(Debug, Clone, Copy)]
pub struct TrialForm<'a> {
    /// What is asked, and the rules' numbers.
    pub checklist: &'a Checklist,
    /// What is said, by field.
    pub answers: &'a Answers,
    /// What is known about the one who does not exist.
    pub history: &'a History,
    /// When it is sent.
    pub at: Timestamp,
}

/// What a form with these answers would lead to.
#[derive(Debug, Clone)]
pub struct TrialVerdict {
    /// What the rules say.
    pub verdict: TriageVerdict,
    /// The alert of signed rules; `None` where nothing rings.
    pub sorted: Option<TrialAlert>,
    /// The alert where staff read every answer (education); `None` where nobody is asked to read.
    pub unsorted: Option<TrialAlert>,
    /// Whether a task asks to ring her, because she asked for it.
    pub calls: bool,
}

/// An alert that would be raised.
#[derive(Debug, Clone)]
pub struct TrialAlert {
    /// By when a person must have spoken with her.
    pub due_at: Timestamp,
    /// Who is told, first to last, if nobody takes it on.
    pub notices: Vec<TrialNotice>,
}

/// One notice of such an alert.
#[derive(Debug, Clone)]
pub struct TrialNotice {
    /// When it would leave.
    pub at: Timestamp,
    /// Who would be told.
    pub who: Vec<String>,
    /// Whether the patient is written to now.
    pub to_patient: PatientLetter,
}

/// The ladder is never longer than this; a notice to everyone ends it.
const MOST_NOTICES: usize = 40;

/// Judges answers that nobody gave, and follows the alert up the ladder until everyone was told.
#[must_use]
pub fn judge_trial(form: &TrialForm<'_>, care: &AnswerPolicy) -> TrialVerdict {
    let TrialForm { checklist, answers, history, at } = *form;
    let answered_on = day(at, &care.days.zone);
    let verdict = judge(checklist, &Case { answers, stage: FormStage::Submitted, answered_on, history });
    let filled = FilledForm { answers, stage: FormStage::Submitted };
    let reads = review(checklist, filled, care.reads, history.baseline.as_ref());
    TrialVerdict {
        sorted: (verdict.tier != Tier::Routine).then(|| alert(verdict.tier, at, care)),
        unsorted: reads.then(|| alert(UNSORTED, at, care)),
        calls: asks_for_call(checklist, answers),
        verdict,
    }
}

fn alert(tier: Tier, raised_at: Timestamp, care: &AnswerPolicy) -> TrialAlert {
    let mut progress = EscalationProgress {
        state: AlertState::Raised,
        tier,
        raised_at,
        told: Vec::new(),
        climbed_at: None,
        everyone_at: None,
        patient_at: None,
        last_at: None,
        unreachable: BTreeSet::new(),
    };
    let (mut notices, mut now) = (Vec::new(), raised_at);
    for _ in 0..MOST_NOTICES {
        let Some(step) = care.ladder.next(&progress, now) else { break };
        now = step.at.max(now);
        progress = progress.after(&step, &care.ladder, now);
        if step.why != EscalationReason::Again {
            let name = |index: &usize| care.ladder.rungs.get(*index).map(|rung| rung.who.name.clone());
            let who = step.whom.iter().filter_map(name).collect();
            notices.push(TrialNotice { at: now, who, to_patient: step.patient_letter });
        }
        if step.why == EscalationReason::Everyone {
            break;
        }
    }
    TrialAlert { due_at: due_at(tier, raised_at, &care.days).unwrap_or(raised_at), notices }
}
