//! `aftercare dkim`: the key that signs letters, as DNS must publish it.

use serde_json::json;

use crate::cli::context::Context;
use crate::cli::exit::{Exit, Failure};
use crate::daemon::assembly::dkim::signer;
use crate::mail::dkim::record::DkimRecord;

/// See in whose name letters are signed (DKIM), and what DNS must publish for it
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare dkim show")]
pub struct DkimArgs {
    /// The command after `dkim`; clap refuses a line without one.
    #[command(subcommand)]
    pub verb: DkimCommand,
}

/// What to do with the key that signs letters.
#[derive(Debug, Clone, Copy, clap::Subcommand)]
pub enum DkimCommand {
    /// Print the TXT record that publishes the key of `[mail.dkim]`
    ///
    /// As a zone file has it, in strings of at most 255 characters; where a form asks for one text, put them together without
    /// anything between. Looks nothing up and changes nothing.
    #[command(after_help = "Example:\n  aftercare dkim show --json")]
    Show,
}

/// Shows the record of the key that the configuration names.
///
/// # Errors
/// 78 where no `[mail.dkim]` stands, and when its key cannot be used.
pub fn run(args: &DkimArgs, ctx: &Context) -> Result<(), Failure> {
    let DkimCommand::Show = args.verb;
    let mail = &ctx.config()?.mail;
    let unusable =
        |fault: &str, hint: &str| Failure::new(Exit::BadConfiguration, fault.to_owned()).hint(hint);
    let signer = signer(mail).map_err(|fault| unusable(&fault.to_string(), fault.hint()))?;
    let (Some(signer), Some(dkim)) = (signer, &mail.dkim) else {
        let hint = "add `[mail.dkim]` to the configuration, unless the relay signs";
        return Err(unusable("there is no `[mail.dkim]`: aftercare signs no letter", hint));
    };
    let (record, is_aligned) = (DkimRecord::of(&signer), dkim.is_aligned(&mail.from.address));
    let algorithm = signer.key.algorithm.word();
    let document = json!({ "domain": signer.domain, "selector": signer.selector, "algorithm": algorithm,
        "name": record.name, "type": "TXT", "value": record.value, "strings": record.strings(), "aligned": is_aligned });
    ctx.show(&document, |out| {
        writeln!(out, "{}. IN TXT (", record.name)?;
        record.strings().iter().try_for_each(|string| writeln!(out, "  \"{string}\""))?;
        writeln!(out, ")")
    })?;
    if !is_aligned {
        ctx.say("remark: DMARC may count no signature of this domain for `mail.from`; see `aftercare check`");
    }
    Ok(())
}
