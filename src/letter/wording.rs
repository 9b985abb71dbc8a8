//! The words in force: what a clinic says of itself, and a pack of strings, fragments and leaflets per language.
//! Kept by the hash of its content, so that a letter can be given back years later.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::care::settings::emergency_number::ON_ANY_MOBILE;

/// Files by path relative to the configuration: `letters/…` and `leaflets/…`.
pub type Files = BTreeMap<String, String>;

/// The query of a public page that names its language: `?lang=es`.
pub const PAGE_LANGUAGE: &str = "lang";

/// The query of a public page that names the country of a reader who lives abroad: `?lang=es&in=ES`.
pub const PAGE_COUNTRY: &str = "in";

/// The most characters in a line of a text part (RFC 5322 §2.1.1); an address stays whole, however long it is.
pub const TEXT_WIDTH: u16 = 78;

/// What letters say of the clinic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClinicFacts {
    /// Full name; signs letters at `standard` and `full`.
    pub name: String,
    /// Neutral short name for subjects and `minimal` letters.
    pub short_name: String,
    /// Rung in office hours.
    pub phone_office: String,
    /// Rung at any hour.
    pub phone_24h: String,
    /// The public emergency number, e.g. 112 or 911.
    pub emergency_number: String,
    /// Which number comes first: `hotline`, `emergency_number` or `both`.
    pub emergency_first: String,
    /// Where to go in an emergency, as patients know it.
    pub emergency_dept: String,
    /// Postal address; stands in for a place that was left out.
    pub address: String,
    /// When `phone_office` is answered.
    pub opening_hours: String,
    /// The country whose way of writing dates and hours is used (ISO 3166-1), where a language has more than one. Absent
    /// from wordings kept before it existed, whose hashes must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The numbers as links dial them. Absent from wordings kept before it existed, whose hashes must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tel: Option<Tel>,
    /// Where the patients' pages live.
    #[serde(default)]
    pub public_url: Option<String>,
    /// The mailbox letters come from (`mail.from`). It stands as ORGANIZER where [`Self::organized_by`] is absent.
    #[serde(default)]
    pub organizer: Option<String>,
    /// The mailbox people read, which a calendar answers (`mail.reply_to`, else `mail.from`): ORGANIZER of the calendar part. Absent
    /// from wordings kept before it existed, whose hashes must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organized_by: Option<String>,
    /// The name letters come from (`mail.from`); absent from wordings kept before it existed, whose hashes must hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Where replies go (`mail.reply_to`); known only where [`Self::sender`] is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// The query by which a public page is asked for in the letter's language ([`PAGE_LANGUAGE`]). Absent from wordings kept
    /// before letters named it, whose letters must come out as they left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_language: Option<String>,
    /// The column at which the lines of the text part end ([`TEXT_WIDTH`]). Absent from wordings kept before lines were broken,
    /// whose letters must come out as they left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_width: Option<u16>,
    /// The emergency numbers of other countries (ISO 3166-1 alpha-2), for readers who live there. Absent from wordings kept
    /// before letters asked where she lives, whose letters must come out as they left.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub emergency_numbers: BTreeMap<String, EmergencyNumber>,
    /// The zone of the clinic's clock (IANA), by which its opening hours count. Absent from wordings kept before letters named
    /// it: they come out as they left, with [`ON_ANY_MOBILE`] behind the words for a number that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock_zone: Option<String>,
    /// What is said otherwise in a language; [`Self::in_language`] puts it in place. Absent from wordings kept before it
    /// existed, whose hashes must hold.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub local: BTreeMap<String, LocalFacts>,
}

/// What follows `tel:` in links (RFC 3966).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tel {
    /// The `tel:` number of `phone_office`.
    pub office: String,
    /// The `tel:` number of `phone_24h`.
    pub day_and_night: String,
    /// The `tel:` number of `emergency_number`.
    pub emergency: String,
}

/// The emergency number of a country.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyNumber {
    /// As it is printed.
    pub printed: String,
    /// As a link dials it.
    pub dial: String,
}

/// The clinic's own words in one further language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalFacts {
    /// Where to go in an emergency.
    pub emergency_dept: Option<String>,
    /// When `phone_office` is answered.
    pub opening_hours: Option<String>,
}

impl ClinicFacts {
    /// The numbers as links dial them; of a wording kept before they were read, the digits that are printed.
    #[must_use]
    pub fn tel(&self) -> Tel {
        let digits = |number: &str| number.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
        self.tel.clone().unwrap_or_else(|| Tel {
            office: digits(&self.phone_office),
            day_and_night: digits(&self.phone_24h),
            emergency: digits(&self.emergency_number),
        })
    }

