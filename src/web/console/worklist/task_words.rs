//! What each kind of task is called in a list, in a few words, and where it is done: the form or page of the console, for whoever may
//! use it. Each by one `match`, so that no kind is forgotten.

use minijinja::{Value, context};

use crate::care::patient::Reference;
use crate::care::permission::{Act, StaffRole};
use crate::care::task::TaskKind;
use crate::journey::operations::restore::held_letters;
use crate::store::work::tasks::Task;

/// The kind's name; what is to be done stands in [`TaskKind::ask`].
pub(in crate::web::console) const fn title(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::AddressBad => "Address does not work",
        TaskKind::OptedOut => "Wants no letters",
        TaskKind::LetterFailed => "Letter refused",
        TaskKind::LetterUnknown => "Letter in doubt",
        TaskKind::LetterLapsed => "Letter came too late",
        TaskKind::NotBooked => "No date booked",
        TaskKind::Missed => "Missed a date",
        TaskKind::Silent => "Does not answer",
        TaskKind::ProtocolStep => "Step of the protocol",
        TaskKind::ReviewPlan => "Plan to be looked at",
        TaskKind::HandOver => "Left letter follow-up",
        TaskKind::ProtocolEnded => "Protocol has ended",
        TaskKind::Unreachable => "Cannot be written to",
        TaskKind::Hold => "Letters are held",
        TaskKind::ReadAnswer => "Answer to read",
        TaskKind::LinkLocked => "Forms are locked",
        TaskKind::CanaryBroken => "Daily test failed",
        TaskKind::NoCover => "Nobody proved reachable",
        TaskKind::CallRequested => "Asked to be rung",
        TaskKind::DuplicateSuspected => "Perhaps one person twice",
        TaskKind::AfterDeath => "Something after a death",
        TaskKind::DeathSuspected => "She may have died",
        TaskKind::DeathInQuestion => "A recorded death is questioned",
        TaskKind::BackupFailed => "Backup failed",
        TaskKind::MailRefused => "Mail server refuses us",
        TaskKind::SheWrote => "She wrote",
        TaskKind::AfterAlert => "Left to do after an alert",
        TaskKind::RecordUnreadable => "Record cannot be read",
        TaskKind::RungUnreachable => "Step of the ladder not reached",
        TaskKind::CallsRefused => "Calls of alerts refused",
        TaskKind::BaselineMissing => "No baseline",
        TaskKind::NotAsked => "Could not be asked",
        TaskKind::ImportBookings => "Dates to book after an import",
        TaskKind::ProxyAddress => "Address of who acts for her refused",
        TaskKind::LadderGap => "Away without a deputy",
        TaskKind::RulesUnsigned => "Rules not signed",
        TaskKind::UnusualVolume => "Far more letters than usual",
        TaskKind::ZonesChanged => "Time zones changed",
        TaskKind::FewLetters => "Far fewer letters than usual",
        TaskKind::LettersStopped => "Letters of a kind are stopped",
        TaskKind::MailboxUnread => "Replies are not read",
    }
}

