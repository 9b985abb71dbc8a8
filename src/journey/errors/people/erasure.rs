//! Why a record is not erased.

/// What stands in the way of erasing a record.
#[derive(Debug, thiserror::Error)]
pub enum ErasureError {
    /// It may not be erased today, as its own page says.
    #[error("this record may not be erased today")]
    NotAllowed,
    /// It was not given out since the last contact, and nobody said that this is not wanted.
    #[error("her record was not given out since the last contact with her")]
    NotExported,
    /// Another request for the same still stands.
    #[error("somebody asks for that already")]
    AskedAlready,
    /// The one who asked agrees with himself.
    #[error("a second person must agree; it cannot be the one who asked")]
    SecondPerson,
    /// Nobody asks, or asks any more, for the record to be erased.
    #[error("nobody asks for that any more")]
    NothingAsked,
    /// The case code that was typed is another one.
    #[error("the case code that was typed is not that of the record")]
    OtherCode,
}

impl ErasureError {
    /// What to do next, for a person.
    #[must_use]
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NotAllowed => "look at what keeps it, and from which day it may be",
            Self::NotExported => "give it out first, or say that nobody wants it",
            Self::AskedAlready => "a second person looks at what is erased, and agrees or says that it stays",
            Self::SecondPerson => "the other person signs in, looks at what is erased, and agrees",
            Self::NothingAsked => "ask for it yourself; another person then agrees",
            Self::OtherCode => "type the case code of the record that is to be erased",
        }
    }
}
