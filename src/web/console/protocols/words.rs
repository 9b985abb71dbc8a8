//! What days and anchors are called on the pages of protocols.

use jiff::civil::Date;
use minijinja::{Value, context};

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
