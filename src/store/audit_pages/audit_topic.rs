//! What events of the audit are about as a whole, so that a person looks for "alerts" and not for nine names of events.

/// A group of events that a person looks for together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditTopic {
    /// Alerts, who was told, and test alerts.
    Alerts,
    /// Forms, baselines, marks, and what patients wrote.
    Answers,
    /// Letters and what became of them.
    Letters,
    /// Records: enrolled, corrected, where she stands.
    Patients,
    /// Booked dates and planned follow-ups.
    Dates,
    /// What somebody must do, and the call log.
    Tasks,
    /// Protocols, their drafts, and checklists.
    Protocols,
    /// Lists of patients that were taken in.
    Imports,
    /// What staff decide for themselves.
    Settings,
    /// Accounts and signing in.
    Accounts,
    /// The program itself: clock, key, copies, the daily test, and whatever no other topic has.
    Program,
}

impl AuditTopic {
    /// Every topic, in the order in which a person is offered them.
    pub const ALL: [Self; 11] = [
        Self::Alerts,
        Self::Answers,
        Self::Letters,
        Self::Patients,
        Self::Dates,
        Self::Tasks,
        Self::Protocols,
        Self::Imports,
        Self::Settings,
        Self::Accounts,
        Self::Program,
    ];

    /// The word in commands and addresses, and what a list of topics says.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Alerts => "alerts",
            Self::Answers => "answers",
            Self::Letters => "letters",
            Self::Patients => "patients",
            Self::Dates => "dates",
            Self::Tasks => "tasks",
            Self::Protocols => "protocols",
            Self::Imports => "imports",
            Self::Settings => "settings",
            Self::Accounts => "accounts",
            Self::Program => "program",
        }
    }

    /// The topic of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.word() == word)
    }

    /// The topic of an event, by what stands before the dot of its name.
    #[must_use]
    pub fn of(action: &str) -> Self {
        match action.split('.').next().unwrap_or_default() {
            "alert" | "test-alert" | "rung" | "cover" | "webhook" => Self::Alerts,
            "response" | "link" | "baseline" | "reason" | "bone-spread" | "inbound" => Self::Answers,
            "delivery" | "reminder" | "letters" | "letter" | "mail" | "wording" => Self::Letters,
            "patient" | "enrolment" | "death-reversal" | "erasure" => Self::Patients,
            "appointment" | "follow-up" | "booking" => Self::Dates,
            "task" | "contact" => Self::Tasks,
            "protocol" | "protocol-draft" | "publication" | "checklist" | "rules" => Self::Protocols,
            "roster" | "import" => Self::Imports,
            "setting" => Self::Settings,
            "staff" => Self::Accounts,
            _ => Self::Program,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::audit_action::AuditAction;

    #[test]
    fn every_event_has_the_topic_that_a_person_would_look_under() {
        for (action, topic) in [
            (AuditAction::AlertRaised.name(), AuditTopic::Alerts),
            (AuditAction::BaselineConfirmed.name(), AuditTopic::Answers),
            (AuditAction::DeliverySent.name(), AuditTopic::Letters),
            (AuditAction::PatientStatus.name(), AuditTopic::Patients),
            (AuditAction::AppointmentMoved.name(), AuditTopic::Dates),
            (AuditAction::ContactLogged.name(), AuditTopic::Tasks),
            (AuditAction::RosterUndone.name(), AuditTopic::Imports),
            (AuditAction::StaffRole.name(), AuditTopic::Accounts),
            (AuditAction::KeyReplaced.name(), AuditTopic::Program),
            ("of-a-later-version.done", AuditTopic::Program),
        ] {
            assert_eq!(AuditTopic::of(action), topic, "{action}");
        }
        for topic in AuditTopic::ALL {
            assert_eq!(AuditTopic::parse(topic.word()), Some(topic));
        }
    }
}
