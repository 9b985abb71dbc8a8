//! Who may do what in the console and at the shell: one table of acts and roles. An administrator may be from IT: the role
//! keeps accounts and settings and reads the audit, and of the clinic's work it does no more than a nurse may. A viewer reads
//! and changes nothing.

use crate::care::triage::tier::Tier;

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StaffRole {
    /// Reads every page of the clinic's work and changes nothing.
    Viewer,
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
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Nurse, Self::Doctor, Self::Lead, Self::Admin];

    /// The word in SQL and JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Nurse => "nurse",
            Self::Doctor => "doctor",
            Self::Lead => "lead",
            Self::Admin => "admin",
        }
    }

    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "administrator",
            other => other.word(),
        }
    }

    /// What the role is for, in a sentence.
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Viewer => "Reads everything about the clinic's work and changes nothing.",
            Self::Nurse => "Works the day: alerts, tasks, dates, telephone numbers.",
            Self::Doctor => {
                "Does what a nurse does, and judges: baselines, known signs, the end of an emergency."
            }
            Self::Lead => {
                "A doctor who answers for the clinic: also lets held letters go, and reads the audit."
            }
            Self::Admin => "Keeps accounts and reads the audit. Of the clinic's work, no more than a nurse.",
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

/// What only some may do. Each has a row in [`Act::permission`].
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
    /// Stop letters to patients by kind.
    StopLetters,
    /// Ask for a recorded death to be undone, or agree to it.
    UndoDeath,
    /// Write down what was tried for an alert or a task (call log).
    LogContact,
    /// Claim a task, hand it over, or put it off until a day.
    AssignTask,
    /// Close a task, with a word on what was done.
    CloseTask,
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
    /// Word letters in the clinic's own words.
    ChangeWording,
    /// Answer for the rules that judge answers with a signature, which lets them judge.
    SignRules,
    /// End that the rules judge answers: staff read them all again.
    StopRules,
    /// Count what the rules would have raised on answers of before.
    CountAlerts,
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
    /// Change where a patient stands, or what else her record says.
    ChangeRecord,
    /// Book, move, call off or note a visit or test.
    ChangeDate,
    /// Open a patient's locked forms again.
    OpenForms,
    /// Let a letter that was refused go again.
    RetryLetter,
    /// Send a test alert down the ladder.
    TestLadder,
    /// Read the audit, event by event.
    ReadAudit,
    /// Read the reports, and try out what a change would bring.
    ReadReports,
    /// Read who looked at which record.
    ReadViews,
    /// Make two records of one woman one.
    MergeRecords,
    /// Print a whole record, or take it along as a file.
    ExportRecord,
    /// Ask for a record to be erased, or agree to it.
    EraseRecord,
    /// Invite colleagues, change their roles, turn accounts off, end their sessions.
    ManageAccounts,
}

/// Who may do something, and what it is called after "may".
struct Permission {
    roles: &'static [StaffRole],
    deed: &'static str,
}

const fn may(roles: &'static [StaffRole], deed: &'static str) -> Permission {
    Permission { roles, deed }
}

/// Whoever works with patients or for them.
const WORKING: &[StaffRole] = &[StaffRole::Nurse, StaffRole::Doctor, StaffRole::Lead, StaffRole::Admin];
const DOCTORS: &[StaffRole] = &[StaffRole::Doctor, StaffRole::Lead];
const LEADS: &[StaffRole] = &[StaffRole::Lead];
const OVERSIGHT: &[StaffRole] = &[StaffRole::Lead, StaffRole::Admin];
/// Whoever answers for the clinic's doings, clinically or not: what they may do makes nothing less careful.
const CAREFUL: &[StaffRole] = &[StaffRole::Doctor, StaffRole::Lead, StaffRole::Admin];
const ADMINS: &[StaffRole] = &[StaffRole::Admin];

