//! What people call where she stands; files, SQL and JSON have words of their own for it.

use crate::care::patient::PatientStatus;

impl PatientStatus {
    /// What people call it.
    #[must_use]
    pub const fn says(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused => "paused",
            Self::RecurrenceSuspected => "recurrence suspected",
            Self::RecurrenceConfirmed => "recurrence confirmed",
            Self::Palliative => "palliative",
            Self::Transferred => "transferred",
            Self::OptedOutEmail => "no letters by e-mail",
            Self::AddressBad => "address does not work",
            Self::Deceased => "deceased",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_call_a_status_is_no_code() {
        for status in PatientStatus::ALL {
            assert!(!status.says().contains('_'), "{status:?}");
        }
    }
}
