//! Who may do what in the console and at the shell: one table of acts and roles. An administrator may be from IT: the role
//! keeps accounts and settings and reads the audit, and of the clinic's work it does no more than a nurse may.

use crate::care::triage::tier::Tier;

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StaffRole {
    /// Takes alerts and tasks on.
    Nurse,
    /// Also judges: baselines, known signs, the end of an emergency.
    Doctor,
    /// A doctor who answers for the clinic: also lets held letters go and reads reports and the audit.
    Lead,
    /// Keeps accounts and reads the audit; no doctor's work.
    Admin,
}

impl StaffRole {
    /// Every role there is.
    pub const ALL: [Self; 4] = [Self::Nurse, Self::Doctor, Self::Lead, Self::Admin];

    /// The word in SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Nurse => "nurse",
            Self::Doctor => "doctor",
            Self::Lead => "lead",
            Self::Admin => "admin",
        }
    }

    /// The role of that word in SQL, JSON and commands; `None` for any other word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.word() == word)
    }

    /// Whether this role may do that.
    #[must_use]
    pub fn may(self, act: Act) -> bool {
        act.roles().contains(&self)
    }
}

/// What only some may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Take an alert on, or go on with it after its clock ran out.
    TakeAlert,
    /// Close an alert that is soon or unsorted; reading an answer is that.
    CloseAlert,
    /// Close an alert that is an emergency or urgent.
    CloseUrgentAlert,
    /// Say how things stood before (baseline).
    ConfirmBaseline,
    /// Mark a reason as known for a while (M1).
    MarkKnown,
    /// Note that bone spread is known (K1).
    NoteBoneSpread,
    /// Let held letters to patients go.
    EndHold,
    /// Ask for a recorded death to be undone, or agree to it.
    UndoDeath,
    /// Write down what was tried for an alert or a task (call log).
    LogContact,
    /// Claim a task, hand it over, or put it off until a day.
    AssignTask,
    /// Change a patient's telephone numbers and who else may be rung.
    ChangeContact,
    /// Write drafts of protocols, and ask for them to be published.
    EditProtocol,
    /// Answer for a protocol with a signature.
    SignProtocol,
    /// Choose whether a second person signs what is published.
    ChooseSignatories,
    /// Change what staff decide for themselves: numbers to ring, holidays, hours, the ladder.
    ChangeSettings,
    /// Read the audit and the reports.
    ReadAudit,
    /// Take a patient in.
    EnrolPatient,
    /// Correct what is recorded of a patient.
    CorrectRecord,
    /// Put a patient on another protocol or date, on an add-on, or end one.
    ChangePlan,
    /// Decide that somebody on an import's list needs no date.
    SettleBooking,
    /// Take a roster in, or undo that.
    ImportRoster,
}

impl Act {
    /// Every act there is.
    pub const ALL: [Self; 21] = [
        Self::TakeAlert,
        Self::CloseAlert,
        Self::CloseUrgentAlert,
        Self::ConfirmBaseline,
        Self::MarkKnown,
        Self::NoteBoneSpread,
        Self::EndHold,
        Self::UndoDeath,
        Self::LogContact,
        Self::AssignTask,
        Self::ChangeContact,
        Self::EditProtocol,
        Self::SignProtocol,
        Self::ChooseSignatories,
        Self::ChangeSettings,
        Self::ReadAudit,
        Self::EnrolPatient,
        Self::CorrectRecord,
        Self::ChangePlan,
        Self::SettleBooking,
        Self::ImportRoster,
    ];

    /// Closing an alert of that tier; `None` is an answer that nobody sorted.
    #[must_use]
    pub fn closing(tier: Option<Tier>) -> Self {
        if tier.is_some_and(|tier| tier >= Tier::Urgent) { Self::CloseUrgentAlert } else { Self::CloseAlert }
    }

