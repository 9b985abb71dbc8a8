//! What one question of a checklist is: its parts, what can be answered, and what the rules take it for.

/// One question as a patient sees it; it has one or more parts to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name in the checklist file, with which its fields' names begin, e.g. `SP08`.
    pub id: String,
    /// What is answered; never empty.
    pub parts: Vec<Part>,
    /// When the item is skipped.
    pub skip: Option<Skip>,
}

/// One thing to answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Name of the form field: the item's id, or `ID.part`.
    pub field: String,
    /// What can be answered.
    pub kind: AnswerKind,
    /// What the rules take it for.
    pub role: PartRole,
    /// Whether a blank counts as not sure (K2).
    pub need: Need,
}

/// An item is not asked when `field` was answered with `word`. A blank does not skip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skip {
    /// The field looked at, on an earlier page.
    pub field: String,
    /// The answer that makes the item needless.
    pub word: String,
}

/// Whether a part must be answered on a submitted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Whenever the item is asked.
    Always,
    /// Only if the item's change part was answered `new`.
    WhenNew,
    /// Never: it may be left blank.
    Never,
}

/// What can be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnswerKind {
    /// A sign, new or not: `no`, `same`, `unsure` or `new`.
    Change,
    /// A pain, new or not: `no`, `same` or `new`.
    Pain,
    /// One of the words; those in `red` weigh more in the rules.
    Choice {
        /// All choices in the order shown.
        words: Vec<String>,
        /// The ones that weigh more.
        red: Vec<String>,
    },
    /// A whole number from 0 to `max`.
    Score {
        /// The highest number that may be given; the lowest is 0.
        max: u8,
    },
    /// A plain question: `yes` or `no`.
    YesNo,
}

/// A change sign, from best to worst. Not sure sits above same (nobody has looked yet) and below new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeSign {
    /// Does not have it.
    No,
    /// Had it before, the clinic knows, not worse.
    Same,
    /// She cannot say whether there is a change.
    Unsure,
    /// The sign is new, or worse than before.
    New,
}

/// Pain, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pain {
    /// She has no such pain.
    No,
    /// Pain as it was before.
    Same,
    /// Pain that is new, or of another kind.
    New,
}

/// One answer. Ordered from better to worse within a kind (choices apart).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum AnswerValue {
    /// How a sign has changed, to an [`AnswerKind::Change`].
    Change(ChangeSign),
    /// How the pain has changed, to an [`AnswerKind::Pain`].
    Pain(Pain),
    /// The word that was chosen, to an [`AnswerKind::Choice`].
    Choice(String),
    /// The number that was given, to an [`AnswerKind::Score`].
    Score(u8),
    /// `true` for yes, to an [`AnswerKind::YesNo`].
    YesNo(bool),
}

/// What the rules take a part for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PartRole {
    /// Weakness, gait, saddle, bladder, bowel: new is an emergency.
    Nerve,
    /// Odd feelings in limbs or body.
    Sensation,
    /// Where the odd feelings are.
    SensationSite,
    /// Band-like or shooting pain.
    Band,
    /// Back or neck pain at all.
    Pain,
    /// Where the pain is.
    PainSite,
    /// How bad it was.
    PainScore,
    /// Getting worse or hard to ease.
    PainWorse,
    /// At night or lying flat.
    PainNight,
    /// On coughing, sneezing, straining.
    PainStrain,
    /// Whether the pain comes on moving.
    PainMove,
    /// Whether she has lost weight.
    Weight,
    /// Tiredness; there may be two.
    Tired,
    /// Wants to be rung.
    Call,
}

impl ChangeSign {
    /// Every answer, best first.
    pub const ALL: [Self; 4] = [Self::No, Self::Same, Self::Unsure, Self::New];

    /// The word in forms, SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Same => "same",
            Self::Unsure => "unsure",
            Self::New => "new",
        }
    }
}

impl Pain {
    /// Every answer, best first.
    pub const ALL: [Self; 3] = [Self::No, Self::Same, Self::New];

    /// The word in forms, SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Same => "same",
            Self::New => "new",
        }
    }
}

