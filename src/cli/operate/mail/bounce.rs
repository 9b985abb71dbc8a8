//! `aftercare bounce`: takes in what reaches a mailbox of ours.

use std::ffi::OsString;
use std::fs;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::cli::named_file;
use crate::daemon::inbound::{self, InboundEnd, InboundResult};
use crate::journey::delivery::failure::bounce::BounceOutcome;
use crate::journey::deps::Deps;
use crate::journey::errors::step::StepError;
use crate::journey::operations::condition::mailbox;
use crate::journey::patients::inbound::InboundOutcome;
use crate::mail::inbound::read::MOST_BYTES;
use crate::store::database::OpenMode;
use crate::store::mail::delivery::DeliveryId;

/// Take in what reaches our mailboxes: letters that came back, and what people write
///
/// Reads messages from files, a Maildir or stdin. A notice of a mail server is found by the tag of a return path or by a
/// Message-ID: the letter becomes failed, a dead address or a complaint stops further letters, and a task is open the same day.
/// What a patient writes, or answers to a calendar entry, is kept for staff with a task of the same day, and she is answered once a
/// day with the numbers to ring. Absence notes and receipts are noted. What cannot be told to be anybody's becomes a task too.
/// Running it again changes nothing.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  aftercare bounce < returned.eml\n  aftercare bounce --maildir /var/lib/aftercare/Maildir"
)]
pub struct BounceArgs {
    /// Messages, one a file; `-`, or none, reads stdin.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Read new/ of this Maildir and move what was taken in to cur/.
    #[arg(long, value_name = "DIR", conflicts_with = "files")]
    pub maildir: Option<PathBuf>,
}

/// One letter that came back.
#[derive(Debug, Serialize)]
struct ReturnedLetter {
    delivery: i64,
    state: &'static str,
    status: Option<String>,
    changed: bool,
}

/// One message kept for staff.
#[derive(Debug, Serialize)]
struct KeptMessage {
    message: i64,
    kind: &'static str,
}

/// What one run took in, as `--json` shows it.
#[derive(Debug, Default, Serialize)]
struct Summary {
    letters: Vec<ReturnedLetter>,
    messages: Vec<KeptMessage>,
    ignored: u64,
    early: u64,
    broken: u64,
}

/// Takes in every message given; one that fails stops no other.
///
/// # Errors
/// 65 when a message cannot be read, otherwise 75: its letter is being sent this moment, or whatever keeps us from taking
/// it in is mended by a person. A mail system keeps the message then; any other code makes it throw the notice away.
pub fn run(args: &BounceArgs, ctx: &Context) -> Result<(), Failure> {
    taken_in(args, ctx).map_err(|failure| match failure.exit {
        Exit::Ok | Exit::BadInput => failure,
        _ => ours(failure),
    })
}

/// What is not the message's fault: it is kept and given again.
fn ours(failure: Failure) -> Failure {
    Failure { exit: Exit::TryLater, ..failure }
}

fn taken_in(args: &BounceArgs, ctx: &Context) -> Result<(), Failure> {
    named_file::hold(&args.files);
    let clinic = ctx.deps(OpenMode::Existing)?;
    let mut intake = Intake { clinic: &clinic, ctx, seen: Summary::default() };
    let read = match &args.maildir {
        Some(dir) => intake.maildir(dir),
        None if args.files.is_empty() => intake.stdin().map(drop),
        None => intake.files(&args.files),
    };
    let seen = intake.seen;
    if !seen.messages.is_empty() || seen.letters.iter().any(|line| line.changed) {
        ctx.changed()?;
    }
    read.map_err(|failure| failure.with_report(&seen))?;
    if seen.broken > 0 {
        let error = format!("{} of the messages break the program that reads them", seen.broken);
        return Err(ours(Failure::failed(error))
            .hint("a task names each: read it where it lies, and report it")
            .with_report(&seen));
    }
    if seen.early > 0 {
        let error = format!("{} came back while the letter is still being sent", seen.early);
        return Err(Failure::new(Exit::TryLater, error).hint("give it again in a minute").with_report(&seen));
    }
    ctx.show(&seen, |out| told(out, &seen))
}

fn told(out: &mut dyn std::io::Write, seen: &Summary) -> std::io::Result<()> {
    for line in &seen.letters {
        let again = if line.changed { "" } else { ", known before" };
        let status = line.status.as_deref().unwrap_or("none");
        writeln!(out, "letter {}: {}, status {status}{again}", line.delivery, line.state)?;
    }
    seen.messages
        .iter()
        .try_for_each(|kept| writeln!(out, "message {}: {}, kept for staff", kept.message, kept.kind))
}

/// Its name in cur/: what a program took care of counts as seen, what a person must read does not.
fn flagged(mut name: OsString, turn: FilingDecision) -> OsString {
    name.push(if turn == FilingDecision::Done { ":2,S" } else { ":2," });
    name
}

/// Whether a message may be put away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FilingDecision {
    Done,
    /// A task asks a person to read it.
    ForStaff,
    Early,
}

