//! What speaks against all being well: one closed list. **A fact that ops should hear of is added here**: a variant, its name,
//! how grave it is, its sentence, and where [`look`] finds it; then a line of the letter `ops-digest` in every language, which
//! a test demands. `aftercare status` and the daily digest both show it from then on. A fact that has a standing task needs
//! less: its kind in [`OF_OPS`] and a line of the letter.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::care::refusal::cause::Cause;
use crate::care::task::TaskKind;
use crate::journey::errors::step::StepError;
use crate::journey::operations::condition::failed_loops::{self, FailedLoop};
use crate::journey::operations::condition::mailbox::{self, MailboxReadings};
use crate::journey::operations::unreadable_rows;
use crate::journey::sending_policy::day;
use crate::journey::start_list;
use crate::store::db::transaction::View;
use crate::store::mail::delivery::Purpose;
use crate::store::monitoring::patients::PatientReadings;
use crate::store::monitoring::readings::Readings;
use crate::store::monitoring::tasks::OpenTasks;

/// The kinds of tasks that stand for something which whoever runs the machine must see to, and which no other finding tells.
pub const OF_OPS: [TaskKind; 10] = [
    TaskKind::BackupFailed,
    TaskKind::RecordUnreadable,
    TaskKind::RungUnreachable,
    TaskKind::CallsRefused,
    TaskKind::LadderGap,
    TaskKind::RulesUnsigned,
    TaskKind::MailboxUnread,
    TaskKind::LettersStopped,
    TaskKind::UnusualVolume,
    TaskKind::FewLetters,
];

/// A letter about an alert is late after this long.
const ALERT_LETTER_LATE: Duration = Duration::from_secs(300);
/// Any other letter is late after this long.
const LETTER_LATE: Duration = Duration::from_secs(4 * 3600);
/// The nightly copy is made after two in the morning; for so many days the newest may lie back.
const COPY_DAYS: i64 = 1;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It needs a look in working hours.
    Look,
    /// Patients may come to harm, or letters do not leave: now.
    NotWell,
}

/// One thing that speaks against all being well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpsFinding {
    /// So many alerts are open by whose clock a person should have acted.
    AlertsOverdue(u64),
    /// So many patients have neither a next contact nor a person who was asked (P8).
    WithoutContact(u64),
    /// Nobody on the alert ladder has proved reachable, for this reason.
    NoCover(String),
    /// The clock is in doubt, and why.
    ClockDoubtful(String),
    /// Letters to patients are held.
    Held,
    /// The mail server refuses us, or cannot be reached.
    MailRefused(RefusedMail),
    /// A letter about an alert has waited for so long.
    AlertLetterLate(SignedDuration),
    /// Another letter that is due has waited for so long.
    LetterLate(SignedDuration),
    /// Every turn of these loops of the daemon fails: what they do is not done.
    LoopsFailed(Vec<FailedLoop>),
    /// A page of the database's file cannot be read.
    DatabaseDamaged,
    /// This link of the daily test broke.
    CanaryBroken(String),
    /// The newest nightly copy is of that day, or there is none.
    CopyMissing(Option<Date>),
    /// So many tasks of one kind that ops must see to are open.
    OpenTasks(OpenTasks),
    /// So many tasks are past their time.
    TasksOverdue(u64),
}

/// Since when, and why the mail server refuses us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedMail {
    /// Since when it does.
    pub since: Timestamp,
    /// Why, as far as it can be told.
    pub cause: Cause,
}

/// How the database stands, at one look.
#[derive(Debug, Clone)]
pub struct OpsLook {
    /// What was read at every look.
    pub readings: Readings,
    /// How many patients stand where.
    pub patients: PatientReadings,
    /// The day of the newest nightly copy on record.
    pub copy_on: Option<Date>,
    /// What is in doubt about the clock, in words.
    pub clock_doubt: Option<String>,
    /// How the reading of the mailbox of replies goes.
    pub mailbox: MailboxReadings,
    /// The loops of the daemon whose every turn fails.
    pub failed_loops: Vec<FailedLoop>,
    /// Whether the last look over all records met a page that cannot be read.
    pub is_damaged: bool,
}