impl Act {
    /// Every act there is.
    pub const ALL: [Self; 38] = [
        Self::TakeAlert,
        Self::CloseAlert,
        Self::CloseUrgentAlert,
        Self::ConfirmBaseline,
        Self::MarkKnown,
        Self::NoteBoneSpread,
        Self::EndHold,
        Self::StopLetters,
        Self::UndoDeath,
        Self::LogContact,
        Self::AssignTask,
        Self::CloseTask,
        Self::ChangeContact,
        Self::EditProtocol,
        Self::SignProtocol,
        Self::ChooseSignatories,
        Self::ChangeSettings,
        Self::ChangeWording,
        Self::SignRules,
        Self::StopRules,
        Self::CountAlerts,
        Self::EnrolPatient,
        Self::CorrectRecord,
        Self::ChangePlan,
        Self::SettleBooking,
        Self::ImportRoster,
        Self::ChangeRecord,
        Self::ChangeDate,
        Self::OpenForms,
        Self::RetryLetter,
        Self::TestLadder,
        Self::ReadAudit,
        Self::ReadReports,
        Self::ReadViews,
        Self::MergeRecords,
        Self::ExportRecord,
        Self::EraseRecord,
        Self::ManageAccounts,
    ];

    /// Closing an alert of that tier; `None` is an answer that nobody sorted.
    #[must_use]
    pub fn closing(tier: Option<Tier>) -> Self {
        if tier.is_some_and(|tier| tier >= Tier::Urgent) { Self::CloseUrgentAlert } else { Self::CloseAlert }
    }

    /// The table: a row for each act.
    const fn permission(self) -> Permission {
        match self {
            Self::TakeAlert => may(WORKING, "take an alert on, or go on with it"),
            Self::CloseAlert => may(WORKING, "close an alert that is soon, routine or unsorted"),
            Self::CloseUrgentAlert => may(DOCTORS, "close an emergency or urgent alert"),
            Self::ConfirmBaseline => may(DOCTORS, "confirm a baseline"),
            Self::MarkKnown => may(DOCTORS, "mark a reason as known for a while"),
            Self::NoteBoneSpread => may(DOCTORS, "note known bone spread"),
            Self::EndHold => may(LEADS, "let held letters go"),
            Self::StopLetters => may(WORKING, "stop letters to patients by kind"),
            Self::UndoDeath => may(WORKING, "ask for a recorded death to be undone, or agree: it takes two"),
            Self::LogContact => may(WORKING, "write the call log of an alert or a task"),
            Self::AssignTask => may(WORKING, "claim a task, hand it over or put it off"),
            Self::CloseTask => may(WORKING, "close a task"),
            Self::ChangeContact => may(WORKING, "change telephone numbers and who else may be rung"),
            Self::ChangeRecord => may(WORKING, "change where a patient stands and what her record says"),
            Self::ChangeDate => may(WORKING, "book, move, call off or note visits and tests"),
            Self::OpenForms => may(WORKING, "open locked forms again"),
            Self::RetryLetter => may(WORKING, "let a refused letter go again"),
            Self::TestLadder => may(WORKING, "send a test alert down the ladder"),
            Self::EditProtocol => {
                may(OVERSIGHT, "write drafts of protocols and ask for them to be published")
            }
            Self::SignProtocol => may(DOCTORS, "sign a protocol"),
            Self::ChooseSignatories => may(LEADS, "choose who signs protocols"),
            Self::ChangeSettings => may(OVERSIGHT, "change the settings that staff own"),
            Self::ChangeWording => may(OVERSIGHT, "word letters in the clinic's own words"),
            Self::SignRules => may(DOCTORS, "sign the rules that judge answers"),
            Self::StopRules => may(CAREFUL, "end that the rules judge answers"),
            Self::CountAlerts => may(CAREFUL, "count what the rules would have raised"),
            Self::EnrolPatient => may(WORKING, "enrol a patient"),
            Self::CorrectRecord => may(WORKING, "correct a record"),
            Self::ChangePlan => may(WORKING, "change a patient's plan"),
            Self::SettleBooking => may(WORKING, "decide that somebody on an import's list needs no date"),
            Self::ImportRoster => may(OVERSIGHT, "take a roster in, and undo that"),
            Self::ReadAudit => may(OVERSIGHT, "read the audit"),
            Self::ReadReports => may(OVERSIGHT, "read the reports, and try out what a change would bring"),
            Self::ReadViews => may(OVERSIGHT, "read who looked at which record"),
            Self::MergeRecords => may(DOCTORS, "make two records of one woman one"),
            Self::ExportRecord => may(WORKING, "print a whole record, or take it along as a file"),
            Self::EraseRecord => {
                may(OVERSIGHT, "ask for a record to be erased when its time is over, or agree: it takes two")
            }
            Self::ManageAccounts => {
                may(ADMINS, "invite colleagues, change roles, turn accounts off, end sessions")
            }
        }
    }

