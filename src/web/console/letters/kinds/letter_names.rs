//! Each kind of letter and when it leaves. What it is called stands in the one table of names, [`machine_words`].

use crate::web::console::layout::machine_words;
use crate::web::locale::catalog::capital;

/// A kind of letter in words.
pub(in crate::web::console::letters::kinds) struct LetterTitle {
    /// Its name in files and commands.
    pub(in crate::web::console::letters::kinds) name: &'static str,
    /// When it leaves, in a few words.
    pub(in crate::web::console::letters::kinds) when: &'static str,
}

const fn title(name: &'static str, when: &'static str) -> LetterTitle {
    LetterTitle { name, when }
}

impl LetterTitle {
    /// What staff call it, as every other page does.
    pub(in crate::web::console::letters::kinds) fn title(&self) -> String {
        capital(&machine_words::letter(self.name))
    }
}

/// Every kind of letter that has words of its own, in the order in which a patient may meet them.
pub(in crate::web::console::letters::kinds) const TITLES: [LetterTitle; 25] = [
    title("book", "before a visit or test is due"),
    title("book-again", "when nothing is booked yet"),
    title("booked", "when staff book a date and tell her"),
    title("changed", "when staff move a date"),
    title("cancelled", "when staff call a date off"),
    title("week-before", "before a booked date"),
    title("day-before", "before a booked date"),
    title("sorry-we-missed-you", "after a date to which she did not come"),
    title("again", "when a missed date is still open"),
    title("invite", "on the day a form is due"),
    title("nudge", "when no answer has come"),
    title("nudge-again", "when still no answer has come"),
    title("baseline", "before anything can be compared"),
    title("new-link", "when she asks for one"),
    title("leaflet", "when a leaflet is due"),
    title("send", "when a protocol calls the step so"),
    title("closing", "after the last visit that was planned"),
    title("opt-out-done", "when she stops her letters"),
    title("go-now", "after an answer that cannot wait"),
    title("message-received", "when she writes to the sender's address"),
    title("staff-alert", "to staff on the ladder, by case code only"),
    title("staff-answer", "to staff, where answers are not sorted"),
    title("staff-overdue", "to staff, when a clock has run out"),
    title("staff-test-alert", "to staff, to prove that they can be reached"),
    title("ops-digest", "to whoever runs the program, each day"),
];

/// The kind of letter of that name.
pub(in crate::web::console::letters::kinds) fn named(name: &str) -> Option<&'static LetterTitle> {
    TITLES.iter().find(|one| one.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::letter::proof::samples;

    #[test]
    fn every_letter_that_has_words_of_its_own_has_a_title() {
        let mut steps: Vec<&str> = samples::STEPS.iter().map(|(step, _)| *step).collect();
        let mut named: Vec<&str> = TITLES.iter().map(|one| one.name).collect();
        steps.sort_unstable();
        named.sort_unstable();
        assert_eq!(steps, named);
        for name in named {
            assert!(machine_words::known_letter(name).is_some(), "{name}");
        }
    }
}
