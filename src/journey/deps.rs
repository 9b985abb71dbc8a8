//! What a step depends on: store, policy, words, key.

use std::sync::Arc;

use crate::journey::alert_policy::{AnswerPolicy, WakeSignals};
use crate::journey::in_flight::InFlight;
use crate::journey::link_key::LinkKey;
use crate::journey::protocol_cache::ProtocolCache;
use crate::journey::sending_policy::Policy;
use crate::letter::content::{Inputs, Letter, Links};
use crate::store::database::Store;
use crate::store::plan::protocols::WordingId;

/// Everything a step works with. Cheap to clone; replaced as a whole when the configuration is read again.
#[derive(Clone)]
pub struct Deps {
    /// The SQLite database: readers, and the one thread that writes.
    pub store: Store,
    /// Published protocols; each version is read from the database once.
    pub protocol_cache: Arc<ProtocolCache>,
    /// What the clinic decided about sending.
    pub policy: Arc<Policy>,
    /// What letters are written in.
    pub words: LetterWords,
    /// The key that makes links and Message-IDs.
    pub key: Arc<LinkKey>,
    /// What the clinic decided about answers and alerts.
    pub care: Arc<AnswerPolicy>,
    /// Who is woken when there is something to do at once.
    pub bells: WakeSignals,
    /// The letters that workers of this process hold.
    pub in_flight: InFlight,
}

/// What letters are written in, where steps write any.
#[derive(Clone)]
pub enum LetterWords {
    /// None were read: whoever works with these writes no letter, and needs no file of the clinic's.
    Unread,
    /// Those in force since the configuration was last read.
    InForce(Arc<WordingInForce>),
}

impl LetterWords {
    /// The row that keeps the words in force; `None` where none were read.
    #[must_use]
    pub fn id(&self) -> Option<WordingId> {
        match self {
            Self::Unread => None,
            Self::InForce(words) => Some(words.wording),
        }
    }

    /// Turns inputs and links into a letter.
    ///
    /// # Errors
    /// That no words were read; safe to show.
    pub fn writer(&self) -> Result<&Write, String> {
        match self {
            Self::Unread => Err("no words were read".to_owned()),
            Self::InForce(words) => Ok(&*words.write),
        }
    }
}

/// The words in force, kept in the database under their hash.
pub struct WordingInForce {
    /// The row that keeps them.
    pub wording: WordingId,
    /// How they become a letter.
    pub write: Box<Write>,
}

/// Turns inputs and links into a letter; the reason it cannot is safe to show.
pub type Write = dyn Fn(&Inputs, &Links) -> Result<Letter, String> + Send + Sync;