impl PartRole {
    /// Every role, in the order of the default checklist, with its word.
    pub const ALL: [(Self, &'static str); 14] = [
        (Self::Nerve, "nerve"),
        (Self::Sensation, "sensation"),
        (Self::SensationSite, "sensation-site"),
        (Self::Band, "band"),
        (Self::Pain, "pain"),
        (Self::PainSite, "pain-site"),
        (Self::PainScore, "pain-score"),
        (Self::PainWorse, "pain-worse"),
        (Self::PainNight, "pain-night"),
        (Self::PainStrain, "pain-strain"),
        (Self::PainMove, "pain-move"),
        (Self::Weight, "weight"),
        (Self::Tired, "tired"),
        (Self::Call, "call"),
    ];

    /// The role of that word in a checklist file; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find_map(|(role, w)| (w == word).then_some(role))
    }

    /// Whether the rules can read this kind of answer in this role.
    #[must_use]
    pub const fn fits(self, kind: &AnswerKind) -> bool {
        match self {
            Self::Nerve | Self::Sensation | Self::Band => matches!(kind, AnswerKind::Change),
            Self::SensationSite | Self::PainSite => matches!(kind, AnswerKind::Choice { .. }),
            Self::Pain => matches!(kind, AnswerKind::Pain),
            Self::PainScore | Self::Tired => matches!(kind, AnswerKind::Score { .. }),
            Self::PainWorse
            | Self::PainNight
            | Self::PainStrain
            | Self::PainMove
            | Self::Weight
            | Self::Call => {
                matches!(kind, AnswerKind::YesNo)
            }
        }
    }
}

impl AnswerKind {
    /// The words that can be answered, in the order shown.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        match self {
            // Not sure comes last on the page, though it is not the worst.
            Self::Change => ["no", "same", "new", "unsure"].map(str::to_owned).to_vec(),
            Self::Pain => Pain::ALL.iter().map(|p| p.word().to_owned()).collect(),
            Self::Choice { words, .. } => words.clone(),
            Self::Score { max } => (0..=*max).map(|n| n.to_string()).collect(),
            Self::YesNo => vec!["no".to_owned(), "yes".to_owned()],
        }
    }

    /// Reads a word; `None` if it is not one of [`AnswerKind::words`].
    #[must_use]
    pub fn read(&self, word: &str) -> Option<AnswerValue> {
        match self {
            Self::Change => ChangeSign::ALL.into_iter().find(|c| c.word() == word).map(AnswerValue::Change),
            Self::Pain => Pain::ALL.into_iter().find(|p| p.word() == word).map(AnswerValue::Pain),
            Self::Choice { words, .. } => words.iter().find(|w| *w == word).cloned().map(AnswerValue::Choice),
            Self::Score { max } if word.len() <= 3 && word.bytes().all(|b| b.is_ascii_digit()) => {
                word.parse().ok().filter(|n| n <= max).map(AnswerValue::Score)
            }
            Self::Score { .. } => None,
            Self::YesNo => match word {
                "yes" => Some(AnswerValue::YesNo(true)),
                "no" => Some(AnswerValue::YesNo(false)),
                _ => None,
            },
        }
    }

    /// The word of somebody who is well; `None` where every choice weighs more.
    #[must_use]
    pub fn mildest(&self) -> Option<String> {
        match self {
            Self::Choice { words, red } => words.iter().rfind(|word| !red.contains(word)).cloned(),
            Self::Score { .. } => Some("0".to_owned()),
            Self::Change | Self::Pain | Self::YesNo => Some("no".to_owned()),
        }
    }

    /// Whether a choice weighs more in the rules.
    #[must_use]
    pub fn is_red(&self, word: &str) -> bool {
        matches!(self, Self::Choice { red, .. } if red.iter().any(|r| r == word))
    }
}

impl AnswerValue {
    /// The word in forms, SQL and JSON.
    #[must_use]
    pub fn word(&self) -> String {
        match self {
            Self::Change(change) => change.word().to_owned(),
            Self::Pain(pain) => pain.word().to_owned(),
            Self::Choice(word) => word.clone(),
            Self::Score(score) => score.to_string(),
            Self::YesNo(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        }
    }
}
