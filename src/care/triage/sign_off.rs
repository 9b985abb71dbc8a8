//! A clinician's signature under the rules, without which nothing is judged by them.

use jiff::civil::Date;

/// Who answers for a version of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// The name of the clinician who signed (`[checklists.sign_off]`).
    pub name: String,
    /// In which role they did.
    pub role: String,
    /// The day of the signature.
    pub date: Date,
    /// The version of the checklist that was signed.
    pub version: String,
}
