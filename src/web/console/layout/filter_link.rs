//! Links above a list that choose a part of it.

use minijinja::{Value, context};

/// A link that chooses a part of a list.
pub(in crate::web::console) struct FilterLink {
    /// The words of the link.
    pub(in crate::web::console) text: &'static str,
    /// The address it leads to: the list with that part chosen.
    pub(in crate::web::console) href: String,
    /// Whether that part is looked at now.
    pub(in crate::web::console) on: bool,
    /// How many there are, where it is known.
    pub(in crate::web::console) count: Option<u32>,
}

/// For the template's macro `filters`.
pub(in crate::web::console) fn filter_links(links: impl IntoIterator<Item = FilterLink>) -> Value {
    links.into_iter().map(|FilterLink { text, href, on, count }| context! { text, href, on, count }).collect()
}
