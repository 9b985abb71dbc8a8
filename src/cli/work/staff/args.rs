//! What `aftercare staff` takes.

use crate::care::patient::Reference;
use crate::care::permission::StaffRole;
use crate::cli::records::patient::args::reference;

/// Console accounts: add, invite, list, role, sessions, disconnect, disable, reset, and what each role may do
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
    /// List the accounts of the console
    #[command(after_help = "Example:\n  aftercare staff list")]
    List,
    /// Close an account and end its sessions
    #[command(after_help = "Example:\n  aftercare staff disable maria")]
    Disable(Disable),
    /// Give an account a new password and authenticator secret
    #[command(after_help = "Example:\n  aftercare staff reset maria")]
    Reset(Reset),
    /// Invite a colleague: prints a link, once, by which she opens the account herself
    #[command(
        after_help = "Example:\n  aftercare staff invite maria --role nurse --email maria@clinic.example"
    )]
    Invite(StaffAddArgs),
    /// Give an account another role
    #[command(after_help = "Example:\n  aftercare staff role maria lead")]
    Role(StaffRoleArgs),
    /// End the connection of an account with the hospital's sign-in
    #[command(after_help = "Example:\n  aftercare staff disconnect maria")]
    Disconnect(StaffDisconnectArgs),
    /// Choose the language in which an account reads the console
    #[command(after_help = "Example:\n  aftercare staff language maria es")]
    Language(StaffLanguageArgs),
    /// Show where an account is signed in, or sign it out
    #[command(after_help = "Example:\n  aftercare staff sessions maria --end")]
    Sessions(StaffSessionsArgs),
    /// Show the invitations that are open, or take one back
    #[command(after_help = "Example:\n  aftercare staff invitations --withdraw 3")]
    Invitations(StaffInvitationsArgs),
    /// Show who looked at which record in the console
    #[command(
        after_help = "Example:\n  aftercare staff views --by maria\n  aftercare staff views --patient D-001"
    )]
    Views(StaffViewsArgs),
    /// Show what each role may do
    #[command(after_help = "Example:\n  aftercare staff roles")]
    Roles,
}

/// The word for "whatever the browser asks for".
pub const BROWSER: &str = "browser";

/// Choose the language in which an account reads the console
#[derive(Debug, clap::Args)]
pub struct StaffLanguageArgs {
    /// The sign-in name of the account that reads it.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// `en`, `es`, or `browser` for whatever the browser asks for.
    #[arg(value_name = "LANGUAGE")]
    pub language: String,
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

/// Give an account another role
#[derive(Debug, clap::Args)]
pub struct StaffRoleArgs {
    /// The sign-in name of the account.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// What the person may do from now on.
    #[arg(value_name = "ROLE", value_parser = StaffRole::ALL.map(StaffRole::word))]
    pub role: String,
}

/// End the connection of an account with the hospital's sign-in
///
/// Its password and authenticator let its owner in as before; sessions that are open go on.
#[derive(Debug, clap::Args)]
pub struct StaffDisconnectArgs {
    /// The sign-in name of the account.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Show where an account is signed in, or sign it out
#[derive(Debug, clap::Args)]
pub struct StaffSessionsArgs {
    /// The sign-in name of the account.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Sign it out everywhere.
    #[arg(long)]
    pub end: bool,
}

/// Show the invitations that are open, or take one back
#[derive(Debug, clap::Args)]
pub struct StaffInvitationsArgs {
    /// The number of an invitation that opens nothing any more.
    #[arg(long, value_name = "NUMBER")]
    pub withdraw: Option<i64>,
}

/// Show who looked at which record in the console
#[derive(Debug, clap::Args)]
pub struct StaffViewsArgs {
    /// Only what this account looked at.
    #[arg(long, value_name = "NAME", conflicts_with = "patient")]
    pub by: Option<String>,
    /// Only who looked at this patient's record.
    #[arg(long, value_name = "REF", value_parser = reference)]
    pub patient: Option<Reference>,
    /// So many at most, the newest first.
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
}

/// Close an account and end its sessions
#[derive(Debug, clap::Args)]
pub struct Disable {
    /// The sign-in name of the account.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Give an account a new password and authenticator secret
#[derive(Debug, clap::Args)]
pub struct Reset {
    /// The sign-in name of the account.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Print a link by which its owner sets new secrets herself, in place of the secrets.
    #[arg(long)]
    pub link: bool,
}
