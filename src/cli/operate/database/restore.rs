//! `aftercare restore`: back to a copy.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};

use super::owner_files::StagedSource;
use super::restore_questions::RestoreAnswers;
use super::{rehearse, restore_questions};
use crate::care::patient::Reference;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args;
use crate::cli::run_as;
use crate::config::sections::database::Database;
use crate::daemon::backup::restore::{KeyNow, RestoreFault, RestoreJob, RestoreScope, Restored, restore};
use crate::daemon::files::key_file::KeyFault;
use crate::daemon::lock::{Lock, whole};
use crate::journey::operations::restore_report::ReportLine;
use crate::journey::operations::restore_report::follow_up_ask::FollowUpAsk;
use crate::store::audit_action::AuditAction;
use crate::store::database::OpenMode;
use crate::store::db::online::pace::NoPace;
use crate::store::events::EventSource;
use crate::store::restore_diff::RestoreDiff;

const PLACE: &str = "make the database's directory writable for the service's user, then try again";
/// So many are named on one line.
const NAMED: usize = 10;
const UNCHANGED: &str = "use an older backup; nothing was changed";

/// Put a copy made by `backup` in the database's place
///
/// The copy is checked first, with the log that lies beside it, if any; then it is made ready and takes the database's place in
/// one step, so that an interruption leaves one or the other. The database that was there is kept beside it. Letters to
/// patients are held until a person has looked at what happened since, which the old audit tells line by line, or, where the
/// old database is gone, the sent journal. Deaths, opt-outs and other stops since then are carried over, whoever was erased
/// since is erased in the copy as well, and so are accounts turned off or given new secrets; everybody is signed out. Letters
/// that are known to have left do not leave again; `aftercare letters held` lists each that waits. At a terminal it asks what
/// only a person knows. A database
/// with patients that shares no event with the copy is another clinic's and stays, with exit 65. Exits with 75 while a daemon runs.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  aftercare restore /var/backups/aftercare-2027-03-01.db\n  aftercare restore --rehearse"
)]
pub struct RestoreArgs {
    /// A file that `aftercare backup` or the daemon's nightly backup wrote.
    #[arg(value_name = "FILE", required_unless_present = "rehearse")]
    pub file: Option<PathBuf>,
    /// Only prove that FILE, or the newest nightly backup, can be restored: into a scratch directory that does not stay.
    #[arg(long)]
    pub rehearse: bool,
    /// Put the copy in the place of another clinic's database too: one with patients that shares no event with the copy. Without
    /// this it is refused.
    #[arg(long, conflicts_with = "rehearse")]
    pub other_clinic: bool,
    /// Who has died since the backup, as far as you know; may be repeated.
    #[arg(long, value_name = "REF", value_parser = args::reference, conflicts_with = "rehearse")]
    pub died: Vec<Reference>,
    /// Who asked for no letters since the backup, as far as you know; may be repeated.
    #[arg(long, value_name = "REF", value_parser = args::reference, conflicts_with = "rehearse")]
    pub opted_out: Vec<Reference>,
}

/// Puts the copy in the database's place under its lock, and tells what happened since.
///
/// # Errors
/// 65 when the copy or its key is not sound, 75 while somebody works on the database; 1 when a rehearsal fails.
pub fn run(args: &RestoreArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.file {
        Some(file) if !args.rehearse => restored(file, args, ctx),
        file => rehearse::run(file.as_deref(), ctx),
    }
}

