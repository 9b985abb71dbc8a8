//! Where a clinic is, as far as it decides how dates and hours are written.

/// A country as ISO 3166-1 writes it: two capital letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region(String);

impl Region {
    /// Parses two letters; capitals or not.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
        fits.then(|| Self(text.to_ascii_uppercase()))
    }

    /// The two letters of ISO 3166-1.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_letters_are_a_region_and_nothing_else_is() {
        assert_eq!(Region::parse("us").unwrap().as_str(), "US");
        for odd in ["", "U", "USA", "U1", "ÜS", "u "] {
            assert_eq!(Region::parse(odd), None, "{odd}");
        }
    }
}
