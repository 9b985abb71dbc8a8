//! `aftercare check`: every fault at once, before it can hurt.

use serde_json::json;

use super::prove;
use crate::cli::context::Context;
use crate::cli::database_key;
use crate::cli::exit::{Exit, Failure, fault_json};
use crate::cli::operate::prove::finding::{CheckContext, CheckFinding};
use crate::cli::run_as;
use crate::config::file::fault::Fault;
use crate::config::{credential, load};

/// Find every fault of configuration, protocols, checklists, letters and database at once
///
/// Each with its file, its line and what to do. Changes nothing, and may run beside the daemon.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare check --online")]
pub struct CheckArgs {
    /// Greet the mail server too, and look at the OpenID Connect provider of `[openid]`.
    #[arg(long)]
    pub online: bool,
}

/// Runs every prover, root as the database's owner, and shows all that they find.
///
/// # Errors
/// 78 when there is a fault, 69 when all that is wrong is a server that is away; remarks alone are none.
pub fn run(args: &CheckArgs, ctx: &Context) -> Result<(), Failure> {
    credential::remember(&ctx.config_path.with_file_name("credentials"));
    // Only root may read the keys of the database.
    let unheld = load::origin(&ctx.config_path).ok().and_then(|origin| database_key::hold(&origin).err());
    // First become who the daemon is: what root can read says nothing. Credentials apart, which systemd hands over.
    if let (_, Some(database)) = load::places(&ctx.config_path) {
        run_as::take_on(&database)?;
        // Where root itself has the database, the service still runs as its own user.
        run_as::take_on_daemon(&ctx.config_path)?;
    }
    let (mut context, mut findings) = CheckContext::survey(&ctx.config_path);
    context.online = args.online;
    if let Some(fault) = unheld {
        // Without its key nothing can be said of it.
        context.database = None;
        let hint = fault.hint.unwrap_or_default();
        findings.push(context.fault_at("database.key_credential", &fault.error, &hint));
    }
    findings.extend(prove::PROVERS.iter().flat_map(|prover| prover(&context)));
    let Sorted { faults, away, remarks } = sorted(findings);
    for remark in &remarks {
        ctx.say(&format!("remark: {remark}"));
    }
    let remarks: Vec<_> = remarks.iter().map(fault_json).collect();
    if faults.is_empty() && away.is_empty() {
        let document = json!({ "ok": true, "faults": [], "remarks": remarks });
        return ctx.show(&document, |out| writeln!(out, "no faults in {}", ctx.config_path.display()));
    }
    // What is away may come back by itself; what is wrong does not, and is what has to be mended.
    let exit = if faults.is_empty() { Exit::Unavailable } else { Exit::BadConfiguration };
    let faults: Vec<Fault> = faults.into_iter().chain(away).collect();
    let error = match faults.len() {
        1 => "there is a fault".to_owned(),
        n => format!("there are {n} faults"),
    };
    let failure = Failure { faults, ..Failure::new(exit, error) };
    Err(failure.with_report(&json!({ "ok": false, "remarks": remarks })))
}

/// What was found, by how grave it is.
#[derive(Default)]
struct Sorted {
    faults: Vec<Fault>,
    away: Vec<Fault>,
    remarks: Vec<Fault>,
}

fn sorted(findings: Vec<CheckFinding>) -> Sorted {
    let mut all = Sorted::default();
    for finding in findings {
        match finding {
            CheckFinding::Fault(fault) => all.faults.push(fault),
            CheckFinding::Away(fault) => all.away.push(fault),
            CheckFinding::Remark(fault) => all.remarks.push(fault),
        }
    }
    all
}
