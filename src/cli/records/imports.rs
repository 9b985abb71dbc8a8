//! `aftercare imports`: what was taken in, who of it could go, and undoing it.

use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::table;
use crate::journey::commands::roster;
use crate::store::database::OpenMode;
use crate::store::error::StoreError;
use crate::store::roster::import_undo::ImportMember;
use crate::store::roster::imports::{ImportId, ImportRecord};

/// Imports: list, show who of one could go, undo
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare imports list")]
pub struct ImportsArgs {
    /// What is done about imports.
    #[command(subcommand)]
    pub verb: ImportsCommand,
}

/// What can be done about imports; only `undo` changes anything.
#[derive(Debug, clap::Subcommand)]
pub enum ImportsCommand {
    /// List imports, the newest first
    #[command(after_help = "Example:\n  aftercare imports list")]
    List,
    /// Show one import, and who stays if it is undone
    #[command(after_help = "Example:\n  aftercare imports show 3")]
    Show(ImportShowArgs),
    /// Remove whoever an import brought and has had nothing sent; without --yes only say who
    #[command(after_help = "Example:\n  aftercare imports undo 3 --yes")]
    Undo(ImportUndoArgs),
}

/// Show one import, and who stays if it is undone
#[derive(Debug, clap::Args)]
pub struct ImportShowArgs {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
}

/// Remove whoever an import brought and has had nothing sent; without --yes only say who
///
/// Whoever was written to, has answered, was changed or looked at since stays, and is named with the reason. What the import changed of
/// patients on record before stays as it is.
#[derive(Debug, clap::Args)]
pub struct ImportUndoArgs {
    /// Its number in the list.
    #[arg(value_name = "ID")]
    pub id: i64,
    /// Remove them, and do not only say who goes.
    #[arg(long)]
    pub yes: bool,
}

/// Runs one of `aftercare imports …`.
///
/// # Errors
/// 65 when there is no such import, it was undone already, or nobody of it can go.
pub fn run(args: &ImportsArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        ImportsCommand::List => list(ctx),
        ImportsCommand::Show(args) => show(ImportId(args.id), ctx),
        ImportsCommand::Undo(args) if args.yes => undo(ImportId(args.id), ctx),
        ImportsCommand::Undo(args) => show(ImportId(args.id), ctx),
    }
}

fn list(ctx: &Context) -> Result<(), Failure> {
    let found = ctx.store(OpenMode::AsItIs)?.read(|view| view.imports(None, u32::MAX))?.rows;
    let documents: Vec<Value> = found.iter().map(document).collect();
    ctx.show(&documents, |out| {
        let row = |one: &ImportRecord| {
            let undone =
                one.undone.as_ref().map(|undone| format!("by {}: {} removed", undone.by, undone.removed));
            [
                one.id.0.to_string(),
                one.at.strftime("%F %H:%MZ").to_string(),
                one.by.clone(),
                one.added.to_string(),
                one.changed.to_string(),
                undone.unwrap_or_default(),
            ]
        };
        let header = ["no.", "when", "by", "added", "changed", "undone"];
        table::write(out, header, found.iter().map(row), "Nothing was imported yet.")
    })
}

fn document(one: &ImportRecord) -> Value {
    let undone = one
        .undone
        .as_ref()
        .map(|undone| json!({ "at": undone.at.to_string(), "by": undone.by, "removed": undone.removed }));
    json!({
        "id": one.id.0, "at": one.at.to_string(), "by": one.by, "added": one.added, "changed": one.changed,
        "undone": undone,
    })
}

fn show(id: ImportId, ctx: &Context) -> Result<(), Failure> {
    let (import, members) = ctx
        .store(OpenMode::AsItIs)?
        .read(|view| Ok::<_, StoreError>((view.import(id)?, view.import_members(id)?)))?;
    let stays: Vec<&ImportMember> = members.iter().filter(|one| one.stays.is_some()).collect();
    let goes = members.len() - stays.len();
    let why = |one: &ImportMember| one.stays.map(|reason| reason.says()).unwrap_or_default();
    let mut whole = document(&import);
    whole["goes"] = goes.into();
    whole["stays"] = stays
        .iter()
        .map(|one| json!({ "reference": one.reference, "reason": one.stays.map(|reason| reason.word()) }))
        .collect();
    ctx.show(&whole, |out| {
        writeln!(out, "import {}: {} added, {} changed", import.id.0, import.added, import.changed)?;
        if let Some(undone) = &import.undone {
            return writeln!(out, "undone by {}: {} removed", undone.by, undone.removed);
        }
        stays.iter().try_for_each(|one| writeln!(out, "{} stays: {}", one.reference, why(one)))?;
        writeln!(out, "{goes} would be removed; do it with `aftercare imports undo {} --yes`", import.id.0)
    })
}

fn undo(id: ImportId, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::Existing)?;
    let done = roster::undo(&store, ctx.stamp(), id)?;
    ctx.changed()?;
    let document = json!({ "id": id.0, "removed": done.removed, "stayed": done.stayed });
    ctx.show(&document, |out| {
        writeln!(out, "import {} is undone: {} removed, {} stay", id.0, done.removed, done.stayed)
    })
}