/// Looks at the database; what is in doubt about the clock is for the caller to say.
///
/// # Errors
/// [`StepError`] when the store fails.
pub fn look(view: &View<'_>, now: Timestamp, clock_doubt: Option<String>) -> Result<OpsLook, StepError> {
    Ok(OpsLook {
        readings: view.readings(now)?,
        patients: view.patient_readings()?,
        copy_on: view.fact(start_list::BACKUP_ON)?.and_then(|on| on.parse().ok()),
        clock_doubt,
        mailbox: mailbox::readings(view)?,
        failed_loops: failed_loops::on_record(view)?,
        is_damaged: view.has_open(TaskKind::RecordUnreadable, unreadable_rows::DAMAGED)?,
    })
}

/// What speaks against all being well, the gravest first; `here` is the clinic's zone.
#[must_use]
pub fn findings(look: &OpsLook, now: Timestamp, here: &TimeZone) -> Vec<OpsFinding> {
    let found = [of_people(look), of_letters(look, now), of_machine(look, day(now, here))];
    let mut found: Vec<_> = found.into_iter().flatten().collect();
    found.sort_by_key(|finding| std::cmp::Reverse(finding.severity()));
    found
}

fn of_people(look: &OpsLook) -> Vec<OpsFinding> {
    let OpsLook { readings, patients, .. } = look;
    // An alert of tier soon counts in working days: past its clock it is grave as well.
    let overdue: u64 = readings.alerts.iter().map(|alerts| alerts.overdue).sum();
    let tasks: u64 = readings.tasks.iter().map(|tasks| tasks.overdue).sum();
    let open = readings.tasks.iter().filter(|tasks| OF_OPS.contains(&tasks.kind));
    let mut found: Vec<_> = open.copied().map(OpsFinding::OpenTasks).collect();
    found.extend((overdue > 0).then_some(OpsFinding::AlertsOverdue(overdue)));
    found.extend(
        (patients.without_contact > 0).then_some(OpsFinding::WithoutContact(patients.without_contact)),
    );
    found.extend((tasks > 0).then_some(OpsFinding::TasksOverdue(tasks)));
    found
}

fn of_letters(look: &OpsLook, now: Timestamp) -> Vec<OpsFinding> {
    let standing = &look.readings.standing;
    let refused = standing.mail_refusal.as_ref().map(|refusal| {
        OpsFinding::MailRefused(RefusedMail { since: refusal.since, cause: refusal.words.cause })
    });
    let oldest = |is_asked: fn(Purpose) -> bool| {
        let waiting = look.readings.waiting.iter().filter(move |waiting| is_asked(waiting.purpose));
        waiting.filter_map(|waiting| waiting.oldest_due).min().map(|since| now.duration_since(since))
    };
    let late = |age: Option<SignedDuration>, limit: Duration| {
        age.filter(|age| SignedDuration::try_from(limit).is_ok_and(|limit| *age > limit))
    };
    let alert = late(oldest(|purpose| purpose == Purpose::Alert), ALERT_LETTER_LATE);
    let other = late(oldest(|purpose| purpose != Purpose::Alert), LETTER_LATE);
    let found = [
        standing.missing_cover.clone().map(OpsFinding::NoCover),
        look.clock_doubt.clone().map(OpsFinding::ClockDoubtful),
        standing.is_held.then_some(OpsFinding::Held),
        refused,
        alert.map(OpsFinding::AlertLetterLate),
        other.map(OpsFinding::LetterLate),
    ];
    found.into_iter().flatten().collect()
}

fn of_machine(look: &OpsLook, today: Date) -> Vec<OpsFinding> {
    let broken = look.readings.standing.canary_broken.clone().map(OpsFinding::CanaryBroken);
    let lies_back = |on: Date| today.since(on).map_or(i64::MAX, |span| i64::from(span.get_days()));
    let is_old = look.copy_on.is_none_or(|on| lies_back(on) > COPY_DAYS);
    let damaged = look.is_damaged.then_some(OpsFinding::DatabaseDamaged);
    let failed = Some(look.failed_loops.clone()).filter(|loops| !loops.is_empty());
    let failed = failed.map(OpsFinding::LoopsFailed);
    failed
        .into_iter()
        .chain(damaged)
        .chain(broken)
        .chain(is_old.then_some(OpsFinding::CopyMissing(look.copy_on)))
        .collect()
}

