//! `aftercare tasks`: what a person must do, and what somebody wrote that must be read.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

use super::alike::stay_open;
use super::booking_list::{self, TaskSettleArgs};
use super::contact::{self, ContactLogArgs};
use super::inbound_message;
use crate::care::patient::Reference;
use crate::care::task::TaskKind;
use crate::care::task_state::TaskState;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::patient::args;
use crate::cli::sign_in::sign_in;
use crate::cli::table;
use crate::journey::commands::{contact_log, tasks};
use crate::journey::operations::assign_task::SnoozeRequest;
use crate::journey::owner_seen::OwnerSeen;
use crate::store::database::OpenMode;
use crate::store::error::StoreError;
use crate::store::work::contact_log::ContactSubject;
use crate::store::work::task_pages::{TaskDue, TaskFilter, TaskOwner, TaskScope};
use crate::store::work::tasks::Task;

/// Tasks: list, show, note calls, claim, snooze, settle a line of a list, done
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare tasks list")]
pub struct TasksArgs {
    /// The command after `tasks`; clap refuses a line without one.
    #[command(subcommand)]
    pub verb: TasksCommand,
}

/// What can be done with tasks; `list` and `show` ask for no sign-in, `done` only with `--as`.
#[derive(Debug, clap::Subcommand)]
pub enum TasksCommand {
    /// List open tasks, most pressing first
    #[command(after_help = "Example:\n  aftercare tasks list --patient R-1042")]
    List(TaskListArgs),
    /// Show one task, and what was written where somebody wrote
    #[command(after_help = "Example:\n  aftercare tasks show 7")]
    Show(TaskShowArgs),
    /// Write down what was tried for a task, or hand it over; asks for your password and code
    #[command(after_help = "Example:\n  aftercare tasks note 7 --as maria --kind handed-over --to jose")]
    Note(ContactLogArgs),
    /// Say that you work on a task; asks for your password and code
    #[command(after_help = "Example:\n  aftercare tasks claim 7 --as maria")]
    Claim(TaskClaimArgs),
    /// Put a task off until a day, 30 days at most; asks for your password and code
    #[command(
        after_help = "Example:\n  aftercare tasks snooze 7 --as maria --until 2027-03-04 --reason 'away until then'"
    )]
    Snooze(TaskSnoozeArgs),
    /// Take somebody off a list of dates to book, with the reason
    #[command(
        after_help = "Example:\n  aftercare tasks settle 7 --patient R-1042 --note 'was seen elsewhere in March'"
    )]
    Settle(TaskSettleArgs),
    /// Record that a task is done
    #[command(after_help = "Example:\n  aftercare tasks done 7 --note 'called, new address noted'")]
    Done(TaskDoneArgs),
}

/// List open tasks, most pressing first
#[derive(Debug, clap::Args)]
pub struct TaskListArgs {
    /// Closed ones too, and those put off.
    #[arg(long)]
    pub all: bool,
    /// Those put off too.
    #[arg(long)]
    pub snoozed: bool,
    /// Only this patient's tasks, oldest first.
    #[arg(long, value_name = "REF", value_parser = args::reference)]
    pub patient: Option<Reference>,
    /// A part of those that wait.
    #[command(flatten)]
    pub part: TaskPartArgs,
}

/// A part of the tasks that wait
#[derive(Debug, clap::Args)]
#[group(multiple = true, conflicts_with_all = ["all", "snoozed", "patient"])]
pub struct TaskPartArgs {
    /// Only tasks of this kind, e.g. not-booked.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub kind: Option<TaskKind>,
    /// Only those that this account works on; `nobody` for those that nobody works on yet.
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// Only those that were due before now.
    #[arg(long)]
    pub overdue: bool,
    /// At most so many; says on stderr how to go on.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: Option<u32>,
    /// Only those that come after this task in the list.
    #[arg(long, value_name = "ID")]
    pub after: Option<i64>,
}

impl TaskPartArgs {
    /// Which page of the open tasks is meant; `None` for all of them.
    fn filter(&self, now: Timestamp) -> Option<TaskFilter> {
        let owner = match self.owner.as_deref() {
            None => TaskOwner::Anyone,
            Some("nobody") => TaskOwner::Nobody,
            Some(name) => TaskOwner::Account(name.to_owned()),
        };
        let is_part = self.kind.is_some() || self.owner.is_some() || self.overdue;
        (is_part || self.limit.is_some() || self.after.is_some()).then(|| TaskFilter {
            kind: self.kind,
            scope: TaskScope::Waiting,
            owner,
            due: if self.overdue { TaskDue::Overdue } else { TaskDue::AnyTime },
            now,
            after: self.after,
            limit: self.limit.unwrap_or(u32::MAX),
        })
    }
}

