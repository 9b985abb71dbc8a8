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

/// A signature under rules that are not in force any more: it lets nothing be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LapsedSignOff {
    /// What was signed, and by whom.
    pub signed: SignOff,
    /// The version that would judge in its place.
    pub in_force: String,
}

impl SignOff {
    /// Whether it stands under that version of the rules; if not, what became of it.
    ///
    /// # Errors
    /// [`LapsedSignOff`] where another version was signed.
    pub fn stands(self, in_force: &str) -> Result<Self, LapsedSignOff> {
        if self.version == in_force {
            return Ok(self);
        }
        Err(LapsedSignOff { signed: self, in_force: in_force.to_owned() })
    }
}
