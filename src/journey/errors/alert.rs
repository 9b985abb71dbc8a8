//! Why an alert takes no such step.

use jiff::Timestamp;
use jiff::civil::Date;

/// A step that an alert, or a test of the ladder, does not take now.
#[derive(Debug, thiserror::Error)]
pub enum AlertError {
    /// The alert is not in a state for that.
    #[error("alert `{0}` is {1}")]
    AlertIs(i64, &'static str),
    /// A colleague has it by now, whom the page or list did not show.
    #[error("{0} has this alert by now")]
    HeldBy(String),
    /// An alert is closed with what was done.
    #[error("say what was done: at least one step is needed to close an alert")]
    NothingDone,
    /// An emergency is not closed together with others.
    #[error("an emergency is closed by itself")]
    OneByOne,
    /// A step follows from another outcome.
    #[error("`{0}` does not follow from that outcome")]
    NothingFollows(&'static str),
    /// Her letters either pause, or her plan ends.
    #[error("her letters pause, or her plan ends: not both")]
    EitherOr,
    /// Spread or recurrence stops a survivor's plan: something follows from it, or somebody says why nothing does.
    #[error("something follows from spread or recurrence, and nothing is chosen")]
    NothingChosen,
    /// "None of these" needs words.
    #[error("a note says why nothing follows")]
    NoneUnsaid,
    /// Steps follow, or none does.
    #[error("steps are chosen, and that none follows: not both")]
    NoneAndSteps,
    /// The work-up of an answer comes after it.
    #[error("an MRI on {0} lies before her answer of {1}")]
    MriBefore(Date, Date),
    /// An MRI that is far off answers no alert.
    #[error("an MRI on {0} lies more than six weeks ahead")]
    MriTooFar(Date),
    /// Her letters are stopped for a reason that stands.
    #[error("no letter leaves to her already: her status is `{0}`")]
    StoppedAlready(&'static str),
    /// A test alert left a moment ago.
    #[error("a test alert was sent a short while ago; the next can leave at {0}")]
    TestTooSoon(Timestamp),
    /// What was typed is no code of a test alert, or of one that is over.
    #[error("no test alert of the last seven days has that code")]
    NoSuchCode,
    /// The code fits, and nothing that holds it has left.
    #[error("that code was not sent to anybody yet, so it proves nothing")]
    NotSentYet,
    /// Neither a code nor a note was given.
    #[error("a code or a note is needed")]
    NothingNoted,
    /// There is no test alert to note anything on.
    #[error("no test alert was sent in the last seven days")]
    NoTest,
}

impl AlertError {
    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::AlertIs(..) => "see what there is: `aftercare alerts list`; acknowledge before closing",
            Self::HeldBy(_) => "speak with your colleague, then act on the alert as it stands now",
            Self::NothingDone => {
                "name the steps: called, emergency, mri, ct, bone-scan, pet-ct, biopsy, bloods, referral"
            }
            Self::OneByOne => "open it, read the answers, and close it on its own page",
            Self::NothingFollows(_) => "choose what follows from spread or recurrence, or leave it out",
            Self::EitherOr => "choose one of the two",
            Self::NothingChosen => {
                "choose what follows, on the command line with --follow; or choose none, on the command line --follow none, and say why in the note"
            }
            Self::NoneUnsaid => "say in the note, on the command line with --note TEXT, why nothing follows",
            Self::NoneAndSteps => "leave out the steps, or that none follows",
            Self::MriBefore(..) => "give the day of the MRI that was booked or done after that answer",
            Self::MriTooFar(_) => {
                "check the date; while none is booked sooner keep the alert open: `aftercare alerts keep`"
            }
            Self::StoppedAlready(_) => "leave that step out; her status says how she is followed",
            Self::TestTooSoon(_) => "confirm the one that is on its way, or wait until then",
            Self::NoSuchCode => {
                "type the code of the newest test letter, twelve letters and digits; if that one is older, send a new test"
            }
            Self::NotSentYet => "wait until the mail server has taken the letter, then try again",
            Self::NothingNoted => "give the code of your letter, or a few words if none has come",
            Self::NoTest => "send a test alert first",
        }
    }
}