fn kind(word: &str) -> Result<TaskKind, String> {
    let all = || TaskKind::ALL.map(TaskKind::word).join(", ");
    TaskKind::parse(word).ok_or_else(|| format!("a kind of task is one of: {}", all()))
}

/// Show one task, and what was written where somebody wrote
#[derive(Debug, clap::Args)]
pub struct TaskShowArgs {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
}

/// Say that you work on a task; asks for your password and code
#[derive(Debug, clap::Args)]
pub struct TaskClaimArgs {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
    /// Your sign-in name at the console.
    #[arg(long = "as", value_name = "NAME")]
    pub name: String,
}

/// Put a task off until a day, 30 days at most; asks for your password and code
#[derive(Debug, clap::Args)]
pub struct TaskSnoozeArgs {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
    /// Your sign-in name at the console.
    #[arg(long = "as", value_name = "NAME")]
    pub name: String,
    /// On the morning of that day it is back.
    #[arg(long, value_name = "DATE")]
    pub until: Date,
    /// Why, for staff only.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// Record that a task is done
#[derive(Debug, clap::Args)]
pub struct TaskDoneArgs {
    /// Its number in the list; several are closed with the same note, each by itself.
    #[arg(value_name = "ID", required = true)]
    pub ids: Vec<i64>,
    /// What was done, in a few words; it stays with the task.
    #[arg(long, value_name = "TEXT")]
    pub note: String,
    /// Your sign-in name; asks for your password and code. Needed to end what only some may end: an answer to read, held
    /// letters, a death in question.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
}

/// Carries out the command; one that changes a task wakes the daemon.
///
/// # Errors
/// 65 when there is no such patient or open task.
pub fn run(args: &TasksArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        TasksCommand::List(args) => list(args, ctx),
        TasksCommand::Show(args) => show(args, ctx),
        TasksCommand::Note(args) => contact::log(args, ctx, ContactSubject::Task(args.id)),
        TasksCommand::Claim(args) => claim(args, ctx),
        TasksCommand::Snooze(args) => snooze(args, ctx),
        TasksCommand::Settle(args) => booking_list::settle(args, ctx),
        TasksCommand::Done(args) => done(args, ctx),
    }
}

fn list(args: &TaskListArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::AsItIs)?;
    let now = ctx.stamp().at;
    let part = args.part.filter(now);
    let (mut tasks, next) = store.read(|view| {
        let all = match (&args.patient, &part) {
            (Some(reference), _) => view.tasks_of(view.patient_by_reference(reference)?.id)?,
            (None, _) if args.all => view.tasks_all()?,
            (None, None) => view.tasks_open()?,
            (None, Some(part)) => {
                let page = view.task_page(part)?;
                return Ok::<_, StoreError>((page.tasks, page.next));
            }
        };
        Ok((all, None))
    })?;
    let waits = |task: &Task| args.snoozed || task.snoozed_until.is_none_or(|until| until <= now);
    tasks.retain(|task| args.all || task.state == TaskState::Open && waits(task));
    let document: Vec<Value> = tasks.iter().map(line).collect();
    ctx.show(&document, |out| {
        let header = ["no.", "patient", "due", "what to do", "why"];
        table::write(out, header, tasks.iter().map(row), "Nothing waits for a person.")
    })?;
    if let Some(next) = next {
        ctx.say(&format!("there are more: `--after {next}`"));
    }
    Ok(())
}

fn show(args: &TaskShowArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::AsItIs)?;
    let today = booking_list::today(ctx)?;
    let (task, messages, log, bookings) = store.read(|view| {
        let task = view.task(args.id)?;
        let messages = view.inbound_behind(&task.cause, task.opened_at)?;
        let log = view.contacts(ContactSubject::Task(args.id))?;
        let bookings = booking_list::lines(view, &task)?;
        Ok::<_, StoreError>((task, messages, log, bookings))
    })?;
    let mut document = line(&task);
    document["messages"] = messages.iter().map(inbound_message::document).collect();
    document["bookings"] = bookings.iter().map(|line| booking_list::document(line, today)).collect();
    document["log"] = log.iter().map(contact::document).collect();
    ctx.show(&document, |out| {
        let [id, patient, due, ask, why] = row(&task);
        writeln!(out, "task {id}: {ask}\npatient: {patient}\ndue:     {due}\nwhy:     {why}")?;
        booking_list::write(out, &bookings, today)?;
        log.iter().try_for_each(|entry| contact::write(out, entry))?;
        messages.iter().try_for_each(|one| inbound_message::write(out, one))
    })
}

