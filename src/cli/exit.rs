//! How a command ends: a code after sysexits(3), and for a failure what is wrong and what to do next.

use std::io::{ErrorKind, Write};
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use crate::care::time::zone::ZoneFault;
use crate::config::credential::CredentialFault;
use crate::config::file::fault::Fault;
use crate::daemon::assembly::engine::EngineFault;
use crate::daemon::files::key_file::KeyFault;
use crate::daemon::files::missing_database::{JOURNAL_ALONE, VANISHED};
use crate::daemon::lock::LockFault;
use crate::journey::errors::alert::AlertError;
use crate::journey::errors::content::ContentError;
use crate::journey::errors::step::StepError;
use crate::store::error::StoreError;

/// Exit codes; scripts rely on them (docs/operating.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: the command did what it was asked.
    Ok,
    /// 1: it failed for a reason that no other code names.
    Failed,
    /// 2: of `status`, something keeps letters or alerts from working, or patients may come to harm.
    NotWell,
    /// 64: the command line is wrong.
    Usage,
    /// 65: what was given is wrong.
    BadInput,
    /// 69: something needed is not there.
    Unavailable,
    /// 75: something that passes is in the way, e.g. a running daemon.
    TryLater,
    /// 78: the configuration is wrong.
    BadConfiguration,
}

impl Exit {
    /// The exit status that the shell and systemd see.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => 1,
            Self::NotWell => 2,
            Self::Usage => 64,
            Self::BadInput => 65,
            Self::Unavailable => 69,
            Self::TryLater => 75,
            Self::BadConfiguration => 78,
        }
    }

    /// The exit of another run of this program.
    #[must_use]
    pub fn of(code: i32) -> Self {
        let all = [Self::Usage, Self::BadInput, Self::Unavailable, Self::TryLater, Self::BadConfiguration];
        all.into_iter().find(|exit| i32::from(exit.code()) == code).unwrap_or(Self::Failed)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The code it ends with.
    pub exit: Exit,
    /// What is wrong: one line, no final stop, the culprit in backticks.
    pub error: String,
    /// What to do next.
    pub hint: Option<String>,
    /// Every single fault, where there are several.
    pub faults: Vec<Fault>,
    /// Further fields of the JSON document: what was found before it failed.
    pub report: Option<Box<Value>>,
}

impl Failure {
    /// A failure with this code.
    #[must_use]
    pub fn new(exit: Exit, error: impl Into<String>) -> Self {
        Self { exit, error: error.into(), hint: None, faults: Vec::new(), report: None }
    }

    /// 1: it failed for a reason that no other code names.
    #[must_use]
    pub fn failed(error: impl Into<String>) -> Self {
        Self::new(Exit::Failed, error)
    }

    /// 65: what was given is wrong.
    #[must_use]
    pub fn bad_input(error: impl Into<String>) -> Self {
        Self::new(Exit::BadInput, error)
    }

    /// 69: something needed is not there.
    #[must_use]
    pub fn unavailable(error: impl Into<String>) -> Self {
        Self::new(Exit::Unavailable, error)
    }

    /// 75: something that passes is in the way, e.g. a running daemon.
    #[must_use]
    pub fn try_later(error: impl Into<String>) -> Self {
        Self::new(Exit::TryLater, error)
    }

    /// 78, with every fault; at least one is expected.
    #[must_use]
    pub fn bad_configuration(faults: Vec<Fault>) -> Self {
        let error = match faults.len() {
            1 => "the configuration has a fault".to_owned(),
            n => format!("the configuration has {n} faults"),
        };
        Self { faults, ..Self::new(Exit::BadConfiguration, error) }
    }

    /// A place that cannot be written, or cannot be made; `hint` says where one can.
    #[must_use]
    pub fn unwritable(path: &Path, error: &std::io::Error, hint: &str) -> Self {
        let problem = format!("`{}` cannot be written: {error}", path.display());
        match error.kind() {
            ErrorKind::StorageFull => Self::unavailable(problem).hint("free some space and try again"),
            _ => Self::bad_input(problem).hint(hint),
        }
    }

    /// The same with what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same about this file: where it is not named yet, its path goes before what is wrong.
    #[must_use]
    pub fn about(mut self, path: &Path) -> Self {
        let path = path.display().to_string();
        if !self.error.is_empty() && !self.error.contains(&path) {
            self.error = format!("`{path}`: {}", self.error);
        }
        self
    }

