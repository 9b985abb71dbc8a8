//! `aftercare replay`: a sent letter, byte for byte.

use std::io::Write as _;
use std::path::PathBuf;

use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::cli::records::export;
use crate::daemon::assembly::wording;
use crate::journey::errors::replay::ReplayFault;
use crate::journey::outbox::replay;
use crate::mail::mime;
use crate::store::database::OpenMode;
use crate::store::mail::delivery::DeliveryId;

/// Show a letter again, byte for byte as it was sent, or say why not
///
/// A `DKIM-Signature`, which is made as a letter leaves (`[mail.dkim]`), is not among the bytes.
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

/// Writes the letter again, but only if its bytes have the digest kept when it left.
///
/// # Errors
/// 1 when it cannot be given back byte for byte; nothing is written then. 65 when the file is there already.
pub fn run(args: &ReplayArgs, ctx: &Context) -> Result<(), Failure> {
    let bytes = match &args.out {
        Some(path) => export::into(Some(path), ctx, |file| {
            let bytes = again(args, ctx)?;
            file.write_all(&bytes)?;
            Ok(bytes)
        })?,
        None => again(args, ctx)?,
    };
    if ctx.config()?.mail.dkim.is_some() {
        ctx.say("remark: the `DKIM-Signature` that goes before it is made as it leaves and is not among these bytes");
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
fn again(args: &ReplayArgs, ctx: &Context) -> Result<Vec<u8>, Failure> {
    // It only looks: what was sent can be asked for on a disk that takes no change, too.
    let clinic = ctx.deps(OpenMode::AsItIs)?;
    let letter = &clinic.store.read(|view| view.delivery(DeliveryId(args.delivery)))?;
    let written = replay::written(letter, &clinic).map_err(refused)?;
    replay::prove(letter, &written, &clinic, mime::digest_of).map_err(refused)?;
    Ok(mime::format(&written))
}

fn refused(fault: ReplayFault) -> Failure {
    match fault {
        ReplayFault::Store(fault) => fault.into(),
        ReplayFault::Templates(found) => Failure {
            faults: wording::letter_faults(found),
            ..Failure::failed("this version cannot read the words kept with it")
        },
        fault => Failure::failed(fault.to_string()).hint(fault.hint()),
    }
}