    /// The roles that may do it.
    #[must_use]
    pub const fn roles(self) -> &'static [StaffRole] {
        match self {
            Self::TakeAlert
            | Self::CloseAlert
            | Self::UndoDeath
            | Self::LogContact
            | Self::AssignTask
            | Self::ChangeContact
            | Self::EnrolPatient
            | Self::CorrectRecord
            | Self::ChangePlan
            | Self::SettleBooking => &StaffRole::ALL,
            Self::CloseUrgentAlert
            | Self::ConfirmBaseline
            | Self::MarkKnown
            | Self::NoteBoneSpread
            | Self::SignProtocol => &[StaffRole::Doctor, StaffRole::Lead],
            Self::EndHold | Self::ChooseSignatories => &[StaffRole::Lead],
            Self::EditProtocol | Self::ChangeSettings | Self::ReadAudit | Self::ImportRoster => {
                &[StaffRole::Lead, StaffRole::Admin]
            }
        }
    }

    /// Who does it, in one sentence.
    #[must_use]
    pub const fn whose(self) -> &'static str {
        match self {
            Self::TakeAlert => "somebody with an account takes an alert on",
            Self::CloseAlert => "somebody with an account closes an alert",
            Self::CloseUrgentAlert => "a doctor or lead closes an emergency or urgent alert",
            Self::ConfirmBaseline => "a doctor or lead confirms a baseline",
            Self::MarkKnown => "a doctor or lead marks a reason as known",
            Self::NoteBoneSpread => "a doctor or lead notes bone spread",
            Self::EndHold => "a lead lets held letters go",
            Self::UndoDeath => "two people with accounts undo a recorded death",
            Self::LogContact => "somebody with an account writes the call log",
            Self::AssignTask => "somebody with an account claims a task, hands it over or puts it off",
            Self::ChangeContact => "somebody with an account changes telephone numbers",
            Self::EditProtocol => "leads and administrators write protocols",
            Self::SignProtocol => "a doctor or lead signs a protocol",
            Self::ChooseSignatories => "a lead chooses who signs protocols",
            Self::ChangeSettings => "leads and administrators change settings",
            Self::ReadAudit => "leads and administrators read the audit",
            Self::EnrolPatient => "somebody with an account enrols a patient",
            Self::CorrectRecord => "somebody with an account corrects a record",
            Self::ChangePlan => "somebody with an account changes a plan",
            Self::ImportRoster => "leads and administrators take a roster in and undo it",
            Self::SettleBooking => "somebody with an account decides that no date is booked",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_act_is_open_to_these_roles_and_to_no_other() {
        // Nurse, doctor, lead, admin.
        let table = [
            (Act::TakeAlert, [true, true, true, true]),
            (Act::CloseAlert, [true, true, true, true]),
            (Act::CloseUrgentAlert, [false, true, true, false]),
            (Act::ConfirmBaseline, [false, true, true, false]),
            (Act::MarkKnown, [false, true, true, false]),
            (Act::NoteBoneSpread, [false, true, true, false]),
            (Act::EndHold, [false, false, true, false]),
            (Act::UndoDeath, [true, true, true, true]),
            (Act::LogContact, [true, true, true, true]),
            (Act::AssignTask, [true, true, true, true]),
            (Act::ChangeContact, [true, true, true, true]),
            (Act::EditProtocol, [false, false, true, true]),
            (Act::SignProtocol, [false, true, true, false]),
            (Act::ChooseSignatories, [false, false, true, false]),
            (Act::ChangeSettings, [false, false, true, true]),
            (Act::ReadAudit, [false, false, true, true]),
            (Act::EnrolPatient, [true, true, true, true]),
            (Act::CorrectRecord, [true, true, true, true]),
            (Act::ChangePlan, [true, true, true, true]),
            (Act::SettleBooking, [true, true, true, true]),
            (Act::ImportRoster, [false, false, true, true]),
        ];
        assert_eq!(table.map(|(act, _)| act), Act::ALL);
        for (act, may) in table {
            assert_eq!(StaffRole::ALL.map(|role| role.may(act)), may, "{act:?}");
        }
    }

    #[test]
    fn an_administrator_does_no_clinical_work_that_a_nurse_may_not() {
        // A protocol is signed by a doctor or lead before it reaches anybody; lists and settings are about no patient's state.
        let kept = [Act::ReadAudit, Act::EditProtocol, Act::ImportRoster, Act::ChangeSettings];
        for act in Act::ALL.into_iter().filter(|act| !kept.contains(act)) {
            assert!(!StaffRole::Admin.may(act) || StaffRole::Nurse.may(act), "{act:?}");
        }
    }

    #[test]
    fn only_what_is_urgent_or_more_is_a_doctors_to_close() {
        for tier in [None, Some(Tier::Soon), Some(Tier::Routine)] {
            assert_eq!(Act::closing(tier), Act::CloseAlert);
        }
        for tier in [Tier::Urgent, Tier::Emergency] {
            assert_eq!(Act::closing(Some(tier)), Act::CloseUrgentAlert);
        }
    }

    #[test]
    fn words_and_values_agree_both_ways() {
        for role in StaffRole::ALL {
            assert_eq!(StaffRole::parse(role.word()), Some(role));
        }
    }
}
