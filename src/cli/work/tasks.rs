//! `aftercare tasks`: what a person must do, and what somebody wrote that must be read.

use crate::care::task_state::TaskState;
use crate::cli::records::patient::args;
use serde_json::{Value, json};

use super::inbound_message;
use crate::care::patient::Reference;
use crate::care::task::TaskKind;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::sign_in::sign_in;
use crate::cli::table;
use crate::journey::commands::tasks;
use crate::store::database::OpenMode;
use crate::store::error::StoreError;
use crate::store::work::tasks::Task;

/// Tasks: list, show, done
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare tasks list")]
pub struct TasksArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: TasksCommand,
}

/// What to do.
#[derive(Debug, clap::Subcommand)]
pub enum TasksCommand {
    /// List open tasks, most pressing first
    #[command(after_help = "Example:\n  aftercare tasks list --patient R-1042")]
    List(TaskListArgs),
    /// Show one task, and what was written where somebody wrote
    #[command(after_help = "Example:\n  aftercare tasks show 7")]
    Show(TaskShowArgs),
    /// Record that a task is done
    #[command(after_help = "Example:\n  aftercare tasks done 7 --note 'called, new address noted'")]
    Done(TaskDoneArgs),
}

/// List open tasks, most pressing first
#[derive(Debug, clap::Args)]
pub struct TaskListArgs {
    /// Closed ones too.
    #[arg(long)]
    pub all: bool,
    /// Only this patient's.
    #[arg(long, value_name = "REF", value_parser = args::reference)]
    pub patient: Option<Reference>,
}

/// Show one task, and what was written where somebody wrote
#[derive(Debug, clap::Args)]
pub struct TaskShowArgs {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
}

/// Record that a task is done
#[derive(Debug, clap::Args)]
pub struct TaskDoneArgs {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
    /// What was done.
    #[arg(long, value_name = "TEXT")]
    pub note: String,
    /// Your sign-in name; asks for your password and code. Needed to end what only some may end: an answer to read, held
    /// letters, a death in question.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
}

/// Runs it.
///
/// # Errors
/// 65 when there is no such patient or open task.
pub fn run(args: &TasksArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        TasksCommand::List(args) => list(args, ctx),
        TasksCommand::Show(args) => show(args, ctx),
        TasksCommand::Done(args) => done(args, ctx),
    }
}

fn list(args: &TaskListArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::AsItIs)?;
    let mut tasks = store.read(|view| match &args.patient {
        Some(reference) => view.tasks_of(view.patient_by_reference(reference)?.id),
        None if args.all => view.tasks_all(),
        None => view.tasks_open(),
    })?;
    tasks.retain(|task| args.all || task.state == TaskState::Open);
    let document: Vec<Value> = tasks.iter().map(line).collect();
    ctx.show(&document, |out| {
        let header = ["no.", "patient", "due", "what to do", "why"];
        table::write(out, header, tasks.iter().map(row), "Nothing waits for a person.")
    })
}

fn show(args: &TaskShowArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::Existing)?;
    let (task, messages) = store.read(|view| {
        let task = view.task(args.id)?;
        let messages = view.inbound_behind(&task.cause, task.opened_at)?;
        Ok::<_, StoreError>((task, messages))
    })?;
    let mut document = line(&task);
    document["messages"] = messages.iter().map(inbound_message::document).collect();
    ctx.show(&document, |out| {
        let [id, patient, due, ask, why] = row(&task);
        writeln!(out, "task {id}: {ask}\npatient: {patient}\ndue:     {due}\nwhy:     {why}")?;
        messages.iter().try_for_each(|one| inbound_message::write(out, one))
    })
}

fn row(task: &Task) -> [String; 5] {
    let done = task.closed.as_ref().map(|(by, note)| format!(" (done by {by}: {note})")).unwrap_or_default();
    let read = if task.kind == TaskKind::SheWrote {
        format!(" (`aftercare tasks show {}`)", task.id)
    } else {
        String::new()
    };
    [
        task.id.to_string(),
        task.patient.as_ref().map(|(_, code)| code.clone()).unwrap_or_default(),
        task.due_at.strftime("%F %H:%MZ").to_string(),
        task.kind.ask().to_owned(),
        format!("{}{read}{done}", task.reason),
    ]
}

fn line(task: &Task) -> Value {
    let (by, note) = task.closed.clone().unzip();
    json!({
        "id": task.id, "kind": task.kind.word(), "reference": task.patient.as_ref().map(|(_, code)| code),
        "ask": task.kind.ask(), "reason": task.reason, "opened_at": task.opened_at.to_string(),
        "due_at": task.due_at.to_string(), "state": task.state.word(), "closed_by": by, "note": note,
    })
}

fn done(args: &TaskDoneArgs, ctx: &Context) -> Result<(), Failure> {
    if args.note.trim().is_empty() {
        return Err(Failure::bad_input("the note is empty").hint("say in a few words what was done"));
    }
    let stands = match &args.name {
        Some(name) => {
            let clinic = ctx.deps(OpenMode::Existing)?;
            let stamp = sign_in(ctx, &clinic, name)?;
            tasks::close_blocking(&clinic.store, stamp, args.id, args.note.clone())?
        }
        None => {
            let store = ctx.store(OpenMode::Existing)?;
            tasks::close_blocking(&store, ctx.stamp(), args.id, args.note.clone())?
        }
    };
    ctx.changed()?;
    ctx.show(&json!({ "id": args.id, "done": true, "comes_back_while": stands }), |out| match stands {
        None => writeln!(out, "task {} is done", args.id),
        Some(so) => writeln!(out, "task {} is done, but it comes back while {so}", args.id),
    })
}
