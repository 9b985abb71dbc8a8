//! Why something that was published or stored cannot be used by this version.

/// What was published or stored cannot be read by this version; installing another, or mending the record, helps.
#[derive(Debug, thiserror::Error)]
pub enum ContentError {
    /// A published protocol cannot be read by this version.
    #[error("protocol `{0}` as published cannot be read by this version of aftercare")]
    Protocol(String),
    /// What a letter says was sealed in a form this version cannot read.
    #[error("what the letter says cannot be read by this version of aftercare")]
    Sealed,
    /// A checklist version was never published, or cannot be read by this version.
    #[error("checklist `{0}` is not one that this version of aftercare published or can read")]
    Checklist(String),
    /// The record names a zone that this program's zone database does not have.
    #[error("time zone `{0}` is not in the zone database")]
    Zone(String),
}

impl ContentError {
    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Protocol(_) => "install the aftercare that published it, or move her to another protocol",
            Self::Sealed => "tell her what it should have said by another way; then run `aftercare doctor`",
            Self::Checklist(_) => "run `aftercare check`; install the version that published it",
            Self::Zone(_) => {
                "give an IANA name such as Europe/Madrid: `aftercare patient set REF --zone ZONE`"
            }
        }
    }
}
