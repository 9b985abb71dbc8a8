//! `[learn]`: what patients may read beyond their letters. All of it is off until the clinic switches it on.

use std::collections::BTreeSet;

use crate::config::file::reader::Section;
use crate::config::file::values::{list, slug, switch};

/// Leaflets and the list of centres, as far as the clinic stands behind them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Learn {
    /// The leaflets that are shown and sent, by name.
    pub leaflets: BTreeSet<String>,
    /// Whether the list of centres is shown.
    pub centres: bool,
}

impl Learn {
    /// Reads the section; what is left out or faulty is off.
    pub(in crate::config) fn read(s: &Section<'_, '_>) -> Self {
        let leaflets = s.or("leaflets", Vec::new(), |value| list(value, slug));
        let centres = s.or("centres", false, switch);
        s.close();
        Self { leaflets: leaflets.into_iter().collect(), centres }
    }
}