fn whole(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    from.take(MOST_BYTES as u64).read_to_end(&mut raw)?;
    Ok(raw)
}

fn unreadable(name: &str, why: &std::io::Error) -> Failure {
    Failure::bad_input(format!("`{name}` cannot be read: {why}"))
        .hint("give files the service's user may read")
}

/// What messages are taken in with, and what was read so far.
struct Intake<'a> {
    clinic: &'a Deps,
    ctx: &'a Context,
    seen: Summary,
}

impl Intake<'_> {
    fn stdin(&mut self) -> Result<FilingDecision, Failure> {
        let raw = whole(std::io::stdin().lock()).map_err(|why| unreadable("stdin", &why))?;
        self.take("stdin", &raw)
    }

    /// One that cannot be taken in stops no other; the first failure is told at the end.
    fn files(&mut self, files: &[PathBuf]) -> Result<(), Failure> {
        let failed: Vec<Failure> = files.iter().filter_map(|path| self.message(path).err()).collect();
        failed.into_iter().next().map_or(Ok(()), Err)
    }

    /// Moves each message once it is recorded: one that a crash leaves behind is read again and changes nothing. One that cannot be taken
    /// in stays in new/ and stops no other.
    fn maildir(&mut self, dir: &Path) -> Result<(), Failure> {
        let (new, cur) = (dir.join("new"), dir.join("cur"));
        let list = fs::read_dir(&new).and_then(|list| fs::metadata(&cur).map(|_| list));
        let list = list.and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let mut list = list.map_err(|why| {
            unreadable(&dir.display().to_string(), &why)
                .hint("name a Maildir: a directory with new/ and cur/")
        })?;
        list.retain(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        list.sort_by_key(fs::DirEntry::file_name);
        let mut failed = None;
        for entry in list {
            let moved = self.message(&entry.path()).and_then(|turn| match turn {
                FilingDecision::Early => Ok(()),
                turn => Ok(fs::rename(entry.path(), cur.join(flagged(entry.file_name(), turn)))?),
            });
            failed = failed.or(moved.err());
        }
        failed.map_or(Ok(()), Err)
    }

    fn message(&mut self, path: &Path) -> Result<FilingDecision, Failure> {
        if path == Path::new("-") {
            return self.stdin();
        }
        let name = path.display().to_string();
        let raw = named_file::open(path).and_then(whole).map_err(|why| unreadable(&name, &why))?;
        self.take(&name, &raw)
    }

    /// Takes in all that one message holds.
    fn take(&mut self, name: &str, raw: &[u8]) -> Result<FilingDecision, Failure> {
        let (clinic, stamp) = (self.clinic, self.ctx.stamp());
        let mut turn = FilingDecision::Done;
        let tell = |one| match self.note(name, one) {
            FilingDecision::Done => {}
            other => turn = other,
        };
        let read = AssertUnwindSafe(|| inbound::all(clinic, &stamp, raw, tell));
        let read = catch_unwind(read).unwrap_or_else(|_| self.broken(name));
        match read.map_err(|fault| ours(fault.into()))? {
            InboundEnd::Early => Ok(FilingDecision::Early),
            InboundEnd::All => Ok(turn),
        }
    }

    /// A message that breaks its reader stays where it is and stops no other; it may be a patient's, so a person is asked to read it.
    fn broken(&mut self, name: &str) -> Result<InboundEnd, StepError> {
        let file = Path::new(name).file_name().unwrap_or_default().to_string_lossy();
        mailbox::left_broken(self.clinic, self.ctx.stamp(), &file)?;
        self.seen.broken += 1;
        self.ctx.say(&format!("{name}: breaks the program that reads it; a task asks a person to"));
        Ok(InboundEnd::Early)
    }

    /// Notes what became of one, and what is to be done with it.
    fn note(&mut self, name: &str, InboundResult { status, outcome }: InboundResult) -> FilingDecision {
        let line = |id: DeliveryId, state: &'static str, changed| ReturnedLetter {
            delivery: id.0,
            state,
            status,
            changed,
        };
        match outcome {
            InboundOutcome::Letter(BounceOutcome::Taken(id, state)) => {
                self.seen.letters.push(line(id, state.word(), true));
            }
            InboundOutcome::Letter(BounceOutcome::Known(id, state)) => {
                self.seen.letters.push(line(id, state.word(), false));
            }
            InboundOutcome::Letter(BounceOutcome::Early(id)) => {
                self.seen.early += 1;
                self.ctx.say(&format!("{name}: letter {} is still being sent; not taken in yet", id.0));
                return FilingDecision::Early;
            }
            InboundOutcome::Kept(id, kind) => {
                self.seen.messages.push(KeptMessage { message: id.0, kind: kind.word() });
                if kind.asks_a_person() {
                    return FilingDecision::ForStaff;
                }
            }
            InboundOutcome::Known => return FilingDecision::ForStaff,
            InboundOutcome::Noted => {
                self.seen.ignored += 1;
                self.ctx.say(&format!("{name}: asks for nothing and is about nobody on record; noted"));
            }
        }
        FilingDecision::Done
    }
}
