//! A follow-up protocol: which visits, tests, checklists and leaflets are owed, and when to remind.
//!
//! Values only; the file format is read by `config::protocols`, the dates are computed by [`crate::care::plan::schedule`].

use std::collections::BTreeMap;

use crate::care::time::calendar::Span;

/// What a follow-up is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FollowUpKind {
    /// An appointment with a clinician.
    Visit,
    /// An examination: imaging, blood test, cytology, bone density.
    Test,
    /// A questionnaire the patient answers on a page.
    Checklist,
    /// A text to read; done when sent.
    Leaflet,
}

impl FollowUpKind {
    /// Every kind there is.
    pub const ALL: [Self; 4] = [Self::Visit, Self::Test, Self::Checklist, Self::Leaflet];

    /// The word in files, SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Visit => "visit",
            Self::Test => "test",
            Self::Checklist => "checklist",
            Self::Leaflet => "leaflet",
        }
    }

    /// What the word of a protocol file stands for; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word)
    }

    /// Whether a person comes to the clinic for it, so that it can be booked.
    #[must_use]
    pub const fn is_bookable(self) -> bool {
        matches!(self, Self::Visit | Self::Test)
    }
}

/// A stretch of the grid: due dates at `after + every`, `after + 2 × every`, … up to and including `until`.
/// Half-open `(after, until]`; `until = None` is for life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// Where the stretch begins, exclusive, counted from the anchor.
    pub after: Span,
    /// Where it ends, inclusive.
    pub until: Option<Span>,
    /// How far one date is from the next.
    pub every: Span,
}

/// When a step belongs to a follow-up's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Trigger {
    /// Counted from the due date while nothing is booked.
    Remind,
    /// Counted from the appointment's date.
    Booked,
    /// Counted from the appointment's date once it has passed and nobody recorded that it took place.
    Missed,
}

impl Trigger {
    /// Every trigger, in the order in which `config::protocols` takes their steps apart.
    pub const ALL: [Self; 3] = [Self::Remind, Self::Booked, Self::Missed];

    /// The word in files, SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Remind => "remind",
            Self::Booked => "booked",
            Self::Missed => "missed",
        }
    }

    /// What the word of a protocol file stands for; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.word() == word)
    }
}

/// When within its trigger a step comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// So far from the due or booked date; negative is before.
    Offset(Span),
    /// When this follow-up and the one before it both closed without an answer.
    AfterTwoMisses,
}

/// One reminder, or one task for staff, that a follow-up promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtocolStep {
    /// The step's name; also names its letter. A name that starts with `staff-task` opens a task instead of a letter.
    pub name: String,
    /// When it leaves, counted from the due or booked date.
    pub at: At,
    /// How long it stays useful after `send_on`; `None` takes the rules of [`crate::care::plan::reminder_times`].
    pub useful: Option<Span>,
}

impl ProtocolStep {
    /// Whether the step opens a staff task rather than sending a letter.
    #[must_use]
    pub fn is_staff_task(&self) -> bool {
        self.name.starts_with("staff-task")
    }
}

/// What to do with a letter whose fate is unknown after a crash (P3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnknown {
    /// Send again under the same Message-ID.
    Resend,
    /// Keep as unknown and ask a person.
    Hold,
}

/// A line of follow-ups of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Name, unique in the protocol.
    pub id: String,
    /// What its follow-ups are.
    pub kind: FollowUpKind,
    /// Name of the checklist, for [`FollowUpKind::Checklist`].
    pub checklist: Option<String>,
    /// Name of the leaflet, for [`FollowUpKind::Leaflet`].
    pub leaflet: Option<String>,
    /// What it is called, by language.
    pub title: BTreeMap<String, String>,
    /// A short plain note on how to prepare, by language; the clinic edits it.
    pub prepare: BTreeMap<String, String>,
    /// The stretches of its dates, in order; each counts from the anchor.
    pub phases: Vec<Phase>,
    /// Single due dates besides the grid, counted from the anchor (e.g. a test at 6 and 18 months).
    pub at: Vec<Span>,
    /// From when a visit counts for it, counted from the due date as written (`-45d`); `None` takes the kind's default.
    pub window_before: Option<Span>,
    /// Until when a visit counts for it, counted from the due date (`+60d`); `None` takes the kind's default.
    pub window_after: Option<Span>,
    /// Whether the grid starts again from the day a visit took place.
    pub rebase: bool,
    /// What to do with a letter of unknown fate.
    pub on_unknown: OnUnknown,
    /// Steps while nothing is booked.
    pub remind: Vec<ProtocolStep>,
    /// Steps before an appointment.
    pub booked: Vec<ProtocolStep>,
    /// Steps after an appointment nobody came to.
    pub missed: Vec<ProtocolStep>,
}

impl Series {
    /// The steps of one trigger, in file order.
    #[must_use]
    pub fn steps(&self, trigger: Trigger) -> &[ProtocolStep] {
        match trigger {
            Trigger::Remind => &self.remind,
            Trigger::Booked => &self.booked,
            Trigger::Missed => &self.missed,
        }
    }
}

/// A published protocol. Immutable: its version is the hash of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protocol {
    /// The name that rosters and commands use for it, e.g. `sgo2017-high`.
    pub id: String,
    /// Content hash, first 12 hex digits of SHA-256 over the file.
    pub version: String,
    /// What the clinic calls it.
    pub title: String,
    /// The guideline it comes from. Never empty.
    pub source: String,
    /// What the anchor date means, e.g. `end-of-treatment`.
    pub anchor: String,
    /// Whether a clinician has signed it for this clinic.
    pub verified: bool,
    /// Whether it is an add-on that runs beside a main protocol.
    pub add_on: bool,
    /// Everything that is owed under it, in the order of the file.
    pub series: Vec<Series>,
    /// What visits are like that staff add beside the plan ([`crate::care::plan::extra_visit`]); nothing of it is ever owed.
    pub extra: Series,
}

impl Protocol {
    /// What may stand on record under it: every series of the file, and after them the visits beside the plan.
    pub fn on_record(&self) -> impl Iterator<Item = &Series> {
        self.series.iter().chain([&self.extra])
    }

    /// The series of that name, that of visits beside the plan among them.
    #[must_use]
    pub fn series(&self, id: &str) -> Option<&Series> {
        self.on_record().find(|s| s.id == id)
    }
}
