//! An answer worries: it joins the alert that already rings for her, lifts it, or raises one. Always inside the
//! transaction that stores the answer (P5).

use jiff::Timestamp;

use crate::care::alert::lifecycle::{AlertState, due_at};
use crate::care::patient::Patient;
use crate::care::task::TaskKind;
use crate::care::triage::tier::Tier;
use crate::journey::alert_policy::AnswerPolicy;
use crate::journey::alerts::cause::{UNSORTED, cause};
use crate::journey::alerts::ring;
use crate::journey::answers::form_in_progress::FormInProgress;
use crate::journey::errors::step::StepError;
use crate::store::alerts::lifecycle::{Alert, AlertId, Audience, NewAlert};
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::Tx;
use crate::store::work::tasks::NewTask;

/// Whether a save says more than the answers stored before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey) enum PageNews {
    /// No reason, and no field behind one, that was not given before.
    None,
    /// A new reason, or a new field behind one; in education any other answer.
    More,
}

/// Why a person is asked to read an answer.
const MORE_THAN_NO: &str = "An answer is more than a plain no.";
/// The same of one that no person can have given.
const HURRIED: &str = "An answer is more than a plain no. It came faster than a person can read: perhaps a machine filled it in.";

/// What ringing led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey) enum Raised {
    /// An alert was raised or lifted: somebody must be told now.
    Now(AlertId),
    /// One that rings already, or was taken on for this very form, covers it.
    Covered(AlertId),
}

impl Raised {
    pub(in crate::journey) const fn alert(self) -> AlertId {
        match self {
            Self::Now(id) | Self::Covered(id) => id,
        }
    }
}

/// Rings for an answer. Its tier is `None` in education mode, and never routine.
pub(in crate::journey::answers) fn raise(
    tx: &mut Tx<'_>,
    form: &FormInProgress,
    news: PageNews,
    care: &AnswerPolicy,
) -> Result<Raised, StepError> {
    let FormInProgress { response, patient, .. } = form;
    let tier = response.tier;
    let due = due_at(tier.unwrap_or(UNSORTED), tx.at(), &care.days).unwrap_or(tx.at());
    let own = response.alert.map(|id| tx.alert(id)).transpose()?;
    if let Some(own) = &own
        && covers(own.tier, tier)
        && (own.state == AlertState::Raised || news == PageNews::None)
    {
        if own.state == AlertState::Raised {
            ask_to_read(tx, form, own.id, due)?;
        }
        return Ok(Raised::Covered(own.id));
    }
    // An alert that nobody sorted and that rings for this very form is sorted with it, once rules judge it.
    let is_own = |a: &Alert| own.as_ref().is_some_and(|own| own.id == a.id);
    let alike = |a: &Alert| {
        a.state == AlertState::Raised && (a.tier.is_some() == tier.is_some() || a.tier.is_none() && is_own(a))
    };
    let open = tx.alerts_open_of(patient.id)?.into_iter().find(alike);
    match (open, tier) {
        (Some(open), Some(new)) if open.tier.is_none_or(|tier| !open.state.takes_in(tier, new)) => {
            tx.lift_alert(open.id, new, due)?;
            // The ladder rings anew at once, and a letter that was written before would be sent in its place.
            ring::withdraw_letters(tx, open.id, "a more urgent letter takes its place")?;
            Ok(Raised::Now(open.id))
        }
        (Some(open), _) => {
            let detail = serde_json::json!({ "response": response.id.0 });
            tx.audit(AuditAction::AlertJoined, open.id, &detail)?;
            ask_to_read(tx, form, open.id, due)?;
            Ok(Raised::Covered(open.id))
        }
        (None, _) => {
            let id = tx.insert_alert(&NewAlert {
                patient: patient.id,
                audience: audience(patient),
                tier,
                due_at: due,
            })?;
            ask_to_read(tx, form, id, due)?;
            Ok(Raised::Now(id))
        }
    }
}

/// Whether an alert of that tier, `None` where nobody sorted it, rings as loud as this one needs.
fn covers(own: Option<Tier>, new: Option<Tier>) -> bool {
    match (own, new) {
        (None, Some(_)) => false,
        (own, Some(_)) => own >= new,
        (None, None) => true,
        (Some(own), None) => own >= UNSORTED,
    }
}

fn audience(patient: &Patient) -> Audience {
    if patient.reference.is_canary() { Audience::Canary } else { Audience::Ladder }
}

/// While an unsorted alert rings, a task asks a person to read what rings.
fn ask_to_read(
    tx: &mut Tx<'_>,
    form: &FormInProgress,
    alert: AlertId,
    due_at: Timestamp,
) -> Result<(), StepError> {
    let patient = &form.patient;
    if form.response.tier.is_some() || audience(patient) == Audience::Canary {
        return Ok(());
    }
    tx.open_task(&NewTask {
        kind: TaskKind::ReadAnswer,
        cause: cause(alert),
        patient: Some(patient.id),
        follow_up: None,
        reason: if form.response.hurried { HURRIED } else { MORE_THAN_NO }.to_owned(),
        due_at,
    })?;
    Ok(())
}
