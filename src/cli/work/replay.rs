//! `aftercare replay`: a sent letter, byte for byte.

use crate::cli::records::export;
use crate::daemon::assembly::wording;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

use crate::care::address::EmailAddress;
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::journey::deps::{Deps, Write};
use crate::journey::outbox::compose::outgoing_with;
use crate::letter::compose::Composer;
use crate::letter::wording::Wording;
use crate::mail::mime;
use crate::store::database::{OpenMode, Store};
use crate::store::mail::delivery::{Delivery, DeliveryId};
use crate::store::plan::protocols::WordingId;

/// Show a letter again, byte for byte as it was sent, or say why not
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare replay 1742 --out letter.eml")]
pub struct ReplayArgs {
    /// The letter's number in the ledger.
    #[arg(value_name = "DELIVERY")]
    pub delivery: i64,
    /// Write it into this new file instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
/// 1 when it cannot be given back byte for byte; nothing is written then. 65 when the file is there already.
pub fn run(args: &ReplayArgs, ctx: &Context) -> Result<(), Failure> {
    let store = ctx.store(OpenMode::AsItIs)?;
    let letter = store.read(|view| view.delivery(DeliveryId(args.delivery)))?;
    let bytes = again(&letter, &store, ctx)?;
    if let Some(path) = &args.out {
        let mut file = export::sink(Some(path))?;
        file.write_all(&bytes)?;
        file.flush()?;
    }
    let digest = data_encoding::HEXLOWER.encode(&mime::digest(&bytes));
    let text = String::from_utf8_lossy(&bytes);
    let shown = args.out.is_none().then_some(&text);
    let document = serde_json::json!({ "delivery": args.delivery, "sha256": digest, "bytes": bytes.len(), "message": shown });
    ctx.show(&document, |out| match &args.out {
        Some(path) => writeln!(out, "wrote {} bytes into {}, exactly as sent", bytes.len(), path.display()),
        None => out.write_all(&bytes),
    })
}

/// The letter as bytes, proved against the digest that was kept when it left.
fn again(letter: &Delivery, store: &Store, ctx: &Context) -> Result<Vec<u8>, Failure> {
    let (Some(wording), Some(_)) = (letter.wording, &letter.inputs) else {
        return Err(Failure::failed(format!(
            "letter `{}` was never written: it is {}",
            letter.id.0,
            why(letter)
        ))
        .hint("only letters that were taken in hand can be given back"));
    };
    let (clinic, write) = as_written(&words(store, wording)?, ctx)?;
    let id = letter.message_id.as_deref().unwrap_or_default();
    if id.split('@').next() != Some(&clinic.key.message_id(letter.id)) {
        return Err(another_key(letter, store)?);
    }
    let outgoing = outgoing_with(letter, &clinic, &*write).map_err(|reason| {
        Failure::failed(format!("letter `{}` cannot be written again: {reason}", letter.id.0))
    })?;
    let bytes = mime::format(&outgoing);
    match letter.digest.as_deref() {
        None => Err(Failure::failed(format!("no digest was kept: the letter is {}, it may never have left", why(letter)))
            .hint("see `aftercare ledger`")),
        Some(kept) if kept == mime::digest(&bytes) => Ok(bytes),
        Some(_) => Err(Failure::failed("written again it differs from what was sent")
            .hint("the program's version has changed since: use the one that sent it; for a letter sent by 0.1 set the name of `mail.from` and `mail.reply_to` back to what they were")),
    }
}

/// The clinic as far as a letter shows it, in the words of its day: its pages' address and its own stand among them.
fn as_written(wording: &Wording, ctx: &Context) -> Result<(Deps, Box<Write>), Failure> {
    let composer = Composer::new(wording).map_err(|found| {
        let faults = wording::letter_faults(found);
        Failure { faults, ..Failure::failed("this version cannot read the words kept with it") }
    })?;
    let mut clinic = ctx.deps(OpenMode::Existing)?;
    let mut policy = (*clinic.policy).clone();
    policy.public_url.clone_from(&wording.clinic.public_url);
    let address = |kept: &Option<String>| kept.as_deref().and_then(|kept| EmailAddress::parse(kept).ok());
    if let Some(from) = address(&wording.clinic.organizer) {
        policy.from.1 = from;
    }
    if let Some(name) = &wording.clinic.sender {
        policy.from.0.clone_from(name);
        policy.reply_to = address(&wording.clinic.reply_to);
    }
    clinic.policy = Arc::new(policy);
    Ok((clinic, wording::writer(composer)))
}

/// Its links and its Message-ID cannot be made again.
fn another_key(letter: &Delivery, store: &Store) -> Result<Failure, Failure> {
    let keys = store.read(|view| view.known_keys())?;
    let replaced = keys.iter().skip(1).last().map(|key| key.since);
    let why = replaced.map_or_else(
        || "another key than the one in use".to_owned(),
        |at| format!("a key that was replaced at {at}"),
    );
    Ok(Failure::failed(format!("letter `{}` was written with {why}: its links cannot be made again", letter.id.0))
        .hint("its words and what it was about stand in a backup from before; `aftercare audit export` says who replaced the key"))
}

fn why(letter: &Delivery) -> String {
    let reason = letter.reason.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
    format!("{}{reason}", letter.state.word())
}

fn words(store: &Store, wording: WordingId) -> Result<Wording, Failure> {
    let content = store.read(|view| view.wording(wording))?;
    Wording::from_canonical(&content).map_err(|error| {
        Failure::failed(format!("the words kept with it cannot be read: {error}"))
            .hint("use the aftercare version that wrote it")
    })
}