fn restored(file: &Path, args: &RestoreArgs, ctx: &Context) -> Result<(), Failure> {
    is_copy(file)?;
    // Before anything steps down to the owner of the database: the file may be root's alone.
    let reachable = StagedSource::take(file, ctx)?;
    let file = reachable.as_ref().map_or(file, StagedSource::path);
    let Database { path: named, journal, .. } = ctx.config()?.database.clone();
    is_copy(file)?;
    run_as::take_on(&named)?;
    let lock = Lock::take(&named)?;
    // A link in the database's place stays one: what it points at is replaced.
    let database = whole(&named);
    if whole(file) == database {
        return Err(Failure::bad_input("the copy is the database itself")
            .hint("name a file written by `aftercare backup`"));
    }
    let job = RestoreJob {
        source: file,
        named: &named,
        database: &database,
        journal: &journal,
        stamp: ctx.stamp(),
        pace: Arc::new(NoPace),
        scope: if args.other_clinic { RestoreScope::AnyClinic } else { RestoreScope::SameClinic },
    };
    let done = restore(&job).map_err(refused)?;
    remarks(&done, ctx);
    let shown = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let document = json!({ "database": named.display().to_string(), "before": shown(&done.before), "list": shown(&done.list),
        "held": true, "key": key_word(done.key), "told_by": done.since.as_ref().ok().map(|since| since.told_by.word()), "since": done.since.as_ref().ok().map(|since| known(since, &done.lines)) });
    ctx.show(&document, |out| {
        match &done.before {
            Some(before) => writeln!(out, "restored; what was there before is {}", before.display())?,
            None => writeln!(out, "restored; nothing was there before")?,
        }
        for line in &done.lines {
            let list = done.list.as_deref();
            writeln!(out, "since the copy: {}: {}: {}", line.ask.word(), line.what, shown_about(line, list))?;
        }
        if let Some(list) = &done.list {
            writeln!(out, "every event since the copy stands in {}", list.display())?;
        }
        writeln!(out, "letters to patients are held: record what happened since, look at those that wait (`aftercare letters held`), \
                       then close the task (`aftercare tasks list`)")
    })?;
    let said = RestoreAnswers { died: args.died.clone(), opted_out: args.opted_out.clone() };
    // Without a key that fits, no command works on it yet.
    match done.key {
        KeyNow::Missing => Ok(()),
        KeyNow::OfCopy | KeyNow::Kept => {
            restore_questions::run(&said, &ctx.store_under(&lock, OpenMode::Existing)?, ctx)
        }
    }
}

/// What the person at the keyboard must know.
fn remarks(done: &Restored, ctx: &Context) {
    match &done.since {
        Ok(RestoreDiff { torn: None, told_by: EventSource::Journal, .. }) => ctx.say(
            "remark: the sent journal tells what happened since the copy; passwords that were changed since are not in it, and \
             those accounts are off",
        ),
        Err(Some(why)) => ctx.say(&format!(
            "remark: what was there before cannot be read: {why}; nobody can say what happened since the copy. Accounts turned off \
             since are on again: look at `aftercare staff list`"
        )),
        Ok(RestoreDiff { torn: Some(why), .. }) => ctx.say(&format!(
            "remark: the audit of what was there before cannot be read to its end: {why}; what came later is unknown"
        )),
        Ok(_) | Err(None) => {}
    }
    match done.key {
        KeyNow::OfCopy => {}
        KeyNow::Kept => ctx.say("remark: no key lay beside the copy; the key in place fits it and stays"),
        KeyNow::Missing => ctx.say(
            "remark: no key fits the copy: put the one that belongs to it beside the database, as FILE.key, or make a new one: \
             `aftercare key renew`; until then no command works",
        ),
    }
}

/// About whom a line is, as far as a screen bears it: what asks for somebody must not drown in what is only good to know. The
/// list names everybody.
fn shown_about(line: &ReportLine, list: Option<&Path>) -> String {
    let all = line.about.len();
    if all > NAMED && line.ask == FollowUpAsk::Know {
        return format!("{all} of them");
    }
    let named = line.about.get(..NAMED.min(all)).unwrap_or_default().join(", ");
    let see = list.map(|list| format!(", see `{}`", list.display())).unwrap_or_default();
    if all > NAMED { format!("{named} and {} more{see}", all - NAMED) } else { named }
}

const fn key_word(key: KeyNow) -> &'static str {
    match key {
        KeyNow::OfCopy => "of-copy",
        KeyNow::Kept => "kept",
        KeyNow::Missing => "missing",
    }
}

fn known(since: &RestoreDiff, lines: &[ReportLine]) -> Value {
    let codes = |prefixes: &[&str]| -> BTreeSet<&String> {
        let of = since.events.iter().filter(|l| prefixes.iter().any(|p| l.event.action.starts_with(p)));
        of.flat_map(|lost| &lost.about).filter(|code| !code.contains('/')).collect()
    };
    let declined = since
        .events
        .iter()
        .filter(|lost| lost.event.known_action() == Some(AuditAction::LettersDeclined))
        .count();
    let carried: BTreeSet<&String> =
        lines.iter().filter(|l| l.ask == FollowUpAsk::Carried).flat_map(|line| &line.about).collect();
    let moved: Vec<Value> = statuses(since)
        .map(|(code, to)| {
            let line = format!("{code} ({to})");
            json!({ "reference": code, "status": to, "carried_over": carried.contains(&line) })
        })
        .collect();
    let lines =
        lines.iter().map(|line| json!({ "ask": line.ask.word(), "what": line.what, "about": line.about }));
    json!({
        "not_in_the_copy": codes(&[AuditAction::PatientAdmitted.name()]), "status_changed": moved, "kinds_declined": declined,
        "corrected": codes(&[AuditAction::PatientCorrected.name()]), "answered": codes(&["response.", "alert."]),
        "written_to": codes(&[AuditAction::DeliveryClaimed.name(), AuditAction::DeliverySent.name(), AuditAction::DeliveryUnknown.name()]),
        "erased": codes(&[AuditAction::PatientErased.name()]), "events": since.events.len(), "torn": since.torn, "lines": lines.collect::<Vec<_>>(),
    })
}