impl OpsFinding {
    /// The name of the fact in the letter `ops-digest`, and in JSON.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::AlertsOverdue(_) => "alerts_overdue".to_owned(),
            Self::WithoutContact(_) => "without_contact".to_owned(),
            Self::NoCover(_) => "no_cover".to_owned(),
            Self::ClockDoubtful(_) => "clock_doubtful".to_owned(),
            Self::Held => "held".to_owned(),
            Self::MailRefused(_) => "mail_refused".to_owned(),
            Self::AlertLetterLate(_) => "alert_letter_late".to_owned(),
            Self::LetterLate(_) => "letter_late".to_owned(),
            Self::LoopsFailed(_) => "loops_failed".to_owned(),
            Self::DatabaseDamaged => "database_damaged".to_owned(),
            Self::CanaryBroken(_) => "canary_broken".to_owned(),
            Self::CopyMissing(_) => "copy_missing".to_owned(),
            Self::OpenTasks(tasks) => tasks.kind.word().replace('-', "_"),
            Self::TasksOverdue(_) => "tasks_overdue".to_owned(),
        }
    }

    /// How grave it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        match self {
            Self::CopyMissing(_) | Self::OpenTasks(_) | Self::TasksOverdue(_) | Self::LetterLate(_) => {
                Severity::Look
            }
            _ => Severity::NotWell,
        }
    }

    /// The number or day that the letter shows beside its own words; empty where the words say all.
    #[must_use]
    pub fn value(&self) -> String {
        match self {
            Self::AlertsOverdue(count) | Self::WithoutContact(count) | Self::TasksOverdue(count) => {
                count.to_string()
            }
            Self::OpenTasks(tasks) => tasks.open.to_string(),
            Self::AlertLetterLate(age) | Self::LetterLate(age) => hours(*age),
            Self::MailRefused(refused) => refused.cause.word().to_owned(),
            Self::LoopsFailed(loops) => named(loops),
            Self::CopyMissing(on) => on.map_or_else(|| "-".to_owned(), |on| on.to_string()),
            Self::NoCover(_)
            | Self::ClockDoubtful(_)
            | Self::Held
            | Self::DatabaseDamaged
            | Self::CanaryBroken(_) => "1".to_owned(),
        }
    }

    /// One sentence for whoever runs the machine: what is, and what to do.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::AlertsOverdue(count) => {
                format!(
                    "{count} alerts are past their clock: ring whoever is on duty (`aftercare alerts list`)"
                )
            }
            Self::WithoutContact(count) => {
                format!(
                    "{count} patients have neither a next contact nor an open task: `aftercare doctor` names them"
                )
            }
            Self::NoCover(reason) => {
                format!("nobody on the ladder has proved reachable: {reason} `aftercare alerts test`")
            }
            Self::ClockDoubtful(reason) => {
                format!("the clock is in doubt, nothing falls due: {reason} See `timedatectl`")
            }
            Self::Held => {
                "letters to patients wait until the task hold is done: `aftercare tasks list`".to_owned()
            }
            Self::MailRefused(refused) => {
                let since = refused.since.strftime("%Y-%m-%d %H:%M UTC");
                format!(
                    "the mail server refuses us since {since} ({}): {}",
                    refused.cause.word(),
                    refused.cause.advice()
                )
            }
            Self::AlertLetterLate(age) => {
                format!(
                    "a letter about an alert has waited for {}: ring the ladder by telephone",
                    hours(*age)
                )
            }
            Self::LetterLate(age) => {
                format!("a letter that is due has waited for {}: `aftercare check --online`", hours(*age))
            }
            Self::LoopsFailed(loops) => {
                loops.iter().map(FailedLoop::sentence).collect::<Vec<_>>().join("; ")
            }
            Self::DatabaseDamaged => {
                "the database is damaged, records on a page of it cannot be read: stop the service and restore the last backup, \
                 `aftercare restore FILE`"
                    .to_owned()
            }
            Self::CanaryBroken(reason) => format!("the daily test of the whole chain broke: {reason}"),
            Self::CopyMissing(None) => "no nightly copy was made yet: see [backup] directory".to_owned(),
            Self::CopyMissing(Some(on)) => {
                format!("the newest nightly copy is of {on}: look at the log and the disk")
            }
            Self::OpenTasks(OpenTasks { kind, open, .. }) => {
                format!("{open} open tasks {}: {}", kind.word(), kind.ask())
            }
            Self::TasksOverdue(count) => format!("{count} tasks are past their time: `aftercare tasks list`"),
        }
    }
}

