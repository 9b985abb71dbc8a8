//! What `aftercare protocol` takes.

use std::path::PathBuf;

use jiff::civil::Date;

/// Write protocols, see what they change, publish, sign and compare them
///
/// What the console's pages do. A draft changes nothing for any patient. Publishing shows first what it changes; a doctor
/// or lead signs it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  aftercare protocol list\n  aftercare protocol draft --from sgo2017-high")]
pub struct ProtocolArgs {
    /// What is done about protocols.
    #[command(subcommand)]
    pub verb: ProtocolVerb,
    /// Sign in as that account; asks for its password and code.
    #[arg(long = "as", value_name = "NAME", global = true)]
    pub name_of_staff: Option<String>,
}

/// What can be done about protocols; `list`, `export` and `compare` change nothing.
#[derive(Debug, clap::Subcommand)]
pub enum ProtocolVerb {
    /// List the protocols in force, drafts, and what is being published
    #[command(after_help = "Example:\n  aftercare protocol list --json")]
    List,
    /// Print a protocol in force, a version, or a draft, as a file
    #[command(after_help = "Example:\n  aftercare protocol export sgo2017-high > ours.toml")]
    Export(WhichProtocol),
    /// Begin a draft, from a protocol that is there or from a file
    #[command(after_help = "Example:\n  aftercare protocol draft --from sgo2017-high")]
    Draft(DraftArgs),
    /// Give a draft the text of a file
    #[command(after_help = "Example:\n  aftercare protocol edit 3 --file ours.toml --revision 1")]
    Edit(EditArgs),
    /// Find what is wrong with a draft
    #[command(after_help = "Example:\n  aftercare protocol check 3")]
    Check(WhichDraft),
    /// Throw a draft away
    #[command(after_help = "Example:\n  aftercare protocol discard 3")]
    Discard(WhichDraft),
    /// Show what a draft changes for those on the protocol; with --yes, ask to publish it
    #[command(after_help = "Example:\n  aftercare protocol publish 3 --move all --yes")]
    Publish(PublishArgs),
    /// Sign a publication that waits, or a version in force
    #[command(after_help = "Example:\n  aftercare protocol sign --publication 2 --as dora")]
    Sign(SignArgs),
    /// Take a publication back before it is in force
    #[command(after_help = "Example:\n  aftercare protocol withdraw 2 --reason postponed")]
    Withdraw(WithdrawArgs),
    /// Put new patients on one of the clinic's own protocols no more
    #[command(after_help = "Example:\n  aftercare protocol retire ours")]
    Retire(RetireArgs),
    /// Show what differs between two versions or drafts
    #[command(after_help = "Example:\n  aftercare protocol compare sgo2017-high draft:3")]
    Compare(CompareArgs),
    /// Choose whether a second person signs what is published
    #[command(after_help = "Example:\n  aftercare protocol signatories second-person --as lena")]
    Signatories(SignatoriesArgs),
}

/// Print a protocol in force, a version, or a draft, as a file
#[derive(Debug, clap::Args)]
pub struct WhichProtocol {
    /// A name, `NAME@VERSION`, or `draft:NUMBER`.
    #[arg(value_name = "WHICH")]
    pub which: String,
}

/// Begin a draft, from a protocol or a file
#[derive(Debug, clap::Args)]
pub struct DraftArgs {
    /// A name, or `NAME@VERSION`.
    #[arg(long, value_name = "WHICH", required_unless_present = "file", conflicts_with = "file")]
    pub from: Option<String>,
    /// A protocol file; `-` reads it from stdin.
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// Give a draft the text of a file
#[derive(Debug, clap::Args)]
pub struct EditArgs {
    /// The draft's number in `protocol list`.
    #[arg(value_name = "DRAFT")]
    pub draft: i64,
    /// A protocol file; `-` reads it from stdin.
    #[arg(long, value_name = "FILE")]
    pub file: PathBuf,
    /// The revision that was read; the draft must still be that one [default: the present one].
    #[arg(long, value_name = "NUMBER")]
    pub revision: Option<u32>,
}

/// A draft of a protocol
#[derive(Debug, clap::Args)]
pub struct WhichDraft {
    /// The draft's number in `protocol list`.
    #[arg(value_name = "DRAFT")]
    pub draft: i64,
}

/// Show what a draft changes; with --yes, ask to publish it
#[derive(Debug, clap::Args)]
pub struct PublishArgs {
    /// The draft's number in `protocol list`.
    #[arg(value_name = "DRAFT")]
    pub draft: i64,
    /// Who of those on the protocol moves to it: `all`, `none`, or case codes separated by commas.
    #[arg(long = "move", value_name = "WHOM", default_value = "none")]
    pub moves: String,
    /// The day from which it is in force [default: at once].
    #[arg(long, value_name = "DATE")]
    pub on: Option<Date>,
    /// The revision whose effect was looked at; the draft must still be that one [default: the present one].
    #[arg(long, value_name = "NUMBER")]
    pub revision: Option<u32>,
    /// Ask for it; without this only what changes is shown.
    #[arg(long)]
    pub yes: bool,
}

/// Sign a publication, or a version in force
#[derive(Debug, clap::Args)]
pub struct SignArgs {
    /// The protocol whose version in force is signed, or `NAME@VERSION`.
    #[arg(value_name = "WHICH", required_unless_present = "publication")]
    pub which: Option<String>,
    /// The publication's number in `protocol list`.
    #[arg(long, value_name = "NUMBER", conflicts_with = "which")]
    pub publication: Option<i64>,
}

/// Take a publication back
#[derive(Debug, clap::Args)]
pub struct WithdrawArgs {
    /// The publication's number in `protocol list`.
    #[arg(value_name = "PUBLICATION")]
    pub publication: i64,
    /// Why it is taken back, for its history.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,
}

/// Put new patients on one of the clinic's own protocols no more
#[derive(Debug, clap::Args)]
pub struct RetireArgs {
    /// The protocol's name, without its version.
    #[arg(value_name = "NAME")]
    pub name: String,
}

/// Show what differs between two versions or drafts
#[derive(Debug, clap::Args)]
pub struct CompareArgs {
    /// A name, `NAME@VERSION`, or `draft:NUMBER`.
    #[arg(value_name = "A")]
    pub a: String,
    /// What it is compared with, named in the same way.
    #[arg(value_name = "B")]
    pub b: String,
}

/// Choose whether a second person signs
#[derive(Debug, clap::Args)]
pub struct SignatoriesArgs {
    /// `second-person`, or `one-person`: a doctor or lead who asks signs in the same step. That takes two people: a lead asks, and it
    /// counts once another doctor or lead does the same, or whoever holds the machine does so without `--as`.
    #[arg(value_name = "WHO", value_parser = ["second-person", "one-person"])]
    pub who: String,
}
