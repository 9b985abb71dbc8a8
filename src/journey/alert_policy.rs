//! What the clinic decided about answers and alerts, as values the steps can use; and the bells that wake the daemon.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use tokio::sync::Notify;

use crate::care::address::EmailAddress;
use crate::care::alert::escalation::{Ladder, PatientLetter};
use crate::care::alert::lifecycle::WorkingDays;
use crate::care::alert::rung::Identity;
use crate::care::checklist::answer::Answers;
use crate::care::checklist::definition::Checklist;
use crate::care::triage::judge::Reads;
use crate::care::triage::judging::JudgingMode;
use crate::care::triage::sign_off::{LapsedSignOff, SignOff};
use crate::journey::errors::content::ContentError;
use crate::journey::errors::step::StepError;
use crate::store::answers::checklists::ChecklistVersionId;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

/// Reads a checklist's name and published text; `None` when this version of the program cannot.
pub type ReadChecklist = dyn Fn(&str, &str) -> Option<Checklist> + Send + Sync;

/// Who judges answers (docs/flow.md).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TriageMode {
    /// The clinic reads every answer that is not "no"; everyone sees the same advice.
    Education,
    /// Rules that a clinician signed sort answers into tiers.
    Triage(SignOff),
}

impl TriageMode {
    /// The mode without who signed.
    #[must_use]
    pub const fn judging(&self) -> JudgingMode {
        match self {
            Self::Education => JudgingMode::Education,
            Self::Triage(_) => JudgingMode::Triage,
        }
    }
}

/// Whose pages ask for the birth date first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BirthCheck {
    /// Only those of shared inboxes.
    SharedInboxes,
    /// Those of every patient, whoever reads her mailbox.
    Everyone,
}

/// How a rung is reached; same index as in the ladder.
#[derive(Debug, Clone)]
pub struct Contact {
    /// What the clinic calls it for good, if it says.
    pub id: Option<String>,
    /// Who it is, as staff say it.
    pub name: String,
    /// The address that letters to this rung go to.
    pub email: EmailAddress,
    /// An address of its own to call.
    pub webhook: Option<String>,
}

impl Contact {
    /// Who it is, for the ladder.
    #[must_use]
    pub fn who(&self) -> Identity {
        Identity { id: self.id.clone(), name: self.name.clone(), address: self.email.expose().to_owned() }
    }
}

/// How reachability is proved.
#[derive(Debug, Clone, Copy)]
pub struct Proof {
    /// A test alert leaves so often.
    pub test_every: Duration,
    /// An acknowledgement proves reachability for so long.
    pub lasts: Duration,
}

/// The clinic's decisions about answers and alerts.
pub struct AnswerPolicy {
    /// Whether signed rules judge answers, or staff read them.
    pub mode: TriageMode,
    /// A signature that counts no more, because other rules than the signed ones are in force.
    pub lapsed: Option<LapsedSignOff>,
    /// Which answers a person reads where nobody judges (education).
    pub reads: Reads,
    /// Published checklists; each version is read from the database once.
    pub checklists: ChecklistCache,
    /// The version in force of each checklist.
    pub current: BTreeMap<String, ChecklistVersionId>,
    /// The checklist behind "something changed".
    pub standard: String,
    /// Whose pages ask for the birth date.
    pub birth_check: BirthCheck,
    /// Whom an alert rings, and when.
    pub ladder: Ladder,
    /// How each rung is reached.
    pub contacts: Vec<Contact>,
    /// Who on the ladder is away, with nobody told in the place.
    pub gaps: Vec<String>,
    /// A signed call for every notice.
    pub webhook: Option<String>,
    /// The days on which staff work: deadlines in working days count by them.
    pub days: WorkingDays,
    /// Where the console stands, without a final slash.
    pub console_url: String,
    /// The language of letters to staff.
    pub language: String,
    /// How the cover check is done; `None` when the clinic asks nobody anything.
    pub proof: Option<Proof>,
    /// Whether cover stays as it is on record, and nobody is asked: in a rehearsal, where nobody could answer.
    pub cover_stands: bool,
    /// Where the canary's daily letter goes; `None` keeps no canary.
    pub canary: Option<EmailAddress>,
    /// When the daily digest leaves, and to whom.
    pub digest: DigestPlan,
}

/// When the daily digest to ops leaves, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestPlan {
    /// Each gets a letter of its own; nobody does where it is empty.
    pub to: Vec<EmailAddress>,
    /// From this time of the clinic's day on.
    pub at: Time,
}

