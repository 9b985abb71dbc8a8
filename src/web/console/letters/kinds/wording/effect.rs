//! Which letters that wait a change of words touches. A letter is written when its turn comes: whatever waits takes the new words.
//! One that may have arrived goes again in its own.

use minijinja::{Value, context};

use super::worded_letter::WordedLetter;
use crate::journey::errors::step::StepError;
use crate::letter::own::letter_texts::{self, NO_COVER, OTHER_LETTERS};
use crate::store::setting_effect::MOST_LETTERS;
use crate::web::console::auth::session::SignedIn;

/// So many letters are named by their numbers.
const MOST_NAMED: usize = 20;

pub(super) fn words(signed_in: &SignedIn, worded: &WordedLetter) -> Result<Value, StepError> {
    let step = letter_texts::step(worded.letter);
    let store = &signed_in.clinic().store;
    let waiting = store.read(|view| view.waiting_of(&worded.language, step))?;
    let all = u32::try_from(waiting.len()).unwrap_or(u32::MAX);
    Ok(context! {
        all,
        more => all == MOST_LETTERS,
        named => waiting.iter().take(MOST_NAMED).map(|id| id.0).collect::<Vec<_>>(),
        rest => waiting.len().saturating_sub(MOST_NAMED),
        perhaps => worded.letter == NO_COVER || worded.letter == OTHER_LETTERS,
    })
}