fn row(task: &Task) -> [String; 5] {
    let done = task.closed.as_ref().map(|(by, note)| format!(" (done by {by}: {note})")).unwrap_or_default();
    let read = if matches!(task.kind, TaskKind::SheWrote | TaskKind::DeathSuspected) {
        format!(" (`aftercare tasks show {}`)", task.id)
    } else {
        String::new()
    };
    [
        task.id.to_string(),
        task.patient.as_ref().map(|(_, code)| code.clone()).unwrap_or_default(),
        task.due_at.strftime("%F %H:%MZ").to_string(),
        task.kind.ask().to_owned(),
        format!("{}{read}{}{done}", task.reason, whose(task)),
    ]
}

/// Who works on it, and until when it was put off.
fn whose(task: &Task) -> String {
    let open = task.state == TaskState::Open;
    let owner = task.owner.as_ref().filter(|_| open).map(|owner| format!(" ({owner} works on it)"));
    let until = task.snoozed_until.filter(|_| open);
    let until = until.map(|until| format!(" (put off until {})", until.strftime("%F %H:%MZ")));
    format!("{}{}", owner.unwrap_or_default(), until.unwrap_or_default())
}

fn line(task: &Task) -> Value {
    let (by, note) = task.closed.clone().unzip();
    json!({
        "id": task.id, "kind": task.kind.word(), "reference": task.patient.as_ref().map(|(_, code)| code),
        "ask": task.kind.ask(), "reason": task.reason, "opened_at": task.opened_at.to_string(),
        "due_at": task.due_at.to_string(), "state": task.state.word(), "closed_by": by, "note": note,
        "owner": task.owner, "snoozed_until": task.snoozed_until.map(|until| until.to_string()),
    })
}

fn claim(args: &TaskClaimArgs, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::Existing)?;
    let stamp = sign_in(ctx, &clinic.store, &args.name)?;
    changed(ctx, &ctx.runtime()?.block_on(contact_log::claim(&clinic, stamp, args.id, OwnerSeen::Unasked))?)
}

fn snooze(args: &TaskSnoozeArgs, ctx: &Context) -> Result<(), Failure> {
    let clinic = ctx.deps(OpenMode::Existing)?;
    let stamp = sign_in(ctx, &clinic.store, &args.name)?;
    let ask = SnoozeRequest { until: args.until, reason: args.reason.clone() };
    changed(ctx, &ctx.runtime()?.block_on(contact_log::snooze(&clinic, stamp, args.id, ask))?)
}

fn changed(ctx: &Context, task: &Task) -> Result<(), Failure> {
    ctx.changed()?;
    ctx.show(&line(task), |out| writeln!(out, "task {}{}", task.id, whose(task)))
}

fn done(args: &TaskDoneArgs, ctx: &Context) -> Result<(), Failure> {
    if args.note.trim().is_empty() {
        return Err(Failure::bad_input("the note is empty").hint("say in a few words what was done"));
    }
    let (store, stamp) = match &args.name {
        Some(name) => {
            let clinic = ctx.deps(OpenMode::Existing)?;
            let stamp = sign_in(ctx, &clinic.store, name)?;
            (clinic.store, stamp)
        }
        None => (ctx.store(OpenMode::Existing)?, ctx.stamp()),
    };
    let mut ended = Vec::new();
    for id in &args.ids {
        let end = tasks::close_blocking(&store, stamp.clone(), *id, args.note.clone());
        match (end, args.ids.len()) {
            (Ok(stands), _) => ended.push(json!({ "id": id, "done": true, "comes_back_while": stands })),
            (Err(fault), 1) => return Err(fault.into()),
            (Err(fault), _) => ended.push(json!({ "id": id, "done": false, "why": fault.to_string() })),
        }
    }
    ctx.changed()?;
    let words = |out: &mut dyn std::io::Write| ended.iter().try_for_each(|one| told(out, one));
    match (ended.iter().filter(|one| one["done"] == false).count(), &ended[..]) {
        (0, [one]) => ctx.show(one, words),
        (0, all) => ctx.show(&all, words),
        (open, all) => ctx.show_failed(stay_open(open, all.len()), &json!({ "tasks": all }), words),
    }
}

fn told(out: &mut dyn std::io::Write, one: &Value) -> std::io::Result<()> {
    match (one["why"].as_str(), one["comes_back_while"].as_str()) {
        (Some(why), _) => writeln!(out, "task {} stays open: {why}", one["id"]),
        (None, Some(so)) => writeln!(out, "task {} is done, but it comes back while {so}", one["id"]),
        (None, None) => writeln!(out, "task {} is done", one["id"]),
    }
}
