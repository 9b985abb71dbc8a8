//! What happens, one verb per file, in order. Steps never call each other: they leave a row, a bell wakes the next.
//!
//! enrol → (a bell rings) fall_due → deliver → respond → alert, chase, discharge; beside them book, status, replan, rescue,
//! new_link, opt_out, task, standing, cover, canary and staff.

pub mod link;
pub mod shelf;
pub mod policy;
pub mod fault;
pub mod enrol;
pub mod fall_due;
mod promise;
mod discharge;
pub mod book;
pub mod status;
mod alike;
mod stop;
pub mod replan;
pub mod compose;
pub mod deliver;
mod gate;
mod settle;
mod twin;
pub mod refused;
pub mod bounce;
pub mod inbound;
mod reply_head;
pub mod rescue;
pub mod retry;
pub mod hold;
pub mod watch;
pub mod answers;
pub mod door;
mod history;
pub mod baseline;
mod raise;
pub mod respond;
mod notice;
pub mod new_link;
pub mod opt_out;
pub mod alert;
pub mod task;
pub mod standing;
pub mod calls;
pub mod cover;
pub mod chase;
pub mod canary;
pub mod staff;
#[cfg(test)]
mod fixture;
pub mod amend;
pub mod front;
pub mod restored;
pub mod rekey;
pub mod unreadable;
pub mod desk;
pub mod permit;
pub mod reversal;

use std::sync::Arc;

use crate::letter::{Inputs, Letter, Links};
use crate::store::Store;
use crate::store::protocols::WordingId;

pub use fault::StepError;
pub use policy::Policy;

/// Turns inputs and links into a letter; the reason it cannot is safe to show.
pub type Write = dyn Fn(&Inputs, &Links) -> Result<Letter, String> + Send + Sync;

/// The words in force, kept in the database under their hash.
pub struct Words {
    /// The row that keeps them.
    pub wording: WordingId,
    /// How they become a letter.
    pub write: Box<Write>,
}

impl Words {
    /// No words at all, for steps that write no letter.
    #[must_use]
    pub fn none() -> Self {
        Self { wording: WordingId(0), write: Box::new(|_, _| Err("no words were read".to_owned())) }
    }
}

/// Everything a step works with. Cheap to clone; replaced as a whole when the configuration is read again.
#[derive(Clone)]
pub struct Clinic {
    /// The memory.
    pub store: Store,
    /// Published protocols, read.
    pub shelf: Arc<shelf::Shelf>,
    /// What the clinic decided.
    pub policy: Arc<Policy>,
    /// The words.
    pub words: Arc<Words>,
    /// The key that makes links and Message-IDs.
    pub key: Arc<link::LinkKey>,
    /// What the clinic decided about answers and alerts.
    pub care: Arc<answers::AnswerPolicy>,
    /// Who is woken when there is something to do at once.
    pub bells: answers::Bells,
    /// The letters that lines of this process hold.
    pub hands: deliver::Hands,
}
