//! Where a clinic is, as far as it decides how dates and hours are written.

/// A country as ISO 3166-1 writes it: two capital letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region(String);

/// The zones of the United States and its territories that share one name with no other country (tzdata, `zone.tab`).
const UNITED_STATES: [&str; 20] = [
    "America/New_York",
    "America/Detroit",
    "America/Chicago",
    "America/Menominee",
    "America/Denver",
    "America/Boise",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Juneau",
    "America/Sitka",
    "America/Metlakatla",
    "America/Yakutat",
    "America/Nome",
    "America/Adak",
    "America/Puerto_Rico",
    "Pacific/Honolulu",
    "Pacific/Guam",
    "Pacific/Pago_Pago",
    "Pacific/Saipan",
];

/// Groups of zones that lie in the United States altogether.
const STATES: [&str; 4] = ["America/Indiana/", "America/Kentucky/", "America/North_Dakota/", "US/"];

impl Region {
    /// Parses two letters; capitals or not.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
        fits.then(|| Self(text.to_ascii_uppercase()))
    }

    /// The region that a zone's name gives away, where dates are written in a way of its own there.
    #[must_use]
    pub fn of_zone(zone: &str) -> Option<Self> {
        let is_there = UNITED_STATES.contains(&zone) || STATES.iter().any(|group| zone.starts_with(group));
        is_there.then(|| Self("US".to_owned()))
    }

    /// The two letters.
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

    #[test]
    fn only_zones_of_the_united_states_give_it_away() {
        for zone in UNITED_STATES.into_iter().chain(["America/Indiana/Knox", "US/Pacific"]) {
            assert!(crate::care::zone::find(zone).is_ok(), "{zone}");
            assert_eq!(Region::of_zone(zone), Region::parse("US"), "{zone}");
        }
        for zone in ["America/Toronto", "America/Mexico_City", "Europe/Madrid", "America/Indiana", "UTC"] {
            assert_eq!(Region::of_zone(zone), None, "{zone}");
        }
    }
}