    /// What the clinic says of itself in this language: a page or letter never mixes two.
    #[must_use]
    pub fn in_language(&self, language: &str) -> Self {
        let mut said = self.clone();
        if let Some(local) = self.local.get(language) {
            let LocalFacts { emergency_dept, opening_hours } = local.clone();
            said.emergency_dept = emergency_dept.unwrap_or(said.emergency_dept);
            said.opening_hours = opening_hours.unwrap_or(said.opening_hours);
        }
        said
    }

    /// What readers in that country ring in place of the clinic's emergency number: the number of their country, or nothing
    /// that is known (an empty text). `None` where the clinic's own is theirs, or nobody knows where they live.
    #[must_use]
    pub fn rings_instead(&self, country: Option<&str>) -> Option<&str> {
        let (home, theirs) = (self.region.as_deref()?, country?);
        if home == theirs || self.emergency_numbers.is_empty() {
            return None;
        }
        let number = self.emergency_numbers.get(theirs).map_or("", |number| number.printed.as_str());
        (number != self.emergency_number).then_some(number)
    }

    /// Every number that readers abroad may ring, and the empty text of those whose number is not known.
    #[must_use]
    pub fn numbers_abroad(&self) -> BTreeSet<&str> {
        let known = self.emergency_numbers.values().map(|number| number.printed.as_str());
        known.chain([""]).collect()
    }

    /// The same facts for readers who ring that number in place of the clinic's; where none is known they are told so in
    /// these words.
    #[must_use]
    pub fn ringing(&self, number: &str, unknown: &str) -> Self {
        let known = self.emergency_numbers.values().find(|known| known.printed == number);
        let (printed, dial) = match known {
            Some(known) => (known.printed.clone(), known.dial.clone()),
            None if unknown.trim().is_empty() => return self.clone(),
            // Words that name no number dial none: what rings there would be guesswork.
            None if self.clock_zone.is_some() => (unknown.to_owned(), String::new()),
            None => (unknown.to_owned(), ON_ANY_MOBILE.to_owned()),
        };
        Self { emergency_number: printed, tel: Some(Tel { emergency: dial, ..self.tel() }), ..self.clone() }
    }
}

/// All words of one language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguagePack {
    /// Short texts by dotted key, e.g. `subjects.message`; lists count from `.01`.
    pub strings: BTreeMap<String, String>,
    /// Template sources by name, e.g. `book` or `default.visit`.
    pub fragments: BTreeMap<String, String>,
    /// Leaflet sources by name, e.g. `warning-signs`.
    pub leaflets: BTreeMap<String, String>,
}

/// Everything that decides a letter's words besides its inputs and links.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wording {
    /// What every letter says of the clinic.
    pub clinic: ClinicFacts,
    /// The page every HTML part stands on; language-neutral.
    pub layout: String,
    /// The style sheet that is put into the elements of the layout.
    pub css: String,
    /// Packs by BCP 47 primary language.
    pub languages: BTreeMap<String, LanguagePack>,
}

impl Wording {
    /// The stable JSON that is stored and hashed: fields in order of declaration, maps in order of key.
    #[must_use]
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// SHA-256 over [`Self::canonical`], in hex.
    #[must_use]
    pub fn hash(&self) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(self.canonical().as_bytes()))
    }

    /// Reads back what [`Self::canonical`] wrote.
    ///
    /// # Errors
    /// When the text is not a wording.
    pub fn from_canonical(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }
}

#[cfg(test)]
mod tests {
    use crate::letter::proof::samples;

    #[test]
    fn canonical_text_reads_back_and_keeps_its_hash() {
        let wording = samples::wording();
        let back = super::Wording::from_canonical(&wording.canonical()).unwrap();
        assert_eq!(back, wording);
        assert_eq!(back.hash(), wording.hash());
        assert_eq!(wording.hash().len(), 64);
    }

    #[test]
    fn a_wording_kept_before_clinics_spoke_two_languages_keeps_its_hash() {
        let mut wording = samples::wording();
        wording.clinic.local.clear();
        assert!(!wording.canonical().contains("\"local\""));
        assert_eq!(super::Wording::from_canonical(&wording.canonical()).unwrap().hash(), wording.hash());
    }