    /// The same with what was found before it failed, for the JSON document.
    #[must_use]
    pub fn with_report<T: serde::Serialize>(mut self, report: &T) -> Self {
        self.report = serde_json::to_value(report).ok().map(Box::new);
        self
    }

    /// The failure as a JSON document.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut document = json!({ "error": self.error, "hint": self.hint });
        if !self.faults.is_empty() {
            document["faults"] = self.faults.iter().map(fault_json).collect();
        }
        let report = self.report.as_deref().and_then(Value::as_object);
        if let (Some(report), Some(fields)) = (report, document.as_object_mut()) {
            fields.extend(report.clone());
        }
        document
    }

    /// Tells people what is wrong.
    ///
    /// # Errors
    /// The writer's.
    pub fn tell(&self, out: &mut dyn Write) -> std::io::Result<()> {
        for fault in &self.faults {
            writeln!(out, "{fault}")?;
        }
        if !self.faults.is_empty() {
            writeln!(out)?;
        }
        writeln!(out, "error: {}", self.error)?;
        self.hint.iter().try_for_each(|hint| writeln!(out, "\nhint: {hint}"))
    }
}

/// A fault as `check --json` prints it: file, line, problem, hint.
#[must_use]
pub fn fault_json(fault: &Fault) -> Value {
    json!({ "file": fault.file, "line": fault.line, "problem": fault.problem, "hint": fault.hint })
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let exit = match &error {
            e if e.is_configuration() => Exit::BadConfiguration,
            e if e.is_busy() => Exit::TryLater,
            e if e.is_conflict() || e.is_not_found() || e.erased_at().is_some() => Exit::BadInput,
            e if e.is_of_disk() || e.is_none_left() => Exit::Unavailable,
            _ => Exit::Failed,
        };
        Self::new(exit, error.to_string()).hint(error.hint())
    }
}

impl From<StepError> for Failure {
    fn from(fault: StepError) -> Self {
        let hint = fault.hint();
        match fault {
            StepError::Store(fault) => fault.into(),
            StepError::Alert(AlertError::TestTooSoon(_)) => Self::try_later(fault.to_string()).hint(hint),
            StepError::Content(ContentError::Protocol(_)) => Self::failed(fault.to_string()).hint(hint),
            _ => Self::bad_input(fault.to_string()).hint(hint),
        }
    }
}

impl From<ContentError> for Failure {
    fn from(fault: ContentError) -> Self {
        StepError::from(fault).into()
    }
}

impl From<EngineFault> for Failure {
    fn from(fault: EngineFault) -> Self {
        match fault {
            EngineFault::Faults(faults) => Self::bad_configuration(faults),
            EngineFault::Store(fault) => fault.into(),
            EngineFault::Step(fault) => fault.into(),
            EngineFault::Key(fault) => fault.into(),
            EngineFault::JournalAlone { .. } => {
                Self::new(Exit::BadConfiguration, fault.to_string()).hint(JOURNAL_ALONE)
            }
            EngineFault::Vanished { .. } => {
                Self::new(Exit::BadConfiguration, fault.to_string()).hint(VANISHED)
            }
            EngineFault::Webhook(ref why) => {
                Self::new(Exit::BadConfiguration, fault.to_string()).hint(why.hint())
            }
            EngineFault::Dkim(ref why) => {
                Self::new(Exit::BadConfiguration, fault.to_string()).hint(why.hint())
            }
            EngineFault::Mail(_) => {
                Self::new(Exit::BadConfiguration, fault.to_string()).hint("run `aftercare check --online`")
            }
        }
    }
}

impl From<KeyFault> for Failure {
    fn from(fault: KeyFault) -> Self {
        let hint = fault.hint();
        match fault {
            KeyFault::Store(fault) => fault.into(),
            _ => Self::new(Exit::BadConfiguration, fault.to_string()).hint(hint),
        }
    }
}

impl From<LockFault> for Failure {
    fn from(fault: LockFault) -> Self {
        match fault {
            LockFault::Held(_) => Self::try_later(fault.to_string())
                .hint("stop the other one first: `systemctl stop aftercare`"),
            LockFault::Io(_, ref error) => {
                let exit = unmade(error);
                let hint = match exit {
                    Exit::BadConfiguration => "make the database's directory writable for the service's user",
                    _ => {
                        "look at the disk (`df -h`, `df -i`, the kernel's log) and at the limit of open files; the service tries again \
                         by itself"
                    }
                };
                Self::new(exit, fault.to_string()).hint(hint)
            }
        }
    }
}