fn named(loops: &[FailedLoop]) -> String {
    loops.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// A span in hours and minutes, as clocks show it.
fn hours(age: SignedDuration) -> String {
    format!("{}:{:02} h", age.as_hours(), age.as_mins() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journey::fixture::{due, fixture, triage};
    use crate::journey::sending_policy::zone;
    use crate::store::work::tasks::NewTask;

    fn found(fixture: &crate::journey::fixture::Fixture, doubt: Option<String>) -> Vec<OpsFinding> {
        let seen = fixture.clinic.store.read(|view| look(view, due(), doubt)).unwrap();
        findings(&seen, due(), &zone(&fixture.clinic.policy.zone).unwrap())
    }

    /// One of each.
    fn every_finding() -> Vec<OpsFinding> {
        let age = SignedDuration::from_mins(61);
        let refused = RefusedMail { since: due(), cause: Cause::SignIn };
        let tasks = OF_OPS.map(|kind| OpsFinding::OpenTasks(OpenTasks { kind, open: 2, overdue: 0 }));
        let others = [
            OpsFinding::AlertsOverdue(1),
            OpsFinding::WithoutContact(1),
            OpsFinding::NoCover("Nobody gave a code.".to_owned()),
            OpsFinding::ClockDoubtful("The wall clock jumped by 90 minutes.".to_owned()),
            OpsFinding::Held,
            OpsFinding::MailRefused(refused),
            OpsFinding::AlertLetterLate(age),
            OpsFinding::LetterLate(age),
            OpsFinding::LoopsFailed(vec![FailedLoop { name: "staff".to_owned(), since: due() }]),
            OpsFinding::DatabaseDamaged,
            OpsFinding::CanaryBroken("her page stays shut".to_owned()),
            OpsFinding::CopyMissing(None),
            OpsFinding::TasksOverdue(3),
        ];
        others.into_iter().chain(tasks).collect()
    }

    #[test]
    fn every_finding_has_a_line_of_the_digest_in_every_language_and_a_sentence() {
        let letters = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("config/letters");
        let mut languages = 0;
        for language in std::fs::read_dir(letters).unwrap().map(|entry| entry.unwrap().path()) {
            let Ok(letter) = std::fs::read_to_string(language.join("ops-digest.txt.j2")) else {
                assert!(!language.is_dir(), "{language:?} has no digest");
                continue;
            };
            languages += 1;
            for finding in every_finding() {
                let asked = format!("{{% if facts.{} is defined %}}", finding.name());
                assert!(letter.contains(&asked), "{language:?}: {asked}");
                assert!(!finding.value().is_empty() && finding.sentence().len() > 20, "{finding:?}");
            }
        }
        assert!(languages >= 2);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_damaged_file_is_grave_until_it_is_whole() {
        let fixture = fixture(triage());
        assert!(!found(&fixture, None).contains(&OpsFinding::DatabaseDamaged));
        let task = NewTask {
            kind: TaskKind::RecordUnreadable,
            cause: unreadable_rows::DAMAGED.to_owned(),
            patient: None,
            follow_up: None,
            reason: "a page".to_owned(),
            due_at: due(),
        };
        fixture.write(("daemon", due()), move |tx| Ok(tx.open_task(&task)?)).unwrap();
        let told = found(&fixture, None);
        let damaged = told.iter().find(|one| **one == OpsFinding::DatabaseDamaged).unwrap();
        assert_eq!(damaged.severity(), Severity::NotWell);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_speaks_against_it_is_named_gravest_first_until_it_is_over() {
        let fixture = fixture(triage());
        let today = day(due(), &zone(&fixture.clinic.policy.zone).unwrap());
        fixture
            .write(("daemon", due()), move |tx| Ok(tx.set_fact(start_list::BACKUP_ON, &today.to_string())?))
            .unwrap();
        let quiet = found(&fixture, None);
        fixture
            .write(("daemon", due()), |tx| {
                tx.set_fact("canary-broken", "her page stays shut")?;
                Ok(tx.clear_fact(start_list::BACKUP_ON)?)
            })
            .unwrap();
        let loud = found(&fixture, Some("The wall clock jumped by 90 minutes.".to_owned()));
        let new: Vec<_> = loud.iter().filter(|one| !quiet.contains(one)).map(OpsFinding::name).collect();
        assert_eq!(new, ["clock_doubtful", "canary_broken", "copy_missing"]);
        assert!(loud.windows(2).all(|two| two[0].severity() >= two[1].severity()));
        assert!(loud.iter().all(|one| !one.sentence().contains('@') && !one.value().is_empty()));
    }
}
