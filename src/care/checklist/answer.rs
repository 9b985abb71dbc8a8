//! What came back: typed, partial answers, and what is already known about the one who answered.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan;
use jiff::civil::Date;

use crate::care::checklist::definition::{Checklist, Thresholds};
use crate::care::checklist::item::{AnswerKind, AnswerValue};
use crate::care::triage::tier::Code;

/// The answers to one form so far, by field. Debug shows only how many there are (P10).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Answers(BTreeMap<String, AnswerValue>);

/// What could not be read. It names the field, never the value (P10).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFault {
    /// The checklist has no such field; the name is cut and stripped.
    #[error("no question called `{0}` in this checklist")]
    Unknown(String),
    /// The value is not among the choices; the answer counts as blank.
    #[error("`{field}` takes one of: {accepts}")]
    Range {
        /// Name of the field that was answered.
        field: String,
        /// The words it takes.
        accepts: String,
    },
    /// The item is skipped by another answer; the value is left out.
    #[error("`{0}` is not asked after the other answers")]
    Hidden(String),
    /// Two different values came for one field; the worse one stands.
    #[error("`{0}` was answered twice; the more worrying answer counts")]
    Twice(String),
}

/// What could be read, and what not. Nothing readable is lost because something else was not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartialAnswers {
    /// What was said, by field.
    pub answers: Answers,
    /// Everything that was wrong.
    pub faults: Vec<AnswerFault>,
}

/// What a clinician said about one item at the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The sign is long-standing and known.
    Known,
    /// The item cannot be asked (stoma, catheter, paralysis): never an emergency by itself.
    NotApplicable,
}

/// What a clinician says about one item as a baseline is confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BaselineChoice {
    /// It was not there before, or nobody knows it.
    NotKnown,
    /// Known, or not to be asked.
    Marked(Mark),
}

/// Why a baseline cannot be confirmed like that.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaselineFault {
    /// Signs that are there, or were left open, and nothing was said about them.
    #[error("say of each sign whether it was known before; left out: {}", .0.join(", "))]
    Unsaid(Vec<String>),
    /// The checklist has no such item; the name is cut and stripped.
    #[error("the checklist has no question `{0}`")]
    Unknown(String),
}

/// How things stood at enrolment or later, confirmed by a clinician. An unconfirmed form is not a baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The clinician who confirmed it.
    pub confirmed_by: String,
    /// The day it was confirmed, in the clinic's zone.
    pub confirmed_on: Date,
    /// What is known or cannot be asked, by item id.
    pub marks: BTreeMap<String, Mark>,
    /// The answers then; scores are compared with them.
    pub answers: Answers,
}

/// The form before this one, by the time it was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// The day it was answered.
    pub answered_on: Date,
    /// What that form said, by field.
    pub answers: Answers,
    /// Why it got its tier.
    pub reasons: BTreeSet<Code>,
    /// Whether a clinician has reviewed it since.
    pub reviewed: bool,
}

/// A clinician's mark that S2 or S3 is known until a date, at the pain there was then (M1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    code: Code,
    until: Date,
    score: Option<u8>,
}

/// Why a reason cannot be marked as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KnownFault {
    /// Only S2 and S3 can be.
    #[error("{} cannot be marked as known; only S2 and S3 can", .0.word())]
    NotThisReason(Code),
    /// The date is before the mark or too far away.
    #[error("known until a date from today to {0}, not further")]
    Until(Date),
}

impl std::fmt::Debug for Answers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answers({} fields)", self.0.len())
    }
}

impl Answers {
    /// Reads fields and words, as a form or a stored row has them, against the checklist they were asked under.
    #[must_use]
    pub fn read<'a>(
        checklist: &Checklist,
        fields: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> PartialAnswers {
        let mut reading = PartialAnswers { answers: Self::default(), faults: Vec::new() };
        for (field, word) in fields {
            reading.take(checklist, field, word);
        }
        let hidden: Vec<String> = reading.answers.hidden(checklist);
        for field in hidden {
            reading.answers.0.remove(&field);
            reading.faults.push(AnswerFault::Hidden(field));
        }
        reading
    }

    /// The answer in a field.
    #[must_use]
    pub fn get(&self, field: &str) -> Option<&AnswerValue> {
        self.0.get(field)
    }

    /// The number in a field.
    #[must_use]
    pub fn score(&self, field: &str) -> Option<u8> {
        match self.get(field) {
            Some(AnswerValue::Score(score)) => Some(*score),
            _ => None,
        }
    }

    /// Whether nothing was answered yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fields and words in a fixed order, for storing and showing; [`Answers::read`] reads them back.
    pub fn words(&self) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().map(|(field, value)| (field.as_str(), value.word()))
    }

    /// Adds the answers of a page saved later; the later answer to a field stands, and what it makes needless goes.
    pub fn merge(&mut self, later: Self, checklist: &Checklist) {
        self.0.extend(later.0);
        for field in self.hidden(checklist) {
            self.0.remove(&field);
        }
    }

    fn hidden(&self, checklist: &Checklist) -> Vec<String> {
        let asked =
            |field: &str| checklist.field(field).is_some_and(|(item, _)| checklist.is_asked(item, self));
        self.0.keys().filter(|field| !asked(field)).cloned().collect()
    }
}

