//! What stands below the list of signs: the way to tell of one, the list on the web, and how to stop letters.

use crate::letter::compose::Draft;
use crate::letter::content::LetterItem;
use crate::letter::markup::Block;

impl Draft<'_> {
    /// How to stop letters, and where the list stands on the web.
    pub(super) fn foot(&self) -> Vec<Block> {
        if self.staff {
            return Vec::new();
        }
        let line = |key: &str| self.locale.string(key).to_owned();
        let mut blocks = Vec::new();
        // Below the list of signs: beside the words on an appointment it would read as a way to change that.
        if let Some(address) = self.links.changed.as_ref().filter(|_| self.offers_change()) {
            blocks.push(Block::Link(address.clone(), line("links.changed")));
        }
        if let Some(address) = &self.links.help {
            blocks.push(Block::Link(address.clone(), line("links.help")));
        }
        if self.inputs.items.iter().all(|item| item.template != "opt-out-done") {
            blocks.push(Block::Paragraph(line("lines.opt_out")));
            if let Some(address) = &self.links.opt_out {
                blocks.push(Block::Link(address.clone(), line("links.opt_out")));
            }
        }
        blocks
    }

    /// Whether "something changed" belongs here: not beside another form, not where a form would cost time.
    fn offers_change(&self) -> bool {
        let quiet = ["go-now", "opt-out-done"];
        let fits = |item: &LetterItem| item.kind != "checklist" && !quiet.contains(&item.template.as_str());
        !self.inputs.no_cover && self.inputs.items.iter().all(fits)
    }
}
