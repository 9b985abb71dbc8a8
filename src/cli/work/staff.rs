//! `aftercare staff`: console accounts.

use serde_json::{Value, json};

use crate::care::address::EmailAddress;
use crate::care::permission::{Act, StaffRole};
use crate::cli::context::Context;
use crate::cli::exit::Failure;
use crate::journey::operations::accounts::{self, Issued, NewAccount};
use crate::store::database::OpenMode;
use crate::store::people::staff::Staff;

/// Console accounts: add, list, disable, reset, and what each role may do
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare staff add maria --role nurse --email maria@clinic.example")]
pub struct StaffArgs {
    /// The command after `staff`; clap refuses a line without one.
    #[command(subcommand)]
    pub verb: StaffCommand,
}

/// What can be done with accounts; whoever may use the database may do all of it.
#[derive(Debug, clap::Subcommand)]
pub enum StaffCommand {
    /// Open an account; prints its password and authenticator secret, once
    #[command(after_help = "Example:\n  aftercare staff add maria --role nurse --email maria@clinic.example")]
    Add(StaffAddArgs),
    /// List the accounts
    #[command(after_help = "Example:\n  aftercare staff list")]
    List,
    /// Close an account and end its sessions
    #[command(after_help = "Example:\n  aftercare staff disable maria")]
    Disable(Disable),
    /// Give an account a new password and authenticator secret
    #[command(after_help = "Example:\n  aftercare staff reset maria")]
    Reset(Reset),
    /// Show what each role may do
    #[command(after_help = "Example:\n  aftercare staff roles")]
    Roles,
}

/// Open an account; prints its password and authenticator secret, once
#[derive(Debug, clap::Args)]
pub struct StaffAddArgs {
    /// The sign-in name: up to 40 plain letters, digits, `.`, `_` or `-`.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What the person may do.
    #[arg(long, value_name = "ROLE", value_parser = StaffRole::ALL.map(StaffRole::word))]
    pub role: String,
    /// Where letters about the account go.
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
}

/// Close an account and end its sessions
#[derive(Debug, clap::Args)]
pub struct Disable {
    /// The sign-in name.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Give an account a new password and authenticator secret
#[derive(Debug, clap::Args)]
pub struct Reset {
    /// The sign-in name.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Carries out the command; `add` and `reset` show the new secrets, once.
///
/// # Errors
/// [`Failure`] with its exit code.
pub fn run(args: &StaffArgs, ctx: &Context) -> Result<(), Failure> {
    match &args.verb {
        StaffCommand::Add(args) => add(args, ctx),
        StaffCommand::List => list(ctx),
        StaffCommand::Roles => roles(ctx),
        StaffCommand::Disable(args) => {
            let clinic = ctx.deps(OpenMode::Existing)?;
            accounts::disable(&clinic, ctx.stamp(), &args.name)?;
            ctx.show(&json!({ "name": args.name, "disabled": true }), |out| {
                writeln!(out, "{} is off and signed out everywhere", args.name)
            })
        }
        StaffCommand::Reset(args) => {
            let clinic = ctx.deps(OpenMode::Existing)?;
            let password = password(ctx);
            let issued = accounts::reset(&clinic, ctx.stamp(), &args.name, &password)?;
            show(ctx, &args.name, &password, &issued)
        }
    }
}

fn add(args: &StaffAddArgs, ctx: &Context) -> Result<(), Failure> {
    let email = EmailAddress::parse(&args.email).map_err(|fault| {
        Failure::bad_input(format!("`--email`: {fault}"))
            .hint("give one plain address, e.g. maria@clinic.example")
    })?;
    let role = StaffRole::parse(&args.role).ok_or_else(|| Failure::bad_input("unknown role"))?;
    let clinic = ctx.deps(OpenMode::Create)?;
    let password = password(ctx);
    let issued = accounts::add(
        &clinic,
        ctx.stamp(),
        NewAccount { name: &args.name, email, role, password: &password },
    )?;
    show(ctx, &args.name, &password, &issued)
}

/// 120 random bits in letters and digits that are hard to mix up.
fn password(ctx: &Context) -> String {
    let mut bytes = [0; 15];
    ctx.world().entropy.fill(&mut bytes);
    data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
}

fn show(ctx: &Context, name: &str, password: &str, issued: &Issued) -> Result<(), Failure> {
    let document = json!({ "name": name, "password": password, "totp_secret": issued.totp_secret,
        "otpauth": issued.otpauth });
    ctx.show(&document, |out| {
        writeln!(out, "Sign-in name:   {name}")?;
        writeln!(out, "Password:       {password}")?;
        writeln!(out, "Authenticator:  {}", issued.totp_secret)?;
        writeln!(out, "                {}", issued.otpauth)?;
        writeln!(out, "\nThis is shown once. Hand it over in person.")
    })
}

fn list(ctx: &Context) -> Result<(), Failure> {
    let all = ctx.store(OpenMode::AsItIs)?.read(|view| view.staff())?;
    let documents: Vec<Value> = all.iter().map(document).collect();
    ctx.show(&documents, |out| {
        if all.is_empty() {
            return writeln!(
                out,
                "There are no accounts yet: `aftercare staff add NAME --role ROLE --email ADDRESS`."
            );
        }
        all.iter().try_for_each(|s| {
            let state = if s.disabled_at.is_some() { "off" } else { "on" };
            writeln!(out, "{:<20}  {:<6}  {:<3}  {}", s.name, s.role.word(), state, s.email)
        })
    })
}

fn document(staff: &Staff) -> Value {
    json!({ "name": staff.name, "role": staff.role.word(), "email": staff.email,
        "disabled_at": staff.disabled_at.map(|at| at.to_string()),
        // Wrong tries keep no account out any more; the key stays for those who read it.
        "locked_until": Value::Null })
}

fn roles(ctx: &Context) -> Result<(), Failure> {
    let may = |role: StaffRole| Act::ALL.into_iter().filter(move |act| role.may(*act)).map(Act::deed);
    let documents: Vec<Value> = StaffRole::ALL
        .into_iter()
        .map(|role| json!({ "role": role.word(), "purpose": role.purpose(), "may": may(role).collect::<Vec<_>>() }))
        .collect();
    ctx.show(&documents, |out| {
        StaffRole::ALL.into_iter().try_for_each(|role| {
            writeln!(out, "{}: {}", role.word(), role.purpose())?;
            may(role).try_for_each(|deed| writeln!(out, "  {deed}"))
        })
    })
}
