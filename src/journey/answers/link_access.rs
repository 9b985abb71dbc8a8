//! A link is shown: what is behind it, or why it stays shut. Looking changes nothing (P13); a birth date is a POST.

pub mod birth_date;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::care::checklist::answer::{Answers, Baseline};
use crate::care::checklist::definition::Checklist;
use crate::care::link::LinkStatus;
use crate::care::patient::{Patient, PatientId, PatientStatus};
use crate::care::task::TaskKind;
use crate::care::time::span::later;
use crate::journey::alert_policy::BirthCheck;
use crate::journey::answers::advice::{RespondOutcome, StandingAdvice, standing_advice};
use crate::journey::answers::clinical_history::{self, stored_answers};
use crate::journey::deps::Deps;
use crate::journey::errors::permission::PermissionError;
use crate::journey::errors::step::StepError;
use crate::journey::link_key::find;
use crate::store::answers::links::{Link, LinkPurpose};
use crate::store::answers::responses::Response;
use crate::store::audit_action::AuditAction;
use crate::store::db::transaction::{Tx, View};
use crate::store::subject::Subject;
use crate::store::work::tasks::NewTask;

/// A form left half-way is gone on with for so long; later, a new one asks how things are then.
const BEGUN_HOLDS: Duration = Duration::from_secs(3 * 24 * 3600);
/// A form that was on screen when its link ended may still be sent.
const GRACE: Duration = Duration::from_secs(24 * 3600);

/// Why a link stays shut. The page then shows the warning list and the numbers, and no personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClosedLink {
    /// We never made it, or it opens another kind of page.
    Forged,
    /// Its time is over; a new one can be asked for.
    Expired,
    /// Its form was submitted; a new one can be asked for.
    Used,
    /// Too many wrong birth dates: a person will ring.
    Locked,
    /// Its owner has died.
    Dead,
}

/// What a visitor gets to see.
pub enum LinkView {
    /// The form, and how far it was filled in before.
    Form(Box<OpenForm>),
    /// First the birth date, in this language.
    Birth(String),
    /// The warning list and the numbers, in this language if it is known.
    Shut(ClosedLink, Option<String>),
    /// Her form was submitted, and an alert of hers is open: what to do now, in this language.
    Told(StandingAdvice, String),
}

/// A form as its page shows it.
pub struct OpenForm {
    /// What the link opens: a follow-up's checklist, or "something changed".
    pub purpose: LinkPurpose,
    /// The language of its words.
    pub language: String,
    /// Whether somebody acts for her, who may fill it in.
    pub is_acted_for: bool,
    /// The version asked: that of the form begun, else the one in force.
    pub checklist: Arc<Checklist>,
    /// How things stood; decides what is not asked.
    pub baseline: Option<Baseline>,
    /// A form begun and not submitted, to go on with.
    pub begun: Option<Begun>,
    /// What an open alert of hers tells her to do, whatever this form says.
    pub standing: Option<StandingAdvice>,
}

/// A form that was left half-way.
pub struct Begun {
    /// The nonce that makes all its pages one response.
    pub nonce: String,
    /// How many pages were saved.
    pub pages: u32,
    /// What was answered so far, by field.
    pub answers: Answers,
    /// When the answers came that decide what she is told.
    pub answered_at: Timestamp,
    /// What the visitor was told to do; shown again first.
    pub outcome: RespondOutcome,
    /// Whether it came faster than a person reads.
    pub hurried: bool,
}

/// A link as a page was asked for with it.
#[derive(Debug, Clone, Copy)]
pub struct LinkRequest<'a> {
    /// The secret in the link's address.
    pub token: &'a str,
    /// What proves the birth-date check, if it was passed.
    pub pass: Option<&'a str>,
    /// When it was asked for.
    pub at: Timestamp,
}

/// A link and the patient it belongs to.
pub(in crate::journey) struct OwnedLink {
    pub(in crate::journey) link: Link,
    pub(in crate::journey) patient: Box<Patient>,
}