    #[test]
    fn a_wording_kept_before_it_knew_its_sender_keeps_its_hash() {
        let mut wording = samples::wording();
        (wording.clinic.sender, wording.clinic.reply_to) = (None, None);
        assert!(!wording.canonical().contains("\"sender\"") && !wording.canonical().contains("\"reply_to\""));
        assert_eq!(super::Wording::from_canonical(&wording.canonical()).unwrap().hash(), wording.hash());
    }

    #[test]
    fn a_wording_kept_before_letters_named_the_language_of_pages_keeps_its_hash() {
        let mut wording = samples::wording();
        wording.clinic.page_language = None;
        assert!(!wording.canonical().contains("\"page_language\""));
        assert_eq!(super::Wording::from_canonical(&wording.canonical()).unwrap().hash(), wording.hash());
    }

    #[test]
    fn a_wording_kept_before_lines_were_broken_keeps_its_hash_and_its_lines() {
        let mut wording = samples::wording();
        wording.clinic.text_width = None;
        assert!(!wording.canonical().contains("\"text_width\""));
        assert_eq!(super::Wording::from_canonical(&wording.canonical()).unwrap().hash(), wording.hash());
    }

    #[test]
    fn a_language_takes_its_own_words_and_the_plain_ones_where_it_has_none() {
        let clinic = samples::clinic();
        let spanish = clinic.in_language("es");
        assert_ne!(spanish.opening_hours, clinic.opening_hours);
        assert_eq!((&spanish.phone_24h, &spanish.address), (&clinic.phone_24h, &clinic.address));
        assert_eq!(clinic.in_language("en"), clinic);
    }

    #[test]
    fn a_wording_kept_before_it_knew_other_countries_keeps_its_hash_and_its_number() {
        let mut wording = samples::wording();
        wording.clinic.emergency_numbers.clear();
        assert!(!wording.canonical().contains("\"emergency_numbers\""));
        assert_eq!(super::Wording::from_canonical(&wording.canonical()).unwrap().hash(), wording.hash());
        assert_eq!(wording.clinic.rings_instead(Some("US")), None);
    }

    #[test]
    fn whoever_lives_abroad_rings_the_number_of_her_country_or_is_told_that_it_is_another() {
        let mut clinic = samples::clinic();
        clinic.region = Some("ES".to_owned());
        for (country, number) in [
            (None, None),
            (Some("ES"), None),
            (Some("PT"), None),
            (Some("US"), Some("911")),
            (Some("KP"), Some("")),
        ] {
            assert_eq!(clinic.rings_instead(country), number, "{country:?}");
        }
        let here = clinic.ringing("911", "your local emergency number");
        assert_eq!((here.emergency_number.as_str(), here.tel().emergency.as_str()), ("911", "911"));
        let unknown = clinic.ringing("", "your local emergency number");
        assert_eq!(unknown.emergency_number, "your local emergency number");
        assert_eq!((unknown.tel().emergency.as_str(), &unknown.tel().office), ("", &clinic.tel().office));
        assert_eq!(clinic.ringing("", ""), clinic);
    }

    #[test]
    fn a_wording_kept_before_it_named_its_zone_keeps_its_hash_and_what_its_links_dial() {
        let mut wording = samples::wording();
        wording.clinic.clock_zone = None;
        assert!(!wording.canonical().contains("\"clock_zone\""));
        assert_eq!(super::Wording::from_canonical(&wording.canonical()).unwrap().hash(), wording.hash());
        assert_eq!(wording.clinic.ringing("", "your local emergency number").tel().emergency, "112");
    }

    #[test]
    fn a_changed_phone_number_changes_the_hash() {
        let mut wording = samples::wording();
        let before = wording.hash();
        wording.clinic.phone_24h.push('1');
        assert_ne!(before, wording.hash());
    }

    #[test]
    fn links_dial_what_was_read_and_older_words_what_was_printed() {
        let mut clinic = samples::clinic();
        clinic.phone_office = "+34 600 (0) 100-200".to_owned();
        assert_eq!(clinic.tel().office, "+346000100200");
        let kept = serde_json::to_string(&clinic).unwrap();
        assert!(!kept.contains("\"tel\""), "the hash of words kept before must hold: {kept}");
        let [office, day_and_night, emergency] =
            ["+34600100200;ext=12", "+34600100300", "112"].map(str::to_owned);
        clinic.tel = Some(super::Tel { office, day_and_night, emergency });
        assert_eq!(clinic.tel().office, "+34600100200;ext=12");
    }
}
