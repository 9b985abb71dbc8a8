//! Who did something, in the reader's language.

use crate::care::actor::Actor;
use crate::web::console::layout::machine_words;
use crate::web::locale::reader::ReaderWords;

impl ReaderWords {
    /// Whoever acted, as a reader calls them: the name of an account stays as it is.
    pub(in crate::web::console) fn person(&self, actor: &str) -> String {
        let called = machine_words::person(actor);
        match Actor::parse(actor) {
            Some(Actor::Staff(_)) | None => called,
            Some(_) => self.said(&called),
        }
    }
}
