//! The number to ring in an emergency, country by country: a patient who lives abroad rings the one of her own country.

/// Countries (ISO 3166-1 alpha-2) by the number that is rung there for an ambulance. Only what is beyond doubt stands here:
/// 112 serves every state of the EU and the EEA (Directive (EU) 2018/1972, art. 109) and Switzerland; the others are the
/// countries' own public numbers. A clinic adds to them, and corrects them, in `[clinic.emergency_numbers]`.
const NUMBERS: [(&str, &[&str]); 14] = [
    (
        "112",
        &[
            "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE",
            "IS", "IT", "LI", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "AX",
            "GF", "GP", "MQ", "RE", "YT", "GE", "IN", "MD", "TR",
        ],
    ),
    (
        "911",
        &["US", "PR", "GU", "VI", "AS", "MP", "CA", "MX", "CR", "DO", "EC", "HN", "PA", "PH", "PY", "UY"],
    ),
    ("999", &["GB", "GG", "IM", "JE", "BD", "BH", "HK", "MY", "QA"]),
    ("000", &["AU"]),
    ("111", &["NZ"]),
    ("119", &["JP", "KR", "TW"]),
    ("120", &["CN"]),
    ("115", &["VN"]),
    ("995", &["SG"]),
    ("1669", &["TH"]),
    ("101", &["IL"]),
    ("123", &["CO", "EG"]),
    ("131", &["CL"]),
    ("192", &["BR"]),
];

/// What a mobile phone takes for an emergency call in every country, whatever is rung there (3GPP TS 22.101 §10.1).
pub const ON_ANY_MOBILE: &str = "112";

/// The countries whose number is known, each with that number.
pub fn known() -> impl Iterator<Item = (&'static str, &'static str)> {
    NUMBERS.iter().flat_map(|(number, countries)| countries.iter().map(|country| (*country, *number)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::care::phone;

    #[test]
    fn every_number_can_be_dialled_and_every_country_stands_there_once() {
        let all: BTreeMap<&str, &str> = known().collect();
        assert_eq!(all.len(), known().count());
        for (country, number) in known() {
            assert!(phone::is_country(country), "{country}");
            let dialled = phone::parse_emergency(number, Some(country)).map(|phone| phone.dial);
            assert_eq!(dialled.as_deref(), Ok(number), "{country}");
        }
        assert_eq!((all["ES"], all["GB"], all["US"], all["MX"]), ("112", "999", "911", "911"));
    }
}