impl Default for DigestPlan {
    fn default() -> Self {
        Self { to: Vec::new(), at: Time::midnight() }
    }
}

impl AnswerPolicy {
    /// A clinic that asks nobody anything: no checklist, nobody on the ladder, no checks.
    #[must_use]
    pub fn closed(zone: TimeZone) -> Self {
        Self {
            mode: TriageMode::Education,
            lapsed: None,
            reads: Reads::Everything,
            checklists: ChecklistCache::new(Box::new(|_, _| None)),
            current: BTreeMap::new(),
            standard: "spine".to_owned(),
            birth_check: BirthCheck::SharedInboxes,
            ladder: Ladder {
                rungs: Vec::new(),
                repeat_every: Duration::from_secs(900),
                patient_letter: PatientLetter::Off,
                zone: zone.clone(),
                holidays: BTreeSet::new(),
            },
            contacts: Vec::new(),
            gaps: Vec::new(),
            webhook: None,
            days: WorkingDays { zone, weekdays: Vec::new(), holidays: BTreeSet::new() },
            console_url: String::new(),
            language: "en".to_owned(),
            proof: None,
            cover_stands: false,
            canary: None,
            digest: DigestPlan::default(),
        }
    }

    /// The version in force of a checklist, read.
    ///
    /// # Errors
    /// [`ContentError::Checklist`] when there is none, or the store's own.
    pub fn in_force(
        &self,
        view: &View<'_>,
        name: &str,
    ) -> Result<(ChecklistVersionId, Arc<Checklist>), StepError> {
        let id = self
            .current
            .get(name)
            .copied()
            .ok_or_else(|| StepError::Content(ContentError::Checklist(name.to_owned())))?;
        Ok((id, self.checklists.get(view, id)?))
    }
}

/// Published checklists as read values. A version never changes, so nothing here goes stale.
pub struct ChecklistCache {
    read: Box<ReadChecklist>,
    known: RwLock<HashMap<ChecklistVersionId, Arc<Checklist>>>,
}

impl ChecklistCache {
    /// An empty cache that reads with `read`.
    #[must_use]
    pub fn new(read: Box<ReadChecklist>) -> Self {
        Self { read, known: RwLock::default() }
    }

    /// The checklist of that version.
    ///
    /// # Errors
    /// [`ContentError::Checklist`] when its text cannot be read, or the store's own.
    pub fn get(&self, view: &View<'_>, id: ChecklistVersionId) -> Result<Arc<Checklist>, StepError> {
        if let Some(found) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Arc::clone(found));
        }
        let (name, version, content) = view.checklist_content(id)?;
        let mut checklist = (self.read)(&name, &content).ok_or_else(|| {
            view.note_unread(
                "checklist_version",
                id.0,
                "the checklist as published cannot be read by this version",
            );
            StepError::Content(ContentError::Checklist(name))
        })?;
        // The version it was published under is the one its answers name.
        checklist.version = version;
        let checklist = Arc::new(checklist);
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&checklist));
        Ok(checklist)
    }
}

/// Who is woken when a row asks for something at once. A ring while nobody waits is kept for the next who does.
#[derive(Clone, Default)]
pub struct WakeSignals {
    /// An alert was raised or lifted: escalate now.
    pub alerts: Arc<Notify>,
    /// A letter was put into the outbox that must not wait for the next poll.
    pub letters: Arc<Notify>,
    /// A protocol was published, or patients are left to move: look at plans now.
    pub plan: Arc<Notify>,
    /// A setting counts that did not: take it on now.
    pub settings: Arc<Notify>,
}

/// Answers as they are stored: field and word.
#[must_use]
pub fn written(answers: &Answers) -> String {
    let fields: BTreeMap<&str, String> = answers.words().collect();
    serde_json::json!(fields).to_string()
}

/// What [`written`] makes of a form of which nothing is stored.
pub const NO_ANSWERS: &str = "{}";

/// Stored answers, read against the checklist they were asked under.
///
/// # Errors
/// [`StoreError`], `is_unreadable`, where they are not what [`written`] wrote: a form of which a part is torn off is no form on
/// which nothing was said.
pub fn read(checklist: &Checklist, stored: &str) -> Result<Answers, StoreError> {
    let fields: BTreeMap<String, String> =
        serde_json::from_str(stored).map_err(|_| StoreError::corrupt("answers"))?;
    Ok(Answers::read(checklist, fields.iter().map(|(field, word)| (field.as_str(), word.as_str()))).answers)
}