/// Where a kind of task is done.
enum TaskWay {
    /// On a page, by whoever may do that there; [`None`] lets everybody look.
    Page(Option<Act>, &'static str, String),
    /// On the task's own page: what it asks for stands there.
    Here,
    /// On the machine, by whoever runs it.
    Machine,
}

/// The link to where it is done, for that role; `None` where no page of ours does it, or the role may not.
pub(in crate::web::console) fn way(task: &Task, role: StaffRole) -> Option<Value> {
    match done_at(task) {
        TaskWay::Page(act, text, href) => {
            act.is_none_or(|act| role.may(act)).then(|| context! { text, href })
        }
        TaskWay::Here | TaskWay::Machine => None,
    }
}

fn done_at(task: &Task) -> TaskWay {
    use TaskWay::{Here, Machine};
    let page = |act, text, path: &str| TaskWay::Page(act, text, path.to_owned());
    match task.kind {
        TaskKind::NotBooked => hers(task, Some(Act::ChangeDate), "Book a date", ["/patients/", "#what"]),
        TaskKind::Missed => {
            let text = "Note the date as kept, move it or call it off";
            hers(task, Some(Act::ChangeDate), text, ["/patients/", "#what"])
        }
        TaskKind::Unreachable | TaskKind::AddressBad => {
            hers(task, Some(Act::CorrectRecord), "Correct her record", ["/correct/", ""])
        }
        TaskKind::ProxyAddress => {
            hers(task, Some(Act::CorrectRecord), "Change who acts for her", ["/proxy/", ""])
        }
        TaskKind::OptedOut | TaskKind::CallRequested | TaskKind::SheWrote => {
            hers(task, Some(Act::LogContact), "Note what she says by phone", ["/patients/", "#rang"])
        }
        TaskKind::Silent | TaskKind::NotAsked => {
            hers(task, Some(Act::LogContact), "Fill her form in with her by phone", ["/patients/", "#rang"])
        }
        TaskKind::ReviewPlan | TaskKind::ProtocolEnded => {
            hers(task, Some(Act::ChangePlan), "Change her plan", ["/plan/", ""])
        }
        TaskKind::LinkLocked => {
            hers(task, Some(Act::OpenForms), "Open her forms again", ["/patients/", "#locked"])
        }
        TaskKind::DuplicateSuspected => {
            hers(task, Some(Act::MergeRecords), "Compare the records", ["/patients/", ""])
        }
        TaskKind::ProtocolStep
        | TaskKind::HandOver
        | TaskKind::AfterDeath
        | TaskKind::DeathInQuestion
        | TaskKind::DeathSuspected
        | TaskKind::BaselineMissing => hers(task, None, "Look at her record", ["/patients/", ""]),
        TaskKind::LetterFailed
        | TaskKind::LetterUnknown
        | TaskKind::LetterLapsed
        | TaskKind::ReadAnswer
        | TaskKind::AfterAlert => row(task),
        TaskKind::Hold if task.cause == held_letters::CAUSE => {
            page(Some(Act::EndHold), "Look at the letters that wait", "/restored")
        }
        TaskKind::NoCover | TaskKind::CallsRefused => {
            page(Some(Act::TestLadder), "Send a test alert", "/test-alert")
        }
        TaskKind::LadderGap => page(Some(Act::ChangeSettings), "Name a deputy", "/settings/absences"),
        TaskKind::RungUnreachable => page(Some(Act::ChangeSettings), "Mend the ladder", "/settings/ladder"),
        TaskKind::RulesUnsigned => page(Some(Act::SignRules), "Sign the rules", "/checklists"),
        TaskKind::LettersStopped => page(Some(Act::StopLetters), "Start them again", "/letters/stops"),
        TaskKind::UnusualVolume | TaskKind::FewLetters => page(None, "Look at the letters", "/ledger"),
        TaskKind::Hold | TaskKind::ImportBookings => Here,
        TaskKind::CanaryBroken
        | TaskKind::BackupFailed
        | TaskKind::MailRefused
        | TaskKind::RecordUnreadable
        | TaskKind::MailboxUnread
        | TaskKind::ZonesChanged => Machine,
    }
}

/// A page of hers, between the two parts of its address.
fn hers(task: &Task, act: Option<Act>, text: &'static str, [before, after]: [&str; 2]) -> TaskWay {
    match &task.patient {
        Some((_, code)) => {
            let code = Reference::parse(code).map_or_else(|_| code.clone(), |known| known.in_path());
            TaskWay::Page(act, text, format!("{before}{code}{after}"))
        }
        None => TaskWay::Here,
    }
}

/// The pages of rows that tasks are opened for, by how their cause begins.
const ROWS: [(&str, &str, &str); 3] = [
    ("delivery", "/letters/", "Look at the letter"),
    ("response", "/answers/", "Read the answers"),
    ("alert", "/alerts/", "Look at the alert"),
];

/// The page of the row that it was opened for; of a task that names none, her record.
fn row(task: &Task) -> TaskWay {
    let mut parts = task.cause.split('/');
    let (table, id) = (parts.next(), parts.next().and_then(|id| id.parse::<i64>().ok()));
    let known = ROWS.iter().find(|(begins, ..)| Some(*begins) == table).zip(id);
    match known {
        Some(((_, path, text), id)) => TaskWay::Page(None, text, format!("{path}{id}")),
        None => hers(task, None, "Look at her record", ["/patients/", ""]),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::care::patient::PatientId;
    use crate::care::task_state::TaskState;

    fn task(kind: TaskKind, cause: &str) -> Task {
        Task {
            id: 1,
            kind,
            cause: cause.to_owned(),
            patient: Some((PatientId(1), "C-100".to_owned())),
            reason: String::new(),
            opened_at: Timestamp::UNIX_EPOCH,
            due_at: Timestamp::UNIX_EPOCH,
            state: TaskState::Open,
            closed: None,
            owner: None,
            snoozed_until: None,
        }
    }

    fn leads(kind: TaskKind, cause: &str) -> Option<String> {
        let way = way(&task(kind, cause), StaffRole::Lead)?;
        way.get_attr("href").ok().map(|href| href.to_string())
    }

    #[test]
    fn a_task_leads_to_the_form_that_ends_it() {
        for (kind, cause, to) in [
            (TaskKind::AddressBad, "patient/1", "/correct/C-100"),
            (TaskKind::Silent, "patient/1/spine-check", "/patients/C-100#rang"),
            (TaskKind::NotBooked, "follow-up/3", "/patients/C-100#what"),
            (TaskKind::LetterFailed, "delivery/12", "/letters/12"),
            (TaskKind::LetterLapsed, "patient/1/2026-03-01", "/patients/C-100"),
            (TaskKind::ReadAnswer, "response/5/unjudged", "/answers/5"),
            (TaskKind::ReadAnswer, "alert/4", "/alerts/4"),
            (TaskKind::AfterAlert, "alert/7/own-doctor", "/alerts/7"),
            (TaskKind::Hold, held_letters::CAUSE, "/restored"),
            (TaskKind::LadderGap, "absence/1", "/settings/absences"),
        ] {
            assert_eq!(leads(kind, cause).as_deref(), Some(to), "{kind:?}");
        }
        assert_eq!(leads(TaskKind::BackupFailed, "backup"), None, "no page of ours mends a disk");
    }

    #[test]
    fn nobody_is_led_where_the_account_may_not_go() {
        let viewer = way(&task(TaskKind::AddressBad, "patient/1"), StaffRole::Viewer);
        assert!(viewer.is_none());
    }
}
