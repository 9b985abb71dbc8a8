//! Who did something, for whoever reads the page: a colleague by the name of the account, which is nobody's word to translate;
//! anybody else in the reader's language.

use super::machine_words;
use crate::care::actor::Actor;
use crate::web::locale::reader::ReaderWords;

impl ReaderWords {
    /// Who did something, e.g. `cli:ana` as "ana, on the machine itself".
    pub(in crate::web::console) fn person(&self, actor: &str) -> String {
        let name = machine_words::person(actor);
        match Actor::parse(actor) {
            Some(Actor::Staff(_)) | None => name,
            Some(_) => self.said(&name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colleague_keeps_her_name_and_the_program_speaks_the_readers_language() {
        for (actor, english, spanish) in [
            ("staff:nurse", "nurse", "nurse"),
            ("daemon", "the program", "el programa"),
            ("cli:ana", "ana, on the machine itself", "ana, desde el propio equipo"),
        ] {
            assert_eq!(ReaderWords::of("en").person(actor), english);
            assert_eq!(ReaderWords::of("es").person(actor), spanish);
        }
    }
}
