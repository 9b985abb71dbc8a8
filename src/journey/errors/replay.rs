//! Why a letter cannot be given back as it left.

use jiff::Timestamp;

use crate::letter::fault::LetterFault;
use crate::store::error::StoreError;

/// A letter that cannot be shown, or not be proved to be the one that left.
#[derive(Debug, thiserror::Error)]
pub enum ReplayFault {
    /// Its records cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was never taken in hand; its number and where it stands.
    #[error("letter `{0}` was never written: it is {1}")]
    NeverWritten(i64, String),
    /// The words kept with it are in a form this version does not know.
    #[error("the words kept with it cannot be read: {0}")]
    Wording(String),
    /// The words kept with it are faulty for this version.
    #[error("this version cannot read the words kept with it")]
    Templates(Vec<LetterFault>),
    /// Its words and what was sealed do not make a letter.
    #[error("letter `{0}` cannot be written again: {1}")]
    Unwritable(i64, String),
    /// Sender, reply address or pages were others then.
    #[error("the clinic's addresses have changed since")]
    OtherAddresses,
    /// Its links and its Message-ID were made with another key; when that was replaced, if that is known.
    #[error("letter `{0}` was written with {key}: its links cannot be made again", key = replaced(*.1))]
    AnotherKey(i64, Option<Timestamp>),
    /// No server ever answered for it; where it stands.
    #[error("no digest was kept: the letter is {0}, it may never have left")]
    NoDigest(String),
    /// Other bytes come out than left.
    #[error("written again it differs from what was sent")]
    Differs,
}

fn replaced(at: Option<Timestamp>) -> String {
    at.map_or_else(
        || "another key than the one in use".to_owned(),
        |at| format!("a key that was replaced at {at}"),
    )
}

impl ReplayFault {
    /// What to do next, for a person.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Store(fault) => fault.hint(),
            Self::NeverWritten(..) => "only letters that were taken in hand can be given back",
            Self::Wording(_) | Self::Templates(_) => "use the aftercare version that wrote it",
            Self::Unwritable(..) => {
                "tell her what it should have said by another way; then run `aftercare doctor`"
            }
            Self::AnotherKey(..) => {
                "its words and what it was about stand in a backup from before; `aftercare audit export` says who replaced the key"
            }
            Self::OtherAddresses => {
                "set `mail.from`, `mail.reply_to` and `web.public_url` back to what they were"
            }
            Self::NoDigest(_) => "see `aftercare ledger`",
            Self::Differs => {
                "the program's version has changed since: use the one that sent it; for a letter sent by 0.1 set the name of `mail.from` and `mail.reply_to` back to what they were"
            }
        }
    }
}
