//! What days and anchors are called on the pages of protocols, and how they show what becomes of a patient.

use jiff::civil::Date;
use minijinja::{Value, context};

use crate::care::publication::letter_count::LetterCount;
use crate::journey::protocols::effect::PatientEffect;
use crate::web::console::layout::time_format::{day, plain};

/// The day a publication waits for.
pub(in crate::web::console) fn when(on: Option<Date>) -> String {
    on.map_or_else(|| "at once".to_owned(), |on| format!("on {}", day(on)))
}

/// The anchors of the protocols that ship; a clinic's own one is data.
const ANCHORS: [&str; 3] = ["end-of-treatment", "end-of-radiation", "day-ordered"];

/// What dates are counted from, and whether those are the program's own words.
pub(in crate::web::console) fn anchor(word: &str) -> Value {
    context! { text => plain(word), is_known => ANCHORS.contains(&word) }
}

/// Patients of one page; whoever else should move is named by case code.
pub(in crate::web::console::protocols) const SHOWN: usize = 50;

/// Letters of a patient, by what becomes of them.
pub(in crate::web::console::protocols) fn count(letters: LetterCount) -> Value {
    context! { moved => letters.moved, dropped => letters.dropped, added => letters.added }
}

/// What becomes of one patient.
pub(in crate::web::console::protocols) fn effect_line(one: &PatientEffect) -> Value {
    context! {
        code => one.reference.clone(),
        name => one.name.expose(),
        letters => count(one.letters),
        dates => count(one.dates),
        tasks => one.tasks,
        same => one.is_nothing(),
    }
}