    /// The roles that may do it.
    #[must_use]
    pub const fn roles(self) -> &'static [StaffRole] {
        self.permission().roles
    }

    /// What it is, after "may".
    #[must_use]
    pub const fn deed(self) -> &'static str {
        self.permission().deed
    }

    /// Who does it, in one sentence.
    #[must_use]
    pub fn whose(self) -> String {
        let names: Vec<&str> = self.roles().iter().map(|role| role.name()).collect();
        let who = match names.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, rest)) => [rest.join(", ").as_str(), *last].join(" or "),
            None => "nobody".to_owned(),
        };
        if who.starts_with(['a', 'e', 'i', 'o', 'u']) {
            format!("only an {who} may {}", self.deed())
        } else {
            format!("only a {who} may {}", self.deed())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_act_is_open_to_these_roles_and_to_no_other() {
        // Viewer, nurse, doctor, lead, admin.
        let (working, doctors) = ([false, true, true, true, true], [false, false, true, true, false]);
        let table = [
            (Act::TakeAlert, working),
            (Act::CloseAlert, working),
            (Act::CloseUrgentAlert, doctors),
            (Act::ConfirmBaseline, doctors),
            (Act::MarkKnown, doctors),
            (Act::NoteBoneSpread, doctors),
            (Act::EndHold, [false, false, false, true, false]),
            (Act::StopLetters, working),
            (Act::UndoDeath, working),
            (Act::LogContact, working),
            (Act::AssignTask, working),
            (Act::CloseTask, working),
            (Act::ChangeContact, working),
            (Act::EditProtocol, [false, false, false, true, true]),
            (Act::SignProtocol, doctors),
            (Act::ChooseSignatories, [false, false, false, true, false]),
            (Act::ChangeSettings, [false, false, false, true, true]),
            (Act::ChangeWording, [false, false, false, true, true]),
            (Act::SignRules, doctors),
            (Act::StopRules, [false, false, true, true, true]),
            (Act::CountAlerts, [false, false, true, true, true]),
            (Act::EnrolPatient, working),
            (Act::CorrectRecord, working),
            (Act::ChangePlan, working),
            (Act::SettleBooking, working),
            (Act::ImportRoster, [false, false, false, true, true]),
            (Act::ChangeRecord, working),
            (Act::ChangeDate, working),
            (Act::OpenForms, working),
            (Act::RetryLetter, working),
            (Act::TestLadder, working),
            (Act::ReadAudit, [false, false, false, true, true]),
            (Act::ReadReports, [false, false, false, true, true]),
            (Act::ReadViews, [false, false, false, true, true]),
            (Act::MergeRecords, doctors),
            (Act::ExportRecord, working),
            (Act::EraseRecord, [false, false, false, true, true]),
            (Act::ManageAccounts, [false, false, false, false, true]),
        ];
        assert_eq!(table.map(|(act, _)| act), Act::ALL);
        for (act, may) in table {
            assert_eq!(StaffRole::ALL.map(|role| role.may(act)), may, "{act:?}");
        }
    }

    #[test]
    fn a_viewer_changes_nothing() {
        assert!(Act::ALL.into_iter().all(|act| !StaffRole::Viewer.may(act)));
    }

    #[test]
    fn an_administrator_does_no_clinical_work_that_a_nurse_may_not() {
        // A protocol is signed by a doctor or lead before it reaches anybody; lists, settings and what
        // retention erases are about no patient's state.
        // Without the rules a person reads every answer: nothing is less careful then.
        let kept = [
            Act::ReadAudit,
            Act::ReadReports,
            Act::ReadViews,
            Act::ManageAccounts,
            Act::EditProtocol,
            Act::ImportRoster,
            Act::ChangeSettings,
            Act::ChangeWording,
            Act::StopRules,
            Act::CountAlerts,
            Act::EraseRecord,
        ];
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
    fn a_refusal_says_who_may() {
        let of = Act::CloseUrgentAlert.whose();
        assert_eq!(of, "only a doctor or lead may close an emergency or urgent alert");
        assert_eq!(Act::ReadAudit.whose(), "only a lead or administrator may read the audit");
        assert!(Act::ManageAccounts.whose().starts_with("only an administrator may invite colleagues"));
        assert!(Act::CloseTask.whose().starts_with("only a nurse, doctor, lead or administrator may"));
    }

    #[test]
    fn words_and_values_agree_both_ways() {
        for role in StaffRole::ALL {
            assert_eq!(StaffRole::parse(role.word()), Some(role));
        }
    }
}
