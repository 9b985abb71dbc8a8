//! The groups to which a list of patients is narrowed, and how many are in each.

use crate::care::patient::{PatientStatus, Reference};
use crate::store::db::columns::rows;
use crate::store::db::transaction::View;
use crate::store::error::StoreError;

/// Whom a list is narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatientGroup {
    /// An open task says that she does not answer.
    Silent,
    /// No letter reaches her: no address, or a bad one.
    Unreachable,
    /// In follow-up with nothing that lies ahead of her.
    WithoutContact,
    /// Whoever has this status.
    Status(PatientStatus),
}

impl PatientGroup {
    /// The groups that say what is the matter, in the order of the list.
    pub const MATTERS: [Self; 4] =
        [Self::Silent, Self::Unreachable, Self::Status(PatientStatus::Paused), Self::WithoutContact];

    /// The word in a link and in a command.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Silent => "silent",
            Self::Unreachable => "unreachable",
            Self::WithoutContact => "without-contact",
            Self::Status(status) => status.word(),
        }
    }

    /// The group of that word; `None` for any other.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let matter = Self::MATTERS.into_iter().find(|group| group.word() == word);
        matter.or_else(|| PatientStatus::parse(word).ok().map(Self::Status))
    }
}

/// How many patients are on a protocol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProtocolCount {
    /// Name of the protocol, without its version.
    pub protocol: String,
    /// How many are on it now.
    pub patients: u32,
}

/// Counted in an index alone, however many patients there are.
const BY_PROTOCOL: &str = "SELECT protocol, count(*) FROM enrolment INDEXED BY enrolment_counted WHERE state = 'active' \
     GROUP BY protocol ORDER BY protocol";

impl View<'_> {
    /// Case codes from before such were refused that mean another page in an address, e.g. `../../E-9`.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn codes_not_plain(&self) -> Result<Vec<String>, StoreError> {
        let ask = "SELECT reference FROM patient WHERE reference GLOB '*[./]*' ORDER BY reference";
        let mut codes: Vec<String> = rows(self.sql, ask, [], |row| row.get(0))?;
        codes.retain(|code| Reference::parse(code).is_ok_and(|code| !code.is_plain()));
        Ok(codes)
    }

    /// Every protocol that somebody is on, with how many.
    ///
    /// # Errors
    /// [`StoreError`] when SQL fails.
    pub fn patients_by_protocol(&self) -> Result<Vec<ProtocolCount>, StoreError> {
        rows(self.sql, BY_PROTOCOL, [], |r| Ok(ProtocolCount { protocol: r.get(0)?, patients: r.get(1)? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::database::tests::{fresh, plan};

    #[test]
    fn patients_are_counted_by_protocol_in_an_index_alone() {
        let (_dir, store) = fresh();
        let steps = plan(&store, BY_PROTOCOL, &[]);
        assert!(steps.iter().all(|step| step.contains("COVERING INDEX enrolment_counted")), "{steps:?}");
    }

    #[test]
    fn every_group_has_one_word() {
        let statuses = PatientStatus::ALL.map(PatientGroup::Status);
        for group in PatientGroup::MATTERS.into_iter().chain(statuses) {
            assert_eq!(PatientGroup::parse(group.word()), Some(group));
        }
        assert_eq!(PatientGroup::parse("all"), None);
    }
}