/// Case code and new status of every change of status, in order.
fn statuses(since: &RestoreDiff) -> impl Iterator<Item = (String, String)> {
    since
        .events
        .iter()
        .filter(|lost| lost.event.known_action() == Some(AuditAction::PatientStatus))
        .filter_map(|lost| {
            let detail: Value = serde_json::from_str(&lost.event.detail).ok()?;
            Some((lost.about.first()?.clone(), detail["to"].as_str()?.to_owned()))
        })
}

/// The copy, and nothing else that can be opened: a pipe would keep us waiting, a directory has no bytes.
fn is_copy(path: &Path) -> Result<(), Failure> {
    let bad = |why: String| {
        Failure::bad_input(format!("`{}` {why}", path.display()))
            .hint("name a file written by `aftercare backup`")
    };
    let kind = std::fs::metadata(path).map_err(|error| bad(format!("cannot be read: {error}")))?;
    if !kind.is_file() {
        return Err(bad("is not a file".to_owned()));
    }
    if kind.len() == 0 {
        return Err(bad("is empty: the copy is not sound".to_owned()));
    }
    std::fs::File::open(path).map(drop).map_err(|error| bad(format!("cannot be read: {error}")))
}

fn refused(fault: RestoreFault) -> Failure {
    let problem = fault.to_string();
    match fault {
        RestoreFault::Unsound(_) => Failure::bad_input(problem).hint(UNCHANGED),
        RestoreFault::OtherClinic(_) => Failure::bad_input(problem).hint(
            "look whether the copy and `[database] path` are the ones you mean; `--other-clinic` puts it there all the same; nothing \
             was changed",
        ),
        RestoreFault::Full(place, _) => Failure::unavailable(problem).hint(format!(
            "free space on the disk of `{}`, then restore the same copy again; nothing was changed",
            place.display()
        )),
        RestoreFault::Unusable(fault) => {
            Failure::bad_input(problem).hint(format!("{}; nothing was changed", fault.hint()))
        }
        RestoreFault::AnothersKey => Failure::bad_input(problem)
            .hint("put the key that belongs to the copy beside it, as FILE.key, or take the wrong one away; nothing was changed"),
        RestoreFault::Key(KeyFault::Unwritable(path, error)) | RestoreFault::Io(path, error) => {
            Failure::unwritable(&path, &error, PLACE)
        }
        RestoreFault::Key(_) => Failure::bad_input(problem)
            .hint("put the key that belongs to the copy beside it, as FILE.key; nothing was changed"),
        RestoreFault::Store(fault) => fault.into(),
        RestoreFault::Step(fault) => fault.into(),
        #[cfg(test)]
        RestoreFault::Stopped => Failure::failed(problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(ask: FollowUpAsk, count: usize) -> String {
        let about = (1..=count).map(|n| format!("R-{n}")).collect();
        shown_about(
            &ReportLine { ask, what: "a letter left".to_owned(), about },
            Some(Path::new("/srv/lost.txt")),
        )
    }

    #[test]
    fn a_line_names_ten_and_what_is_only_good_to_know_is_counted() {
        assert_eq!(told(FollowUpAsk::Again, 2), "R-1, R-2");
        assert!(told(FollowUpAsk::Again, 10).ends_with("R-9, R-10"));
        assert!(told(FollowUpAsk::Carried, 2000).ends_with("R-10 and 1990 more, see `/srv/lost.txt`"));
        assert_eq!(told(FollowUpAsk::Know, 2000), "2000 of them");
        assert_eq!(told(FollowUpAsk::Know, 2), "R-1, R-2");
    }
}
