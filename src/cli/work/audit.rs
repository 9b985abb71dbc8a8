//! `aftercare audit`: the chain of events (P12).

mod list;

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::store::audit::{AuditEvent, Chain, verify_from};
use crate::store::database::OpenMode;
use crate::store::db::columns::instant;
use crate::store::error::StoreError;

/// The audit: look for events, verify its chain, export it
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  aftercare audit list --patient R-1042\n  aftercare audit verify")]
pub struct AuditArgs {
    /// The command after `audit`; clap refuses a line without one.
    #[command(subcommand)]
    pub verb: AuditCommand,
}

/// What can be done with the audit; neither changes it.
#[derive(Debug, clap::Subcommand)]
pub enum AuditCommand {
    /// List events, newest first: by whom, what, about what, from day to day
    #[command(
        after_help = "Examples:\n  aftercare audit list --patient R-1042\n  aftercare audit list --by nora --what alerts --from 2027-01-01"
    )]
    List(list::ListEvents),
    /// Recompute the chain and name the first event that does not fit
    #[command(after_help = "Examples:\n  aftercare audit verify\n  aftercare audit verify audit.jsonl")]
    Verify(Verify),
    /// Write every event, one JSON object a line
    #[command(after_help = "Example:\n  aftercare audit export --out audit.jsonl")]
    Export(Export),
}

/// Recompute the chain and name the first event that does not fit
///
/// The chain alone cannot show that its last events were cut off. What is recorded elsewhere in the database shows most
/// such cuts; the hash an earlier run printed, given back with --head, shows every one.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// An exported file instead of the database; needs no configuration.
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The last hash as an earlier `verify` printed it: fails when it is no longer in the chain.
    #[arg(long, value_name = "HASH", value_parser = head)]
    pub head: Option<KnownHead>,
}

/// A hash that was the chain's last one.
#[derive(Debug, Clone)]
pub struct KnownHead(Vec<u8>);

fn head(text: &str) -> Result<KnownHead, String> {
    let read = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
    let hash = read.filter(|hash| hash.len() == 32).map(KnownHead);
    hash.ok_or_else(|| "a hash is 64 digits 0-9 and a-f, as `aftercare audit verify` prints it".to_owned())
}

/// Write every event, one JSON object a line
#[derive(Debug, clap::Args)]
pub struct Export {
    /// Write into this file instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// An event as a line of the export.
#[derive(Serialize, Deserialize)]
struct EventLine {
    id: i64,
    at: i64,
    actor: String,
    action: String,
    subject: String,
    /// As it was hashed: JSON inside a string.
    detail: String,
    hash: String,
}

/// Verifies the chain and shows its head, or writes every event out.
///
/// # Errors
/// 1 when the chain is broken; 65 when a file is no export.
pub fn run(args: &AuditArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        AuditCommand::List(args) => list::run(args, ctx),
        AuditCommand::Verify(args) => {
            let begun =
                args.head.clone().map_or_else(Chain::default, |KnownHead(hash)| Chain::with_head(hash));
            let chain = match &args.file {
                Some(file) => of_file(file, begun)?,
                None => {
                    let store = ctx.store(OpenMode::AsItIs)?;
                    store.read(|view| verify_from(view, begun)).map_err(|fault| broken(&fault))?
                }
            };
            show(&chain, ctx)
        }
        AuditCommand::Export(args) => export(args, ctx),
    }
}

fn show(chain: &Chain, ctx: &Context) -> Result<(), Failure> {
    let hash = data_encoding::HEXLOWER.encode(&chain.hash);
    let since = chain.since.map(|at| instant(at).to_string());
    let document = serde_json::json!({ "ok": true, "events": chain.last, "hash": hash, "since": since });
    ctx.show(&document, |out| {
        let since = since.map(|at| format!(" since {at}")).unwrap_or_default();
        writeln!(out, "{} events, unbroken{since}; the last hash is {hash}", chain.last)?;
        writeln!(
            out,
            "keep it elsewhere: `aftercare audit verify --head HASH` shows when the end was cut off"
        )
    })
}

fn broken(fault: &StoreError) -> Failure {
    Failure::failed(fault.to_string()).hint("keep this file as it is, and compare it with the last backup")
}

fn of_file(path: &Path, mut chain: Chain) -> Result<Chain, Failure> {
    let file = File::open(path).map_err(|error| {
        Failure::bad_input(format!("`{}` cannot be read: {error}", path.display()))
            .hint("give a file written by `aftercare audit export`")
    })?;
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let read = line.map_err(|e| e.to_string()).and_then(|line| event(&line));
        let event = read.map_err(|reason| {
            Failure::bad_input(format!("`{}`:{}: no audit event: {reason}", path.display(), number + 1))
                .hint("give a file written by `aftercare audit export`")
        })?;
        chain.add(event).map_err(|fault| broken(&fault))?;
    }
    chain.ended().map_err(|fault| broken(&fault))
}

fn event(line: &str) -> Result<AuditEvent, String> {
    let EventLine { id, at, actor, action, subject, detail, hash } =
        serde_json::from_str(line).map_err(|e| e.to_string())?;
    let hash = data_encoding::HEXLOWER.decode(hash.as_bytes()).map_err(|e| e.to_string())?;
    Ok(AuditEvent { id, at, actor, action, subject, detail, hash })
}

fn export(args: &Export, ctx: &Context) -> Result<(), Failure> {
    crate::cli::records::export::one_document(ctx, args.out.as_deref(), "a document a line")?;
    let count = crate::cli::records::export::into(args.out.as_deref(), ctx, |out| {
        let (store, mut count) = (ctx.store(OpenMode::AsItIs)?, 0_u64);
        store.read(|view| {
            view.each_event(|event| -> Result<(), Failure> {
                count += 1;
                write(out, event)
            })
        })?;
        Ok(count)
    })?;
    crate::cli::records::export::wrote(ctx, count, "events", args.out.as_deref())
}

fn write(out: &mut BufWriter<Box<dyn Write>>, event: AuditEvent) -> Result<(), Failure> {
    let AuditEvent { id, at, actor, action, subject, detail, hash } = event;
    let hash = data_encoding::HEXLOWER.encode(&hash);
    serde_json::to_writer(&mut *out, &EventLine { id, at, actor, action, subject, detail, hash })
        .map_err(std::io::Error::from)?;
    Ok(out.write_all(b"\n")?)
}
