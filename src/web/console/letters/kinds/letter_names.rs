//! What each kind of letter is called on a page, and when it leaves.

/// A kind of letter in words.
pub(in crate::web::console::letters::kinds) struct LetterTitle {
    /// Its name in files and commands.
    pub(in crate::web::console::letters::kinds) name: &'static str,
    /// What staff call it.
    pub(in crate::web::console::letters::kinds) title: &'static str,
    /// When it leaves, in a few words.
    pub(in crate::web::console::letters::kinds) when: &'static str,
}

const fn title(name: &'static str, title: &'static str, when: &'static str) -> LetterTitle {
    LetterTitle { name, title, when }
}

/// Every kind of letter that has words of its own, in the order in which a patient may meet them.
pub(in crate::web::console::letters::kinds) const TITLES: [LetterTitle; 25] = [
    title("book", "Please book a date", "before a visit or test is due"),
    title("book-again", "Please book: a reminder", "when nothing is booked yet"),
    title("booked", "Your date is booked", "when staff book a date and tell her"),
    title("changed", "Your date has moved", "when staff move a date"),
    title("cancelled", "Your date is called off", "when staff call a date off"),
    title("week-before", "A week before the date", "before a booked date"),
    title("day-before", "The day before the date", "before a booked date"),
    title("sorry-we-missed-you", "Sorry that we missed you", "after a date to which she did not come"),
    title("again", "A new date, please", "when a missed date is still open"),
    title("invite", "Please answer the questions", "on the day a form is due"),
    title("nudge", "The questions: a reminder", "when no answer has come"),
    title("nudge-again", "The questions: a second reminder", "when still no answer has come"),
    title("baseline", "The questions for the first time", "before anything can be compared"),
    title("new-link", "A new link", "when she asks for one"),
    title("leaflet", "A text to read", "when a leaflet is due"),
    title("send", "A text to read, short", "when a protocol calls the step so"),
    title("closing", "The end of planned follow-up", "after the last visit that was planned"),
    title("opt-out-done", "Your letters are stopped", "when she stops her letters"),
    title("go-now", "Get help now", "after an answer that cannot wait"),
    title(
        "message-received",
        "We do not read this mailbox at once",
        "when she writes to the sender's address",
    ),
    title("staff-alert", "An alert", "to staff on the ladder, by case code only"),
    title("staff-answer", "An answer to read", "to staff, where answers are not sorted"),
    title("staff-overdue", "An alert that is overdue", "to staff, when a clock has run out"),
    title("staff-test-alert", "A test of the ladder", "to staff, to prove that they can be reached"),
    title("ops-digest", "The last day of the program", "to whoever runs the program, each day"),
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
    }
}