/// A link that was looked up.
pub(in crate::journey) enum LinkState {
    Open(OwnedLink),
    Birth(OwnedLink),
    Shut(ClosedLink, Option<PatientId>),
}

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::journey) enum LinkUse {
    /// To see the page.
    Look,
    /// To send a form that was on screen before.
    Send,
}

/// Looks a link up. Every way it can be shut is told apart here and nowhere else.
pub(in crate::journey) fn access(
    view: &View<'_>,
    request: LinkRequest<'_>,
    use_: LinkUse,
    clinic: &Deps,
) -> Result<LinkState, StepError> {
    let LinkRequest { token, pass, at: now } = request;
    let Some(link) = find(view, &clinic.key, token)? else {
        return Ok(LinkState::Shut(ClosedLink::Forged, None));
    };
    // A letter to a record that ended in another leads to the one that stays, and lies in the mailbox of the one that ended.
    let stays = view.record_that_stays(link.patient)?;
    let patient = Box::new(view.patient(stays)?);
    let is_shared = patient.proxy.is_some()
        || patient.shared_inbox
        || (stays != link.patient && view.patient(link.patient)?.shared_inbox);
    let until = if use_ == LinkUse::Send { later(link.expires_at, GRACE) } else { link.expires_at };
    let shut = if patient.status == PatientStatus::Deceased {
        Some(ClosedLink::Dead)
    } else if link.purpose != LinkPurpose::OptOut && view.has_locked_forms(patient.id)? {
        Some(ClosedLink::Locked)
    } else {
        (until <= now).then_some(ClosedLink::Expired)
    };
    if let Some(shut) = shut {
        return Ok(LinkState::Shut(shut, Some(patient.id)));
    }
    let ask = is_shared || clinic.care.birth_check == BirthCheck::Everyone;
    let passed = !ask || pass.is_some_and(|pass| clinic.key.accepts(pass, link.id, now));
    // A second form that was open at the same time, or one that comes back changed, is an answer, not a mistake.
    let is_over =
        link.state == LinkStatus::Used && use_ == LinkUse::Look && begun(view, &link, now)?.is_none();
    Ok(match (passed, is_over) {
        (false, _) => LinkState::Birth(OwnedLink { link, patient }),
        (true, true) => LinkState::Shut(ClosedLink::Used, Some(patient.id)),
        (true, false) => LinkState::Open(OwnedLink { link, patient }),
    })
}

/// [`access`] for pages of forms: a link that stops letters opens none, and nothing is asked through it.
fn form_link(
    view: &View<'_>,
    request: LinkRequest<'_>,
    use_: LinkUse,
    clinic: &Deps,
) -> Result<LinkState, StepError> {
    Ok(match access(view, request, use_, clinic)? {
        LinkState::Open(owned) | LinkState::Birth(owned) if owned.link.purpose == LinkPurpose::OptOut => {
            LinkState::Shut(ClosedLink::Forged, None)
        }
        state => state,
    })
}

/// The form that was left half-way through a link, not too long ago.
fn begun(view: &View<'_>, link: &Link, now: Timestamp) -> Result<Option<Response>, StepError> {
    let fresh = |begun: &Response| later(begun.answered_at, BEGUN_HOLDS) > now;
    Ok(view.response_begun(link.id)?.filter(fresh))
}

/// What is behind a checklist or "something changed" link.
///
/// # Errors
/// [`StepError`] when the store fails or no checklist is in force.
pub fn open(clinic: &Deps, request: LinkRequest<'_>) -> Result<LinkView, StepError> {
    clinic.store.read(|view| match form_link(view, request, LinkUse::Look, clinic)? {
        LinkState::Open(owned) => Ok(LinkView::Form(Box::new(form(view, &owned, clinic, request.at)?))),
        LinkState::Birth(owned) => Ok(LinkView::Birth(owned.patient.letter_language().to_owned())),
        LinkState::Shut(shut, owner) => {
            let owner = owner.map(|id| view.patient(id)).transpose()?;
            let told = owner.as_ref().filter(|_| shut == ClosedLink::Used);
            let told = told.map(|her| standing_advice(view, her.id)).transpose()?.flatten();
            // A dead link looks like a forged one, in the language of the page too.
            let language =
                owner.filter(|_| shut != ClosedLink::Dead).map(|her| her.letter_language().to_owned());
            Ok(match (told, language) {
                (Some(open), Some(language)) => LinkView::Told(open, language),
                (_, language) => LinkView::Shut(shut, language),
            })
        }
    })
}

