//! The words in force: what a clinic says of itself, and a pack of strings, fragments and leaflets per language.
//! Kept by the hash of its content, so that a letter can be given back years later.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Files by path relative to the configuration: `letters/…` and `leaflets/…`.
pub type Files = BTreeMap<String, String>;

/// What letters say of the clinic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clinic {
    /// Full name; signs letters at `standard` and `full`.
    pub name: String,
    /// Neutral short name for subjects and `minimal` letters.
    pub short_name: String,
    /// Rung in office hours.
    pub phone_office: String,
    /// Rung at any hour.
    pub phone_24h: String,
    /// 112, 911, …
    pub emergency_number: String,
    /// Which number comes first: `hotline`, `emergency_number` or `both`.
    pub emergency_first: String,
    /// Where to go in an emergency, as patients know it.
    pub emergency_dept: String,
    /// Postal address; stands in for a place that was left out.
    pub address: String,
    /// When `phone_office` is answered.
    pub opening_hours: String,
    /// Where the patients' pages live.
    #[serde(default)]
    pub public_url: Option<String>,
    /// The mailbox that invites to appointments (`mail.from`), for the calendar part's ORGANIZER.
    #[serde(default)]
    pub organizer: Option<String>,
}

/// All words of one language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pack {
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
    /// The clinic.
    pub clinic: Clinic,
    /// The page every HTML part stands on; language-neutral.
    pub layout: String,
    /// Its style sheet.
    pub css: String,
    /// Packs by BCP 47 primary language.
    pub languages: BTreeMap<String, Pack>,
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
    use super::super::samples;

    #[test]
    fn canonical_text_reads_back_and_keeps_its_hash() {
        let wording = samples::wording();
        let back = super::Wording::from_canonical(&wording.canonical()).unwrap();
        assert_eq!(back, wording);
        assert_eq!(back.hash(), wording.hash());
        assert_eq!(wording.hash().len(), 64);
    }

    #[test]
    fn a_changed_phone_number_changes_the_hash() {
        let mut wording = samples::wording();
        let before = wording.hash();
        wording.clinic.phone_24h.push('1');
        assert_ne!(before, wording.hash());
    }
}
