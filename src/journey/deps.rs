//! What a step depends on: store, policy, words, key.

use crate::journey::sending_policy::Policy;
use crate::letter::content::{Inputs, Letter, Links};
use crate::store::database::Store;
use crate::store::plan::protocols::WordingId;
use std::sync::Arc;

/// Everything a step works with. Cheap to clone; replaced as a whole when the configuration is read again.
#[derive(Clone)]
pub struct Deps {
    /// The memory.
    pub store: Store,
    /// Published protocols, read.
    pub protocol_cache: Arc<crate::journey::protocol_cache::ProtocolCache>,
    /// What the clinic decided.
    pub policy: Arc<Policy>,
    /// The words.
    pub words: Arc<WordingInForce>,
    /// The key that makes links and Message-IDs.
    pub key: Arc<crate::journey::link_key::LinkKey>,
    /// What the clinic decided about answers and alerts.
    pub care: Arc<crate::journey::alert_policy::AnswerPolicy>,
    /// Who is woken when there is something to do at once.
    pub bells: crate::journey::alert_policy::WakeSignals,
    /// The letters that lines of this process hold.
    pub in_flight: crate::journey::delivery::in_flight::InFlight,
}

/// The words in force, kept in the database under their hash.
pub struct WordingInForce {
    /// The row that keeps them.
    pub wording: WordingId,
    /// How they become a letter.
    pub write: Box<Write>,
}

impl WordingInForce {
    /// No words at all, for steps that write no letter.
    #[must_use]
    pub fn none() -> Self {
        Self { wording: WordingId(0), write: Box::new(|_, _| Err("no words were read".to_owned())) }
    }
}

/// Turns inputs and links into a letter; the reason it cannot is safe to show.
pub type Write = dyn Fn(&Inputs, &Links) -> Result<Letter, String> + Send + Sync;
