//! What drafts and days are called on the pages of protocols.

use jiff::civil::Date;

use crate::web::console::layout::time_format::day;

/// What a draft is called as long as it has no name.
pub(in crate::web::console) fn name(protocol: &str) -> String {
    if protocol.is_empty() { "without a name".to_owned() } else { protocol.to_owned() }
}

/// The day a publication waits for.
pub(in crate::web::console) fn when(on: Option<Date>) -> String {
    on.map_or_else(|| "at once".to_owned(), |on| format!("on {}", day(on)))
}
