//! `aftercare bounce`: takes in what mail servers send back.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::context::Context;
use super::exit::{Exit, Failure};
use crate::journey::Clinic;
use crate::journey::bounce::{News, Notice, Outcome, take_back};
use crate::mail::bounce::{self, Bounce, Fate};
use crate::store::Open;
use crate::store::outbox::DeliveryId;

/// The report stands before the returned letter, so what lies beyond is not needed.
const MOST: u64 = 4 * 1024 * 1024;

/// Take in letters that came back, so that a person learns of it
///
/// Reads delivery reports (RFC 3464), and takes note of others, from files, a Maildir or stdin. The letter is found by the tag of its return path or
/// by its Message-ID; it becomes failed, a dead address stops further letters, and a task is open the same day. Running it
/// again changes nothing. Anything else, such as a vacation notice, is left alone and is no failure: a mail system must
/// not return what was returned.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  aftercare bounce < returned.eml\n  aftercare bounce --maildir /var/lib/aftercare/Maildir"
)]
pub struct Args {
    /// Messages, one a file; stdin when none is given.
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Read new/ of this Maildir and move what was read to cur/.
    #[arg(long, value_name = "DIR", conflicts_with = "files")]
    pub maildir: Option<PathBuf>,
}

/// One letter that came back.
#[derive(Debug, Serialize)]
struct Line {
    delivery: i64,
    state: &'static str,
    status: Option<String>,
    changed: bool,
}

/// What was read.
#[derive(Debug, Default, Serialize)]
struct Summary {
    letters: Vec<Line>,
    ignored: u64,
    early: u64,
}

/// Runs it.
///
/// # Errors
/// 65 when a message cannot be read, otherwise 75: its letter is being sent this moment, or whatever keeps us from taking
/// it in is mended by a person. A mail system keeps the message then; any other code makes it throw the notice away.
pub fn run(args: &Args, ctx: &Context) -> Result<(), Failure> {
    take_in(args, ctx).map_err(|failure| match failure.exit {
        Exit::Ok | Exit::BadInput => failure,
        _ => ours(failure),
    })
}

/// What is not the message's fault: it is kept and given again.
fn ours(failure: Failure) -> Failure {
    Failure { exit: Exit::TryLater, ..failure }
}

fn take_in(args: &Args, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.desk(Open::Existing)?;
    let mut seen = Summary::default();
    let read = match &args.maildir {
        Some(dir) => maildir(dir, &mut seen, (&clinic, ctx)),
        None if args.files.is_empty() => stdin(&mut seen, (&clinic, ctx)),
        None => files(&args.files, &mut seen, (&clinic, ctx)),
    };
    if seen.letters.iter().any(|line| line.changed) {
        ctx.changed()?;
    }
    read.map_err(|failure| failure.with_report(&seen))?;
    if seen.early > 0 {
        let error = format!("{} came back while the letter is still being sent", seen.early);
        return Err(Failure::new(Exit::TryLater, error).hint("give it again in a minute").with_report(&seen));
    }
    ctx.show(&seen, |out| {
        seen.letters.iter().try_for_each(|l| {
            let again = if l.changed { "" } else { ", known before" };
            let status = l.status.as_deref().unwrap_or("none");
            writeln!(out, "letter {}: {}, status {status}{again}", l.delivery, l.state)
        })
    })
}

fn stdin(seen: &mut Summary, desk: (&Clinic, &Context)) -> Result<(), Failure> {
    let raw = whole(std::io::stdin().lock()).map_err(|why| unreadable("stdin", &why))?;
    take(("stdin", &raw), seen, desk).map(drop)
}

fn files(files: &[PathBuf], seen: &mut Summary, desk: (&Clinic, &Context)) -> Result<(), Failure> {
    for path in files {
        message(path, seen, desk)?;
    }
    Ok(())
}

/// Moves each message once it is recorded: one that a crash leaves behind is read again and changes nothing.
fn maildir(dir: &Path, seen: &mut Summary, desk: (&Clinic, &Context)) -> Result<(), Failure> {
    let (new, cur) = (dir.join("new"), dir.join("cur"));
    let list = fs::read_dir(&new).and_then(|list| fs::metadata(&cur).map(|_| list));
    let list = list.and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut list = list.map_err(|why| {
        unreadable(&dir.display().to_string(), &why).hint("name a Maildir: a directory with new/ and cur/")
    })?;
    list.retain(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    list.sort_by_key(fs::DirEntry::file_name);
    for entry in list {
        if message(&entry.path(), seen, desk)? == Turn::Done {
            let mut name = entry.file_name();
            name.push(":2,S");
            fs::rename(entry.path(), cur.join(name))?;
        }
    }
    Ok(())
}

/// Whether a message may be put away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Done,
    Early,
}

fn message(path: &Path, seen: &mut Summary, desk: (&Clinic, &Context)) -> Result<Turn, Failure> {
    let name = path.display().to_string();
    let raw = File::open(path).and_then(whole).map_err(|why| unreadable(&name, &why))?;
    take((&name, &raw), seen, desk)
}

fn whole(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut raw = Vec::new();
    from.take(MOST).read_to_end(&mut raw)?;
    Ok(raw)
}

fn unreadable(name: &str, why: &std::io::Error) -> Failure {
    Failure::bad_input(format!("`{name}` cannot be read: {why}"))
        .hint("give files the service's user may read")
}

fn take(
    (name, raw): (&str, &[u8]),
    seen: &mut Summary,
    (clinic, ctx): (&Clinic, &Context),
) -> Result<Turn, Failure> {
    let Some(notice) = bounce::read(raw).and_then(notice) else {
        seen.ignored += 1;
        ctx.say(&format!("{name}: not a report of a letter that came back; left alone"));
        return Ok(Turn::Done);
    };
    if notice.news == News::Unread {
        ctx.say(&format!("{name}: written in no standard form; if it is about a letter of ours, a task asks a person to read it"));
    }
    let status = notice.status.clone();
    let line = |id: DeliveryId, state: &'static str, changed| {
        seen.letters.push(Line { delivery: id.0, state, status, changed });
    };
    match take_back(clinic, ctx.stamp(), notice).map_err(|fault| ours(fault.into()))? {
        Outcome::Taken(id, state) => line(id, state.word(), true),
        Outcome::Known(id, state) => line(id, state.word(), false),
        Outcome::Nobodys => {
            seen.ignored += 1;
            ctx.say(&format!("{name}: names no letter of ours; left alone"));
        }
        Outcome::Early(id) => {
            seen.early += 1;
            ctx.say(&format!("{name}: letter {} is still being sent; not taken in yet", id.0));
            return Ok(Turn::Early);
        }
    }
    Ok(Turn::Done)
}

/// `None` when nothing came back: the letter arrived.
fn notice(bounce: Bounce) -> Option<Notice> {
    let news = match bounce.fate {
        Fate::Failed if bounce.address_is_bad() => News::AddressBad,
        Fate::Failed => News::Failed,
        Fate::Delayed => News::Delayed,
        Fate::Unread => News::Unread,
        Fate::Delivered => return None,
    };
    let Bounce { tags, message_id, status, words, .. } = bounce;
    Some(Notice { tags, message_id, news, status, words })
}
