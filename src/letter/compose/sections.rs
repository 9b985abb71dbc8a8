//! What stands above the things that one letter says. Of several appointments each has its number: where the words tell little,
//! two of them read alike, and whoever rings about one loses the other.

use crate::letter::compose::Draft;
use crate::letter::content::LetterItem;
use crate::letter::dates;
use crate::letter::markup::Block;

impl Draft<'_> {
    /// The first words of a letter that is about more than one appointment.
    pub(super) fn opening(&self) -> Option<Block> {
        let (count, words) = (self.appointments()?.to_string(), self.locale.string("lines.several"));
        Some(Block::Paragraph(dates::fill(words, &[("count", &count)])))
    }

    /// The heading above the item at that place; a letter about one thing has none.
    pub(super) fn heading(&self, place: usize) -> Option<Block> {
        let is_numbered = self.inputs.items.get(place).is_some_and(is_appointment);
        match self.appointments().filter(|_| is_numbered) {
            Some(count) => {
                let number =
                    self.inputs.items.iter().take(place + 1).filter(|one| is_appointment(one)).count();
                let (number, count) = (number.to_string(), count.to_string());
                let values = [("number", number.as_str()), ("count", &count)];
                Some(Block::Heading(dates::fill(self.locale.string("lines.each"), &values)))
            }
            None if place > 0 => Some(Block::Heading(self.locale.string("lines.also").to_owned())),
            None => None,
        }
    }

    /// How many appointments the letter is about, if they are to be told apart. Words kept from before they had numbers have
    /// none: a letter comes out as it left.
    fn appointments(&self) -> Option<usize> {
        let count = self.inputs.items.iter().filter(|item| is_appointment(item)).count();
        Some(count).filter(|count| *count > 1 && !self.locale.string("lines.each").is_empty())
    }
}

/// Whether it is about a visit or a test, booked or to be booked.
fn is_appointment(item: &LetterItem) -> bool {
    matches!(item.kind.as_str(), "visit" | "test")
}