impl From<ZoneFault> for Failure {
    fn from(fault: ZoneFault) -> Self {
        Self::bad_input(fault.to_string()).hint(fault.hint())
    }
}

impl From<CredentialFault> for Failure {
    fn from(fault: CredentialFault) -> Self {
        Self::new(Exit::BadConfiguration, fault.to_string()).hint(fault.hint())
    }
}

/// How it ends where a file cannot be made: what only who set the place up can mend is the configuration's; a disk that is full, fails
/// or is read-only, and a want of open files, pass, and the service tries again.
#[must_use]
pub(in crate::cli) fn unmade(error: &std::io::Error) -> Exit {
    match error.kind() {
        ErrorKind::PermissionDenied
        | ErrorKind::NotFound
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory
        | ErrorKind::AddrInUse => Exit::BadConfiguration,
        _ => Exit::Unavailable,
    }
}

/// What the system said, also where `csv` has wrapped it.
fn said(error: &std::io::Error) -> ErrorKind {
    let wrapped = error.get_ref().and_then(|inner| inner.downcast_ref::<csv::Error>());
    match wrapped.map(csv::Error::kind) {
        Some(csv::ErrorKind::Io(inner)) => inner.kind(),
        _ => error.kind(),
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        match said(&error) {
            // The reader has seen enough, as in `aftercare ledger | head`.
            ErrorKind::BrokenPipe => Self::new(Exit::Ok, ""),
            ErrorKind::StorageFull => {
                Self::unavailable(error.to_string()).hint("free some space and try again")
            }
            _ => Self::failed(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_contract() {
        let numbers = [
            Exit::Ok,
            Exit::Failed,
            Exit::NotWell,
            Exit::Usage,
            Exit::BadInput,
            Exit::Unavailable,
            Exit::TryLater,
            Exit::BadConfiguration,
        ]
        .map(Exit::code);
        assert_eq!(numbers, [0, 1, 2, 64, 65, 69, 75, 78]);
    }

    #[test]
    fn a_failure_says_what_is_wrong_and_what_to_do() {
        let mut told = Vec::new();
        Failure::bad_input("no such patient `R-1`")
            .hint("see `aftercare patient list`")
            .tell(&mut told)
            .unwrap();
        assert_eq!(
            String::from_utf8(told).unwrap(),
            "error: no such patient `R-1`\n\nhint: see `aftercare patient list`\n"
        );
    }

    #[test]
    fn each_kind_of_store_error_has_its_code() {
        assert_eq!(Failure::from(StoreError::not_found("task")).exit, Exit::BadInput);
        assert_eq!(Failure::from(StoreError::conflict("twice")).exit, Exit::BadInput);
        assert_eq!(Failure::from(StoreError::corrupt("state")).exit, Exit::Failed);
    }

    #[test]
    fn a_lock_that_a_disk_or_a_limit_refuses_is_tried_again() {
        use nix::errno::Errno;
        let exit =
            |errno: Errno| Failure::from(LockFault::Io("/srv/a.db.lock".to_owned(), errno.into())).exit;
        for errno in [Errno::EROFS, Errno::ENOSPC, Errno::EMFILE, Errno::EIO] {
            assert_eq!(exit(errno), Exit::Unavailable, "{errno}");
        }
        for errno in [Errno::EACCES, Errno::EPERM, Errno::ENOENT, Errno::ENOTDIR] {
            assert_eq!(exit(errno), Exit::BadConfiguration, "{errno}");
        }
    }

    #[test]
    fn a_fault_of_a_file_names_it_once() {
        let path = Path::new("/srv/a.db");
        let told = Failure::failed("file is not a database").about(path);
        assert_eq!(told.error, "`/srv/a.db`: file is not a database");
        assert_eq!(told.clone().about(path).error, told.error);
    }

    #[test]
    fn a_reader_who_leaves_early_is_no_failure() {
        assert_eq!(Failure::from(std::io::Error::from(ErrorKind::BrokenPipe)).exit, Exit::Ok);
    }

    #[test]
    fn what_the_system_said_is_heard_through_a_table_too() {
        let ends = [(ErrorKind::BrokenPipe, Exit::Ok), (ErrorKind::StorageFull, Exit::Unavailable)];
        for (kind, exit) in ends {
            let wrapped = csv::Error::from(std::io::Error::from(kind));
            assert_eq!(Failure::from(std::io::Error::from(wrapped)).exit, exit, "{kind}");
        }
    }
}
