//! Leaflets: short plain texts with a title, in the same markup as letters; shown at `/learn` and sent on request.

use sha2::{Digest, Sha256};

use super::markup;
use crate::letter::markup::{Block, Tags};

/// A leaflet in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaflet {
    /// What its first line calls it.
    pub title: String,
    /// The text below it.
    pub blocks: Vec<Block>,
}

impl Leaflet {
    /// Reads a leaflet: `# Title` on the first line, then prose. `None` without a title or without text.
    #[must_use]
    pub fn read(source: &str) -> Option<Self> {
        let mut blocks = markup::parse(source);
        if blocks.len() < 2 {
            return None;
        }
        match blocks.remove(0) {
            Block::Heading(title) => Some(Self { title, blocks }),
            Block::Paragraph(_) | Block::List(_) | Block::Fact(_, _) | Block::Link(_, _) => None,
        }
    }

    /// The text below the title, as plain text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        markup::to_text(&self.blocks, &mut out);
        out
    }

    /// The text below the title, as HTML without styles, for pages.
    #[must_use]
    pub fn html(&self) -> String {
        let mut out = String::new();
        markup::to_html(&self.blocks, &Tags::plain(), &mut out);
        out
    }
}

/// A name for addresses that tells nothing of the text: where a letter may not say what it is about, its link may not either
/// (P10). The same for one leaflet in every letter.
#[must_use]
pub fn neutral_name(leaflet: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(leaflet.as_bytes())).chars().take(NEUTRAL_LENGTH).collect()
}

/// Long enough that no two leaflets of a clinic share one.
const NEUTRAL_LENGTH: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaflet_needs_a_title_and_a_text() {
        assert_eq!(Leaflet::read("Only text\n\nmore"), None);
        assert_eq!(Leaflet::read("# Only a title"), None);
        let leaflet = Leaflet::read("# T\n\nOne <two>.\n- a\n").unwrap();
        assert_eq!((leaflet.title.as_str(), leaflet.text().as_str()), ("T", "One <two>.\n\n- a\n"));
        assert_eq!(leaflet.html(), "<p>One &lt;two&gt;.</p>\n<ul>\n<li>a</li>\n</ul>\n");
    }
}
