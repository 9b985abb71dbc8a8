//! Why a draft of a protocol cannot be changed, published or signed.

/// A change of a draft or of a publication that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ProtocolError {
    /// Somebody else has saved the draft meanwhile.
    #[error("{0} has changed this draft meanwhile")]
    Changed(String),
    /// The draft was published or thrown away.
    #[error("this draft was published or thrown away")]
    Ended,
    /// A publication of the draft is under way.
    #[error("this draft is being published: it cannot change now")]
    UnderWay,
    /// A file of the operator's has the name.
    #[error("the protocol `{0}` stands in a file of whoever runs the program")]
    Operators(String),
    /// The text is none that this version can read.
    #[error("the draft still has faults")]
    Faulty,
    /// Nothing differs from the version that is in force.
    #[error("nothing differs from the version that is in force")]
    Same,
    /// A case code that names nobody on the protocol.
    #[error("`{0}` is not on this protocol")]
    NotOnIt(String),
    /// The day to publish on is over.
    #[error("the day to publish on lies in the past")]
    PastDay,
    /// Whoever asked for it may not sign it too.
    #[error("whoever asks for a publication does not sign it: a second person does")]
    SecondPerson,
    /// Whoever asked that one person be enough asks again.
    #[error("you have asked for this; it counts once a second person agrees")]
    AskedAlready,
    /// A version that new patients are put on no more is not signed.
    #[error("this version is given to no new patient any more")]
    NotInForce,
    /// The publication stands elsewhere by now; the word is the page's.
    #[error("this publication is {0} by now")]
    StandsAt(&'static str),
    /// The version is signed by the account already.
    #[error("you have signed this version already")]
    Signed,
    /// The draft has no such series.
    #[error("this draft has no such series any more")]
    NoSeries,
    /// It is none of the clinic's own.
    #[error("`{0}` is no protocol that was published here")]
    NotOwn(String),
}

impl ProtocolError {
    /// What to do next, for a person.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Changed(_) => "look at the draft as it stands now, and put in again what should change",
            Self::Ended => "begin another draft from the version that is in force",
            Self::UnderWay => "take the publication back first",
            Self::Operators(_) => {
                "give the draft another name, or ask whoever runs the program to take the file away"
            }
            Self::Faulty => "mend what is named beside the fields first",
            Self::Same => "change something, or throw the draft away",
            Self::NotOnIt(_) => "take the case code out, or look whether it is written right",
            Self::PastDay => "choose today or a later day",
            Self::SecondPerson => "ask a doctor or a lead who has an account",
            Self::AskedAlready => "another doctor or lead signs in and agrees on the page of protocols",
            Self::NotInForce => "open the version that is in force, and sign that one",
            Self::StandsAt(_) => "look at it as it stands now",
            Self::Signed => "one signature of each person is enough",
            Self::NoSeries => "look at the draft as it stands now",
            Self::NotOwn(_) => "shipped protocols and files are not ended here",
        }
    }
}