impl PartialAnswers {
    fn take(&mut self, checklist: &Checklist, field: &str, word: &str) {
        let Some((_, part)) = checklist.field(field) else {
            let name = field.chars().filter(|c| c.is_ascii_graphic() && *c != '`').take(24).collect();
            self.faults.push(AnswerFault::Unknown(name));
            return;
        };
        if word.is_empty() {
            return;
        }
        let Some(value) = part.kind.read(word) else {
            let accepts = part.kind.words().join(", ");
            self.faults.push(AnswerFault::Range { field: field.to_owned(), accepts });
            return;
        };
        match self.answers.0.get(field) {
            Some(first) if *first != value => {
                self.faults.push(AnswerFault::Twice(field.to_owned()));
                let worse = worse(&part.kind, first, value);
                self.answers.0.insert(field.to_owned(), worse);
            }
            Some(_) => {}
            None => drop(self.answers.0.insert(field.to_owned(), value)),
        }
    }
}

fn worse(kind: &AnswerKind, first: &AnswerValue, second: AnswerValue) -> AnswerValue {
    let rank = |value: &AnswerValue| {
        (matches!(value, AnswerValue::Choice(word) if kind.is_red(word)), value.clone())
    };
    if rank(first) >= rank(&second) { first.clone() } else { second }
}

/// Who confirmed a baseline, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmation<'a> {
    /// Username of the clinician.
    pub by: &'a str,
    /// The day, in the clinic's zone.
    pub on: Date,
}

impl Baseline {
    /// A baseline as a clinician confirms it, item by item. Nothing is known that was not called so: a sign that is there,
    /// above all a new one, needs a word of its own.
    ///
    /// # Errors
    /// [`BaselineFault`] when a sign that is not a plain no has no choice, or a choice has no item.
    pub fn confirm(
        checklist: &Checklist,
        answers: Answers,
        choices: &BTreeMap<String, BaselineChoice>,
        confirmation: Confirmation<'_>,
    ) -> Result<Self, BaselineFault> {
        if let Some(stranger) = choices.keys().find(|id| checklist.item(id).is_none()) {
            let name = stranger.chars().filter(|c| c.is_ascii_graphic() && *c != '`').take(24).collect();
            return Err(BaselineFault::Unknown(name));
        }
        let unsaid: Vec<String> =
            checklist.present(&answers).filter(|id| !choices.contains_key(*id)).map(str::to_owned).collect();
        if !unsaid.is_empty() {
            return Err(BaselineFault::Unsaid(unsaid));
        }
        let marks = choices.iter().filter_map(|(id, choice)| match choice {
            BaselineChoice::NotKnown => None,
            BaselineChoice::Marked(mark) => Some((id.clone(), *mark)),
        });
        let Confirmation { by, on } = confirmation;
        Ok(Self { confirmed_by: by.to_owned(), confirmed_on: on, marks: marks.collect(), answers })
    }

    /// Whether a clinician knows this sign as long-standing.
    #[must_use]
    pub fn is_known(&self, item: &str) -> bool {
        self.marks.contains_key(item)
    }

    /// Whether the item cannot be asked.
    #[must_use]
    pub fn is_not_applicable(&self, item: &str) -> bool {
        self.marks.get(item) == Some(&Mark::NotApplicable)
    }
}

impl Known {
    /// The longest a reason stays known, in months.
    pub const MONTHS: i32 = 6;

    /// Marks a reason as known from `on` until `until`, inclusive.
    ///
    /// # Errors
    /// [`KnownFault`] for any reason but S2 and S3, or a date before `on` or more than [`Known::MONTHS`] after it.
    pub fn new(code: Code, on: Date, until: Date) -> Result<Self, KnownFault> {
        if !code.may_be_known() {
            return Err(KnownFault::NotThisReason(code));
        }
        let latest = on.saturating_add(Self::MONTHS.months());
        if until < on || until > latest {
            return Err(KnownFault::Until(latest));
        }
        Ok(Self { code, until, score: None })
    }

    /// The same mark, made at this pain score.
    #[must_use]
    pub const fn at(self, score: Option<u8>) -> Self {
        Self { score, ..self }
    }

    /// Whether the mark still stands for pain of that score: never for severe pain, and not for what has clearly risen
    /// since. Where nobody wrote down how bad it was, it was moderate.
    #[must_use]
    pub fn holds(self, now: u8, limits: &Thresholds) -> bool {
        now < limits.severe && now < self.score.unwrap_or(limits.moderate).saturating_add(limits.rise)
    }

    /// The reason that is marked as known.
    #[must_use]
    pub const fn code(self) -> Code {
        self.code
    }

    /// The last day on which the mark stands.
    #[must_use]
    pub const fn until(self) -> Date {
        self.until
    }

    /// The pain score it was made at, if it was written down.
    #[must_use]
    pub const fn score(self) -> Option<u8> {
        self.score
    }
}
