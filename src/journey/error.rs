//! Why a step could not be taken.

use jiff::Timestamp;

use crate::care::checklist::answer::{BaselineFault, KnownFault};
use crate::care::patient::Reference;
use crate::care::permission::Act;
use crate::store::error::StoreError;

/// A step that could not be taken; nothing of it was recorded.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The memory failed or contradicts the step.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A published protocol cannot be read by this version.
    #[error("protocol `{0}` as published cannot be read by this version of aftercare")]
    Protocol(String),
    /// What a letter says was sealed in a form this version cannot read.
    #[error("what the letter says cannot be read by this version of aftercare")]
    Sealed,
    /// A checklist version was never published, or cannot be read by this version.
    #[error("checklist `{0}` is not one that this version of aftercare published or can read")]
    Checklist(String),
    /// Only a signed-in person may do this.
    #[error("only a signed-in person may do that")]
    NotSignedIn,
    /// The actor's role may not do that.
    #[error("{}", .0.whose())]
    NotYours(Act),
    /// A baseline passes over a sign, or names what is not asked.
    #[error(transparent)]
    Baseline(#[from] BaselineFault),
    /// The task stands as long as her forms are locked.
    #[error("her forms are locked, and this task stands until they are open again")]
    FormsLocked,
    /// The reason or the date does not do for a mark of what is known.
    #[error(transparent)]
    Known(#[from] KnownFault),
    /// The alert is not in a state for that.
    #[error("alert `{0}` is {1}")]
    AlertIs(i64, &'static str),
    /// An alert is closed with what was done.
    #[error("say what was done: at least one step is needed to close an alert")]
    NothingDone,
    /// A console account of that name does not exist, exists already, or its name or password does not do.
    #[error("{0}")]
    Staff(&'static str),
    /// The record names a zone that this program's zone database does not have.
    #[error("time zone `{0}` is not in the zone database")]
    Zone(String),
    /// No open follow-up fits.
    #[error("no open visit or test fits that date")]
    NoFollowUp,
    /// Nothing is booked.
    #[error("nothing is booked there")]
    NotBooked,
    /// More than one series fits; the words name them.
    #[error("more than one fits: {0}")]
    Several(String),
    /// The date lies far off; the words name the window.
    #[error("that date lies outside {0}")]
    Outside(String),
    /// The date lies further ahead than anybody books.
    #[error("that date lies more than two years ahead")]
    TooFar,
    /// What the date fits is booked; the words name it.
    #[error("{0}")]
    Booked(String),
    /// The date lies in the past.
    #[error("that date is in the past")]
    Past,
    /// The date lies in the future.
    #[error("that date is in the future")]
    Future,
    /// The patient is recorded as deceased.
    #[error("this patient is recorded as deceased; undoing that takes two people")]
    Deceased,
    /// A change that needs two people was asked for by one.
    #[error("a second person must confirm; it cannot be the one who asked")]
    SecondPerson,
    /// Nobody asks, or asks any more, for a recorded death to be undone.
    #[error("nobody asks for that any more")]
    NothingAsked,
    /// A test alert left a moment ago.
    #[error("a test alert was sent a short while ago; the next can leave at {0}")]
    TestTooSoon(Timestamp),
    /// Letters stop, or a death is undone, and nobody says why.
    #[error("a change of status that stops letters, or undoes a death, needs a reason")]
    NoReason,
    /// A pause would be over before it begins.
    #[error("the last day of the pause is in the past")]
    PauseOver,
    /// A patient under that case code exists.
    #[error("case code `{0}` is taken")]
    Duplicate(String),
    /// The canary's case code was given to a patient: her alerts would tell nobody.
    #[error("case code `{canary}` is kept for the daily test of the chain", canary = Reference::CANARY)]
    Reserved,
    /// The address is in use and one of the records does not say that the inbox is shared.
    #[error("another patient uses the same address and the inbox is not marked as shared")]
    SharedInbox,
    /// She is on that protocol already.
    #[error("she is on protocol `{0}` already")]
    Enrolled(String),
    /// The plan that keeps her in follow-up would end with nothing in its place.
    #[error("`{0}` is the plan that keeps her in follow-up; it cannot just end")]
    LastPlan(String),
}

impl StepError {
    /// Whether one record holds what this version cannot read; its neighbours may be well.
    #[must_use]
    pub fn is_unreadable(&self) -> bool {
        match self {
            Self::Store(fault) => fault.is_unreadable(),
            Self::Protocol(_) | Self::Sealed | Self::Checklist(_) | Self::Zone(_) => true,
            _ => false,
        }
    }

    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Store(fault) => fault.hint(),
            Self::Protocol(_) => "install the aftercare that published it, or move her to another protocol",
            Self::Sealed => "tell her what it should have said by another way; then run `aftercare doctor`",
            Self::Checklist(_) => "run `aftercare check`; install the version that published it",
            Self::NotSignedIn => {
                "sign in to the console with your own account, or give --as NAME on the command line"
            }
            Self::NotYours(Act::CloseUrgentAlert) => {
                "ask a doctor or lead; taking it on is enough until then"
            }
            Self::NotYours(_) => "ask somebody with that role (`aftercare staff list`)",
            Self::Baseline(_) => "choose for each sign: not known before, known before, or cannot be asked",
            Self::FormsLocked => {
                "ring her, then unlock them on her page or with `aftercare patient set REF --unlock-forms`"
            }
            Self::Known(KnownFault::Until(_)) => {
                "give a nearer day; when it is over the reason can be marked again"
            }
            Self::Known(_) => "emergency and urgent reasons are never marked; close the alert instead",
            Self::AlertIs(..) => "see what there is: `aftercare alerts list`; acknowledge before closing",
            Self::NothingDone => {
                "name the steps: called, mri, ct, bone-scan, pet-ct, biopsy, bloods, referral"
            }
            Self::Staff(_) => "see the accounts: `aftercare staff list`",
            Self::Zone(_) => {
                "give an IANA name such as Europe/Madrid: `aftercare patient set REF --zone ZONE`"
            }
            Self::NoFollowUp => {
                "see what is owed: `aftercare patient plan REF`; name the series with --series"
            }
            Self::Several(_) => "say which is meant: name the series, on the command line with --series",
            Self::Outside(_) => {
                "check the date; if it is meant, tick the box for it, on the command line give --anyway"
            }
            Self::TooFar => "check the year; book it once it is nearer",
            Self::Booked(_) => "move that date: `aftercare visit move REF --on DATE --at TIME`",
            Self::NotBooked => "book first: `aftercare visit book REF --on DATE --at TIME`",
            Self::Past => "record a visit that took place with `aftercare visit done REF --on DATE`",
            Self::Future => "record it once it took place; book a date ahead: `aftercare visit book REF`",
            Self::Deceased => {
                "if the record is wrong, two people ask for it: `aftercare patient set REF --status active --reason TEXT --as NAME`"
            }
            Self::SecondPerson => {
                "the other signs in and asks for the same: on her page of the console, or the same command with --as NAME"
            }
            Self::NothingAsked => "ask for it yourself; another person then agrees",
            Self::TestTooSoon(_) => "confirm the one that is on its way, or wait until then",
            Self::NoReason => "say why in a few words: --reason TEXT",
            Self::PauseOver => "give a day to come with --until, or leave it out for a pause without end",
            Self::Duplicate(_) => "use `aftercare patient set` to change the record",
            Self::Reserved => "give the patient a case code of her own",
            Self::SharedInbox => {
                "set shared_inbox on both records if the people agree, or leave the address empty"
            }
            Self::Enrolled(_) => "see `aftercare patient plan REF`",
            Self::LastPlan(_) => {
                "move her with --protocol NAME, or give her new --status with the same --reason"
            }
        }
    }
}
