//! How a mail program shows a letter: as it does by day, or at night.

/// Whether a letter is shown as on a light or a dark screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::web::console::letters::kinds) enum ColourScheme {
    Light,
    Dark,
}

impl ColourScheme {
    /// `dark`, or anything else.
    pub(in crate::web::console::letters::kinds) fn of(word: Option<&str>) -> Self {
        if word == Some("dark") { Self::Dark } else { Self::Light }
    }
}