fn form(view: &View<'_>, owned: &OwnedLink, clinic: &Deps, now: Timestamp) -> Result<OpenForm, StepError> {
    let OwnedLink { link, patient } = owned;
    let begun = begun(view, link, now)?;
    let standing = standing_advice(view, patient.id)?;
    let asked =
        begun.as_ref().map(|response| clinic.care.checklists.get(view, response.version)).transpose()?;
    // One of which a part is torn off stays for a person to read; she begins another.
    let said = begun.zip(asked).and_then(|(response, checklist)| {
        let answers = stored_answers(view, &response, &checklist).ok()?;
        Some((response, checklist, answers))
    });
    let (begun, checklist) = match said {
        Some((response, checklist, answers)) => (Some((response, answers)), checklist),
        None => (None, clinic.care.in_force(view, &checklist_name(view, link, clinic)?)?.1),
    };
    let begun = begun.map(|(response, answers)| Begun {
        answers,
        answered_at: standing
            .filter(|open| Some(open.tier) > response.tier)
            .map_or(response.answered_at, |open| open.answered_at),
        outcome: RespondOutcome::of(&response).at_least(standing),
        nonce: response.nonce,
        pages: response.pages,
        hurried: response.hurried,
    });
    let baseline = clinical_history::baseline(view, patient.id, clinic)?;
    Ok(OpenForm {
        purpose: link.purpose,
        language: patient.letter_language().to_owned(),
        is_acted_for: patient.proxy.is_some(),
        checklist,
        baseline,
        begun,
        standing,
    })
}

/// The checklist a link asks for: its series', or the standard one.
pub(in crate::journey) fn checklist_name(
    view: &View<'_>,
    link: &Link,
    clinic: &Deps,
) -> Result<String, StepError> {
    let LinkPurpose::Checklist(id) = link.purpose else { return Ok(clinic.care.standard.clone()) };
    let follow_up = view.follow_up(id)?;
    let enrolment = view.enrolment(follow_up.enrolment)?;
    // A protocol that cannot be read is no reason to refuse an answer.
    let protocol = clinic.protocol_cache.get(view, enrolment.version).ok();
    let name = protocol.and_then(|p| p.series(&follow_up.series)?.checklist.clone());
    Ok(name.unwrap_or_else(|| clinic.care.standard.clone()))
}

/// Someone used a form whose owner is recorded as dead: a carer, or the record is wrong. Nobody is written to and the
/// page says what it says of any shut link; a person looks.
pub(in crate::journey) fn note_dead(
    tx: &mut Tx<'_>,
    shut: ClosedLink,
    owner: Option<PatientId>,
) -> Result<(), StepError> {
    let (ClosedLink::Dead, Some(patient)) = (shut, owner) else { return Ok(()) };
    tx.open_task(&NewTask {
        kind: TaskKind::AfterDeath,
        cause: Subject::from(patient).to_string(),
        patient: Some(patient),
        follow_up: None,
        reason: "A form of hers was used after her death was recorded; nothing of it was kept.".to_owned(),
        due_at: tx.at(),
    })?;
    Ok(())
}

/// Opens her forms again after a person has spoken with her; the task that stands as long as they are locked ends with it.
/// Where nothing was locked nothing happens.
///
/// # Errors
/// [`PermissionError::NotSignedIn`] for the daemon and for patients: a person does it; [`StepError`] when the store fails.
pub fn unlock(tx: &mut Tx<'_>, patient: PatientId) -> Result<(), StepError> {
    if !tx.actor().is_clinic() {
        return Err(PermissionError::NotSignedIn.into());
    }
    if tx.unlock_forms(patient)? {
        tx.audit(AuditAction::LinkUnlocked, patient, &serde_json::json!({}))?;
    }
    Ok(tx.close_tasks_of(patient, &[TaskKind::LinkLocked], "her forms are open again")?)
}
